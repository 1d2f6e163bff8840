"""The connector of RESAH: REST with an API key, else CSV files."""

from __future__ import annotations

from connectors.centrale.connector import CentraleConnector
from connectors.centrale.settings import CentraleSettings
from connectors.resah.settings import ResahSettings
from connectors.transports.auth import ApiKey
from semaphore_hub.ports.connector import SecretReader
from semaphore_hub.ports.manifest import Manifest


def create(manifest: Manifest) -> CentraleConnector:
    """The connector, for the registry."""
    return CentraleConnector(manifest, ResahSettings, _credentials)


def _credentials(settings: CentraleSettings, secrets: SecretReader) -> ApiKey | None:
    assert isinstance(settings, ResahSettings)
    return None if settings.apiKeySecret is None else ApiKey("X-Api-Key", secrets(settings.apiKeySecret))
