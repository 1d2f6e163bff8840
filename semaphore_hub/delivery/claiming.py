"""Taking work: which partners have something due, and the head of each lane they may be sent now.

Statements are built once and given values: building one costs SQLAlchemy several times what running it costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, case, func, select, update

from semaphore_hub.delivery.decisions import BREAKER_THRESHOLD
from semaphore_hub.delivery.partners import Partner, PartnerService
from semaphore_hub.delivery.states import SENDABLE, Hold, State
from semaphore_hub.delivery.tables import delivery, lane, partner, partner_state
from semaphore_hub.kernel.db import FAR_FUTURE_MS, UnitOfWork
from semaphore_hub.ports.connector import Message, Outgoing

IN_FLIGHT_PER_PARTNER = 4
"""httpx slows down on wider pools (measured), and a partner's server is somebody else's."""
CLAIMED_AHEAD = 4
"""More deliveries claimed for a partner that deduplicates, so that no connection waits for the next turn. After a
crash they count as perhaps sent, which is why a partner that does not deduplicate gets none."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery to attempt now.

    Attributes:
        failures: failures in a row of the partner when it was claimed.
        fence: proof of ownership of the lane.
        number: 1 for the first attempt.
        manual: a person asked for this attempt.
        started_at: database time of the claim, in milliseconds.
    """

    delivery_id: str
    partner: Partner
    failures: int
    lane_key: str
    fence: int
    channel: str
    outgoing: Outgoing
    number: int
    manual: bool
    started_at: int
    ordering: str
    acknowledgement: bool
    deadline_ms: int | None


_DUE = (
    select(partner, partner_state.c.failures)
    .join(partner_state, partner_state.c.partner == partner.c.id)
    .where(
        partner_state.c.connector == bindparam("connector"),
        partner_state.c.next_at <= bindparam("now"),
        partner.c.paused.is_(False),
        partner.c.id.not_in(bindparam("full", expanding=True)),
    )
    .order_by(partner_state.c.next_at)
    .limit(bindparam("capacity"))
    .with_for_update(of=partner_state, skip_locked=True)
)
_WAIT = select(func.min(partner_state.c.next_at)).where(
    partner_state.c.connector == bindparam("connector"), partner_state.c.next_at > bindparam("now")
)
# A CTE, because PostgreSQL may run a plain subquery once per row and then claim more than the limit.
_DUE_LANES = (
    select(lane.c.key)
    .where(
        lane.c.partner == bindparam("name"),
        lane.c.pending > 0,
        lane.c.hold.is_(None),
        lane.c.next_at <= bindparam("now"),
    )
    .order_by(lane.c.next_at)
    .limit(bindparam("room"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_TAKE = (
    update(lane)
    .where(lane.c.partner == bindparam("name"), lane.c.key.in_(select(_DUE_LANES.c.key)))
    .values(fence=lane.c.fence + 1, next_at=bindparam("lease_until"))
    .returning(lane.c.key, lane.c.fence)
)
_OPEN = (
    delivery.c.partner == bindparam("name"),
    delivery.c.lane_key.in_(bindparam("keys", expanding=True)),
    delivery.c.state.in_([*SENDABLE, State.DEAD]),
    delivery.c.replaced_by.is_(None),
)
_FIRST = (
    select(delivery.c.lane_key, func.min(delivery.c.position).label("position"))
    .where(*_OPEN)
    .group_by(delivery.c.lane_key)
    .subquery()
)
_HEADS = (
    select(
        delivery.c.id,
        delivery.c.partner,
        delivery.c.lane_key,
        delivery.c.state,
        delivery.c.channel,
        delivery.c.message_type,
        delivery.c.body,
        delivery.c.media_type,
        delivery.c.contract,
        delivery.c.filename,
        delivery.c.reference,
        delivery.c.business_ref,
        delivery.c.headers,
        delivery.c.idempotency_key,
        delivery.c.attempts,
        delivery.c.manual,
        delivery.c.ordering,
        delivery.c.acknowledgement,
        delivery.c.deadline_ms,
    )
    .join(_FIRST, (delivery.c.lane_key == _FIRST.c.lane_key) & (delivery.c.position == _FIRST.c.position))
    .where(*_OPEN)
)
_BEGIN_SENDING = (
    update(delivery)
    .where(delivery.c.id == bindparam("b_id"))
    .values(state=State.SENDING, attempts=delivery.c.attempts + 1)
)
_DOUBT = (
    update(delivery)
    .where(delivery.c.id == bindparam("b_id"))
    .values(state=State.UNCERTAIN, reason="the process that was sending it stopped; the partner may have processed it")
)
_HOLD = (
    update(lane)
    .where(lane.c.partner == bindparam("b_partner"), lane.c.key == bindparam("b_key"))
    .values(hold=bindparam("b_hold"))
)
_SOONEST = (
    select(func.min(lane.c.next_at))
    .where(lane.c.partner == bindparam("name"), lane.c.pending > 0, lane.c.hold.is_(None))
    .scalar_subquery()
)
_PAUSED = select(partner.c.id).where(partner.c.id == bindparam("name"), partner.c.paused.is_(True)).exists()


def _refresh_statement(floor: Any) -> Any:
    due = func.coalesce(_SOONEST, FAR_FUTURE_MS)
    return (
        update(partner_state)
        .where(partner_state.c.partner == bindparam("name"))
        .values(next_at=case((_PAUSED, FAR_FUTURE_MS), (due > floor, due), else_=floor))
    )


_REFRESH = _refresh_statement(
    case((partner_state.c.open_until > bindparam("now"), partner_state.c.open_until), else_=0)
)
# While a probe of a half-open breaker is under way nobody else tries this partner.
_REFRESH_PROBING = _refresh_statement(
    case((partner_state.c.failures >= BREAKER_THRESHOLD, bindparam("lease_until")), else_=0)
)


class Claims:
    """Claims the due lanes of one kind of partner."""

    def __init__(self, partners: PartnerService, *, lease_ms: int) -> None:
        self._partners = partners
        self._lease_ms = lease_ms

    def take(
        self,
        unit: UnitOfWork,
        connector_id: str,
        now: int,
        in_flight: Mapping[str, int],
        capacity: int,
        *,
        idempotent: bool,
    ) -> tuple[list[Claim], set[str]]:
        """Claim what is due, within the room of each partner.

        Returns:
            The claims, and the partners looked at; another process's partners are skipped.
        """
        width = IN_FLIGHT_PER_PARTNER + (CLAIMED_AHEAD if idempotent else 0)
        full = [name for name, count in in_flight.items() if count >= width]
        values = {"connector": connector_id, "now": now, "full": full, "capacity": capacity}
        claims: list[Claim] = []
        looked_at: set[str] = set()
        for row in unit.connection.execute(_DUE, values).all():
            room = min(capacity - len(claims), width - in_flight.get(row.id, 0))
            if row.failures >= BREAKER_THRESHOLD:
                room = min(room, 1 - in_flight.get(row.id, 0))
            looked_at.add(row.id)
            if room > 0:
                claims += self._take_lanes(unit, row, now, room, idempotent=idempotent)
        return claims, looked_at

    def refresh(self, unit: UnitOfWork, partners: list[str], now: int, *, probing: set[str]) -> None:
        """Recompute when each partner touched is next due; its row is locked, so no new lane can be missed."""
        for name in partners:
            if name in probing:
                unit.connection.execute(_REFRESH_PROBING, {"name": name, "lease_until": now + self._lease_ms})
            else:
                unit.connection.execute(_REFRESH, {"name": name, "now": now})

    def wait_ms(self, unit: UnitOfWork, connector_id: str, now: int) -> int | None:
        """How long until something is due for this connector; ``None`` when nothing is planned."""
        next_at = unit.connection.execute(_WAIT, {"connector": connector_id, "now": now}).scalar_one()
        return None if next_at is None or next_at >= FAR_FUTURE_MS else int(next_at) - now

    def _take_lanes(self, unit: UnitOfWork, row: Row[Any], now: int, room: int, *, idempotent: bool) -> list[Claim]:
        taken = {"name": row.id, "now": now, "room": room, "lease_until": now + self._lease_ms}
        fences = {lane_row.key: lane_row.fence for lane_row in unit.connection.execute(_TAKE, taken)}
        if not fences:
            return []
        target = self._partners.to_partner(row)
        claims: list[Claim] = []
        for head in unit.connection.execute(_HEADS, {"name": row.id, "keys": sorted(fences)}).all():
            if head.state == State.DEAD:
                _hold(unit, head, Hold.DEAD)
            elif head.state == State.SENDING and not idempotent:
                unit.connection.execute(_DOUBT, {"b_id": head.id})
                _hold(unit, head, Hold.UNCERTAIN)
            else:
                claims.append(_to_claim(head, target, row.failures, fences[head.lane_key], now))
        if claims:
            unit.connection.execute(_BEGIN_SENDING, [{"b_id": claim.delivery_id} for claim in claims])
        return claims


def _hold(unit: UnitOfWork, head: Any, why: Hold) -> None:
    unit.connection.execute(_HOLD, {"b_partner": head.partner, "b_key": head.lane_key, "b_hold": why})


def _to_claim(head: Any, target: Partner, failures: int, fence: int, now: int) -> Claim:
    message = Message(
        type=head.message_type,
        body=head.body,
        media_type=head.media_type,
        contract=head.contract,
        filename=head.filename,
        reference=head.reference,
        business_ref=head.business_ref,
        headers=head.headers,
    )
    return Claim(
        delivery_id=head.id,
        partner=target,
        failures=failures,
        lane_key=head.lane_key,
        fence=fence,
        channel=head.channel,
        outgoing=Outgoing(message, head.idempotency_key),
        number=head.attempts + 1,
        manual=head.manual,
        started_at=now,
        ordering=head.ordering,
        acknowledgement=head.acknowledgement,
        deadline_ms=head.deadline_ms,
    )
