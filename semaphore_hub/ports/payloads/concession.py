"""The concession and all that happens to it."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.ports.payloads.base import DeltaMontant, Etablissement, Fournisseur, LieuExecution, Payload


class ModificationConcession(Payload):
    """A signed amendment of a concession."""

    id: int = Field(ge=1)
    objet: str
    dateSignatureModification: date
    datePublicationDonneesModification: date
    dureeMois: int | None = Field(default=None, description="new total, months")
    deltaDureeMois: int | None = None
    valeurGlobale: Montant | None = Field(default=None, description="new total HT")
    deltaValeurGlobale: DeltaMontant | None = None


class Tarif(Payload):
    """A main tariff charged to users in a year of execution."""

    intituleTarif: str
    tarif: Montant


class DonneesAnnuelles(Payload):
    """A year of execution of a concession."""

    datePublicationDonneesExecution: date
    depensesInvestissement: Montant
    tarifs: tuple[Tarif, ...]


class Concession(Payload):
    """Consolidated state of a concession."""

    uid: str
    id: str
    autoriteConcedante: Etablissement
    nature: str
    objet: str
    procedure: str
    lieuExecution: LieuExecution | None = None
    nomLieuExecution: str | None = None
    dureeMois: int = Field(description="in force; the initial one is less the differences of the amendments")
    dateSignature: date
    datePublicationDonnees: date
    dateDebutExecution: date
    valeurGlobale: Montant
    montantSubventionPublique: Montant
    concessionnaires: tuple[Fournisseur, ...]
    considerationsSociales: tuple[str, ...]
    considerationsEnvironnementales: tuple[str, ...]
    donneesExecution: tuple[DonneesAnnuelles, ...] = ()
    modifications: tuple[ModificationConcession, ...] = ()
    idContrat: str = Field(description="year of signature then 1 to 10 characters (PES)")
    urlProfilAcheteur: str


class ConcessionPayload(Payload):
    """Data of the events of concessions: the state after the fact."""

    concession: Concession
    modification: ModificationConcession | None = None
    motif: str | None = None
