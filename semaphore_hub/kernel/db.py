"""The database: one code for SQLite (embedded) and PostgreSQL (several processes), and the unit of work.

Rules kept here, once: every write goes through :meth:`Database.write` (on SQLite one writer at a time per process and
``BEGIN IMMEDIATE``, because waiting in the busy handler costs up to a second); the unit of work commits at its edge,
code inside never does; leases and deadlines use the database's clock, in milliseconds since the epoch.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    TypeDecorator,
    create_engine,
    event,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql import ColumnElement
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata
"""Every table of the hub; the migrations are checked against it."""
metadata.naming_convention = NAMING

_SQLITE_NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
_POSTGRES_NOW = "CAST(extract(epoch from clock_timestamp()) * 1000 AS BIGINT)"
_SELECT_NOW = text(f"SELECT {_POSTGRES_NOW}")
WAKE_CHANNEL = "semaphore_wake"
FAR_FUTURE_MS = 253_402_300_799_000
"""31/12/9999: the due time of what waits for a person."""


def _dump_json(value: object) -> str:
    return to_json(value).decode()


_JSON_CODEC: dict[str, Any] = {"json_serializer": _dump_json, "json_deserializer": from_json}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, always UTC: SQLite has no time zones and would give a naive one back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert to UTC before storing; a naive value is a bug of the caller."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive instant cannot be stored")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a model, for statements on hot paths."""
    table = metadata.tables[str(model.__tablename__)]
    assert isinstance(table, Table)
    return table


class UnitOfWork:
    """One transaction. ``connection`` runs statements; ``after_commit`` runs callbacks once the data is durable."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._after_commit: list[Callable[[], None]] = []

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` after the commit, in this thread; never when the transaction fails."""
        self._after_commit.append(callback)

    def run_callbacks(self) -> None:
        """Run what was registered; used by :class:`Database` only."""
        for callback in self._after_commit:
            callback()


class Database:
    """An engine and the two ways to use it: :meth:`read` and :meth:`write`."""

    def __init__(self, url: str, *, sqlite_synchronous: str = "NORMAL", pool_size: int = 5) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._write_lock: threading.Lock | None = threading.Lock() if self.is_sqlite else None
        if self.is_sqlite:
            self.engine: Engine = create_engine(
                self.url, pool_size=pool_size, max_overflow=20, pool_timeout=30, **_JSON_CODEC
            )
            _tune_sqlite(self.engine, sqlite_synchronous)
        else:
            self.engine = create_engine(
                self.url, pool_size=pool_size, max_overflow=10, pool_pre_ping=True, **_JSON_CODEC
            )

    @property
    def now_ms(self) -> ColumnElement[int]:
        """SQL expression: the database's clock in milliseconds since the epoch."""
        return literal_column(_SQLITE_NOW if self.is_sqlite else _POSTGRES_NOW, type_=BigInteger)

    def read_now(self, connection: Connection) -> int:
        """The database's clock, in milliseconds since the epoch. SQLite's is this machine's, so it is not asked."""
        if self.is_sqlite:
            return time.time_ns() // 1_000_000
        return int(connection.execute(_SELECT_NOW).scalar_one())

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT of this database's dialect, which knows ``on_conflict_do_nothing`` and ``…_do_update``."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; whatever it did is rolled back at the end."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """One transaction, committed when the block ends and rolled back when it raises."""
        with self._write_lock or nullcontext(), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            unit = UnitOfWork(connection)
            try:
                yield unit
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
        unit.run_callbacks()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _tune_sqlite(engine: Engine, synchronous: str) -> None:
    """Pragmas measured for this use, and transactions that begin where we say (the driver's own rules are off)."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: object, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]  # sqlite3 attribute, typed as object here
        cursor = connection.cursor()  # type: ignore[attr-defined]  # same
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "busy_timeout=10000",
            "foreign_keys=ON",
            "cache_size=-65536",
            "mmap_size=268435456",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
