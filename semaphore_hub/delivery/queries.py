"""Reading deliveries, attempts and the inbox: lists by cursor, one whole, the exact bytes, and counts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from semaphore_hub.delivery.tables import attempt, delivery, inbox
from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import Database
from semaphore_hub.kernel.errors import NotFound

_LIST_COLUMNS = [column for column in delivery.c if column.name not in {"body", "headers", "findings", "answer"}]
_INBOX_COLUMNS = [column for column in inbox.c if column.name not in {"body", "findings"}]


def list_deliveries(
    database: Database,
    caller: Caller,
    *,
    after: str | None = None,
    limit: int = 50,
    partner: str | None = None,
    state: str | None = None,
    subject: str | None = None,
) -> list[Row[Any]]:
    """Deliveries by age, oldest first, after the one of id ``after``."""
    query = select(*_LIST_COLUMNS).order_by(delivery.c.id).limit(limit)
    if after is not None:
        query = query.where(delivery.c.id > after)
    for column, value in ((delivery.c.partner, partner), (delivery.c.state, state), (delivery.c.lane_key, subject)):
        if value is not None:
            query = query.where(column == value)
    with database.read() as connection:
        return list(connection.execute(within(query, delivery.c.ght, caller)))


def get_delivery(connection: Connection, caller: Caller, delivery_id: str) -> tuple[Row[Any], list[Row[Any]]]:
    """One delivery and its attempts, oldest first.

    Raises:
        NotFound: no such delivery in the caller's perimeter.
    """
    query = within(select(delivery).where(delivery.c.id == delivery_id), delivery.c.ght, caller)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"Aucun envoi {delivery_id}.")
    attempts = connection.execute(select(attempt).where(attempt.c.delivery_id == delivery_id).order_by(attempt.c.id))
    return row, list(attempts)


def list_inbox(
    database: Database,
    caller: Caller,
    *,
    after: str | None = None,
    limit: int = 50,
    source: str | None = None,
    status: str | None = None,
) -> list[Row[Any]]:
    """Documents received, oldest first, after the one of id ``after``."""
    query = select(*_INBOX_COLUMNS).order_by(inbox.c.id).limit(limit)
    if after is not None:
        query = query.where(inbox.c.id > after)
    for column, value in ((inbox.c.source, source), (inbox.c.status, status)):
        if value is not None:
            query = query.where(column == value)
    with database.read() as connection:
        return list(connection.execute(within(query, inbox.c.ght, caller)))


def get_inbox(database: Database, caller: Caller, entry_id: str) -> Row[Any]:
    """One document received, with its bytes and its report.

    Raises:
        NotFound: no such document in the caller's perimeter.
    """
    query = within(select(inbox).where(inbox.c.id == entry_id), inbox.c.ght, caller)
    with database.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"Aucun document reçu {entry_id}.")
    return row


def count_states(database: Database) -> list[tuple[str, str, int]]:
    """How many deliveries each partner has in each state."""
    query = select(delivery.c.partner, delivery.c.state, func.count()).group_by(delivery.c.partner, delivery.c.state)
    with database.read() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def count_inbox(database: Database) -> list[tuple[str, str, int]]:
    """How many documents each partner sent, by status."""
    query = select(inbox.c.source, inbox.c.status, func.count()).group_by(inbox.c.source, inbox.c.status)
    with database.read() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]
