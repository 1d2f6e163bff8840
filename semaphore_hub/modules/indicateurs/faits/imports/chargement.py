"""Writes rows in bulk: many in one statement on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
from sqlalchemy import Connection

from semaphore_hub.kernel.db import Database

_SLICE = 2_000


class Chargeur:
    """Inserts frames whose columns are those of a table, in the transaction of a connection.

    Args:
        database: which of the two.
        connection: of the transaction.
        table: name of the table.
        cle: column whose known values take the new row; None: every row is new.
    """

    def __init__(self, database: Database, connection: Connection, table: str, cle: str | None = None) -> None:
        raw = connection.connection.driver_connection
        assert raw is not None
        self._raw: Any = raw
        self._sqlite = database.is_sqlite
        self._table = table
        self._cle = cle

    def charger(self, rows: pl.DataFrame) -> None:
        """Write some rows."""
        if not rows.height:
            return
        if self._sqlite:
            self._insert(rows)
        else:
            self._copy(rows)

    def _insert(self, rows: pl.DataFrame) -> None:
        # What all rows share (source, year, what no line says) is written in the statement once: each value handed
        # over row by row costs a hundredth of the speed.
        dates = [name for name, kind in rows.schema.items() if kind == pl.Date]
        rows = rows.with_columns(pl.col(dates).cast(pl.String)) if dates else rows
        shared = {name: rows[name][0] for name in rows.columns if _is_shared(rows[name])}
        quoted = {name: self._raw.execute("SELECT quote(?)", (value,)).fetchone()[0] for name, value in shared.items()}
        marks = ", ".join(quoted.get(name, "?") for name in rows.columns)
        names = ", ".join(f'"{name}"' for name in rows.columns)
        statement = f"INSERT INTO {self._table} ({names}) VALUES ({marks}){self._conflict(rows)}"  # noqa: S608 - our columns, values by quote()
        own = rows.drop(shared)
        if not own.width:
            self._raw.executemany(statement, [()] * rows.height)
            return
        for part in own.iter_slices(_SLICE):
            self._raw.executemany(statement, part.rows())

    def _copy(self, rows: pl.DataFrame) -> None:
        names = ", ".join(f'"{name}"' for name in rows.columns)
        target = self._table if self._cle is None else f"{self._table}_recues"
        with self._raw.cursor() as cursor:
            if self._cle is not None:
                cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {target} (LIKE {self._table}) ON COMMIT DROP")
                cursor.execute(f"TRUNCATE {target}")
            with cursor.copy(f"COPY {target} ({names}) FROM STDIN (FORMAT csv)") as copy:
                for part in rows.iter_slices(_SLICE):
                    copy.write(part.write_csv(include_header=False).encode())
            if self._cle is not None:
                cursor.execute(
                    f"INSERT INTO {self._table} ({names}) SELECT {names} FROM {target}{self._conflict(rows)}"  # noqa: S608 - our names
                )

    def _conflict(self, rows: pl.DataFrame) -> str:
        if self._cle is None:
            return ""
        sets = ", ".join(f'"{name}" = excluded."{name}"' for name in rows.columns if name != self._cle)
        return f' ON CONFLICT ("{self._cle}") DO UPDATE SET {sets}'


def _is_shared(values: pl.Series) -> bool:
    if values.null_count():
        return values.null_count() == len(values)
    return bool((values == values[0]).all())


@contextmanager
def sparing(database: Database, connection: Connection) -> Iterator[None]:
    """Spare this process memory while a connection writes a large file: SQLite maps no page of the database.

    Mapped pages count as its own, a quarter of a GiB at most.
    """
    raw: Any = connection.connection.driver_connection
    if not database.is_sqlite or raw is None:
        yield
        return
    (mapped,) = raw.execute("PRAGMA mmap_size").fetchone()
    raw.execute("PRAGMA mmap_size=0")
    try:
        yield
    finally:
        raw.execute(f"PRAGMA mmap_size={mapped}")
