"""Reads a DECP JSON file (2.0.x): record by record, each validated alone so that one bad marché leaves the others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import contracts
import contracts.json as strict_json
from contracts import Finding, InterfaceContract
from semaphore_hub.imports import rules
from semaphore_hub.imports.errors import file_refused
from semaphore_hub.imports.source import (
    COLLECTIONS,
    CONCESSION,
    MARCHE,
    MAX_BYTES,
    SourceRecord,
    split,
    text_or_none,
    unreadable,
)

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class _Span:
    """Where one record stands in the text."""

    kind: str
    start: int
    end: int


def read(contract: InterfaceContract, body: bytes) -> Iterator[SourceRecord]:
    """Records in the order of the file.

    Raises:
        ImportRefused: before the first record, when the file is not strict JSON or not a DECP of version 2.
    """
    try:
        value, text = strict_json.parse(body, MAX_BYTES)
    except strict_json.JsonRefused as refusal:
        raise unreadable(contract, refusal) from refusal
    _check_envelope(value)
    return _records(contract, value["marches"], text)


def _check_envelope(value: Any) -> None:
    held = value.get("marches") if isinstance(value, dict) else None
    if isinstance(held, list):
        raise file_refused(rules.FORMAT_V1, "$.marches")
    if not isinstance(held, dict) or not (MARCHE in held or CONCESSION in held):
        raise file_refused(rules.LISTE, "$.marches")
    for kind in (MARCHE, CONCESSION):
        if not isinstance(held.get(kind, []), list):
            raise file_refused(rules.LISTE, f"$.marches.{kind}")


def _records(contract: InterfaceContract, held: Mapping[str, Any], text: str) -> Iterator[SourceRecord]:
    ranks = {MARCHE: 0, CONCESSION: 0}
    line, position = 1, 0
    for span in _spans(text):
        line += text.count("\n", position, span.start)
        position = span.start
        rank = ranks[span.kind]
        ranks[span.kind] += 1
        place = strict_json.show(("marches", span.kind, rank))
        yield _record(contract, span, held[span.kind][rank], text[span.start : span.end], place, line)


def _record(contract: InterfaceContract, span: _Span, value: Any, source: str, place: str, line: int) -> SourceRecord:
    alone = f'{{"marches":{{"{span.kind}":[{source}]}}}}'.encode()
    here = strict_json.show(("marches", span.kind, 0))
    reasons, warnings = split(
        _moved(finding, here, place, line) for finding in contracts.validate(contract.id, alone).findings
    )
    fields = value if isinstance(value, dict) else {}
    party = fields.get("acheteur" if span.kind == MARCHE else "autoriteConcedante")
    return SourceRecord(
        place=place,
        line=line,
        kind=span.kind,
        id=text_or_none(fields.get("id")),
        buyer=text_or_none(party.get("id")) if isinstance(party, dict) else None,
        data=None if reasons or span.kind != MARCHE else unwrapped(fields),
        reasons=reasons,
        warnings=warnings,
    )


def _moved(finding: Finding, here: str, place: str, line: int) -> Finding:
    """A finding on the record alone, told at its place in the file."""
    path = place + finding.path.removeprefix(here) if finding.path.startswith(here) else place
    return replace(finding, path=path, line=line if finding.line is None else line + finding.line - 1)


def unwrapped(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A valid DECP object with its wrapped lists as plain lists."""
    return {name: _items(name, value) if name in COLLECTIONS else value for name, value in fields.items()}


def _items(name: str, value: Any) -> list[Any]:
    item = COLLECTIONS[name]
    if isinstance(value, dict):
        return list(value[item])
    return [unwrapped(entry[item]) for entry in value]


def _spans(text: str) -> list[_Span]:
    """Where each record stands; the text is known to be strict JSON of the right shape."""
    found: list[_Span] = []

    def array(kind: str) -> Callable[[int], int]:
        def walk(position: int) -> int:
            position = _after_space(text, position + 1)
            while text[position] != "]":
                end = _DECODER.raw_decode(text, position)[1]
                found.append(_Span(kind, position, end))
                position = _after_comma(text, end)
            return position + 1

        return walk

    lists = {kind: array(kind) for kind in (MARCHE, CONCESSION)}
    _walk_object(text, _after_space(text, 0), {"marches": lambda position: _walk_object(text, position, lists)})
    return found


def _walk_object(text: str, position: int, inside: Mapping[str, Callable[[int], int]]) -> int:
    """Walk an object, going into the members named in ``inside`` only; the offset after it."""
    position = _after_space(text, position + 1)
    while text[position] != "}":
        name, position = _DECODER.raw_decode(text, position)
        position = _after_space(text, _after_space(text, position) + 1)
        position = inside[name](position) if name in inside else _DECODER.raw_decode(text, position)[1]
        position = _after_comma(text, position)
    return position + 1


def _after_comma(text: str, position: int) -> int:
    position = _after_space(text, position)
    return _after_space(text, position + 1) if text[position] == "," else position


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position
