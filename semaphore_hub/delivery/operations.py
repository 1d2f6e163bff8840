"""What a person does with deliveries: replay, discard, and switching a partner's channel without losing or doubling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Row, func, or_, select, update

from semaphore_hub.delivery.due import lock_partners, make_due
from semaphore_hub.delivery.event_log import to_event
from semaphore_hub.delivery.history import last_fact
from semaphore_hub.delivery.partners import FILE, Partner, PartnerService
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.render import Rendering, judge, render
from semaphore_hub.delivery.states import DISCARDABLE, REPLAYABLE, SENDABLE, Hold, State
from semaphore_hub.delivery.tables import attempt, delivery, lane, partner_day
from semaphore_hub.delivery.tables import event as event_table
from semaphore_hub.delivery.tables import partner as partner_table
from semaphore_hub.kernel.access import LOCAL, Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork
from semaphore_hub.kernel.errors import NotFound, WrongState
from semaphore_hub.ports.connector import RenderContext
from semaphore_hub.ports.events import CORRECTIONS, Event


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a message rendered again stands: its number, the last ordinal of the day, its position, its channel."""

    sequence: int
    ordinal: int
    position: int
    channel: str
    replaces_rejected: bool = False


_KEPT = frozenset({"id", "idempotency_key", "created_at", "replaces_id", "attempts", "manual"})
"""Columns of a delivery that rendering it again does not touch."""


