"""Census of needs."""

from __future__ import annotations

from semaphore_hub.kernel.clock import Clock
from semaphore_hub.ports.events import EventLog


class RecensementsService:
    """Operations of recensements."""

    def __init__(self, clock: Clock, event_log: EventLog) -> None:
        self._clock = clock
        self._event_log = event_log
