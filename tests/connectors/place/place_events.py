"""The events of the golden folder, and the connector that says them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import connectors.place
from connectors.place.connector import PlaceConnector
from connectors.place.settings import PlaceSettings
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.ports.connector import Message, RenderContext
from semaphore_hub.ports.events import Event
from semaphore_hub.ports.manifest import load_manifest
from semaphore_hub.ports.outcomes import Misconfigured

FOLDER = Path(connectors.place.__file__).parent
GOLDEN = FOLDER / "golden"
NAMES = sorted(path.name.removesuffix(".event.json") for path in GOLDEN.glob("*.event.json"))
BUYER = "26990001500018"
NOW = datetime(2026, 3, 20, 8, 0, tzinfo=UTC)


def connector(clock: ManualClock | None = None) -> PlaceConnector:
    """The connector, on a clock that stands at 20 March 2026."""
    return PlaceConnector(load_manifest(FOLDER / "manifest.toml"), clock or ManualClock(NOW))


def event(name: str, **changes: Any) -> Event:
    """One golden event; ``changes`` replace values of its data."""
    raw = json.loads((GOLDEN / f"{name}.event.json").read_text("utf-8"))
    raw["data"] |= changes
    return Event(**{**raw, "time": datetime.fromisoformat(raw["time"])})


def settings(**changes: Any) -> PlaceSettings:
    """Settings with their defaults."""
    return PlaceSettings.model_validate({"organisme": "x7y", **changes})


def messages(said: Event, channel: str, *, sequence: int = 2, ordinal: int = 1, **changes: Any) -> list[Message]:
    """What an event becomes."""
    context = RenderContext("place", settings(**changes), date(2026, 2, 12), sequence, ordinal)
    return connector().translate(said, channel, context)


def translate(said: Event, channel: str, **more: Any) -> Message:
    """The one message an event becomes."""
    [message] = messages(said, channel, **more)
    return message


def no_secret(name: str) -> str:
    """A reader that knows no secret."""
    raise Misconfigured(f"no secret {name}")
