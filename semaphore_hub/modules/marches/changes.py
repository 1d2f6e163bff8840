"""What an amendment or a correction makes of a marché; pure, nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents, to_cents
from semaphore_hub.modules.marches import checks, rules
from semaphore_hub.modules.marches.avenants import rules as avenants
from semaphore_hub.modules.marches.avenants.regimes import Demande
from semaphore_hub.modules.marches.avenants.situation import demande, founded
from semaphore_hub.modules.marches.description import Description, described, stored
from semaphore_hub.modules.marches.echeances import end_of, last_day, start_of
from semaphore_hub.modules.marches.parties import holder_problems
from semaphore_hub.modules.marches.reading import Holding, Whole
from semaphore_hub.modules.marches.schemas import (
    CorrectionMarche,
    MarcheImporte,
    NouvelleModification,
)
from semaphore_hub.modules.marches.vie import PartInscrite, Vie
from semaphore_hub.modules.referentiel.lookups import FournisseurConnu

Suppliers = Mapping[tuple[str, str], FournisseurConnu]
"""Suppliers by type and identifier."""

_OWN_COLUMNS = {"objet": "objet", "codeCPV": "code_cpv"}
_NOT_DESCRIPTIVE = {"motif", "actualiserTitulaires", "complements", *_OWN_COLUMNS}

# Where the request of an amendment holds what the rules look at in a marché.
_PLACES = {
    "$.titulaires": "$.parts",
    "$.complements.montantEstime": "$.montantEstime",
    "$.complements.dureeMaximaleMois": "$.dureeMaximaleMois",
}


@dataclass(frozen=True, slots=True)
class Amended:
    """What an amendment makes of a marché.

    Attributes:
        whole: the marché after it.
        row: the amendment, as it is stored.
        problems: every rule of the marché it breaks.
        demande: the amendment as the law looks at it.
        unfounded: what the law refuses in it, on the case it invokes.
    """

    whole: Whole
    row: dict[str, Any]
    problems: list[Problem]
    demande: Demande
    unfounded: list[Problem]


def amended(before: Whole, new: NouvelleModification, suppliers: Suppliers, fin: date | None = None) -> Amended:
    """What an amendment makes of a marché; a total equal to the present one is not a change, so it does not carry it.

    Args:
        before: the marché, notified.
        new: the amendment.
        suppliers: those it names, by type and identifier.
        fin: new last day, when it is not the one that the duration gives.
    """
    row = before.row
    cents = to_cents(new.montant) if new.montant is not None else row["montant_cents"]
    months = new.dureeMois if new.dureeMois is not None else row["duree_mois"]
    new_amount, new_duration = cents != row["montant_cents"], months != row["duree_mois"]
    delta_cents = cents - row["montant_cents"]
    description = _described(before.description, new)
    holdings, problems = _held(before, new, from_cents(cents), suppliers)
    new_holders = _members(holdings) != _members(before.holdings) or (
        description.typeGroupementOperateurs is not before.description.typeGroupementOperateurs
    )
    # Shares given anew with the same total are a change of the holders' parts: nothing else of the amendment says it.
    shared_anew = bool(new.titulaires) and not new_amount and _shares(holdings) != _shares(before.holdings)
    vie, unshared = _bought(before, new, from_cents(cents), new_amount=new_amount)
    problems += unshared
    estimate = _estimate(before.description, description)
    end = fin or _end(before, description, months)
    asked = demande(new, delta_cents, change_titulaires=new_holders)
    basis, unfounded = founded(before, new, asked)
    amendment: dict[str, Any] = {
        "marche_uid": row["uid"],
        "id": len(before.modifications) + 1,
        "objet": new.objet,
        "date_notification": new.dateNotificationModification,
        "date_publication": new.datePublicationDonneesModification,
        "montant_cents": cents if new_amount else None,
        "delta_montant_cents": delta_cents if new_amount else None,
        "duree_mois": months if new_duration else None,
        "delta_duree_mois": months - row["duree_mois"] if new_duration else None,
        "titulaires": None,
        "groupement": None,
        **estimate,
        **basis,
    }
    if new_holders or shared_anew:
        amendment["titulaires"] = [holding.inscribed().model_dump(mode="json") for holding in holdings]
        amendment["groupement"] = description.typeGroupementOperateurs.value
    after = replace(
        before.with_row(
            montant_cents=cents,
            duree_mois=months,
            date_fin=end,
            donnees={**row["donnees"], **stored(description)},
        ),
        description=description,
        vie=vie,
        holdings=holdings,
        modifications=(*before.modifications, amendment),
        fournisseurs={**before.fournisseurs, **{one.fournisseur.uid: one.fournisseur for one in holdings}},
    )
    previous: date = before.modifications[-1]["date_notification"] if before.modifications else row["date_notification"]
    problems += checks.modification_problems(
        len(before.modifications),
        previous,
        new.dateNotificationModification,
        new.datePublicationDonneesModification,
        changes=new_amount
        or new_duration
        or new_holders
        or shared_anew
        or estimate["montant_estime_cents"] is not None,
    )
    problems += _late_extension(before, new, longer=new_duration and months > row["duree_mois"])
    problems += [
        replace(problem, path=_place(problem.path, new)) for problem in checks.content_problems(after.content())
    ]
    return Amended(after, amendment, problems, asked, unfounded)


def _place(path: str, new: NouvelleModification) -> str:
    if new.titulaires and path.startswith("$.titulaires"):
        return path
    return _PLACES.get(path, path)


def _members(holdings: tuple[Holding, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((one.fournisseur.uid, one.role) for one in holdings)


def _shares(holdings: tuple[Holding, ...]) -> dict[str, int | None]:
    return {one.fournisseur.uid: one.share_cents for one in holdings}


def _estimate(before: Description, after: Description) -> dict[str, int | None]:
    """The new estimated total, when it changes; its difference is unknown when there was no estimate."""
    old, new = before.complements.montantEstime, after.complements.montantEstime
    if new is None or new == old:
        return {"montant_estime_cents": None, "delta_montant_estime_cents": None}
    delta = None if old is None else to_cents(new) - to_cents(old)
    return {"montant_estime_cents": to_cents(new), "delta_montant_estime_cents": delta}


def _end(before: Whole, description: Description, months: int) -> date | None:
    """The last day after an amendment of the duration.

    An undecided renewal keeps its own dates; otherwise the months are added to, or taken from, the present end, which
    an earlier prolongation or the renewals taken may have put elsewhere than the duration says.
    """
    row, renewals = before.row, before.vie.reconductions
    end: date | None = row["date_fin"]
    delta = months - row["duree_mois"]
    if delta == 0 or end is None:
        return end
    start = start_of(description.complements, row["date_notification"])
    if any(one.decision is None for one in renewals):
        return end_of(start, months, renewals)
    if end == last_day(start, row["duree_mois"]):
        return last_day(start, months)
    return last_day(end + timedelta(days=1), delta)


def _late_extension(before: Whole, new: NouvelleModification, *, longer: bool) -> list[Problem]:
    end: date | None = before.row["date_fin"]
    if not longer or end is None or new.dateNotificationModification <= end:
        return []
    place = "$.dateNotificationModification"
    return [avenants.PROLONGATION_ECHU.broken(place, fin=end, jour=new.dateNotificationModification)]


def _described(description: Description, new: NouvelleModification) -> Description:
    totals = {
        name: value
        for name, value in (("montantEstime", new.montantEstime), ("dureeMaximaleMois", new.dureeMaximaleMois))
        if value is not None
    }
    changes: dict[str, Any] = {"complements": description.complements.model_copy(update=totals)} if totals else {}
    if new.justificationDuree is not None:
        changes["justificationDuree"] = new.justificationDuree
    if new.typeGroupementOperateurs is not None:
        changes["typeGroupementOperateurs"] = new.typeGroupementOperateurs
    return description.model_copy(update=changes) if changes else description


def _bought(before: Whole, new: NouvelleModification, total: Decimal, *, new_amount: bool) -> tuple[Vie, list[Problem]]:
    """The parts of the buyers after the amendment: given anew by the same members when the amount changes."""
    members = [part.siret for part in before.vie.acheteurs]
    if not new.acheteurs:
        problems = [avenants.PARTS_ACHETEURS.broken("$.acheteurs", montant=total)] if members and new_amount else []
        return before.vie, problems
    given = sum((part.montant for part in new.acheteurs), Decimal(0))
    if sorted(part.id for part in new.acheteurs) != sorted(members) or given != total:
        return before.vie, [avenants.PARTS_ACHETEURS.broken("$.acheteurs", montant=total)]
    parts = tuple(
        PartInscrite(siret=part.id, montant=part.montant, montantTVA=part.montantTVA, montantEstime=part.montantEstime)
        for part in new.acheteurs
    )
    return before.vie.model_copy(update={"acheteurs": parts}), []


def _held(
    before: Whole, new: NouvelleModification, total: Decimal, suppliers: Suppliers
) -> tuple[tuple[Holding, ...], list[Problem]]:
    """Holders after the amendment: those of its list, else the present ones with their new shares."""
    if not new.titulaires:
        return _shared_out(before, new, total)
    problems = holder_problems(new.titulaires, suppliers)
    if new.parts:
        problems.append(avenants.PARTS_ET_TITULAIRES.broken("$.parts"))
    if problems:
        return before.holdings, problems
    return tuple(
        Holding(
            rang,
            ref.role,
            None if ref.montant is None else to_cents(ref.montant),
            suppliers[(ref.typeIdentifiant.value, ref.id)],
        )
        for rang, ref in enumerate(new.titulaires)
    ), []


def _shared_out(before: Whole, new: NouvelleModification, total: Decimal) -> tuple[tuple[Holding, ...], list[Problem]]:
    """Holders with their new shares, and the shares given for somebody who is not one.

    Shares that are missing are found by the rules of the content; a single holder's share is the whole amount.
    """
    given = {(part.typeIdentifiant.value, part.id): to_cents(part.montant) for part in new.parts}
    holdings = []
    for holding in before.holdings:
        supplier = holding.fournisseur.payload
        share = given.pop((supplier.typeIdentifiant, supplier.id), holding.share_cents)
        if len(before.holdings) == 1 and holding.share_cents is not None and not new.parts:
            share = to_cents(total)
        holdings.append(replace(holding, share_cents=share))
    strangers = [rules.TITULAIRE_ABSENT.broken("$.parts", type=kind, id=number) for kind, number in given]
    return tuple(holdings), strangers


def corrected(before: Whole, correction: CorrectionMarche) -> Whole:
    """The marché with the corrected values; null or absent ones are kept."""
    given = correction.model_dump(mode="json", exclude_none=True, exclude=_NOT_DESCRIPTIVE)
    donnees = {**before.row["donnees"], **given}
    if correction.complements is not None:
        complements = correction.complements.model_dump(mode="json", exclude_none=True)
        donnees["complements"] = {**donnees["complements"], **complements}
    columns = {
        column: getattr(correction, name)
        for name, column in _OWN_COLUMNS.items()
        if getattr(correction, name) is not None
    }
    return replace(before.with_row(donnees=donnees, **columns), description=described(donnees))


def without_changes(before: Whole, after: Whole) -> bool:
    """Whether a correction left everything as it was."""
    columns = _OWN_COLUMNS.values()
    return before.description == after.description and all(before.row[name] == after.row[name] for name in columns)


def anachronisms(marche: MarcheImporte) -> list[str]:
    """A sentence for each amendment notified before what it amends."""
    sentences, previous = [], marche.dateNotification
    for modification in marche.modifications:
        notified = modification.dateNotificationModification
        if notified < previous:
            place = "$.modifications"
            sentences.append(rules.MODIFICATION_DATE.broken(place, date=notified, avant=previous).message)
        previous = notified
    return sentences
