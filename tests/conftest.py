"""Databases for the tests: SQLite always, PostgreSQL wherever a server answers (required in CI)."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
import uvicorn.server
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database
from semaphore_hub.migrate import upgrade
from tests.databases import PostgresDatabases
from tests.shared import unavailable

POSTGRES_URL = os.environ.get("SEMAPHORE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
_TEMPLATE = f"semaphore_template_{os.getpid()}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests first: started last, they would leave the other workers without work."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def _logging_restored() -> Iterator[None]:
    """A command run in this process sets logging up on a standard error that is closed after the test."""
    former = structlog.get_config()
    yield
    structlog.configure(**former)


class _QuickAsyncio:
    """What uvicorn's server sees as asyncio: the same, with shorter sleeps."""

    def __getattr__(self, name: str) -> object:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


@pytest.fixture(scope="session", autouse=True)
def _servers_stop_at_once() -> Iterator[None]:
    """Servers started in this process look ten times oftener whether they must stop: they took 0.3 s a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uvicorn.server, "asyncio", _QuickAsyncio())
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every migration applied, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """A PostgreSQL database with every migration applied, cloned for each test."""
    admin = create_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {_TEMPLATE}"))
    except OperationalError as error:
        admin.dispose()
        unavailable("postgres", str(error.orig))
    try:
        upgrade(str(admin.url.set(database=_TEMPLATE).render_as_string(hide_password=False)))
        yield _TEMPLATE
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {_TEMPLATE} WITH (FORCE)"))
        admin.dispose()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """URL of a fresh migrated SQLite database."""
    target = tmp_path / "hub.db"
    target.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{target}"


@pytest.fixture(scope="session")
def postgres_databases(postgres_template: str) -> Iterator[PostgresDatabases]:
    """Clones of the template, used again from test to test."""
    admin = create_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT")
    with PostgresDatabases(admin, postgres_template) as databases:
        yield databases
    admin.dispose()


@pytest.fixture
def postgres_url(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """URL of a migrated PostgreSQL database with nothing in it."""
    yield postgres_databases.take().render_as_string(hide_password=False)
    postgres_databases.give_back()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of a fresh database: every test that uses it runs on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database, on SQLite and on PostgreSQL."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    """A business clock that stands at 2 March 2026, 08:00 UTC."""
    return ManualClock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))


@pytest.fixture
def unused_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
