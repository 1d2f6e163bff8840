"""What is answered about indicators."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from semaphore_hub.modules.indicateurs.demande import Source
from semaphore_hub.modules.indicateurs.formules.arrondi import Unite
from semaphore_hub.modules.indicateurs.indicateur import Decoupage, Filtrage, Niveau
from semaphore_hub.modules.indicateurs.moteurs import NomMoteur
from semaphore_hub.modules.referentiel.champs import Sortie

Nombre = Annotated[
    str, Field(pattern=r"^-?[0-9]+(\.[0-9]{1,4})?$", description="nombre décimal exact, en texte", examples=["1.0806"])
]
Affichage = Annotated[str, Field(description="le chiffre tel qu'il se lit, arrondi", examples=["108 %"])]
Lien = Annotated[str, Field(pattern="^/v1/", description="adresse à lire ensuite")]
Motif = Annotated[str, Field(description="pourquoi il n'y a pas de valeur")]


class IndicateurDecrit(Sortie):
    """An indicator of the catalogue, with every text of it."""

    code: str = Field(examples=["atteinte-objectif"])
    libelle: str
    formule: str
    unite: Unite
    arrondi: str = Field(description="comment l'affichage est arrondi")
    source: str = Field(description="ligne de la source, article, ou hypothèse")
    atteste: bool = Field(description="false : la formule est une hypothèse")
    perimetre: str = Field(description="ce qui est compté")
    niveaux: tuple[Niveau, ...]
    decoupages: tuple[Decoupage, ...]
    filtres: tuple[Filtrage, ...] = Field(description="en plus de la région, du GHT et de l'établissement")
    consolidation: bool = Field(description="existe aussi en chiffres consolidés (source=consolidation)")
    lien: Lien


class Catalogue(Sortie):
    """Every indicator."""

    items: tuple[IndicateurDecrit, ...]


class ComposanteVue(Sortie):
    """A figure that explains another."""

    code: str
    libelle: str
    valeur: Nombre | None
    affichage: Affichage


class IntervalleVue(Sortie):
    """Where a rate lies, when the figures it comes from are printed rounded."""

    minimum: Nombre
    maximum: Nombre | None = Field(description="null : le dénominateur peut être nul")
    affichage: Affichage
    tauxImprime: Nombre | None = Field(description="le taux que la source imprime")
    compatible: bool | None = Field(description="le taux imprimé est l'arrondi d'un taux de l'intervalle")


class Resultat(Sortie):
    """A figure; ``valeur`` is null when it cannot be computed, ``motif`` then says why."""

    numerateur: Nombre | None
    denominateur: Nombre | None
    valeur: Nombre | None = Field(description="un taux est un rapport (1.0806 pour 108 %), un montant est en euros")
    affichage: Affichage
    motif: Motif | None
    composantes: tuple[ComposanteVue, ...]


class LigneVue(Resultat):
    """A line: a figure and what it is the figure of."""

    cle: dict[str, str | int | bool | None] = Field(description="année, niveau et découpage de la ligne")
    libelle: str
    source: Source = Field(description="calculé des lignes, ou lu dans un tableau consolidé")
    intervalle: IntervalleVue | None
    lien: Lien | None = Field(description="le niveau du dessous")


class IndicateurCalcule(Sortie):
    """An indicator with its figures, its formula, its source, its perimeter and its date."""

    code: str
    libelle: str
    formule: str
    unite: Unite
    source: str
    atteste: bool
    arrondi: str
    perimetre: str = Field(description="ce qui est compté, et dans quel périmètre")
    annees: tuple[int, ...]
    niveau: Niveau
    par: Decoupage | None
    lignes: tuple[LigneVue, ...]
    total: Resultat = Field(description="recalculé depuis les sommes ; jamais une moyenne de taux")
    avertissements: tuple[str, ...]
    arreteLe: datetime = Field(description="instant du calcul")
    sujetsEnAttente: int = Field(ge=0, description="sujets changés dont les faits ne sont pas encore relus")
    moteur: NomMoteur = Field(description="moteur du calcul ; les deux donnent les mêmes sommes, au centime")


class Fait(Sortie):
    """A fact behind a figure."""

    uid: str
    annee: int | None
    region: str | None
    ght: str | None
    etablissement: str | None
    famille: str | None
    operateur: str | None
    libelle: str
    valeurs: dict[str, str | int | bool | None] = Field(description="ce que le calcul regarde ; montants en euros")
    origine: Lien = Field(description="d'où vient le fait")


class PageFaits(Sortie):
    """A page of facts."""

    items: tuple[Fait, ...]
    next: str | None = Field(description="position de la page suivante, à rendre dans « cursor »")


class ChiffreCle(Resultat):
    """A key figure of the home page."""

    code: str
    libelle: str
    unite: Unite
    source: str
    atteste: bool
    avertissements: tuple[str, ...]
    lien: Lien


class TableauDeBord(Sortie):
    """The key figures of a year."""

    annee: int
    perimetre: str
    items: tuple[ChiffreCle, ...]
    arreteLe: datetime
    sujetsEnAttente: int = Field(ge=0)


class ChiffreNonReproductible(Sortie):
    """A printed figure that printed inputs do not give."""

    chiffre: str
    lignes: str = Field(description="lignes de la source")
    raison: str
    indicateur: str | None


class IndicateurNonCalculable(Sortie):
    """An indicator that the hub does not compute."""

    libelle: str
    raison: str


class Limites(Sortie):
    """What the hub does not compute, and why."""

    document: Literal["DGOS, présentation du 17/06/2022"]
    dateDocument: date
    nonReproductibles: tuple[ChiffreNonReproductible, ...]
    nonCalculables: tuple[IndicateurNonCalculable, ...]
