"""Checks on the report of a DECP deposit (assumed format): its verdict and its records agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.report import Violation

_PUBLISHED = "publie"
_EXPECTED = {
    frozenset({True}): "accepte",
    frozenset({False}): "rejete",
    frozenset({True, False}): "partiel",
    frozenset[bool](): "rejete",
}


def verdict(document: Any) -> Iterator[Violation]:
    """``accepte`` when every record is published, ``rejete`` when none is, ``partiel`` otherwise (hypothèse)."""
    said = document.get("verdict") if isinstance(document, dict) else None
    expected = _EXPECTED[frozenset(row.get("statut") == _PUBLISHED for _, row in _rows(document))]
    if said is not None and said != expected:
        yield Violation(("verdict",), detail=f"« {said} » annoncé, « {expected} » attendu")


def erreurs(document: Any) -> Iterator[Violation]:
    """A record set aside says why; a published one has no error (hypothèse)."""
    for index, row in _rows(document):
        published, told = row.get("statut") == _PUBLISHED, bool(row.get("erreurs"))
        if published == told:
            fault = "est publié mais cite une erreur" if published else "n'est pas publié et ne dit pas pourquoi"
            yield Violation(("enregistrements", index), detail=f"{row.get('rang')} {fault}")


def rangs(document: Any) -> Iterator[Violation]:
    """Each record of the file is judged once (hypothèse)."""
    seen: set[tuple[str, str]] = set()
    for index, row in _rows(document):
        key = (str(row.get("type")), str(row.get("rang")))
        if key in seen:
            yield Violation(("enregistrements", index), detail=f"{key[1]} ({key[0]})")
        seen.add(key)


def _rows(document: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The records, without what the schema already refuses."""
    rows = document.get("enregistrements") if isinstance(document, dict) else None
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            yield index, row
