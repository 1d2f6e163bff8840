"""Reads a DECP XML file (2.0.x): record by record, each validated alone so that one bad marché leaves the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from lxml import etree

import contracts
from contracts import Finding, InterfaceContract, xml
from semaphore_hub.imports import rules
from semaphore_hub.imports.errors import ImportRefused, file_refused
from semaphore_hub.imports.source import COLLECTIONS, MARCHE, MAX_BYTES, SourceRecord, split, unreadable

_HERE = "/marches/"


def _truth(text: str) -> bool:
    return text in ("oui", "true", "1")


_READ: Mapping[str, Callable[[str], Any]] = {
    "marcheInnovant": _truth,
    "attributionAvance": _truth,
    "sousTraitanceDeclaree": _truth,
    "offresRecues": int,
    "dureeMois": int,
    "montant": Decimal,
    "tauxAvance": Decimal,
    "origineUE": Decimal,
    "origineFrance": Decimal,
}
"""How the text of a valid element reads; every other one is a text."""


def read(contract: InterfaceContract, body: bytes) -> Iterator[SourceRecord]:
    """Records in the order of the file.

    Raises:
        ImportRefused: before the first record, when the file is not XML, has a DOCTYPE, another root or encoding.
    """
    try:
        root = xml.parse(body, MAX_BYTES).getroot()
    except xml.XmlRefused as refusal:
        raise unreadable(contract, refusal) from refusal
    announced = xml.declared_encoding(body)
    if announced.upper() != contract.encoding.upper():
        message = f"Le document annonce l'encodage {announced}, le contrat demande {contract.encoding}."
        raise ImportRefused([Finding(f"{contract.prefix}-ENCODAGE", "error", "fichier", 1, message)])
    if root.tag != contract.recognise["root"]:
        raise file_refused(rules.FORMAT, "/", xml.line_of(root))
    return _records(contract, root)


def _records(contract: InterfaceContract, root: etree._Element) -> Iterator[SourceRecord]:
    ranks: dict[str, int] = {}
    for element in root.iterchildren(tag=etree.Element):
        name = xml.local_name(element)
        ranks[name] = ranks.get(name, 0) + 1
        yield _record(contract, element, name, f"{_HERE}{name}[{ranks[name]}]")


def _record(contract: InterfaceContract, element: etree._Element, name: str, place: str) -> SourceRecord:
    line = xml.line_of(element)
    alone = b"<marches>" + etree.tostring(element, encoding="utf-8", with_tail=False) + b"</marches>"
    reasons, warnings = split(
        _moved(finding, name, place, line) for finding in contracts.validate(contract.id, alone).findings
    )
    return SourceRecord(
        place=place,
        line=line,
        kind=name,
        id=_text(element.find("id")),
        buyer=_text(element.find("acheteur/id" if name == MARCHE else "autoriteConcedante/id")),
        data=None if reasons or name != MARCHE else _object(element),
        reasons=reasons,
        warnings=warnings,
    )


def _moved(finding: Finding, name: str, place: str, line: int | None) -> Finding:
    here = _HERE + name
    path = place + finding.path.removeprefix(here) if finding.path.startswith(here) else place
    moved = line if line is None or finding.line is None else line + finding.line - 1
    return replace(finding, path=path, line=moved)


def _object(element: etree._Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element.iterchildren(tag=etree.Element):
        name = xml.local_name(child)
        if name in COLLECTIONS:
            found[name] = [_value(item) for item in child.iterchildren(tag=etree.Element)]
        elif len(child) or _text(child) is not None:
            found[name] = _value(child)
    return found


def _value(element: etree._Element) -> Any:
    if len(element):
        return _object(element)
    text = _text(element) or ""
    read_text = _READ.get(xml.local_name(element))
    return text if read_text is None else read_text(text)


def _text(element: etree._Element | None) -> str | None:
    """The trimmed text of an element; ``None`` when there is none (an empty origineUE means "not concerned")."""
    text = "" if element is None else str(element.xpath("string()")).strip()
    return text or None
