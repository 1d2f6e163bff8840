"""Which columns of the facts are in the snapshot, and their types: money in integer cents, never a float.

What only identifies a line (its uid, its label, its reference…) stays in the database: lines are read there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final, get_args

import polars as pl
from sqlalchemy import Boolean, Column, Integer, Table

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.indicateurs.models import IndicateurAction, IndicateurDepense
from semaphore_hub.modules.indicateurs.moteur import Fait

TABLES: Final[Mapping[Fait, Table]] = {"action": table_of(IndicateurAction), "depense": table_of(IndicateurDepense)}

_DE_LA_LIGNE = frozenset({"uid", "source", "sujet", "libelle", "reference", "date", "numero_marche", "marche_uid"})
_TROP_FINES = frozenset({"etablissement_siret", "compte", "domaine"})
_FORMAT = "parquet lz4, 2"


def _type(column: Column[object]) -> pl.DataType:
    if column.name.endswith("_cents"):
        return pl.Int64()
    if isinstance(column.type, Boolean):
        return pl.Boolean()
    return pl.Int16() if isinstance(column.type, Integer) else pl.String()


COLONNES: Final[Mapping[Fait, Mapping[str, pl.DataType]]] = {
    fait: {column.name: _type(column) for column in TABLES[fait].columns if column.name not in _DE_LA_LIGNE}
    for fait in get_args(Fait)
}
"""Name and type of each column, by fact; texts are dictionary-encoded by Parquet."""

LIGNES: Final = "lignes"
"""Column of a summary: how many lines it stands for."""

RESUMES: Final[Mapping[Fait, Mapping[str, pl.DataType]]] = {
    fait: {LIGNES: pl.Int64(), **{name: kind for name, kind in columns.items() if name not in _TROP_FINES}}
    for fait, columns in COLONNES.items()
}
"""The same for summaries: lines added up by every column of few values. A fiftieth of the size, for most questions."""

EMPREINTE: Final = hashlib.sha256(f"{_FORMAT} {COLONNES} {RESUMES}".encode()).hexdigest()[:16]
"""Changes with the columns, their types and the format of files: a snapshot with another one is rebuilt."""


def dimensions_du_resume(fait: Fait) -> tuple[str, ...]:
    """The columns that a summary still has line by line: what may be grouped by, or be in a condition."""
    return tuple(name for name in RESUMES[fait] if name != LIGNES and not name.endswith("_cents"))


def montants(fait: Fait) -> tuple[str, ...]:
    """The columns of cents of a fact."""
    return tuple(name for name in COLONNES[fait] if name.endswith("_cents"))
