"""The file wire: two drops, local or SFTP, and the protocol of the degraded mode (commun/echange-fichiers/1)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from connectors.gef.model import INBOUND_FILE_TYPES
from connectors.gef.settings import GefSettings
from connectors.gef.wire import Syntax
from connectors.transports.drop import ANY_NAME, DropAddress, DroppedFile, open_drop
from connectors.transports.exchange import FileExchange
from contracts.rules.echange_fichiers import OK_MARKER, Expected, Marker
from semaphore_hub.ports.connector import Inbound, Message, Outgoing, Receipt, SecretReader
from semaphore_hub.ports.outcomes import Misconfigured

Addresses = Callable[[GefSettings], tuple[DropAddress | None, DropAddress | None]]
"""Where files are put, and where they are taken."""


def degraded(settings: GefSettings) -> tuple[DropAddress | None, DropAddress | None]:
    """The folders of the degraded mode."""
    return settings.depot, settings.retour


@dataclass(frozen=True, slots=True)
class DropWire:
    """Files in folders.

    Attributes:
        syntax: what the files hold.
        addresses: which settings name the folders.
        marker: form of the companion file that says « complete ».
        envelope: the companion file of a message, when it says more than a checksum.
    """

    syntax: Syntax
    addresses: Addresses = degraded
    marker: Marker = OK_MARKER
    envelope: Callable[[Message, GefSettings], DroppedFile] | None = None

    def open(self, channel: str, settings: GefSettings, secrets: SecretReader) -> FileLink:
        """Both folders. See ``Wire.open``."""
        outgoing, incoming = self.addresses(settings)
        if outgoing is None or incoming is None:
            raise Misconfigured(f"two folders are needed by the channel {channel}: one to put files, one to take them")
        exchange = FileExchange(
            open_drop(outgoing, secrets),
            # Files under any name are taken: a wrong one is refused with a report instead of lying there unseen.
            open_drop(incoming, secrets, pattern=ANY_NAME),
            expected=Expected(emetteurs=frozenset({"GEF"}), types=INBOUND_FILE_TYPES, finess=settings.etablissement),
            marker=self.marker,
        )
        return FileLink(channel, exchange, self, settings)


class FileLink:
    """Two folders of one GEF."""

    def __init__(self, channel: str, exchange: FileExchange, wire: DropWire, settings: GefSettings) -> None:
        self._channel = channel
        self._exchange = exchange
        self._wire = wire
        self._settings = settings

    @property
    def watched(self) -> tuple[Path, ...]:
        """Where files arrive, when it is a local folder."""
        return self._exchange.watched

    async def close(self) -> None:
        """Release connections."""
        await self._exchange.close()

    async def deliver(self, outgoing: Outgoing) -> Receipt:
        """Put the file, then its companion.

        Raises:
            Retry, Unknown, Reject, Misconfigured: see :class:`connectors.transports.exchange.FileExchange`.
        """
        message = outgoing.message
        envelope = self._wire.envelope
        companion = envelope(message, self._settings) if envelope else None
        await self._exchange.send(message.filename, message.body, envelope=companion)
        return Receipt(reference=message.filename)

    async def collect(self) -> AsyncIterator[Inbound]:
        """Complete files, in the order of their names."""
        async for file in self._exchange.collect():
            media_type = "application/xml" if file.name.endswith(".xml") else "text/csv; charset=utf-8"
            said = tuple(f"[{one.rule}] {one.message}" for one in file.warnings)
            yield Inbound(file.name, file.body, media_type, self._channel, token=file.name, warnings=said)

    async def confirm(self, document: Inbound) -> None:
        """Archive the file and its companion."""
        await self._exchange.confirm(document.token)

    async def check(self) -> str:
        """Both folders can be used; and which files have waited too long for their companion."""
        await self._exchange.check()
        late = (finding.message for finding in await self._exchange.late())
        return " ".join(("Les deux dossiers sont accessibles.", *late))
