"""The process that serves reads facts again by itself, and goes on when a round breaks."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import cast

import pytest
from structlog.testing import capture_logs

from semaphore_hub.api.hub import HubServices
from semaphore_hub.app import refresh_facts
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.modules.indicateurs.faits.alimentation import Actualisation
from semaphore_hub.modules.indicateurs.faits.service import FaitsService
from tests.modules.indicateurs.faits.situations import ACTION, Monde


async def test_the_facts_are_read_again_soon_after_they_changed(
    embarque: Monde, monkeypatch: pytest.MonkeyPatch
) -> None:
    embarque.services.settings = Settings(_env_file=None, poll_seconds=0.01)
    rounds: list[str] = []
    plain = FaitsService.actualiser

    def breaking_once(faits: FaitsService, limite: int = 500) -> Actualisation:
        rounds.append("")
        if len(rounds) == 1:
            raise OSError("the disk is full")
        return plain(faits, limite)

    monkeypatch.setattr(FaitsService, "actualiser", breaking_once)
    embarque.plans.held["p"] = [replace(ACTION, uid="a")]
    embarque.noter("paat/p")
    with capture_logs() as logs:
        task = asyncio.create_task(refresh_facts(cast(HubServices, embarque.services)))
        for _ in range(500):
            if not embarque.attendus():
                break
            await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert [fact["uid"] for fact in embarque.table("action")] == ["a"]
    assert [one["log_level"] for one in logs] == ["error"]
    # Let a round that a thread had begun end before the database is closed.
    await asyncio.sleep(0.05)
