"""``delivery``: from events committed to deliveries acknowledged, over HTTP to one partner.

Baseline: a bare ``httpx.AsyncClient`` with four connections that posts the same bodies, four at a time, to the same
server. It keeps nothing, validates nothing, and forgets everything when it is killed.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import uvloop
from sqlalchemy import func, select

from benchmarks import ack_server, databases, world
from benchmarks.measure import Result, Sample, Stopwatch, compared
from semaphore_hub.api.hub import HubServices
from semaphore_hub.app import build_dispatcher
from semaphore_hub.delivery.event_log import SqlEventLog
from semaphore_hub.delivery.router import Router
from semaphore_hub.delivery.states import State
from semaphore_hub.delivery.tables import delivery
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.ports.events import Event

LANES, EACH, EACH_ALONE = 200, 2, 1
WIDTH = 4
STUCK_SECONDS = 180
ROUNDS = 5  # of 400 deliveries: 2,000 in all
_PATHS = {"fournisseur": "/v1/fournisseurs", "marche": "/v1/marches", "modification": "/v1/marches/X/modifications"}


@dataclass(frozen=True, slots=True)
class Round:
    """One round's rates, per second: the whole way, the two halves of it, and the baseline beside each."""

    whole: Sample
    whole_bare: Sample
    routing: Sample
    draining: Sample
    draining_bare: Sample


def run(kinds: Sequence[str]) -> list[Result]:
    """On each kind of database."""
    results: list[Result] = []
    for kind in kinds:
        with databases.fresh(kind) as url, world.hub(url) as services, ack_server.running() as server:
            world.add_gef(services, server)
            # The loop that uvicorn gives the hub in production.
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                rounds = runner.run(_rounds(services, server))
        whole = [(one.whole, one.whole_bare) for one in rounds]
        draining = [(one.draining, one.draining_bare) for one in rounds]
        routing = [(one.routing, one.draining_bare) for one in rounds]
        results += [
            compared("delivery: events to acknowledged", kind, "deliveries/s", whole, at_least=0.5),
            compared("delivery: draining only", kind, "deliveries/s", draining),
            compared("delivery: routing only", kind, "events/s", routing),
        ]
    return results


async def _rounds(services: HubServices, server: str) -> list[Round]:
    """Rounds on the same lanes, after one that warms up."""
    life = world.live(services, world.marche(0))
    await asyncio.to_thread(route_all, services)
    limits = httpx.Limits(max_connections=WIDTH, max_keepalive_connections=WIDTH)
    async with httpx.AsyncClient(base_url=server, limits=limits, trust_env=False) as client:
        marches, versions = [new_id() for _ in range(LANES)], itertools.count(1)

        def told(each: int) -> list[Event]:
            return life.events(marches, itertools.islice(versions, each))

        return [await _round(services, told, client) for _ in range(ROUNDS + 1)][1:]


async def _round(services: HubServices, told: Callable[[int], list[Event]], client: httpx.AsyncClient) -> Round:
    """The whole way with new events of every lane, then its two halves one after the other with others."""
    before = _last_delivery(services)
    async with dispatching(services):
        publish(services, told(EACH))
        watch = Stopwatch()
        await drained(services)
        whole = watch.sample(LANES * EACH)
    whole_bare = await _post_all(client, sent_since(services, before))

    before = _last_delivery(services)
    publish(services, told(EACH_ALONE))
    watch = Stopwatch()
    await asyncio.to_thread(route_all, services)
    routing = watch.sample(LANES * EACH_ALONE)
    watch = Stopwatch()
    async with dispatching(services):
        await drained(services)
        draining = watch.sample(LANES * EACH_ALONE)
    draining_bare = await _post_all(client, sent_since(services, before))
    return Round(whole, whole_bare, routing, draining, draining_bare)


@asynccontextmanager
async def dispatching(services: HubServices) -> AsyncIterator[None]:
    """A dispatcher at work."""
    dispatcher = build_dispatcher(services)
    task = asyncio.create_task(dispatcher.run())
    try:
        yield
    finally:
        dispatcher.stop()
        await task


def publish(services: HubServices, events: Sequence[Event]) -> None:
    """Commit events at once, and wake the dispatcher."""
    log = SqlEventLog(services.database, services.waker.wake_router)
    with services.database.write() as unit:
        for one in events:
            log.append(unit, one)


def route_all(services: HubServices) -> None:
    """Route every committed event, without sending anything."""
    router = Router(services.database, services.registry, services.partners, services.clock)
    while router.route()[0]:
        pass


async def drained(services: HubServices) -> None:
    """Wait until nothing is left to route or to send, by a look that costs next to nothing; then check the answers."""
    unrouted = "routed = 0" if services.database.is_sqlite else "NOT routed"
    query = f"SELECT EXISTS (SELECT 1 FROM lane WHERE pending > 0) OR EXISTS (SELECT 1 FROM event WHERE {unrouted})"

    def left() -> bool:
        with services.database.read() as connection:
            return bool(connection.exec_driver_sql(query).scalar_one())

    async with asyncio.timeout(STUCK_SECONDS):
        while await asyncio.to_thread(left):
            await asyncio.sleep(0.02)
    with services.database.read() as connection:
        states = connection.execute(select(delivery.c.state).distinct()).scalars().all()
    assert states == [State.ACKNOWLEDGED], states


def _last_delivery(services: HubServices) -> str:
    with services.database.read() as connection:
        return connection.execute(select(func.max(delivery.c.id))).scalar_one() or ""


def sent_since(services: HubServices, before: str) -> list[httpx.Request]:
    """What the hub posted for the deliveries made after the one of that id, as requests to post again."""
    query = select(delivery.c.message_type, delivery.c.headers, delivery.c.idempotency_key, delivery.c.body)
    with services.database.read() as connection:
        rows = connection.execute(query.where(delivery.c.id > before)).all()
    return [
        httpx.Request(
            "POST",
            f"http://partner{_PATHS[row.message_type]}",
            headers={**row.headers, "Content-Type": "application/json", "Idempotency-Key": row.idempotency_key},
            content=row.body,
        )
        for row in rows
    ]


async def _post_all(client: httpx.AsyncClient, requests: Sequence[httpx.Request]) -> Sample:
    waiting = iter(requests)

    async def worker() -> None:
        for request in waiting:
            answer = await client.post(request.url.path, content=request.content, headers=request.headers)
            assert answer.status_code == 200

    watch = Stopwatch()
    await asyncio.gather(*(worker() for _ in range(WIDTH)))
    return watch.sample(len(requests))
