"""The two things every writer of lanes does: lock the partners first, and have them looked at again afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, case, select, update

from semaphore_hub.delivery.tables import partner_state
from semaphore_hub.kernel.db import UnitOfWork

_LOCK = (
    select(partner_state.c.partner)
    .where(partner_state.c.partner.in_(bindparam("names", expanding=True)))
    .order_by(partner_state.c.partner)
    .with_for_update()
)
_SOONEST = case((partner_state.c.open_until > bindparam("now"), partner_state.c.open_until), else_=bindparam("now"))
_MAKE_DUE = (
    update(partner_state)
    .where(partner_state.c.partner.in_(bindparam("names", expanding=True)), partner_state.c.next_at > _SOONEST)
    .values(next_at=_SOONEST)
)


def lock_partners(unit: UnitOfWork, partners: Sequence[str]) -> None:
    """Take the partners' rows, in the order every writer takes them, before touching their lanes.

    That order is what keeps processes from waiting for each other in a circle. SQLite has one writer and no row locks.
    """
    if unit.connection.dialect.name != "sqlite":
        unit.connection.execute(_LOCK, {"names": sorted(partners)})


def make_due(unit: UnitOfWork, partners: Sequence[str], now: int) -> None:
    """Have partners looked at from ``now`` on, or when their breaker lets them."""
    unit.connection.execute(_MAKE_DUE, {"names": list(partners), "now": now})
