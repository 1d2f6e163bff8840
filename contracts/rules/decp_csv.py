"""Checks on one line of the consolidated DECP CSV (one line per marché and holder)."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.report import Violation
from contracts.rules.keys import siret_is_valid
from contracts.tabular import Row


def uid(row: Row) -> Iterator[Violation]:
    """The national identifier is the buyer's SIRET followed by the marché's number (consolidation's own convention)."""
    expected = row.values.get("acheteur_id", "") + row.values.get("id", "")
    if row.values.get("uid", "") != expected:
        yield Violation("uid", detail=expected)


def siret_acheteur(row: Row) -> Iterator[Violation]:
    """The buyer is known by a SIRET with a right key; La Poste's are right too."""
    text = row.values.get("acheteur_id", "")
    if text and not siret_is_valid(text):
        yield Violation("acheteur_id", detail=text)


def titulaire(row: Row) -> Iterator[Violation]:
    """The holder is named: a marché without one cannot be matched with a supplier."""
    if not row.values.get("titulaire_id"):
        yield Violation("titulaire_id")
