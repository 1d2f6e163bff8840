"""When a marché begins and ends; a duration of n months ends on the eve of the same day, n months later."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from semaphore_hub.modules.marches.description import Complements
from semaphore_hub.ports.payloads import PeriodeReconduction

PREAVIS_MOIS = 3
"""Notice before a renewal when the marché says nothing else (hypothèse)."""


def months_after(day: date, months: int) -> date:
    """The same day, months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day(start: date, months: int) -> date:
    """Last day of a duration in months that begins on ``start``."""
    end = months_after(start, months)
    # A start on the 31st ends with a shorter month: that month's last day is then already the last one.
    return end if end.day < start.day else end - timedelta(days=1)


def months_of(first: date, last: date) -> int:
    """The duration in months, rounded up as the DECP asks, from one day to another, both included."""
    months = max(1, (last.year - first.year) * 12 + last.month - first.month)
    return months if last_day(first, months) >= last else months + 1


def notice_deadline(renewal: date, months: int = PREAVIS_MOIS) -> date:
    """Last day on which the buyer may say that a tacit renewal will not happen.

    Args:
        renewal: first day of the renewal period.
        months: the notice the marché asks for.
    """
    return months_after(renewal, -months)


def start_of(complements: Complements, notification: date) -> date:
    """First day of the execution: the one given, else the notification."""
    return complements.dateDebutExecution or complements.dateDebutMarche or notification


def end_of(start: date, months: int, renewals: Sequence[PeriodeReconduction]) -> date:
    """Last day of a marché, with the renewals taken.

    Args:
        start: first day of the execution.
        months: its whole duration, renewals included (as in the DECP).
        renewals: the periods it foresees, in order; without them the whole duration is firm.

    Source: domain rule "end = start + firm duration + renewals taken" (hypothèse).
    """
    if not renewals:
        return last_day(start, months)
    end = renewals[0].debut - timedelta(days=1)
    for period in renewals:
        if period.decision != "reconduite":
            break
        end = period.fin
    return end
