"""What is received and answered about concessions: names and values of the DECP 2.0.4, lists unwrapped."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.marches.answers import EtablissementNomme
from semaphore_hub.modules.marches.concessions.codes import (
    ConsiderationSocialeConcession,
    NatureConcession,
    ProcedureConcession,
)
from semaphore_hub.modules.marches.description import LieuExecution
from semaphore_hub.modules.marches.fields import (
    ConsiderationsEnvironnementales,
    DureeMois,
    IdContrat,
    IdMarche,
    NomLieu,
    Objet,
    ObjetModification,
    Phrase,
    UrlProfil,
)
from semaphore_hub.modules.marches.schemas import EtablissementRef
from semaphore_hub.modules.referentiel.champs import (
    LIGNE_PATTERN,
    LISTE_UNIQUE,
    CodeGht,
    Distinct,
    Entree,
    Jour,
    Siret,
    Sortie,
    Uid,
)
from semaphore_hub.modules.referentiel.codes import ConsiderationEnvironnementale, TypeIdentifiant
from semaphore_hub.modules.referentiel.schemas import Avertissement, IdentifiantTiers, Suivant
from semaphore_hub.ports import payloads

ConsiderationsSocialesConcession = Annotated[
    tuple[ConsiderationSocialeConcession, ...],
    Field(min_length=1, json_schema_extra=LISTE_UNIQUE, examples=[["Clause sociale"]]),
    Distinct,
]


class ConcessionnaireRef(Entree):
    """A supplier of the référentiel as a concessionaire."""

    typeIdentifiant: TypeIdentifiant = Field(examples=["SIRET"])
    id: IdentifiantTiers


class DescriptionConcession(Entree):
    """What describes a concession and may be corrected."""

    objet: Objet
    nature: NatureConcession = Field(examples=["Concession de service"])
    procedure: ProcedureConcession = Field(examples=["Procédure négociée ouverte"])
    lieuExecution: LieuExecution
    nomLieuExecution: NomLieu
    datePublicationDonnees: Jour
    dateDebutExecution: Jour
    montantSubventionPublique: Montant = Field(description="0 quand il n'y en a pas")
    considerationsSociales: ConsiderationsSocialesConcession
    considerationsEnvironnementales: ConsiderationsEnvironnementales
    urlProfilAcheteur: UrlProfil
    justificationDuree: Phrase | None = Field(
        default=None, description="au-delà de 60 mois : les investissements qui la justifient"
    )


class NouvelleConcession(DescriptionConcession):
    """A concession to record: it is signed."""

    id: IdMarche
    idContrat: IdContrat | None = Field(default=None, description="déduit de l'année de signature et de l'id")
    autoriteConcedante: EtablissementRef
    dateSignature: Jour
    dureeMois: DureeMois
    valeurGlobale: Montant
    concessionnaires: Annotated[tuple[ConcessionnaireRef, ...], Field(min_length=1, max_length=20)]


class NouvelleModificationConcession(Entree):
    """An amendment: new totals, not differences; its id is computed."""

    objet: ObjetModification
    dateSignatureModification: Jour
    datePublicationDonneesModification: Jour
    dureeMois: DureeMois | None = Field(default=None, description="nouvelle durée totale")
    valeurGlobale: Montant | None = Field(default=None, description="nouvelle valeur totale HT")
    justificationDuree: Phrase | None = None


class TarifEntree(Entree):
    """A main tariff charged to users."""

    intituleTarif: Annotated[str, Field(max_length=256, pattern=LIGNE_PATTERN, examples=["Chambre, forfait TV jour"])]
    tarif: Montant


class NouvellesDonneesExecution(Entree):
    """A year of execution."""

    datePublicationDonneesExecution: Jour
    depensesInvestissement: Montant
    tarifs: Annotated[tuple[TarifEntree, ...], Field(min_length=1, max_length=50)]


class CorrectionConcession(Entree):
    """A material error put right; a field left out (or null) keeps its value."""

    motif: Phrase
    objet: Objet | None = None
    nature: NatureConcession | None = None
    procedure: ProcedureConcession | None = None
    lieuExecution: LieuExecution | None = None
    nomLieuExecution: NomLieu | None = None
    dateDebutExecution: Jour | None = None
    montantSubventionPublique: Montant | None = None
    considerationsSociales: ConsiderationsSocialesConcession | None = None
    considerationsEnvironnementales: ConsiderationsEnvironnementales | None = None
    urlProfilAcheteur: UrlProfil | None = None


class ConcessionnaireVue(Sortie):
    """A concessionaire."""

    typeIdentifiant: TypeIdentifiant
    id: str
    denominationSociale: str


class ConcessionVue(Sortie):
    """A concession as it stands."""

    uid: Uid
    version: int
    ght: CodeGht
    id: str
    idContrat: str
    autoriteConcedante: EtablissementNomme
    nature: NatureConcession
    objet: str
    procedure: ProcedureConcession
    lieuExecution: LieuExecution
    nomLieuExecution: str
    dureeMois: int
    dateSignature: date
    datePublicationDonnees: date
    dateDebutExecution: date
    valeurGlobale: Montant
    montantSubventionPublique: Montant
    concessionnaires: tuple[ConcessionnaireVue, ...]
    considerationsSociales: tuple[ConsiderationSocialeConcession, ...]
    considerationsEnvironnementales: tuple[ConsiderationEnvironnementale, ...]
    urlProfilAcheteur: str
    justificationDuree: str | None
    donneesExecution: tuple[payloads.DonneesAnnuelles, ...]
    modifications: tuple[payloads.ModificationConcession, ...]
    avertissements: tuple[Avertissement, ...]
    creeLe: datetime


class PageConcessions(Sortie):
    """A page of concessions, newest first."""

    items: tuple[ConcessionVue, ...]
    next: Suivant


class FiltresConcessions(Entree):
    """What is searched for."""

    autorite: Siret | None = None
    ght: CodeGht | None = None
