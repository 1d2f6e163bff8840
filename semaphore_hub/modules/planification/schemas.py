"""What the operations on purchase projects receive and answer in JSON. Amounts are euros HT."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, StrictBool

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.planification.champs import (
    CodeCPV,
    CodeNCHFS,
    DureeMois,
    Famille,
    Intitule,
    Ligne,
    NumeroLot,
    Reference,
    Sirets,
    Texte,
    Total,
    Uids,
)
from semaphore_hub.modules.planification.codes import CodeJalon, Filiere, Statut, Strategie, TypeAchat, TypeProjet
from semaphore_hub.modules.referentiel.champs import (
    LISTE_UNIQUE,
    CodeGht,
    Distinct,
    Entree,
    Jour,
    Siret,
    Sortie,
    Uid,
)
from semaphore_hub.modules.referentiel.schemas import Avertissement, Suivant

Publicite = Literal["aucune", "adaptee", "boamp_ou_jal", "boamp_et_joue"]
"""Where the consultation is published: nowhere, freely, BOAMP or a legal-notice paper, BOAMP and JOUE."""
_Prescripteurs = Annotated[tuple[Ligne, ...], Field(max_length=50, json_schema_extra=LISTE_UNIQUE), Distinct]


class LotPlanifie(Entree):
    """A lot of a project."""

    numero: NumeroLot
    intitule: Ligne
    montantEstime: Montant = Field(description="euros HT, sur toute la durée", examples=["30000.00"])
    deroge: StrictBool = Field(
        default=False, description="petit lot que l'acheteur sort de la procédure du besoin (art. R2123-1 2° CCP)"
    )


_Lots = Annotated[tuple[LotPlanifie, ...], Field(max_length=200)]


class Considerations(Entree):
    """What the purchase pursues beside its object."""

    environnementale: StrictBool = False
    sociale: StrictBool = False
    innovation: StrictBool = False


_EXEMPLE: dict[str, JsonValue] = {
    "reference": "2026-DM-017",
    "acheteur": "26750045200011",
    "intitule": "Dispositifs de perfusion",
    "typeAchat": "fournitures",
    "codeCPV": "33140000-3",
    "codeNCHFS": "SYN-02.01",
    "dureeMois": 48,
    "montantEstime": "400000.00",
    "dateDebutPrevue": "2027-01-01",
}


class NouveauProjetAchat(Entree):
    """A project: from scratch, from needs that were stated (``besoins``), or to renew a marché (``renouvelle``)."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXEMPLE]})

    reference: Reference
    acheteur: Siret
    intitule: Intitule | None = Field(default=None, description="absent : l'objet du marché renouvelé")
    type: TypeProjet | None = Field(
        default=None, description="absent : « renouvellement » quand un marché est renouvelé, sinon « nouveau »"
    )
    typeAchat: TypeAchat | None = Field(
        default=None, description="absent : celui des besoins ou du marché renouvelé ; sinon obligatoire"
    )
    beneficiaires: Sirets = Field(
        default=(), description="vide : les établissements des besoins ou du marché renouvelé, sinon l'acheteur seul"
    )
    famille: Famille | None = Field(default=None, description="absente : déduite du code CPV (hypothèse)")
    codeNCHFS: CodeNCHFS | None = Field(default=None, description="absent : celui des besoins, s'ils ont le même")
    codeCPV: CodeCPV | None = Field(default=None, description="absent : celui des besoins ou du marché renouvelé")
    strategie: Strategie = "GHT"
    portefeuille: Ligne | None = None
    prescripteurs: _Prescripteurs = Field(default=(), description="services prescripteurs", examples=[["Pharmacie"]])
    considerations: Considerations = Considerations()
    dureeMois: DureeMois | None = Field(default=None, description="absente : celle du marché renouvelé")
    montantEstime: Montant | None = Field(
        default=None,
        description="valeur HT sur toute la durée, maximum pour un accord-cadre ; absente : somme des lots, sinon des "
        "besoins (montant annuel × durée/12 pour un besoin récurrent, une fois pour un besoin ponctuel), sinon montant "
        "du marché renouvelé",
        examples=["120000.00"],
    )
    besoins: Uids = Field(default=(), description="besoins recensés que le projet reprend")
    renouvelle: Uid | None = Field(default=None, description="marché que le projet renouvelle")
    dateDebutPrevue: Jour | None = Field(
        default=None, description="absente : le lendemain de la fin du marché renouvelé", examples=["2027-01-01"]
    )
    lots: _Lots = ()
    actionPaat: Uid | None = Field(
        default=None, description="action du PAAT ; gardée telle quelle, le hub ne vérifie pas qu'elle existe"
    )


