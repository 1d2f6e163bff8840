"""Settings of one instance: one organisation of the platform."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class PlaceSettings(BaseModel):
    """What the hub must be told about one organisation at PLACE."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisme: str = Field(
        pattern=r"^[a-z0-9]{3}$", description="acronyme de l'organisme à PLACE : trois caractères, comme u6i"
    )
    acheteurs: frozenset[str] = Field(
        default=frozenset(), description="SIRET des acheteurs qui publient sous cet organisme ; vide : tous ceux du GHT"
    )
    baseUrl: str | None = Field(default=None, pattern=r"^https?://", description="adresse de la plateforme (canal api)")
    login: str | None = Field(default=None, min_length=1, description="compte technique de la plateforme")
    motDePasseSecret: str | None = Field(
        default=None, min_length=1, description="nom du secret qui contient le mot de passe"
    )
    delaiSecondes: float = Field(
        default=60.0, gt=0, le=600, description="plus long silence accepté de la plateforme, en secondes"
    )
    moisSuivis: int = Field(
        default=3, ge=1, le=120, description="mois de notification relus à chaque relève, le mois courant compris"
    )
    contratsDepuis: date | None = Field(
        default=None, description="premier jour de notification à reprendre, une fois, à la première relève"
    )
    releveContratsMinutes: float = Field(
        default=360.0, ge=0, description="temps entre deux relèves des contrats, en minutes ; 0 : à chaque passage"
    )
    dossierSortant: Path | None = Field(
        default=None, description="dossier où l'acheteur prend les fichiers à importer (canal file)"
    )
    dossierEntrant: Path | None = Field(
        default=None, description="dossier où l'acheteur pose les fichiers exportés (canal file)"
    )
