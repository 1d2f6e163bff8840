"""Degraded mode of a hub in a process of its own: switched under load, killed, switched by policy; nothing lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from mock_partners.gef.mock import GefMock
from mock_partners.kit import MockClock, RunningMock, running, start
from semaphore_hub.api.hub import HubServices
from semaphore_hub.app import build
from semaphore_hub.delivery.tables import delivery
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import SystemClock
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.modules.referentiel.schemas import NouveauFournisseur
from tests.e2e.bench import Bench
from tests.e2e.partners import configure, nominal, registry, simulated
from tests.modules.samples import FICTIMED, FOURNISSEUR

PARTNER = "gef_0904"
NOTIFIED, AMENDED = 200, 30
SENT = 1 + NOTIFIED + AMENDED
"""Deliveries: one supplier, each marché, and the amendments of the first ones."""
SWITCHES = ((0.1, "file"), (0.3, "api"), (0.5, "file"), (0.7, "api"))
"""Share of the deliveries accepted before each switch, and the channel switched to; a kill follows each at once."""
PATIENCE = 60.0


@dataclass
class World:
    """A database with everything to send, the GEF, and what to look at."""

    services: HubServices
    mock: GefMock
    started: RunningMock
    data: Path

    def accepted(self) -> int:
        """Deliveries accepted so far."""
        query = select(func.count()).select_from(delivery).where(delivery.c.state == "ACKNOWLEDGED")
        with self.services.database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def column(self, name: str) -> list[Any]:
        """One value of every delivery that nothing replaced."""
        query = select(delivery.c[name]).where(delivery.c.replaced_by.is_(None)).order_by(delivery.c.id)
        with self.services.database.read() as connection:
            return list(connection.execute(query).scalars())


class Hub:
    """The API of a hub in a process of its own."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    async def partner(self) -> dict[str, Any]:
        """The partner as the hub shows it."""
        async with httpx.AsyncClient(base_url=self._url, timeout=10) as client:
            answer = await client.get(f"/v1/partners/{PARTNER}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def switch(self, channel: str, **policy: int) -> None:
        """Have an operator choose the channel, and perhaps the policy."""
        version = (await self.partner())["version"]
        async with httpx.AsyncClient(base_url=self._url, timeout=10) as client:
            answer = await client.post(
                f"/v1/partners/{PARTNER}/channel",
                json={"channel": channel, **policy},
                headers={"If-Match": f'"{version}"'},
            )
        assert answer.status_code == 200, answer.text
        assert answer.json()["channel"] == channel

    async def answers(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until it does."""
        async with httpx.AsyncClient(base_url=self._url, timeout=1) as client:
            for _ in range(300):
                assert process.poll() is None, "the hub stopped"
                try:
                    if (await client.get("/health")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        raise AssertionError("the hub does not answer")


@contextmanager
def serving(world: World, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """``semaphore-hub serve`` on the database of that world."""
    process = subprocess.Popen(
        [sys.executable, "-m", "semaphore_hub", "serve", "--port", str(port), "--data", str(world.data)],
        env={
            **os.environ,
            "SEMAPHORE_SECRETS_DIR": str(world.data / "secrets"),
            "SEMAPHORE_LEASE_SECONDS": "1",
            "SEMAPHORE_POLL_SECONDS": "0.05",
            "SEMAPHORE_EVALUATION_SECONDS": "0",
            "SEMAPHORE_LOG_LEVEL": "ERROR",
        },
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


@asynccontextmanager
async def world(template: Path, folder: Path, *, sftp: bool) -> AsyncIterator[World]:
    """A GEF that answers, and a hub's database where it is configured; no hub runs yet."""
    way = nominal(PARTNER)
    mock = simulated(way, folder, MockClock(), sftp=sftp)
    assert isinstance(mock, GefMock)
    async with running([mock]) as [started]:
        (folder / "semaphore.db").write_bytes(template.read_bytes())
        known = Settings(database_url=f"sqlite:///{folder / 'semaphore.db'}")
        services = build(known, clock=SystemClock(), registry=registry())
        await configure(services, way, started, folder)
        with services.database.write() as unit:
            body = NouveauFournisseur.model_validate(FOURNISSEUR)
            services.referentiel.fournisseurs.creer(unit, LOCAL, body)
        yield World(services, mock, started, folder)
        services.database.close()


async def until(condition: Callable[[], bool], said: Callable[[], object]) -> None:
    """Wait for a condition."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < PATIENCE, said()
        await asyncio.sleep(0.02)


def effects(mock: GefMock) -> None:
    """Every message took effect at the GEF, once, and in the order of its marché."""
    state = mock.state
    assert len(state.effets) == SENT
    assert all(len(lines) == len(set(lines)) for lines in state.effets.values())
    assert sorted(state.tiers) == [FICTIMED]
    assert len(state.marches) == NOTIFIED
    amended = [one for one in state.marches.values() if one.modifications]
    assert [one.modifications for one in amended] == [[1]] * AMENDED
    assert {one.etat["montantHT"] for one in amended} == {"215000.00"}
    assert all(set(one.imputations) == {"1"} for one in state.marches.values())


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_channels_switched_under_load_by_a_hub_that_is_killed_lose_and_double_nothing(
    sqlite_template: Path, tmp_path: Path, unused_port: int
) -> None:
    async with world(sqlite_template, tmp_path / "hub", sftp=True) as found:
        # Technical faults on the way, so that some messages are being retried, or perhaps processed, at each switch.
        found.mock.faults.replace(["ok", "slow:40ms", "lost:502", "ok", "503", "slow:40ms"] * 40, (), None)
        await asyncio.to_thread(_fill, found)
        hub = Hub(unused_port)
        for share, channel in SWITCHES:
            with serving(found, unused_port) as process:
                await hub.answers(process)
                await until(lambda share=share: found.accepted() >= SENT * share, found.accepted)  # type: ignore[misc]
                await hub.switch(channel)
                # A moment later, in the middle of what the switch began.
                await asyncio.sleep(0.1)
                process.send_signal(signal.SIGKILL)
                process.wait(10)
            assert found.accepted() < SENT, "everything was sent before the kill: nothing was proved"
        with serving(found, unused_port) as process:
            await hub.answers(process)
            await until(lambda: found.accepted() == SENT, found.accepted)
        assert set(found.column("state")) == {"ACKNOWLEDGED"}
        assert set(found.column("channel")) == {"api", "file"}
        assert max(found.column("attempts")) > 1
        effects(found.mock)


def _fill(found: World) -> None:
    bench = Bench(found.services, {})
    for number in range(NOTIFIED):
        uid = bench.notify(number)
        if number < AMENDED:
            bench.amend(uid, "215000.00")


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_files_take_over_by_policy_while_the_api_is_down_and_give_it_back(
    sqlite_template: Path, tmp_path: Path, unused_port: int
) -> None:
    async with world(sqlite_template, tmp_path / "hub", sftp=False) as found:
        bench = Bench(found.services, {})
        hub = Hub(unused_port)
        with serving(found, unused_port) as process:
            await hub.answers(process)
            await hub.switch("api", fallbackAfterMs=200)
            bench.notify(0)
            await until(lambda: found.accepted() == 2, lambda: found.column("reason"))
            assert found.column("channel") == ["api"] * 2
            port = int(found.started.url.rpartition(":")[2])
            await found.started.stop()
            for number in range(1, 11):
                bench.notify(number)
            await _reached(hub, "file")
            assert "automatique" in (await hub.partner())["gate"]
            # The GEF is back: it reads what waited for it in its folder, and answers again.
            again = await start(found.mock, port=port)
            try:
                await until(lambda: found.accepted() == 12, lambda: found.column("reason"))
                await _reached(hub, "api")
                bench.notify(11)
                await until(lambda: found.accepted() == 13, lambda: found.column("reason"))
            finally:
                await again.stop()
        channels = found.column("channel")
        assert (channels[:2], channels[-1]) == (["api"] * 2, "api")
        assert "file" in channels
        state = found.mock.state
        assert len(state.marches) == 12
        assert all(len(lines) == len(set(lines)) for lines in state.effets.values())


async def _reached(hub: Hub, channel: str) -> None:
    """Wait until that channel is the one in use."""
    begun = time.monotonic()
    while (await hub.partner())["effectiveChannel"] != channel:
        assert time.monotonic() - begun < PATIENCE, await hub.partner()
        await asyncio.sleep(0.05)
