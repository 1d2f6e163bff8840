"""One turn of a connector's loop, in one transaction: settle what finished, then claim what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from semaphore_hub.delivery.claiming import Claim, Claims
from semaphore_hub.delivery.due import lock_partners
from semaphore_hub.delivery.inbound import InboundService
from semaphore_hub.delivery.operations import DeliveryOperations
from semaphore_hub.delivery.partners import Partner, PartnerService
from semaphore_hub.delivery.settling import Finished, Settlement
from semaphore_hub.kernel.db import Database


@dataclass(frozen=True, slots=True)
class Turn:
    """Result of one turn.

    Attributes:
        claims: deliveries to attempt now.
        wait_ms: how long nothing more is due for this connector (``None``: nothing is planned).
        paused: partners this turn had to pause, with the reason.
    """

    claims: list[Claim]
    wait_ms: int | None
    paused: list[tuple[Partner, str]]


class Lanes:
    """The queue of one process, over the tables that all processes share."""

    def __init__(
        self,
        database: Database,
        partners: PartnerService,
        inbound: InboundService,
        operations: DeliveryOperations,
        *,
        lease_ms: int,
    ) -> None:
        self._database = database
        self._claims = Claims(partners, lease_ms=lease_ms)
        self._settlement = Settlement(inbound, operations)

    def turn(
        self,
        connector_id: str,
        finished: Sequence[Finished],
        in_flight: Mapping[str, int],
        capacity: int,
        *,
        idempotent: bool,
    ) -> Turn:
        """Settle, then claim.

        Args:
            connector_id: whose partners are looked at.
            finished: attempts that ended since the last turn.
            in_flight: attempts under way in this process, by partner, the finished ones not counted.
            capacity: how many more attempts this process may have under way for this connector.
            idempotent: whether this kind of partner deduplicates.
        """
        with self._database.write() as unit:
            now = self._database.read_now(unit.connection)
            paused: list[tuple[Partner, str]] = []
            touched = {item.claim.partner.id for item in finished}
            if finished:
                lock_partners(unit, sorted(touched))
                paused = self._settlement.settle(unit, now, finished, idempotent=idempotent)
            claims: list[Claim] = []
            if capacity > 0:
                claims, looked_at = self._claims.take(
                    unit, connector_id, now, in_flight, capacity, idempotent=idempotent
                )
                touched |= looked_at
            self._claims.refresh(unit, sorted(touched), now, probing={claim.partner.id for claim in claims})
            wait = self._claims.wait_ms(unit, connector_id, now)
        return Turn(claims, wait, paused)
