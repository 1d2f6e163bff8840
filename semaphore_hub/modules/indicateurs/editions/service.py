"""What is printed or filed: Excel for the ARS, HTML report."""

from __future__ import annotations

from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database


class EditionsService:
    """Operations of editions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
