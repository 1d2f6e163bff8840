"""Steps of the validation of plans, as stored and as read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from semaphore_hub.kernel.access import Caller, Role, within
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.paat.models import Paat, PaatEtape
from semaphore_hub.modules.paat.reading import Row
from semaphore_hub.modules.paat.validation.etats import Activite
from semaphore_hub.modules.paat.validation.schemas import EtapeVue, StatutEtape, ValidationEnAttente
from semaphore_hub.modules.referentiel.rows import page_of

_paat, _etape = table_of(Paat), table_of(PaatEtape)


def ouvrir(unit: UnitOfWork, paat: Row, activite: Activite, now_ms: int) -> dict[str, Any]:
    """Open a step of a plan: somebody of its role must now decide."""
    row: dict[str, Any] = {
        "uid": new_id(),
        "paat_uid": paat["uid"],
        "ght": paat["ght"],
        "activite": activite.libelle,
        "role": activite.role.value,
        "statut": "ouverte",
        "ouverte_ms": now_ms,
        "decidee_ms": None,
        "auteur": None,
        "motif": None,
    }
    unit.connection.execute(insert(_etape), row)
    return row


def decider(
    unit: UnitOfWork, etape: Row, statut: StatutEtape, auteur: str, motif: str | None, now_ms: int
) -> dict[str, Any]:
    """Close a step with what was decided, when, by whom and why."""
    values = {"statut": statut, "decidee_ms": now_ms, "auteur": auteur, "motif": motif}
    unit.connection.execute(update(_etape).where(_etape.c.uid == etape["uid"]).values(values))
    return {**etape, **values}


def lire(connection: Connection, paat_uid: str, uid: str) -> Row:
    """One step of a plan.

    Raises:
        NotFound: the plan has no such step.
    """
    statement = select(_etape).where(_etape.c.paat_uid == paat_uid, _etape.c.uid == uid)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound(f"Le PAAT {paat_uid} n'a pas d'étape {uid}.")
    return row


def historique(connection: Connection, paat_uid: str) -> list[EtapeVue]:
    """Every step of a plan, oldest first."""
    statement = select(_etape).where(_etape.c.paat_uid == paat_uid).order_by(_etape.c.uid)
    return [etape_vue(row) for row in connection.execute(statement).mappings()]


def en_attente(
    connection: Connection, caller: Caller, *, limit: int, after: str | None
) -> tuple[int, list[ValidationEnAttente], str | None]:
    """What the caller's role has to decide within its perimeter (the intégrateur: every role), longest waiting first.

    Returns:
        How many in all, one page of them, and the uid of its last one when there are more.
    """
    statement: Select[Any] = (
        select(_etape, _paat.c.annee, _paat.c.version)
        .join(_paat, _paat.c.uid == _etape.c.paat_uid)
        .where(_etape.c.statut == "ouverte")
    )
    if caller.role is not Role.INTEGRATEUR:
        statement = statement.where(_etape.c.role == caller.role.value)
    statement = within(statement, _etape.c.ght, caller)
    total = connection.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    rows, last = page_of(connection, statement, _etape.c.uid, limit, after)
    return total, [_waiting(row) for row in rows], last


def etape_vue(row: Row) -> EtapeVue:
    """A step as the API says it."""
    decided = row["decidee_ms"]
    return EtapeVue(
        uid=row["uid"],
        activite=row["activite"],
        role=row["role"],
        statut=row["statut"],
        ouverteLe=_instant(row["ouverte_ms"]),
        decideeLe=None if decided is None else _instant(decided),
        auteur=row["auteur"],
        motif=row["motif"],
    )


def _waiting(row: Row) -> ValidationEnAttente:
    return ValidationEnAttente(
        etape=row["uid"],
        paat=row["paat_uid"],
        version=row["version"],
        objet=f"PAAT {row['ght']} {row['annee']}",
        activite=row["activite"],
        role=row["role"],
        ght=row["ght"],
        annee=row["annee"],
        depuis=_instant(row["ouverte_ms"]),
    )


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
