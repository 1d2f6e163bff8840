"""A hub that notes what changes, on both databases or on SQLite only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from httpx import ASGITransport, AsyncClient

from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database
from tests.modules.fakes import app_for
from tests.modules.indicateurs.faits.situations import Monde, monde_de


@pytest.fixture
def monde(database: Database, clock: ManualClock) -> Monde:
    """On SQLite and on PostgreSQL."""
    return monde_de(database, clock)


@pytest.fixture
def embarque(sqlite_url: str, clock: ManualClock) -> Iterator[Monde]:
    """On SQLite only, for what is decided before the database is met."""
    database = Database(sqlite_url)
    yield monde_de(database, clock)
    database.close()


@pytest.fixture
async def api(monde: Monde) -> AsyncIterator[AsyncClient]:
    """A client of the API on the hub of both databases."""
    async with _client(monde) as opened:
        yield opened


@pytest.fixture
async def api_embarquee(embarque: Monde) -> AsyncIterator[AsyncClient]:
    """The same on SQLite only."""
    async with _client(embarque) as opened:
        yield opened


def _client(monde: Monde) -> AsyncClient:
    transport = ASGITransport(app_for(monde.services), raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="http://hub")
