"""The engine on SQL: sums over the tables of facts, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.indicateurs.models import IndicateurAction, IndicateurDepense
from semaphore_hub.modules.indicateurs.moteur import Condition, Dimension, Fait, Filtre, Groupe, Mesure

Colonnes = Mapping[str, ColumnElement[Any]]
"""Columns of a fact by name, computed ones included."""

TABLES = {"action": table_of(IndicateurAction), "depense": table_of(IndicateurDepense)}


class MoteurSql:
    """Sums over the tables, read in the transaction of its connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def agreger(self, fait: Fait, mesures: Sequence[Mesure], par: Sequence[Dimension], filtre: Filtre) -> list[Groupe]:
        """Sums by group, ordered by key (nulls first); no group when no fact meets the filter, whatever ``par``.

        Raises:
            ValueError: the fact has no such column.
        """
        table = TABLES[fait]
        colonnes = dict(table.columns)
        return agreger_colonnes(self._connection, table, colonnes, mesures, par, restriction(colonnes, filtre))


def agreger_colonnes(
    connection: Connection,
    table: Table,
    colonnes: Colonnes,
    mesures: Sequence[Mesure],
    par: Sequence[str],
    conditions: Sequence[ColumnElement[bool]],
) -> list[Groupe]:
    """The sums, in one statement.

    Groups are sorted here and not by the database: PostgreSQL sorts texts by its locale and puts nulls last.

    Raises:
        ValueError: a column is not one of ``colonnes``.
    """
    keys = [_colonne(colonnes, name) for name in par]
    sums = [_somme(colonnes, mesure) for mesure in mesures]
    statement = select(*keys, *sums, func.count()).select_from(table).where(*conditions)
    if keys:
        statement = statement.group_by(*keys)
    groups = []
    for row in connection.execute(statement):
        values = tuple(row)
        if values[-1]:
            # PostgreSQL adds bigints up to a numeric, which arrives as a Decimal without decimals.
            found = {mesure.nom: int(value) for mesure, value in zip(mesures, values[len(keys) : -1], strict=True)}
            groups.append(Groupe(values[: len(keys)], found))
    return sorted(groups, key=lambda group: [(value is not None, value) for value in group.cle])


def restriction(colonnes: Colonnes, filtre: Filtre) -> list[ColumnElement[bool]]:
    """The conditions of a filter; the perimeter leaves facts of no GHT out."""
    wanted = {
        "region": filtre.region,
        "ght": filtre.ght,
        "etablissement_siret": filtre.etablissement,
        "famille": filtre.famille,
        "operateur": filtre.operateur,
        "role": filtre.role,
    }
    conditions = [_colonne(colonnes, name) == value for name, value in wanted.items() if value is not None]
    if filtre.annees:
        conditions.append(_colonne(colonnes, "annee").in_(filtre.annees))
    if filtre.perimetre is not None:
        conditions.append(_colonne(colonnes, "ght").in_(sorted(filtre.perimetre)))
    return conditions


def _colonne(colonnes: Colonnes, nom: str) -> ColumnElement[Any]:
    if nom not in colonnes:
        raise ValueError(f"this fact has no column {nom}")
    return colonnes[nom]


def _somme(colonnes: Colonnes, mesure: Mesure) -> ColumnElement[Any]:
    summed = func.count() if mesure.colonne is None else func.sum(_colonne(colonnes, mesure.colonne))
    if not mesure.si:
        return func.coalesce(summed, 0)
    return func.coalesce(summed.filter(and_(*(_condition(colonnes, one) for one in mesure.si))), 0)


def _condition(colonnes: Colonnes, condition: Condition) -> ColumnElement[bool]:
    column = _colonne(colonnes, condition.colonne)
    match condition.operation:
        case "egal":
            return column == condition.valeur
        case "different":
            return column != condition.valeur
        case "nul":
            return column.is_(None)
        case "non_nul":
            return column.is_not(None)
        case "positif":
            return column > 0
