"""Applies the rules of :mod:`.rules`; pure functions, each returns every problem it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.marches import rules as marche_rules
from semaphore_hub.modules.marches.checks import period_problem
from semaphore_hub.modules.marches.projets import rules
from semaphore_hub.modules.marches.projets.donnees import Donnees
from semaphore_hub.modules.marches.projets.schemas import Attribution, Infructuosite, Lancement, Ouverture
from semaphore_hub.modules.marches.schemas import EtablissementRef
from semaphore_hub.modules.referentiel.cles import siret_valide
from semaphore_hub.modules.referentiel.lookups import EtablissementConnu

Step = tuple[str, date]
"""What happened, in French with its article, and its day."""


def in_order(path: str, what: str, day: date | None, after: Step | None) -> list[Problem]:
    """A date outside the admitted years, or before the step it follows."""
    problems = period_problem(path, day)
    if day is not None and after is not None and day < after[1]:
        problems.append(rules.DATES.broken(path, quoi=what, date=day, avant_quoi=after[0], avant=after[1]))
    return problems


def party_problems(
    acheteur: str, beneficiaires: Sequence[EtablissementRef], caller: Caller, known: Mapping[str, EtablissementConnu]
) -> list[Problem]:
    """Établissements that the référentiel does not know; a buyer outside the perimeter is as unknown as another."""
    buyer = known.get(acheteur)
    places = [("$.acheteur.id", acheteur)] if buyer is None or not caller.may_see(buyer.ght) else []
    places += [
        (f"$.beneficiaires[{index}].id", ref.id) for index, ref in enumerate(beneficiaires) if ref.id not in known
    ]
    return [
        (marche_rules.ACHETEUR if siret_valide(siret) else marche_rules.SIRET_INCONNU).broken(path, siret=siret)
        for path, siret in places
    ]


def forecast_problems(montant: Decimal, donnees: Donnees) -> list[Problem]:
    """Rules of what is foreseen."""
    problems = [] if montant >= 1 else [rules.ESTIMATION_MIN.broken("$.montantEstime")]
    launch = donnees.dateLancementPrevue
    problems += in_order("$.dateLancementPrevue", "le lancement prévu", launch, None)
    return problems + in_order(
        "$.dateNotificationPrevue",
        "la notification prévue",
        donnees.dateNotificationPrevue,
        None if launch is None else ("le lancement prévu", launch),
    )


def launch_problems(consultation: str | None, numero: int | None, lancement: Lancement) -> list[Problem]:
    """Rules of a launch.

    Args:
        consultation: reference known so far.
        numero: number of the lot, if it is one.
        lancement: what is asked.
    """
    problems = in_order("$.dateLancement", "le lancement", lancement.dateLancement, None)
    problems += in_order(
        "$.dateLimiteOffres",
        "la date limite des offres",
        lancement.dateLimiteOffres,
        ("le lancement", lancement.dateLancement),
    )
    given = lancement.consultation
    if consultation is not None and given not in (None, consultation):
        problems.append(rules.CONSULTATION_AUTRE.broken("$.consultation", prevue=consultation, donnee=given))
    if numero is not None and consultation is None and given is None:
        problems.append(rules.LOT_CONSULTATION.broken("$.consultation", numero=numero))
    return problems


def opening_problems(donnees: Donnees, ouverture: Ouverture) -> list[Problem]:
    """Rules of the opening: not before the deadline."""
    return in_order("$.dateOuverture", "l'ouverture des offres", ouverture.dateOuverture, _step_of_deadline(donnees))


def attribution_problems(donnees: Donnees, attribution: Attribution) -> list[Problem]:
    """Rules of the attribution: it follows the procedure that was run."""
    problems = in_order("$.dateAttribution", "l'attribution", attribution.dateAttribution, donnees.last_step())
    problems += in_order(
        "$.dateInformationEvinces",
        "l'information des candidats évincés",
        attribution.dateInformationEvinces,
        ("l'attribution", attribution.dateAttribution),
    )
    if attribution.offresRecues != donnees.offresRecues:
        problems.append(
            rules.OFFRES.broken("$.offresRecues", donne=attribution.offresRecues, recu=donnees.offresRecues)
        )
    if attribution.procedure is not donnees.procedure:
        problems.append(rules.PROCEDURE.broken("$.procedure", donnee=attribution.procedure, lancee=donnees.procedure))
    if attribution.nature is not donnees.nature:
        problems.append(rules.NATURE.broken("$.nature", donnee=attribution.nature, prevue=donnees.nature))
    return problems


def failure_problems(donnees: Donnees, infructuosite: Infructuosite) -> list[Problem]:
    """Rules of a procedure without a result: its reason is that of the offers received, if any."""
    after = donnees.last_step() if donnees.dateOuverture is not None else _step_of_deadline(donnees)
    problems = in_order("$.date", "la déclaration", infructuosite.date, after)
    received = donnees.offresRecues or 0
    no_offer = infructuosite.motif == "aucune offre"
    if received and no_offer:
        problems.append(rules.INFRUCTUEUX_AVEC_OFFRES.broken("$.motif", offres=received))
    if not received and not no_offer:
        problems.append(rules.INFRUCTUEUX_SANS_OFFRE.broken("$.motif"))
    return problems


def _step_of_deadline(donnees: Donnees) -> Step | None:
    deadline = donnees.dateLimiteOffres
    return None if deadline is None else ("la date limite des offres", deadline)
