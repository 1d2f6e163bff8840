"""Charts as tables of bars: each bar is a rectangle beside its label and its figure, so that screen readers read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

LARGEUR = 1000
"""Width of the longest bar, in the units of the drawing."""


@dataclass(frozen=True, slots=True)
class Barre:
    """A line of a chart: what it is, how long its bar is (of :data:`LARGEUR`), what is written, how it stands.

    ``etat`` is "atteint" or "sous" (against the target), "perte" below zero.
    """

    libelle: str
    longueur: int
    affichage: str
    etat: str


@dataclass(frozen=True, slots=True)
class Graphique:
    """A chart; ``cible`` is where its target is drawn, if it has one."""

    titre: str
    total: str
    barres: tuple[Barre, ...]
    cible: int | None
    note: str


def barres(
    lignes: Sequence[tuple[str, Decimal, str]], cible: Decimal | None = None
) -> tuple[tuple[Barre, ...], int | None]:
    """Bars to the scale of the longest (or of the target), in the order given, and where the target stands.

    Args:
        lignes: label, value, value as it is written.
        cible: value of the target.
    """
    longest = max((abs(value) for _, value, _ in lignes), default=Decimal(0))
    scale = max(longest, cible or Decimal(0))

    def length(value: Decimal) -> int:
        return round(abs(value) / scale * LARGEUR) if scale else 0

    drawn = tuple(
        Barre(
            libelle,
            length(value),
            written,
            "perte" if value < 0 else "sous" if cible is not None and value < cible else "atteint",
        )
        for libelle, value, written in lignes
    )
    return drawn, None if cible is None else length(cible)
