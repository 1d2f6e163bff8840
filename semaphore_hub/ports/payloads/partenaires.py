"""What is exchanged with partners beside marchés: nomenclatures, answers to their flows, adhesions."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.ports.payloads.base import Etablissement, Payload


class CodeNomenclature(Payload):
    """One code of a nomenclature."""

    nomenclature: str
    code: str
    libelle: str
    actif: bool = True


class NomenclaturePayload(Payload):
    """Data of ``nomenclature.modifiee``: the codes that were created or changed."""

    codes: tuple[CodeNomenclature, ...] = Field(min_length=1)
    ght: str | None = None


class LigneDeFlux(Payload):
    """What became of one line of a flow."""

    ligne: int = Field(ge=1)
    statut: Literal["accepte", "rejete"]
    code: str | None = None
    libelle: str | None = None


class MotifDeFlux(Payload):
    """Why a flow was refused as a whole."""

    code: str
    libelle: str


class FluxTraitePayload(Payload):
    """Data of ``flux.traite``."""

    destinataire: str = Field(description="id of the partner that sent the flow")
    idFlux: str
    typeFlux: str
    verdict: Literal["accepte", "rejete", "partiel"]
    motif: MotifDeFlux | None = None
    lignes: tuple[LigneDeFlux, ...]


StatutAdhesion = Literal[
    "demande", "signature", "ventilation", "validation_ca", "notification_fournisseurs", "active", "echue", "refusee"
]


class Adhesion(Payload):
    """An establishment's adhesion to a marché of a buying cooperative."""

    uid: str
    centrale: str = Field(description="connector of the cooperative: uniha, resah")
    numeroMarche: str = Field(description="number of the marché, as the cooperative writes it")
    lot: int | None = None
    etablissement: Etablissement
    statut: StatutAdhesion
    dateEntree: date
    dateFin: date | None = None
    besoinTTC: Montant = Field(description="need for the remaining duration, euros TTC")
    etablissementFacture: str | None = Field(default=None, description="SIRET invoiced, chosen at the ventilation")
    motif: str | None = None


class AdhesionPayload(Payload):
    """Data of the events of an adhesion."""

    destinataire: str = Field(description="connector of the cooperative")
    adhesion: Adhesion
