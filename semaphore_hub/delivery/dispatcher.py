"""The dispatcher: one loop for the router, one per connector, and the collector of inbound documents.

Everything that lasts is in the database; this process may be killed at any moment. Database work is synchronous and
short, and runs in worker threads; network and file work runs on the event loop, at most four attempts at a time per
partner.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import structlog

from semaphore_hub.delivery.claiming import IN_FLIGHT_PER_PARTNER, Claim
from semaphore_hub.delivery.collector import Collector
from semaphore_hub.delivery.fallback import FallbackPolicy
from semaphore_hub.delivery.inbound import InboundService
from semaphore_hub.delivery.lanes import Lanes
from semaphore_hub.delivery.reading import Reading
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.router import BATCH, Router
from semaphore_hub.delivery.settling import Finished
from semaphore_hub.delivery.transports import TransportPool
from semaphore_hub.delivery.wake import ROUTER, Waker, listen, wait
from semaphore_hub.delivery.watching import FolderWatch
from semaphore_hub.kernel.db import Database
from semaphore_hub.ports.connector import Inbound
from semaphore_hub.ports.outcomes import Outcome, Unknown

log = structlog.get_logger()

CAPACITY_PER_CONNECTOR = 32
"""Attempts under way at once for one kind of partner in one process: eight partners at full width."""
SMALL_ANSWER = 64 * 1024
"""Bytes of an answer read on the event loop itself."""


class Dispatcher:
    """Routes, sends and collects until told to stop."""

    def __init__(
        self,
        database: Database,
        registry: ConnectorRegistry,
        router: Router,
        lanes: Lanes,
        transports: TransportPool,
        collector: Collector,
        inbound: InboundService,
        fallback: FallbackPolicy,
        watch: FolderWatch,
        waker: Waker,
        *,
        poll_seconds: float,
    ) -> None:
        self._database = database
        self._registry = registry
        self._router = router
        self._lanes = lanes
        self._transports = transports
        self._collector = collector
        self._inbound = inbound
        self._fallback = fallback
        self._watch = watch
        self._waker = waker
        self._poll = poll_seconds
        self._stopping = False

    async def run(self) -> None:
        """Work until :meth:`stop`; attempts under way are then finished and written down."""
        self._waker.bind()
        loops: list[Coroutine[Any, Any, None]] = [self._route()]
        loops += [self._serve(connector_id) for connector_id in self._registry]
        loops.append(self._collector.run(self._poll, lambda: self._stopping))
        loops.append(self._fallback.run(self._poll, lambda: self._stopping))
        loops.append(self._watch.run(self._poll, lambda: self._stopping))
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._transports.close)
            stack.callback(self._waker.unbind)
            if not self._database.is_sqlite:
                listener = asyncio.create_task(listen(self._database, self._waker))
                stack.callback(listener.cancel)
            await asyncio.gather(*loops)

    def stop(self) -> None:
        """Ask every loop to end; callable from any thread."""
        self._stopping = True
        self._waker.wake()

    async def _route(self) -> None:
        event = self._waker.subscribe(ROUTER)
        while not self._stopping:
            routed, connectors = await asyncio.to_thread(self._router.route)
            if connectors:
                self._waker.wake(*connectors)
            if routed < BATCH:
                await wait(event, self._poll)

    async def _serve(self, connector_id: str) -> None:
        """Turns of one connector: settle what finished, claim what is due, send it, sleep until there is something."""
        connector = self._registry.get(connector_id)
        event = self._waker.subscribe(connector_id)
        finished: list[Finished] = []
        tasks: set[asyncio.Task[None]] = set()
        in_flight: Counter[str] = Counter()
        connections: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(IN_FLIGHT_PER_PARTNER))

        async def attempt(claim: Claim) -> None:
            async with connections[claim.partner.id]:
                result = await self._send(claim)
            in_flight[claim.partner.id] -= 1
            finished.append(result)
            event.set()

        while not self._stopping or tasks or finished:
            settled, finished[:] = list(finished), []
            capacity = 0 if self._stopping else CAPACITY_PER_CONNECTOR - len(tasks)
            turn = await asyncio.to_thread(
                self._lanes.turn,
                connector_id,
                settled,
                +in_flight,
                capacity,
                idempotent=connector.manifest.idempotent,
            )
            for partner, reason in turn.paused:
                log.error("partner paused", partner=partner.id, reason=reason)
            for claim in turn.claims:
                in_flight[claim.partner.id] += 1
                task = asyncio.create_task(attempt(claim))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            if not finished:
                delay = self._poll if turn.wait_ms is None else min(self._poll, turn.wait_ms / 1000)
                await wait(event, delay)

    async def _send(self, claim: Claim) -> Finished:
        """One attempt. Whatever goes wrong becomes an outcome the engine knows what to do with."""
        started = time.monotonic()
        receipt, reading, outcome = None, None, None
        try:
            connector = self._registry.get(claim.partner.connector)
            transport = await self._transports.get(claim.partner, claim.channel)
            receipt = await connector.deliver(claim.outgoing, transport)
            if receipt.response is not None:
                reading = await self._read(claim, receipt.response)
        except Outcome as refusal:
            outcome = refusal
        except Exception as defect:
            log.exception("attempt failed", partner=claim.partner.id, delivery=claim.delivery_id)
            outcome = Unknown(f"defect in connector {claim.partner.connector}: {type(defect).__name__}: {defect}")
        elapsed = int((time.monotonic() - started) * 1000)
        return Finished(claim, elapsed, receipt, reading, outcome)

    async def _read(self, claim: Claim, response: Inbound) -> Reading:
        """What the answer says; a large one is read in a thread, so that the loop goes on."""
        if len(response.body) <= SMALL_ANSWER:
            return self._inbound.read(claim.partner, response)
        return await asyncio.to_thread(self._inbound.read, claim.partner, response)
