"""The exchange by files of the degraded mode, on top of two drops: contract commun/echange-fichiers/1.

Sending: the file, then its marker. Receiving: complete files only, in the order of their names; what the protocol
refuses goes to ``rejected/`` with a French report; the rest waits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import structlog

from connectors.transports.drop import Drop, DroppedFile
from connectors.transports.filedrop import FileDrop
from contracts import Finding
from contracts.rules import echange_fichiers as protocol
from contracts.rules.echange_fichiers import Depot, ExchangeName, Expected, Marker

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CollectedFile:
    """A complete file that the protocol accepts.

    Attributes:
        name: its file name; what :meth:`FileExchange.confirm` needs.
        body: the bytes.
        marker: content of its marker (the envelope, for an EAI).
        warnings: what the protocol remarks without refusing it (gap, order…), and what it says of the content: French.
    """

    name: str
    body: bytes
    marker: bytes
    warnings: tuple[Finding, ...] = ()


class FileExchange:
    """Both directions of one partner; a ``Transport``.

    Args:
        outgoing: where files are put for the partner.
        incoming: where its files arrive. Open it with ``pattern=ANY_NAME`` so that wrong names are refused and said.
        expected: what ``incoming`` takes (senders, types, establishment).
        marker: form of the incoming markers, and of the outgoing ones unless :meth:`send` is given an envelope.
        now: the clock.
    """

    def __init__(
        self,
        outgoing: Drop,
        incoming: Drop,
        *,
        expected: Expected = Expected(),  # noqa: B008 (frozen)
        marker: Marker = protocol.OK_MARKER,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.outgoing = outgoing
        self.incoming = incoming
        self._expected = replace(expected, max_bytes=min(expected.max_bytes, incoming.max_bytes))
        self._marker = marker
        self._now = now

    @property
    def watched(self) -> tuple[Path, ...]:
        """Where files arrive, when it is a local folder."""
        return (self.incoming.root,) if isinstance(self.incoming, FileDrop) else ()

    async def send(self, name: str, body: bytes, *, envelope: DroppedFile | None = None) -> bool:
        """Put a file, then its marker: ``<name>.ok`` with the SHA-256 inside, or the envelope given.

        Returns:
            False when both were already there with the same bytes.

        Raises:
            Reject, Retry, Unknown, Misconfigured: see :meth:`Drop.put_atomic`. Sending again is safe: a file whose
            marker did not follow is not read, and one already read is a duplicate without effect.
        """
        companion = envelope or DroppedFile(self._marker.name_of(name), protocol.sha256_hex(body).encode())
        file_is_new = await self.outgoing.put_atomic(name, body)
        marker_is_new = await self.outgoing.put_atomic(companion.name, companion.body)
        return file_is_new or marker_is_new

    async def collect(self) -> AsyncIterator[CollectedFile]:
        """Complete files, by (date, number); those claimed earlier and never confirmed come again.

        Files and markers that are not complete are left where they are. What is refused (rules of severity error on
        the name, the marker, the size, a name used again) is moved to ``rejected/`` with its report, and logged. What
        the protocol says of the content is only a warning here: the interface contract of the document judges it, and
        the inbox keeps the bytes it quarantines.
        """
        files = await self._complete()
        if not files:
            return
        treated = await self._treated_since(protocol.reading_order(files[0][0])[0])
        for name, size in files:
            depot = Depot(name, size, treated=frozenset(treated), expected=self._expected, form=self._marker)
            treated |= protocol.named(name)
            if await self._refused(depot):
                continue
            file, marker = await self.incoming.claim(name), await self.incoming.claim(self._marker.name_of(name))
            if file is None or marker is None:
                continue  # taken by another process meanwhile
            depot = replace(depot, size=len(file.body), body=file.body, marker=marker.body)
            depot = replace(depot, earlier=await self.incoming.read_archived(name))
            found = protocol.findings(depot)
            if protocol.refusals(one for one in found if one.rule not in protocol.CONTENT_RULES):
                await self.refuse(name, found)
            elif protocol.is_duplicate(found):
                log.warning("exchange.duplicate", place=self.incoming.place, name=name)
                await self.confirm(name)
            else:
                for one in found:
                    log.warning(
                        "exchange.remark", place=self.incoming.place, name=name, rule=one.rule, said=one.message
                    )
                yield CollectedFile(name, file.body, marker.body, found)

    async def confirm(self, name: str) -> None:
        """Archive a collected file and its marker, once its bytes are stored; already done is fine."""
        await self.incoming.archive(name)
        await self.incoming.archive(self._marker.name_of(name))

    async def refuse(self, name: str, findings: Iterable[Finding]) -> None:
        """Move a file and its marker to ``rejected/``, with the French report of these findings."""
        found = tuple(findings)
        rules = sorted({one.rule for one in protocol.refusals(found)})
        log.warning("exchange.refused", place=self.incoming.place, name=name, rules=rules)
        # A marker in processing whose file is gone is recognised later (see _complete); one left waiting would make the
        # corrected file of the same name look complete before it is.
        await self.incoming.claim(self._marker.name_of(name))
        await self.incoming.reject(name, protocol.refusal_report(name, found, self._now()))
        await self.incoming.reject(self._marker.name_of(name))

    async def late(self) -> tuple[Finding, ...]:
        """Warnings about files that have waited too long for their marker; changes nothing."""
        entries = await self.incoming.entries()
        names = {entry.name for entry in entries}
        now = self._now()
        found: list[Finding] = []
        for entry in entries:
            if self._marker.file_of(entry.name) is None and self._marker.name_of(entry.name) not in names:
                depot = Depot(
                    entry.name, unmarked_for=now - entry.modified, expected=Expected(named=False), form=self._marker
                )
                found += protocol.findings(depot)
        return tuple(found)

    async def check(self) -> None:
        """Both folders can be used. Raises Misconfigured or Retry."""
        await self.outgoing.check()
        await self.incoming.check()

    async def close(self) -> None:
        """Release both drops."""
        await self.outgoing.close()
        await self.incoming.close()

    async def _complete(self) -> list[tuple[str, int]]:
        """Names and known sizes of the files whose marker is there, in reading order."""
        claimed = await self.incoming.claimed()
        sizes = dict.fromkeys(claimed, 0) | {one.name: one.size for one in await self.incoming.entries()}
        files = [name for name in sizes if self._marker.file_of(name) is None]
        for marker in claimed:
            file = self._marker.file_of(marker)
            if file is not None and file not in sizes:
                await self.incoming.archive(marker)  # its file was archived, then the process stopped
        complete = [(name, sizes[name]) for name in files if self._marker.name_of(name) in sizes]
        return sorted(complete, key=lambda one: protocol.reading_order(one[0]))

    async def _treated_since(self, day: date) -> set[ExchangeName]:
        archived = (name for one in await self.incoming.archived() for name in protocol.named(one))
        return {name for name in archived if name.jour >= day}

    async def _refused(self, depot: Depot) -> bool:
        """Refuse by name and size, without reading."""
        found = protocol.findings(depot)
        if not protocol.refusals(found):
            return False
        await self.refuse(depot.name, found)
        return True
