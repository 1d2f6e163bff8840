"""The file wire: two drops, local or SFTP, and the protocol of the degraded mode (commun/echange-fichiers/1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from connectors.centrale.model import INBOUND_FILE_TYPES
from connectors.centrale.settings import CentraleSettings
from connectors.transports.drop import ANY_NAME, open_drop
from connectors.transports.exchange import FileExchange
from contracts.rules.echange_fichiers import Expected
from semaphore_hub.ports.connector import Inbound, Outgoing, Receipt, SecretReader
from semaphore_hub.ports.outcomes import Misconfigured

CSV = "text/csv; charset=utf-8"


class FileLink:
    """Two folders shared with one cooperative."""

    def __init__(self, exchange: FileExchange) -> None:
        self._exchange = exchange

    @property
    def watched(self) -> tuple[Path, ...]:
        """Where files arrive, when it is a local folder."""
        return self._exchange.watched

    async def close(self) -> None:
        """Release connections."""
        await self._exchange.close()

    async def deliver(self, outgoing: Outgoing) -> Receipt:
        """Put the file, then its marker.

        Raises:
            Retry, Unknown, Reject, Misconfigured: see :class:`connectors.transports.exchange.FileExchange`.
        """
        await self._exchange.send(outgoing.message.filename, outgoing.message.body)
        return Receipt(reference=outgoing.message.filename)

    async def collect(self) -> AsyncIterator[Inbound]:
        """Complete files, in the order of their names."""
        async for file in self._exchange.collect():
            said = tuple(f"[{one.rule}] {one.message}" for one in file.warnings)
            yield Inbound(file.name, file.body, CSV, "file", token=file.name, warnings=said)

    async def confirm(self, document: Inbound) -> None:
        """Archive the file and its marker."""
        await self._exchange.confirm(document.token)

    async def check(self) -> str:
        """Both folders can be used; and which files have waited too long for their marker."""
        await self._exchange.check()
        late = (finding.message for finding in await self._exchange.late())
        return " ".join(("Les deux dossiers sont accessibles.", *late))


def opened(settings: CentraleSettings, secrets: SecretReader, centrale: str) -> FileLink:
    """A link to both folders.

    Raises:
        Misconfigured: a folder is missing from the settings, or cannot be opened as they say.
    """
    if settings.depot is None or settings.retour is None:
        raise Misconfigured("two folders are needed by the channel file: depot to put files, retour to take them")
    expected = Expected(
        emetteurs=frozenset({centrale.upper()}), types=INBOUND_FILE_TYPES, finess=settings.etablissement
    )
    # Files under any name are taken: a wrong one is refused with a report instead of lying there unseen.
    incoming = open_drop(settings.retour, secrets, pattern=ANY_NAME)
    return FileLink(FileExchange(open_drop(settings.depot, secrets), incoming, expected=expected))
