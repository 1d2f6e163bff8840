"""Brings a database to the present schema, and tells whether the models drifted from the migrations."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from semaphore_hub.migrations.metadata import metadata


def configuration() -> Config:
    """Alembic configuration that knows where the migrations stand."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(url: str) -> None:
    """Apply every migration that the database lacks, in one transaction."""
    engine = create_engine(url)
    config = configuration()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def revise(url: str, message: str) -> None:
    """Write a new migration from the difference between a migrated database and the models."""
    engine = create_engine(url)
    config = configuration()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True)
    engine.dispose()


def is_current(url: str) -> bool:
    """Whether a database has every migration."""
    wanted = ScriptDirectory.from_config(configuration()).get_current_head()
    engine = create_engine(url)
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return present == wanted


def drift(url: str) -> list[object]:
    """Differences between a migrated database and the models; an empty list is what must be."""
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences: list[object] = list(compare_metadata(context, metadata))
    engine.dispose()
    return differences
