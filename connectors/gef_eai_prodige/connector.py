"""The connector of a GEF behind the EAI PRODIGE: XML with an envelope through the EAI, else CSV files."""

from __future__ import annotations

from connectors.gef.connector import GefConnector
from connectors.gef.files import DropWire
from connectors.gef.settings import GefSettings
from connectors.gef.wire import CSV, XML
from connectors.gef_eai_prodige.envelope import MARKER, envelope_of
from connectors.gef_eai_prodige.settings import EaiProdigeSettings
from connectors.transports.drop import DropAddress
from semaphore_hub.ports.manifest import Manifest


def create(manifest: Manifest) -> GefConnector:
    """The connector, for the registry."""
    eai = DropWire(XML, addresses=_folders_of_eai, marker=MARKER, envelope=envelope_of)
    return GefConnector(manifest, EaiProdigeSettings, {"eai": eai, "file": DropWire(CSV)})


def _folders_of_eai(settings: GefSettings) -> tuple[DropAddress | None, DropAddress | None]:
    assert isinstance(settings, EaiProdigeSettings)
    return settings.depotEai or settings.depot, settings.retourEai or settings.retour
