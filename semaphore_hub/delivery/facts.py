"""Answers what business modules ask about deliveries (see :mod:`semaphore_hub.ports.facts`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.states import State
from semaphore_hub.delivery.tables import delivery, partner
from semaphore_hub.delivery.tables import event as event_table
from semaphore_hub.ports.facts import MissingAnswer, Publication


class SqlDeliveryFacts:
    """Facts read from the tables of the engine."""

    def __init__(self, registry: ConnectorRegistry) -> None:
        self._open_data = [manifest.id for manifest in registry.manifests() if manifest.kind == "open_data"]

    def publishes(self, connection: Connection) -> bool:
        """See ``DeliveryFacts.publishes``."""
        query = select(partner.c.id).where(partner.c.connector.in_(self._open_data)).limit(1)
        return connection.execute(query).first() is not None

    def publications(self, connection: Connection, subjects: Collection[str]) -> Mapping[str, Publication]:
        """See ``DeliveryFacts.publications``; each message holds the whole marché, so a later acceptance is enough."""
        query = (
            select(delivery.c.lane_key, delivery.c.state, event_table.c.data)
            .join(event_table, event_table.c.id == delivery.c.event_id)
            .where(
                delivery.c.lane_key.in_(subjects),
                delivery.c.connector.in_(self._open_data),
                delivery.c.state != State.DISCARDED,
            )
            .order_by(delivery.c.lane_key, delivery.c.position)
        )
        found: dict[str, Publication] = {}
        for subject, state, data in connection.execute(query):
            before = found.get(subject, Publication(published=False, pending=frozenset()))
            if state == State.ACKNOWLEDGED:
                found[subject] = Publication(published=True, pending=frozenset())
            else:
                amendment = data.get("modification")
                pending = before.pending if amendment is None else before.pending | {amendment["id"]}
                found[subject] = Publication(before.published, pending)
        return found

    def unanswered(self, connection: Connection, subjects: Collection[str]) -> Mapping[str, list[MissingAnswer]]:
        """See ``DeliveryFacts.unanswered``."""
        query = select(delivery.c.lane_key, delivery.c.id, delivery.c.partner, delivery.c.message_type).where(
            delivery.c.lane_key.in_(subjects), delivery.c.state == State.OVERDUE
        )
        found: dict[str, list[MissingAnswer]] = {}
        for row in connection.execute(query.order_by(delivery.c.id)):
            found.setdefault(row.lane_key, []).append(MissingAnswer(row.id, row.partner, row.message_type))
        return found
