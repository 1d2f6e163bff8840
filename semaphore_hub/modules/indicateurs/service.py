"""Indicators: catalogue, figures, drill-down."""

from __future__ import annotations

from pathlib import Path

from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database


class IndicateursService:
    """Reads indicators."""

    def __init__(self, database: Database, clock: Clock, colonnes: Path | None) -> None:
        self._database = database
        self._clock = clock
        self._colonnes = colonnes
