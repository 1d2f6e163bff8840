"""Fetches what waits at the partners, and notices missing answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy import func, select, update

from semaphore_hub.delivery.inbound import InboundService
from semaphore_hub.delivery.partners import Partner, PartnerService
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.states import State
from semaphore_hub.delivery.tables import delivery, partner, partner_state
from semaphore_hub.delivery.transports import TransportPool
from semaphore_hub.kernel.db import Database
from semaphore_hub.ports.outcomes import Misconfigured, Outcome

log = structlog.get_logger()

CONCURRENT_POLLS = 16
"""Partners polled at the same time in one process."""


class Collector:
    """Polls every partner at its own rhythm; one process at a time polls one partner."""

    def __init__(
        self,
        database: Database,
        registry: ConnectorRegistry,
        partners: PartnerService,
        transports: TransportPool,
        inbound: InboundService,
        *,
        lease_ms: int,
    ) -> None:
        self._database = database
        self._registry = registry
        self._partners = partners
        self._transports = transports
        self._inbound = inbound
        self._lease_ms = lease_ms

    async def run(self, poll_seconds: float, stopping: Callable[[], bool]) -> None:
        """Collect until told to stop."""
        polls: set[asyncio.Task[int]] = set()
        while not stopping():
            due, wait_ms = await asyncio.to_thread(self._take_due, CONCURRENT_POLLS - len(polls))
            for target in due:
                poll = asyncio.create_task(self._poll(target))
                polls.add(poll)
                poll.add_done_callback(polls.discard)
            await asyncio.to_thread(self.mark_overdue)
            await asyncio.sleep(min(poll_seconds, wait_ms / 1000))
        await asyncio.gather(*polls)

    def _take_due(self, room: int) -> tuple[list[Partner], int]:
        """Partners whose turn it is, each leased until its poll ends, and the wait for the next in milliseconds."""
        with self._database.read() as connection:
            next_at = connection.execute(
                select(func.min(partner_state.c.poll_at) - self._database.now_ms)
                .join(partner, partner_state.c.partner == partner.c.id)
                .where(partner.c.paused.is_(False))
            ).scalar_one()
        if next_at is None or next_at > 0 or room <= 0:
            return [], 60_000 if next_at is None else max(int(next_at), 10)
        with self._database.write() as unit:
            now = int(unit.connection.execute(select(self._database.now_ms)).scalar_one())
            rows = unit.connection.execute(
                select(partner)
                .join(partner_state, partner_state.c.partner == partner.c.id)
                .where(partner.c.paused.is_(False), partner_state.c.poll_at <= now)
                .order_by(partner_state.c.poll_at)
                .limit(room)
                .with_for_update(of=partner_state, skip_locked=True)
            ).all()
            unit.connection.execute(
                update(partner_state)
                .where(partner_state.c.partner.in_([row.id for row in rows]))
                .values(poll_at=now + self._lease_ms)
            )
        return [self._partners.to_partner(row) for row in rows], 10

    async def _poll(self, target: Partner) -> int:
        """Collect from one partner, then let it be polled again after its interval."""
        count = await self.collect(target)

        def release() -> None:
            with self._database.write() as unit:
                unit.connection.execute(
                    update(partner_state)
                    .where(partner_state.c.partner == target.id)
                    .values(poll_at=self._database.now_ms + target.poll_ms)
                )

        await asyncio.to_thread(release)
        return count

    async def collect(self, target: Partner) -> int:
        """Fetch everything waiting at one partner, on every channel it is configured for.

        Returns:
            How many documents were stored. A partner that cannot be reached is logged; the next poll tries again.
        """
        connector = self._registry.get(target.connector)
        count = 0
        for channel in connector.manifest.channels:
            try:
                transport = await self._transports.get(target, channel.id)
                async for document in connector.collect(transport):
                    await asyncio.to_thread(self._inbound.receive, target, document)
                    await connector.confirm(document, transport)
                    count += 1
            except Misconfigured as error:
                if channel.id == target.channel:
                    log.warning("partner cannot be polled", partner=target.id, channel=channel.id, reason=error.reason)
            except Outcome as error:
                log.info("poll failed", partner=target.id, channel=channel.id, reason=error.reason)
            except Exception:
                log.exception("poll failed", partner=target.id, channel=channel.id)
        return count

    def mark_overdue(self) -> int:
        """Mark deliveries whose functional answer did not come in time."""
        with self._database.read() as connection:
            late = (
                connection.execute(
                    select(delivery.c.id)
                    .where(delivery.c.state == State.SENT, delivery.c.due_at <= self._database.now_ms)
                    .limit(500)
                )
                .scalars()
                .all()
            )
        if not late:
            return 0
        with self._database.write() as unit:
            changed = unit.connection.execute(
                update(delivery)
                .where(delivery.c.id.in_(late), delivery.c.state == State.SENT)
                .values(state=State.OVERDUE, reason="the partner's answer did not come before its deadline")
            ).rowcount
        log.warning("answers overdue", count=changed)
        return changed
