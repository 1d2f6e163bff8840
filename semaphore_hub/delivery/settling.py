"""Writing down what came of attempts, a batch at a time: records, states, lanes, breaker.

Finished attempts carry the fence of their claim: a process that lost its lease (it was too slow, or presumed dead)
finds another fence and changes nothing but the attempt's own record. An answer that came with the receipt and says
plainly what became of the message is written in the same breath; anything else about it goes through the inbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, select, update

from semaphore_hub.delivery.claiming import Claim
from semaphore_hub.delivery.decisions import (
    BREAKER_THRESHOLD,
    Decision,
    after_answer,
    after_failure,
    after_success,
    breaker_delay,
)
from semaphore_hub.delivery.inbound import InboundService
from semaphore_hub.delivery.operations import DeliveryOperations
from semaphore_hub.delivery.partners import Partner
from semaphore_hub.delivery.reading import Reading, record_of, words_of
from semaphore_hub.delivery.states import State
from semaphore_hub.delivery.tables import attempt, delivery, lane, partner, partner_state
from semaphore_hub.kernel.db import FAR_FUTURE_MS, UnitOfWork
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.ports.connector import Acknowledgement, Receipt
from semaphore_hub.ports.outcomes import Misconfigured, Outcome, Retry

EXCERPT = 2000


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of a claim: a receipt (and what its answer says, read beforehand), or what the connector raised."""

    claim: Claim
    elapsed_ms: int
    receipt: Receipt | None = None
    reading: Reading | None = None
    outcome: Outcome | None = None


@dataclass(slots=True)
class _Batch:
    """Rows to write, gathered so that each table is written once."""

    deliveries: list[dict[str, Any]] = field(default_factory=list)
    lanes: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[Finished, Acknowledgement]] = field(default_factory=list)
    documents: list[Finished] = field(default_factory=list)
    overtaken: list[dict[str, Any]] = field(default_factory=list)
    rejections: list[tuple[str, str, str | None]] = field(default_factory=list)
    replaced: list[tuple[Partner, str, str]] = field(default_factory=list)


_INSERT_ATTEMPTS = attempt.insert()
_STANDING = (
    select(delivery.c.id, delivery.c.state, lane.c.fence)
    .join(lane, (lane.c.partner == delivery.c.partner) & (lane.c.key == delivery.c.lane_key))
    .where(delivery.c.id.in_(bindparam("ids", expanding=True)))
)
_UPDATE_DELIVERY = (
    update(delivery)
    .where(delivery.c.id == bindparam("b_id"))
    .values(
        state=bindparam("b_state"),
        reason=bindparam("b_reason"),
        code=bindparam("b_code"),
        answer=bindparam("b_answer", type_=delivery.c.answer.type),
        settled_at=bindparam("b_settled_at"),
        sent_at=func.coalesce(bindparam("b_sent_at"), delivery.c.sent_at),
        due_at=bindparam("b_due_at"),
        attempts=delivery.c.attempts - bindparam("b_uncounted"),
        manual=False,
    )
)
_UPDATE_LANE = (
    update(lane)
    .where(lane.c.partner == bindparam("b_partner"), lane.c.key == bindparam("b_key"))
    .values(
        pending=lane.c.pending - bindparam("b_passed"),
        hold=bindparam("b_hold"),
        next_at=bindparam("b_next_at"),
        fence=lane.c.fence + 1,
    )
)
_RECEIVED_ANYWAY = (
    update(delivery)
    .where(delivery.c.id == bindparam("b_id"), delivery.c.sent_at.is_(None))
    .values(sent_at=bindparam("b_now"))
)
_PAUSE = (
    update(partner)
    .where(partner.c.id == bindparam("b_partner"))
    .values(paused=True, paused_reason=bindparam("b_reason"), version=partner.c.version + 1)
)
_PAUSE_STATE = (
    update(partner_state)
    .where(partner_state.c.partner == bindparam("b_partner"))
    .values(next_at=FAR_FUTURE_MS, last_error=bindparam("b_reason"))
)
_FAILED = (
    update(partner_state)
    .where(partner_state.c.partner == bindparam("b_partner"))
    .values(
        failures=partner_state.c.failures + bindparam("b_count"),
        failing_since=func.coalesce(partner_state.c.failing_since, bindparam("b_now")),
        last_error=bindparam("b_reason"),
    )
    .returning(partner_state.c.failures)
)
_OPEN_BREAKER = (
    update(partner_state)
    .where(partner_state.c.partner == bindparam("b_partner"))
    .values(open_until=bindparam("b_open_until"))
)
_CLOSE_BREAKER = (
    update(partner_state)
    .where(partner_state.c.partner == bindparam("b_partner"))
    .values(failures=0, failing_since=None, open_until=0, last_error=None)
)


