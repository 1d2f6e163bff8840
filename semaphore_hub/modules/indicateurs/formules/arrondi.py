"""Rounding and writing of figures: half-up, from the exact fraction, once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

Unite = Literal["taux", "euros", "jours", "nombre"]
"""A ratio (1 is 100 %), euros, days, or a number of things."""

DECIMALES_VALEUR: dict[Unite, int] = {"taux": 4, "euros": 2, "jours": 4, "nombre": 4}
"""Decimals of the value in the answer."""


def demi_superieur(valeur: Fraction, decimales: int) -> Decimal:
    """Round half away from zero (114.5 % is 115 %, a loss of 0.5 is a loss of 1), on the exact value."""
    # Integers all the way: a Fraction costs several times the division.
    top, bottom = abs(valeur.numerator), valeur.denominator
    units = (2 * top * 10**decimales + bottom) // (2 * bottom)
    rounded = Decimal(units).scaleb(-decimales)
    return -rounded if valeur < 0 and units else rounded


def ecrire(valeur: Fraction, unite: Unite) -> str:
    """The value as the API gives it: decimal text, four decimals (two for euros)."""
    return format(demi_superieur(valeur, DECIMALES_VALEUR[unite]), "f")


def afficher(valeur: Fraction, unite: Unite, decimales: int) -> str:
    """The value as people read it in French: ``108 %``, ``1 234,50 €``, ``12,5 jours``."""
    shown = valeur * 100 if unite == "taux" else valeur
    text = format(demi_superieur(shown, decimales), ",f").replace(",", " ").replace(".", ",")
    suffix = {"taux": " %", "euros": " €", "jours": " jours", "nombre": ""}[unite]
    return text + suffix
