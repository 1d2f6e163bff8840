"""When something may happen to a marché: from its notification to its end."""

from __future__ import annotations

from datetime import date

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.marches.checks import period_problem
from semaphore_hub.modules.marches.echeances import start_of
from semaphore_hub.modules.marches.execution import rules
from semaphore_hub.modules.marches.reading import Row, Whole
from semaphore_hub.modules.marches.vie import Vie


def last_day_of(row: Row, vie: Vie) -> date:
    """Last day of a notified marché: its term, or the day its termination takes effect."""
    end: date = row["date_fin"]
    return end if vie.resiliation is None else min(end, vie.resiliation.dateEffet)


def first_day_of(whole: Whole) -> date:
    """First day of the execution of a notified marché."""
    notification: date = whole.row["date_notification"]
    return max(notification, start_of(whole.description.complements, notification))


def execution_problems(whole: Whole, path: str, day: date) -> list[Problem]:
    """A fact of the execution happens between the notification and the end."""
    problems = period_problem(path, day)
    notification, end = whole.row["date_notification"], last_day_of(whole.row, whole.vie)
    if day < notification:
        problems.append(rules.AVANT_NOTIFICATION.broken(path, date=day, notification=notification))
    if day > end:
        problems.append(rules.APRES_FIN.broken(path, date=day, fin=end))
    return problems
