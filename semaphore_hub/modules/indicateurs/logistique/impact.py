"""Impact of a shared platform on the marchés: suppliers deliver to fewer places (DGOS 2022, l. 974, 995-997)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from semaphore_hub.modules.indicateurs.formules.arrondi import afficher, demi_superieur
from semaphore_hub.modules.referentiel.ecriture import euros

TAUX_LIVRE_AILLEURS: Final = Decimal("0.015")
"""Of the stocked purchases of an établissement that has no platform."""
TAUX_PLATEFORME: Final = Decimal("0.005")
"""Of those of an établissement that has one, the support included."""

FORMULE: Final = (
    "1,5 % des achats stockés hors établissement support + 0,5 % des achats stockés de l'établissement support ; "
    "avec plusieurs plateformes, 0,5 % pour chaque établissement qui en a une"
)
AILLEURS: Final = (
    "La méthode ne traite la plateforme unique que sur le site du support : ailleurs, le site de la plateforme est "
    "compté à 0,5 % et le support à 1,5 % (hypothèse)."
)
SUPPORT_SANS: Final = "Le support n'a pas de plateforme : ses achats stockés sont comptés à 1,5 % (hypothèse)."


@dataclass(frozen=True, slots=True)
class Assiette:
    """The stocked purchases of an établissement, in euros a year."""

    nom: str
    achats: Decimal
    support: bool
    plateforme: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What one rate gives."""

    taux: Decimal
    assiette: Decimal
    gain: Decimal
    etablissements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """The gain, in euros a year, with its arithmetic."""

    gain: Decimal
    parts: tuple[Part, ...]
    calcul: str
    hypotheses: tuple[str, ...]


def impact(etablissements: Sequence[Assiette]) -> Impact:
    """The gain of a project with one or several platforms; each part is rounded half-up to the cent."""
    parts = tuple(
        _part(rate, [one for one in etablissements if one.plateforme is with_platform])
        for rate, with_platform in ((TAUX_LIVRE_AILLEURS, False), (TAUX_PLATEFORME, True))
    )
    gain = sum((part.gain for part in parts), Decimal(0))
    products = " + ".join(f"{afficher(Fraction(part.taux), 'taux', 1)} × {euros(part.assiette)}" for part in parts)
    terms = " + ".join(euros(part.gain) for part in parts)
    return Impact(gain, parts, f"{products} = {terms} = {euros(gain)}", _hypotheses(etablissements))


def _part(taux: Decimal, etablissements: Sequence[Assiette]) -> Part:
    base = sum((one.achats for one in etablissements), Decimal(0))
    gain = demi_superieur(Fraction(taux) * Fraction(base), 2)
    return Part(taux, base, gain, tuple(one.nom for one in etablissements))


def _hypotheses(etablissements: Sequence[Assiette]) -> tuple[str, ...]:
    if any(one.support and one.plateforme for one in etablissements):
        return ()
    return (AILLEURS if sum(one.plateforme for one in etablissements) == 1 else SUPPORT_SANS,)
