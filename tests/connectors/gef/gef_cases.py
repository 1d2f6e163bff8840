"""The golden events of the common model, and the five connectors that say them."""

from __future__ import annotations

import importlib
import json
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

from connectors.gef.connector import GefConnector
from connectors.gef.settings import GefSettings
from semaphore_hub.ports.connector import Message, RenderContext
from semaphore_hub.ports.events import Event
from semaphore_hub.ports.manifest import load_manifest
from semaphore_hub.ports.outcomes import Misconfigured

FOLDER = Path(__file__).parents[3] / "connectors"
GOLDEN = FOLDER / "gef" / "golden"
NAMES = sorted(path.name.removesuffix(".event.json") for path in GOLDEN.glob("*.event.json"))
MARCHE_NAMES = [name for name in NAMES if name.startswith("marche_")]
IDS = ("gef_eai_prodige", "gef_saas", "gef_0904", "gef_2k22", "gef_nc")
DAY = date(2026, 11, 21)
EXAMPLES = {
    "fournisseur": "fournisseur_cree",
    "nomenclature": "nomenclature_modifiee",
    "marche": "marche_notifie",
    "modification": "marche_modifie",
    "correction": "marche_corrige",
    "evenement": "marche_tranche_affermie",
    "produits": "produits_publies",
    "compte_rendu": "flux_traite",
}
"""The event that shows each message in the golden folders of the connectors."""
SETTINGS: dict[str, Any] = {
    "etablissement": "990780017",
    "ufParDefaut": "1000",
    "compteParDefaut": "6068",
    "comptesParCPV": {"33": "60221", "3365": "60211", "50": "61558"},
}
CONNECTORS: dict[str, GefConnector] = {
    name: importlib.import_module(f"connectors.{name}.connector").create(load_manifest(FOLDER / name / "manifest.toml"))
    for name in IDS
}
CHANNELS = [(name, spec.id) for name in IDS for spec in CONNECTORS[name].manifest.channels]


def event(name: str, **changes: Any) -> Event:
    """One golden event; ``changes`` replace values of its data's marché."""
    raw = json.loads((GOLDEN / f"{name}.event.json").read_text("utf-8"))
    if changes:
        raw["data"]["marche"] |= changes
    return Event(**{**raw, "time": datetime.fromisoformat(raw["time"])})


def settings(connector: str, **changes: Any) -> GefSettings:
    made = CONNECTORS[connector].settings_model.model_validate(SETTINGS | changes)
    assert isinstance(made, GefSettings)
    return made


def translate(connector: str, channel: str, said: Event, *, ordinal: int = 1, **changes: Any) -> Message:
    context = RenderContext(connector, settings(connector, **changes), DAY, 1, ordinal)
    [message] = CONNECTORS[connector].translate(said, channel, context)
    return message


def suffix(connector: str, channel: str) -> str:
    """What the file names of a channel end with."""
    return translate(connector, channel, event("marche_notifie")).filename.rpartition(".")[2]


def expected(path: Path, body: bytes) -> bytes:
    """The golden bytes; written anew when SEMAPHORE_GOLDEN=write, for a person to review."""
    if os.environ.get("SEMAPHORE_GOLDEN") == "write":
        path.write_bytes(body)
    return path.read_bytes()


def no_secret(name: str) -> str:
    raise Misconfigured(f"no secret {name}")
