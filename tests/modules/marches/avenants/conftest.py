"""A client of the API with the operations on amendments, and a notified marché to amend."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.modules.marches.avenants import endpoints
from tests.modules.fakes import app_for
from tests.modules.samples import NOTIFICATION
from tests.modules.world import change, recorded


@pytest.fixture
async def client(known: Services) -> AsyncIterator[AsyncClient]:
    """A client of the API; the router of amendments is added when the composition does not have it."""
    app = app_for(known)
    if not any(getattr(route, "operation_id", None) == "prolongerMarche" for route in app.routes):
        app.include_router(endpoints.router)
    async with AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://hub") as opened:
        yield opened


@pytest.fixture
async def uid(client: AsyncClient) -> str:
    """A notified marché of 200 000 euros, 24 months from 2026-03-01, one holder; its version is 2."""
    created: str = (await recorded(client)).json()["uid"]
    assert (await change(client, created, "notification", NOTIFICATION)).status_code == 200
    return created
