"""Degraded mode by policy: files take over from a nominal channel that fails for too long, and give it back.

Only what surely was not processed is said again on the other channel (see ``DeliveryOperations.switch_channel``), in
both directions, so that nothing is lost and nothing doubled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy import or_, select, text, update

from semaphore_hub.delivery.decisions import BREAKER_THRESHOLD
from semaphore_hub.delivery.operations import DeliveryOperations
from semaphore_hub.delivery.partners import FILE, Partner, PartnerService
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.states import State
from semaphore_hub.delivery.tables import delivery, partner, partner_state
from semaphore_hub.delivery.transports import TransportPool
from semaphore_hub.kernel.db import Database, UnitOfWork
from semaphore_hub.ports.outcomes import Outcome

log = structlog.get_logger()
# Word for word the condition of the index ix_delivery_head, so that settled deliveries are never walked through.
_UNSETTLED = text("delivery.state IN ('PENDING', 'RETRYING', 'SENDING', 'DEAD')")


class FallbackPolicy:
    """Switches partners that asked for it to files and back."""

    def __init__(
        self,
        database: Database,
        registry: ConnectorRegistry,
        partners: PartnerService,
        operations: DeliveryOperations,
        transports: TransportPool,
        wake: Callable[..., None],
    ) -> None:
        self._database = database
        self._registry = registry
        self._partners = partners
        self._operations = operations
        self._transports = transports
        self._wake = wake

    async def run(self, poll_seconds: float, stopping: Callable[[], bool]) -> None:
        """Look at every partner with a policy, until told to stop."""
        while not stopping():
            try:
                await asyncio.to_thread(self.fall_back)
                await asyncio.to_thread(self.sweep)
                await self.come_back()
            except Exception:
                log.exception("the fallback policy failed; it will be tried again")
            await asyncio.sleep(poll_seconds)

    def fall_back(self) -> list[str]:
        """Switch to files the partners whose breaker has been open for longer than their policy allows.

        Returns:
            Their ids.
        """
        failing = (
            select(partner)
            .join(partner_state, partner_state.c.partner == partner.c.id)
            .where(
                partner.c.fallback_after_ms.is_not(None),
                partner.c.fallen_back_at.is_(None),
                partner.c.channel != FILE,
                partner.c.paused.is_(False),
                partner_state.c.failures >= BREAKER_THRESHOLD,
                partner_state.c.failing_since + partner.c.fallback_after_ms <= self._database.now_ms,
            )
        )
        with self._database.read() as connection:
            candidates = [self._partners.to_partner(row) for row in connection.execute(failing)]
        switched = [one for one in candidates if self._partners.effective_channel(one)[0] != FILE]
        for one in switched:
            with self._database.write() as unit:
                self._set(unit, one, self._database.read_now(unit.connection))
            log.warning("partner switched to files: its nominal channel fails", partner=one.id)
            self._wake(one.connector)
        return [one.id for one in switched]

    def sweep(self) -> int:
        """Say by file what was being sent when its partner was switched, and surely did not pass.

        Returns:
            How many deliveries were created.
        """
        left = (
            select(delivery.c.id)
            .where(
                delivery.c.partner == partner.c.id,
                _UNSETTLED,
                delivery.c.state == State.RETRYING,
                delivery.c.channel != FILE,
            )
            .exists()
        )
        in_file_mode = or_(partner.c.channel == FILE, partner.c.fallen_back_at.is_not(None))
        with self._database.read() as connection:
            targets = [
                self._partners.to_partner(row) for row in connection.execute(select(partner).where(in_file_mode, left))
            ]
        created = 0
        for one in targets:
            with self._database.write() as unit:
                created += self._operations.switch_channel(unit, one)
            self._wake(one.connector)
        return created

    async def come_back(self) -> list[str]:
        """Return to the nominal channel of partners that answer again (a check without side effect).

        Returns:
            Their ids.
        """
        with self._database.read() as connection:
            rows = connection.execute(select(partner).where(partner.c.fallen_back_at.is_not(None))).all()
        returned: list[str] = []
        for one in map(self._partners.to_partner, rows):
            if not await self._answers(one):
                continue
            await asyncio.to_thread(self._return, one)
            log.info("partner is back on its nominal channel", partner=one.id)
            returned.append(one.id)
            self._wake(one.connector)
        return returned

    async def _answers(self, one: Partner) -> bool:
        try:
            transport = await self._transports.get(one, one.channel)
            return (await self._registry.get(one.connector).check(transport)).ok
        except Outcome:
            return False

    def _return(self, one: Partner) -> None:
        with self._database.write() as unit:
            self._set(unit, one, None)

    def _set(self, unit: UnitOfWork, one: Partner, moment: int | None) -> None:
        """Change who was not changed meanwhile (by an operator, by another process), then say again what waits."""
        changed = unit.connection.execute(
            update(partner)
            .where(partner.c.id == one.id, partner.c.version == one.version)
            .values(fallen_back_at=moment, version=partner.c.version + 1)
            .returning(partner)
        ).one_or_none()
        if changed is None:
            return
        unit.connection.execute(
            update(partner_state)
            .where(partner_state.c.partner == one.id)
            .values(failures=0, failing_since=None, open_until=0)
        )
        self._operations.switch_channel(unit, self._partners.to_partner(changed))
