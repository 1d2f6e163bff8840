"""What was said before in a lane."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from semaphore_hub.delivery.states import State
from semaphore_hub.delivery.tables import delivery
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.ports.events import CORRECTIONS

_LAST_FACT = (
    select(delivery.c.event_type)
    .where(
        delivery.c.partner == bindparam("partner"),
        delivery.c.lane_key == bindparam("key"),
        delivery.c.position < bindparam("before"),
        delivery.c.state != State.DISCARDED,
        delivery.c.replaced_by.is_(None),
        delivery.c.event_type.not_in(CORRECTIONS),
    )
    .order_by(delivery.c.position.desc())
    .limit(1)
)


def last_fact(unit: UnitOfWork, partner: str, key: str, before: int) -> str | None:
    """Type of the last event said in a lane before a position, corrections left out; ``None`` when there is none."""
    found: str | None = unit.connection.execute(
        _LAST_FACT, {"partner": partner, "key": key, "before": before}
    ).scalar_one_or_none()
    return found
