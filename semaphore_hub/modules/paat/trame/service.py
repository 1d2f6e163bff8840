"""The trame of a PAAT: the Excel file, out and in."""

from __future__ import annotations

from semaphore_hub.kernel.clock import Clock
from semaphore_hub.modules.paat.service import PaatService
from semaphore_hub.ports.events import EventLog


class TrameService:
    """Operations of trame."""

    def __init__(self, clock: Clock, event_log: EventLog, paat: PaatService) -> None:
        self._clock = clock
        self._event_log = event_log
        self._paat = paat