class Settlement:
    """Settles finished attempts inside the turn's transaction."""

    def __init__(self, inbound: InboundService, operations: DeliveryOperations) -> None:
        self._inbound = inbound
        self._operations = operations

    def settle(
        self, unit: UnitOfWork, now: int, finished: Sequence[Finished], *, idempotent: bool
    ) -> list[tuple[Partner, str]]:
        """Write down what came of the attempts.

        Returns:
            Partners that had to be paused, with the reason.
        """
        unit.connection.execute(_INSERT_ATTEMPTS, [_attempt_row(item) for item in finished])
        ids = [item.claim.delivery_id for item in finished]
        standing = {row.id: row for row in unit.connection.execute(_STANDING, {"ids": ids})}
        batch = _Batch()
        decisions: list[tuple[Finished, Decision]] = []
        unprocessed = [item.claim.delivery_id for item in finished if isinstance(item.outcome, Retry)]
        left_behind = self._operations.left_behind(unit, unprocessed) if unprocessed else frozenset[str]()
        for item in finished:
            decision = _decide(item, idempotent=idempotent)
            if item.claim.delivery_id in left_behind:
                decision = Decision(State.PENDING, failure=True, falls_back=True, reason=decision.reason)
            decisions.append((item, decision))
            self._gather(batch, item, decision, standing.get(item.claim.delivery_id), now)
        self._write(unit, batch, now)
        return self._count(unit, decisions, now)

    def _gather(self, batch: _Batch, item: Finished, decision: Decision, row: Any, now: int) -> None:
        """Put one attempt's rows into the batch, unless the lane was lost or the partner's answer came first."""
        claim = item.claim
        if row is None or row.state != State.SENDING or row.fence != claim.fence:
            if item.outcome is None:
                batch.overtaken.append({"b_id": claim.delivery_id, "b_now": now})
            return
        message = claim.outgoing.message
        answer = item.reading.plain_answer(message.reference, message.business_ref) if item.reading else None
        code, reason = getattr(item.outcome, "code", None), decision.reason
        if answer is not None:
            decision = after_answer(answer.verdict, ordering=claim.ordering)
            code, reason = words_of(answer)
            batch.answers.append((item, answer))
        elif item.reading is not None:
            batch.documents.append(item)
        if decision.state is State.REJECTED:
            batch.rejections.append((claim.delivery_id, reason or "", code))
        if decision.falls_back:
            batch.replaced.append((claim.partner, claim.delivery_id, reason or ""))
        sent = item.outcome is None
        waits = sent and decision.state is State.SENT and claim.deadline_ms is not None
        batch.deliveries.append(
            {
                "b_id": claim.delivery_id,
                "b_state": decision.state,
                "b_reason": reason,
                "b_code": code,
                "b_answer": record_of(answer) if answer else None,
                "b_settled_at": now if decision.settles else None,
                "b_sent_at": now if sent else None,
                "b_due_at": now + claim.deadline_ms if waits and claim.deadline_ms else None,
                "b_uncounted": 1 if isinstance(item.outcome, Misconfigured) else 0,
            }
        )
        batch.lanes.append(
            {
                "b_partner": claim.partner.id,
                "b_key": claim.lane_key,
                "b_passed": 1 if decision.passes else 0,
                "b_hold": decision.hold,
                "b_next_at": now + (int(decision.delay.total_seconds() * 1000) if decision.delay else 0),
            }
        )

    def _write(self, unit: UnitOfWork, batch: _Batch, now: int) -> None:
        if batch.deliveries:
            unit.connection.execute(_UPDATE_DELIVERY, batch.deliveries)
            unit.connection.execute(_UPDATE_LANE, batch.lanes)
        if batch.overtaken:
            unit.connection.execute(_RECEIVED_ANYWAY, batch.overtaken)
        if batch.answers:
            self._inbound.keep_answers(
                unit,
                [
                    (item.claim.partner, item.receipt.response, item.reading, item.claim.delivery_id)
                    for item, _ in batch.answers
                    if item.receipt and item.receipt.response and item.reading
                ],
                now,
            )
        for item in batch.documents:
            if item.receipt and item.receipt.response and item.reading:
                self._inbound.receive_in(unit, item.claim.partner, item.receipt.response, item.reading, now)
        for delivery_id, reason, code in batch.rejections:
            self._inbound.record_rejection(unit, delivery_id, reason, code)
        for target, delivery_id, reason in batch.replaced:
            self._operations.fall_back(unit, target, delivery_id, reason)

    def _count(
        self, unit: UnitOfWork, decisions: Sequence[tuple[Finished, Decision]], now: int
    ) -> list[tuple[Partner, str]]:
        """Keep the breakers: failures in a row open one, a success closes it; pause who is misconfigured."""
        paused: list[tuple[Partner, str]] = []
        by_partner: dict[str, list[tuple[Finished, Decision]]] = {}
        for item, decision in decisions:
            by_partner.setdefault(item.claim.partner.id, []).append((item, decision))
        for name, results in by_partner.items():
            target = results[0][0].claim.partner
            pauses = [decision.reason or "" for _, decision in results if decision.pause]
            failures = [decision.reason for _, decision in results if decision.failure]
            if pauses:
                unit.connection.execute(_PAUSE, {"b_partner": name, "b_reason": pauses[0]})
                unit.connection.execute(_PAUSE_STATE, {"b_partner": name, "b_reason": pauses[0]})
                paused.append((target, pauses[0]))
            elif len(failures) < len(results):
                if failures or any(item.claim.failures for item, _ in results):
                    unit.connection.execute(_CLOSE_BREAKER, {"b_partner": name})
            elif failures:
                values = {"b_partner": name, "b_count": len(failures), "b_reason": failures[-1], "b_now": now}
                count = unit.connection.execute(_FAILED, values).scalar_one()
                delay = breaker_delay(count, threshold=BREAKER_THRESHOLD, base_ms=target.breaker_ms)
                if delay:
                    unit.connection.execute(_OPEN_BREAKER, {"b_partner": name, "b_open_until": now + delay})
        return paused


def _decide(item: Finished, *, idempotent: bool) -> Decision:
    claim = item.claim
    if item.outcome is None:
        return after_success(acknowledgement=claim.acknowledgement, ordering=claim.ordering)
    return after_failure(
        item.outcome,
        attempts=claim.number,
        schedule=claim.partner.schedule,
        idempotent=idempotent,
        ordering=claim.ordering,
    )


def _attempt_row(item: Finished) -> dict[str, Any]:
    outcome = item.outcome
    excerpt = outcome.excerpt[:EXCERPT].replace("\x00", "\ufffd") if outcome and outcome.excerpt else None
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
        "excerpt": excerpt,
    }
