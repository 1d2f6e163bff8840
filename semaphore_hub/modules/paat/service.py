"""Plans and their actions."""

from __future__ import annotations

from semaphore_hub.kernel.clock import Clock
from semaphore_hub.ports.events import EventLog


class PaatService:
    """Operations on plans and actions."""

    def __init__(self, clock: Clock, event_log: EventLog) -> None:
        self._clock = clock
        self._event_log = event_log
