"""Payloads of the events of version 1: the consolidated state of the marché (or supplier) at the moment of the fact.

Names and values are those of the DECP 2.0.4 where the DECP has the notion; what only the PES Marché needs is grouped
in :class:`ComplementsPES` and in the suppliers' own fields. Amounts are texts of euros excluding tax (HT) in JSON.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from semaphore_hub.kernel.money import Montant

DeltaMontant = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")]
"""A signed difference of amounts, euros HT."""

TypeIdentifiant = Literal["SIRET", "TVA", "TAHITI", "RIDET", "FRWF", "IREP", "HORS-UE"]


class Payload(BaseModel):
    """Base of every payload: unknown fields are refused, instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Adresse(Payload):
    """A supplier's postal address, in the parts the PES asks for."""

    ligne1: str | None = None
    voie: str
    complement: str | None = None
    codePostal: str
    ville: str
    codePays: str | None = Field(default=None, description="three-digit INSEE country code; absent for France")


class CompteBancaire(Payload):
    """The account to pay; its key is checked when it is recorded."""

    iban: str
    bic: str | None = None
    titulaire: str
    banque: str | None = None


class Etablissement(Payload):
    """A hospital: the buyer or a beneficiary of a marché."""

    siret: str
    nom: str
    finessJuridique: str | None = None
    finessGeographique: str | None = None
    role: Literal["support", "partie"]
    ght: str


class Fournisseur(Payload):
    """A supplier as the référentiel knows it at the moment of the fact."""

    typeIdentifiant: TypeIdentifiant
    id: str
    denominationSociale: str
    adresse: Adresse | None = None
    compteBancaire: CompteBancaire | None = None
    categorieTiers: str | None = Field(default=None, description="CatTiers code of the PES")
    natureJuridique: str | None = Field(default=None, description="NatJur code of the PES")


class Titulaire(Payload):
    """A holder of the marché."""

    role: Literal["titulaire", "co-traitant"]
    fournisseur: Fournisseur
    montant: Montant | None = Field(default=None, description="its share HT; absent when there is one holder")


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
    dateDebutExecution: date | None = None
    reconductibilite: Literal["01", "02", "03"] = Field(description="01 none, 02 tacit, 03 express")
    penalite: bool
    nomLieuExecution: str
    siretPAAccordCadre: str | None = None
    regimeAvance: Literal["01", "02", "03", "04", "05"]


class LieuExecution(Payload):
    """Main place of execution."""

    code: str
    typeCode: str


class Modification(Payload):
    """One notified amendment, with its new totals and the differences they make."""

    id: int = Field(ge=1)
    objet: str
    dateNotificationModification: date
    datePublicationDonneesModification: date
    montant: Montant | None = Field(default=None, description="new total HT")
    deltaMontant: DeltaMontant | None = None
    dureeMois: int | None = Field(default=None, description="new total, months")
    deltaDureeMois: int | None = None


class Marche(Payload):
    """Consolidated state of a marché."""

    uid: str = Field(description="identifier in the hub")
    id: str = Field(description="the buyer's own number, 1 to 16 characters (DECP)")
    acheteur: Etablissement
    beneficiaires: tuple[Etablissement, ...]
    nature: str
    objet: str
    codeCPV: str
    techniques: tuple[str, ...]
    modalitesExecution: tuple[str, ...]
    idAccordCadre: str | None = None
    marcheInnovant: bool
    ccag: str
    offresRecues: int
    attributionAvance: bool
    tauxAvance: Decimal | None = None
    typeGroupementOperateurs: str
    sousTraitanceDeclaree: bool
    procedure: str
    lieuExecution: LieuExecution
    dureeMois: int
    dateNotification: date
    datePublicationDonnees: date
    montant: Montant
    typesPrix: tuple[str, ...]
    formePrix: str
    origineUE: Decimal | None = None
    origineFrance: Decimal | None = None
    titulaires: tuple[Titulaire, ...]
    considerationsSociales: tuple[str, ...]
    considerationsEnvironnementales: tuple[str, ...]
    modifications: tuple[Modification, ...] = ()
    complements: ComplementsPES
    champsCompletes: tuple[str, ...] = Field(
        default=(), description="fields completed by a documented default when the marché was imported"
    )


class MarchePayload(Payload):
    """Data of ``marche.notifie``, ``marche.modifie`` and ``marche.corrige``: the state after the fact.

    For ``modifie``, ``modification`` is the one just notified; for ``corrige``, ``motif`` says what was wrong.
    """

    marche: Marche
    modification: Modification | None = None
    motif: str | None = None


class FournisseurPayload(Payload):
    """Data of ``fournisseur.cree`` and ``fournisseur.modifie``."""

    fournisseur: Fournisseur
    ght: str | None = None
