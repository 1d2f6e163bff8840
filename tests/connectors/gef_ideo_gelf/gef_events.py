"""The events of the golden folder, and the connector that says them."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from connectors.gef_ideo_gelf.connector import IdeoGelfConnector, create
from connectors.gef_ideo_gelf.settings import IdeoGelfSettings
from semaphore_hub.ports.connector import Message, RenderContext
from semaphore_hub.ports.events import Event
from semaphore_hub.ports.manifest import load_manifest

FOLDER = Path(__file__).parents[3] / "connectors" / "gef_ideo_gelf"
GOLDEN = FOLDER / "golden"
NAMES = sorted(path.name.removesuffix(".event.json") for path in GOLDEN.glob("*.event.json"))
LIFE = ("fournisseur_cree", "fournisseur_modifie", "marche_notifie", "marche_modifie", "marche_corrige")
"""A marché's life in order, its suppliers first."""


def connector() -> IdeoGelfConnector:
    return create(load_manifest(FOLDER / "manifest.toml"))


def event(name: str, **changes: Any) -> Event:
    """One golden event; ``changes`` replace values of its data's marché."""
    raw = json.loads((GOLDEN / f"{name}.event.json").read_text("utf-8"))
    if changes:
        raw["data"]["marche"] |= changes
    return Event(**{**raw, "time": datetime.fromisoformat(raw["time"])})


def settings(**changes: Any) -> IdeoGelfSettings:
    return IdeoGelfSettings.model_validate(json.loads((GOLDEN / "settings.json").read_text("utf-8")) | changes)


def translate(said: Event, channel: str, *, ordinal: int = 1, **changes: Any) -> Message:
    context = RenderContext("gef_ideo_gelf", settings(**changes), date(2026, 11, 21), 1, ordinal)
    [message] = connector().translate(said, channel, context)
    return message
