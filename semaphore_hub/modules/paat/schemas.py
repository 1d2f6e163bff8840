"""What is received and answered about plans and actions. Every amount is in euros TTC."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.paat.calcul_schemas import Calcul
from semaphore_hub.modules.paat.champs import (
    Acheteur,
    Annee,
    Borne,
    Gain,
    Libelle200,
    Libelle500,
    MoisEffet,
    Numero,
    NumeroMarche,
    Pourcent,
    Texte2000,
    Texte4000,
    Total,
)
from semaphore_hub.modules.paat.codes import (
    Controle,
    EffetBudgetaire,
    Levier,
    Methode,
    Operateur,
    Origine,
    Section,
    Stade,
    StatutAction,
    StatutPaat,
)
from semaphore_hub.modules.referentiel.champs import CodeGht, Entree, Jour, Siret, Sortie, Uid
from semaphore_hub.modules.referentiel.schemas import Suivant


class NouveauPaat(Entree):
    """A plan to open: one for each GHT and year."""

    ght: CodeGht
    annee: Annee


class ActionEntree(Entree):
    """An action as the buyer describes it. What is absent is empty: an action is always given whole."""

    numero: Numero
    libelle: Libelle500 = Field(examples=["Renouvellement des antinéoplasiques"])
    statut: StatutAction = StatutAction.IDEE
    stade: Stade = Stade.POTENTIEL
    famille: Libelle200 | None = Field(
        default=None, description="code, libellé ou synonyme d'une famille d'achats", examples=["Médicaments"]
    )
    domaine: Libelle200 | None = None
    categorie: Libelle200 | None = None
    segment: Libelle200 | None = None
    levier: Levier | None = None
    operateur: Operateur = Operateur.GHT
    etablissement: Siret | None = Field(default=None, description="SIRET de l'établissement bénéficiaire")
    numeroMarche: NumeroMarche | None = None
    methode: Methode | None = Field(
        default=None, description="absente : celle du calcul, ou « montant » (gain déclaré sans calcul)"
    )
    section: Section = Section.EXPLOITATION
    effetBudgetaire: EffetBudgetaire | None = None
    montantReference: Montant | None = Field(default=None, description="montant de référence annuel, euros TTC")
    perimetre: Montant | None = Field(default=None, description="périmètre traité, euros TTC")
    gain: Gain | None = Field(default=None, description="gain annuel, euros TTC ; absent : résultat du calcul")
    dateEffet: Jour | None = Field(default=None, description="premier jour d'effet du prix nouveau")
    moisEffet: MoisEffet | None = Field(default=None, description="absent : déduit de la date d'effet")
    calculGains: Texte4000 | None = Field(default=None, description="« Calcul des gains » de la trame, texte libre")
    calcul: Calcul | None = Field(default=None, description="les chiffres du calcul, quand ils sont détaillés")
    acheteur: Acheteur | None = None
    commentaire: Texte2000 | None = None
    explication: Texte2000 | None = Field(
        default=None,
        description="justifie une performance au-dessus de la borne de la famille (20 caractères au moins)",
    )
    actionOrigine: Uid | None = Field(
        default=None, description="action d'une année précédente dont celle-ci reprend le report"
    )


class LotActions(Entree):
    """Several actions, recorded together or not at all; an action whose number is known is replaced."""

    actions: Annotated[tuple[ActionEntree, ...], Field(min_length=1, max_length=5000)]


class AvancementAction(Entree):
    """What may still be said of an action once its plan is submitted; what is absent does not change."""

    statut: StatutAction | None = None
    stade: Stade | None = None
    gainRealise: Gain | None = Field(default=None, description="gain constaté, au stade « realise », euros TTC")
    numeroMarche: NumeroMarche | None = None
    commentaire: Texte2000 | None = None


class ActionVue(Sortie):
    """An action as it stands, with what the hub computed of it."""

    uid: Uid
    version: int
    paat: Uid
    ght: CodeGht
    annee: int
    numero: str
    libelle: str
    statut: StatutAction
    stade: Stade
    famille: str | None = Field(description="code de la famille d'achats ; « SYN-… » : code synthétique, non officiel")
    familleEcrite: str | None = Field(description="la famille telle qu'elle a été écrite")
    domaine: str | None
    categorie: str | None
    segment: str | None
    levier: Levier | None
    operateur: Operateur
    etablissement: Siret | None
    role: Literal["support", "partie"] | None
    numeroMarche: str | None
    methode: Methode
    section: Section
    effetBudgetaire: EffetBudgetaire | None
    montantReference: Montant | None = Field(description="euros TTC")
    perimetre: Montant | None = Field(description="euros TTC")
    gain: Gain | None = Field(description="gain annuel déclaré, euros TTC")
    dateEffet: date | None
    moisEffet: int | None
    gainAnnee: Gain | None = Field(description="part du gain dans l'année, prorata temporis, euros TTC")
    report: Gain | None = Field(description="part du gain reportée sur l'année suivante, euros TTC")
    gainRealise: Gain | None = Field(description="gain constaté, euros TTC")
    calculGains: str | None
    calcul: Calcul | None
    acheteur: str | None
    commentaire: str | None
    explication: str | None
    origine: Origine
    actionOrigine: Uid | None
    performance: Pourcent | None = Field(description="gain / montant de référence, en %")
    borne: Borne = Field(description="borne de performance appliquée, en % du montant de référence")
    controle: Controle | None = Field(description="premier contrôle DGOS rencontré (codes : hypothèse)")
    commentaireDGOS: str | None = Field(description="texte de la DGOS pour ce contrôle")
    exclue: bool = Field(description="vrai : le gain retenu est 0")
    gainRetenu: Gain = Field(description="euros TTC")


class Demonstration(Sortie):
    """How the figures of an action were obtained, in French."""

    gain: tuple[str, ...]
    performance: str
    poids: str
    prorata: str
    controle: tuple[str, ...]


class ActionDetail(ActionVue):
    """An action and the arithmetic of its figures."""

    poids: Pourcent | None = Field(description="gain / somme des gains déclarés du plan, en %")
    demonstration: Demonstration


class PageActions(Sortie):
    """A page of actions, in the order of their creation."""

    items: tuple[ActionVue, ...]
    next: Suivant


class TotalControle(Sortie):
    """What one control meets; without a code: the lines that meet none."""

    controle: Controle | None
    commentaire: str | None
    actions: int
    exclues: int
    gainDeclare: Total
    gainRetenu: Total


class TotalStatut(Sortie):
    """Actions in one status; those abandoned or postponed are counted here only."""

    statut: StatutAction
    actions: int
    gainDeclare: Total


class Totaux(Sortie):
    """What a plan amounts to, euros TTC; abandoned and postponed actions are left out, except in ``parStatut``."""

    actions: int = Field(description="actions comptées")
    exclues: int = Field(description="actions comptées dont le gain n'est pas retenu")
    montantReference: Total
    perimetre: Total
    gainDeclare: Total
    gainRetenu: Total
    gainAnnee: Total = Field(description="part dans l'année des gains déclarés")
    report: Total = Field(description="part des gains déclarés reportée sur l'année suivante")
    gainRealise: Total
    performance: Pourcent | None = Field(description="gains retenus / montants de référence, en %")
    parControle: tuple[TotalControle, ...]
    parStatut: tuple[TotalStatut, ...]


class PaatVue(Sortie):
    """A plan as it stands."""

    uid: Uid
    version: int
    ght: CodeGht
    annee: int
    statut: StatutPaat
    totaux: Totaux


class PagePaat(Sortie):
    """A page of plans, newest first."""

    items: tuple[PaatVue, ...]
    next: Suivant


class EnregistrementActions(Sortie):
    """What became of several actions."""

    paat: Uid
    version: int = Field(description="version du plan après l'enregistrement")
    creees: int
    modifiees: int
    exclues: int = Field(description="parmi celles données, actions dont le gain n'est pas retenu")
    totaux: Totaux
    inchangees: int = Field(description="actions données telles qu'elles étaient : leur version ne change pas")


class ValeurCode(Sortie):
    """One value of an enumeration."""

    code: str
    libelle: str
    marque: str = Field(description="« attesté… » (avec la source) ou « hypothèse »")


class Enumeration(Sortie):
    """An enumeration of the PAAT."""

    nom: str
    valeurs: tuple[ValeurCode, ...]


class EnumerationsPaat(Sortie):
    """Every enumeration of the PAAT."""

    enumerations: tuple[Enumeration, ...]