class RevisionProjetAchat(Entree):
    """New forecast of a project; a field left out (or null) keeps its value."""

    intitule: Intitule | None = None
    type: TypeProjet | None = None
    typeAchat: TypeAchat | None = None
    acheteur: Siret | None = None
    beneficiaires: Sirets | None = None
    famille: Famille | None = None
    codeNCHFS: CodeNCHFS | None = None
    codeCPV: CodeCPV | None = None
    strategie: Strategie | None = Field(
        default=None, description="avant sa validation seulement ; ensuite, la stratégie se valide à nouveau"
    )
    portefeuille: Ligne | None = None
    prescripteurs: _Prescripteurs | None = None
    considerations: Considerations | None = None
    dureeMois: DureeMois | None = None
    montantEstime: Montant | None = Field(
        default=None, description="absent : recalculé quand les lots, les besoins ou la durée changent"
    )
    besoins: Uids | None = Field(default=None, description="remplace la liste des besoins repris")
    dateDebutPrevue: Jour | None = Field(default=None, examples=["2027-01-01"])
    lots: _Lots | None = None
    actionPaat: Uid | None = None


class EtapeProjet(Entree):
    """The project enters a step."""

    date: Jour


class ValidationStrategie(Entree):
    """The purchasing director validates the strategy, and with it the procedure ("Validation Directeur Achats")."""

    date: Jour
    strategie: Strategie | None = Field(default=None, description="absente : celle du projet")
    dateLancement: Jour | None = Field(
        default=None,
        description="envoi prévu de l'avis : ses seuils s'appliquent ; absent : jalon « publication » du rétroplanning",
        examples=["2026-06-01"],
    )


class OuvertureOffres(Entree):
    """The offers came in, their analysis begins."""

    dateRemise: Jour = Field(description="limite de remise des offres", examples=["2026-04-03"])
    date: Jour = Field(description="début de l'analyse", examples=["2026-04-04"])


class ConclusionAttribution(Entree):
    """The attribution ends though some lots have no marché."""

    date: Jour
    lotsSansSuite: Annotated[
        tuple[NumeroLot, ...],
        Field(min_length=1, max_length=200, json_schema_extra=LISTE_UNIQUE, description="lots sans marché"),
        Distinct,
    ]


class FinProjet(Entree):
    """The marchés were notified and begin: the project is done."""

    dateNotification: Jour = Field(examples=["2026-12-01"])
    date: Jour = Field(description="début d'exécution", examples=["2027-01-01"])


class SortieDuProjet(Entree):
    """The project leaves its path."""

    date: Jour
    motif: Texte = Field(examples=["Le besoin a disparu : fermeture du service"])


class Relance(Entree):
    """The consultation starts again from its documents."""

    date: Jour
    dateDebutPrevue: Jour | None = Field(default=None, description="nouveau début ; absent : inchangé")


class JalonVue(Sortie):
    """A milestone: the day the project is to enter the step, and the day it did."""

    code: CodeJalon
    prevu: date | None
    realise: date | None


class LotPlanifieVue(Sortie):
    """A lot, with the marché it opened."""

    numero: int
    intitule: str
    montantEstime: Montant
    deroge: bool
    sansSuite: bool
    marche: Uid | None


class ElementCalcul(Sortie):
    """One thing that was summed."""

    nature: Literal["projet", "besoin", "lot"]
    uid: Uid | None
    libelle: str
    etablissement: str | None = Field(description="SIRET de l'acheteur du projet, ou de l'établissement du besoin")
    montant: Total
    precision: str | None = Field(description="comment le montant a été obtenu")


class EtapeCalcul(Sortie):
    """One step of the computation."""

    texte: str
    source: str


class LotCalcule(Sortie):
    """The procedure of one lot."""

    numero: int
    montant: Montant
    deroge: bool
    procedure: str
    publicite: Publicite
    calcul: str


