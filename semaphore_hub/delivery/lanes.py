"""One turn of a connector's loop, in one transaction: write down finished attempts, then claim what is due.

Finished attempts carry the fence of their claim: a process that lost its lease (it was too slow, or presumed dead)
finds another fence and changes nothing but the attempt's own record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, case, func, select, update

from semaphore_hub.delivery.decisions import Decision, after_failure, after_success, breaker_delay
from semaphore_hub.delivery.inbound import InboundService
from semaphore_hub.delivery.partners import Partner, PartnerService
from semaphore_hub.delivery.states import SENDABLE, Hold, State
from semaphore_hub.delivery.tables import attempt, delivery, lane, partner, partner_state
from semaphore_hub.kernel.db import FAR_FUTURE_MS, Database, UnitOfWork
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.ports.connector import Message, Outgoing, Receipt
from semaphore_hub.ports.outcomes import Misconfigured, Outcome

IN_FLIGHT_PER_PARTNER = 4
"""httpx slows down on wider pools (measured), and a partner's server is somebody else's."""
BREAKER_THRESHOLD = 5
EXCERPT = 2000


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery to attempt now.

    Attributes:
        fence: proof of ownership of the lane.
        number: 1 for the first attempt.
        manual: a person asked for this attempt.
        started_at: database time of the claim, in milliseconds.
    """

    delivery_id: str
    partner: Partner
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


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of a claim: a receipt, or what the connector raised."""

    claim: Claim
    elapsed_ms: int
    receipt: Receipt | None = None
    outcome: Outcome | None = None


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

    def __init__(self, database: Database, partners: PartnerService, inbound: InboundService, *, lease_ms: int) -> None:
        self._database = database
        self._partners = partners
        self._inbound = inbound
        self._lease_ms = lease_ms

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
            now = int(unit.connection.execute(select(self._database.now_ms)).scalar_one())
            paused = self._settle(unit, now, finished, idempotent=idempotent) if finished else []
            touched = {item.claim.partner.id for item in finished}
            claims: list[Claim] = []
            if capacity > 0:
                for row in self._due(unit, connector_id, now, in_flight, capacity):
                    room = min(capacity - len(claims), IN_FLIGHT_PER_PARTNER - in_flight.get(row.id, 0))
                    if row.failures >= BREAKER_THRESHOLD:
                        room = min(room, 1 - in_flight.get(row.id, 0))
                    touched.add(row.id)
                    if room > 0:
                        claims += self._claim(unit, self._partners.to_partner(row), now, room, idempotent=idempotent)
            self._refresh(unit, sorted(touched), now, probing={claim.partner.id for claim in claims})
            wait = unit.connection.execute(
                select(func.min(partner_state.c.next_at)).where(
                    partner_state.c.connector == connector_id, partner_state.c.next_at > now
                )
            ).scalar_one()
        return Turn(claims, None if wait is None or wait >= FAR_FUTURE_MS else int(wait) - now, paused)

    # -- settling ---------------------------------------------------------------------------------------------------

    def _settle(
        self, unit: UnitOfWork, now: int, finished: Sequence[Finished], *, idempotent: bool
    ) -> list[tuple[Partner, str]]:
        lock_partners(unit, sorted({item.claim.partner.id for item in finished}))
        unit.connection.execute(attempt.insert(), [_attempt_row(item) for item in finished])
        paused: dict[str, tuple[Partner, str]] = {}
        for item in finished:
            claim = item.claim
            if item.outcome is None:
                decision = after_success(acknowledgement=claim.acknowledgement, ordering=claim.ordering)
            else:
                decision = after_failure(
                    item.outcome,
                    attempts=claim.number,
                    schedule=claim.partner.schedule,
                    idempotent=idempotent,
                    ordering=claim.ordering,
                )
            if (
                self._apply(unit, now, item, decision)
                and item.receipt is not None
                and item.receipt.response is not None
            ):
                self._inbound.receive_in(unit, claim.partner, item.receipt.response, now)
            if decision.pause and decision.reason is not None:
                paused[claim.partner.id] = (claim.partner, decision.reason)
            self._count(unit, now, claim.partner, decision, item.outcome)
        return list(paused.values())

    def _apply(self, unit: UnitOfWork, now: int, item: Finished, decision: Decision) -> bool:
        """Write the decision, unless the lane was lost or the partner's answer came first."""
        claim = item.claim
        settled = decision.state in {State.ACKNOWLEDGED, State.REJECTED, State.DEAD}
        code = getattr(item.outcome, "code", None)
        values: dict[str, Any] = {
            "state": decision.state,
            "reason": decision.reason,
            "code": code,
            "settled_at": now if settled else None,
            "manual": False,
        }
        if item.outcome is None:
            values["sent_at"] = now
            values["due_at"] = now + claim.deadline_ms if claim.deadline_ms else None
        if isinstance(item.outcome, Misconfigured):
            values["attempts"] = delivery.c.attempts - 1
        owned = (
            select(lane.c.key)
            .where(lane.c.partner == claim.partner.id, lane.c.key == claim.lane_key, lane.c.fence == claim.fence)
            .exists()
        )
        changed = unit.connection.execute(
            update(delivery)
            .where(delivery.c.id == claim.delivery_id, delivery.c.state == State.SENDING, owned)
            .values(**values)
        ).rowcount
        if not changed:
            if item.outcome is None:  # the partner's answer overtook its receipt
                unit.connection.execute(
                    update(delivery)
                    .where(delivery.c.id == claim.delivery_id, delivery.c.sent_at.is_(None))
                    .values(sent_at=now)
                )
            return False
        delay = int(decision.delay.total_seconds() * 1000) if decision.delay else 0
        unit.connection.execute(
            update(lane)
            .where(lane.c.partner == claim.partner.id, lane.c.key == claim.lane_key, lane.c.fence == claim.fence)
            .values(
                pending=lane.c.pending - (1 if decision.passes else 0),
                hold=decision.hold,
                next_at=now + delay,
                fence=lane.c.fence + 1,
            )
        )
        if decision.state is State.REJECTED:
            self._inbound.record_rejection(unit, claim.delivery_id, decision.reason or "", code)
        return True

    def _count(self, unit: UnitOfWork, now: int, target: Partner, decision: Decision, outcome: Outcome | None) -> None:
        """Keep the breaker: failures in a row open it, one success closes it."""
        state = update(partner_state).where(partner_state.c.partner == target.id)
        if decision.pause:
            unit.connection.execute(
                update(partner)
                .where(partner.c.id == target.id)
                .values(paused=True, paused_reason=decision.reason, version=partner.c.version + 1)
            )
            unit.connection.execute(state.values(next_at=FAR_FUTURE_MS, last_error=decision.reason))
        elif decision.failure:
            failures = unit.connection.execute(
                state.values(
                    failures=partner_state.c.failures + 1, last_error=outcome.reason if outcome else None
                ).returning(partner_state.c.failures)
            ).scalar_one()
            delay = breaker_delay(failures, threshold=BREAKER_THRESHOLD, base_ms=target.breaker_ms)
            if delay:
                unit.connection.execute(state.values(open_until=now + delay))
        else:
            unit.connection.execute(
                state.where((partner_state.c.failures > 0) | (partner_state.c.open_until > 0)).values(
                    failures=0, open_until=0, last_error=None
                )
            )

    # -- claiming ---------------------------------------------------------------------------------------------------

    def _due(
        self, unit: UnitOfWork, connector_id: str, now: int, in_flight: Mapping[str, int], capacity: int
    ) -> Sequence[Row[Any]]:
        """Partners that have something to do now and room for it; those another process works on are skipped."""
        full = [name for name, count in in_flight.items() if count >= IN_FLIGHT_PER_PARTNER]
        query = (
            select(partner, partner_state.c.failures)
            .join(partner_state, partner_state.c.partner == partner.c.id)
            .where(
                partner_state.c.connector == connector_id,
                partner_state.c.next_at <= now,
                partner.c.paused.is_(False),
            )
            .order_by(partner_state.c.next_at)
            .limit(capacity)
            .with_for_update(of=partner_state, skip_locked=True)
        )
        if full:
            query = query.where(partner.c.id.not_in(full))
        return unit.connection.execute(query).all()

    def _claim(self, unit: UnitOfWork, target: Partner, now: int, room: int, *, idempotent: bool) -> list[Claim]:
        due = (
            select(lane.c.key)
            .where(lane.c.partner == target.id, lane.c.pending > 0, lane.c.hold.is_(None), lane.c.next_at <= now)
            .order_by(lane.c.next_at)
            .limit(room)
            .with_for_update(skip_locked=True)
        )
        fences = {
            row.key: row.fence
            for row in unit.connection.execute(
                update(lane)
                .where(lane.c.partner == target.id, lane.c.key.in_(due))
                .values(fence=lane.c.fence + 1, next_at=now + self._lease_ms)
                .returning(lane.c.key, lane.c.fence)
            )
        }
        if not fences:
            return []
        claims: list[Claim] = []
        for head in self._heads(unit, target, sorted(fences)):
            if head.state == State.DEAD:
                _hold(unit, head, Hold.DEAD)
            elif head.state == State.SENDING and not idempotent:
                reason = "the process that was sending it stopped; the partner may have processed it"
                unit.connection.execute(
                    update(delivery).where(delivery.c.id == head.id).values(state=State.UNCERTAIN, reason=reason)
                )
                _hold(unit, head, Hold.UNCERTAIN)
            else:
                claims.append(_to_claim(head, target, fences[head.lane_key], now))
        if claims:
            unit.connection.execute(
                update(delivery)
                .where(delivery.c.id.in_([claim.delivery_id for claim in claims]))
                .values(state=State.SENDING, attempts=delivery.c.attempts + 1)
            )
        return claims

    def _heads(self, unit: UnitOfWork, target: Partner, keys: list[str]) -> Sequence[Row[Any]]:
        """First delivery of each lane that has not passed yet; what was replaced no longer counts."""
        open_ones = (
            delivery.c.partner == target.id,
            delivery.c.lane_key.in_(keys),
            delivery.c.state.in_([*SENDABLE, State.DEAD]),
            delivery.c.replaced_by.is_(None),
        )
        first = (
            select(delivery.c.lane_key, func.min(delivery.c.position).label("position"))
            .where(*open_ones)
            .group_by(delivery.c.lane_key)
            .subquery()
        )
        same_place = (delivery.c.lane_key == first.c.lane_key) & (delivery.c.position == first.c.position)
        return unit.connection.execute(select(delivery).join(first, same_place).where(*open_ones)).all()

    def _refresh(self, unit: UnitOfWork, partners: list[str], now: int, probing: set[str]) -> None:
        """Recompute when each partner touched is next due; its row is locked, so no new lane can be missed."""
        for name in partners:
            soonest = (
                select(func.min(lane.c.next_at))
                .where(lane.c.partner == name, lane.c.pending > 0, lane.c.hold.is_(None))
                .scalar_subquery()
            )
            due = func.coalesce(soonest, FAR_FUTURE_MS)
            # While a probe of a half-open breaker is under way nobody else tries this partner.
            floor = case(
                (partner_state.c.failures >= BREAKER_THRESHOLD, now + self._lease_ms)
                if name in probing
                else (partner_state.c.open_until > now, partner_state.c.open_until),
                else_=0,
            )
            paused = select(partner.c.id).where(partner.c.id == name, partner.c.paused.is_(True)).exists()
            unit.connection.execute(
                update(partner_state)
                .where(partner_state.c.partner == name)
                .values(next_at=case((paused, FAR_FUTURE_MS), (due > floor, due), else_=floor))
            )


