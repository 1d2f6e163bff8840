"""Reads a document of the common model back into the shape of its JSON form, whatever its syntax; pure.

What is read here was accepted by its interface contract: values are where the contract says they are.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from connectors.gef import tables
from connectors.gef.model import FLUX_ITEMS, LIST_ITEMS, Document, typed
from contracts import xml

_LISTS = frozenset({"lignes", *LIST_ITEMS})
_MARK = b"\xef\xbb\xbf"
_HEAD = 65536
_ROOT = re.compile(rb"<(?:[A-Za-z_][A-Za-z0-9_.-]*:)?(compteRendu|flux)[\s/>]")
_KEYS = {b'"idCompteRendu"': b"compteRendu", b'"typeFlux"': b"flux"}
_CONTRACTS = {b"compteRendu": "compte-rendu", b"flux": "flux"}
Rows = list[dict[str, str]]


def syntax_of(body: bytes) -> str:
    """ "xml", "json" or "csv", by the first sign of the document."""
    start = body[:64].removeprefix(_MARK).lstrip()
    return {b"<": "xml", b"{": "json"}.get(start[:1], "csv")


def read_document(body: bytes) -> Document:
    """The document, in the shape of its JSON form. Of the hub's own CSV, only messages about a marché are read back."""
    syntax = syntax_of(body)
    if syntax == "json":
        return dict(json.loads(body.removeprefix(_MARK)))
    if syntax == "xml":
        return _object(xml.parse(body).getroot())
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))
    if "type_flux" in rows[0]:
        return _flux(rows)
    return _answer(rows) if "id_compte_rendu" in rows[0] else _marche(rows)


def _object(node: etree._Element) -> Document:
    owner = xml.local_name(node)
    return {xml.local_name(child): _value(owner, child) for child in _children(node)}


def _value(owner: str, node: etree._Element) -> Any:
    name = xml.local_name(node)
    if name in _LISTS:
        return [_object(item) for item in _children(node)]
    if next(_children(node), None) is not None:
        return _object(node)
    return typed(owner, name, "".join(map(str, node.itertext(tag=etree.Element))) if len(node) else node.text or "")


def _children(node: etree._Element) -> Iterator[etree._Element]:
    """Its elements: comments and instructions say nothing."""
    return (child for child in node if isinstance(child.tag, str))


def _flux(rows: Rows) -> Document:
    table = tables.FLUX[rows[0]["type_flux"]]
    document: Document = {}
    table.heading.read(rows[0], document)
    document["nombreLignes"] = int(rows[0]["nombre_lignes"])
    document["lignes"] = [_line(table, row) for row in rows]
    return document


def _line(table: tables.Table, row: dict[str, str]) -> Document:
    line: Document = {"ligne": int(row["ligne"])}
    for block, of_line in table.blocks:
        if of_line:
            block.read(row, line)
    return line


def _answer(rows: Rows) -> Document:
    """Row 0 gives the reason of the whole; a row without code nor words is there for the verdict alone."""
    document: Document = {}
    tables.COMPTES_RENDUS.heading.read(rows[0], document)
    lines = [_line(tables.COMPTES_RENDUS, row) for row in rows]
    whole = next((line for line in lines if line["ligne"] == 0), {})
    motive = {name: whole[name] for name in ("code", "libelle") if name in whole}
    if motive:
        document["motif"] = motive
    document["lignes"] = [line for line in lines if line["ligne"] != 0]
    return document


def _marche(rows: Rows) -> Document:
    """A message of the hub about a marché, as far as its CSV form says it."""
    document: Document = {}
    for block, of_line in tables.MARCHES.blocks:
        if not of_line:
            block.read(rows[0], document)
    marche = document["marche"]
    marche["beneficiaires"] = [{"siret": siret} for siret in marche["beneficiaires"].split("|")]
    lines = [_line(tables.MARCHES, row) for row in rows]
    marche["titulaires"] = [line["titulaire"] for line in lines]
    return document


def contract_of(body: bytes) -> str | None:
    """The interface contract that an inbound document claims to follow; ``None`` when it is none of ours.

    By its first signs only: whether it does follow it is for the contract to judge.
    """
    syntax = syntax_of(body)
    if syntax == "csv":
        return _csv_contract(body)
    if syntax == "xml":
        root = _ROOT.search(body[:_HEAD])
        found = root[1] if root else None
    else:
        found = next((name for key, name in _KEYS.items() if key in body), None)
    return None if found is None else f"gef/{_CONTRACTS[found]}-{syntax}/1"


def _csv_contract(body: bytes) -> str | None:
    try:
        first = next(csv.DictReader(io.StringIO(body[:_HEAD].decode("utf-8-sig", "replace")), delimiter=";"), {})
    except csv.Error:
        return None
    if "id_compte_rendu" in first:
        return "gef/compte-rendu-csv/1"
    kind = first.get("type_flux")
    return f"gef/flux-{kind}-csv/1" if kind in FLUX_ITEMS else None