class ProcedureVue(Sortie):
    """The procedure that a need calls for, with the whole computation."""

    dateLancement: date
    typeAchat: TypeAchat
    categorie: str | None = Field(description="code NCHFS de la catégorie homogène")
    annee: int
    valeur: Total = Field(description="valeur HT du besoin comparée aux seuils")
    procedure: str
    publicite: Publicite
    elements: tuple[ElementCalcul, ...]
    etapes: tuple[EtapeCalcul, ...]
    lots: tuple[LotCalcule, ...]
    avertissements: tuple[Avertissement, ...]


class DemandeProcedure(Entree):
    """A need whose procedure is asked for, without any project."""

    typeAchat: TypeAchat = Field(examples=["fournitures"])
    dateLancement: Jour = Field(description="envoi de l'avis : ses seuils s'appliquent")
    montant: Montant | None = Field(
        default=None,
        description="valeur HT sur toute la durée, maximum pour un accord-cadre ; absente : somme des lots, ou montant "
        "annuel et durée",
        examples=["215000.00"],
    )
    montantAnnuel: Montant | None = Field(default=None, description="besoin récurrent : valeur HT de douze mois")
    dureeMois: DureeMois | None = None
    lots: _Lots = ()


class ProjetAchatVue(Sortie):
    """A project as it stands."""

    uid: Uid
    version: int
    ght: CodeGht
    reference: str
    statut: Statut
    intitule: str
    type: TypeProjet
    typeAchat: TypeAchat
    acheteur: Siret
    beneficiaires: tuple[Siret, ...]
    famille: str | None
    codeNCHFS: str | None
    codeCPV: str
    strategie: Strategie
    portefeuille: str | None
    prescripteurs: tuple[str, ...]
    considerations: Considerations
    dureeMois: int
    montantEstime: Montant = Field(description="euros HT, sur toute la durée")
    besoins: tuple[Uid, ...]
    renouvelle: Uid | None
    echeanceRenouvelee: date | None = Field(description="dernier jour du marché renouvelé")
    dateDebutPrevue: date
    dateLancement: date | None = Field(description="publication, prévue à la validation de la stratégie puis réelle")
    jalons: tuple[JalonVue, ...]
    lots: tuple[LotPlanifieVue, ...]
    procedure: str | None = Field(description="retenue à la validation de la stratégie")
    calcul: ProcedureVue | None = Field(description="calcul de la procédure retenue")
    actionPaat: Uid | None
    marches: tuple[Uid, ...]
    motif: str | None
    avertissements: tuple[Avertissement, ...]
    creeLe: datetime


class PageProjetsAchat(Sortie):
    """A page of projects, newest first."""

    items: tuple[ProjetAchatVue, ...]
    next: Suivant


class JalonPlan(Sortie):
    """A milestone of a backward planning, with what the plan and the facts say."""

    code: CodeJalon
    prevu: date | None
    realise: date | None
    joursAvantDebut: int | None
    source: str | None = Field(description="d'où vient le délai")


class RetardVue(Sortie):
    """How late a project is, and what follows."""

    jours: int
    jalon: CodeJalon
    debutRealiste: date
    joursSansMarche: int = Field(description="entre la fin du marché renouvelé et le début réaliste")
    consequence: str


class RetroplanningVue(Sortie):
    """The backward planning of a project, computed today."""

    filiere: Filiere
    debut: date
    lancement: date = Field(description="premier jalon : le projet doit commencer au plus tard ce jour")
    jalons: tuple[JalonPlan, ...]
    ajustements: tuple[str, ...]
    retard: RetardVue | None


class EcheanceVue(Sortie):
    """A living marché that ends, and the project that renews it."""

    marche: Uid
    id: str
    ght: CodeGht
    objet: str
    codeCPV: str
    montant: Montant = Field(description="euros HT, sur toute la durée du marché")
    dateFin: date
    filiere: Filiere = Field(description="procédure qu'appellerait le même montant")
    lancementAuPlusTard: date
    joursRetard: int = Field(description="0 quand rien ne presse, ou qu'un projet le renouvelle")
    successeur: Uid | None = Field(description="projet qui renouvelle ce marché")
    statutSuccesseur: Statut | None
    message: str


class EcheancesVue(Sortie):
    """Marchés that end before a day, the late ones first, then by the day on which to launch."""

    avant: date
    total: int
    enRetard: int
    sansSuccesseur: int
    items: tuple[EcheanceVue, ...] = Field(description="au plus « limit » ; total dit combien il y en a")
