"""Settings of one instance: UniHA as one GHT reaches it."""

from __future__ import annotations

from pydantic import Field

from connectors.centrale.settings import CentraleSettings


class UnihaSettings(CentraleSettings):
    """The client registered at UniHA for this hub."""

    clientId: str | None = Field(default=None, min_length=1, description="identifiant du client OAuth2 (canal api)")
    clientSecretSecret: str | None = Field(
        default=None, min_length=1, description="nom du secret qui contient le secret du client OAuth2 (canal api)"
    )
