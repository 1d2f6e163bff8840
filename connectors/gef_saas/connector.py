"""The connector of the GEF in SaaS: REST with OAuth2 client credentials, else CSV files."""

from __future__ import annotations

from connectors.gef.connector import GefConnector
from connectors.gef.files import DropWire
from connectors.gef.rest import RestWire
from connectors.gef.settings import GefSettings
from connectors.gef.wire import CSV
from connectors.gef_saas.settings import SaasSettings
from connectors.transports.auth import OAuth2ClientCredentials
from semaphore_hub.ports.connector import SecretReader
from semaphore_hub.ports.manifest import Manifest
from semaphore_hub.ports.outcomes import Misconfigured

SCOPE = "semaphore"


def create(manifest: Manifest) -> GefConnector:
    """The connector, for the registry."""
    return GefConnector(manifest, SaasSettings, {"api": RestWire(_credentials), "file": DropWire(CSV)})


def _credentials(settings: GefSettings, secrets: SecretReader) -> OAuth2ClientCredentials:
    assert isinstance(settings, SaasSettings)
    assert settings.baseUrl is not None, "the wire asks for it first"
    if settings.clientId is None or settings.clientSecretSecret is None:
        raise Misconfigured("clientId and clientSecretSecret are needed by the channel api")
    token_url = f"{settings.baseUrl.rstrip('/')}/oauth/token"
    return OAuth2ClientCredentials(token_url, settings.clientId, secrets(settings.clientSecretSecret), scope=SCOPE)
