"""Figures known only consolidated, as a national or regional table prints them: their names, and how exact they are.

Such a figure is never added to lines. What a table prints is rounded: the true value lies within half of the last
decimal printed, so a rate computed from two printed figures is an interval, not a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from semaphore_hub.modules.indicateurs.formules.arrondi import demi_superieur

NATIONAL = "FRANCE"
"""The "region" of a row that prints the whole country (« Total »)."""

MESURES = {
    "performance": "M€",
    "objectif": "M€",
    "atteinte": "%",
    "taux_couverture": "%",
    "taux_qualite": "%",
    "taux_performance": "%",
}
"""Measures that the indicators read, each with the unit in which the DGOS prints it."""

_FACTEURS = {"M€": Fraction(1_000_000), "k€": Fraction(1_000), "€": Fraction(1), "%": Fraction(1, 100)}


@dataclass(frozen=True, slots=True)
class Imprime:
    """A printed figure.

    Attributes:
        valeur: in euros for an amount, a ratio for a percentage.
        demi_pas: half of the unit of its last decimal, in the same unit.
    """

    valeur: Fraction
    demi_pas: Fraction


def imprime(texte: str, unite: str) -> Imprime:
    """A figure from its decimal text and its unit ("M€", "k€", "€", "%", or a count)."""
    value = Decimal(texte)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    factor = _FACTEURS.get(unite, Fraction(1))
    return Imprime(Fraction(value) * factor, Fraction(10) ** exponent * factor / 2)


@dataclass(frozen=True, slots=True)
class Intervalle:
    """Where a ratio of two printed figures lies; ``maximum`` is None when the denominator may be zero."""

    minimum: Fraction
    maximum: Fraction | None

    def contient(self, taux_imprime: Fraction, decimales: int = 0) -> bool:
        """Whether a percentage printed with some decimals is the rounding of a ratio of this interval.

        Args:
            taux_imprime: the printed rate, as a ratio.
            decimales: decimals of the percentage as it is printed.
        """
        printed = demi_superieur(taux_imprime * 100, decimales)
        if printed < demi_superieur(self.minimum * 100, decimales):
            return False
        return self.maximum is None or printed <= demi_superieur(self.maximum * 100, decimales)


def intervalle(numerateur: Imprime, denominateur: Imprime) -> Intervalle:
    """Bounds of the ratio of two printed figures: [(p - e) / (o + e) ; (p + e) / (o - e)]."""
    low, high = numerateur.valeur - numerateur.demi_pas, numerateur.valeur + numerateur.demi_pas
    smallest, largest = denominateur.valeur - denominateur.demi_pas, denominateur.valeur + denominateur.demi_pas
    return Intervalle(low / largest, high / smallest if smallest > 0 else None)
