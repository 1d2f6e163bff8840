"""What an indicator is: its words, its facts, its formula, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from semaphore_hub.modules.indicateurs.formules.arrondi import Unite
from semaphore_hub.modules.indicateurs.formules.chiffre import Chiffre, Sommes
from semaphore_hub.modules.indicateurs.moteur import Mesure

Niveau = Literal["national", "region", "ght", "etablissement"]
"""What a line of the answer stands for; below the établissement come the facts themselves."""

NIVEAUX: tuple[Niveau, ...] = ("national", "region", "ght", "etablissement")
COLONNE_DU_NIVEAU: dict[Niveau, str] = {"region": "region", "ght": "ght", "etablissement": "etablissement_siret"}

Decoupage = Literal[
    "famille",
    "domaine",
    "operateur",
    "role",
    "levier",
    "effet",
    "report",
    "controle",
    "motif",
    "mutualise",
    "compte",
    "procedure",
    "strategie",
]
"""What a line may be broken down by, beside its level."""

COLONNES: dict[str, str] = {"effet": "effet_budgetaire", "motif": "hors_marche"}
"""Column of a breakdown, when it has another name."""

Nature = Literal["action", "depense", "notifie", "en_cours", "echeance", "projet", "objectif"]
"""The facts an indicator counts: lines of PAAT; lines of spending; marchés notified in the year, in force in the year,
or that end within six months; projects notified in the year; nothing but the targets."""

Filtrage = Literal["region", "ght", "etablissement", "famille", "operateur", "role"]


@dataclass(frozen=True, slots=True)
class Consolide:
    """How the indicator is read from consolidated figures.

    Attributes:
        taux: measure that prints the rate, or what checks the computed one.
        numerateur, denominateur: measures it is computed from; None when only the rate is printed.
        total: why the rate of the whole cannot be computed from those of the regions (None: it can).
    """

    taux: str
    numerateur: str | None = None
    denominateur: str | None = None
    total: str | None = None


@dataclass(frozen=True, slots=True)
class Indicateur:
    """One indicator.

    Attributes:
        code: kebab-case, in addresses.
        libelle: French.
        formule: the formula, written out in French.
        unite: unit of the value.
        unite_sommes: unit of the numerator and denominator.
        decimales: decimals shown ("108 %" has none); always rounded half-up, from the exact value.
        source: line of the source, article, or "hypothèse" with its reason.
        atteste: False when the formula is an assumption.
        perimetre: which facts are counted, in words.
        nature: facts counted.
        mesures: sums asked of them.
        calcul: the formula.
        niveaux: levels it has.
        decoupages: breakdowns it has.
        filtres: conditions it accepts beside region, GHT and établissement.
        reference: table its denominator comes from.
        cumul: years that are added up to the one asked (rates are added, not averaged).
        poids: whether each line says its share of the total.
        consolide: how it is read from consolidated figures, if it is.
    """

    code: str
    libelle: str
    formule: str
    unite: Unite
    unite_sommes: Unite
    decimales: int
    source: str
    atteste: bool
    perimetre: str
    nature: Nature
    mesures: tuple[Mesure, ...]
    calcul: Callable[[Sommes], Chiffre]
    niveaux: tuple[Niveau, ...] = NIVEAUX
    decoupages: tuple[Decoupage, ...] = ()
    filtres: tuple[Filtrage, ...] = ()
    reference: Literal["objectif", "volume"] | None = None
    cumul: int = 1
    poids: bool = False
    consolide: Consolide | None = None

    @property
    def arrondi(self) -> str:
        """How the shown value is rounded, in French."""
        precision = {0: "à l'unité", 1: "à une décimale", 2: "à deux décimales"}[self.decimales]
        return f"arrondi {precision}, la moitié vers le haut (en valeur absolue), depuis la valeur exacte"

    def ligne_du_dessous(self, niveau: Niveau) -> Niveau | None:
        """The next level down that this indicator has; None when the facts themselves come next."""
        below = NIVEAUX[NIVEAUX.index(niveau) + 1 :]
        return next((one for one in below if one in self.niveaux), None)
