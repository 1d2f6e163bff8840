"""What the connector asks of PLACE to write and follow consultations, whatever API does it.

No specification of such an API is public. When one is known, another class takes the place of :mod:`.mpe_v2` behind
this protocol, and nothing else changes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from semaphore_hub.ports.connector import Outgoing, Receipt


@dataclass(frozen=True, slots=True)
class Listed:
    """A consultation in the list: where it is read, and the version it has."""

    address: str
    reference: str
    version: str


class Consultations(Protocol):
    """Consultations at the platform.

    Every operation raises ``NotOffered`` when the platform does not offer it, and the outcomes of its transport.
    """

    async def write(self, outgoing: Outgoing) -> Receipt:
        """Write one message (consultation, attribution, abandon); writing it twice has one effect."""
        ...

    def listed(self) -> AsyncIterator[Listed]:
        """Every consultation of the organisation."""
        ...

    async def read(self, one: Listed) -> bytes | None:
        """One consultation as it came (``place/consultation/2``); ``None`` when it is there no more."""
        ...

    async def check(self) -> tuple[str, ...]:
        """Connection, then credentials; the operations the platform says it does not offer."""
        ...
