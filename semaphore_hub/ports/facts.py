"""What business modules may ask of the delivery engine: facts about what partners answered, nothing of how."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """A message whose functional answer did not come before its deadline."""

    delivery: str
    partner: str
    message: str


@dataclass(frozen=True, slots=True)
class Publication:
    """What the open data have of a marché.

    Attributes:
        published: whether they accepted it at all.
        pending: ids of the amendments that they have not accepted yet.
    """

    published: bool
    pending: frozenset[int]


class DeliveryFacts(Protocol):
    """Facts about deliveries, for the subjects of events ("marche/<uid>")."""

    def publishes(self, connection: Connection) -> bool:
        """Whether any partner of kind ``open_data`` is configured, so that publications can be known."""
        ...

    def publications(self, connection: Connection, subjects: Collection[str]) -> Mapping[str, Publication]:
        """What partners of kind ``open_data`` accepted of each subject; absent when nothing was ever sent to them."""
        ...

    def unanswered(self, connection: Connection, subjects: Collection[str]) -> Mapping[str, list[MissingAnswer]]:
        """Messages about each subject that still miss their answer after its deadline."""
        ...
