"""What a new marché foresees: buyers, tranches, renewals, documents, dates; every problem at once, nothing is read.

Dates that are only foreseen are compared with the first day of the marché when its complements give it; otherwise at
the notification (:func:`date_structure_problems`). A duration in months is rounded up in the DECP and in the PES, so
the end of the last renewal may differ by one month from the end of the duration (hypothèse).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.marches import structure_rules as rules
from semaphore_hub.modules.marches.deduction import regime_avance
from semaphore_hub.modules.marches.description import Description
from semaphore_hub.modules.marches.echeances import last_day, months_after, months_of, start_of
from semaphore_hub.modules.marches.schemas import NouveauMarche, PartAcheteurEntree, ReconductionEntree, TrancheEntree
from semaphore_hub.modules.marches.vie import Vie
from semaphore_hub.modules.referentiel.codes import ModaliteExecution, Reconductibilite, RegimeAvance
from semaphore_hub.modules.referentiel.rules import Rule
from semaphore_hub.ports.payloads import PeriodeReconduction, Tranche

TOLERANCE_MONTHS = 1
_FIRST_DAY, _LAST_DAY = date(2010, 1, 1), date(2099, 12, 31)
_NO_ADVANCE = (RegimeAvance.AUCUNE, RegimeAvance.REFUSEE)


def structure_problems(nouveau: NouveauMarche) -> list[Problem]:
    """Everything that is wrong in what a new marché foresees."""
    return [
        *complement_problems(nouveau),
        *_buyer_problems(nouveau),
        *_tranche_problems(nouveau),
        *_renewal_problems(nouveau),
        *_document_problems(nouveau),
    ]


def complement_problems(description: Description) -> list[Problem]:
    """Rules of the PES complements between themselves; a correction must keep them too."""
    more = description.complements
    problems = []
    if more.garantie is not None and more.delaiGarantieMois is None:
        problems.append(rules.GARANTIE_DELAI.broken("$.complements.delaiGarantieMois"))
    regime = regime_avance(description)
    if more.avance is not None and more.avance.montant and regime in _NO_ADVANCE:
        problems.append(rules.AVANCE_REGIME.broken("$.complements.avance.montant", code=regime))
    if more.offresDematerialisees is not None and more.offresDematerialisees > description.offresRecues:
        problems.append(
            rules.OFFRES_DEMAT.broken(
                "$.complements.offresDematerialisees", demat=more.offresDematerialisees, recues=description.offresRecues
            )
        )
    begins, executed = more.dateDebutMarche, more.dateDebutExecution
    problems += _date_problems([("$.complements.dateDebutMarche", begins)])
    if begins is not None and executed is not None and executed < begins:
        problems.append(rules.DATES_DEBUT.broken("$.complements.dateDebutExecution", execution=executed, debut=begins))
    return problems


def date_structure_problems(description: Description, vie: Vie, months: int, notification: date) -> list[Problem]:
    """What the notification's date contradicts in what the marché foresees.

    Args:
        description: the marché's descriptive part.
        vie: what it foresees.
        months: its whole duration, renewals included.
        notification: the day the holder receives it.
    """
    if not _FIRST_DAY <= notification <= _LAST_DAY:
        return []  # refused for itself by the rules of the notification
    begins = description.complements.dateDebutMarche
    problems = []
    if begins is not None and begins < notification:
        problems.append(rules.DATES_DEBUT_MARCHE.broken("$.dateNotification", debut=begins, notification=notification))
    start = start_of(description.complements, notification)
    problems += _outside(vie.tranches, start, months, lambda _: "$.dateNotification")
    problems += _begun_before(vie.reconductions, start, "$.dateNotification")
    return problems


def _known_start(description: Description) -> date | None:
    """First day of the execution when the marché says it before its notification."""
    more = description.complements
    return more.dateDebutExecution or more.dateDebutMarche


def _date_problems(dates: Sequence[tuple[str, date | None]]) -> list[Problem]:
    return [
        rules.DATE_PREVUE.broken(path, date=day)
        for path, day in dates
        if day is not None and not _FIRST_DAY <= day <= _LAST_DAY
    ]


# --- buyers -----------------------------------------------------------------------------------------------------------


def _buyer_problems(nouveau: NouveauMarche) -> list[Problem]:
    parts = nouveau.acheteurs
    if not parts:
        return []
    problems = []
    if nouveau.acheteur.id not in {part.id for part in parts}:
        problems.append(rules.ACHETEURS_MANDATAIRE.broken("$.acheteurs", siret=nouveau.acheteur.id))
    seen: set[str] = set()
    for index, part in enumerate(parts):
        if part.id in seen:
            problems.append(rules.ACHETEURS_DOUBLE.broken(f"$.acheteurs[{index}].id", siret=part.id))
        seen.add(part.id)
    total = sum((part.montant for part in parts), Decimal(0))
    if total != nouveau.montant:
        problems.append(rules.ACHETEURS_PARTS.broken("$.acheteurs", somme=total, montant=nouveau.montant))
    more = nouveau.complements
    problems += _shared(parts, lambda part: part.montantTVA, more.montantTVA, rules.ACHETEURS_TVA)
    problems += _shared(parts, lambda part: part.montantEstime, more.montantEstime, rules.ACHETEURS_ESTIME)
    return problems


def _shared(
    parts: Sequence[PartAcheteurEntree],
    part_of: Callable[[PartAcheteurEntree], Decimal | None],
    whole: Decimal | None,
    rule: Rule,
) -> list[Problem]:
    """All parts or none are given, and they add up to the marché's total."""
    given = [value for value in map(part_of, parts) if value is not None]
    total = sum(given, Decimal(0))
    if not given or (len(given) == len(parts) and total == whole):
        return []
    return [rule.broken("$.acheteurs", somme=total, montant="absent" if whole is None else whole)]


