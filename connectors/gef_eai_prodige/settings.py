"""Settings of one instance: one establishment behind the EAI PRODIGE."""

from __future__ import annotations

from pydantic import Field

from connectors.gef.settings import GefSettings
from connectors.transports.drop import DropAddress


class EaiProdigeSettings(GefSettings):
    """The folders of the EAI, beside those of the degraded mode."""

    depotEai: DropAddress | None = Field(
        default=None, description="dossier de l'EAI où déposer les fichiers (canal eai) ; absent : depot"
    )
    retourEai: DropAddress | None = Field(
        default=None, description="dossier de l'EAI où lire les fichiers de la GEF (canal eai) ; absent : retour"
    )
