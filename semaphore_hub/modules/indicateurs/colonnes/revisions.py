"""What the database says of each partition, to compare a snapshot with: its revision, and the uid of its last line.

The revision alone would not tell a database that was begun anew from the one the snapshot was taken of: both count from
one. The uid of the last line does, and is read from the index of partitions. (After a restoration, rebuild.)
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, ScalarSelect, Select, case, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.indicateurs.colonnes.colonnes import TABLES
from semaphore_hub.modules.indicateurs.models import IndicateurPartition
from semaphore_hub.modules.indicateurs.moteur import Fait

_partitions = table_of(IndicateurPartition)


class Etat(NamedTuple):
    """A partition as it stands, to be compared only."""

    revision: int
    derniere: str | None


def etats(
    connection: Connection, fait: Fait, annees: Collection[int] = (), ghts: Collection[str] | None = None
) -> dict[tuple[int, str], Etat]:
    """State of each partition of a fact, by year and GHT.

    Args:
        annees: years; empty: all of them.
        ghts: GHT ("" for facts of no GHT); None: all of them.
    """
    statement = _enonce(fait)
    if annees:
        statement = statement.where(_partitions.c.annee.in_(sorted(annees)))
    if ghts is not None:
        statement = statement.where(_partitions.c.ght.in_(sorted(ghts)))
    return {(annee, ght): Etat(revision, last) for annee, ght, revision, last in connection.execute(statement)}


def _enonce(fait: Fait) -> Select[Any]:
    table = TABLES[fait]

    def last(*, without_ght: bool) -> ScalarSelect[Any]:
        ght = table.c.ght.is_(None) if without_ght else table.c.ght == _partitions.c.ght
        lines = select(table.c.uid).where(table.c.annee == _partitions.c.annee, ght)
        return lines.order_by(table.c.uid.desc()).limit(1).correlate(_partitions).scalar_subquery()

    return select(
        _partitions.c.annee,
        _partitions.c.ght,
        _partitions.c.revision,
        case((_partitions.c.ght == "", last(without_ght=True)), else_=last(without_ght=False)),
    ).where(_partitions.c.fait == fait)
