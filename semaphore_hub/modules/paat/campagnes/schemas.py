"""What is received and answered about campaigns. Every amount is in euros TTC."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.paat.champs import Annee, Gain, Pourcent, Total
from semaphore_hub.modules.paat.codes import Controle, Methode, Operateur, Origine, StatutAction, StatutPaat
from semaphore_hub.modules.paat.validation.schemas import PartPerformance
from semaphore_hub.modules.referentiel.champs import (
    LISTE_UNIQUE,
    CodeGht,
    Distinct,
    Entier,
    Entree,
    Jour,
    Sortie,
    Uid,
)
from semaphore_hub.modules.referentiel.schemas import CodeRegion, Suivant
from semaphore_hub.ports.payloads.achats import Moment

JoursRappel = Annotated[int, Field(strict=True, ge=-60, le=60), Entier]
Rappels = Annotated[tuple[JoursRappel, ...], Field(max_length=10, json_schema_extra=LISTE_UNIQUE), Distinct]


EtatApres = Literal["mi_annee", "fin_annee", "plan"]
"""A campaign, or the plan as it is now."""


class NouvelleCampagne(Entree):
    """A campaign to open; days left out are the usual ones (hypothesis)."""

    annee: Annee
    moment: Moment = Field(examples=["mi_annee"])
    dateDonnees: Jour | None = Field(default=None, description="absente : 30/06, ou 31/12")
    ouverture: Jour | None = Field(default=None, description="absente : 1er juillet, ou 2 janvier suivant")
    cloture: Jour | None = Field(default=None, description="absente : 31 juillet, ou 28 février suivant ; jour compris")
    rappelsJours: Rappels = Field(
        default=(15, 7, 1, -1),
        description="jours avant la clôture (négatifs : après) où les retardataires sont relancés",
    )


class CampagneVue(Sortie):
    """A campaign."""

    uid: Uid
    version: int
    annee: int
    moment: Moment
    dateDonnees: date
    ouverture: date
    cloture: date
    rappelsJours: tuple[int, ...]


class PageCampagnes(Sortie):
    """A page of campaigns, newest first."""

    items: tuple[CampagneVue, ...]
    next: Suivant


class NouvelleRemontee(Entree):
    """The plan whose figures are reported."""

    paat: Uid


class ChiffresFiges(Sortie):
    """What the plan amounted to when it was reported."""

    statut: StatutPaat
    versionPaat: int
    actions: int
    exclues: int
    montantReference: Total
    perimetre: Total
    gainDeclare: Total
    gainRetenu: Total
    gainAnnee: Total = Field(description="part dans l'année des gains déclarés")
    report: Total = Field(description="part des gains déclarés reportée sur l'année suivante")
    performance: Pourcent | None
    reports: PartPerformance = Field(description="actions reprises du plan de l'année précédente")
    nouvelles: PartPerformance = Field(description="actions de l'année")


class LigneFigee(Sortie):
    """An action as it was when the plan was reported."""

    numero: str
    libelle: str
    statut: StatutAction
    famille: str | None
    operateur: Operateur
    methode: Methode
    origine: Origine
    montantReference: Montant | None
    perimetre: Montant | None
    gain: Gain | None
    gainAnnee: Gain | None
    report: Gain | None
    controle: Controle | None
    commentaireDGOS: str | None
    exclue: bool
    gainRetenu: Gain


class RemonteeVue(Sortie):
    """What a plan said in a campaign; the last one of a GHT counts."""

    uid: Uid
    campagne: Uid
    paat: Uid
    ght: CodeGht
    deposeeLe: datetime
    auteur: str
    chiffres: ChiffresFiges


class RemonteeDetail(RemonteeVue):
    """The same, with the frozen lines, in the order of their numbers."""

    lignes: tuple[LigneFigee, ...]


class PageRemontees(Sortie):
    """A page of remontées, newest first."""

    items: tuple[RemonteeVue, ...]
    next: Suivant


class AvancementGht(Sortie):
    """Whether one GHT answered."""

    ght: CodeGht
    nom: str
    region: CodeRegion | None
    paat: Uid | None = Field(description="son plan de l'année, s'il existe")
    statut: StatutPaat | None = Field(description="où en est ce plan maintenant")
    remontee: Uid | None = Field(description="sa dernière remontée ; null : il manque")
    deposeeLe: datetime | None
    gainDeclare: Total | None
    gainRetenu: Total | None


class AvancementRegion(Sortie):
    """The GHT of a region; null: the région of the GHT is not known."""

    region: CodeRegion | None
    attendus: int
    remontes: int
    manquants: tuple[CodeGht, ...]
    gainDeclare: Total
    gainRetenu: Total


class Avancement(Sortie):
    """Who answered a campaign among the GHT of the référentiel, and what the last remontées amount to."""

    campagne: Uid
    annee: int
    moment: Moment
    attendus: int
    remontes: int
    gainDeclare: Total
    gainRetenu: Total
    regions: tuple[AvancementRegion, ...]
    ghts: tuple[AvancementGht, ...]


class EtatCompare(Sortie):
    """One side of a comparison."""

    remontee: Uid | None = Field(description="null : le plan tel qu'il est maintenant")
    deposeeLe: datetime | None
    actions: int
    gainDeclare: Total
    gainRetenu: Total


class EcartChamp(Sortie):
    """One field of a line that differs; amounts have their difference."""

    champ: str
    avant: str | None
    apres: str | None
    difference: Gain | None


class EcartLigne(Sortie):
    """A line that differs."""

    numero: str
    libelle: str
    nature: Literal["ajoutee", "retiree", "modifiee"]
    champs: tuple[EcartChamp, ...]


class Ecarts(Sortie):
    """What changed from one state of a plan to another, line by line."""

    ght: CodeGht
    annee: int
    avant: EtatCompare
    apres: EtatCompare
    differenceGainDeclare: Total
    differenceGainRetenu: Total
    lignes: tuple[EcartLigne, ...]


class DemandeRappels(Entree):
    """Have every campaign looked at."""

    jour: Jour | None = Field(default=None, description="le jour considéré ; absent : aujourd'hui")


class RappelsDuJour(Sortie):
    """What was said."""

    jour: date
    rappels: int = Field(description="rappels émis, jamais dits auparavant")


class RappelVue(Sortie):
    """A reminder that was said."""

    uid: Uid
    campagne: Uid
    ght: CodeGht
    jours: int = Field(description="jours avant la clôture, selon la campagne")
    jour: date = Field(description="jour où il a été dit")
    message: str


class PageRappels(Sortie):
    """A page of reminders, newest first."""

    items: tuple[RappelVue, ...]
    next: Suivant
