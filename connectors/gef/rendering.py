"""Writes a document of the common model as JSON, XML or CSV: the same values in all three."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

from connectors.gef import tables
from connectors.gef.model import LIST_ITEMS, MARCHE_KINDS, Document, as_text

NAMESPACE = "urn:fr:semaphore:hypothese:gef:1"
_DEFAULT: dict[Any, str] = {None: NAMESPACE}


def to_json(document: Document) -> bytes:
    """JSON, UTF-8."""
    return json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8")


def to_xml(document: Document) -> bytes:
    """XML, UTF-8: element names are the JSON names, in the document's order."""
    is_message = "typeMessage" in document
    root = etree.Element(f"{{{NAMESPACE}}}{'message' if is_message else 'compteRendu'}", nsmap=_DEFAULT)
    _fill(root, document, "ligneProduit" if is_message else "ligneReponse")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def to_csv(document: Document) -> bytes:
    """CSV: ``;``, decimal point, UTF-8 without mark, CRLF, one row per line answered, the heading on each.

    What has no column is left out: subcontracting, tranches and renewals (declared loss ``executionCsv``), names of the
    beneficiaries.
    """
    is_message = "typeMessage" in document
    table = tables.MESSAGES[document["typeMessage"]] if is_message else tables.COMPTES_RENDUS
    heading = table.heading.write(document)
    for block, of_line in table.blocks:
        if not of_line:
            heading |= block.write(document)
    if "beneficiaires" in heading:
        heading["beneficiaires"] = "|".join(one["siret"] for one in document["marche"]["beneficiaires"])
    lines = list(_lines(document))
    if table.counted:
        heading["nombre_lignes"] = str(len(lines))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, table.columns, restval="", delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    for line in lines:
        row = heading | {"ligne": str(line["ligne"])}
        for block, of_line in table.blocks:
            if of_line:
                row |= block.write(line)
        writer.writerow(row)
    return text.getvalue().encode("utf-8")


def _fill(parent: etree._Element, values: Document, line: str) -> None:
    for name, value in values.items():
        child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        if isinstance(value, dict):
            _fill(child, value, line)
        elif isinstance(value, list):
            item = line if name == "lignes" else LIST_ITEMS[name]
            for one in value:
                _fill(etree.SubElement(child, f"{{{NAMESPACE}}}{item}"), one, line)
        else:
            child.text = as_text(value)


def _lines(document: Document) -> Iterator[dict[str, Any]]:
    """What each row of the CSV is about, with its number."""
    kind = document.get("typeMessage")
    if kind in MARCHE_KINDS:
        for holder, imputation in zip(document["marche"]["titulaires"], document["imputations"], strict=True):
            yield {"ligne": imputation["ligne"], "titulaire": holder, "imputation": imputation}
    elif kind == "nomenclature":
        yield from ({"ligne": rank, **code} for rank, code in enumerate(document["codes"], start=1))
    elif kind == "produits":
        yield from document["produits"]["lignes"]
    elif kind == "fournisseur":
        yield {"ligne": 1}
    else:
        # Without any line, row 0 still carries the verdict.
        yield from document["lignes"] or [{"ligne": 0}]
