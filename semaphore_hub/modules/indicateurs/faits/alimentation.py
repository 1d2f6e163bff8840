"""Keeps the facts of the hub as their subjects stand: by what waits, or all anew.

A batch is one transaction, and one process works at a time (an advisory lock on PostgreSQL, the single writer on
SQLite), so a fact is never overwritten by an older reading of it. The rows that wait are not locked: a request that
changes a subject under way goes on, and its mark keeps the subject waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection, delete, func, select, text

from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.modules.indicateurs.faits.ecriture import Partition, avancer
from semaphore_hub.modules.indicateurs.faits.recalage import ecarts, recaler
from semaphore_hub.modules.indicateurs.faits.relecture import Relecture
from semaphore_hub.modules.indicateurs.models import IndicateurAttente
from semaphore_hub.ports.mesures import Sources

log = structlog.get_logger()

_attente = table_of(IndicateurAttente)
_LOCK = 0x5345_4D41_4641_4954
"""Key of the advisory lock of those who write the facts of the hub."""
_BATCH = 50
_PAUSE_MS = 60_000
"""A subject that could not be read is tried again after this time, or as soon as it changes."""


@dataclass(frozen=True, slots=True)
class Actualisation:
    """What one round did: subjects read again, subjects that could not be, subjects still waiting."""

    traites: int
    echecs: int
    restants: int


def exclusive(database: Database, unit: UnitOfWork, *, wait: bool) -> bool:
    """Whether this transaction is the only one that writes facts of the hub; with ``wait``, once the others ended."""
    if database.is_sqlite:
        return True
    if wait:
        unit.connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        return True
    return bool(unit.connection.execute(text(f"SELECT pg_try_advisory_xact_lock({_LOCK})")).scalar_one())


class Alimentation:
    """Reads subjects again.

    Args:
        database: where the facts are.
        sources: where they are read.
    """

    def __init__(self, database: Database, sources: Sources) -> None:
        self._database = database
        self._sources = sources
        self._echecs: dict[str, tuple[str, int]] = {}

    def actualiser(self, limite: int, *, insister: bool = False) -> Actualisation:
        """Read again the subjects that wait, ``limite`` at most.

        The marchés come before the mandats that name them. What raises is logged, and left for later.

        Args:
            limite: how many subjects.
            insister: try those that failed a short while ago as well.
        """
        self._recaler()
        done = failed = 0
        position: str | None = None
        while done < limite:
            with self._database.read() as connection:
                if not self._attendus(connection, position, 1):
                    break
            with self._database.write() as unit:
                if not exclusive(self._database, unit, wait=False):
                    break
                rows = self._attendus(unit.connection, position, min(_BATCH, limite - done))
                now = self._database.read_now(unit.connection)
                good, bad = self._lot(unit.connection, [row for row in rows if insister or self._due(*row, now)], now)
            done += good
            failed += bad
            if not rows:
                break
            position = rows[-1][0]
        with self._database.read() as connection:
            return Actualisation(done, failed, en_attente(connection))

    def _recaler(self) -> None:
        with self._database.read() as connection:
            if not ecarts(connection):
                return
        with self._database.write() as unit:
            if exclusive(self._database, unit, wait=False):
                avancer(self._database, unit.connection, recaler(self._database, unit.connection))

    def _attendus(self, connection: Connection, position: str | None, limite: int) -> list[tuple[str, str]]:
        """Subjects and marks, in descending order: "paat", "marche", then "mandats"."""
        statement = select(_attente.c.sujet, _attente.c.marque).order_by(_attente.c.sujet.desc()).limit(limite)
        if position is not None:
            statement = statement.where(_attente.c.sujet < position)
        return [(row.sujet, row.marque) for row in connection.execute(statement)]

    def _due(self, sujet: str, marque: str, now_ms: int) -> bool:
        failed = self._echecs.get(sujet)
        return failed is None or failed[0] != marque or now_ms - failed[1] > _PAUSE_MS

    def _lot(self, connection: Connection, rows: Sequence[tuple[str, str]], now_ms: int) -> tuple[int, int]:
        reading = Relecture(connection, self._sources)
        touched: set[Partition] = set()
        failed = 0
        for sujet, marque in rows:
            found = self._essai(connection, sujet, partial(reading.sujet, sujet))
            if found is None:
                self._echecs[sujet] = (marque, now_ms)
                failed += 1
                continue
            self._echecs.pop(sujet, None)
            touched |= found
            connection.execute(delete(_attente).where(_attente.c.sujet == sujet, _attente.c.marque == marque))
        avancer(self._database, connection, touched)
        return len(rows) - failed, failed

    def _essai(self, connection: Connection, sujet: str, read: Callable[[], set[Partition]]) -> set[Partition] | None:
        """What a reading touched, or None when it raised, everything it wrote being undone."""
        savepoint = connection.begin_nested()
        try:
            touched = read()
        except Exception:
            savepoint.rollback()
            log.exception("the facts of a subject could not be read again; they are left for later", sujet=sujet)
            return None
        savepoint.commit()
        return touched


def en_attente(connection: Connection) -> int:
    """How many subjects wait."""
    return int(connection.execute(select(func.count()).select_from(_attente)).scalar_one())
