"""A long JSON document, by windows of records: schema and coded rules see each window as a small document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from contracts import json
from contracts.coded import Coded, said
from contracts.json_flood import Pointer
from contracts.registry import InterfaceContract, Rule
from contracts.report import MAX_FINDINGS, Finding
from contracts.streaming import JsonRecord, WrongEnvelope, json_records

_RECORDS = 200
Found = tuple[Pointer, Rule, str]


def findings(contract: InterfaceContract, source: BinaryIO) -> Iterator[Finding]:
    """Every finding, window by window. Raises Refused, as a whole reading would, where the document is malformed."""
    coded = Coded(contract)
    records = json_records(source)
    try:
        while window := list(islice(records, _RECORDS)):
            yield from _of_window(contract, coded, window)
    except WrongEnvelope as refusal:
        rule = contract.rule(f"{contract.prefix}-SCHEMA")
        yield Finding(rule.id, rule.severity, json.show(refusal.pointer), refusal.line, refusal.message)


def _of_window(contract: InterfaceContract, coded: Coded, window: Sequence[JsonRecord]) -> Iterator[Finding]:
    for record in window:
        _check(record)
    document, places = _document(window)
    found = _found(contract, coded, document)
    # Lines are found for a batch at a time, record by record.
    while batch := list(islice(found, MAX_FINDINGS + 1)):
        wanted: dict[int, list[Pointer]] = {}
        for pointer, _, _ in batch:
            if (rank := places.get(pointer[:3])) is not None:
                wanted.setdefault(rank, []).append(pointer[3:])
        lines = {rank: json.lines(window[rank].text, pointers) for rank, pointers in wanted.items()}
        for pointer, rule, message in batch:
            rank = places.get(pointer[:3])
            if rank is None:
                yield Finding(rule.id, rule.severity, json.show(pointer), None, message)
                continue
            line = window[rank].line + lines[rank][pointer[3:]] - 1
            shown = json.show((*window[rank].pointer, *pointer[3:]))
            yield Finding(rule.id, rule.severity, shown, line, message)


def _check(record: JsonRecord) -> None:
    try:
        json.check_decoded(record.value, record.text)
    except json.JsonRefused as refusal:
        line = None if refusal.line is None else refusal.line + record.line - 1
        raise json.JsonRefused(refusal.rule, line, refusal.message) from refusal


def _document(window: Sequence[JsonRecord]) -> tuple[Any, dict[Pointer, int]]:
    """The window as a document, and the place in the window of the record at each pointer of it."""
    envelope: dict[str, list[Any]] = {}
    places: dict[Pointer, int] = {}
    for number, record in enumerate(window):
        held = envelope.setdefault(record.kind, [])
        places["marches", record.kind, len(held)] = number
        held.append(record.value)
    return {"marches": envelope}, places


def _found(contract: InterfaceContract, coded: Coded, document: Any) -> Iterator[Found]:
    assert contract.schema is not None
    rule = contract.rule(f"{contract.prefix}-SCHEMA")
    for error in json.errors(contract.schema, document):
        yield error.pointer, rule, error.message
    for rule, violation in coded.violations(document):
        yield violation.path if isinstance(violation.path, tuple) else (), rule, said(rule, violation)
