"""Lead times: how many days before the start a project enters each step, by kind of procedure, as data.

The whole lead times are hypotheses of the domain: nine months for a formalised procedure, five for an adapted one,
three for an adhesion; two months for a purchase without publicity is ours. A month counts 30 days, as the alerts on
terms do. They may be replaced (``PUT /v1/planification/delais``); the legal minima below may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from semaphore_hub.modules.planification.codes import JALONS, JALONS_ADHESION, CodeJalon, Filiere

HYPOTHESE = "hypothèse : délai par défaut du hub"


def _steps(*jours: int) -> dict[CodeJalon, int]:
    return dict(zip(JALONS, jours, strict=True))


DEFAUTS: Mapping[Filiere, Mapping[CodeJalon, int]] = {
    Filiere.FORMALISEE: _steps(270, 225, 195, 150, 115, 110, 50, 30, 0),
    Filiere.ADAPTEE: _steps(150, 125, 105, 85, 60, 57, 25, 15, 0),
    Filiere.DISPENSE: _steps(60, 50, 45, 40, 25, 23, 15, 10, 0),
    Filiere.ADHESION: dict(zip(JALONS_ADHESION, (90, 75, 30, 15, 0), strict=True)),
}
"""Days between the entry into a step and the first day of the marché."""


@dataclass(frozen=True, slots=True)
class Minimum:
    """Days that must lie between two milestones."""

    avant: CodeJalon
    apres: CodeJalon
    jours: int
    source: str


MINIMA: Mapping[Filiere, tuple[Minimum, ...]] = {
    Filiere.FORMALISEE: (
        Minimum(
            CodeJalon.PUBLICATION,
            CodeJalon.REMISE,
            30,
            "art. R2161-2 et R2161-3 2° CCP : 30 jours, offres transmises par voie électronique",
        ),
        Minimum(
            CodeJalon.ATTRIBUTION,
            CodeJalon.NOTIFICATION,
            11,
            "art. R2182-1 CCP : 11 jours, information électronique des candidats évincés",
        ),
    ),
    Filiere.ADAPTEE: (
        Minimum(
            CodeJalon.PUBLICATION,
            CodeJalon.REMISE,
            15,
            "hypothèse : 15 jours ; le CCP n'en fixe pas (art. R2143-1 et R2151-1 : un délai suffisant)",
        ),
    ),
    Filiere.DISPENSE: (),
    Filiere.ADHESION: (),
}
"""Minimum delays, by kind of procedure."""
