"""The connector of UniHA: REST with OAuth2 client credentials, else CSV files."""

from __future__ import annotations

from connectors.centrale.connector import CentraleConnector
from connectors.centrale.settings import CentraleSettings
from connectors.transports.auth import OAuth2ClientCredentials
from connectors.uniha.settings import UnihaSettings
from semaphore_hub.ports.connector import SecretReader
from semaphore_hub.ports.manifest import Manifest
from semaphore_hub.ports.outcomes import Misconfigured

SCOPE = "adhesions"


def create(manifest: Manifest) -> CentraleConnector:
    """The connector, for the registry."""
    return CentraleConnector(manifest, UnihaSettings, _credentials)


def _credentials(settings: CentraleSettings, secrets: SecretReader) -> OAuth2ClientCredentials:
    assert isinstance(settings, UnihaSettings)
    assert settings.baseUrl is not None, "the connector asks for it first"
    if settings.clientId is None or settings.clientSecretSecret is None:
        raise Misconfigured("clientId and clientSecretSecret are needed by the channel api")
    token_url = f"{settings.baseUrl.rstrip('/')}/oauth/token"
    return OAuth2ClientCredentials(token_url, settings.clientId, secrets(settings.clientSecretSecret), scope=SCOPE)
