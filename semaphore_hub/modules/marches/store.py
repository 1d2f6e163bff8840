"""What every operation on a marché does: lock it, check that the operation is possible, write it back, say the fact."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select, update

from semaphore_hub.kernel.access import WRITERS, Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound, WrongState
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.marches import rules
from semaphore_hub.modules.marches.lifecycle import TRANSITIONS, Statut
from semaphore_hub.modules.marches.models import Marche, MarcheProjet
from semaphore_hub.modules.marches.reading import Whole, read_whole
from semaphore_hub.modules.marches.saying import marche_payload
from semaphore_hub.modules.marches.vie import Vie
from semaphore_hub.modules.referentiel.lookups import etablissements_named
from semaphore_hub.modules.referentiel.rows import require_version
from semaphore_hub.ports import events, payloads

_marche = table_of(Marche)
_projet = table_of(MarcheProjet)


class MarcheStore:
    """The marchés of the database, and the log their events go to. No method commits.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, clock: Clock, event_log: events.EventLog) -> None:
        self.clock = clock
        self._events = event_log

    def for_change(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, operation: str) -> Whole:
        """The marché, locked until the end of the transaction, after the checks common to every change.

        Args:
            unit: the transaction.
            caller: who asks.
            uid: the marché.
            version: the version the caller read.
            operation: a name of :data:`~.lifecycle.TRANSITIONS`.

        Raises:
            Forbidden: the caller's role does not write.
            NotFound: no such marché in the caller's perimeter.
            Outdated: it changed since the caller read it.
            WrongState: the operation is not possible in its present status.
        """
        caller.require(*WRITERS)
        statement = within(select(_marche).where(_marche.c.uid == uid), _marche.c.ght, caller).with_for_update()
        row = unit.connection.execute(statement).mappings().first()
        if row is None:
            projet = within(select(_projet.c.statut).where(_projet.c.uid == uid), _projet.c.ght, caller)
            statut = unit.connection.execute(projet).scalar()
            if statut is not None:
                # A need is no marché yet: refused like any operation that comes before its time.
                require_status(statut, operation)
            raise NotFound(f"Le marché {uid} n'existe pas.")
        require_version(row, version)
        require_status(row["statut"], operation)
        return read_whole(unit.connection, [row])[0]

    def update(self, unit: UnitOfWork, whole: Whole, changed: dict[str, Any], vie: Vie | None = None) -> Whole:
        """Write changed columns, and the life when it changed; the version goes up by one."""
        values = {**changed, "version": whole.row["version"] + 1}
        if vie is not None:
            values["vie"] = vie.stored()
        unit.connection.execute(update(_marche).where(_marche.c.uid == whole.row["uid"]).values(values))
        after = whole.with_row(**values)
        return after if vie is None else after.with_vie(vie)

    def say(
        self,
        unit: UnitOfWork,
        operation: str,
        whole: Whole,
        *,
        modification: payloads.Modification | None = None,
        motif: str | None = None,
        numero: int | None = None,
        date_effet: date | None = None,
    ) -> None:
        """Write the event of an operation on a notified marché, with its consolidated state."""
        sirets = {whole.row["acheteur_siret"], *whole.beneficiaires, *(part.siret for part in whole.vie.acheteurs)}
        known = etablissements_named(unit.connection, sirets, self.clock.today())
        payload = payloads.MarchePayload(
            marche=marche_payload(whole, known),
            modification=modification,
            motif=motif,
            numero=numero,
            dateEffet=date_effet,
        )
        self.append(unit, TRANSITIONS[operation].event, whole.row, payload)

    def append(self, unit: UnitOfWork, event_type: str, row: Any, payload: BaseModel) -> None:
        """Write one event about a row of ``marche`` or ``marche_projet``, under its present version."""
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=event_type,
                subject=f"marche/{row['uid']}",
                version=row["version"],
                time=self.clock.now(),
                ght=row["ght"],
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )


def require_status(statut: str, operation: str, among: frozenset[Statut] = frozenset(Statut)) -> None:
    """Refuse an operation that the life cycle does not allow in this status.

    Args:
        statut: present status.
        operation: a name of :data:`~.lifecycle.TRANSITIONS`.
        among: statuses of what it is asked of, when a projet and a marché share the operation.

    Raises:
        WrongState: with the statuses that allow it.
    """
    allowed = TRANSITIONS[operation].depuis & among
    if Statut(statut) not in allowed:
        expected = ", ".join(f"« {one} »" for one in Statut if one in allowed)
        problem = rules.ETAT.broken("$", statut=statut, attendu=expected)
        raise WrongState(problem.message, [problem])


def status_after(operation: str) -> dict[str, str]:
    """The column ``statut`` after an operation; empty when it does not change."""
    after = TRANSITIONS[operation].vers
    return {} if after is None else {"statut": after.value}
