"""What the module of marchés receives and answers in JSON: names and values of the DECP 2.0.4, lists unwrapped."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.marches.models import Statut
from semaphore_hub.modules.referentiel.champs import (
    LIGNE_PATTERN,
    LISTE_UNIQUE,
    TEXTE_PATTERN,
    CodeGht,
    Distinct,
    Entier,
    Entree,
    Jour,
    Siret,
    Sortie,
    Taux,
    Uid,
)
from semaphore_hub.modules.referentiel.codes import (
    Ccag,
    ConsiderationEnvironnementale,
    ConsiderationSociale,
    FormePrix,
    ModaliteExecution,
    Nature,
    NatureMarchePES,
    Procedure,
    ProcedureMarchePES,
    Reconductibilite,
    RegimeAvance,
    Technique,
    TypeCodeLieu,
    TypeGroupement,
    TypeIdentifiant,
    TypePrix,
)
from semaphore_hub.modules.referentiel.schemas import Avertissement, IdentifiantTiers, Suivant
from semaphore_hub.ports import payloads

IdMarche = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9/_.#-]([A-Za-z0-9/_.# -]{0,14}[A-Za-z0-9/_.#-])?$", examples=["2026DM001"])
]
IdContrat = Annotated[
    str,
    Field(pattern="^20([0-4][0-9]|50)[A-Za-z0-9]{1,10}$", description="année de notification puis 1 à 10 caractères"),
]
Objet = Annotated[
    str,
    Field(
        min_length=1, max_length=1000, pattern=TEXTE_PATTERN, examples=["Fourniture de dispositifs médicaux stériles"]
    ),
]
ObjetModification = Annotated[
    str, Field(min_length=1, max_length=256, pattern=TEXTE_PATTERN, examples=["Ajout de références au bordereau"])
]
Phrase = Annotated[str, Field(min_length=1, max_length=1000, pattern=TEXTE_PATTERN)]
CodeCPV = Annotated[str, Field(pattern="^[0-9]{8}(-[0-9])?$", examples=["33140000-3"])]
DureeMois = Annotated[
    int, Field(strict=True, ge=1, le=999, description="mois, arrondis au supérieur", examples=[24]), Entier
]
Offres = Annotated[int, Field(strict=True, ge=1, le=9999, examples=[4]), Entier]
UrlProfil = Annotated[
    str, Field(max_length=500, pattern="^https?://[\\x21-\\x7e]+$", examples=["https://www.marches-publics.gouv.fr"])
]
NomLieu = Annotated[str, Field(min_length=1, max_length=50, pattern=LIGNE_PATTERN, examples=["Valmont"])]
RoleTitulaire = Literal["titulaire", "co-traitant"]

Techniques = Annotated[
    tuple[Technique, ...], Field(min_length=1, json_schema_extra=LISTE_UNIQUE, examples=[["Accord-cadre"]]), Distinct
]
Modalites = Annotated[
    tuple[ModaliteExecution, ...],
    Field(min_length=1, json_schema_extra=LISTE_UNIQUE, examples=[["Bons de commande"]]),
    Distinct,
]
TypesPrix = Annotated[
    tuple[TypePrix, ...],
    Field(min_length=1, json_schema_extra=LISTE_UNIQUE, examples=[["Définitif révisable"]]),
    Distinct,
]
ConsiderationsSociales = Annotated[
    tuple[ConsiderationSociale, ...],
    Field(min_length=1, json_schema_extra=LISTE_UNIQUE, examples=[["Clause sociale"]]),
    Distinct,
]
ConsiderationsEnvironnementales = Annotated[
    tuple[ConsiderationEnvironnementale, ...],
    Field(min_length=1, json_schema_extra=LISTE_UNIQUE, examples=[["Critère environnemental"]]),
    Distinct,
]


class LieuExecution(Entree):
    """Main place of execution."""

    code: Annotated[str, Field(pattern="^[0-9A-Za-z]{1,5}$", examples=["59606"])]
    typeCode: TypeCodeLieu = Field(examples=["Code commune"])


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


class EtablissementRef(Entree):
    """An établissement of the référentiel."""

    id: Siret


class TitulaireRef(Entree):
    """A supplier of the référentiel as a holder; its share of the amount when there are several."""

    typeIdentifiant: TypeIdentifiant = Field(examples=["SIRET"])
    id: IdentifiantTiers
    role: RoleTitulaire = "titulaire"
    montant: Montant | None = Field(default=None, description="part HT ; absente quand le titulaire est seul")


class NouveauMarche(Description):
    """A marché to record."""

    id: IdMarche
    acheteur: EtablissementRef
    beneficiaires: Annotated[
        tuple[EtablissementRef, ...],
        Field(max_length=200, json_schema_extra=LISTE_UNIQUE, description="vide : l'acheteur seul"),
        Distinct,
    ] = ()
    objet: Objet
    codeCPV: CodeCPV
    dureeMois: DureeMois
    montant: Montant
    titulaires: Annotated[tuple[TitulaireRef, ...], Field(min_length=1, max_length=100)]


class NotificationMarche(Entree):
    """The holder received the marché."""

    dateNotification: Jour
    datePublicationDonnees: Jour = Field(examples=["2026-03-02"])


class PartTitulaire(Entree):
    """New share of a holder."""

    typeIdentifiant: TypeIdentifiant
    id: IdentifiantTiers
    montant: Montant


class NouvelleModification(Entree):
    """An amendment: new totals, not differences; its id is computed."""

    objet: ObjetModification
    dateNotificationModification: Jour = Field(examples=["2026-09-01"])
    datePublicationDonneesModification: Jour = Field(examples=["2026-09-10"])
    montant: Montant | None = Field(default=None, description="nouveau montant total HT", examples=["215000.00"])
    dureeMois: DureeMois | None = Field(default=None, description="nouvelle durée totale")
    parts: Annotated[tuple[PartTitulaire, ...], Field(max_length=100)] = Field(
        default=(), description="nouvelles parts, quand il y a plusieurs titulaires et que le montant change"
    )
    montantEstime: Montant | None = Field(default=None, description="nouveau total HT estimé")
    dureeMaximaleMois: DureeMois | None = None
    justificationDuree: Phrase | None = None


class CorrectionComplements(Entree):
    """Corrected PES complements; a field left out keeps its value. The contract number cannot be corrected."""

    urlProfilAcheteur: UrlProfil | None = None
    natureMarche: NatureMarchePES | None = None
    procedureMarche: ProcedureMarchePES | None = None
    montantEstimatif: StrictBool | None = None
    montantTVA: Montant | None = None
    montantEstime: Montant | None = None
    dureeMaximaleMois: DureeMois | None = None
    dateSignature: Jour | None = None
    dateDebutExecution: Jour | None = None
    reconductibilite: Reconductibilite | None = None
    penalite: StrictBool | None = None
    nomLieuExecution: NomLieu | None = None
    siretPAAccordCadre: Siret | None = None
    regimeAvance: RegimeAvance | None = None


class CorrectionMarche(Entree):
    """A material error put right; a field left out (or null) keeps its value."""

    motif: Phrase = Field(examples=["Code postal du lieu d'exécution erroné"])
    actualiserTitulaires: StrictBool = Field(
        default=False, description="renvoyer les données des titulaires telles qu'elles sont au référentiel"
    )
    objet: Objet | None = None
    codeCPV: CodeCPV | None = None
    lieuExecution: LieuExecution | None = None
    marcheInnovant: StrictBool | None = None
    ccag: Ccag | None = None
    offresRecues: Offres | None = None
    attributionAvance: StrictBool | None = None
    tauxAvance: Taux | None = None
    sousTraitanceDeclaree: StrictBool | None = None
    typesPrix: TypesPrix | None = None
    formePrix: FormePrix | None = None
    origineUE: Taux | None = None
    origineFrance: Taux | None = None
    considerationsSociales: ConsiderationsSociales | None = None
    considerationsEnvironnementales: ConsiderationsEnvironnementales | None = None
    complements: CorrectionComplements | None = None


class MarcheImporte(NouveauMarche):
    """A marché read from a file: recorded, notified and amended at once."""

    dateNotification: Jour
    datePublicationDonnees: Jour
    modifications: tuple[NouvelleModification, ...] = ()


class ImportMarche(Sortie):
    """What became of an imported marché."""

    uid: Uid
    statut: Literal["créé", "inchangé"]
    avertissements: tuple[str, ...] = ()


# --- what is answered -------------------------------------------------------------------------------------------------


class EtablissementNomme(Sortie):
    """An établissement and its name."""

    id: Siret
    nom: str


class TitulaireVue(Sortie):
    """A holder."""

    role: RoleTitulaire
    typeIdentifiant: TypeIdentifiant
    id: str
    denominationSociale: str
    montant: Montant | None


class ModificationVue(Sortie):
    """A notified amendment."""

    id: int
    objet: str
    dateNotificationModification: date
    datePublicationDonneesModification: date
    montant: Montant | None
    deltaMontant: payloads.DeltaMontant | None
    dureeMois: int | None
    deltaDureeMois: int | None


class MarcheVue(Sortie):
    """A marché as it stands."""

    uid: Uid
    version: int
    statut: Statut
    ght: CodeGht
    id: str
    acheteur: EtablissementNomme
    beneficiaires: tuple[EtablissementNomme, ...]
    objet: str
    codeCPV: str
    nature: Nature
    techniques: tuple[Technique, ...]
    modalitesExecution: tuple[ModaliteExecution, ...]
    idAccordCadre: str | None
    marcheInnovant: bool
    ccag: Ccag
    offresRecues: int
    attributionAvance: bool
    tauxAvance: Taux | None
    typeGroupementOperateurs: TypeGroupement
    sousTraitanceDeclaree: bool
    procedure: Procedure
    lieuExecution: LieuExecution
    dureeMois: int
    dateNotification: date | None
    datePublicationDonnees: date | None
    montant: Montant
    typesPrix: tuple[TypePrix, ...]
    formePrix: FormePrix
    origineUE: Taux | None
    origineFrance: Taux | None
    titulaires: tuple[TitulaireVue, ...]
    considerationsSociales: tuple[ConsiderationSociale, ...]
    considerationsEnvironnementales: tuple[ConsiderationEnvironnementale, ...]
    complements: Complements
    justificationDuree: str | None
    modifications: tuple[ModificationVue, ...]
    champsCompletes: tuple[str, ...]
    avertissements: tuple[Avertissement, ...]
    creeLe: datetime


class PageMarches(Sortie):
    """A page of marchés, newest first."""

    items: tuple[MarcheVue, ...]
    next: Suivant


class MarcheCree(payloads.Payload):
    """Data of ``marche.cree``: the marché is recorded; partners hear of it when it is notified."""

    uid: str
    id: str
    acheteur: str
    objet: str
    montant: Montant


def stored(description: Description) -> dict[str, Any]:
    """The descriptive part as it is kept in ``donnees``."""
    return description.model_dump(mode="json", include=_DESCRIPTIVE)


def described(donnees: dict[str, Any]) -> Description:
    """The descriptive part of a stored marché."""
    return Description.model_validate({name: donnees[name] for name in _DESCRIPTIVE if name in donnees})


_DESCRIPTIVE = set(Description.model_fields)
