"""Settings of one DGFIP instance: which budget sends, and through what."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.transports.deposit import DepositSettings
from semaphore_hub.ports.payloads import Adresse, CompteBancaire


class CoordonneesParDefaut(BaseModel):
    """Placeholder coordinates: open data carries neither the address nor the account that the PES requires."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adresse: Adresse
    compteBancaire: CompteBancaire


class DgfipSettings(DepositSettings):
    """The budget whose flows are sent (block EnTetePES), the PES version, and the two channels."""

    siret: str = Field(pattern="^[0-9]{14}$", description="SIRET of the budget (IdColl)")
    idPost: str = Field(pattern="^(02[AB][0-9]{3,4}|[0-9]{6,7})$", description="codique of the accountant's office")
    codCol: str = Field(pattern="^[0-9]{3}$", description="code of the collectivité at that office")
    codBud: str = Field(default="00", pattern="^[0-9A-Z][0-9]$", description="code of the budget")
    libelleColBud: str = Field(min_length=1, max_length=38, description="name of the budget, as Hélios knows it")
    finessJuridique: str = Field(
        pattern="^[0-9][0-9AB][0-9]{7}$", description="FINESS juridique (FinJur): compulsory in M21 and M22"
    )
    versionPES: Literal["5.17", "5.30"] = "5.17"
    urlProfilAcheteur: str = Field(
        default="https://www.marches-publics.gouv.fr",
        min_length=1,
        max_length=500,
        description="used when the marché does not name its profile",
    )
    coordonneesParDefaut: CoordonneesParDefaut | None = Field(
        default=None,
        description="address and account said for suppliers that have none, for tests on imported data: each message "
        "that uses them declares the loss coordonnees-par-defaut",
    )

    @property
    def p_msg(self) -> str:
        """Routing label of the State's file transfer: ``PES#CodCol#IdPost#CodBud``."""
        return f"PES#{self.codCol}#{self.idPost}#{self.codBud}"
