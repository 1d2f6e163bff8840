"""Guesses which interface contract a document follows, from its first bytes, its root, its keys or its header.

A contract's ``[recognise]`` table says what its documents look like:

``root``         name of the XML root, or a list of names
``contains``     an XML element that must be met
``json_keys``    keys of the JSON object; ``json_list``: the one among them that must hold a list
``csv_header``   columns of a CSV
``none_of``      names (XML elements, JSON keys at any depth) that other versions of the interface have
``any_of``       names that are the mark of this version when a document is valid under none
"""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Iterable, Iterator

from lxml import etree

from contracts import json
from contracts.registry import InterfaceContract
from contracts.validate import catalogue, validate_document

# Enough to meet the root, the first blocks of an XML flow, the top keys of a JSON document or a CSV header.
_HEAD = 1024 * 1024
_KEY = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:')


def recognise(body: bytes, filename: str | None = None) -> str | None:
    """The id of the contract this document most likely follows, None when nothing fits; never raises on bad input.

    Several versions may share a root: the newest under which the document is valid wins, else the one whose marks it
    bears, else the newest. ``body`` may be the beginning of a large document.
    """
    form = _form_of(body, filename)
    matchers = {"xml": _matches_xml, "json": _matches_json, "csv": _matches_csv}
    known = [c for c in catalogue() if c.schema is not None and c.recognise and _body_form(c) == form]
    names, candidates = matchers[form](body, known)
    if len(candidates) <= 1:
        return candidates[0].id if candidates else None
    if len({(c.partner, c.interface) for c in candidates}) == 1:
        candidates.sort(key=_version, reverse=True)
    else:
        # The most demanding description first, then the newest version.
        candidates.sort(key=lambda c: (_demands(c), _version(c)), reverse=True)
    for contract in candidates:
        if validate_document(contract, body).valid:
            return contract.id
    return max(candidates, key=lambda c: _marks(c, names)).id


def _marks(contract: InterfaceContract, names: set[str]) -> tuple[bool, bool]:
    """How strongly a document that is valid under no version looks like this one."""
    wanted = contract.recognise
    return not names.isdisjoint(wanted.get("any_of", ())), "json_list" in wanted


def _body_form(contract: InterfaceContract) -> str:
    return "json" if contract.format == "openapi" else contract.format


def _form_of(body: bytes, filename: str | None) -> str:
    start = body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"<" or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "xml"
    if start[:1] in (b"{", b"["):
        return "json"
    suffix = (filename or "").lower().rpartition(".")[2]
    return suffix if suffix in ("xml", "json") else "csv"


def _demands(contract: InterfaceContract) -> int:
    return sum(len(value) if isinstance(value, list) else 1 for value in contract.recognise.values())


def _version(contract: InterfaceContract) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", contract.version))


_Found = tuple[set[str], list[InterfaceContract]]


def _matches_xml(body: bytes, contracts: Iterable[InterfaceContract]) -> _Found:
    names = _xml_names(body)
    local = set(map(_local, names))
    found = []
    for contract in contracts:
        wanted = contract.recognise
        roots = wanted.get("root", names[:1])
        if not names or names[0] not in ([roots] if isinstance(roots, str) else roots):
            continue
        contains = wanted.get("contains")
        if (contains is None or contains in map(_local, names[1:])) and local.isdisjoint(wanted.get("none_of", ())):
            found.append(contract)
    return local, found


def _xml_names(body: bytes) -> list[str]:
    """Distinct element names in order of appearance, the root first, as far as the head can be read."""
    parser = etree.XMLPullParser(
        events=("start",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    names: dict[str, None] = {}
    # Malformed further on: what was read before still says which contract must report it.
    with contextlib.suppress(etree.XMLSyntaxError):
        parser.feed(body[:_HEAD])
    for _, node in parser.read_events():
        if isinstance(node, etree._Element):
            names.setdefault(str(node.tag))
    return list(names)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _matches_json(body: bytes, contracts: Iterable[InterfaceContract]) -> _Found:
    head = body[:_HEAD].decode("utf-8", "replace")
    everywhere = set(_KEY.findall(head))
    try:
        value, _ = json.parse(body)
        keys = set(value) if isinstance(value, dict) else set()
    except json.JsonRefused:
        keys = everywhere
    found = []
    for contract in contracts:
        wanted = contract.recognise
        named = wanted.get("json_keys")
        if not named or not keys.issuperset(named) or not everywhere.isdisjoint(wanted.get("none_of", ())):
            continue
        listed = wanted.get("json_list")
        if listed is None or re.search(rf'"{listed}"\s*:\s*\[', head):
            found.append(contract)
    return everywhere, found


def _matches_csv(body: bytes, contracts: Iterable[InterfaceContract]) -> _Found:
    return set(), list(_with_header(body, contracts))


def _with_header(body: bytes, contracts: Iterable[InterfaceContract]) -> Iterator[InterfaceContract]:
    first = body.removeprefix(b"\xef\xbb\xbf")[:_HEAD].split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    for contract in contracts:
        wanted = contract.recognise.get("csv_header")
        if not wanted or "\0" in first:
            continue
        try:
            cells = next(csv.reader([first], delimiter=contract.csv.get("separator", ";")), [])
        except csv.Error:
            # A bare carriage return: no header we know is written so.
            return
        if {name.strip() for name in cells}.issuperset(wanted):
            yield contract
