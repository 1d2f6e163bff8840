"""Reads files of marchés of any format but the CSV: DECP of every version, DGFiP open data, PES Marché.

The file is read twice and never held: first to its end, so that nothing is written from a file that is cut or broken,
then contract by contract, each validated alone so that one bad marché leaves the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

import contracts.json as strict_json
from contracts import InterfaceContract, correspondance
from contracts.correspondance import Converted, Read, WrongRoot
from contracts.refusal import Refused
from contracts.streaming import WrongEnvelope
from semaphore_hub.imports import pes, rules
from semaphore_hub.imports.defaults import completed
from semaphore_hub.imports.errors import ImportRefused, file_refused
from semaphore_hub.imports.report import Reason
from semaphore_hub.imports.source import MARCHE, Beyond, SourceRecord, split, unreadable

_TAKEN_OVER = {"noms", "lieu-nom", "modification-objet", "profil-acheteur", "comptable"}
"""Losses of the DECP that are none for the hub, which keeps what they are about."""


class _Hashed:
    """A file that is hashed as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self.digest.update(data)
        return data


def check(contract: InterfaceContract, file: BinaryIO) -> str:
    """Read the whole file, keeping nothing, and give its sha256.

    Raises:
        ImportRefused: it is malformed, cut, in the wrong encoding, or no list of contracts.
    """
    hashed = _Hashed(file)
    try:
        correspondance.check(contract, hashed)
    except Refused as refusal:
        raise refused(contract, refusal) from refusal
    return hashed.digest.hexdigest()


def read(contract: InterfaceContract, file: BinaryIO) -> Iterator[SourceRecord]:
    """Records in the order of the file, which was checked.

    Raises:
        ImportRefused: the envelope is not that of the contract, or the file changed meanwhile.
    """
    try:
        for one in correspondance.read(contract, file):
            yield _record(contract, one)
    except Refused as refusal:
        raise refused(contract, refusal) from refusal


def refused(contract: InterfaceContract, refusal: Refused) -> ImportRefused:
    """The refusal of the whole file, in the words of imports."""
    if isinstance(refusal, WrongEnvelope):
        return file_refused(rules.LISTE, strict_json.show(refusal.pointer), refusal.line)
    if isinstance(refusal, WrongRoot):
        return file_refused(rules.FORMAT, "/", refusal.line)
    return unreadable(contract, refusal)


def _record(contract: InterfaceContract, one: Read) -> SourceRecord:
    reasons, warnings = split(one.findings)
    record = SourceRecord(
        place=one.place,
        line=one.line,
        kind=one.kind,
        id=one.id,
        buyer=one.buyer,
        data=None,
        reasons=reasons,
        warnings=warnings,
    )
    converted = one.converted
    if converted is None or one.kind != MARCHE:
        return record
    if converted.refusals:
        return _with(record, converted, warnings, refusals=True)
    beyond = _beyond(converted)
    if correspondance.is_pes(contract):
        assert one.element is not None
        beyond, more = pes.beyond(one.element, converted)
        warnings += more
    return _with(record, converted, warnings, beyond=beyond)


def _with(
    record: SourceRecord,
    converted: Converted,
    warnings: tuple[str, ...],
    *,
    refusals: bool = False,
    beyond: Beyond | None = None,
) -> SourceRecord:
    said = tuple(
        f"{loss.message}" if not place else f"{place} : {loss.message}"
        for loss, place in converted.losses
        if loss.id not in _TAKEN_OVER
    )
    reasons = tuple(
        Reason(refusal.id, place.replace("$", record.place, 1), record.line, refusal.message)
        for refusal, place in converted.refusals
    )
    return SourceRecord(
        place=record.place,
        line=record.line,
        kind=record.kind,
        id=record.id,
        buyer=record.buyer,
        data=None if refusals else converted.data,
        reasons=reasons,
        warnings=(*warnings, *dict.fromkeys(said)),
        completed=() if refusals else tuple(completed(item.champ, item.valeur) for item in converted.completions),
        names=converted.names,
        beyond=beyond or Beyond(),
    )


def _beyond(converted: Converted) -> Beyond:
    """What a former DECP says that the present one does not."""
    amendments = tuple({} if words is None else {"objet": words} for words in converted.objets)
    return Beyond(complements=converted.complements, amendments=amendments)
