"""Facts: read again when their subject changes, imported from files."""

from __future__ import annotations

from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database
from semaphore_hub.ports.mesures import Sources


class FaitsService:
    """Operations of faits."""

    def __init__(self, database: Database, clock: Clock, sources: Sources) -> None:
        self._database = database
        self._clock = clock
        self._sources = sources
