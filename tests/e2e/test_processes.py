"""Real processes: killed in the middle of a thousand deliveries, and several working on one PostgreSQL database."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mock_partners import MOCKS
from mock_partners.kit import running
from semaphore_hub.app import build
from semaphore_hub.delivery import queries
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.settings import Settings
from tests.e2e.bench import Bench, add_partners, load_world, make_folders

KILLED, SHARED, AMENDMENTS = {"sqlite_url": 125, "postgres_url": 60}, 30, 3
"""Marchés of the killed process (1,001 deliveries) and of the processes at work together (401), their amendments."""


@contextmanager
def worker(database_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A dispatcher process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "semaphore_hub", "worker"],
        env={
            **os.environ,
            "SEMAPHORE_DATABASE_URL": database_url,
            "SEMAPHORE_LEASE_SECONDS": "2",
            "SEMAPHORE_POLL_SECONDS": "0.1",
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


def expected(marches: int) -> int:
    """One supplier for the GEF, then each marché and its amendments for both partners."""
    return 1 + 2 * marches * (1 + AMENDMENTS)


def fill(bench: Bench, marches: int) -> None:
    """Notify and amend every marché, all before anything is sent."""
    for number in range(marches):
        uid = bench.notify(number)
        for amendment in range(AMENDMENTS):
            bench.amend(uid, f"{210000 + amendment * 1000}.00")


def done(bench: Bench) -> int:
    """Deliveries accepted so far (counted by the database: the mocks answer from this very process)."""
    counts = queries.count_states(bench.services.database)
    return sum(count for _, state, count in counts if state == "ACKNOWLEDGED")


def check_effects(bench: Bench, marches: int) -> None:
    """Nothing missing, nothing out of order, nothing twice, at both partners."""
    wanted = list(range(1, AMENDMENTS + 2))
    helios = bench.mocks["dgfip"].mock.snapshot()["marches"]
    assert len(helios) == marches
    assert [[one["sequence"] for one in integrated] for integrated in helios.values()] == [wanted] * marches
    gef = bench.mocks["gef_ideo_gelf"].mock.snapshot()
    assert len(gef["marches"]) == marches
    assert all(one["modifications"] == wanted[:-1] for one in gef["marches"].values())
    assert all(len(lines) == len(set(lines)) for lines in gef["effets"].values())


async def _finish(bench: Bench, count: int, seconds: float) -> None:
    start = time.monotonic()
    while done(bench) < count:
        assert time.monotonic() - start < seconds, queries.count_states(bench.services.database)
        await asyncio.sleep(0.1)


@pytest.fixture
async def filled(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock):
    """A database with the deliveries of so many marchés to make, and partners that wait; no dispatcher yet."""
    database, marches = request.param
    url: str = request.getfixturevalue(database)
    services = build(Settings(database_url=url), clock=clock)
    mocks = [MOCKS[name](config) for name, config in make_folders(tmp_path).items()]
    async with running(mocks) as started:
        load_world(services)
        add_partners(services, {one.mock.id: one.url for one in started}, tmp_path)
        bench = Bench(services, {one.mock.id: one for one in started})
        await asyncio.to_thread(fill, bench, marches)
        yield bench, url
        services.database.close()


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "filled",
    [
        pytest.param(("sqlite_url", KILLED["sqlite_url"]), id="sqlite"),
        pytest.param(("postgres_url", KILLED["postgres_url"]), id="postgres", marks=pytest.mark.postgres),
    ],
    indirect=True,
)
async def test_a_process_killed_in_the_middle_loses_nothing_and_doubles_nothing(filled: tuple[Bench, str]) -> None:
    bench, url = filled
    marches = KILLED["sqlite_url" if url.startswith("sqlite") else "postgres_url"]
    count = expected(marches)
    for share in (0.2, 0.5):
        with worker(url) as process:
            while done(bench) < count * share:
                assert process.poll() is None
                await asyncio.sleep(0.05)
            process.send_signal(signal.SIGKILL)
            process.wait(10)
    assert done(bench) < count
    with worker(url):
        await _finish(bench, count, 120)
    check_effects(bench, marches)
    assert any(row.attempts > 1 for row in bench.deliveries()), (
        "the kill fell between two deliveries: nothing was proved"
    )


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(240)
@pytest.mark.parametrize("filled", [pytest.param(("postgres_url", SHARED), id="postgres")], indirect=True)
async def test_concurrent_processes_share_the_work_without_loss_or_disorder(filled: tuple[Bench, str]) -> None:
    bench, url = filled
    with worker(url), worker(url), worker(url):
        await _finish(bench, expected(SHARED), 120)
    check_effects(bench, SHARED)
