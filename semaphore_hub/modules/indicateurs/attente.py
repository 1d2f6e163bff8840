"""Subjects whose facts changed, noted in the transaction of their event: no change is ever missed or read too soon."""

from __future__ import annotations

from collections.abc import Callable

from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.modules.indicateurs.models import IndicateurAttente
from semaphore_hub.ports import events

_attente = table_of(IndicateurAttente)
_SUIVIS = ("paat/", "marche/", "planification/")
"""Beginnings of the subjects whose facts are read again as a whole."""


def sujet_de(event: events.Event) -> str | None:
    """The subject to read again after an event: its own, or ``mandats/<partner>/<flow>`` for payments; else None."""
    if event.subject.startswith(_SUIVIS):
        return event.subject
    if event.type == events.FLUX_TRAITE and event.data.get("typeFlux") == "mandats":
        return f"mandats/{event.data['destinataire']}/{event.data['idFlux']}"
    return None


def noter(database: Database) -> Callable[[UnitOfWork, events.Event], None]:
    """The subscriber of the event log: one row per subject, whose ``marque`` is that of its last event."""
    insert = database.insert(_attente)
    upsert = insert.on_conflict_do_update(index_elements=["sujet"], set_={"marque": insert.excluded.marque})

    def note(unit: UnitOfWork, event: events.Event) -> None:
        subject = sujet_de(event)
        if subject is not None:
            unit.connection.execute(upsert, {"sujet": subject, "marque": event.id})

    return note
