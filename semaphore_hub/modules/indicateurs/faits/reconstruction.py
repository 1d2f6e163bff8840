"""All the facts of the hub, read again from the sources; what was imported from files is left as it is.

By pages, each its own transaction: memory is bounded, and a reader meets each fact as it was or as it is, never absent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, func, select

from semaphore_hub.kernel.db import Database
from semaphore_hub.modules.indicateurs.faits.alimentation import exclusive
from semaphore_hub.modules.indicateurs.faits.ecriture import ACTION, DEPENSE, Partition, avancer
from semaphore_hub.modules.indicateurs.faits.lignes import HUB
from semaphore_hub.modules.indicateurs.faits.relecture import MARCHE, PROJET, Relecture
from semaphore_hub.ports.mesures import Sources

_PAGE = 200
_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """How many facts the hub has after a rebuild, by kind."""

    actions: int
    marches: int
    projets: int
    depenses: int


class Reconstructeur:
    """One rebuild.

    Args:
        database: where the facts are.
        sources: where they are read.
    """

    def __init__(self, database: Database, sources: Sources) -> None:
        self._database = database
        self._sources = sources

    def reconstruire(self) -> Reconstruction:
        """Rebuild everything. The facts of subjects that no longer exist go."""
        with self._database.read() as connection:
            plans = [f"paat/{uid}" for uid in self._sources.actions.plans(connection)]
            marches = self._sources.marches.uids(connection)
            projets = self._sources.projets.uids(connection)
            known = select(ACTION.c.sujet).where(ACTION.c.source == HUB, ACTION.c.sujet.is_not(None)).distinct()
            plans = sorted({*plans, *connection.scalars(known)})
            marches = sorted({*marches, *connection.scalars(select(MARCHE.c.uid))})
            projets = sorted({*projets, *connection.scalars(select(PROJET.c.uid))})
        for plan in plans:
            self._page(partial(Relecture.sujet, sujet=plan))
        for start in range(0, len(marches), _PAGE):
            self._page(partial(Relecture.marches, uids=marches[start : start + _PAGE]))
        for start in range(0, len(projets), _PAGE):
            self._page(partial(Relecture.projets, uids=projets[start : start + _PAGE]))
        self._depenses()
        with self._database.read() as connection:
            return Reconstruction(
                actions=_count(connection, select(func.count()).where(ACTION.c.source == HUB)),
                marches=_count(connection, select(func.count()).select_from(MARCHE)),
                projets=_count(connection, select(func.count()).select_from(PROJET)),
                depenses=_count(connection, select(func.count()).where(DEPENSE.c.source == HUB)),
            )

    def _depenses(self) -> None:
        """Lines of mandats, page by page in the order of their uid: a page takes the place of the facts it spans."""
        position: str | None = ""
        while position is not None:
            position = self._page_of_lines(position)

    def _page_of_lines(self, apres: str) -> str | None:
        """Read a page again; the last uid of it, or None when it is the last one."""
        with self._database.write() as unit:
            connection = unit.connection
            exclusive(self._database, unit, wait=True)
            lines = self._sources.marches.depenses(connection, apres, _LINES)
            last = lines[-1].uid if len(lines) == _LINES else None
            spanned = select(DEPENSE).where(DEPENSE.c.source == HUB, DEPENSE.c.uid > apres)
            if last is not None:
                spanned = spanned.where(DEPENSE.c.uid <= last)
            before = [dict(row) for row in connection.execute(spanned).mappings()]
            avancer(self._database, connection, Relecture(connection, self._sources).depenses(before, lines))
        return last

    def _page(self, read: Callable[[Relecture], set[Partition]]) -> None:
        with self._database.write() as unit:
            exclusive(self._database, unit, wait=True)
            avancer(self._database, unit.connection, read(Relecture(unit.connection, self._sources)))


def _count(connection: Connection, statement: Select[Any]) -> int:
    return int(connection.execute(statement).scalar_one())
