"""Campaigns that collect the figures of plans, and their reminders."""

from __future__ import annotations

from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database
from semaphore_hub.ports.events import EventLog


class CampagnesService:
    """Operations of campagnes."""

    def __init__(self, database: Database, clock: Clock, event_log: EventLog) -> None:
        self._database = database
        self._clock = clock
        self._event_log = event_log
