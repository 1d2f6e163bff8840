"""Workload of buyers: the days of work of each phase of a project, spread over the months the phase lasts. Pure.

The days of each phase are a hypothesis of the hub (no public source gives them); every place that shows a workload says
so. Days are decimals with two places, and nothing is lost when they are spread: the months of a phase add up to it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from semaphore_hub.modules.planification.agenda.projets import ProjetSuivi
from semaphore_hub.modules.planification.codes import CodeJalon, Filiere
from semaphore_hub.modules.planification.prevision import DEBUT_MAX, DEBUT_MIN

CAPACITE = 18
"""Days of work a month that one portfolio can bear; hypothèse: one buyer, 18 days a month beside leave and training."""

SOURCE = (
    "hypothèse : jours de travail par phase selon la filière, sans source publique ; capacité de 18 jours par mois et "
    "par portefeuille"
)

_PAS = Decimal("0.01")
_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Phase:
    """What is done between two milestones; ``jours`` are the days of work by kind of procedure."""

    code: str
    libelle: str
    debut: CodeJalon
    fin: CodeJalon
    jours: Mapping[Filiere, Decimal]


def _phase(code: str, libelle: str, debut: CodeJalon, fin: CodeJalon, *jours: str) -> Phase:
    return Phase(code, libelle, debut, fin, {one: Decimal(text) for one, text in zip(Filiere, jours, strict=True)})


PHASES: tuple[Phase, ...] = (
    _phase("strategie", "Recensement et stratégie", CodeJalon.RECENSEMENT, CodeJalon.STRATEGIE, "6", "3", "1", "2"),
    _phase("preparation", "Préparation du dossier", CodeJalon.STRATEGIE, CodeJalon.DCE, "2", "1", "0", "0"),
    _phase("dce", "Rédaction du DCE", CodeJalon.DCE, CodeJalon.PUBLICATION, "10", "4", "0.5", "0"),
    _phase("consultation", "Consultation", CodeJalon.PUBLICATION, CodeJalon.REMISE, "2", "1", "0.5", "0"),
    _phase("ouverture", "Ouverture des offres", CodeJalon.REMISE, CodeJalon.ANALYSE, "1", "0.5", "0.5", "0"),
    _phase("analyse", "Analyse, ou adhésion", CodeJalon.ANALYSE, CodeJalon.ATTRIBUTION, "8", "3", "0.5", "0.5"),
    _phase("attribution", "Attribution", CodeJalon.ATTRIBUTION, CodeJalon.NOTIFICATION, "3", "1", "0.5", "1"),
    _phase("demarrage", "Mise en œuvre", CodeJalon.NOTIFICATION, CodeJalon.DEBUT, "2", "1", "0.5", "1"),
)
"""A milestone is the day a project enters a step, so the work of a step lies between its milestone and the next one.

