"""Alembic environment: one connection given by :mod:`semaphore_hub.migrate`, or the URL of the configuration."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from semaphore_hub.migrations.metadata import metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as opened:
        _run(opened)
        opened.commit()
