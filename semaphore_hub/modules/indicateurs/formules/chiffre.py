"""A figure: what is divided, by what, the result, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from semaphore_hub.modules.indicateurs.formules.arrondi import Unite

Sommes = Mapping[str, int]
"""Exact sums by name; amounts in cents. A reference (target, volume) that nobody knows is absent."""

REFERENCE = "reference"
"""Name of the sum that comes from a table of references instead of the facts."""


@dataclass(frozen=True, slots=True)
class Composante:
    """A figure that explains another."""

    code: str
    libelle: str
    valeur: Fraction | None
    unite: Unite


@dataclass(frozen=True, slots=True)
class Chiffre:
    """A figure, exact. ``valeur`` is None when it cannot be computed; ``motif`` then says why, in French."""

    numerateur: Fraction | None
    denominateur: Fraction | None
    valeur: Fraction | None
    motif: str | None = None
    composantes: tuple[Composante, ...] = ()


def euros(cents: int) -> Fraction:
    """Cents as euros."""
    return Fraction(cents, 100)


def rapport(
    numerateur: Fraction,
    denominateur: Fraction | None,
    quoi: str,
    composantes: tuple[Composante, ...] = (),
) -> Chiffre:
    """A ratio; without a value, and with the reason, when what it is divided by is unknown, zero or negative.

    Args:
        quoi: what the denominator is, with its article ("l'objectif de gains").
    """
    if denominateur is None:
        return Chiffre(numerateur, None, None, f"Sans valeur : {quoi} n'est pas connu pour ce périmètre.", composantes)
    if denominateur == 0:
        return Chiffre(numerateur, denominateur, None, f"Sans valeur : {quoi} est nul.", composantes)
    if denominateur < 0:
        return Chiffre(numerateur, denominateur, None, f"Sans valeur : {quoi} est négatif.", composantes)
    return Chiffre(numerateur, denominateur, numerateur / denominateur, None, composantes)
