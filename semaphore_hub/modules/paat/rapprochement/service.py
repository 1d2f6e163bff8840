"""Gains as operators declare them, against those of the GHT."""

from __future__ import annotations

from semaphore_hub.kernel.clock import Clock
from semaphore_hub.ports.events import EventLog


class RapprochementService:
    """Operations of rapprochement."""

    def __init__(self, clock: Clock, event_log: EventLog) -> None:
        self._clock = clock
        self._event_log = event_log
