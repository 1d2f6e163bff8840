"""Applies the rules of :mod:`.rules`; pure functions of a marché, each returns every problem it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.marches import rules
from semaphore_hub.modules.marches.deduction import id_contrat, may_have_id_contrat, nature_pes, regime_avance
from semaphore_hub.modules.marches.description import Description
from semaphore_hub.modules.marches.echeances import months_after
from semaphore_hub.modules.referentiel.codes import (
    ConsiderationEnvironnementale,
    ConsiderationSociale,
    ModaliteExecution,
    Nature,
    NatureMarchePES,
    RegimeAvance,
    Technique,
    TypeGroupement,
)

ACCORD_CADRE_MAX_MONTHS = 48
MAX_MODIFICATIONS = 99
_FIRST_DAY, _LAST_DAY = date(2010, 1, 1), date(2039, 12, 31)
_NO_ADVANCE = (RegimeAvance.AUCUNE, RegimeAvance.REFUSEE)
# Ranges of CPV whose origin must be published (food, vehicles, medical equipment, medicines, clothing); source: DAJ.
_ORIGIN_RANGES = (
    (15100000, 15982200),
    (34100000, 34144910),
    (34510000, 34522700),
    (34600000, 34622500),
    (34710000, 34722200),
    (33100000, 33198200),
    (33600000, 33698300),
    (18100000, 18453000),
    (18800000, 18843000),
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A holder as the rules see it."""

    role: str
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Content:
    """What the rules look at beside the description."""

    id: str
    description: Description
    montant: Decimal
    dureeMois: int
    holders: Sequence[Holder]


def content_problems(content: Content) -> list[Problem]:
    """Rules that hold at every moment of a marché's life."""
    return [
        *_amount_problems(content),
        *_duration_problems(content),
        *_holder_problems(content),
        *_framework_problems(content),
        *_rate_problems(content.description),
        *_alone_problems(content.description),
        *_period_problems(content.description),
    ]


def creation_problems(content: Content) -> list[Problem]:
    """Rules of a new marché: those of its content, and that it will have a contract number."""
    problems = content_problems(content)
    if content.description.complements.idContrat is None and not may_have_id_contrat(content.id):
        problems.append(rules.ID_CONTRAT.broken("$.complements.idContrat", id=content.id))
    return problems


def _amount_problems(content: Content) -> list[Problem]:
    problems = []
    if content.montant < 1:
        problems.append(rules.MONTANT_MIN.broken("$.montant"))
    estimate = content.description.complements.montantEstime
    if estimate is not None and estimate < content.montant:
        problems.append(
            rules.MONTANT_ESTIME.broken("$.complements.montantEstime", estime=estimate, montant=content.montant)
        )
    return problems


def _duration_problems(content: Content) -> list[Problem]:
    problems = []
    description = content.description
    longest = description.complements.dureeMaximaleMois
    if longest is not None and longest < content.dureeMois:
        problems.append(
            rules.DUREE_MAXIMALE.broken("$.complements.dureeMaximaleMois", maximale=longest, duree=content.dureeMois)
        )
    too_long = max(content.dureeMois, longest or 0) > ACCORD_CADRE_MAX_MONTHS
    if Technique.ACCORD_CADRE in description.techniques and too_long and description.justificationDuree is None:
        problems.append(rules.DUREE_ACCORD_CADRE.broken("$.dureeMois"))
    return problems


def _holder_problems(content: Content) -> list[Problem]:
    problems = []
    holders, description = content.holders, content.description
    grouped = description.typeGroupementOperateurs is not TypeGroupement.AUCUN
    if grouped and len(holders) < 2:
        problems.append(rules.GROUPEMENT.broken("$.titulaires", type=description.typeGroupementOperateurs.lower()))
    if not grouped and len(holders) > 1 and Technique.ACCORD_CADRE not in description.techniques:
        problems.append(rules.SANS_GROUPEMENT.broken("$.titulaires"))
    leaders = sum(holder.role == "titulaire" for holder in holders)
    if leaders != (1 if grouped else len(holders)):
        problems.append(rules.ROLES.broken("$.titulaires"))
    if len(holders) > 1:
        # In a joint and several group the shares are often not known: then none is given.
        shares = [holder.share for holder in holders if holder.share is not None]
        total = sum(shares, Decimal(0))
        if shares and (len(shares) < len(holders) or total != content.montant):
            problems.append(rules.PARTS.broken("$.titulaires", somme=total, montant=content.montant))
    elif holders[0].share not in (None, content.montant):
        problems.append(rules.PART_INUTILE.broken("$.titulaires[0].montant", montant=content.montant))
    return problems


def _framework_problems(content: Content) -> list[Problem]:
    description = content.description
    code = nature_pes(description)
    problems = []
    framework, owner = description.idAccordCadre, description.complements.siretPAAccordCadre
    subsequent = code is NatureMarchePES.SUBSEQUENT
    if subsequent != (framework is not None) or subsequent != (owner is not None):
        place = "$.complements.siretPAAccordCadre" if framework is not None and subsequent else "$.idAccordCadre"
        problems.append(rules.SUBSEQUENT.broken(place))
    if framework == content.id:
        problems.append(rules.ACCORD_CADRE_LUI_MEME.broken("$.idAccordCadre"))
    partnership = description.nature is Nature.PARTENARIAT
    is_framework = code in (NatureMarchePES.ACCORD_CADRE_BONS_DE_COMMANDE, NatureMarchePES.ACCORD_CADRE_SUBSEQUENTS)
    if partnership != (code is NatureMarchePES.PARTENARIAT) or (
        is_framework and Technique.ACCORD_CADRE not in description.techniques
    ):
        problems.append(rules.NATURE_PES.broken("$.complements.natureMarche", code=code))
    return problems


