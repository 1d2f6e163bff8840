"""Systematic damage done to a document, one place at a time, in place and undone afterwards."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator

from lxml import etree

_LENGTHS = (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19, 20, 21, 24, 25, 30, 31, 32, 33, 34, 35, 38, 39, 50)
_LONG_LENGTHS = (51, 80, 81, 100, 101, 160, 161, 250, 251, 256, 257, 500, 501)
# Separated by bars: what the format calls empty and its neighbours, numbers, dates, booleans, codes, identifiers.
_PLAIN = (
    ".|..|nc|NC|nC|ncx|xnc|na|ac|cn|n|c|a b|é|€|0|00|000|0000000|1|01|001|9|09|10|99|100|999|1000|0099|-1|-0|+5|5.|.5|"
    "5.0|5.00|1.2|1.23|1.234|0.00|0.001|1.2345|1.23456|1e3|1,5|5 6|INF|NaN|٣|١٢|100.00|999.99|1000.00|-999|-1000|"
    "123456789012.34|1234567890123.4|12345678901234|123456789012345|99999999999999|999999999999999|-12345678901234|"
    "1234567890123.45|0.10|010.50|2026-02-28|2026-02-29|2024-02-29|2026-13-01|2026-3-1|20260301|2026-03-01Z|"
    "2026-03-01+02:00|26-03-01|2026-03-01T00:00:00|2026|0000|02026|2026Z|12-2026|13-2026|00-2026|1-2026|2026-12|"
    "true|false|TRUE|20|75|014|2|3|33140000|33140000-3|3314000|331400000|33140000-|3314000A-3|33140000-33|2026A|20261|"
    "2050X|2051X|1999A|2000|20 26A|2026é|20261234567890|202612345678901|030018|0300181|03001|02A001|02A0012|02B001|"
    "02C001|02a001|000000|AA|A1|1A|a1|010|01A|ABCDEFGH|ABCDEF1H|ABCDEFGO|ABCDEFG0|ABCDEFGHXX|ABCDEFGHXXX|abcdefgh|"
    "ABCDE1GH|FR76|FR761|FR76abc|fr761|FR7X1|FR76 1|a.pdf|a.p|a.pdfxx|.pdf|a.p-f|A/B|A_B|A-B|aaaaaaaaa|000000000|"
    "00000000000000|A1B2|ERREUR_AUTRES|erreur_autre"
)
VALUES: tuple[str, ...] = (
    *_PLAIN.split("|"),
    *("", " ", "  ", " nc", "a\n", "\nc", "ab\ncd", " 5 ", "1 ", " 2026-03-01 "),
    *("A" * length for length in (*_LENGTHS, *_LONG_LENGTHS)),
    *("7" * length for length in _LENGTHS),
    *("FR76" + "A" * length for length in (29, 30, 31)),
)
_ALPHABET = "0019 .-nc,N/C_abZ2é\n+\t'&<٣"


def random_values(seed: int, count: int) -> Iterator[str]:
    """Short strings over the characters the format treats specially; the same ones at each run."""
    source = random.Random(seed)
    for _ in range(count):
        yield "".join(source.choice(_ALPHABET) for _ in range(source.choice((1, 2, 2, 3, 3, 4, 5, 8, 14))))


def set_everywhere(tree: etree._ElementTree, value: str) -> None:
    """Give every V of the document the same value: each element's verdict is independent of the others."""
    for node in tree.iter(etree.Element):
        if "V" in node.attrib:
            node.set("V", value)


def structural(tree: etree._ElementTree) -> Iterator[str]:
    """Damage the document once, yield what was done, undo it, and so on: every element in each of its surroundings.

    The caller looks at the tree between two steps. Kinds: drop, duplicate, swap with the next, drop two in a row,
    keep only the first ones, rename, put in a namespace, move last, unknown child, unknown sibling, text inside,
    no V, another attribute, V in a namespace.
    """
    seen: set[tuple[str, ...]] = set()
    for node in list(tree.iter(etree.Element)):
        here = tree.getpath(node)
        # The same element among the same neighbours, elsewhere in a repeated block, would teach nothing more.
        parent = node.getparent()
        neighbours = () if parent is None else tuple(near.tag for near in parent)
        above = (up.tag for up in node.iterancestors())
        situation = (*above, "|", *neighbours, "|", node.tag, *(child.tag for child in node))
        if situation in seen:
            continue
        seen.add(situation)
        for kind, attributes in _other_attributes(node):
            saved = dict(node.attrib)
            node.attrib.clear()
            node.attrib.update(attributes)
            yield f"{kind} {here}"
            node.attrib.clear()
            node.attrib.update(saved)
        for kind, owner, children in _other_children(node):
            kept = list(owner)
            owner[:] = children
            yield f"{kind} {here}"
            owner[:] = kept
        text, node.text = node.text, "texte"
        yield f"text inside {here}"
        node.text = text


def _other_attributes(node: etree._Element) -> Iterator[tuple[str, dict[str, str]]]:
    yield "another attribute", {**node.attrib, "W": "1"}
    if "V" in node.attrib:
        yield "no V", {name: value for name, value in node.attrib.items() if name != "V"}
        yield "V in a namespace", {"{urn:fictif}V": node.attrib["V"]}


def _other_children(node: etree._Element) -> Iterator[tuple[str, etree._Element, list[etree._Element]]]:
    unknown = etree.Element("Inconnu", V="1")
    if len(node):
        yield "no child", node, []
    yield "unknown child", node, [*node, unknown]
    parent = node.getparent()
    if parent is None:
        return
    children = list(parent)
    at = children.index(node)
    before, after = children[:at], children[at + 1 :]
    yield "drop", parent, [*before, *after]
    yield "duplicate", parent, [*before, node, copy.deepcopy(node), *after]
    yield "rename", parent, [*before, _renamed(node, f"{node.tag}X"), *after]
    yield "put in a namespace", parent, [*before, _renamed(node, "{urn:fictif}Autre"), *after]
    yield "unknown sibling before", parent, [*before, unknown, node, *after]
    if after:
        yield "swap with the next", parent, [*before, after[0], node, *after[1:]]
        yield "drop two in a row", parent, [*before, *after[1:]]
        yield "keep the first ones", parent, [*before, node]
        yield "move last", parent, [*before, *after, node]


def _renamed(node: etree._Element, name: str) -> etree._Element:
    other = copy.deepcopy(node)
    other.tag = name
    return other