class DeliveryOperations:
    """Operations on deliveries. Each runs in the caller's unit of work and leaves its lane consistent."""

    def __init__(self, database: Database, registry: ConnectorRegistry, partners: PartnerService, clock: Clock) -> None:
        self._database = database
        self._registry = registry
        self._partners = partners
        self._clock = clock

    def replay(self, unit: UnitOfWork, caller: Caller, delivery_id: str) -> None:
        """Send the same bytes again under the same idempotency key; the attempt is marked manual.

        Raises:
            NotFound: no such delivery.
            WrongState: it is on its way, accepted, set aside or replaced, or it never had a valid body.
        """
        row = self._locked(unit, caller, delivery_id)
        if row.state not in REPLAYABLE or row.replaced_by is not None:
            allowed = ", ".join(sorted(REPLAYABLE))
            raise WrongState(f"L'envoi est dans l'état {row.state} : seul un envoi {allowed} peut être rejoué.")
        if row.state == State.DEAD and row.attempts == 0:
            raise WrongState(
                "Cet envoi n'a jamais eu de contenu valide : corriger le marché, une correction le remplacera."
            )
        unit.connection.execute(
            update(delivery)
            .where(delivery.c.id == row.id)
            .values(state=State.PENDING, manual=True, settled_at=None, due_at=None, answer=None, code=None)
        )
        self._settle_lane(unit, row)

    def discard(self, unit: UnitOfWork, caller: Caller, delivery_id: str, reason: str) -> None:
        """Set a delivery aside for good, with a reason; what waited behind it goes on.

        Raises:
            NotFound: no such delivery.
            WrongState: it is being sent, or already settled.
        """
        row = self._locked(unit, caller, delivery_id)
        if row.state not in DISCARDABLE:
            allowed = ", ".join(sorted(DISCARDABLE))
            raise WrongState(f"L'envoi est dans l'état {row.state} : seul un envoi {allowed} peut être écarté.")
        now = self._now(unit)
        unit.connection.execute(
            update(delivery)
            .where(delivery.c.id == row.id)
            .values(state=State.DISCARDED, reason=f"{caller.name}: {reason}", settled_at=now)
        )
        surely_not_integrated = row.state == State.REJECTED or not self._perhaps_processed(unit, row)
        if row.ordering == "acceptance" and row.state != State.OVERDUE and surely_not_integrated:
            self._renumber(unit, row, now)
        self._settle_lane(unit, row)

    def switch_channel(self, unit: UnitOfWork, partner: Partner) -> int:
        """Say again, on the partner's present channel, what surely was not processed on the other one.

        A delivery never changes channel: a new one is created, linked, under the same idempotency key, and the first is
        set aside. What may have been processed (being sent, sent, uncertain) stays where it is.

        Returns:
            How many deliveries were created.
        """
        lock_partners(unit, [partner.id])
        channel, _ = self._partners.effective_channel(partner)
        now = self._now(unit)
        rows = unit.connection.execute(
            select(delivery)
            .where(
                delivery.c.partner == partner.id,
                delivery.c.channel != channel,
                delivery.c.state.in_([State.PENDING, State.RETRYING]),
            )
            .order_by(delivery.c.lane_key, delivery.c.position)
        ).all()
        created = 0
        for row in rows:
            if not self._perhaps_processed(unit, row):
                created += self._say_on(unit, partner, row, channel, f"replaced on the channel {channel}", now)
        make_due(unit, [partner.id], now)
        return created

    def left_behind(self, unit: UnitOfWork, delivery_ids: Sequence[str]) -> frozenset[str]:
        """Those whose partner was switched to files while they were being sent, and that surely were not processed."""
        rows = unit.connection.execute(
            select(delivery)
            .join(partner_table, partner_table.c.id == delivery.c.partner)
            .where(
                delivery.c.id.in_(delivery_ids),
                delivery.c.channel != FILE,
                or_(partner_table.c.channel == FILE, partner_table.c.fallen_back_at.is_not(None)),
            )
        ).all()
        return frozenset(row.id for row in rows if not self._perhaps_processed(unit, row))

    def fall_back(self, unit: UnitOfWork, partner: Partner, delivery_id: str, reason: str) -> None:
        """Say one delivery again by file, because its channel lacks the operation: it surely was not processed.

        Without a file channel it is dead, with that reason, and holds its lane as any dead delivery does.
        """
        row = unit.connection.execute(select(delivery).where(delivery.c.id == delivery_id)).one()
        now = self._now(unit)
        offered = self._registry.get(partner.connector).manifest.channel(FILE) is not None
        if offered and row.channel != FILE and self._say_on(unit, partner, row, FILE, reason, now):
            make_due(unit, [partner.id], now)
            return
        unit.connection.execute(
            update(delivery)
            .where(delivery.c.id == delivery_id)
            .values(state=State.DEAD, reason=f"{reason}; no other channel can say it", settled_at=now)
        )
        unit.connection.execute(
            update(lane).where(lane.c.partner == partner.id, lane.c.key == row.lane_key).values(hold=Hold.DEAD)
        )

    def _say_on(self, unit: UnitOfWork, partner: Partner, row: Row[Any], channel: str, reason: str, now: int) -> bool:
        """Create the delivery that takes another's place on a channel; False when there is nothing to say there."""
        ordinal = self._ordinal(unit, partner.id)
        place = _Place(row.sequence, ordinal, row.position, channel, replaces_rejected=row.replaces_id is not None)
        new = self._render_again(unit, partner, self._event(unit, row.event_id), place, now)[:1]
        if not new:
            return False
        new[0].update(replaces_id=row.id, idempotency_key=row.idempotency_key)
        unit.connection.execute(delivery.insert(), new)
        unit.connection.execute(
            update(delivery)
            .where(delivery.c.id == row.id)
            .values(state=State.DISCARDED, reason=reason, replaced_by=new[0]["id"], settled_at=now)
        )
        unit.connection.execute(
            update(lane)
            .where(lane.c.partner == partner.id, lane.c.key == row.lane_key, lane.c.hold.is_(None))
            .values(next_at=now)
        )
        self._save_ordinal(unit, partner.id, ordinal + 1)
        return True

    # -- helpers ----------------------------------------------------------------------------------------------------

    def _now(self, unit: UnitOfWork) -> int:
        return self._database.read_now(unit.connection)

    def _locked(self, unit: UnitOfWork, caller: Caller, delivery_id: str) -> Row[Any]:
        """The delivery, its partner locked first, as every writer of lanes does."""
        query = within(select(delivery).where(delivery.c.id == delivery_id), delivery.c.ght, caller)
        row = unit.connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"Aucun envoi {delivery_id}.")
        lock_partners(unit, [row.partner])
        return unit.connection.execute(query).one()

    def _settle_lane(self, unit: UnitOfWork, row: Row[Any]) -> None:
        """Recompute a lane from its deliveries after a person's intervention."""
        held_by_answer = (delivery.c.ordering == "acceptance") & delivery.c.state.in_(
            [State.SENT, State.OVERDUE, State.REJECTED]
        )
        waiting = delivery.c.state.in_([*SENDABLE, State.DEAD, State.UNCERTAIN]) | held_by_answer
        rows = (
            unit.connection.execute(
                select(delivery.c.state)
                .where(
                    delivery.c.partner == row.partner,
                    delivery.c.lane_key == row.lane_key,
                    delivery.c.replaced_by.is_(None),
                    waiting,
                )
                .order_by(delivery.c.position)
            )
            .scalars()
            .all()
        )
        hold = _HOLDS.get(State(rows[0])) if rows else None
        now = self._now(unit)
        sending = bool(rows) and rows[0] == State.SENDING
        values: dict[str, Any] = {"pending": len(rows), "hold": hold}
        if not sending:
            values["next_at"] = now
        unit.connection.execute(
            update(lane).where(lane.c.partner == row.partner, lane.c.key == row.lane_key).values(**values)
        )
        make_due(unit, [row.partner], now)

    def _renumber(self, unit: UnitOfWork, discarded: Row[Any], now: int) -> None:
        """Render again what waits behind a message that will never be accepted: its number is free.

        Only never-sent bodies change; what a partner may have seen stays frozen.
        """
        followers = unit.connection.execute(
            select(delivery)
            .where(
                delivery.c.partner == discarded.partner,
                delivery.c.lane_key == discarded.lane_key,
                delivery.c.position > discarded.position,
                delivery.c.attempts == 0,
                delivery.c.state.in_([State.PENDING, State.DEAD]),
            )
            .order_by(delivery.c.position)
        ).all()
        partner = self._partners.get(LOCAL, discarded.partner)
        ordinal, sequence = self._ordinal(unit, partner.id), discarded.sequence
        for event_id, group in groupby(followers, key=lambda row: row.event_id):
            rows = list(group)
            place = _Place(sequence, ordinal, rows[0].position, rows[0].channel)
            made = self._render_again(unit, partner, self._event(unit, event_id), place, now)
            self._rewrite(unit, rows, made, now)
            sequence += len(made)
            ordinal += len(made)
        self._save_ordinal(unit, partner.id, ordinal)
        unit.connection.execute(
            update(lane)
            .where(lane.c.partner == discarded.partner, lane.c.key == discarded.lane_key)
            .values(sequence=sequence - 1)
        )

    def _render_again(
        self, unit: UnitOfWork, partner: Partner, event: Event, place: _Place, now: int
    ) -> list[dict[str, Any]]:
        connector = self._registry.get(partner.connector)
        spec = connector.manifest.spec_for(event.type)
        assert spec is not None  # the delivery exists because the manifest hears this event
        context = RenderContext(
            partner=partner.id,
            settings=self._partners.settings_of(partner),
            rendered_on=self._clock.today(),
            sequence=place.sequence,
            ordinal=place.ordinal + 1,
            replaces_rejected=place.replaces_rejected,
            follows=last_fact(unit, partner.id, event.subject, place.position) if event.type in CORRECTIONS else None,
        )
        rows = render(event, partner, connector, spec, Rendering(place.channel, context, place.position), now)
        judge(rows, self._registry)
        return rows

    def _rewrite(self, unit: UnitOfWork, rows: list[Row[Any]], made: list[dict[str, Any]], now: int) -> None:
        """Give never-sent deliveries of one event their new messages; there may be more of them, or fewer."""
        for row, new in zip(rows, made, strict=False):
            values = {name: value for name, value in new.items() if name not in _KEPT}
            unit.connection.execute(update(delivery).where(delivery.c.id == row.id).values(**values))
        if made[len(rows) :]:
            unit.connection.execute(delivery.insert(), made[len(rows) :])
        for row in rows[len(made) :]:
            reason = "said by another message since it was numbered again"
            unit.connection.execute(
                update(delivery)
                .where(delivery.c.id == row.id)
                .values(state=State.DISCARDED, reason=reason, settled_at=now)
            )

    def _perhaps_processed(self, unit: UnitOfWork, row: Row[Any]) -> bool:
        """Whether an earlier attempt of a waiting delivery ended without a certain outcome."""
        query = select(func.count()).where(attempt.c.delivery_id == row.id, attempt.c.outcome == "unknown")
        return bool(unit.connection.execute(query).scalar_one())

    def _event(self, unit: UnitOfWork, event_id: str) -> Event:
        return to_event(unit.connection.execute(select(event_table).where(event_table.c.id == event_id)).one())

    def _ordinal(self, unit: UnitOfWork, partner_id: str) -> int:
        return (
            unit.connection.execute(
                select(partner_day.c.ordinal).where(
                    partner_day.c.partner == partner_id, partner_day.c.day == self._clock.today().isoformat()
                )
            ).scalar_one_or_none()
            or 0
        )

    def _save_ordinal(self, unit: UnitOfWork, partner_id: str, ordinal: int) -> None:
        upsert = self._database.insert(partner_day).values(
            partner=partner_id, day=self._clock.today().isoformat(), ordinal=ordinal
        )
        unit.connection.execute(
            upsert.on_conflict_do_update(index_elements=["partner", "day"], set_={"ordinal": upsert.excluded.ordinal})
        )


_HOLDS: dict[State, Hold] = {
    State.DEAD: Hold.DEAD,
    State.UNCERTAIN: Hold.UNCERTAIN,
    State.REJECTED: Hold.REJECTED,
    State.SENT: Hold.ACKNOWLEDGEMENT,
    State.OVERDUE: Hold.ACKNOWLEDGEMENT,
}
