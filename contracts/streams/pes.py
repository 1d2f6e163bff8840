"""What the PES Marché compares from one record to another: contracts and attached documents, each met once.

Of past records only keys are kept. A record that meets one of them gets, while the rules look at it, a stub of the
other record in its place: the Schematron rules then find what they look for, and say it in their own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from lxml import etree

_PIECES = "PJRefs/PJRef"
Stub = tuple[etree._Element, etree._Element]
"""A stub and the element it goes into, before its other children."""


class Recall:
    """The memory of one document."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._seen: set[bytes] = set()

    def stubs(self, records: Sequence[etree._Element]) -> list[Stub]:
        """What the rules must see beside these records, given the earlier ones."""
        made: list[Stub] = []
        for record in records:
            parent = record.getparent()
            if parent is None:
                continue
            if record.tag != "PJ":
                if self._known(*_contract_key(record)):
                    made.append((_copy(record, _CONTRACT), parent))
                continue
            if self._known("pj", _value(record, "IdUnique")):
                made.append((_copy(record, (("IdUnique",),)), parent))
            made.extend(self._reference(record))
        return made

    def remember(self, records: Sequence[etree._Element]) -> None:
        """Keep the keys of these records."""
        for record in records:
            if record.tag == "PJ":
                self._add("pj", _value(record, "IdUnique"))
                continue
            self._add(*_contract_key(record))
            for reference in record.iterfind(_PIECES):
                if _value(reference, "Support") not in ("01", None):
                    self._add("reference", _value(reference, "IdUnique"))

    def _reference(self, piece: etree._Element) -> list[Stub]:
        """The reference, in an earlier marché, that says this piece is not electronic."""
        identifier, marches = _value(piece, "IdUnique"), self._root.find("PES_Marche/Marches")
        if marches is None or not self._known("reference", identifier):
            return []
        stub = etree.Element("Marche")
        reference = etree.SubElement(etree.SubElement(stub, "PJRefs"), "PJRef")
        etree.SubElement(reference, "Support", V="02")
        etree.SubElement(reference, "IdUnique", V=identifier or "")
        return [(stub, marches)]

    def _known(self, *key: str | None) -> bool:
        return _digest(key) in self._seen

    def _add(self, *key: str | None) -> None:
        self._seen.add(_digest(key))


_CONTRACT: tuple[tuple[str, ...], ...] = (("*", "IdContrat"), ("PA", "IdPA"))


def _contract_key(record: etree._Element) -> tuple[str | None, ...]:
    """As the rule on contracts compares them: the first child's IdContrat, and the authority or nothing."""
    first = next(record.iterchildren(etree.Element), None)
    number = None if first is None else _value(first, "IdContrat")
    return "contrat", record.tag, number, _value(record, "PA/IdPA") or ""


def _copy(record: etree._Element, paths: tuple[tuple[str, ...], ...]) -> etree._Element:
    stub = etree.Element(record.tag)
    for path in paths:
        source: etree._Element | None = record
        target = stub
        for step in path:
            source = (
                next(source.iterchildren(etree.Element if step == "*" else step), None) if source is not None else None
            )
            if source is None:
                break
            target = etree.SubElement(target, source.tag)
            target.attrib.update(source.attrib)
    return stub


def _value(node: etree._Element, path: str) -> str | None:
    found = node.find(path)
    return None if found is None else found.get("V")


def _digest(key: tuple[str | None, ...]) -> bytes:
    return blake2b(repr(key).encode("utf-8", "surrogatepass"), digest_size=16).digest()
