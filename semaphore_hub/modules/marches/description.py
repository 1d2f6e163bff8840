"""What describes a marché, and what the PES Marché asks beside: as it is received, kept and answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.marches.fields import (
    CodeCPV,
    ConsiderationsEnvironnementales,
    ConsiderationsSociales,
    DureeMois,
    IdContrat,
    IdMarche,
    Modalites,
    NomLieu,
    Offres,
    Phrase,
    Techniques,
    TypesPrix,
    UrlProfil,
    ValeurIndice,
)
from semaphore_hub.modules.referentiel.champs import (
    LIGNE_PATTERN,
    LISTE_UNIQUE,
    Distinct,
    Entier,
    Entree,
    Jour,
    Siret,
    Taux,
)
from semaphore_hub.modules.referentiel.codes import (
    Ccag,
    FormePrix,
    Nature,
    NatureMarchePES,
    Procedure,
    ProcedureMarchePES,
    Reconductibilite,
    RegimeAvance,
    TypeCodeLieu,
    TypeGroupement,
)


class LieuExecution(Entree):
    """Main place of execution."""

    code: Annotated[str, Field(pattern="^[0-9A-Za-z]{1,5}$", examples=["59606"])]
    typeCode: TypeCodeLieu = Field(examples=["Code commune"])


class GarantieDemandee(Entree):
    """Guarantee asked of the holders; ``type``: 01 none, 02 retention, 03 first demand, 04 surety, 05 other (PES)."""

    type: Literal["01", "02", "03", "04", "05"]
    taux: Taux | None = None
    montant: Montant | None = None
    dateReception: Jour | None = None


class AvanceDetaillee(Entree):
    """Amount and guarantee of the advance; ``typeGarantie``: 01 none, 02 first demand, 03 surety, 04 other (PES)."""

    montant: Montant | None = None
    typeGarantie: Literal["01", "02", "03", "04"] | None = None
    montantGarantie: Montant | None = None
    dateReceptionGarantie: Jour | None = None


class IndiceReference(Entree):
    """A reference index of the price variation clause."""

    indice: Annotated[str, Field(max_length=20, pattern=LIGNE_PATTERN, examples=["ICHT-TS"])]
    moisAnnee: Annotated[str, Field(pattern="^(0[1-9]|1[0-2])-20[0-9]{2}$", examples=["01-2026"])]
    valeur: ValeurIndice
    formule: Annotated[str, Field(max_length=160, pattern=LIGNE_PATTERN)]


class Complements(Entree):
    """What the PES Marché needs beside the DECP; fields left out are deduced when the marché says enough."""

    idContrat: IdContrat | None = Field(default=None, description="déduit de l'année de notification et de l'id")
    urlProfilAcheteur: UrlProfil
    natureMarche: NatureMarchePES | None = Field(default=None, description="déduite de la nature et des techniques")
    procedureMarche: ProcedureMarchePES | None = Field(default=None, description="déduite de la procédure")
    montantEstimatif: StrictBool = Field(description="true : le montant notifié est estimatif", examples=[True])
    montantTVA: Montant | None = None
    montantEstime: Montant | None = Field(default=None, description="total HT estimé, reconductions comprises")
    dureeMaximaleMois: DureeMois | None = None
    dateSignature: Jour | None = None
    dateDebutExecution: Jour | None = None
    reconductibilite: Reconductibilite = Field(examples=["02"])
    penalite: StrictBool = Field(examples=[True])
    nomLieuExecution: NomLieu
    siretPAAccordCadre: Siret | None = None
    regimeAvance: RegimeAvance | None = Field(default=None, description="déduit de attributionAvance")
    avance: AvanceDetaillee | None = None
    garantie: GarantieDemandee | None = None
    delaiGarantieMois: DureeMois | None = Field(default=None, description="obligatoire avec une garantie")
    indices: Annotated[tuple[IndiceReference, ...], Field(max_length=20)] = ()
    codesCPVSecondaires: Annotated[
        tuple[CodeCPV, ...], Field(max_length=3, json_schema_extra=LISTE_UNIQUE), Distinct
    ] = ()
    offresDematerialisees: Annotated[int, Field(strict=True, ge=0, le=9999), Entier] | None = None
    carteAchat: StrictBool | None = None
    multiBudget: StrictBool | None = None
    nomSignataire: Annotated[str, Field(max_length=38, pattern=LIGNE_PATTERN)] | None = None
    refDelegationSignature: Annotated[str, Field(max_length=50, pattern=LIGNE_PATTERN)] | None = None
    dateDebutMarche: Jour | None = None


class Description(Entree):
    """What describes a marché, without its parties, amount, duration and dates."""

    nature: Nature = Field(examples=["Marché"])
    techniques: Techniques
    modalitesExecution: Modalites
    idAccordCadre: IdMarche | None = Field(default=None, description="marché subséquent : id de l'accord-cadre")
    marcheInnovant: StrictBool = Field(examples=[False])
    ccag: Ccag = Field(examples=["Fournitures courantes et services"])
    offresRecues: Offres
    attributionAvance: StrictBool = Field(examples=[True])
    tauxAvance: Taux | None = Field(default=None, description="0 : avance de taux inconnu")
    typeGroupementOperateurs: TypeGroupement = Field(examples=["Pas de groupement"])
    sousTraitanceDeclaree: StrictBool = Field(examples=[False])
    procedure: Procedure = Field(examples=["Appel d'offres ouvert"])
    lieuExecution: LieuExecution
    typesPrix: TypesPrix
    formePrix: FormePrix = Field(examples=["Unitaire"])
    origineUE: Taux | None = None
    origineFrance: Taux | None = None
    considerationsSociales: ConsiderationsSociales
    considerationsEnvironnementales: ConsiderationsEnvironnementales
    complements: Complements
    justificationDuree: Phrase | None = Field(
        default=None, description="accord-cadre de plus de 48 mois : le motif qui le justifie"
    )


def stored(description: Description) -> dict[str, Any]:
    """The descriptive part as it is kept in ``donnees``."""
    return description.model_dump(mode="json", include=_DESCRIPTIVE)


def described(donnees: dict[str, Any]) -> Description:
    """The descriptive part of a stored marché."""
    return Description.model_validate({name: donnees[name] for name in _DESCRIPTIVE if name in donnees})


_DESCRIPTIVE = set(Description.model_fields)
