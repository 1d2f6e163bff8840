"""What the module of marchés receives in JSON: names and values of the DECP 2.0.4, lists unwrapped."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.marches.avenants.justification import Fondement, Justification
from semaphore_hub.modules.marches.description import AvanceDetaillee, Description, GarantieDemandee, LieuExecution
from semaphore_hub.modules.marches.fields import (
    CodeCPV,
    ConsiderationsEnvironnementales,
    ConsiderationsSociales,
    DureeMois,
    IdMarche,
    Intitule,
    NomLieu,
    NumeroLot,
    Objet,
    ObjetModification,
    Offres,
    Phrase,
    ReferenceConsultation,
    RoleTitulaire,
    TypesPrix,
    UrlProfil,
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
    NatureMarchePES,
    ProcedureMarchePES,
    Reconductibilite,
    RegimeAvance,
    TypeGroupement,
    TypeIdentifiant,
)
from semaphore_hub.modules.referentiel.schemas import IdentifiantTiers


class EtablissementRef(Entree):
    """An établissement of the référentiel."""

    id: Siret


class OperateurRef(Entree):
    """A supplier of the référentiel."""

    typeIdentifiant: TypeIdentifiant = Field(examples=["SIRET"])
    id: IdentifiantTiers


class TitulaireRef(OperateurRef):
    """A supplier of the référentiel as a holder; its share of the amount when there are several."""

    role: RoleTitulaire = "titulaire"
    montant: Montant | None = Field(default=None, description="part HT ; absente quand le titulaire est seul")


class LotRef(Entree):
    """The lot a marché answers: one lot, one marché."""

    consultation: ReferenceConsultation
    numero: NumeroLot
    intitule: Intitule


class PartAcheteurEntree(Entree):
    """A member of a group of buyers and its part HT of the marché."""

    id: Siret
    montant: Montant
    montantTVA: Montant | None = None
    montantEstime: Montant | None = None


class TrancheEntree(Entree):
    """A tranche: firm, or optional."""

    numero: Annotated[int, Field(strict=True, ge=0, le=99), Entier]
    intitule: Intitule
    type: Literal["ferme", "optionnelle"]
    debut: Jour | None = None
    fin: Jour | None = None
    montant: Montant
    montantTVA: Montant | None = None


class ReconductionEntree(Entree):
    """A renewal period foreseen by the marché."""

    numero: Annotated[int, Field(strict=True, ge=1, le=99), Entier]
    debut: Jour
    fin: Jour
    montant: Montant
    montantTVA: Montant | None = None


class PieceEntree(Entree):
    """Reference of a contractual document; ``support``: 01 electronic, 02 paper, 03 CD (PES)."""

    idUnique: Annotated[str, Field(pattern="^[A-Za-z0-9]{1,50}$", examples=["PJ2026DM001ACTE"])]
    nom: Annotated[
        str,
        Field(max_length=100, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9 _.-]{0,90}\.[A-Za-z0-9]{2,4}$", examples=["acte.pdf"]),
    ]
    support: Literal["01", "02", "03"] = "01"


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
    typeAchat: Literal["travaux", "fournitures", "services"] | None = Field(
        default=None, description="déduit du CPV : 45 travaux, 50 à 98 services, sinon fournitures"
    )
    lot: LotRef | None = None
    acheteurs: Annotated[tuple[PartAcheteurEntree, ...], Field(max_length=200)] = Field(
        default=(), description="groupement d'acheteurs : chaque membre et sa part ; vide : l'acheteur seul"
    )
    tranches: Annotated[tuple[TrancheEntree, ...], Field(max_length=99)] = ()
    reconductions: Annotated[tuple[ReconductionEntree, ...], Field(max_length=99)] = ()
    pieces: Annotated[tuple[PieceEntree, ...], Field(max_length=99)] = ()


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
    """An amendment: new totals, not differences; its id is computed.

    With a ``fondement`` the hub checks that the code allows it; without, nothing is checked and a warning says so.
    """

    objet: ObjetModification
    dateNotificationModification: Jour = Field(examples=["2026-09-01"])
    datePublicationDonneesModification: Jour = Field(examples=["2026-09-10"])
    montant: Montant | None = Field(default=None, description="nouveau montant total HT", examples=["215000.00"])
    dureeMois: DureeMois | None = Field(default=None, description="nouvelle durée totale")
    parts: Annotated[tuple[PartTitulaire, ...], Field(max_length=100)] = Field(
        default=(), description="nouvelles parts, quand il y a plusieurs titulaires et que le montant change"
    )
    acheteurs: Annotated[tuple[PartAcheteurEntree, ...], Field(max_length=200)] = Field(
        default=(), description="nouvelles parts de chaque membre du groupement d'acheteurs, quand le montant change"
    )
    titulaires: Annotated[tuple[TitulaireRef, ...], Field(max_length=100)] = Field(
        default=(), description="liste complète des titulaires après la modification, quand elle en change"
    )
    typeGroupementOperateurs: TypeGroupement | None = Field(
        default=None, description="type de groupement après la modification, s'il change"
    )
    montantEstime: Montant | None = Field(default=None, description="nouveau total HT estimé")
    dureeMaximaleMois: DureeMois | None = None
    justificationDuree: Phrase | None = None
    fondement: Fondement | None = Field(
        default=None, description="cas de modification : R2194-1, -2, -5, -6, -7 ou -8 ; absent : rien n'est vérifié"
    )
    justification: Justification | None = Field(default=None, description="ce que le fondement demande de déclarer")
    evenement: Annotated[str, Field(max_length=256, pattern=LIGNE_PATTERN)] | None = Field(
        default=None, description="événement qui la justifie ; un même événement ne sert qu'une fois"
    )


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
    avance: AvanceDetaillee | None = None
    garantie: GarantieDemandee | None = None
    delaiGarantieMois: DureeMois | None = None
    codesCPVSecondaires: Annotated[tuple[CodeCPV, ...], Field(max_length=3)] | None = None
    offresDematerialisees: Annotated[int, Field(strict=True, ge=0, le=9999), Entier] | None = None
    carteAchat: StrictBool | None = None
    multiBudget: StrictBool | None = None
    nomSignataire: Annotated[str, Field(max_length=38, pattern=LIGNE_PATTERN)] | None = None
    refDelegationSignature: Annotated[str, Field(max_length=50, pattern=LIGNE_PATTERN)] | None = None
    dateDebutMarche: Jour | None = None


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


NumeroActe = Annotated[int, Field(strict=True, ge=1, le=9999), Entier]


class ActeImporte(Entree):
    """A subcontracting act read from a file; what the DECP does not say has a documented default (hypothèse)."""

    id: NumeroActe
    sousTraitant: OperateurRef
    dureeMois: DureeMois
    dateNotification: Jour
    datePublicationDonnees: Jour
    montant: Montant
    variationPrix: Literal["Ferme", "Actualisable", "Révisable"]
    objet: ObjetModification = "Acte de sous-traitance (objet non porté par la DECP)"
    titulaire: OperateurRef | None = Field(default=None, description="qui sous-traite ; absent : le premier titulaire")
    paiementDirect: StrictBool = Field(default=False, description="absent de la DECP : réputé faux")


class ModificationActeImportee(Entree):
    """A modification of a subcontracting act read from a file: new totals; ``id`` is that of the act."""

    id: NumeroActe
    dateNotificationModificationSousTraitance: Jour
    datePublicationDonnees: Jour
    dureeMois: DureeMois | None = None
    montant: Montant | None = None
    objet: ObjetModification = "Modification de l'acte de sous-traitance (objet non porté par la DECP)"


class MarcheImporte(NouveauMarche):
    """A marché read from a file: recorded, notified and amended at once."""

    dateNotification: Jour
    datePublicationDonnees: Jour
    modifications: tuple[NouvelleModification, ...] = ()
    actesSousTraitance: tuple[ActeImporte, ...] = ()
    modificationsActesSousTraitance: tuple[ModificationActeImportee, ...] = ()
