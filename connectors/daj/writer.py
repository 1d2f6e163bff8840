"""From a record to bytes: JSON 2.0.4 or XML 2.0.2; pure, the same record always gives the same bytes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from lxml import etree

from connectors.daj.mapping import Record

MARCHE, CONCESSION = "marche", "contrat-concession"
XML_NAMES = {"modificationActeSousTraitance": "modificationActesSousTraitance"}
"""Names the XML format writes otherwise than the JSON format."""


def to_json(kind: str, record: Record) -> bytes:
    """A file with one record; ``kind`` is :data:`MARCHE` or :data:`CONCESSION`. UTF-8, accents kept."""
    return (_json({"marches": {kind: [record]}}) + "\n").encode("utf-8")


def to_xml(kind: str, record: Record) -> bytes:
    """The same file in XML."""
    root = etree.Element("marches")
    _fill(etree.SubElement(root, kind), record)
    etree.indent(root)
    written = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    assert isinstance(written, bytes)  # the stubs also foresee encoding="unicode"
    return written + b"\n"


def number(value: Decimal) -> str:
    """A decimal number exactly, without exponent nor trailing zeros ("1250000.5", "40000", "0")."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _json(value: Any, indent: str = "\n") -> str:
    """Indented JSON. The standard encoder would turn a Decimal into a binary float; here every digit is kept."""
    deeper = f"{indent}  "
    match value:
        case dict():
            members = [f"{json.dumps(name)}: {_json(one, deeper)}" for name, one in value.items()]
            return f"{{{deeper}{f',{deeper}'.join(members)}{indent}}}"
        case list():
            return f"[{deeper}{f',{deeper}'.join(_json(one, deeper) for one in value)}{indent}]" if value else "[]"
        case Decimal():
            return number(value)
    return json.dumps(value, ensure_ascii=False)


def _fill(element: etree._Element, record: Record) -> None:
    for name, value in record.items():
        match value:
            case dict():
                _fill(etree.SubElement(element, name), value)
            case list() if name in _REPEATED:
                for label in value:
                    etree.SubElement(element, name).text = label
            case list():
                collection = etree.SubElement(element, name)
                for wrapper in value:
                    for item, inner in wrapper.items():
                        _fill(etree.SubElement(collection, XML_NAMES.get(item, item)), inner)
            case _:
                etree.SubElement(element, name).text = _text(value)


_REPEATED = frozenset(
    {
        "technique",
        "modaliteExecution",
        "typePrix",
        "considerationSociale",
        "considerationEnvironnementale",
    }
)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return number(value) if isinstance(value, Decimal) else str(value)
