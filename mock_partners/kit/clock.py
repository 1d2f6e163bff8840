"""The mock's clock: the machine's until somebody sets it, then it moves only when told to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(text: str) -> timedelta:
    """A readable duration: "200ms", "2s", "5m", "1h", "3d".

    Raises:
        ValueError: the text is not such a duration.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'{text!r} is not a duration like "200ms", "2s", "5m", "1h" or "3d"')
    return timedelta(seconds=float(found[1]) * _SECONDS[found[2]])


def _machine() -> datetime:
    return datetime.now(UTC)


class MockClock:
    """Tells the mock's time, aware and in UTC."""

    def __init__(self, machine: Callable[[], datetime] = _machine) -> None:
        self._machine = machine
        self._set: datetime | None = None

    @property
    def manual(self) -> bool:
        """Whether the clock was set by hand and stands still."""
        return self._set is not None

    def now(self) -> datetime:
        """Current instant."""
        return self._set or self._machine()

    def today(self) -> date:
        """Current calendar day (UTC)."""
        return self.now().date()

    def set(self, instant: datetime) -> None:
        """Stand still at an instant (a naive one is read as UTC)."""
        self._set = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)

    def advance(self, delta: timedelta) -> None:
        """Move forward by a duration, and stand still there."""
        self.set(self.now() + delta)

    def release(self) -> None:
        """Follow the machine again."""
        self._set = None
