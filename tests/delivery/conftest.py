"""Engines for the tests of the delivery engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database
from tests.delivery.fakes import Engine, fake_contract, manifest

EngineFactory = Callable[..., Engine]


@pytest.fixture
def make_engine(database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> EngineFactory:
    """Builds an engine for a manifest described by keywords (idempotent, ordering, deadline)."""
    fake_contract(monkeypatch)

    def build(**described: Any) -> Engine:
        return Engine(database, clock, manifest(**described))

    return build


@pytest.fixture
def engine(make_engine: EngineFactory) -> Engine:
    """An engine with one partner that acknowledges in the answer itself."""
    built = make_engine()
    built.partner()
    return built
