"""The connector of the GEF 2K22: SOAP, else the same XML in files."""

from __future__ import annotations

from connectors.gef.connector import GefConnector
from connectors.gef.files import DropWire
from connectors.gef.settings import ApiKeySettings
from connectors.gef.wire import XML
from connectors.gef_2k22.soap import SoapWire
from semaphore_hub.ports.manifest import Manifest


def create(manifest: Manifest) -> GefConnector:
    """The connector, for the registry."""
    return GefConnector(manifest, ApiKeySettings, {"api": SoapWire(), "file": DropWire(XML)})
