"""Settings of one instance: one establishment of the GEF in SaaS."""

from __future__ import annotations

from pydantic import Field

from connectors.gef.settings import HttpGefSettings


class SaasSettings(HttpGefSettings):
    """The client registered at the GEF for this hub."""

    clientId: str | None = Field(default=None, min_length=1, description="identifiant du client OAuth2 (canal api)")
    clientSecretSecret: str | None = Field(
        default=None, min_length=1, description="nom du secret qui contient le secret du client OAuth2 (canal api)"
    )
