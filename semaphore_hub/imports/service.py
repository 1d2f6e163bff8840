"""Imports a file: read, validate, then record marché by marché, each in its own transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import contracts
from semaphore_hub.imports import decp_csv, records, rules
from semaphore_hub.imports.errors import file_refused
from semaphore_hub.imports.mapping import prepare
from semaphore_hub.imports.parties import Parties
from semaphore_hub.imports.report import Completed, ImportReport, Outcome, Reason, RecordReport
from semaphore_hub.imports.source import CONCESSION, MAX_BYTES, SourceRecord
from semaphore_hub.kernel.access import WRITERS, Caller
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database
from semaphore_hub.kernel.errors import Forbidden, HubError, Problem
from semaphore_hub.modules.marches.service import MarchesService
from semaphore_hub.modules.referentiel.service import ReferentielService

KINDS: Mapping[str, tuple[str, ...]] = {
    "decp-json": ("daj/decp-json",),
    "decp-xml": ("daj/decp-xml",),
    "decp-csv": ("daj/decp-csv",),
    "dgfip-opendata": ("dgfip/opendata",),
    "pes-marche": ("dgfip/pes-marche",),
}
"""Kinds of files that can be imported, and the interface each follows, in whatever version."""

_CSV = "daj/decp-csv/1"
_HEAD = 1024 * 1024
"""What is looked at to recognise a file; one that is not larger is looked at whole."""


class ImportServices(Protocol):
    """What an import works with: the services of the process have these, among others."""

    @property
    def database(self) -> Database:
        """Where marchés are recorded."""

    @property
    def marches(self) -> MarchesService:
        """Operations on marchés."""

    @property
    def referentiel(self) -> ReferentielService:
        """Operations on établissements and suppliers."""

    @property
    def clock(self) -> Clock:
        """The business clock, for memberships of the day."""


def import_file(
    services: ImportServices, caller: Caller, path: Path, *, kind: str | None = None, ght: str
) -> ImportReport:
    """Import the marchés of a file.

    The file is read to its end and its form checked before anything is written, then read again record by record (only
    a CSV is held whole); each record is one transaction, so a refused one leaves no trace and an interrupted import is
    finished by running it again: what is already recorded with the same content is left unchanged.

    Args:
        services: where to record.
        caller: who imports; recording an unknown buyer takes the role integrateur.
        path: the file, 200 MB at most.
        kind: one of :data:`KINDS`; recognised from the content when absent.
        ght: GHT in which unknown buyers are recorded.

    Raises:
        Forbidden: the caller's role does not write.
        NotFound: no such GHT in the caller's perimeter.
        ImportRefused: the file as a whole cannot be read; nothing was changed.
    """
    caller.require(*WRITERS)
    with services.database.read() as connection:
        services.referentiel.lire_ght(connection, caller, ght)
    with _opened(path) as file:
        contract = contracts.get(_contract_id(file, path.name, kind))
        if contract.id == _CSV:
            body = file.read()
            content = decp_csv.read(contract, body)
            done = tuple(_import(services, caller, ght, record) for record in content.records)
            return ImportReport(path.name, hashlib.sha256(body).hexdigest(), contract.id, content.duplicates, done)
        digest = records.check(contract, file)
        file.seek(0)
        done = tuple(_import(services, caller, ght, record) for record in records.read(contract, file))
    return ImportReport(path.name, digest, contract.id, 0, done)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            shown = f"{size / 1048576:.1f}".replace(".", ",")
            raise file_refused(rules.TAILLE, taille=shown, limite=MAX_BYTES // 1048576)
        file = path.open("rb")
    except OSError as error:
        raise file_refused(rules.LECTURE, nom=path.name) from error
    with file:
        yield file


def _contract_id(file: BinaryIO, filename: str, kind: str | None) -> str:
    """The interface contract of the file; its version is recognised even when the kind is named."""
    if kind is not None and kind not in KINDS:
        raise file_refused(rules.TYPE, type=kind, types=", ".join(KINDS))
    head = file.read(_HEAD)
    file.seek(0)
    found = contracts.recognise(head, filename)
    interfaces = {name for named in KINDS.values() for name in named} if kind is None else set(KINDS[kind])
    if found is not None and found.rpartition("/")[0] in interfaces:
        return found
    if kind is None:
        raise file_refused(rules.FORMAT)
    known = [one for one in contracts.catalogue() if f"{one.partner}/{one.interface}" in interfaces]
    return max(known, key=lambda one: tuple(map(int, one.version.split(".")))).id


def _import(services: ImportServices, caller: Caller, ght: str, record: SourceRecord) -> RecordReport:
    if record.kind == CONCESSION:
        problem = rules.CONCESSION.broken(record.place, id=record.id or "sans numéro")
        return _refused(record, [Reason(problem.rule, record.place, record.line, problem.message)])
    if record.data is None:
        return _refused(record, record.reasons)
    try:
        return _recorded(services, caller, ght, record)
    except HubError as error:
        return _refused(record, [Reason(item.rule, item.path, record.line, item.message) for item in _problems(error)])


def _recorded(services: ImportServices, caller: Caller, ght: str, record: SourceRecord) -> RecordReport:
    ready = prepare(record)
    parties = Parties(services.referentiel, caller, ght, services.clock.today(), record.names, record.beyond.suppliers)
    with services.database.write() as unit:
        parties.ensure(unit, ready.marche)
        completed = (*ready.completed, *parties.completed)
        warnings = (*ready.warnings, *parties.warnings)
        result = services.marches.importer(
            unit, caller, ready.marche, [item.champ for item in completed], list(warnings)
        )
    unchanged = result.statut == "inchangé"
    kept: tuple[Completed, ...] = () if unchanged else completed
    return RecordReport(
        place=record.place,
        ligne=record.line,
        lignes=record.lines,
        id=record.id,
        acheteur=record.buyer,
        resultat=Outcome.INCHANGE if unchanged else Outcome.COMPLETE if kept else Outcome.ACCEPTE,
        uid=result.uid,
        completes=kept,
        avertissements=tuple(dict.fromkeys((*warnings, *result.avertissements))),
    )


def _refused(record: SourceRecord, reasons: list[Reason] | tuple[Reason, ...]) -> RecordReport:
    return RecordReport(
        place=record.place,
        ligne=record.line,
        lignes=record.lines,
        id=record.id,
        acheteur=record.buyer,
        resultat=Outcome.REFUSE,
        avertissements=record.warnings,
        motifs=tuple(reasons),
    )


def _problems(error: HubError) -> tuple[Problem, ...]:
    """The rules broken; an error that names none is said by one of ours."""
    if error.problems:
        return error.problems
    rule = rules.DROIT if isinstance(error, Forbidden) else rules.ETAT
    return (rule.broken("$", detail=error.detail),)
