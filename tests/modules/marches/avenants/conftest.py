"""A notified marché to amend."""

from __future__ import annotations

import pytest
from httpx import AsyncClient

from tests.modules.samples import NOTIFICATION
from tests.modules.world import change, recorded


@pytest.fixture
async def uid(client: AsyncClient) -> str:
    """A notified marché of 200 000 euros, 24 months from 2026-03-01, one holder; its version is 2."""
    created: str = (await recorded(client)).json()["uid"]
    assert (await change(client, created, "notification", NOTIFICATION)).status_code == 200
    return created