# --- tranches ---------------------------------------------------------------------------------------------------------


def _tranche_problems(nouveau: NouveauMarche) -> list[Problem]:
    tranches = nouveau.tranches
    if not tranches:
        return []
    problems = []
    if ModaliteExecution.TRANCHES not in nouveau.modalitesExecution:
        problems.append(rules.TRANCHE_MODALITE.broken("$.modalitesExecution"))
    seen: set[int] = set()
    for index, tranche in enumerate(tranches):
        if tranche.numero in seen:
            problems.append(rules.TRANCHE_NUMERO.broken(f"$.tranches[{index}].numero", numero=tranche.numero))
        seen.add(tranche.numero)
    firm = sum(tranche.type == "ferme" for tranche in tranches)
    if firm != 1:
        problems.append(rules.TRANCHE_FERME.broken("$.tranches", nombre=firm))
    total = sum((tranche.montant for tranche in tranches), Decimal(0))
    if total != nouveau.montant:
        problems.append(rules.TRANCHE_SOMME.broken("$.tranches", somme=total, montant=nouveau.montant))
    far = _date_problems(
        [(f"$.tranches[{index}].debut", tranche.debut) for index, tranche in enumerate(tranches)]
        + [(f"$.tranches[{index}].fin", tranche.fin) for index, tranche in enumerate(tranches)]
    )
    start = _known_start(nouveau)
    if far:
        return problems + far
    problems += [
        rules.TRANCHE_INVERSEE.broken(
            f"$.tranches[{index}].fin", numero=tranche.numero, debut=tranche.debut, fin=tranche.fin
        )
        for index, tranche in enumerate(tranches)
        if tranche.debut is not None and tranche.fin is not None and tranche.fin < tranche.debut
    ]
    if start is not None and _FIRST_DAY <= start <= _LAST_DAY:
        problems += _outside(tranches, start, nouveau.dureeMois, lambda index: f"$.tranches[{index}]")
    return problems


def _outside(
    tranches: Sequence[Tranche | TrancheEntree], start: date, months: int, place: Callable[[int], str]
) -> list[Problem]:
    """Tranches that begin before the marché or end after it."""
    end = last_day(start, months)
    return [
        rules.TRANCHE_DATES.broken(
            place(index),
            numero=tranche.numero,
            debut=tranche.debut or "…",
            fin=tranche.fin or "…",
            premier=start,
            dernier=end,
        )
        for index, tranche in enumerate(tranches)
        if (tranche.debut is not None and not start <= tranche.debut <= end)
        or (tranche.fin is not None and not start <= tranche.fin <= end)
    ]