def lock_partners(unit: UnitOfWork, partners: list[str]) -> None:
    """Take the partners' rows, in the order every writer takes them, before touching their lanes."""
    unit.connection.execute(
        select(partner_state.c.partner)
        .where(partner_state.c.partner.in_(partners))
        .order_by(partner_state.c.partner)
        .with_for_update()
    )


def _hold(unit: UnitOfWork, head: Row[Any], why: Hold) -> None:
    unit.connection.execute(
        update(lane).where(lane.c.partner == head.partner, lane.c.key == head.lane_key).values(hold=why)
    )


def _to_claim(head: Row[Any], target: Partner, fence: int, now: int) -> Claim:
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


def _attempt_row(item: Finished) -> dict[str, Any]:
    outcome = item.outcome
    return {
        "id": new_id(),
        "delivery_id": item.claim.delivery_id,
        "number": item.claim.number,
        "trigger": "manual" if item.claim.manual else "scheduled",
        "started_at": item.claim.started_at,
        "ended_at": item.claim.started_at + item.elapsed_ms,
        "outcome": "delivered" if outcome is None else type(outcome).__name__.lower(),
        "status": outcome.status if outcome else (item.receipt.status if item.receipt else None),
        "receipt": item.receipt.reference if item.receipt else None,
        "error": outcome.reason if outcome else None,
        "excerpt": outcome.excerpt[:EXCERPT].replace("\x00", "�") if outcome and outcome.excerpt else None,
    }
