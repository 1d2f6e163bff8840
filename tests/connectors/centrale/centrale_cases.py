"""The golden events of adhesions, the two connectors that say them, and a simulated cooperative in memory."""

from __future__ import annotations

import functools
import importlib
import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.centrale import connector as kit
from connectors.centrale.connector import CentraleConnector
from connectors.transports.http import HttpTransport
from mock_partners import MOCKS, MockConfig
from mock_partners.centrale.mock import CentraleMock
from mock_partners.kit import MockClock
from semaphore_hub.ports.connector import Inbound, Message, RenderContext, Transport
from semaphore_hub.ports.events import Event
from semaphore_hub.ports.manifest import load_manifest
from semaphore_hub.ports.outcomes import Misconfigured

FOLDER = Path(__file__).parents[3] / "connectors"
GOLDEN = FOLDER / "centrale" / "golden"
NAMES = sorted(path.name.removesuffix(".event.json") for path in GOLDEN.glob("*.event.json"))
IDS = ("uniha", "resah")
DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
FINESS = "990780017"
BASE = "https://centrale.invalid"
KEY = "cle-de-test"
OPENED: dict[str, dict[str, Any]] = {
    "uniha": {"baseUrl": BASE, "clientId": "semaphore", "clientSecretSecret": "secret"},
    "resah": {"baseUrl": BASE, "apiKeySecret": "cle"},
}
SECRETS = {"cle": KEY, "secret": "secret-de-demonstration"}
CONNECTORS: dict[str, CentraleConnector] = {
    name: importlib.import_module(f"connectors.{name}.connector").create(load_manifest(FOLDER / name / "manifest.toml"))
    for name in IDS
}
SUFFIXES = {"api": "json", "file": "csv"}
CHANNELS = [(name, channel) for name in IDS for channel in SUFFIXES]


def event(name: str, **adhesion: Any) -> Event:
    """One golden event; ``adhesion`` replaces values of its data."""
    raw = json.loads((GOLDEN / f"{name}.event.json").read_text("utf-8"))
    raw["data"]["adhesion"] |= adhesion
    return Event(**{**raw, "time": datetime.fromisoformat(raw["time"])})


def settings(name: str, **changes: Any) -> Any:
    return CONNECTORS[name].settings_model.model_validate({"etablissement": FINESS, **changes})


def translate(name: str, channel: str, said: Event, *, ordinal: int = 1) -> Message:
    context = RenderContext(name, settings(name), DAY, 1, ordinal)
    [message] = CONNECTORS[name].translate(said, channel, context)
    return message


def expected(path: Path, body: bytes) -> bytes:
    """The golden bytes; written anew when SEMAPHORE_GOLDEN=write, for a person to review."""
    if os.environ.get("SEMAPHORE_GOLDEN") == "write":
        path.write_bytes(body)
    return path.read_bytes()


def no_secret(name: str) -> str:
    raise Misconfigured(f"no secret {name}")


def simulated(name: str, folder: Path | None = None, *, options: dict[str, Any] | None = None) -> CentraleMock:
    """A simulated cooperative whose clock stands still; with folders when one is given."""
    clock = MockClock()
    clock.set(NOW)
    places: dict[str, Any] = {}
    if folder is not None:
        for place in ("depot", "retour"):
            (folder / place).mkdir()
        places = {"depot_dir": folder / "depot", "retour_dir": folder / "retour"}
    key = KEY if name == "resah" else None
    mock = MOCKS[name](MockConfig(clock=clock, api_key=key, options=options or {}, **places))
    assert isinstance(mock, CentraleMock)
    return mock


Answering = Callable[[httpx.Request], httpx.Response]


def reached(
    monkeypatch: pytest.MonkeyPatch, name: str, behind: CentraleMock | Answering, secrets: Any = None
) -> Transport:
    """The API of a simulated cooperative, or of a function, opened in the place of the network."""
    inner: httpx.AsyncBaseTransport = (
        httpx.ASGITransport(behind.app) if isinstance(behind, CentraleMock) else httpx.MockTransport(behind)
    )
    monkeypatch.setattr(kit, "HttpTransport", functools.partial(HttpTransport, inner=inner))
    return CONNECTORS[name].open("api", settings(name, **OPENED[name]), secrets or SECRETS.__getitem__)


def folders(name: str, folder: Path) -> Transport:
    """The two folders of a simulated cooperative."""
    given = settings(name, depot=str(folder / "depot"), retour=str(folder / "retour"))
    return CONNECTORS[name].open("file", given, no_secret)


async def collected(name: str, transport: Transport) -> list[Inbound]:
    """Everything that waits, each confirmed once read."""
    found = []
    async for document in CONNECTORS[name].collect(transport):
        found.append(document)
        await CONNECTORS[name].confirm(document, transport)
    return found
