"""Backward planning: the milestones of a project from the day its marché must begin; pure functions.

Days are calendar days. The notice is never sent on a Saturday or a Sunday: it leaves on the Friday before, and what
comes earlier moves with it only where it must. Public holidays are not known here (hypothèse: the buyer sees to them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from semaphore_hub.modules.planification.codes import CodeJalon, Filiere
from semaphore_hub.modules.planification.donnees import Jalon
from semaphore_hub.modules.planification.jalons import MINIMA
from semaphore_hub.modules.referentiel.ecriture import jour_ecrit

_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """The milestones of a kind of procedure, in order.

    Attributes:
        filiere: kind of procedure.
        jalons: day by milestone; the last one is the start of the marché.
        ajustements: what was moved away from the usual lead times, and why, in French.
    """

    filiere: Filiere
    jalons: Mapping[CodeJalon, date]
    ajustements: tuple[str, ...]

    @property
    def lancement(self) -> date:
        """The first milestone: the project must begin on that day at the latest."""
        return next(iter(self.jalons.values()))

    @property
    def publication(self) -> date:
        """The day whose thresholds apply: the notice; for an adhesion, the strategy."""
        return self.jalons.get(CodeJalon.PUBLICATION) or self.jalons[CodeJalon.STRATEGIE]


@dataclass(frozen=True, slots=True)
class Retard:
    """How late a project is.

    Attributes:
        jours: days since the next milestone should have been reached.
        jalon: that milestone.
        debut_realiste: when the marché would begin with the same lead times.
        jours_sans_marche: days between the end of the marché renewed and that day.
        consequence: in French, with what to do.
    """

    jours: int
    jalon: CodeJalon
    debut_realiste: date
    jours_sans_marche: int
    consequence: str


def lendemain(jour: date) -> date:
    """The day after (the last day of the calendar has none, and is its own)."""
    return jour if jour == date.max else jour + timedelta(days=1)


def retroplanning(debut: date, filiere: Filiere, delais: Mapping[CodeJalon, int]) -> Plan:
    """The milestones of a marché that must begin on ``debut``.

    Args:
        debut: first day of the marché: the day after the expiry of the one it renews, or the day wanted.
        filiere: kind of procedure, for the minimum delays.
        delais: days before the start by milestone, in order; the last one is 0.

    Returns:
        Milestones in order, never later than the next one; the minimum delays of the law are kept whatever ``delais``.
    """
    minima = {one.avant: one for one in MINIMA[filiere]}
    planned: dict[CodeJalon, date] = {}
    moved: list[str] = []
    bound = debut
    for code in reversed(tuple(delais)):
        wanted, own = _before(debut, delais[code]), list[str]()
        day = min(wanted, bound)
        minimum = minima.get(code)
        if minimum is not None and minimum.apres in planned:
            latest = _before(planned[minimum.apres], minimum.jours)
            if latest < day:
                day = latest
                own.append(
                    f"Jalon « {code} » avancé du {jour_ecrit(wanted)} au {jour_ecrit(day)} : {minimum.jours} jours au "
                    f"moins avant « {minimum.apres} » ({minimum.source})."
                )
        if code is CodeJalon.PUBLICATION and day.weekday() > _FRIDAY:
            friday = _before(day, day.weekday() - _FRIDAY)
            own.append(
                f"Jalon « {code} » avancé du {jour_ecrit(day)} au vendredi {jour_ecrit(friday)} : pas d'envoi de "
                "l'avis un samedi ou un dimanche."
            )
            day = friday
        planned[code] = bound = day
        moved = [*own, *moved]
    ordered = {code: planned[code] for code in delais}
    return Plan(filiere, ordered, tuple(moved))


def retard(jalons: Sequence[Jalon], debut: date, echeance: date | None, aujourdhui: date) -> Retard | None:
    """How late a project is today, or None.

    Args:
        jalons: its milestones, foreseen and done.
        debut: the day its marché is to begin.
        echeance: last day of the marché it renews, if any.
        aujourdhui: the day of the question.
    """
    done = [rank for rank, one in enumerate(jalons) if one.realise is not None]
    ahead = [one for one in jalons[(done[-1] + 1 if done else 0) :] if one.prevu is not None]
    if not ahead or ahead[0].prevu is None or ahead[0].prevu >= aujourdhui:
        return None
    late = (aujourdhui - ahead[0].prevu).days
    begins = date.fromordinal(min(date.max.toordinal(), debut.toordinal() + late))
    gap = 0 if echeance is None else max(0, (begins - echeance).days - 1)
    words = (
        f"Le jalon « {ahead[0].code} » devait être atteint le {jour_ecrit(ahead[0].prevu)} : {_days(late)} de retard. "
        f"À délais constants, le marché commencera le {jour_ecrit(begins)} au lieu du {jour_ecrit(debut)}"
    )
    if echeance is None:
        words += "."
    elif gap:
        words += (
            f", et le précédent finit le {jour_ecrit(echeance)} : {_days(gap)} sans marché. Prolongez-le par avenant "
            "si un cas de modification le permet (art. R2194-1 et suivants CCP), ou passez un marché de transition."
        )
    else:
        words += f" ; le précédent finit le {jour_ecrit(echeance)}, aucun jour ne reste sans marché."
    return Retard(late, ahead[0].code, begins, gap, words)


def _days(count: int) -> str:
    return f"{count} jour{'s' if count > 1 else ''}"


def _before(day: date, days: int) -> date:
    """A day earlier, held at the first day of the calendar."""
    return date.fromordinal(max(1, day.toordinal() - days))
