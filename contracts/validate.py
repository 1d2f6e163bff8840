"""The one function that validates: by the contract's format, schema, Schematron and coded rules."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from contracts import json, schematron, tabular, xml, xsd
from contracts.json_flood import Pointer
from contracts.refusal import Refused
from contracts.registry import ContractBroken, InterfaceContract, Registry, Rule, UnknownContract
from contracts.report import MAX_FINDINGS, Finding, Report, Violation, bounded

Check = Callable[[Any], Iterable[Violation]]
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
    if contract.schema is None:
        raise UnknownContract(f"{contract.id} describes an API: it has no document of its own to validate")
    findings = bounded(_findings(contract, body), f"{contract.prefix}-SCHEMA")
    return Report(contract.id, findings)


def _findings(contract: InterfaceContract, body: bytes) -> Iterator[Finding]:
    by_format = {"xml": _xml_findings, "csv": _csv_findings}
    try:
        yield from by_format.get(contract.format, _json_findings)(contract, body)
    except Refused as refusal:
        where = "/" if contract.format == "xml" else "$"
        if contract.format == "csv":
            where = f"ligne {refusal.line}" if refusal.line else "fichier"
        yield _generic(contract, refusal.rule, where, refusal.line, refusal.message)


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
            rule = contract.rule(failure.rule)
            line = xml.line_of(failure.node)
            message = failure.message if "{detail}" not in rule.message else rule.message.format(detail=failure.message)
            yield Finding(rule.id, rule.severity, xml.path_of(failure.node), line, message)
    for rule, check in _coded(contract):
        for violation in check(tree):
            yield _coded_finding(rule, str(violation.path), violation.line, violation)


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
    for rule, check in _coded(contract):
        for violation in check(value):
            pointer = violation.path if isinstance(violation.path, tuple) else ()
            yield pointer, (rule, rule.message.replace("{detail}", violation.detail))


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
    checks = _coded(contract)
    for row, errors in table.check():
        for error in errors:
            suffix = "CSV" if error.cut and row is None and error.column is None else "SCHEMA"
            yield _generic(contract, suffix, error.path, error.line, f"{error.message[0].upper()}{error.message[1:]}.")
        if row is not None:
            for rule, check in checks:
                for violation in check(row):
                    where = f"ligne {row.line}, colonne {violation.path}"
                    yield _coded_finding(rule, where, row.line, violation)


def _generic(contract: InterfaceContract, suffix: str, path: str, line: int | None, message: str) -> Finding:
    rule = contract.rule(f"{contract.prefix}-{suffix}")
    return Finding(rule.id, rule.severity, path, line, message)


def _coded_finding(rule: Rule, path: str, line: int | None, violation: Violation) -> Finding:
    return Finding(rule.id, rule.severity, path, line, rule.message.replace("{detail}", violation.detail))


@lru_cache(maxsize=128)
def _import_check(path: str) -> Check:
    module, _, name = path.partition(":")
    try:
        check: Check = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ContractBroken(f"check {path!r} cannot be imported: {error}") from error
    return check


def _coded(contract: InterfaceContract) -> list[tuple[Rule, Check]]:
    return [(rule, _import_check(rule.check)) for rule in contract.rules if rule.check is not None]
