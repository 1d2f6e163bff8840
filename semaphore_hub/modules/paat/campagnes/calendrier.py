"""The days of a campaign: its usual window, and which reminder is due. No database.

The two moments are those of the source: « Préparation campagne de gains achats à mi année » (DGOS 2022, l. 15) and
« campagne de remontée de performance Fin 2021 » (l. 1302). Days are hypotheses (no calendar is published): figures at
30/06 collected in July, figures at 31/12 collected in January and February.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from semaphore_hub.modules.referentiel.ecriture import jour_ecrit
from semaphore_hub.ports.payloads.achats import Moment

RAPPELS_USUELS = (15, 7, 1, -1)
"""Days before the end when those who have not answered are reminded; negative once it is over (hypothèse)."""
LIBELLES: Mapping[Moment, str] = {"mi_annee": "mi-année", "fin_annee": "fin d'année"}


@dataclass(frozen=True, slots=True)
class Fenetre:
    """Day the figures are those of, first and last day they are received (both included)."""

    donnees: date
    ouverture: date
    cloture: date

    def en_ordre(self) -> bool:
        """Whether figures are asked for once they exist, and before the end."""
        return self.donnees <= self.ouverture <= self.cloture


def fenetre_usuelle(annee: int, moment: Moment) -> Fenetre:
    """The usual window (hypothèse): 30/06 then 1 to 31 July; 31/12 then 2 January to 28 February."""
    if moment == "mi_annee":
        return Fenetre(date(annee, 6, 30), date(annee, 7, 1), date(annee, 7, 31))
    return Fenetre(date(annee, 12, 31), date(annee + 1, 1, 2), date(annee + 1, 2, 28))


def rappel_du(fenetre: Fenetre, rappels: Iterable[int], connue: date, jour: date) -> int | None:
    """The reminder to say on ``jour``: the latest whose day has come, or None.

    A hub that was stopped for a week says one reminder when it is back, not three; a reminder whose day was past when
    the campaign was recorded (or not yet open) is never said.

    Args:
        rappels: days before the end.
        connue: day the campaign was recorded.
    """
    first = max(fenetre.ouverture, connue)
    reached = (days for days in rappels if first <= fenetre.cloture - timedelta(days=days) <= jour)
    return min(reached, default=None)


def message_de_rappel(annee: int, moment: Moment, cloture: date, ght: str, jour: date) -> str:
    """What a GHT that has not answered is told."""
    name = f"La campagne de {LIBELLES[moment]} {annee}"
    left = (cloture - jour).days
    if left < 0:
        return (
            f"{name} est close depuis le {jour_ecrit(cloture)} et le GHT {ght} n'a rien remonté : "
            "demandez à la DGOS d'enregistrer vos chiffres."
        )
    when = "aujourd'hui" if left == 0 else "demain" if left == 1 else f"dans {left} jours"
    return f"{name} se clôt {when}, le {jour_ecrit(cloture)} : remontez le PAAT du GHT {ght}."
