"""Settings of one instance: RESAH as one GHT reaches it."""

from __future__ import annotations

from pydantic import Field

from connectors.centrale.settings import CentraleSettings


class ResahSettings(CentraleSettings):
    """The key that RESAH gave to this hub."""

    apiKeySecret: str | None = Field(
        default=None, min_length=1, description="nom du secret qui contient la clé d'API ; absent : aucune clé envoyée"
    )
