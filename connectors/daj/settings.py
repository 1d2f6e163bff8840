"""Settings of one DAJ instance: from which amount a marché is published, and through what."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class DajSettings(BaseModel):
    """The publication threshold and the two channels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seuilPublication: Decimal = Field(
        default=Decimal(40_000),
        ge=0,
        description="euros HT; a marché that never reached it is not said (code de la commande publique R2196-1 and "
        "arrêté of 22 December 2022: publication is compulsory from 40 000 € HT). 0 publishes everything. Concessions "
        "have no threshold.",
    )
    baseUrl: str | None = Field(default=None, description="address of the deposit service (channel api)")
    apiKeySecret: str | None = Field(
        default=None, description="name of the secret that holds the deposit's token, sent as a bearer token"
    )
    timeoutSeconds: float = Field(default=30.0, gt=0, description="longest silence of the deposit service, seconds")
    depot: Path | None = Field(default=None, description="folder where DECP files are put (channel file)")
    retour: Path | None = Field(default=None, description="folder where reports arrive (channel file)")
