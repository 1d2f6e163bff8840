"""Settings of one instance: the cooperative as one GHT reaches it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from connectors.transports.drop import DropAddress
from connectors.transports.tls import TlsSettings


class CentraleSettings(BaseModel):
    """What the hub must be told about a cooperative; each channel asks for its own part."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    etablissement: str = Field(
        pattern=r"^([0-9]{2}|2[AB])[0-9]{7}$",
        description="FINESS juridique de l'établissement support : il nomme les fichiers échangés",
    )
    emetteur: str = Field(default="SEMAPHORE", min_length=1, max_length=50, description="nom de l'émetteur")
    baseUrl: str | None = Field(
        default=None, pattern=r"^https?://", description="adresse de la centrale, sans /v1 (canal api)"
    )
    delaiSecondes: float = Field(
        default=30.0, gt=0, le=600, description="plus long silence accepté de l'API, en secondes"
    )
    tls: TlsSettings | None = Field(default=None, description="autorité et certificat client propres à cette centrale")
    depot: DropAddress | None = Field(
        default=None, description="dossier, local ou SFTP, où déposer les fichiers (canal file)"
    )
    retour: DropAddress | None = Field(
        default=None, description="dossier, local ou SFTP, où lire les fichiers de la centrale (canal file)"
    )
