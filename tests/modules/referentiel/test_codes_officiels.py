"""Our code lists are those of the official schema, value for value."""

from __future__ import annotations

import json
from typing import Any

from semaphore_hub.modules.referentiel.nomenclatures import NOMENCLATURES
from tests.shared import shared_path


def enumerations(node: Any, name: str = "") -> dict[str, set[str]]:
    """Every enumeration of a JSON Schema, by the name of the property that holds it."""
    found: dict[str, set[str]] = {}
    if isinstance(node, dict):
        if "enum" in node:
            found[name] = set(node["enum"])
        for key, value in node.items():
            inner = name if key in ("items", "allOf", "properties") else key
            for other, values in enumerations(value, inner).items():
                found[other] = found.get(other, set()) | values
    elif isinstance(node, list):
        for value in node:
            for other, values in enumerations(value, name).items():
                found[other] = found.get(other, set()) | values
    return found


def test_decp_lists_hold_values_of_the_official_schema_only() -> None:
    schema = json.loads(next(shared_path("standards", "decp", "v2.0.4").glob("*.json")).read_text(encoding="utf-8"))
    official = {value for values in enumerations(schema).values() for value in values}
    ours = {value.code for entry in NOMENCLATURES if entry.code.startswith("decp.") for value in entry.valeurs}
    assert ours <= official
    # What is left belongs to concessions, subcontracting acts, and is no part of a marché.
    assert official - ours == {
        "Concession de travaux",
        "Concession de service",
        "Concession de service public",
        "Délégation de service public",
        "Procédure négociée ouverte",
        "Procédure non négociée ouverte",
        "Procédure négociée restreinte",
        "Procédure non négociée restreinte",
        "Concession réservée",
        "Ferme",
        "Actualisable",
        "Révisable",
    }
