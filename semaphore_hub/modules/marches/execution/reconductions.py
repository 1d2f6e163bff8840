"""Renewals: decided by the buyer, or tacit and only recorded (art. R.2112-4 CCP)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from semaphore_hub.kernel.errors import NotFound, Problem
from semaphore_hub.modules.marches.checks import period_problem
from semaphore_hub.modules.marches.echeances import end_of, notice_deadline, start_of
from semaphore_hub.modules.marches.execution import rules
from semaphore_hub.modules.marches.execution.schemas import DecisionReconduction
from semaphore_hub.modules.marches.reading import Whole
from semaphore_hub.modules.referentiel.codes import Reconductibilite
from semaphore_hub.ports.payloads import PeriodeReconduction

OPERATIONS = {"reconduite": "reconduire", "non reconduite": "ne_pas_reconduire"}


def decision_problems(whole: Whole, numero: int, decision: DecisionReconduction) -> list[Problem]:
    """What prevents a decision on a renewal period.

    Raises:
        NotFound: the marché foresees no such period.
    """
    periods = whole.vie.reconductions
    period = _period(whole, numero)
    problems, day = period_problem("$.dateDecision", decision.dateDecision), decision.dateDecision
    if period.decision is not None:
        problems.append(rules.RECONDUCTION_DECIDEE.broken("$", numero=numero, decision=period.decision))
    if any(one.decision != "reconduite" for one in periods if one.numero < numero):
        problems.append(rules.RECONDUCTION_ORDRE.broken("$", numero=numero, avant=numero - 1))
    notification = whole.row["date_notification"]
    if day < notification:
        problems.append(rules.AVANT_NOTIFICATION.broken("$.dateDecision", date=day, notification=notification))
    if day >= period.debut:
        problems.append(
            rules.RECONDUCTION_TARDIVE.broken("$.dateDecision", date=day, numero=numero, debut=period.debut)
        )
    if decision.decision == "non reconduite":
        problems += _refusal_problems(whole, period, decision)
    return problems


def _refusal_problems(whole: Whole, period: PeriodeReconduction, decision: DecisionReconduction) -> list[Problem]:
    problems = []
    if decision.auteur == "titulaire" and not decision.refusTitulairePermis:
        problems.append(rules.RECONDUCTION_TITULAIRE.broken("$.auteur"))
    limit = notice_deadline(period.debut, decision.preavisMois)
    tacit = whole.description.complements.reconductibilite is Reconductibilite.TACITE
    if tacit and limit < decision.dateDecision < period.debut:
        problems.append(rules.RECONDUCTION_PREAVIS.broken("$.dateDecision", limite=limit, preavis=decision.preavisMois))
    return problems


def decided(whole: Whole, numero: int, decision: str, day: date) -> Whole:
    """The marché after the decision on a renewal period, with its new last day.

    Args:
        whole: the marché before it.
        numero: a period it foresees.
        decision: "reconduite" or "non reconduite".
        day: of the decision; for a tacit renewal, the first day of the period.
    """
    periods = tuple(
        period.model_copy(update={"decision": decision, "dateDecision": day}) if period.numero == numero else period
        for period in whole.vie.reconductions
    )
    row = whole.row
    end = end_of(start_of(whole.description.complements, row["date_notification"]), row["duree_mois"], periods)
    return whole.with_row(date_fin=end).with_vie(whole.vie.model_copy(update={"reconductions": periods}))


def tacitly_due(whole: Whole, today: date) -> Iterator[PeriodeReconduction]:
    """Periods of a tacit marché that began without anybody having refused them, in order."""
    if whole.description.complements.reconductibilite is not Reconductibilite.TACITE:
        return
    for period in whole.vie.reconductions:
        if period.decision == "non reconduite" or (period.decision is None and period.debut > today):
            return
        if period.decision is None:
            yield period


def _period(whole: Whole, numero: int) -> PeriodeReconduction:
    for period in whole.vie.reconductions:
        if period.numero == numero:
            return period
    raise NotFound(f"Le marché ne prévoit pas de période de reconduction n° {numero}.")
