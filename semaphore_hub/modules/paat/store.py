"""The row of a plan: found within the perimeter, locked before a change, and said with one event for each version."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, RowMapping, select, update

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound, WrongState
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.paat.codes import StatutPaat
from semaphore_hub.modules.paat.models import Paat
from semaphore_hub.modules.paat.reading import Row, plan_vue, totaux
from semaphore_hub.modules.paat.schemas import PaatVue
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.rows import require_version
from semaphore_hub.ports import events
from semaphore_hub.ports.payloads.achats import PaatPayload

_paat = table_of(Paat)


class PlanStore:
    """Rows of plans.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, clock: Clock, event_log: events.EventLog) -> None:
        self.clock = clock
        self._events = event_log

    def found(self, connection: Connection, caller: Caller, uid: str, *, lock: bool = False) -> RowMapping:
        """A plan of the caller's perimeter.

        Raises:
            NotFound: no such plan there.
        """
        statement = within(select(_paat).where(_paat.c.uid == uid), _paat.c.ght, caller)
        row = connection.execute(statement.with_for_update() if lock else statement).mappings().first()
        if row is None:
            raise NotFound(f"Le PAAT {uid} n'existe pas.")
        return row

    def for_change(
        self,
        unit: UnitOfWork,
        caller: Caller,
        uid: str,
        statuts: Collection[StatutPaat],
        operation: str,
        *,
        version: int | None = None,
    ) -> RowMapping:
        """A plan, locked, that is in one of the statuses which allow the operation.

        Args:
            operation: what is asked, in French ("changer les actions").
            version: the one the caller read, when the operation is on the plan itself.

        Raises:
            NotFound: no such plan in the perimeter.
            Outdated: it has changed since.
            WrongState: its status does not allow it.
        """
        row = self.found(unit.connection, caller, uid, lock=True)
        if version is not None:
            require_version(row, version)
        if row["statut"] not in statuts:
            present = StatutPaat(row["statut"]).libelle
            allowed = listed(f"« {one.libelle} »" for one in StatutPaat if one in statuts)
            raise WrongState(f"Le PAAT est à l'état « {present} » : {operation} n'est possible qu'à l'état {allowed}.")
        return row

    def advance(
        self,
        unit: UnitOfWork,
        row: Row,
        event_type: str,
        *,
        statut: StatutPaat | None = None,
        activite: str | None = None,
        motif: str | None = None,
    ) -> PaatVue:
        """Give a locked plan its next version, and a new status if any, and say it."""
        values = {"version": row["version"] + 1, "statut": (statut or StatutPaat(row["statut"])).value}
        unit.connection.execute(update(_paat).where(_paat.c.uid == row["uid"]).values(values))
        return self.say(unit, event_type, {**row, **values}, activite=activite, motif=motif)

    def say(
        self, unit: UnitOfWork, event_type: str, row: Row, *, activite: str | None = None, motif: str | None = None
    ) -> PaatVue:
        """Write the event of a plan's present version."""
        amounts = totaux(unit.connection, row["uid"])
        payload = PaatPayload(
            uid=row["uid"],
            ght=row["ght"],
            annee=row["annee"],
            statut=row["statut"],
            actions=amounts.actions,
            gainDeclare=amounts.gainDeclare,
            gainRetenu=amounts.gainRetenu,
            activite=activite,
            motif=motif,
        )
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=event_type,
                subject=f"paat/{row['uid']}",
                version=row["version"],
                time=self.clock.now(),
                ght=row["ght"],
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )
        return plan_vue(row, amounts)
