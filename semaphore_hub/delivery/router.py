"""From the event log to deliveries: which partners hear an event, and the lane each message joins.

One router works at a time (an advisory lock on PostgreSQL, the single writer on SQLite), in the order of the log. It
locks the ``partner_state`` rows of the partners concerned before their lanes, as every other writer does: that order
is what keeps processes from waiting for each other in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, Row, bindparam, case, func, or_, select, text, update

from semaphore_hub.delivery.due import lock_partners, make_due
from semaphore_hub.delivery.event_log import to_event
from semaphore_hub.delivery.history import last_fact
from semaphore_hub.delivery.partners import Partner, PartnerService
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.render import PARTS_PER_EVENT, Rendering, judge, position_of, render
from semaphore_hub.delivery.states import Hold, State
from semaphore_hub.delivery.tables import delivery, lane, partner, partner_day
from semaphore_hub.delivery.tables import event as event_table
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork
from semaphore_hub.ports.connector import RenderContext
from semaphore_hub.ports.events import CORRECTIONS, Event
from semaphore_hub.ports.manifest import MessageSpec

BATCH = 50
_ROUTER_LOCK = 0x5E4A_0001


@dataclass(slots=True)
class _Lane:
    """What the router knows of one lane while it works through a batch."""

    sequence: int
    hold: str | None
    added: int = 0
    released: bool = False


@dataclass(slots=True)
class _Batch:
    """State of one routing transaction."""

    unit: UnitOfWork
    registry: ConnectorRegistry
    now: int
    lanes: dict[tuple[str, str], _Lane]
    ordinals: dict[str, int]
    rows: list[dict[str, Any]] = field(default_factory=list)
    partners: dict[str, str] = field(default_factory=dict)

    def insert(self) -> None:
        """Judge and write the deliveries gathered so far."""
        if self.rows:
            judge(self.rows, self.registry)
            self.unit.connection.execute(delivery.insert(), self.rows)
            self.rows = []


# Statements are built once and given values: building one costs SQLAlchemy several times what running it costs.
_UNROUTED = select(event_table).where(event_table.c.routed.is_(False)).order_by(event_table.c.seq).limit(BATCH)
_ROUTED = update(event_table).where(event_table.c.seq.in_(bindparam("seqs", expanding=True))).values(routed=True)
_INSTANCES = (
    select(partner)
    .where(
        partner.c.connector.in_(bindparam("connectors", expanding=True)),
        or_(
            bindparam("everyone", type_=Boolean),
            partner.c.siret.is_(None),
            partner.c.siret.in_(bindparam("sirets", expanding=True)),
        ),
    )
    .order_by(partner.c.id)
)
_LANES = select(lane).where(
    lane.c.key.in_(bindparam("keys", expanding=True)), lane.c.partner.in_(bindparam("partners", expanding=True))
)
_FIRST_PROBLEM = (
    select(delivery.c.id, delivery.c.state, delivery.c.attempts, delivery.c.sequence, delivery.c.position)
    .where(
        delivery.c.partner == bindparam("partner"),
        delivery.c.lane_key == bindparam("key"),
        delivery.c.state.in_([State.REJECTED, State.DEAD, State.UNCERTAIN]),
        delivery.c.replaced_by.is_(None),
    )
    .order_by(delivery.c.position)
    .limit(1)
)
_COUNTERS = select(partner_day.c.partner, partner_day.c.ordinal).where(
    partner_day.c.partner.in_(bindparam("partners", expanding=True)), partner_day.c.day == bindparam("day")
)


def _upsert_lane(database: Database) -> Any:
    """Add deliveries to a lane; one that waits in backoff or is being sent keeps its time."""
    new = database.insert(lane)
    unchanged = (new.excluded.hold == lane.c.hold) | (new.excluded.hold.is_(None) & lane.c.hold.is_(None))
    return new.on_conflict_do_update(
        index_elements=["partner", "key"],
        set_={
            "pending": lane.c.pending + new.excluded.pending,
            "sequence": new.excluded.sequence,
            "hold": new.excluded.hold,
            "next_at": case(((lane.c.pending > 0) & unchanged, lane.c.next_at), else_=new.excluded.next_at),
        },
    )


class Router:
    """Turns unrouted events into deliveries."""

    def __init__(self, database: Database, registry: ConnectorRegistry, partners: PartnerService, clock: Clock) -> None:
        self._database = database
        self._registry = registry
        self._partners = partners
        self._clock = clock
        self._upsert_lane = _upsert_lane(database)
        day = database.insert(partner_day)
        self._upsert_day = day.on_conflict_do_update(
            index_elements=["partner", "day"], set_={"ordinal": day.excluded.ordinal}
        )

    def route(self) -> tuple[int, frozenset[str]]:
        """Route one batch.

        Returns:
            How many events were routed, and the connectors that have new work.
        """
        with self._database.write() as unit:
            if not self._database.is_sqlite:
                locked = unit.connection.execute(text(f"SELECT pg_try_advisory_xact_lock({_ROUTER_LOCK})"))
                if not locked.scalar_one():
                    return 0, frozenset()
            rows = unit.connection.execute(_UNROUTED).all()
            if not rows:
                return 0, frozenset()
            events = [to_event(row) for row in rows]
            plan = self._plan(unit, events)
            batch = self._begin(unit, events, sorted({target.id for _, target, _ in plan}))
            for event, target, spec in plan:
                self._add(batch, event, target, spec)
            self._write(batch)
            unit.connection.execute(_ROUTED, {"seqs": [row.seq for row in rows]})
        return len(rows), frozenset(batch.partners.values())

    def _plan(self, unit: UnitOfWork, events: list[Event]) -> list[tuple[Event, Partner, MessageSpec]]:
        """Who hears what, in the order of the log."""
        heard = {
            (manifest.id, event.type): spec
            for manifest in self._registry.manifests()
            for event in events
            if (spec := manifest.spec_for(event.type)) is not None
        }
        if not heard:
            return []
        sirets = {siret for event in events for siret in _sirets(event)}
        everyone = any(spec.audience in {"ght", "destinataire"} for spec in heard.values())
        wanted = {
            "connectors": sorted({connector for connector, _ in heard}),
            "sirets": sorted(sirets),
            "everyone": everyone,
        }
        instances = [self._partners.to_partner(row) for row in unit.connection.execute(_INSTANCES, wanted)]
        return [
            (event, instance, spec)
            for event in events
            for instance in instances
            if (spec := heard.get((instance.connector, event.type))) is not None and _concerns(event, instance, spec)
        ]

    def _begin(self, unit: UnitOfWork, events: list[Event], partners: list[str]) -> _Batch:
        """Lock the partners, then read the lanes and counters the batch starts from."""
        lock_partners(unit, partners)
        keys = sorted({event.subject for event in events})
        lanes = unit.connection.execute(_LANES, {"keys": keys, "partners": partners})
        today = self._clock.today().isoformat()
        counters = unit.connection.execute(_COUNTERS, {"partners": partners, "day": today})
        return _Batch(
            unit=unit,
            registry=self._registry,
            now=self._database.read_now(unit.connection),
            lanes={(row.partner, row.key): _Lane(row.sequence, row.hold) for row in lanes},
            ordinals={row.partner: row.ordinal for row in counters},
        )

    def _add(self, batch: _Batch, event: Event, target: Partner, spec: MessageSpec) -> None:
        place = batch.lanes.setdefault((target.id, event.subject), _Lane(0, None))
        held = follows = None
        if event.type in CORRECTIONS and spec.ordering == "acceptance":
            held = self._held_head(batch, event, target)
            follows = last_fact(batch.unit, target.id, event.subject, position_of(event))
        channel, _ = self._partners.effective_channel(target)
        sequence = held.sequence if held is not None else place.sequence + 1
        context = RenderContext(
            partner=target.id,
            settings=self._partners.settings_of(target),
            rendered_on=self._clock.today(),
            sequence=sequence,
            ordinal=batch.ordinals.get(target.id, 0) + 1,
            replaces_rejected=held is not None,
            follows=follows,
        )
        connector = self._registry.get(target.connector)
        position = position_of(event) if held is None else held.position + PARTS_PER_EVENT // 2
        rows = render(event, target, connector, spec, Rendering(channel, context, position), batch.now)
        if not rows:
            return
        batch.ordinals[target.id] = context.ordinal + len(rows) - 1
        batch.partners[target.id] = target.connector
        if held is not None:
            self._supersede(batch, event, target, place, held, rows[0])
        batch.rows += rows
        place.sequence = sequence + len(rows) - 1
        place.added += len(rows)

    def _held_head(self, batch: _Batch, event: Event, target: Partner) -> Any:
        """What a correction replaces: the refused, or never sent, delivery that holds the lane or will when reached."""
        batch.insert()  # it may stand in this very batch
        lane_of = {"partner": target.id, "key": event.subject}
        first = batch.unit.connection.execute(_FIRST_PROBLEM, lane_of).one_or_none()
        if first is None or first.state == State.UNCERTAIN or (first.state == State.DEAD and first.attempts):
            return None
        return first

    def _supersede(
        self, batch: _Batch, event: Event, target: Partner, place: _Lane, held: Row[Any], new: dict[str, Any]
    ) -> None:
        """Link the correction to what it replaces.

        The messages that waited behind the refused one were never sent and say an older state of the same marché; the
        correction says the present one, so they are set aside, visibly, rather than sent after it.
        """
        new["replaces_id"] = held.id
        replaced = update(delivery).where(delivery.c.partner == target.id, delivery.c.lane_key == event.subject)
        batch.unit.connection.execute(
            replaced.where(delivery.c.id == held.id).values(replaced_by=new["id"], settled_at=batch.now)
        )
        waiting = batch.unit.connection.execute(
            replaced.where(
                delivery.c.state == State.PENDING, delivery.c.attempts == 0, delivery.c.position > held.position
            ).values(
                state=State.DISCARDED,
                reason="said by the correction that replaces the refused message",
                replaced_by=new["id"],
                settled_at=batch.now,
            )
        ).rowcount
        place.added -= 1 + waiting
        if place.hold in {Hold.REJECTED, Hold.DEAD}:
            place.hold = None
        place.released = True

    def _write(self, batch: _Batch) -> None:
        if not batch.partners:
            return
        batch.insert()
        connection = batch.unit.connection
        touched = [(key, place) for key, place in batch.lanes.items() if place.added or place.released]
        connection.execute(
            self._upsert_lane,
            [
                {
                    "partner": key[0],
                    "key": key[1],
                    "pending": place.added,
                    "sequence": place.sequence,
                    "hold": place.hold,
                    "next_at": batch.now,
                    "fence": 0,
                }
                for key, place in touched
            ],
        )
        connection.execute(
            self._upsert_day,
            [
                {"partner": name, "day": self._clock.today().isoformat(), "ordinal": ordinal}
                for name, ordinal in batch.ordinals.items()
            ],
        )
        make_due(batch.unit, sorted(batch.partners), batch.now)


def _concerns(event: Event, target: Partner, spec: MessageSpec) -> bool:
    """Whether this instance hears this event, by the manifest's audience."""
    if event.ght is not None and target.ght is not None and event.ght != target.ght:
        return False
    if spec.audience == "destinataire":
        return event.data.get("destinataire") in {target.id, target.connector}
    if spec.audience == "ght" or target.siret is None:
        return True
    sirets = _sirets(event)
    return target.siret in (sirets[:1] if spec.audience == "acheteur" else sirets[1:])


def _sirets(event: Event) -> list[str]:
    """The buyer, then each beneficiary; for a concession, the granting authority; else empty."""
    marche = event.data.get("marche")
    if marche is None:
        concession = event.data.get("concession")
        return [] if concession is None else [concession["autoriteConcedante"]["siret"]]
    return [marche["acheteur"]["siret"], *(one["siret"] for one in marche["beneficiaires"])]


def count_unrouted(database: Database) -> int:
    """Events the router has not seen yet."""
    with database.read() as connection:
        return int(
            connection.execute(
                select(func.count()).select_from(event_table).where(event_table.c.routed.is_(False))
            ).scalar_one()
        )