# --- renewals ---------------------------------------------------------------------------------------------------------


def _renewal_problems(nouveau: NouveauMarche) -> list[Problem]:
    periods = nouveau.reconductions
    if not periods:
        return []
    problems = []
    if nouveau.complements.reconductibilite is Reconductibilite.NON:
        problems.append(rules.RECONDUCTION_NATURE.broken("$.complements.reconductibilite"))
    problems += [
        rules.RECONDUCTION_NUMERO.broken(f"$.reconductions[{index}].numero", attendu=index + 1, numero=period.numero)
        for index, period in enumerate(periods)
        if period.numero != index + 1
    ]
    total = sum((period.montant for period in periods), Decimal(0))
    most = nouveau.complements.montantEstime or nouveau.montant
    if total > most:
        problems.append(rules.RECONDUCTION_SOMME.broken("$.reconductions", somme=total, montant=most))
    return problems + _sequence_problems(nouveau, periods)


def _sequence_problems(nouveau: NouveauMarche, periods: Sequence[ReconductionEntree]) -> list[Problem]:
    """Order of the periods, then the whole duration when their order makes sense."""
    problems = _date_problems(
        [(f"$.reconductions[{index}].debut", period.debut) for index, period in enumerate(periods)]
        + [(f"$.reconductions[{index}].fin", period.fin) for index, period in enumerate(periods)]
    )
    if problems:
        return problems
    for index, period in enumerate(periods):
        if period.fin < period.debut:
            problems.append(
                rules.RECONDUCTION_DATES.broken(
                    f"$.reconductions[{index}].fin", numero=period.numero, debut=period.debut, fin=period.fin
                )
            )
        expected = periods[index - 1].fin + timedelta(days=1)
        if index and period.debut != expected:
            problems.append(
                rules.RECONDUCTION_SUITE.broken(
                    f"$.reconductions[{index}].debut", numero=period.numero, attendu=expected, debut=period.debut
                )
            )
    return problems or _duration_problems(nouveau, periods)


def _duration_problems(nouveau: NouveauMarche, periods: Sequence[ReconductionEntree]) -> list[Problem]:
    renewed = sum(months_of(period.debut, period.fin) for period in periods)
    if renewed >= nouveau.dureeMois:
        return [rules.RECONDUCTION_FERME.broken("$.dureeMois", periodes=renewed, duree=nouveau.dureeMois)]
    start = _known_start(nouveau)
    if start is None or not _FIRST_DAY <= start <= _LAST_DAY:
        return []
    problems = _begun_before(periods, start, "$.reconductions[0].debut")
    expected, end = last_day(start, nouveau.dureeMois), periods[-1].fin
    if not months_after(expected, -TOLERANCE_MONTHS) <= end <= months_after(expected, TOLERANCE_MONTHS):
        problems.append(
            rules.RECONDUCTION_DUREE.broken("$.dureeMois", duree=nouveau.dureeMois, fin=end, attendu=expected)
        )
    return problems


def _begun_before(periods: Sequence[PeriodeReconduction | ReconductionEntree], start: date, path: str) -> list[Problem]:
    """A first renewal that would begin before the marché itself."""
    if not periods or periods[0].debut > start:
        return []
    return [rules.RECONDUCTION_DEBUT.broken(path, debut=periods[0].debut, premier=start)]


# --- documents --------------------------------------------------------------------------------------------------------


def _document_problems(nouveau: NouveauMarche) -> list[Problem]:
    problems, seen = [], set()
    for index, piece in enumerate(nouveau.pieces):
        if piece.idUnique in seen:
            problems.append(rules.PIECE_DOUBLE.broken(f"$.pieces[{index}].idUnique", id=piece.idUnique))
        seen.add(piece.idUnique)
    return problems