def _rate_problems(description: Description) -> list[Problem]:
    problems = []
    for name, rate in (
        ("tauxAvance", description.tauxAvance),
        ("origineUE", description.origineUE),
        ("origineFrance", description.origineFrance),
    ):
        if rate is not None and rate != rate.quantize(Decimal("0.0001")):
            problems.append(rules.TAUX_PRECISION.broken(f"$.{name}"))
    if description.origineFrance is not None and description.origineFrance > (description.origineUE or 0):
        problems.append(rules.ORIGINE.broken("$.origineFrance"))
    if description.tauxAvance is not None and not description.attributionAvance:
        problems.append(rules.TAUX_AVANCE.broken("$.tauxAvance"))
    regime = regime_avance(description)
    if (regime in _NO_ADVANCE) == description.attributionAvance:
        problems.append(rules.REGIME_AVANCE.broken("$.complements.regimeAvance", code=regime))
    return problems


def _alone_problems(description: Description) -> list[Problem]:
    alone = (
        ("techniques", Technique.SANS_OBJET, description.techniques),
        ("modalitesExecution", ModaliteExecution.SANS_OBJET, description.modalitesExecution),
        ("considerationsSociales", ConsiderationSociale.AUCUNE, description.considerationsSociales),
        (
            "considerationsEnvironnementales",
            ConsiderationEnvironnementale.AUCUNE,
            description.considerationsEnvironnementales,
        ),
    )
    return [
        rules.SEUL.broken(f"$.{name}", valeur=value, champ=name)
        for name, value, values in alone
        if value in values and len(values) > 1
    ]


def period_problem(path: str, day: date | None) -> list[Problem]:
    """A date outside the years that the national controls accept."""
    if day is None or _FIRST_DAY <= day <= _LAST_DAY:
        return []
    return [rules.PERIODE.broken(path, date=day)]


def _period_problems(description: Description) -> list[Problem]:
    complements = description.complements
    return [
        *period_problem("$.complements.dateSignature", complements.dateSignature),
        *period_problem("$.complements.dateDebutExecution", complements.dateDebutExecution),
    ]


def date_problems(description: Description, notification: date, publication: date) -> list[Problem]:
    """Order of the dates of a notified marché."""
    problems = [
        *period_problem("$.dateNotification", notification),
        *period_problem("$.datePublicationDonnees", publication),
    ]
    complements = description.complements
    if complements.dateSignature is not None and complements.dateSignature > notification:
        problems.append(
            rules.DATES_SIGNATURE.broken(
                "$.dateNotification", signature=complements.dateSignature, notification=notification
            )
        )
    if complements.dateDebutExecution is not None and complements.dateDebutExecution < notification:
        problems.append(
            rules.DATES_EXECUTION.broken(
                "$.dateNotification", execution=complements.dateDebutExecution, notification=notification
            )
        )
    if publication < notification:
        problems.append(
            rules.DATES_PUBLICATION.broken(
                "$.datePublicationDonnees", publication=publication, notification=notification
            )
        )
    return problems


def contract_number(marche_id: str, given: str | None, notification: date) -> tuple[str | None, list[Problem]]:
    """The ``IdContrat`` of a marché notified that day, and what prevents it from having one."""
    if given is None:
        derived = id_contrat(marche_id, notification.year)
        broken = [] if derived else [rules.ID_CONTRAT.broken("$.complements.idContrat", id=marche_id)]
        return derived, broken
    if not given.startswith(str(notification.year)):
        place = "$.dateNotification"
        return None, [rules.ID_CONTRAT_ANNEE.broken(place, contrat=given, annee=notification.year)]
    return given, []


def modification_problems(
    count: int, previous: date, notification: date, publication: date, *, changes: bool
) -> list[Problem]:
    """Rules of an amendment.

    Args:
        count: amendments already there.
        previous: notification of the last one, or of the marché.
        notification: its own notification.
        publication: its own publication.
        changes: whether it changes the amount or the duration.
    """
    problems = [
        *period_problem("$.dateNotificationModification", notification),
        *period_problem("$.datePublicationDonneesModification", publication),
    ]
    if not changes:
        problems.append(rules.MODIFICATION_VIDE.broken("$"))
    if count >= MAX_MODIFICATIONS:
        problems.append(rules.MODIFICATION_NOMBRE.broken("$"))
    if notification < previous:
        problems.append(
            rules.MODIFICATION_DATE.broken("$.dateNotificationModification", date=notification, avant=previous)
        )
    if publication < notification:
        problems.append(
            rules.DATES_PUBLICATION.broken(
                "$.datePublicationDonneesModification", publication=publication, notification=notification
            )
        )
    return problems


def warnings(
    description: Description,
    cpv: str,
    montant: Decimal,
    duree: int,
    published: Sequence[tuple[str, date | None, date | None]],
) -> list[Problem]:
    """What is allowed but deserves a look.

    Args:
        description: the descriptive part.
        cpv: its CPV code.
        montant: its amount.
        duree: its duration in months.
        published: (place, notification, publication) of the marché and of each amendment.
    """
    found = [
        rules.PUBLICATION_DELAI.broken(place)
        for place, notification, publication in published
        if notification is not None and publication is not None and publication > months_after(notification, 2)
    ]
    if duree > 180:
        found.append(rules.DUREE_DAJ.broken("$.dureeMois"))
    if montant > 3_000_000_000:
        found.append(rules.MONTANT_DAJ.broken("$.montant"))
    number = int(cpv[:8])
    if (description.origineUE is None or description.origineFrance is None) and any(
        first <= number <= last for first, last in _ORIGIN_RANGES
    ):
        found.append(rules.ORIGINE_REQUISE.broken("$.origineUE", cpv=cpv))
    return found
