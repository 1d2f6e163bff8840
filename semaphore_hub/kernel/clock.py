"""The clock that business code is given: never the machine's directly, so that a demo or a test can simulate weeks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the business time. Leases and retries use the database's own clock instead."""

    def now(self) -> datetime:
        """Current instant, aware, in UTC."""
        ...

    def today(self) -> date:
        """Current calendar day (UTC)."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Current instant, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Current calendar day (UTC)."""
        return self.now().date()


class ManualClock:
    """A clock that moves only when told to: simulated weeks in the demo, fixed days in tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant last set."""
        return self._now

    def today(self) -> date:
        """Calendar day of the instant last set."""
        return self._now.date()

    def set(self, instant: datetime) -> None:
        """Move to an instant; going back is refused because dated events would contradict the log."""
        moved = instant.astimezone(UTC)
        if moved < self._now:
            raise ValueError(f"the clock cannot go back from {self._now.isoformat()} to {moved.isoformat()}")
        self._now = moved

    def advance(self, delta: timedelta) -> None:
        """Move forward by a duration."""
        self.set(self._now + delta)
