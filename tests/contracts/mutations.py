"""Every small way to damage a document, one fault at a time: the proofs of equivalence with official schemas."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from lxml import etree

_TEXTS = ("", " ", "x", "é" * 16, "a" * 17, "a" * 256, "a" * 257, "a" * 1000, "a" * 1001)
_DATES = ("2026-02-30", "2026-13-45", "2026/01/01", "le 2026-01-01 à midi", "26-01-01", "2026-01-01Z")
_CODES = ("33141420", "33141420-0", "3314142", "331414200", "33141420-00", "1" * 13, "1" * 14, "1" * 15, "1" * 13 + "A")
_NUMBERS = (0, 1, -1, 0.5, 1.0, 1.5, 0.99, 2, 10**20, 1e300)


def json_mutations(document: Any) -> Iterator[tuple[str, Any]]:
    """What was done, and the damaged copy."""
    for pointer, value in list(_walk(document, ())):
        if pointer:
            yield f"drop {pointer}", _with(document, pointer, drop=True)
        for wrong in (None, True, [], {}, *_NUMBERS, *_TEXTS, *_DATES, *_CODES):
            if isinstance(value, (dict, list)) and isinstance(wrong, (str, int, float)) and wrong not in ("x", 1, True):
                continue
            yield f"{pointer} = {wrong!r:.40}", _with(document, pointer, wrong)
        if isinstance(value, str):
            for near in (value + " ", " " + value, value.upper(), value[:-1]):
                yield f"{pointer} = {near!r:.40}", _with(document, pointer, near)
        if isinstance(value, dict):
            yield f"extra in {pointer}", _with(document, pointer, {**value, "_type": "x"})
        if isinstance(value, list) and value:
            for odd in (value[0], "x", {}, None, 1):
                yield f"append {odd!r:.20} to {pointer}", _with(document, pointer, [*value, odd])


def xml_mutations(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """What was done, and the damaged copy."""
    for index, node in enumerate(root.iter()):
        where = f"{node.tag}#{index}"
        texts = (
            () if len(node) else (*_TEXTS, *_DATES, *_CODES, *map(str, _NUMBERS), "NaN", "oui", "true", "Oui", "0.10")
        )
        near = () if len(node) or not node.text else (node.text + " ", f"\n{node.text}\n", node.text.upper())
        for text in (*texts, *near):
            damaged, twin = _twin(root, index)
            twin.text = text
            yield f"{where} = {text!r:.30}", damaged
        for name, change in _XML_CHANGES:
            damaged, twin = _twin(root, index)
            if change(twin):
                yield f"{name} {where}", damaged


def _twin(root: etree._Element, index: int) -> tuple[etree._Element, etree._Element]:
    damaged = copy.deepcopy(root)
    return damaged, list(damaged.iter())[index]


def _drop(node: etree._Element) -> bool:
    parent = node.getparent()
    if parent is None:
        return False
    parent.remove(node)
    return True


def _duplicate(node: etree._Element) -> bool:
    parent = node.getparent()
    if parent is None:
        return False
    parent.append(copy.deepcopy(node))
    return True


def _rename(node: etree._Element) -> bool:
    node.tag = "inconnu"
    return True


def _namespace(node: etree._Element) -> bool:
    node.tag = "{urn:autre}" + str(node.tag)
    return True


def _attribute(node: etree._Element) -> bool:
    node.set("V", "1")
    return True


def _child(node: etree._Element) -> bool:
    etree.SubElement(node, "inconnu")
    return True


def _reverse(node: etree._Element) -> bool:
    node[:] = list(reversed(node))
    return len(node) > 1


def _stray_text(node: etree._Element) -> bool:
    if not len(node):
        return False
    node.text = "texte"
    return True


def _empty(node: etree._Element) -> bool:
    node[:] = []
    node.text = None
    return True


_XML_CHANGES = (
    ("drop", _drop),
    ("duplicate", _duplicate),
    ("rename", _rename),
    ("namespace", _namespace),
    ("attribute", _attribute),
    ("child", _child),
    ("reverse", _reverse),
    ("stray text", _stray_text),
    ("empty", _empty),
)


def _walk(value: Any, pointer: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield pointer, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield from _walk(child, (*pointer, key))


def _with(document: Any, pointer: tuple[Any, ...], value: Any = None, *, drop: bool = False) -> Any:
    if not pointer:
        return value
    damaged = copy.deepcopy(document)
    holder = damaged
    for step in pointer[:-1]:
        holder = holder[step]
    if drop:
        del holder[pointer[-1]]
    else:
        holder[pointer[-1]] = value
    return damaged
