"""The connector of a GEF of version "NC": CSV files until it is upgraded, then REST with an API key."""

from __future__ import annotations

from connectors.gef.connector import GefConnector
from connectors.gef.files import DropWire
from connectors.gef.rest import RestWire
from connectors.gef.settings import ApiKeySettings
from connectors.gef.wire import CSV
from semaphore_hub.ports.manifest import Manifest


def create(manifest: Manifest) -> GefConnector:
    """The connector, for the registry."""
    return GefConnector(manifest, ApiKeySettings, {"api": RestWire(), "file": DropWire(CSV)})
