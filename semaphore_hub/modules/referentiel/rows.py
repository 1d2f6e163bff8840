"""What every module does with rows: check the version before a change, read one page of a list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select

from semaphore_hub.kernel.errors import Outdated


def require_version(row: RowMapping, version: int) -> None:
    """Refuse to change a row whose version is not the one the caller read.

    Raises:
        Outdated: it has changed since.
    """
    if row["version"] != version:
        raise Outdated(
            f"La version présente est {row['version']}, vous avez lu la version {version} : relisez, puis recommencez."
        )


def page_of(
    connection: Connection,
    statement: Select[Any],
    position: ColumnElement[str],
    limit: int,
    after: str | None,
    *,
    newest_first: bool = False,
) -> tuple[list[RowMapping], str | None]:
    """One page of a statement ordered by ``position`` (a uid), after the position given.

    Returns:
        The rows, and the uid of the last one when there are more after it.
    """
    if after is not None:
        statement = statement.where(position < after if newest_first else position > after)
    order = position.desc() if newest_first else position
    rows = list(connection.execute(statement.order_by(order).limit(limit + 1)).mappings())
    last = rows[limit - 1]["uid"] if len(rows) > limit else None
    return rows[:limit], last
