"""The folders of a simulated cooperative: adhesions in, all it has to say out (commun/echange-fichiers/1)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import contracts
from contracts import Finding
from contracts.rules.echange_fichiers import ExchangeName, Expected, parse_name, sha256_hex
from mock_partners.centrale import syntax
from mock_partners.centrale.outbox import ACQUITTEMENT, ETAT, MARCHES, PRODUITS
from mock_partners.centrale.state import FICHIER, Due
from mock_partners.kit.drop import DropFolder, Dropped

if TYPE_CHECKING:
    from mock_partners.centrale.mock import CentraleMock

TYPES = {ACQUITTEMENT: "ACQ", ETAT: "ETA", MARCHES: "MAR", PRODUITS: "PRO"}
_MAX_SAID = 500


class FileMode:
    """The file channel of one cooperative."""

    def __init__(self, mock: CentraleMock) -> None:
        self._mock = mock
        self._lock = asyncio.Lock()
        self._again: list[tuple[str, bytes, bytes]] = []
        config = mock.config
        self.inbox = config.depot_dir
        self.outbox = config.retour_dir or (None if self.inbox is None else self.inbox / "retour")
        expected = Expected(
            emetteurs=frozenset({"SEM"}), types=frozenset({"ADH"}), finess=config.options.get("etablissement")
        )
        self._read = None if self.inbox is None else DropFolder(self.inbox, expected=expected)
        self._written = None if self.outbox is None else DropFolder(self.outbox)

    async def read(self) -> None:
        """Treat the complete files, in their order."""
        if self._read is None:
            return
        for dropped in await asyncio.to_thread(self._read.complete):
            await self._treat(self._read, dropped)

    async def write(self) -> None:
        """Put the files that are due."""
        if self._written is None or not (self._again or self._mock.state.aDeposer):
            return
        async with self._lock:
            # A file put twice comes back once the hub has taken the first.
            self._again = [one for one in self._again if not await asyncio.to_thread(_again, self._written, one)]
            for identifier, due in self._mock.outbox.files_due():
                await self._put(self._written, due)
                self._mock.outbox.written(identifier)

    async def _treat(self, folder: DropFolder, dropped: Dropped) -> None:
        findings = list(dropped.findings)
        if dropped.refused:
            verdict, found = "rejected", findings
        elif dropped.duplicate:
            verdict, found = "replayed", []
        else:
            verdict, found = self._take(dropped)
        if found:
            self._refuse(dropped, found)
        treated = [*findings, *(one for one in found if one not in findings)]
        await asyncio.to_thread(folder.settle, dropped.name, treated, at=self._mock.clock.now())
        await self._mock.record(
            channel="file",
            name=dropped.name,
            media_type="text/csv",
            body=dropped.body,
            verdict=verdict,
            detail=" ".join(one.message for one in treated),
        )
        await self._mock.changed()

    def _take(self, dropped: Dropped) -> tuple[str, list[Finding]]:
        """What the journal says of a file that the protocol lets through, and why it is refused if it is."""
        report = contracts.validate(self._mock.contract("adhesions-csv"), dropped.body)
        found = [one for one in report.findings if one.severity == "error"]
        if found:
            return "rejected", found
        name = parse_name(dropped.name)
        assert name is not None
        self._mock.state.finess = name.finess
        verdicts = [self._mock.take(message, FICHIER)[0].verdict for message in syntax.read_adhesions(dropped.body)]
        return (verdicts[0] if len(set(verdicts)) == 1 else "partial"), []

    def _refuse(self, dropped: Dropped, findings: list[Finding]) -> None:
        """Answer a file that is no message, when the message it should be can be named."""
        named = syntax.first_id(dropped.body)
        errors = [one for one in findings if one.severity == "error"]
        if named is not None and errors:
            self._mock.refuse_file(named, " ".join(one.message for one in errors)[:_MAX_SAID])

    async def _put(self, folder: DropFolder, due: Due) -> None:
        faults = self._mock.faults
        sound = self._body(due)
        body = sound
        if due.nature == PRODUITS and faults.use("produits_incomplets"):
            body = syntax.without_last_line(sound)
        # The marker is that of the whole file: a file cut on its way does not match it.
        marker = sha256_hex(sound).encode()
        while True:
            name = self._next_name(due.nature)
            if await asyncio.to_thread(_deposit, folder, name, body, marker):
                break
        if faults.use("fichier_en_double"):
            self._again.append((name, body, marker))

    def _body(self, due: Due) -> bytes:
        column = self._mock.format_column
        if due.nature == ACQUITTEMENT:
            return syntax.write_flat(due.document, syntax.ACQUITTEMENT, column)
        if due.nature == ETAT:
            return syntax.write_flat(due.document, syntax.ETAT, column)
        if due.nature == MARCHES:
            return syntax.write_marches(due.document, column)
        return syntax.write_products(due.document["lignes"])

    def _next_name(self, nature: str) -> str:
        today, state = self._mock.clock.today(), self._mock.state
        number = state.next_number(f"fichier {state.finess} {today:%Y%m%d}")
        return str(ExchangeName(today, number, self._mock.id.upper(), TYPES[nature], state.finess, "csv"))

    @property
    def folders(self) -> tuple[Path, Path] | None:
        """Where the hub puts and where it reads, when both are there."""
        return None if self.inbox is None or self.outbox is None else (self.inbox, self.outbox)


def _deposit(folder: DropFolder, name: str, body: bytes, marker: bytes) -> bool:
    folder.folder.mkdir(parents=True, exist_ok=True)
    return folder.put(name, body, marker=marker)


def _again(folder: DropFolder, one: tuple[str, bytes, bytes]) -> bool:
    name, body, marker = one
    return not (folder.folder / name).exists() and folder.put(name, body, marker=marker)
