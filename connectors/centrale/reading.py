"""Reads what a cooperative sends into the shape of its JSON form; pure.

What is read here was accepted by its interface contract: values are where the contract says they are.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from connectors.centrale.model import (
    AMOUNTS,
    ENVOI_COLUMNS,
    LISTS,
    LOT_COLUMNS,
    MARCHE_COLUMNS,
    TITULAIRE_COLUMNS,
    VERSION,
    WHOLE_NUMBERS,
    Columns,
    Document,
    format_key,
)

Row = dict[str, str]


def rows_of(body: bytes) -> list[Row]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))


def document_of(row: Row, columns: Columns) -> Document:
    """The part of a document that some columns of a row make; an empty cell has no key, an empty list is a list."""
    document: Document = {}
    for column, place in columns.items():
        text = row.get(column, "")
        if not text and column != "lot_beneficiaires":
            continue
        holder = document
        for step in place[:-1]:
            holder = holder.setdefault(step, {})
        holder[place[-1]] = _value(column, text)
    return document


def marches_of(rows: list[Row], centrale: str) -> Document:
    """An import of contracts, from its rows: one per holder, the marché and its lot repeated on each."""
    marches: dict[str, Document] = {}
    lots: dict[tuple[str, str], Document] = {}
    for row in rows:
        number = row["marche_numero"]
        marche = marches.get(number)
        if marche is None:
            marche = marches[number] = {**document_of(row, MARCHE_COLUMNS), "lots": []}
        key = number, row["lot_numero"]
        lot = lots.get(key)
        if lot is None:
            lot = lots[key] = {**document_of(row, LOT_COLUMNS), "titulaires": []}
            marche["lots"].append(lot)
        lot["titulaires"].append(document_of(row, TITULAIRE_COLUMNS))
    heading = document_of(rows[0], ENVOI_COLUMNS)
    listed = list(marches.values())
    return {format_key(centrale): VERSION, **heading, "nombreMarches": len(listed), "marches": listed}


def _value(column: str, text: str) -> Any:
    if column in LISTS:
        return text.split("|") if text else []
    if column in WHOLE_NUMBERS:
        return int(text)
    return text.replace(",", ".") if column in AMOUNTS else text
