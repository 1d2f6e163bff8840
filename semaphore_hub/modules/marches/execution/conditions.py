"""When an order or a payment may be recorded on a marché; pure functions of its state."""

from __future__ import annotations

from datetime import date

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches.checks import period_problem
from semaphore_hub.modules.marches.execution import rules
from semaphore_hub.modules.marches.execution.accords_cadres import HUB
from semaphore_hub.modules.marches.execution.moments import first_day_of, last_day_of
from semaphore_hub.modules.marches.execution.schemas import NouvelleConsommation
from semaphore_hub.modules.marches.execution.totaux import BON, Totaux, is_framework
from semaphore_hub.modules.marches.reading import Whole


def consumption_problems(
    whole: Whole, nouvelle: NouvelleConsommation, after: Totaux, *, constatee: bool = False
) -> list[Problem]:
    """Every rule that an order or a payment breaks.

    Args:
        whole: the marché.
        nouvelle: the order or payment.
        after: the totals with it.
        constatee: it is already made, elsewhere: beyond the maximum it is recorded all the same, and an alert says so
            (hypothèse: refusing to know of it would not undo it).
    """
    problems = period_problem("$.date", nouvelle.date)
    order = nouvelle.type == BON
    if nouvelle.source == HUB:
        problems.append(rules.CONSO_SOURCE.broken("$.source", source=HUB))
    if not nouvelle.montant:
        problems.append(rules.CONSO_MONTANT.broken("$.montant"))
    # An advance may be paid between the notification and the start, so a payment has no start to wait for.
    first: date = first_day_of(whole) if order else whole.row["date_notification"]
    if nouvelle.date < first:
        problems.append(rules.CONSO_AVANT.broken("$.date", date=nouvelle.date, debut=first))
    if order:
        problems += _order_problems(whole, nouvelle)
        if not constatee:
            problems += _maximum_problems(whole, after)
    since = {one.siret: one.date for one in whole.vie.rattachements}.get(nouvelle.etablissement, nouvelle.date)
    if nouvelle.etablissement not in whole.beneficiaires or nouvelle.date < since:
        problems.append(
            rules.CONSO_ETABLISSEMENT.broken("$.etablissement", siret=nouvelle.etablissement, date=nouvelle.date)
        )
    return problems


def _order_problems(whole: Whole, nouvelle: NouvelleConsommation) -> list[Problem]:
    problems = []
    last = last_day_of(whole.row, whole.vie)
    if nouvelle.date > last:
        problems.append(rules.CONSO_APRES.broken("$.date", date=nouvelle.date, fin=last))
    for pause in whole.vie.suspensions:
        if pause.debut <= nouvelle.date and (pause.fin is None or nouvelle.date < pause.fin):
            problems.append(rules.CONSO_SUSPENDU.broken("$.date", date=nouvelle.date, debut=pause.debut))
    return problems


def _maximum_problems(whole: Whole, after: Totaux) -> list[Problem]:
    most = whole.row["montant_cents"]
    ordered = after.bons + after.subsequents
    if not is_framework(whole.description) or ordered <= most:
        return []
    return [rules.CONSO_MAXIMUM.broken("$.montant", consomme=from_cents(ordered), maximum=from_cents(most))]
