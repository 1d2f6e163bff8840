"""Gain of holding less stock: down to 4 weeks in central stores, 2 in wards (DGOS 2022, l. 1001-1004)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from semaphore_hub.modules.indicateurs.formules.arrondi import demi_superieur

Lieu = Literal["central", "service"]

CIBLES: Final[Mapping[Lieu, int]] = {"central": 4, "service": 2}
"""Weeks of coverage to reach (DGOS 2022, l. 1003-1004)."""

FORMULE: Final = (
    "gain ponctuel = valeur du stock × (1 - cible / couverture), cible de 4 semaines dans les stocks centraux et de 2 "
    "dans les services ; nul si la cible est déjà atteinte"
)
PROPORTION: Final = "La valeur du stock est prise proportionnelle à sa couverture en semaines (hypothèse)."
ANNUALISATION: Final = (
    "Un gain ponctuel est ramené à l'année par le taux que vous donnez (0,05 : réparti sur 20 ans). La source dit "
    "« gain ponctuel annualisé » sans dire comment (hypothèse)."
)


def reduction(semaines: Decimal, lieu: Lieu) -> Fraction:
    """The share of a stock that is above its target: ``1 - target / weeks``, 0 when it is not above."""
    target = CIBLES[lieu]
    return 1 - Fraction(target) / Fraction(semaines) if semaines > target else Fraction(0)


def gain_ponctuel(valeur: Decimal, semaines: Decimal, lieu: Lieu) -> Decimal:
    """What comes back once, in euros, rounded half-up to the cent."""
    return demi_superieur(Fraction(valeur) * reduction(semaines, lieu), 2)


def annualise(gain: Decimal, taux: Decimal) -> Decimal:
    """A one-off gain a year, in euros, rounded half-up to the cent (hypothesis: see :data:`ANNUALISATION`)."""
    return demi_superieur(Fraction(gain) * Fraction(taux), 2)
