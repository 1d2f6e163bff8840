"""Fixtures of the planning."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient

from semaphore_hub.api.dependencies import Services
from tests.modules.fakes import app_for


@pytest.fixture
async def local(embedded: Services) -> AsyncIterator[AsyncClient]:
    """A client of the API on SQLite only, for what is decided before the database."""
    transport = ASGITransport(app_for(embedded), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://hub") as opened:
        yield opened
