"""Fresh migrated databases, thrown away afterwards: SQLite always, PostgreSQL where a server answers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from semaphore_hub.kernel.ids import new_id
from semaphore_hub.migrate import upgrade

SQLITE, POSTGRES = "SQLite", "PostgreSQL"
POSTGRES_URL = os.environ.get("SEMAPHORE_BENCH_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


def available() -> tuple[str, ...]:
    """The kinds of database that can be measured here."""
    engine = create_engine(POSTGRES_URL, connect_args={"connect_timeout": 3})
    try:
        with engine.connect():
            return SQLITE, POSTGRES
    except OperationalError:
        return (SQLITE,)
    finally:
        engine.dispose()


@contextmanager
def fresh(kind: str) -> Iterator[str]:
    """URL of a migrated database of that kind, removed at the end."""
    with _sqlite() if kind == SQLITE else _postgres() as url:
        upgrade(url)
        yield url


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="semaphore-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bench.db'}"


@contextmanager
def _postgres() -> Iterator[str]:
    name = f"semaphore_bench_{new_id().replace('-', '')}"
    admin = create_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield admin.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
