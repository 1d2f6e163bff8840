"""The transactional event log: a fact is written with the business change, in the same transaction, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.exc import IntegrityError

from semaphore_hub.delivery.tables import event as event_table
from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import WAKE_CHANNEL, Database, UnitOfWork
from semaphore_hub.kernel.errors import NotFound, Outdated
from semaphore_hub.ports.events import Event

_INSERT = event_table.insert()


Subscriber = Callable[[UnitOfWork, Event], None]
"""Told of every event inside the transaction that writes it; what it raises undoes that transaction."""


class SqlEventLog:
    """Events in the hub's own database. ``on_commit`` is called, in the writer's thread, after each commit."""

    def __init__(
        self,
        database: Database,
        on_commit: Callable[[], None] = lambda: None,
        subscribers: Sequence[Subscriber] = (),
    ) -> None:
        self._database = database
        self.on_commit = on_commit
        self._subscribers = tuple(subscribers)

    def _woken(self) -> None:
        self.on_commit()

    def append(self, unit: UnitOfWork, event: Event) -> None:
        """Write one event inside the caller's transaction.

        Raises:
            Outdated: the subject already has this version.
        """
        try:
            unit.connection.execute(
                _INSERT,
                {
                    "id": event.id,
                    "type": event.type,
                    "subject": event.subject,
                    "version": event.version,
                    "time": event.time,
                    "ght": event.ght,
                    "data": event.data,
                    "routed": False,
                },
            )
        except IntegrityError as error:
            raise Outdated(f"{event.subject} already has an event of version {event.version}") from error
        for subscriber in self._subscribers:
            subscriber(unit, event)
        wake(unit, self._database, self._woken)


def wake(unit: UnitOfWork, database: Database, on_commit: Callable[[], None]) -> None:
    """Have the dispatchers look for work once this transaction is durable, here and in other processes."""
    if not database.is_sqlite:
        unit.connection.execute(text(f"NOTIFY {WAKE_CHANNEL}"))
    unit.after_commit(on_commit)


def to_event(row: Row[Any]) -> Event:
    """A stored row as the event it records."""
    return Event(
        id=row.id,
        type=row.type,
        subject=row.subject,
        version=row.version,
        time=row.time,
        ght=row.ght,
        data=row.data,
    )


def list_events(
    database: Database,
    caller: Caller,
    *,
    after: int = 0,
    limit: int = 50,
    subject: str | None = None,
    type_: str | None = None,
) -> list[tuple[int, Event]]:
    """Events in the order of the log, each with its sequence number, after a given one."""
    query = select(event_table).where(event_table.c.seq > after).order_by(event_table.c.seq).limit(limit)
    if subject is not None:
        query = query.where(event_table.c.subject == subject)
    if type_ is not None:
        query = query.where(event_table.c.type == type_)
    with database.read() as connection:
        rows = connection.execute(within(query, event_table.c.ght, caller)).all()
    return [(row.seq, to_event(row)) for row in rows]


def get_event(database: Database, caller: Caller, event_id: str) -> Event:
    """One event.

    Raises:
        NotFound: no such event in the caller's perimeter.
    """
    query = within(select(event_table).where(event_table.c.id == event_id), event_table.c.ght, caller)
    with database.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"Aucun événement {event_id}.")
    return to_event(row)
