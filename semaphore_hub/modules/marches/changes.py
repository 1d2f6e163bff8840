"""What an amendment or a correction makes of a marché; pure, nothing is written here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents, to_cents
from semaphore_hub.modules.marches import checks, rules
from semaphore_hub.modules.marches.description import Description, described, stored
from semaphore_hub.modules.marches.echeances import end_of, start_of
from semaphore_hub.modules.marches.reading import Holding, Whole
from semaphore_hub.modules.marches.schemas import (
    CorrectionMarche,
    MarcheImporte,
    NouvelleModification,
)

_OWN_COLUMNS = {"objet": "objet", "codeCPV": "code_cpv"}
_NOT_DESCRIPTIVE = {"motif", "actualiserTitulaires", "complements", *_OWN_COLUMNS}

# Where the request of an amendment holds what the rules look at in a marché.
_PLACES = {
    "$.titulaires": "$.parts",
    "$.complements.montantEstime": "$.montantEstime",
    "$.complements.dureeMaximaleMois": "$.dureeMaximaleMois",
}


def amended(before: Whole, new: NouvelleModification) -> tuple[Whole, dict[str, Any], list[Problem]]:
    """The marché after an amendment, the row of the amendment, and every rule it breaks.

    A total equal to the present one is not a change, so the amendment does not carry it.
    """
    row = before.row
    cents = to_cents(new.montant) if new.montant is not None else row["montant_cents"]
    months = new.dureeMois if new.dureeMois is not None else row["duree_mois"]
    new_amount, new_duration = cents != row["montant_cents"], months != row["duree_mois"]
    amendment: dict[str, Any] = {
        "marche_uid": row["uid"],
        "id": len(before.modifications) + 1,
        "objet": new.objet,
        "date_notification": new.dateNotificationModification,
        "date_publication": new.datePublicationDonneesModification,
        "montant_cents": cents if new_amount else None,
        "delta_montant_cents": cents - row["montant_cents"] if new_amount else None,
        "duree_mois": months if new_duration else None,
        "delta_duree_mois": months - row["duree_mois"] if new_duration else None,
        "montant_estime_cents": None,
        "delta_montant_estime_cents": None,
        "titulaires": None,
        "groupement": None,
        "fondement": None,
        "article": None,
        "evenement": None,
        "calcul": None,
    }
    holdings, problems = _shared_out(before, new, from_cents(cents))
    description = _with_totals(before.description, new)
    after = replace(
        before.with_row(
            montant_cents=cents,
            duree_mois=months,
            date_fin=end_of(
                start_of(description.complements, row["date_notification"]), months, before.vie.reconductions
            ),
            donnees={**row["donnees"], **stored(description)},
        ),
        description=description,
        holdings=holdings,
        modifications=(*before.modifications, amendment),
    )
    previous: date = before.modifications[-1]["date_notification"] if before.modifications else row["date_notification"]
    problems += checks.modification_problems(
        len(before.modifications),
        previous,
        new.dateNotificationModification,
        new.datePublicationDonneesModification,
        changes=new_amount or new_duration,
    )
    problems += [
        replace(problem, path=_PLACES.get(problem.path, problem.path))
        for problem in checks.content_problems(after.content())
    ]
    return after, amendment, problems


def _with_totals(description: Description, new: NouvelleModification) -> Description:
    totals = {
        name: value
        for name, value in (("montantEstime", new.montantEstime), ("dureeMaximaleMois", new.dureeMaximaleMois))
        if value is not None
    }
    changes: dict[str, Any] = {"complements": description.complements.model_copy(update=totals)} if totals else {}
    if new.justificationDuree is not None:
        changes["justificationDuree"] = new.justificationDuree
    return description.model_copy(update=changes) if changes else description


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
