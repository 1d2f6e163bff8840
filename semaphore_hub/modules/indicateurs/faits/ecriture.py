"""Writes facts: replaces those of a scope by others, and counts a revision of every partition it touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select

from semaphore_hub.kernel.db import Database, table_of
from semaphore_hub.modules.indicateurs.models import IndicateurAction, IndicateurDepense, IndicateurPartition

ACTION, DEPENSE = table_of(IndicateurAction), table_of(IndicateurDepense)
FAITS = {"action": ACTION, "depense": DEPENSE}
"""The facts that are cut in partitions, which a columnar snapshot follows."""
_NOMS = {table.name: fait for fait, table in FAITS.items()}
_partition = table_of(IndicateurPartition)
_BATCH = 500

Partition = tuple[str, int, str]
"""Fact, year, GHT ("" for none)."""
Row = Mapping[str, Any]


def lues(connection: Connection, table: Table, column: ColumnElement[Any], values: Sequence[Any]) -> list[Row]:
    """The rows whose column has one of these values."""
    found: list[Row] = []
    for start in range(0, len(values), _BATCH):
        statement = select(table).where(column.in_(values[start : start + _BATCH]))
        found += [dict(row) for row in connection.execute(statement).mappings()]
    return found


def remplacer(
    connection: Connection, table: Table, anciennes: Iterable[Row], nouvelles: Iterable[Row]
) -> set[Partition]:
    """Write ``nouvelles`` in the place of ``anciennes``; a row that says the same is not written again.

    Returns:
        The partitions that changed, those rows left and those they went to.
    """
    before = {row["uid"]: row for row in anciennes}
    after = {row["uid"]: row for row in nouvelles}
    gone = [row for uid, row in before.items() if after.get(uid) != row]
    come = [row for uid, row in after.items() if before.get(uid) != row]
    if gone:
        connection.execute(delete(table).where(table.c.uid == bindparam("k")), [{"k": row["uid"]} for row in gone])
    if come:
        connection.execute(insert(table), [dict(row) for row in come])
    return partitions_de(table, (*gone, *come))


def partitions_de(table: Table, rows: Iterable[Row]) -> set[Partition]:
    """The partitions of rows of facts; none for a fact that has no partition."""
    fait = _NOMS.get(table.name)
    return set() if fait is None else {(fait, row["annee"], row["ght"] or "") for row in rows}


def avancer(database: Database, connection: Connection, partitions: Iterable[Partition]) -> None:
    """Count one revision more; in one order, so that two processes never wait for each other."""
    values = [{"fait": fait, "annee": annee, "ght": ght, "revision": 1} for fait, annee, ght in sorted(set(partitions))]
    if values:
        statement = database.insert(_partition)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["fait", "annee", "ght"], set_={"revision": _partition.c.revision + 1}
            ),
            values,
        )
