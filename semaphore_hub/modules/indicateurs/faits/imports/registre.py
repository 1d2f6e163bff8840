"""The imports that are kept: listed, read, withdrawn with their facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, literal, select, update

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound, WrongState
from semaphore_hub.modules.indicateurs.faits.ecriture import FAITS, Partition, avancer
from semaphore_hub.modules.indicateurs.faits.imports.conversion import CIBLES
from semaphore_hub.modules.indicateurs.faits.imports.schemas import BilanImport, Etat, TypeImport
from semaphore_hub.modules.indicateurs.models import IndicateurAttente, IndicateurImport, IndicateurMarche
from semaphore_hub.modules.referentiel.rows import page_of

IMPORT = table_of(IndicateurImport)
_attente, _marche = table_of(IndicateurAttente), table_of(IndicateurMarche)
CHARGE: Etat = "charge"


class Registre:
    """Reading and withdrawing of imports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lister(
        self, connection: Connection, caller: Caller, type_: TypeImport | None, *, limit: int, after: str | None
    ) -> tuple[list[BilanImport], str | None]:
        """A page of imports, newest first, and the uid of its last item when there are more."""
        statement = _visible(select(IMPORT), caller)
        if type_ is not None:
            statement = statement.where(IMPORT.c.type == type_)
        rows, last = page_of(connection, statement, IMPORT.c.uid, limit, after, newest_first=True)
        return [bilan(row) for row in rows], last

    def lire(self, connection: Connection, caller: Caller, uid: str) -> BilanImport:
        """One import.

        Raises:
            NotFound: no such import that the caller may see.
        """
        return bilan(trouve(connection, caller, uid))

    def retirer(self, unit: UnitOfWork, caller: Caller, uid: str) -> BilanImport:
        """Take the facts of a file away; see :meth:`..service.FaitsService.retirer_import`."""
        row = trouve(unit.connection, caller, uid)
        if row["etat"] != CHARGE:
            raise WrongState(f"L'import {uid} est à l'état « {row['etat']} » : ses lignes ne comptent déjà plus.")
        touched = effacer(self._database, unit.connection, row["type"], uid)
        avancer(self._database, unit.connection, touched)
        noter_etat(unit.connection, uid, "retire")
        return bilan(trouve(unit.connection, caller, uid))


def _visible(statement: Select[Any], caller: Caller) -> Select[Any]:
    """A file has lines of several GHT: who does not see them all sees its own files only."""
    return statement if caller.ghts is None else statement.where(IMPORT.c.auteur == caller.name)


def trouve(connection: Connection, caller: Caller, uid: str) -> RowMapping:
    """The row of an import.

    Raises:
        NotFound: no such import that the caller may see.
    """
    row = connection.execute(_visible(select(IMPORT).where(IMPORT.c.uid == uid), caller)).mappings().first()
    if row is None:
        raise NotFound(f"L'import {uid} n'existe pas.")
    return row


def noter_etat(connection: Connection, uid: str, etat: Etat) -> None:
    """Say that the lines of an import count no more."""
    connection.execute(update(IMPORT).where(IMPORT.c.uid == uid).values(etat=etat))


def effacer(database: Database, connection: Connection, type_: TypeImport, uid: str) -> set[Partition]:
    """Take the rows of an import away; the partitions they were in."""
    table = CIBLES[type_].table
    touched: set[Partition] = set()
    if type_ in ("actions", "depenses"):
        fait = next(name for name, one in FAITS.items() if one is table)
        held = select(table.c.annee, table.c.ght).where(table.c.source == uid).distinct()
        touched = {(fait, row.annee, row.ght or "") for row in connection.execute(held)}
    connection.execute(delete(table).where(table.c.source == uid))
    if type_ == "entreprises":
        relire_marches(database, connection, uid)
    return touched


def relire_marches(database: Database, connection: Connection, marque: str) -> None:
    """Have every marché read again: who is a PME is no longer what it was."""
    waiting = select(literal("marche/") + _marche.c.uid, literal(marque)).where(literal(value=True))
    insert = database.insert(_attente)
    connection.execute(
        insert.from_select(["sujet", "marque"], waiting).on_conflict_do_update(
            index_elements=["sujet"], set_={"marque": insert.excluded.marque}
        )
    )


def bilan(row: Mapping[Any, Any], *, deja: bool = False) -> BilanImport:
    """An import as it is answered."""
    return BilanImport.model_validate(
        {
            **row["bilan"],
            **{name: row[name] for name in ("uid", "type", "nom", "sha256", "etat", "remplace", "lignes", "auteur")},
            "dejaImporte": deja,
            "creeLe": datetime.fromtimestamp(row["created_ms"] / 1000, UTC),
        }
    )
