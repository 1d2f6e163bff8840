"""``latency``: from the commit of an event to the arrival of its message at the partner, at 50 events per second.

Baseline: commit the same event in a database of the same kind, then post the body at once with a warm ``httpx`` client.
Nothing can be much faster; what the hub adds is routing, translation, validation, the claim, and two more commits.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Coroutine, Sequence
from itertools import chain

import httpx
import uvloop

from benchmarks import ack_server, databases, world
from benchmarks.delivery import dispatching, drained, sent_since
from benchmarks.measure import Result, Spread, quantile
from semaphore_hub.api.hub import HubServices
from semaphore_hub.delivery.event_log import SqlEventLog
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.ports.events import Event

PER_SECOND, BLOCK, BLOCKS = 50, 50, 5
TARGET_MS = 5.0
Send = Callable[[Event], Coroutine[None, None, None]]


class Commits:
    """When each event was committed, by the message that says it (nanoseconds of the machine's clock)."""

    def __init__(self, services: HubServices) -> None:
        self._database = services.database
        self._log = SqlEventLog(services.database, services.waker.wake_router)
        self.at: dict[str, int] = {}

    def commit(self, event: Event) -> None:
        """Commit one event; its instant is taken before anybody is woken."""
        with self._database.write() as unit:
            unit.after_commit(lambda: self.at.__setitem__(f"SEM-{event.id}", time.time_ns()))
            self._log.append(unit, event)


def run(kinds: Sequence[str]) -> list[Result]:
    """On each kind of database."""
    results: list[Result] = []
    for kind in kinds:
        with (
            databases.fresh(kind) as url,
            databases.fresh(kind) as other_url,
            world.hub(url) as services,
            world.hub(other_url) as other,
            ack_server.running() as server,
        ):
            world.add_gef(services, server)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                ours, bare = runner.run(_blocks(services, other, server))
        pairs = [(quantile(mine, 0.5), quantile(his, 0.5)) for mine, his in zip(ours, bare, strict=True)]
        mine, his = list(chain.from_iterable(ours)), list(chain.from_iterable(bare))
        median = statistics.median(mine)
        asked = kind == databases.SQLITE
        results += [
            Result(
                "latency: commit to arrival, p50",
                kind,
                "ms",
                median,
                statistics.median(his),
                Spread.of([one / other for one, other in pairs]),
                target=f"≤ {TARGET_MS:g} ms" if asked else None,
                met=median <= TARGET_MS if asked else None,
            ),
            Result("latency: commit to arrival, p99", kind, "ms", quantile(mine, 0.99), quantile(his, 0.99)),
        ]
    return results


async def _blocks(
    services: HubServices, other: HubServices, server: str
) -> tuple[list[list[float]], list[list[float]]]:
    """Latencies in milliseconds, a block of ours then a block of the baseline, and so on."""
    life = world.live(services, world.marche(0))
    ours, bare = [], []
    async with httpx.AsyncClient(base_url=server, trust_env=False) as client, dispatching(services):
        hub_commits, bare_commits = Commits(services), Commits(other)

        async def commit(event: Event) -> None:
            await asyncio.to_thread(hub_commits.commit, event)

        await _block(life, commit)
        await drained(services)
        sample = sent_since(services, "")[-1]

        async def commit_and_post(event: Event) -> None:
            await asyncio.to_thread(bare_commits.commit, event)
            headers = {**sample.headers, "x-id-message": f"SEM-{event.id}"}
            await client.post(sample.url.path, content=sample.content, headers=headers)

        await _block(life, commit_and_post)
        await client.get("/arrivals")
        hub_commits.at.clear()
        bare_commits.at.clear()
        for _ in range(BLOCKS):
            await _block(life, commit)
            await drained(services)
            ours.append(await _latencies(client, hub_commits))
            await _block(life, commit_and_post)
            bare.append(await _latencies(client, bare_commits))
    return ours, bare


async def _block(life: world.Life, send: Send) -> None:
    """Events at a steady pace, each about a new marché, whatever the time each one takes."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with asyncio.TaskGroup() as group:
        for number in range(BLOCK):
            await asyncio.sleep(started + number / PER_SECOND - loop.time())
            group.create_task(send(life.event(new_id())))


async def _latencies(client: httpx.AsyncClient, commits: Commits) -> list[float]:
    arrivals = (await client.get("/arrivals")).json()
    assert arrivals.keys() == commits.at.keys(), f"{len(commits.at)} committed, {len(arrivals)} arrived"
    measured = [(arrivals[message] - at) / 1e6 for message, at in commits.at.items()]
    commits.at.clear()
    return measured
