"""What a channel is made of: a syntax, and a wire that opens links to one establishment's GEF."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from connectors.gef import rendering
from connectors.gef.model import Document
from connectors.gef.settings import GefSettings
from semaphore_hub.ports.connector import Inbound, Outgoing, Receipt, SecretReader


@dataclass(frozen=True, slots=True)
class Syntax:
    """A way to write documents."""

    suffix: str
    media_type: str
    write: Callable[[Document], bytes]


JSON = Syntax("json", "application/json", rendering.to_json)
XML = Syntax("xml", "application/xml", rendering.to_xml)
CSV = Syntax("csv", "text/csv; charset=utf-8", rendering.to_csv)


@runtime_checkable
class Link(Protocol):
    """An open way to one GEF; a ``Transport``. Raises the outcomes of :mod:`semaphore_hub.ports.outcomes`."""

    async def deliver(self, outgoing: Outgoing) -> Receipt:
        """Bring one message."""
        ...

    def collect(self) -> AsyncIterator[Inbound]:
        """Documents that wait, oldest first."""
        ...

    async def confirm(self, document: Inbound) -> None:
        """Say that a collected document is safely stored."""
        ...

    async def check(self) -> str:
        """What can be said of the GEF, in French, once connection and credentials are known to be good."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class Wire(Protocol):
    """How one channel reaches a GEF."""

    @property
    def syntax(self) -> Syntax:
        """How its messages are written."""
        ...

    def open(self, channel: str, settings: GefSettings, secrets: SecretReader) -> Link:
        """A link; nothing is sent yet.

        Raises:
            Misconfigured: a setting or a secret is missing.
        """
        ...
