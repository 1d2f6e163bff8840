"""What the flows of purchases ask of what a GEF said before: UF, accounts and third parties it knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.referentiel.models import Fournisseur, GefCompte, GefStructure, GefTiers

_structure, _compte, _tiers = table_of(GefStructure), table_of(GefCompte), table_of(GefTiers)
_fournisseur = table_of(Fournisseur)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Annuaire:
    """What is known, among what was asked for.

    Attributes:
        structures: UF by code, with the day it is no longer active from (``None``: active).
        comptes: (year, account), with whether it is open in some budget.
        tiers: (type, identifier) of third parties of the GEF that are active, and of the suppliers of the hub.
    """

    structures: dict[str, date | None]
    comptes: dict[tuple[int, str], bool]
    tiers: frozenset[tuple[str, str]]


def annuaire(
    connection: Connection,
    siret: str,
    *,
    structures: Collection[str] = (),
    comptes: Collection[tuple[int, str]] = (),
    tiers: Collection[tuple[str, str]] = (),
) -> Annuaire:
    """Look up what the lines of a flow name, for the legal entity of that SIRET; a few statements."""
    units: dict[str, date | None] = {}
    for part in _parts(structures):
        statement = select(_structure.c.code_uf, _structure.c.inactif_depuis).where(
            _structure.c.etablissement_siret == siret, _structure.c.code_uf.in_(part)
        )
        units |= {row.code_uf: row.inactif_depuis for row in connection.execute(statement)}
    accounts: dict[tuple[int, str], bool] = {}
    for pairs in _parts(comptes):
        found = select(_compte.c.exercice, _compte.c.compte, _compte.c.inactif_depuis).where(
            _compte.c.etablissement_siret == siret, *_among(_compte, ("exercice", "compte"), pairs)
        )
        for row in connection.execute(found):
            key = (row.exercice, row.compte)
            accounts[key] = accounts.get(key, False) or row.inactif_depuis is None
    return Annuaire(units, accounts, _operators(connection, siret, tiers))


def _operators(connection: Connection, siret: str, keys: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    known: set[tuple[str, str]] = set()
    for part in _parts(keys):
        names = ("type_identifiant", "identifiant")
        suppliers = select(_fournisseur.c.type_identifiant, _fournisseur.c.identifiant).where(
            *_among(_fournisseur, names, part)
        )
        theirs = select(_tiers.c.type_identifiant, _tiers.c.identifiant).where(
            _tiers.c.etablissement_siret == siret,
            _tiers.c.inactif_depuis.is_(None),
            *_among(_tiers, names, part),
        )
        for statement in (suppliers, theirs):
            known |= {(row.type_identifiant, row.identifiant) for row in connection.execute(statement)}
    return frozenset(known)


def rows_by_key(
    connection: Connection, table: Table, columns: Sequence[str], siret: str, keys: Collection[tuple[Any, ...]]
) -> dict[tuple[object, ...], RowMapping]:
    """Rows of an establishment by their key.

    Args:
        connection: of the transaction.
        table: has a column ``etablissement_siret``.
        columns: of the key.
        siret: the establishment.
        keys: those looked for.
    """
    wanted = set(keys)
    found: dict[tuple[object, ...], RowMapping] = {}
    for part in _parts(keys):
        statement = select(table).where(table.c.etablissement_siret == siret, *_among(table, columns, part))
        for row in connection.execute(statement).mappings():
            key = tuple(row[name] for name in columns)
            if key in wanted:
                found[key] = row
    return found


def _among(table: Table, columns: Sequence[str], keys: Sequence[tuple[Any, ...]]) -> list[ColumnElement[bool]]:
    """Each column among the values of some keys: more rows than those keys, but by an index.

    PostgreSQL takes a list of pairs for as many alternatives, and thinks about each.
    """
    return [table.c[name].in_(sorted({key[rank] for key in keys})) for rank, name in enumerate(columns)]


def _parts(values: Collection[Any]) -> Sequence[list[Any]]:
    ordered = sorted(set(values))
    return [ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH)]
