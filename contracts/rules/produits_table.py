"""The rules of the « produits en marché » file, as data: read from its contract, used by every check of that file.

The columns and their form are the Table Schema's; the rules across and beyond forms are the ``[[rule]]`` entries of
``contract.toml``, whose ``predicate``, ``columns`` and parameters are what the row check of :mod:`.produits` and the
vectorised check of the hub both apply.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from contracts.report import Severity
from contracts.tabular import TableSchema, table_schema

CONTRACT = "commun/produits-en-marche/1"
SCHEMA_RULE = "PEM-SCHEMA"
_FOLDER = Path(__file__).parents[1].joinpath(*CONTRACT.split("/"))
_KNOWN = frozenset({"id", "severity", "kind", "check", "columns", "predicate", "message", "source"})

Predicate = Literal["siret", "gtin", "code13", "pattern", "number", "tax_included", "date_order", "finess_keys"]


@dataclass(frozen=True, slots=True)
class RowRule:
    """One rule on one line.

    Attributes:
        id: as in reports.
        severity: an error refuses the line, a warning does not.
        message: French sentence; ``{detail}`` is the value at fault.
        source: where the rule comes from.
        columns: what it looks at. The rules of several columns together are reported on the last one.
        predicate: what is checked.
        parameters: of the predicate (``pattern``, ``one_of``, ``prefix``…).
    """

    id: str
    severity: Severity
    message: str
    source: str
    columns: tuple[str, ...]
    predicate: Predicate
    parameters: Mapping[str, Any]


@lru_cache(maxsize=1)
def row_rules() -> tuple[RowRule, ...]:
    """Every rule on one line, in the order of the contract."""
    data = tomllib.loads((_FOLDER / "contract.toml").read_text("utf-8"))
    return tuple(
        RowRule(
            id=entry["id"],
            severity=entry["severity"],
            message=entry["message"],
            source=entry["source"],
            columns=tuple(entry["columns"]),
            predicate=entry["predicate"],
            parameters={name: value for name, value in entry.items() if name not in _KNOWN},
        )
        for entry in data["rule"]
    )


def rule_of(rule_id: str) -> RowRule:
    """The rule of this id. Raises KeyError."""
    for rule in row_rules():
        if rule.id == rule_id:
            return rule
    raise KeyError(rule_id)


def schema_path() -> Path:
    """The Table Schema of the file."""
    return _FOLDER / "produits.tableschema.json"


def columns() -> TableSchema:
    """The compiled Table Schema: what each cell accepts, and which columns identify a line."""
    return table_schema(schema_path())


@lru_cache(maxsize=1)
def fields() -> tuple[Mapping[str, Any], ...]:
    """The ``fields`` entries of the Table Schema, as data."""
    data = json.loads(schema_path().read_text("utf-8"))
    return tuple(data["fields"])


@lru_cache(maxsize=1)
def identity() -> tuple[str, ...]:
    """Columns that together are unique in a file."""
    (key,) = columns().unique
    return key
