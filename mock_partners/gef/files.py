"""The file side of a simulated GEF: messages read from its folder, comptes rendus and flux put in the other one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import contracts
from contracts import Finding
from contracts.rules.echange_fichiers import ExchangeName, Expected, parse_name, sha256_hex
from mock_partners.gef import breakage
from mock_partners.gef.outbox import FLUX as FLUX_NATURE
from mock_partners.gef.refusals import UNREADABLE
from mock_partners.gef.state import Due
from mock_partners.gef.syntax_csv import Incomplete
from mock_partners.gef.syntaxes import COMPTE_RENDU, FLUX, MESSAGES, Syntax
from mock_partners.kit.drop import DropFolder, Dropped

if TYPE_CHECKING:
    from mock_partners.gef.mock import GefMock

_MAX_SAID = 500


class FileMode:
    """The two folders of one GEF, in each syntax it has.

    Args:
        mock: the GEF.
        syntaxes: by channel.
    """

    def __init__(self, mock: GefMock, syntaxes: Mapping[str, Syntax]) -> None:
        self._mock = mock
        self._syntaxes = syntaxes
        self._lock = asyncio.Lock()
        self._again: list[tuple[DropFolder, str, bytes, bytes]] = []
        config = mock.config
        self.inbox = config.depot_dir
        self.outbox = config.retour_dir or (None if self.inbox is None else self.inbox / "retour")
        served = mock.state.etablissements
        finess = served[0] if served is not None and len(served) == 1 else None
        types = frozenset({*MESSAGES, COMPTE_RENDU})
        expected = Expected(emetteurs=frozenset({"SEM"}), types=types, finess=finess)
        self._read = {
            canal: DropFolder(self.inbox, expected=expected, marker=syntax.marker)
            for canal, syntax in syntaxes.items()
            if self.inbox is not None
        }
        self._written = {
            canal: (DropFolder(self.outbox, marker=syntax.marker), DropFolder(self.outbox, marker=None))
            for canal, syntax in syntaxes.items()
            if self.outbox is not None
        }

    async def read(self) -> None:
        """Treat the complete files, in their order."""
        for canal, folder in self._read.items():
            for dropped in await asyncio.to_thread(folder.complete):
                await self._treat(canal, folder, dropped)

    async def write(self) -> None:
        """Put the files that are due."""
        if not self._again and not self._mock.state.aDeposer:
            return
        async with self._lock:
            # A file put twice comes back once the hub has taken the first.
            self._again = [one for one in self._again if not await asyncio.to_thread(_put_again, one)]
            for identifier, due in self._mock.outbox.files_due():
                await self._put(due)
                self._mock.outbox.written(identifier)

    async def _treat(self, canal: str, folder: DropFolder, dropped: Dropped) -> None:
        findings = list(dropped.findings)
        if dropped.refused:
            verdict, found = "rejected", findings
        elif dropped.duplicate:
            verdict, found = "replayed", []
        else:
            verdict, found = self._take(canal, dropped)
        refused = [one for one in found if one.severity == "error"]
        if refused:
            self._refuse(canal, dropped, refused)
        treated = [*findings, *(one for one in found if one not in findings)]
        await asyncio.to_thread(folder.settle, dropped.name, treated, at=self._mock.clock.now())
        await self._mock.record(
            channel="file",
            name=dropped.name,
            media_type=f"text/{self._syntaxes[canal].extension}",
            body=dropped.body,
            verdict=verdict,
            detail=" ".join(one.message for one in treated),
        )
        await self._mock.changed()

    def _take(self, canal: str, dropped: Dropped) -> tuple[str, list[Finding]]:
        """What the journal says of a file that the protocol lets through, and why it is refused if it is."""
        syntax, name = self._syntaxes[canal], parse_name(dropped.name)
        assert name is not None
        contract = syntax.contracts[name.type]
        found = [one for one in contracts.validate(contract, dropped.body).findings if one.severity == "error"]
        if found:
            return "rejected", found
        if name.type == COMPTE_RENDU:
            unknown = self._mock.note_answer(syntax.read_compte_rendu(dropped.body))
            return ("accepted", []) if unknown is None else ("rejected", [_finding(dropped, unknown)])
        try:
            message = syntax.read_message(dropped.body)
        except Incomplete as error:
            return "rejected", [_finding(dropped, str(error))]
        if message["typeMessage"] != MESSAGES[name.type] or message["etablissement"] != name.finess:
            said = "Le nom du fichier contredit le type ou l'établissement du message."
            return "rejected", [_finding(dropped, said)]
        answer, _ = self._mock.take(message, canal, syntax.lost)
        return answer.verdict, []

    def _refuse(self, canal: str, dropped: Dropped, reasons: Iterable[Finding]) -> None:
        """Answer a file that is no message, when the message it should be can be named."""
        name, message_id = parse_name(dropped.name), self._syntaxes[canal].message_id(dropped.body)
        # A message that is in force stays so: a spoiled copy of it must not have its sender believe the contrary.
        if name is None or name.type == COMPTE_RENDU or message_id is None or message_id in self._mock.state.effets:
            return
        said = " ".join(f"[{one.rule}] {one.message}" for one in reasons)[:_MAX_SAID]
        document = self._mock.ledger.refuse(message_id, (UNREADABLE, said), self._mock.clock.now())
        self._mock.outbox.send(document, canal, name.finess)

    async def _put(self, due: Due) -> None:
        syntax, faults = self._syntaxes[due.canal], self._mock.faults
        flux = due.nature == FLUX_NATURE
        kind = FLUX[due.document["typeFlux"]] if flux else COMPTE_RENDU
        sound = syntax.write_flux(due.document) if flux else syntax.write_compte_rendu(due.document)
        body = breakage.broken(faults, sound, syntax.extension)
        digest = "0" * 64 if faults.use("somme_fausse") else sha256_hex(body)
        marked, unmarked = self._written[due.canal]
        folder = unmarked if faults.use("sans_temoin") else marked
        if faults.use("rupture_sequence"):
            self._next_name(kind, due.finess, syntax.extension)
        now = self._mock.clock.now()
        while True:
            name = self._next_name(kind, due.finess, syntax.extension)
            companion = syntax.companion(name, body, digest, now)
            if await asyncio.to_thread(_deposit, folder, str(name), body, companion):
                break
        if faults.use("fichier_en_double"):
            self._again.append((folder, str(name), body, companion))

    def _next_name(self, kind: str, finess: str, extension: str) -> ExchangeName:
        today = self._mock.clock.today()
        number = self._mock.state.next_number(f"fichier {finess} {today:%Y%m%d}")
        return ExchangeName(today, number, "GEF", kind, finess, extension)

    @property
    def folders(self) -> tuple[Path, Path] | None:
        """Where the hub puts and where it reads, when both are there."""
        return None if self.inbox is None or self.outbox is None else (self.inbox, self.outbox)


def _finding(dropped: Dropped, said: str) -> Finding:
    return Finding(UNREADABLE, "error", dropped.name, None, said)


def _deposit(folder: DropFolder, name: str, body: bytes, companion: bytes) -> bool:
    folder.folder.mkdir(parents=True, exist_ok=True)
    return folder.put(name, body, marker=companion)


def _put_again(one: tuple[DropFolder, str, bytes, bytes]) -> bool:
    folder, name, body, companion = one
    # The hub takes the file, then its companion: between the two, a new file would be left without its own.
    return not any(folder.folder.glob(f"{name}*")) and folder.put(name, body, marker=companion)
