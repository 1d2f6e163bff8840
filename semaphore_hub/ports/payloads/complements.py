"""What only the PES Marché asks of a marché."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.ports.payloads.base import Payload


class Garantie(Payload):
    """Guarantee asked of the holders (block Garantie of the PES); ``type`` is TypeGarantie, 01 to 05."""

    type: Literal["01", "02", "03", "04", "05"]
    taux: Decimal | None = Field(default=None, description="ratio 0..1 of the amount")
    montant: Montant | None = None
    dateReception: date | None = None


class Avance(Payload):
    """An advance whose amount or guarantee is known; ``typeGarantie`` is TypeGarantieAvance, 01 to 04."""

    montant: Montant | None = None
    typeGarantie: Literal["01", "02", "03", "04"] | None = None
    montantGarantie: Montant | None = None
    dateReceptionGarantie: date | None = None


class Indice(Payload):
    """A reference index of the price variation clause."""

    indice: str = Field(max_length=20)
    moisAnnee: str = Field(description="month of the value, MM-AAAA")
    valeur: Decimal
    formule: str = Field(max_length=160)


class PieceJointe(Payload):
    """Reference of a contractual document (PJRef of the PES); its content travels apart."""

    idUnique: str
    nom: str
    support: Literal["01", "02", "03"] = Field(description="01 electronic, 02 paper, 03 CD")


class ComplementsPES(Payload):
    """What the PES Marché needs and the DECP lacks."""

    idContrat: str = Field(description="year of notification then 1 to 10 characters")
    urlProfilAcheteur: str
    natureMarche: str = Field(description="NatureMarche code of the PES, 01 to 07")
    procedureMarche: str = Field(description="ProcedureMarche code of the PES, 01 to 10")
    montantEstimatif: bool = Field(description="CaractereEstimatifMontantNotifie")
    montantTVA: Montant | None = None
    montantEstime: Montant | None = Field(default=None, description="MontantHTEstime, all renewals and tranches")
    dureeMaximaleMois: int | None = None
    dateSignature: date | None = None
    nomSignataire: str | None = None
    refDelegationSignature: str | None = None
    dateDebutMarche: date | None = None
    dateDebutExecution: date | None = None
    reconductibilite: Literal["01", "02", "03"] = Field(description="01 none, 02 tacit, 03 express")
    penalite: bool
    delaiGarantieMois: int | None = None
    nomLieuExecution: str
    siretPAAccordCadre: str | None = None
    regimeAvance: Literal["01", "02", "03", "04", "05"]
    avance: Avance | None = None
    garantie: Garantie | None = None
    indices: tuple[Indice, ...] = ()
    codesCPVSecondaires: tuple[str, ...] = Field(default=(), max_length=3)
    offresDematerialisees: int | None = None
    carteAchat: bool | None = None
    multiBudget: bool | None = None
