"""Something to look at on a marché."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from semaphore_hub.ports.payloads.base import Payload


class AlertePayload(Payload):
    """Data of ``marche.alerte``: said once for each fact."""

    marche: str = Field(description="uid of the marché")
    id: str = Field(description="the buyer's own number")
    acheteur: str = Field(description="SIRET of the buyer")
    code: str = Field(description="echeance, reconduction, consommation, publication or accuse_manquant")
    message: str
    echeance: date | None = None
