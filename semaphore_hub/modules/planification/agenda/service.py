"""The calendar of projects and the workload of buyers, read from the milestones; nothing is written here."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.modules.planification.agenda import evenements, excel, ics, rules
from semaphore_hub.modules.planification.agenda.charge import charges
from semaphore_hub.modules.planification.agenda.lecture import echeances, projets_suivis
from semaphore_hub.modules.planification.agenda.schemas import ChargeVue, PageAgenda
from semaphore_hub.modules.planification.agenda.vues import charge_vue, jalons_vus, position
from semaphore_hub.modules.planification.reading import Filtres
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.ports.marches import MarchesConnus

JOURS_AVANT, JOURS_APRES = 180, 730
"""The period of a calendar when none is asked for, around today."""


@dataclass(frozen=True, slots=True)
class Flux:
    """A calendar as it is sent.

    Attributes:
        octets: the iCalendar stream.
        empreinte: changes when, and only when, the events do.
    """

    octets: bytes
    empreinte: str


class AgendaService:
    """Calendar and workload.

    Args:
        clock: business clock; it says what is late.
        marches: where the expiries of marchés are read.
    """

    def __init__(self, clock: Clock, marches: MarchesConnus) -> None:
        self._clock = clock
        self._marches = marches

    def jalons(
        self,
        connection: Connection,
        caller: Caller,
        filtres: Filtres,
        du: date | None,
        au: date | None,
        *,
        limit: int,
        after: str | None,
    ) -> PageAgenda:
        """A page of milestones, by day.

        Args:
            connection: for reading.
            caller: its perimeter.
            filtres: which projects.
            du: first day; 180 days ago when None.
            au: last day, included; in 730 days when None.
            limit: milestones per page.
            after: position of the last one already read.

        Raises:
            RuleBroken: the period is upside down, or there are too many projects.
        """
        today = self._clock.today()
        window = self._fenetre(du, au)
        found = jalons_vus(projets_suivis(connection, caller, filtres), window.du, window.au, today)
        places = [position(one) for one in found]
        first = 0 if after is None else bisect_right(places, after)
        page = found[first : first + limit]
        return PageAgenda(
            du=window.du,
            au=window.au,
            total=len(found),
            enRetard=sum(one.etat == "en_retard" for one in found),
            items=tuple(page),
            next=places[first + limit - 1] if first + limit < len(found) else None,
        )

    def calendrier(
        self,
        connection: Connection,
        caller: Caller,
        filtres: Filtres,
        du: date | None,
        au: date | None,
        codes: Collection[str] = (),
    ) -> Flux:
        """The calendar as an iCalendar stream: milestones, and expiries of marchés.

        With a portfolio, only the marchés that its projects renew: marchés have none.

        Args:
            connection: for reading.
            caller: its perimeter.
            filtres: which projects.
            du: first day; 180 days ago when None.
            au: last day, included; in 730 days when None.
            codes: kinds of events, codes of milestones or "echeance"; all when empty.

        Raises:
            RuleBroken: the period is upside down, or there are too many projects.
        """
        window = self._fenetre(du, au, codes)
        projets = projets_suivis(connection, caller, filtres)
        marches = (
            echeances(connection, caller, self._marches, filtres.ght, window.au)
            if window.veut(evenements.ECHEANCE)
            else []
        )
        if filtres.portefeuille is not None:
            renewed = {projet.renouvele for projet in projets}
            marches = [marche for marche in marches if marche.uid in renewed]
        found = evenements.evenements(projets, marches, window, self._clock.today())
        name = _nom(filtres)
        return Flux(ics.ecrire(name, found, self._clock.now()), evenements.empreinte(name, found))

    def classeur(
        self, connection: Connection, caller: Caller, filtres: Filtres, annee: int | None, capacite: Decimal
    ) -> bytes:
        """The calendar as an Excel file, with the months and the workload of a year.

        Raises:
            RuleBroken: there are too many projects.
        """
        today = self._clock.today()
        projets = projets_suivis(connection, caller, filtres)
        content = excel.Contenu(_nom(filtres), annee or today.year, today, capacite, projets, charges(projets, today))
        return excel.ecrire(content, self._clock.now())

    def charge(
        self, connection: Connection, caller: Caller, filtres: Filtres, annee: int | None, capacite: Decimal
    ) -> ChargeVue:
        """Days of work by month of a year and portfolio (the present year when None).

        Raises:
            RuleBroken: there are too many projects.
        """
        today = self._clock.today()
        found = charges(projets_suivis(connection, caller, filtres), today)
        return charge_vue(found, annee or today.year, capacite, today)

    def _fenetre(self, du: date | None, au: date | None, codes: Collection[str] = ()) -> evenements.Fenetre:
        today = self._clock.today()
        first, last = du or today - timedelta(days=JOURS_AVANT), au or today + timedelta(days=JOURS_APRES)
        if last < first:
            refuse([rules.PERIODE.broken("query.au", du=first, au=last)])
        return evenements.Fenetre(first, last, frozenset(codes))


def _nom(filtres: Filtres) -> str:
    words = ["Achats", filtres.ght or "tous GHT"]
    return " – ".join(words if filtres.portefeuille is None else [*words, filtres.portefeuille])
