"""What is received and answered about logistics gains. Nothing is stored."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from semaphore_hub.kernel.money import CENT, Montant
from semaphore_hub.modules.indicateurs.logistique.retour import SEUIL_ANNEES, Nature, Statut
from semaphore_hub.modules.indicateurs.logistique.stocks import Lieu
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, Entier, Entree, Sortie, Taux

NOMBRE_PATTERN = r"^(0|[1-9][0-9]{0,3})(\.[0-9]{1,2})?$"
SIGNE_PATTERN = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"
ROI_PATTERN = r"^>?(0|[1-9][0-9]{0,3})(\.[0-9]{1,2})?$"


def _texte(pattern: str, words: str) -> BeforeValidator:
    matches = re.compile(pattern).fullmatch

    def read(value: Any) -> Any:
        if isinstance(value, Decimal):
            return value
        if isinstance(value, str) and matches(value):
            return Decimal(value)
        raise PydanticCustomError("nombre", words)

    return BeforeValidator(read)


Nombre = Annotated[
    Decimal,
    _texte(NOMBRE_PATTERN, 'un nombre est un texte de la forme "6.65" (deux décimales au plus)'),
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": NOMBRE_PATTERN, "examples": ["6.65"]}),
]
MontantSigne = Annotated[
    Decimal,
    _texte(SIGNE_PATTERN, 'un montant est un texte de la forme "-1234.56" (euros, deux décimales au plus)'),
    PlainSerializer(lambda amount: format(amount.quantize(CENT), "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": SIGNE_PATTERN, "examples": ["573000.00", "-12000.00"]}),
]
Total = Annotated[
    Decimal, PlainSerializer(lambda amount: format(amount.quantize(CENT), "f"), return_type=str, when_used="json")
]
"""A sum that the hub answers: no bound on its digits."""
Nom = Annotated[str, Field(min_length=1, max_length=200, pattern=LIGNE_PATTERN)]
Booleen = Annotated[bool, Field(strict=True)]
_BASE = "la source ne dit pas HT ou TTC : gardez la même base partout"


class Calcule(Sortie):
    """What every answer says beside its figures."""

    formule: str
    calcul: str = Field(description="l'arithmétique, en français")
    source: str
    hypotheses: tuple[str, ...] = Field(description="ce qui est supposé, faute de définition publique")


class EtablissementStocke(Entree):
    """An établissement of the GHT, in the project."""

    nom: Nom = Field(examples=["CH Fictif de Valmont"])
    achatsStockes: Montant = Field(description=f"achats stockés d'une année, euros ; {_BASE}")
    support: Booleen = Field(default=False, description="établissement support du GHT")
    plateforme: Booleen = Field(default=False, description="une plateforme logistique du projet est sur son site")


_GHT_FICTIF = [
    {"nom": "CH Fictif de Valmont", "achatsStockes": "20000000.00", "support": True, "plateforme": True},
    {"nom": "CH Fictif d'Ambreval", "achatsStockes": "10000000.00"},
]


class DemandeImpact(Entree):
    """A project of shared platform(s)."""

    etablissements: tuple[EtablissementStocke, ...] = Field(min_length=1, max_length=100, examples=[_GHT_FICTIF])


class PartImpact(Sortie):
    """What one rate gives."""

    taux: Taux
    assiette: Total
    gain: Total
    etablissements: tuple[str, ...]


class ImpactVue(Calcule):
    """The impact on marchés, euros a year."""

    gain: Total
    parts: tuple[PartImpact, ...]


class StockDeclare(Entree):
    """One stock."""

    libelle: Nom = Field(examples=["Médicaments, PUI"])
    lieu: Lieu
    semaines: Nombre = Field(description="couverture présente, en semaines")
    valeur: Montant = Field(description=f"valeur moyenne du stock, euros ; {_BASE}")


class DemandeStocks(Entree):
    """Stocks of a GHT."""

    stocks: tuple[StockDeclare, ...] = Field(
        min_length=1,
        max_length=500,
        examples=[[{"libelle": "Médicaments", "lieu": "central", "semaines": "6.65", "valeur": "1000000.00"}]],
    )
    tauxAnnualisation: Taux | None = Field(
        default=None, description="part du gain ponctuel comptée chaque année (hypothèse) ; absent : non annualisé"
    )


class StockVue(Sortie):
    """One stock and its gain."""

    libelle: str
    lieu: Lieu
    semaines: Nombre
    cible: int = Field(description="semaines")
    reduction: str = Field(description="part du stock au-dessus de la cible", examples=["39,8 %"])
    gain: Total = Field(description="euros, une fois")
    calcul: str


class StocksVue(Calcule):
    """The gain of holding less."""

    stocks: tuple[StockVue, ...]
    gainPonctuel: Total
    gainAnnualise: Total | None


class Poste(Entree):
    """A gain, or a charge."""

    nature: Nature
    montant: MontantSigne = Field(description=f"euros, par an ou une fois selon la nature ; {_BASE}")


class StockMoyen(Entree):
    """Where the stock of the GHT is, before the project."""

    plateformePrincipale: Montant
    total: Montant


class Scenario(Entree):
    """One scenario."""

    nom: Nom = Field(examples=["GHT fictif, une plateforme"])
    investissement: Montant | None = Field(default=None, description="euros ; absent : en cours de chiffrage")
    gains: tuple[Poste, ...] = Field(
        default=(),
        max_length=100,
        description="vide : en cours de chiffrage",
        examples=[[{"nature": "gains_nets", "montant": "600000.00"}]],
    )
    roiDeclare: Annotated[str, Field(pattern=ROI_PATTERN, examples=["12.82", ">20"])] | None = Field(
        default=None, description="ROI que la méthode DGOS a donné, en années"
    )
    etpSoignantsRendus: Nombre | None = None
    centralise: Booleen | None = Field(default=None, description="une seule plateforme, pharmacie et magasin")
    construction: Booleen | None = None
    stockMoyen: StockMoyen | None = None


class DemandeRetour(Entree):
    """Scenarios to compare."""

    scenarios: tuple[Scenario, ...] = Field(min_length=1, max_length=100)
    seuilAnnees: Annotated[int, Field(strict=True, ge=1, le=99), Entier] = Field(
        default=SEUIL_ANNEES, description="un ROI plus long n'est pas viable (hypothèse)"
    )
    tauxAnnualisation: Taux | None = Field(
        default=None, description="part des gains ponctuels comptée chaque année (hypothèse) ; absent : non comptés"
    )


class MutualisationVue(Sortie):
    """Initial mutualisation."""

    taux: str = Field(examples=["86,0 %"])
    niveau: Literal["forte", "faible"]


class ScenarioVue(Sortie):
    """One scenario, judged."""

    nom: str
    statut: Statut
    roiCalcule: Total | None = Field(description="années")
    roiDeclare: str | None
    investissement: Total | None
    gainsRecurrents: Total | None
    gainsPonctuels: Total | None
    gainsNetsAnnuels: Total | None
    etpSoignantsRendus: Nombre | None = Field(description="à part : jamais dans le ROI")
    centralise: bool | None
    construction: bool | None
    mutualisationInitiale: MutualisationVue | None
    calcul: str
    ecart: str | None = Field(description="ce qui sépare le ROI déclaré du ROI calculé")


class SyntheseRetour(Sortie):
    """The viable scenarios together."""

    viables: tuple[str, ...] = Field(description="du ROI le plus court au plus long")
    nonViables: tuple[str, ...]
    nonChiffres: tuple[str, ...]
    gainsNetsAnnuels: Total
    investissements: Total
    etpSoignantsRendus: Total


class RetourVue(Calcule):
    """Scenarios compared."""

    seuilAnnees: int
    scenarios: tuple[ScenarioVue, ...]
    synthese: SyntheseRetour
