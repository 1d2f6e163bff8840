"""The one function that validates: by the contract's format, schema, Schematron and coded rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from contracts import json, schematron, tabular, xml, xsd
from contracts.coded import Coded, said
from contracts.json_flood import Pointer
from contracts.refusal import MAX_BYTES, Refused, refuse_size
from contracts.registry import InterfaceContract, Registry, Rule, UnknownContract
from contracts.report import MAX_FINDINGS, Finding, Report, bounded
from contracts.streams import json_stream, xml_stream

# Below, a document is quicker to judge whole, and its tree is small.
STREAM_ABOVE = 1024 * 1024
_REGISTRY = Registry()
_T = TypeVar("_T")


def get(contract_id: str) -> InterfaceContract:
    """The interface contract of this id. Raises UnknownContract."""
    return _REGISTRY.get(contract_id)


def catalogue() -> tuple[InterfaceContract, ...]:
    """Every interface contract, sorted by id."""
    return _REGISTRY.catalogue()


def validate(contract_id: str, body: bytes) -> Report:
    """Validate a document, whatever its bytes. Raises UnknownContract for a wrong id, nothing for a bad document."""
    return validate_document(get(contract_id), body)


def validate_document(contract: InterfaceContract, body: bytes) -> Report:
    """As ``validate``, for a contract already in hand (one that ``Registry`` or ``load`` read elsewhere)."""
    _refuse_api(contract)
    if len(body) > STREAM_ABOVE and contract.stream:
        return _streamed(contract, BytesIO(body), len(body))
    return _report(contract, _findings(contract, body))


def validate_file(contract_id: str, path: Path) -> Report:
    """Validate a file without holding it in memory, when its contract says where its records stand (``[stream]``).

    The verdict is that of the whole document. A small file, or one whose contract has no records, is read whole.
    Raises UnknownContract for a wrong id and OSError for a file that cannot be read, nothing for a bad document.
    """
    contract = get(contract_id)
    _refuse_api(contract)
    size = path.stat().st_size
    if size <= STREAM_ABOVE or (size <= MAX_BYTES and not contract.stream):
        return validate_document(contract, path.read_bytes())
    with path.open("rb") as source:
        return _streamed(contract, source, size)


def _refuse_api(contract: InterfaceContract) -> None:
    if contract.schema is None:
        raise UnknownContract(f"{contract.id} describes an API: it has no document of its own to validate")


def _report(contract: InterfaceContract, findings: Iterable[Finding]) -> Report:
    return Report(contract.id, bounded(findings, f"{contract.prefix}-SCHEMA"))


def _streamed(contract: InterfaceContract, source: BinaryIO, size: int) -> Report:
    read = xml_stream.findings if contract.format == "xml" else json_stream.findings
    try:
        refuse_size(size, MAX_BYTES)
        return _report(contract, read(contract, source))
    except Refused as refusal:
        # As for a document read whole: what cannot be read to its end is told that and nothing else.
        return _report(contract, [_refused(contract, refusal)])


def _findings(contract: InterfaceContract, body: bytes) -> Iterator[Finding]:
    try:
        if contract.format == "xml":
            yield from _xml_findings(contract, body)
        elif contract.format == "csv":
            yield from _csv_findings(contract, body)
        else:
            yield from _json_findings(contract, body)
    except Refused as refusal:
        yield _refused(contract, refusal)


def _refused(contract: InterfaceContract, refusal: Refused) -> Finding:
    where = "/" if contract.format == "xml" else "$"
    if contract.format == "csv":
        where = f"ligne {refusal.line}" if refusal.line else "fichier"
    return _generic(contract, refusal.rule, where, refusal.line, refusal.message)


def _xml_findings(contract: InterfaceContract, body: bytes) -> Iterator[Finding]:
    tree = xml.parse(body)
    announced = xml.declared_encoding(body)
    if announced.upper() != contract.encoding.upper():
        message = f"Le document annonce l'encodage {announced}, le contrat demande {contract.encoding}."
        yield _generic(contract, "ENCODAGE", "/", 1, message)
    assert contract.schema is not None
    for error in xsd.errors(contract.schema, tree, len(body)):
        yield _generic(contract, "SCHEMA", error.path, error.line, error.message)
    if contract.schematron is not None:
        for failure in schematron.compiled(contract.schematron).failures(tree):
            yield xml_stream.of_failure(contract, failure)
    for rule, violation in Coded(contract).violations(tree):
        yield Finding(rule.id, rule.severity, str(violation.path), violation.line, said(rule, violation))


def _json_findings(contract: InterfaceContract, body: bytes) -> Iterator[Finding]:
    value, text = json.parse(body)
    # Lines are found for a batch at a time: one walk of the text serves them all.
    for batch in _batches(_json_violations(contract, value), MAX_FINDINGS + 1):
        lines = json.lines(text, (pointer for pointer, _ in batch))
        for pointer, (rule, message) in batch:
            yield Finding(rule.id, rule.severity, json.show(pointer), lines[pointer], message)


def _json_violations(contract: InterfaceContract, value: Any) -> Iterator[tuple[Pointer, tuple[Rule, str]]]:
    assert contract.schema is not None
    rule = contract.rule(f"{contract.prefix}-SCHEMA")
    for error in json.errors(contract.schema, value):
        yield error.pointer, (rule, error.message)
    for rule, violation in Coded(contract).violations(value):
        yield violation.path if isinstance(violation.path, tuple) else (), (rule, said(rule, violation))


def _batches(items: Iterator[_T], size: int) -> Iterator[list[_T]]:
    while batch := list(islice(items, size)):
        yield batch


def _csv_findings(contract: InterfaceContract, body: bytes) -> Iterator[Finding]:
    options = contract.csv
    assert contract.schema is not None
    table = tabular.Table(
        contract.schema,
        body,
        encoding=contract.encoding,
        also_accepts=tuple(options.get("also_accepts", ())),
        separator=options.get("separator", ";"),
        extra_columns=bool(options.get("extra_columns", False)),
    )
    coded = Coded(contract)
    for row, errors in table.check():
        for error in errors:
            suffix = "CSV" if error.cut and row is None and error.column is None else "SCHEMA"
            yield _generic(contract, suffix, error.path, error.line, f"{error.message[0].upper()}{error.message[1:]}.")
        if row is None:
            continue
        for rule, violation in coded.violations(row):
            where = f"ligne {row.line}, colonne {violation.path}"
            yield Finding(rule.id, rule.severity, where, row.line, said(rule, violation))


def _generic(contract: InterfaceContract, suffix: str, path: str, line: int | None, message: str) -> Finding:
    rule = contract.rule(f"{contract.prefix}-{suffix}")
    return Finding(rule.id, rule.severity, path, line, message)
