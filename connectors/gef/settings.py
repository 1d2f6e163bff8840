"""Settings of one instance: one establishment's GEF. The imputations are hypotheses, a marché carries none."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.transports.drop import DropAddress
from connectors.transports.tls import TlsSettings

_ACCOUNT = r"^[0-9]{3,10}$"


class GefSettings(BaseModel):
    """What the hub must be told about any GEF of the common model, and its two folders."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    etablissement: str = Field(
        pattern=r"^([0-9]{2}|2[AB])[0-9]{7}$", description="FINESS juridique de l'établissement destinataire"
    )
    emetteur: str = Field(default="SEMAPHORE", min_length=1, max_length=50, description="nom de l'émetteur")
    ufParDefaut: str = Field(
        pattern=r"^[A-Za-z0-9]{1,10}$", description="UF d'imputation des marchés (hypothèse : le hub ne la connaît pas)"
    )
    compteParDefaut: str = Field(
        pattern=_ACCOUNT, description="compte M21 d'imputation quand aucun préfixe CPV ne convient (hypothèse)"
    )
    comptesParCPV: dict[str, str] = Field(
        default_factory=dict,
        description="compte M21 par début de code CPV (2 à 8 chiffres) ; le plus long début l'emporte (hypothèse)",
    )
    depot: DropAddress | None = Field(
        default=None, description="dossier, local ou SFTP, où déposer les fichiers (canal file)"
    )
    retour: DropAddress | None = Field(
        default=None, description="dossier, local ou SFTP, où lire les fichiers de la GEF (canal file)"
    )

    @field_validator("comptesParCPV")
    @classmethod
    def _prefixes(cls, given: dict[str, str]) -> dict[str, str]:
        for prefix, account in given.items():
            if not (prefix.isascii() and prefix.isdigit() and 2 <= len(prefix) <= 8):
                raise ValueError(f"« {prefix} » n'est pas un début de code CPV (2 à 8 chiffres)")
            if not (account.isascii() and account.isdigit() and 3 <= len(account) <= 10):
                raise ValueError(f"« {account} » n'est pas un compte M21 (3 à 10 chiffres)")
        return given

    def compte(self, code_cpv: str) -> str:
        """The M21 account for a CPV code: the longest prefix of ``comptesParCPV``, else the default (hypothesis)."""
        matching = [prefix for prefix in self.comptesParCPV if code_cpv.startswith(prefix)]
        return self.comptesParCPV[max(matching, key=len)] if matching else self.compteParDefaut


class HttpGefSettings(GefSettings):
    """A GEF reached over HTTP."""

    baseUrl: str | None = Field(
        default=None, pattern=r"^https?://", description="adresse de la GEF, sans /v1 ni /services (canal api)"
    )
    delaiSecondes: float = Field(
        default=30.0, gt=0, le=600, description="plus long silence accepté de l'API, en secondes"
    )
    tls: TlsSettings | None = Field(default=None, description="autorité et certificat client propres à cette GEF")


class ApiKeySettings(HttpGefSettings):
    """A GEF whose API asks for a key."""

    apiKeySecret: str | None = Field(
        default=None, min_length=1, description="nom du secret qui contient la clé d'API ; absent : aucune clé envoyée"
    )
