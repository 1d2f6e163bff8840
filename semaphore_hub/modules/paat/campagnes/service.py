"""Campaigns: opened by the DGOS, answered by each GHT with its plan frozen, followed, compared, reminded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select

from semaphore_hub.kernel.access import WRITERS, Caller, Role, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.errors import AlreadyExists, NotFound, Problem
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.paat.campagnes import rules
from semaphore_hub.modules.paat.campagnes.calendrier import LIBELLES, Fenetre, fenetre_usuelle
from semaphore_hub.modules.paat.campagnes.comparaison import ecarts
from semaphore_hub.modules.paat.campagnes.figer import chiffres, lignes
from semaphore_hub.modules.paat.campagnes.rappels import Rappels, fenetre_de
from semaphore_hub.modules.paat.campagnes.schemas import (
    Avancement,
    CampagneVue,
    Ecarts,
    EtatApres,
    NouvelleCampagne,
    NouvelleRemontee,
    RappelVue,
    RemonteeDetail,
    RemonteeVue,
)
from semaphore_hub.modules.paat.campagnes.suivi import avancement
from semaphore_hub.modules.paat.campagnes.vues import campagne_vue, rappel_vue, remontee_vue
from semaphore_hub.modules.paat.models import Paat, PaatCampagne, PaatRappel, PaatRemontee
from semaphore_hub.modules.referentiel.ecriture import jour_ecrit
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.ports import events, payloads
from semaphore_hub.ports.payloads.achats import Moment

_paat, _campagne = table_of(Paat), table_of(PaatCampagne)
_remontee, _rappel = table_of(PaatRemontee), table_of(PaatRappel)
_SANS_LIGNES = [column for column in _remontee.c if column.name != "lignes"]
PILOTES = (Role.DGOS, Role.INTEGRATEUR)
"""Who opens a campaign, sends reminders, and records an answer that comes too late (hypothèse)."""


class CampagnesService:
    """Operations on campaigns. Those that change something take the unit of work of their request; none commits.

    Args:
        database: for reminders, which have their own transactions.
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, database: Database, clock: Clock, event_log: events.EventLog) -> None:
        self._database = database
        self._clock = clock
        self._events = event_log
        self._rappels = Rappels(database, clock, event_log)

    def ouvrir(self, unit: UnitOfWork, caller: Caller, nouvelle: NouvelleCampagne) -> CampagneVue:
        """Open a campaign (``campagne_ouverte``); days left out are the usual ones.

        Raises:
            Forbidden: only the DGOS opens campaigns.
            RuleBroken: its days are not in order, or not of its year.
            AlreadyExists: the year already has a campaign at that moment.
        """
        caller.require(*PILOTES)
        usual = fenetre_usuelle(nouvelle.annee, nouvelle.moment)
        days = Fenetre(
            nouvelle.dateDonnees or usual.donnees,
            nouvelle.ouverture or usual.ouverture,
            nouvelle.cloture or usual.cloture,
        )
        refuse(_problems_of_days(nouvelle.annee, days))
        row: dict[str, Any] = {
            "uid": new_id(),
            "version": 1,
            "annee": nouvelle.annee,
            "moment": nouvelle.moment,
            "date_donnees": days.donnees,
            "ouverture": days.ouverture,
            "cloture": days.cloture,
            "rappels_jours": list(nouvelle.rappelsJours),
            "created_ms": self._now_ms(),
        }
        adding = self._database.insert(_campagne).on_conflict_do_nothing(index_elements=["annee", "moment"])
        if unit.connection.execute(adding.returning(_campagne.c.uid), row).first() is None:
            broken = rules.CAMPAGNE_DOUBLE.broken("$.moment", moment=LIBELLES[nouvelle.moment], annee=nouvelle.annee)
            raise AlreadyExists(broken.message, [broken])
        opened = campagne_vue(row)
        payload = payloads.CampagnePayload(**opened.model_dump(exclude={"version", "rappelsJours"}))
        self._say(unit, events.CAMPAGNE_OUVERTE, f"campagne/{row['uid']}", None, payload)
        return opened

    def lire(self, connection: Connection, uid: str) -> CampagneVue:
        """One campaign; campaigns are common to every GHT.

        Raises:
            NotFound: no such campaign.
        """
        return campagne_vue(self._campagne(connection, uid))

    def lister(
        self, connection: Connection, annee: int | None, *, limit: int, after: str | None
    ) -> tuple[list[CampagneVue], str | None]:
        """A page of campaigns, newest first, and the uid of its last item when there are more."""
        statement = select(_campagne)
        if annee is not None:
            statement = statement.where(_campagne.c.annee == annee)
        rows, last = page_of(connection, statement, _campagne.c.uid, limit, after, newest_first=True)
        return [campagne_vue(row) for row in rows], last

    def remonter(self, unit: UnitOfWork, caller: Caller, uid: str, nouvelle: NouvelleRemontee) -> RemonteeVue:
        """Freeze the figures and lines of a plan as they are, whatever its status (``paat.remonte``).

        A GHT may answer again; the last one counts. The plan itself does not change.

        Raises:
            Forbidden: neither a buyer nor the DGOS.
            NotFound: no such campaign.
            RuleBroken: unknown plan, of another year, without an action, or outside the window; once it is over,
                only the DGOS (or the intégrateur) records a late answer.
        """
        caller.require(*WRITERS, Role.DGOS)
        campagne = self._campagne(unit.connection, uid)
        paat = self._paat(unit.connection, caller, nouvelle.paat)
        refuse(self._problems(caller, campagne, paat))
        figures, lines = chiffres(unit.connection, paat), lignes(unit.connection, paat["uid"])
        if not lines:
            refuse([rules.REMONTEE_VIDE.broken("$.paat")])
        row: dict[str, Any] = {
            "uid": new_id(),
            "campagne_uid": uid,
            "paat_uid": paat["uid"],
            "ght": paat["ght"],
            "deposee_ms": self._now_ms(),
            "auteur": caller.name,
            "chiffres": figures.model_dump(mode="json"),
            "lignes": [line.model_dump(mode="json") for line in lines],
        }
        unit.connection.execute(insert(_remontee), row)
        payload = payloads.PaatPayload(
            uid=paat["uid"],
            ght=paat["ght"],
            annee=paat["annee"],
            statut=paat["statut"],
            actions=figures.actions,
            gainDeclare=figures.gainDeclare,
            gainRetenu=figures.gainRetenu,
        )
        self._say(unit, events.PAAT_REMONTE, f"remontee/{row['uid']}", paat["ght"], payload)
        return remontee_vue(row)

    def lister_remontees(
        self, connection: Connection, caller: Caller, uid: str, ght: str | None, *, limit: int, after: str | None
    ) -> tuple[list[RemonteeVue], str | None]:
        """A page of the answers to a campaign, newest first, and the uid of its last item when there are more.

        Raises:
            NotFound: no such campaign.
        """
        self._campagne(connection, uid)
        statement = select(*_SANS_LIGNES).where(_remontee.c.campagne_uid == uid)
        if ght is not None:
            statement = statement.where(_remontee.c.ght == ght)
        statement = within(statement, _remontee.c.ght, caller)
        rows, last = page_of(connection, statement, _remontee.c.uid, limit, after, newest_first=True)
        return [remontee_vue(row) for row in rows], last

    def lire_remontee(self, connection: Connection, caller: Caller, uid: str, remontee: str) -> RemonteeDetail:
        """One answer, with its frozen lines.

        Raises:
            NotFound: no such answer in the caller's perimeter.
        """
        statement = select(_remontee).where(_remontee.c.campagne_uid == uid, _remontee.c.uid == remontee)
        row = connection.execute(within(statement, _remontee.c.ght, caller)).mappings().first()
        if row is None:
            raise NotFound(f"La remontée {remontee} n'existe pas dans la campagne {uid}.")
        return RemonteeDetail.model_validate({**remontee_vue(row).model_dump(), "lignes": row["lignes"]})

    def avancement(self, connection: Connection, caller: Caller, uid: str) -> Avancement:
        """Who answered, who is missing.

        Raises:
            NotFound: no such campaign.
        """
        return avancement(connection, caller, self._campagne(connection, uid))

    def ecarts(
        self, connection: Connection, caller: Caller, ght: str, annee: int, avant: Moment, apres: EtatApres
    ) -> Ecarts:
        """What changed in the plan of a GHT from a campaign to another one, or to the present ("plan").

        Raises:
            NotFound: no such GHT in the caller's perimeter.
            RuleBroken: there is no answer (or no plan) to compare.
        """
        return ecarts(connection, caller, ght, annee, avant, apres)

    def rappeler(self, caller: Caller, jour: date | None = None) -> int:
        """Remind the GHT that have not answered, on a day (today): each reminder once. How many were said.

        Raises:
            Forbidden: only the DGOS reminds.
        """
        caller.require(*PILOTES)
        return self._rappels.dire(caller, jour or self._clock.today())

    def lister_rappels(
        self,
        connection: Connection,
        caller: Caller,
        filtres: Mapping[str, str | None],
        *,
        limit: int,
        after: str | None,
    ) -> tuple[list[RappelVue], str | None]:
        """A page of reminders, newest first, and the uid of its last item when there are more.

        Args:
            filtres: wanted value by column (``campagne_uid``, ``ght``).
        """
        statement: Select[Any] = within(select(_rappel), _rappel.c.ght, caller)
        for column, value in filtres.items():
            if value is not None:
                statement = statement.where(_rappel.c[column] == value)
        rows, last = page_of(connection, statement, _rappel.c.uid, limit, after, newest_first=True)
        return [rappel_vue(row) for row in rows], last

    def _campagne(self, connection: Connection, uid: str) -> RowMapping:
        row = connection.execute(select(_campagne).where(_campagne.c.uid == uid)).mappings().first()
        if row is None:
            raise NotFound(f"La campagne {uid} n'existe pas.")
        return row

    def _paat(self, connection: Connection, caller: Caller, uid: str) -> RowMapping:
        """The plan, locked so that its figures and its lines are those of one moment."""
        statement = within(select(_paat).where(_paat.c.uid == uid), _paat.c.ght, caller).with_for_update()
        row = connection.execute(statement).mappings().first()
        if row is None:
            broken = rules.REMONTEE_PAAT.broken("$.paat", uid=uid)
            refuse([broken])
        assert row is not None
        return row

    def _problems(self, caller: Caller, campagne: RowMapping, paat: RowMapping) -> list[Problem]:
        problems: list[Problem] = []
        if paat["annee"] != campagne["annee"]:
            told = {"annee": paat["annee"], "attendue": campagne["annee"]}
            problems.append(rules.REMONTEE_ANNEE.broken("$.paat", **told))
        days, today = fenetre_de(campagne), self._clock.today()
        if today < days.ouverture:
            problems.append(_outside(days, "attendez son ouverture"))
        elif today > days.cloture and caller.role not in PILOTES:
            problems.append(_outside(days, "elle est close, demandez à la DGOS d'enregistrer vos chiffres"))
        return problems

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _say(self, unit: UnitOfWork, event_type: str, subject: str, ght: str | None, payload: payloads.Payload) -> None:
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=event_type,
                subject=subject,
                version=1,
                time=self._clock.now(),
                ght=ght,
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )


def _problems_of_days(annee: int, days: Fenetre) -> list[Problem]:
    named = (("$.dateDonnees", days.donnees), ("$.ouverture", days.ouverture), ("$.cloture", days.cloture))
    problems = [
        rules.CAMPAGNE_ANNEE.broken(path, jour=jour_ecrit(day), annee=annee)
        for path, day in named
        if day.year not in (annee, annee + 1)
    ]
    if not days.en_ordre():
        written = (jour_ecrit(day) for _, day in named)
        told = dict(zip(("donnees", "ouverture", "cloture"), written, strict=True))
        problems.append(rules.CAMPAGNE_ORDRE.broken("$.ouverture", **told))
    return problems


def _outside(days: Fenetre, remede: str) -> Problem:
    told = {"ouverture": jour_ecrit(days.ouverture), "cloture": jour_ecrit(days.cloture)}
    return rules.REMONTEE_FENETRE.broken("$.paat", **told, remede=remede)
