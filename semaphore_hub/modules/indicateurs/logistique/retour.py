"""Return on investment of a logistics project, in years, and initial mutualisation (DGOS 2022, l. 1058-1073, 1133)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from semaphore_hub.modules.indicateurs.formules.arrondi import demi_superieur
from semaphore_hub.modules.indicateurs.logistique.stocks import annualise

Nature = Literal[
    "gains_nets",
    "rh_hors_soignants",
    "impact_marches",
    "surface_amortissement",
    "charges",
    "autre_recurrent",
    "profondeur_stock",
    "surface_cession",
    "autre_ponctuel",
]
"""Where a gain comes from. A freed area is sold (its price, once) or not (depreciation, DGOS 2022, l. 1006-1011)."""

RECURRENTS: Final[Mapping[Nature, str]] = {
    "gains_nets": "gains nets récurrents",
    "rh_hors_soignants": "RH hors soignants",
    "impact_marches": "impact sur marchés",
    "surface_amortissement": "dotations aux amortissements des surfaces libérées",
    "charges": "charges nouvelles",
    "autre_recurrent": "autres gains récurrents",
}
PONCTUELS: Final[Mapping[Nature, str]] = {
    "profondeur_stock": "réduction de stocks",
    "surface_cession": "cessions des surfaces libérées",
    "autre_ponctuel": "autres gains ponctuels",
}

Statut = Literal["viable", "non_viable", "non_chiffre"]
SEUIL_ANNEES: Final = 20
"""Years beyond which a project is not viable: the source prints "> 20" (hypothesis)."""
SEUIL_FORTE: Final = Fraction(70, 100)
"""The initial mutualisation is strong above this share (DGOS 2022, l. 1133)."""

FORMULE: Final = "ROI en années = investissement / gains nets annuels ; viable si le ROI ne dépasse pas le seuil"
SEUIL: Final = "Le seuil de viabilité est une hypothèse : le tableau de la DGOS imprime « > 20 »."
SOIGNANTS: Final = "Les ETP de soignants rendus aux soins sont comptés à part, jamais dans le ROI (DGOS 2022, l. 1013)."
DECLARE: Final = (
    "Un ROI déclaré l'emporte sur le calcul : celui de la DGOS compte des gains que son tableau ne donne pas "
    "(réduction de stocks annualisée)."
)


@dataclass(frozen=True, slots=True)
class Declare:
    """A ROI that somebody printed: some years, or only "more than" so many."""

    annees: Decimal
    plus_de: bool

    @classmethod
    def lu(cls, texte: str) -> Declare:
        """From "12.82" or ">20"."""
        return cls(Decimal(texte.removeprefix(">")), texte.startswith(">"))

    def tranche(self, seuil: int) -> bool:
        """Whether it tells which side of the threshold it lies on."""
        return not self.plus_de or self.annees >= seuil

    def viable(self, seuil: int) -> bool:
        """Whether it lies under the threshold."""
        return not self.plus_de and self.annees <= seuil

    def egale(self, calcul: Fraction) -> bool:
        """Whether a computed ROI prints as this one."""
        if self.plus_de:
            return calcul > Fraction(self.annees)
        exponent = self.annees.as_tuple().exponent
        assert isinstance(exponent, int)
        return demi_superieur(calcul, -exponent) == self.annees


@dataclass(frozen=True, slots=True)
class Gains:
    """Yearly gains of a scenario, in euros.

    Attributes:
        recurrents: each year.
        ponctuels: once.
        annualises: what the one-off gains count for each year; 0 when no rate was given.
    """

    recurrents: Decimal
    ponctuels: Decimal
    annualises: Decimal

    @property
    def nets(self) -> Decimal:
        """What the investment is divided by."""
        return self.recurrents + self.annualises


def gains(postes: Sequence[tuple[Nature, Decimal]], taux: Decimal | None) -> Gains | None:
    """The gains of a scenario; None when nothing of them is known yet.

    Args:
        postes: nature and amount in euros, negative for a charge.
        taux: share of a one-off gain that counts each year; None: it does not count.
    """
    if not postes:
        return None
    recurring = sum((amount for nature, amount in postes if nature in RECURRENTS), Decimal(0))
    once = sum((amount for nature, amount in postes if nature in PONCTUELS), Decimal(0))
    return Gains(recurring, once, Decimal(0) if taux is None else annualise(once, taux))


def roi(investissement: Decimal | None, nets: Decimal | None) -> Fraction | None:
    """Years to win the investment back; None when a figure is missing, or when it never comes back."""
    if investissement is None or nets is None or nets <= 0:
        return None
    return Fraction(investissement) / Fraction(nets)


def statut(
    investissement: Decimal | None, nets: Decimal | None, declare: Declare | None, seuil: int = SEUIL_ANNEES
) -> Statut:
    """Whether a scenario is viable; without its gains or its investment it is not judged, whatever ROI is declared."""
    if investissement is None or nets is None:
        return "non_chiffre"
    if declare is not None:
        return "viable" if declare.viable(seuil) else "non_viable"
    years = roi(investissement, nets)
    return "viable" if years is not None and years <= seuil else "non_viable"


def mutualisation(plateforme: Decimal, total: Decimal) -> tuple[Fraction, Literal["forte", "faible"]]:
    """Share of the average stock that already lies on the main platform, and its class.

    Args:
        plateforme, total: average value of the stock there, and of the whole GHT (above 0), in euros.
    """
    share = Fraction(plateforme) / Fraction(total)
    return share, "forte" if share > SEUIL_FORTE else "faible"
