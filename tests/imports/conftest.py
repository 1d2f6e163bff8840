"""A hub on a fresh SQLite file for most tests, and one on the shared databases (SQLite and PostgreSQL)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, metadata
from tests.imports.hub import Hub


@pytest.fixture
def hub(tmp_path: Path, clock: ManualClock) -> Iterator[Hub]:
    """A hub with one GHT, whose tables come from the models: fast, for tests of what files say."""
    database = Database(f"sqlite:///{tmp_path / 'imports.db'}")
    metadata.create_all(database.engine)
    yield Hub(database, clock)
    database.close()


@pytest.fixture
def migrated_hub(database: Database, clock: ManualClock) -> Hub:
    """The same on migrated databases, SQLite and PostgreSQL."""
    return Hub(database, clock)
