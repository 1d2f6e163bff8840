"""Calendar and workload of projects: iCalendar, Excel."""

from __future__ import annotations

from semaphore_hub.kernel.clock import Clock


class AgendaService:
    """Operations of agenda."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
