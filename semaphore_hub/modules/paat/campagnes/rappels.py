"""Reminders: who has not answered a campaign is told, once for each reminder of the campaign."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.paat.campagnes.calendrier import Fenetre, message_de_rappel, rappel_du
from semaphore_hub.modules.paat.models import PaatCampagne, PaatRappel, PaatRemontee
from semaphore_hub.modules.paat.reading import Row
from semaphore_hub.modules.referentiel.models import Ght
from semaphore_hub.ports import events
from semaphore_hub.ports.payloads import RappelPayload

_campagne, _rappel = table_of(PaatCampagne), table_of(PaatRappel)
_remontee, _ght = table_of(PaatRemontee), table_of(Ght)


def fenetre_de(campagne: Row) -> Fenetre:
    """The days of a campaign, from its row."""
    return Fenetre(campagne["date_donnees"], campagne["ouverture"], campagne["cloture"])


class Rappels:
    """Says reminders. Every GHT of the référentiel is expected to answer (hypothèse: each has a PAAT to declare).

    Args:
        database: where campaigns are read and reminders recorded, one transaction for each campaign.
        clock: business clock.
        event_log: where reminders are said.
    """

    def __init__(self, database: Database, clock: Clock, event_log: events.EventLog) -> None:
        self._database = database
        self._clock = clock
        self._events = event_log

    def dire(self, caller: Caller, jour: date) -> int:
        """Say what is due on a day and was never said (``campagne_rappelee``) to the GHT of the perimeter.

        Returns:
            How many reminders that makes.
        """
        said = 0
        for campagne, due in self._due(caller, jour):
            with self._database.write() as unit:
                late = _late(unit.connection, caller, campagne, due)
                said += sum([self._record(unit, campagne, ght, due, jour) for ght in late])
        return said

    def _due(self, caller: Caller, jour: date) -> list[tuple[Row, int]]:
        """Campaigns with somebody to remind, and of what; the others are not worth a transaction each hour."""
        found: list[tuple[Row, int]] = []
        with self._database.read() as connection:
            for campagne in connection.execute(select(_campagne).order_by(_campagne.c.uid)).mappings().all():
                recorded = datetime.fromtimestamp(campagne["created_ms"] / 1000, UTC).date()
                due = rappel_du(fenetre_de(campagne), campagne["rappels_jours"], recorded, jour)
                if due is not None and _late(connection, caller, campagne, due):
                    found.append((campagne, due))
        return found

    def _record(self, unit: UnitOfWork, campagne: Row, ght: str, jours: int, jour: date) -> int:
        """One reminder, unless another process said it in between."""
        uid = new_id()
        message = message_de_rappel(campagne["annee"], campagne["moment"], campagne["cloture"], ght, jour)
        insert = self._database.insert(_rappel).on_conflict_do_nothing(index_elements=["campagne_uid", "ght", "jours"])
        values = {
            "uid": uid,
            "campagne_uid": campagne["uid"],
            "ght": ght,
            "jours": jours,
            "jour": jour,
            "message": message,
        }
        if unit.connection.execute(insert.returning(_rappel.c.uid), values).first() is None:
            return 0
        payload = RappelPayload(
            campagne=campagne["uid"],
            annee=campagne["annee"],
            moment=campagne["moment"],
            ght=ght,
            jours=(campagne["cloture"] - jour).days,
            message=message,
        )
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=events.CAMPAGNE_RAPPELEE,
                subject=f"rappel/{uid}",
                version=1,
                time=self._clock.now(),
                ght=ght,
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )
        return 1


def _late(connection: Connection, caller: Caller, campagne: Row, jours: int) -> list[str]:
    """GHT that neither answered nor were told this reminder."""
    answered = select(_remontee.c.ght).where(_remontee.c.campagne_uid == campagne["uid"])
    told = select(_rappel.c.ght).where(_rappel.c.campagne_uid == campagne["uid"], _rappel.c.jours == jours)
    statement = select(_ght.c.code).where(_ght.c.code.not_in(answered), _ght.c.code.not_in(told))
    return list(connection.execute(within(statement, _ght.c.code, caller).order_by(_ght.c.code)).scalars())
