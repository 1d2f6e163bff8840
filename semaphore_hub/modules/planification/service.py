"""Purchase projects."""

from __future__ import annotations

from semaphore_hub.kernel.clock import Clock
from semaphore_hub.ports.events import EventLog
from semaphore_hub.ports.marches import MarchesConnus


class PlanificationService:
    """Operations on purchase projects."""

    def __init__(self, clock: Clock, event_log: EventLog, marches: MarchesConnus) -> None:
        self._clock = clock
        self._event_log = event_log
        self._marches = marches