In all 34 days for a formalised procedure, 14.5 for an adapted one, 4 below the dispense, 4.5 to join the marché of a
buying cooperative. Hypothèse, one project whatever its lots."""

JALONS = (PHASES[0].debut, *(phase.fin for phase in PHASES))
"""The milestones that bound phases, in order."""


@dataclass(frozen=True, slots=True)
class Travail:
    """The work of one phase of one project, from a day to another (excluded, unless they are the same)."""

    phase: Phase
    jours: Decimal
    debut: date
    fin: date

    def mois(self) -> Iterator[tuple[date, date]]:
        """Each month it touches: its first day, and the day (excluded) until which the phase lasts in it."""
        month = self.debut.replace(day=1)
        while month == self.debut.replace(day=1) or month < self.fin:
            following = mois_suivant(month)
            yield month, max(self.debut, min(following, self.fin))
            month = following

    def etale(self) -> dict[date, Decimal]:
        """Its days by first day of month, in proportion to calendar days; their sum is :attr:`jours` exactly."""
        length = (self.fin - self.debut).days
        if not length:
            return {self.debut.replace(day=1): self.jours}
        shares: dict[date, Decimal] = {}
        before = _ZERO
        for month, until in self.mois():
            # What is rounded is the cumul: the error of a month is taken back by the next one.
            upto = (self.jours * (until - self.debut).days / length).quantize(_PAS, ROUND_HALF_UP)
            shares[month] = upto - before
            before = upto
        return shares


@dataclass(slots=True)
class Charge:
    """Workload of one portfolio of one GHT: over the whole life of its projects, by phase and by month."""

    ght: str
    portefeuille: str | None
    phases: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: _ZERO))
    mois: dict[date, Decimal] = field(default_factory=lambda: defaultdict(lambda: _ZERO))
    projets: Counter[date] = field(default_factory=Counter)
    sans_date: int = 0

    @property
    def total(self) -> Decimal:
        """Days of every phase."""
        return sum(self.phases.values(), _ZERO)

    def entre(self, du: date, au: date) -> Decimal:
        """Days of the months that begin from ``du`` (included) to ``au`` (excluded)."""
        return sum((days for month, days in self.mois.items() if du <= month < au), _ZERO)

    def ajoute(self, projet: ProjetSuivi, jour: date) -> None:
        """Add a project."""
        works = travaux(projet, jour)
        if not works and not projet.abandonne:
            self.sans_date += 1
        months: set[date] = set()
        for work in works:
            self.phases[work.phase.code] += work.jours
            months.update(month for month, _ in work.mois())
            for month, days in work.etale().items():
                self.mois[month] += days
        self.projets.update(months)


def mois_suivant(mois: date) -> date:
    """The first day of the month after that of ``mois``."""
    return date(mois.year + mois.month // 12, mois.month % 12 + 1, 1)


def mois_de(annee: int) -> tuple[date, ...]:
    """The first day of each month of a year."""
    return tuple(date(annee, month, 1) for month in range(1, 13))


def travaux(projet: ProjetSuivi, jour: date) -> list[Travail]:
    """The work of each phase of a project, as it stands on ``jour``.

    What is late is still to be done: a milestone not reached counts at the earliest on ``jour``. One not said to be
    reached before another that is counts as reached with it. Of a project given up, only the phases that ended count.
    No work at all when the project has no date.
    """
    jalons = {jalon.code: jalon for jalon in projet.jalons}
    reached = [rank for rank, code in enumerate(JALONS) if code in jalons and jalons[code].realise is not None]
    last = reached[-1] if reached else -1
    days = _days(projet, jour, last)
    if not days:
        return []
    return [
        Travail(phase, phase.jours[projet.filiere], days[rank], days[rank + 1])
        for rank, phase in enumerate(PHASES)
        if not projet.abandonne or rank + 1 <= last
    ]


def _days(projet: ProjetSuivi, jour: date, last: int) -> list[date]:
    """The day of each milestone of :data:`JALONS`, never going back; empty when none is known.

    A day out of the years that projects may begin in counts as the nearest one: nobody works for centuries.
    """
    jalons = {jalon.code: jalon for jalon in projet.jalons}
    known = [jalons[code].jour if code in jalons else None for code in JALONS]
    present = [day for day in known if day is not None]
    if not present:
        return []
    days: list[date] = []
    for rank, day in enumerate(known):
        # A milestone the project does not have takes no time.
        found = day or (days[-1] if days else present[0])
        days.append(found if rank <= last or projet.clos else max(found, jour))
    for rank in range(last - 1, -1, -1):
        days[rank] = min(days[rank], days[rank + 1])
    for rank in range(max(last, 0) + 1, len(days)):
        days[rank] = max(days[rank], days[rank - 1])
    return [min(max(day, DEBUT_MIN), DEBUT_MAX) for day in days]


def charges(projets: Iterable[ProjetSuivi], jour: date) -> list[Charge]:
    """Workload by GHT and portfolio, in that order; projects without a portfolio come last in their GHT."""
    found: dict[tuple[str, str | None], Charge] = {}
    for projet in projets:
        key = (projet.ght, projet.portefeuille)
        found.setdefault(key, Charge(*key)).ajoute(projet, jour)
    return sorted(found.values(), key=lambda one: (one.ght, one.portefeuille is None, one.portefeuille or ""))


def pics(charge: Charge, mois: Sequence[date], capacite: Decimal) -> list[date]:
    """The months whose workload is above the capacity."""
    return [month for month in mois if charge.mois.get(month, _ZERO) > capacite]
