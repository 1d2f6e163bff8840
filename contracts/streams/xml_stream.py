"""A long XML document, by windows of records: each is judged in its place, in a document that has lost the others."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO, Protocol

from lxml import etree

from contracts import schematron, xml, xsd
from contracts.coded import Coded, said
from contracts.records import XmlPiece
from contracts.registry import InterfaceContract
from contracts.report import Finding
from contracts.streams.xml_reader import Reader, Window

_Key = tuple[str, str]


class Recall(Protocol):
    """What a format compares between records far apart; made with the root of the document."""

    def stubs(self, records: tuple[etree._Element, ...]) -> list[tuple[etree._Element, etree._Element]]:
        """What must stand beside these records while rules look at them, each with the element it goes into."""

    def remember(self, records: tuple[etree._Element, ...]) -> None:
        """Keep the keys of these records."""


def findings(contract: InterfaceContract, source: BinaryIO) -> Iterator[Finding]:
    """Every finding, window by window. Raises Refused, as a whole reading would, where the document is malformed."""
    reader = Reader(source, [tuple(path.split("/")) for path in contract.stream["records"]])
    examined: _Examination | None = None
    for window in reader.windows():
        if examined is None:
            examined = _Examination(contract, window.root)
            yield from _encoding(contract, reader.head)
        yield from examined.of(window)
        if window.last:
            reader.take_out()
            yield from examined.of_what_is_left(window.root)


def _encoding(contract: InterfaceContract, head: bytes) -> Iterator[Finding]:
    announced = xml.declared_encoding(head)
    if announced.upper() != contract.encoding.upper():
        rule = contract.rule(f"{contract.prefix}-ENCODAGE")
        message = f"Le document annonce l'encodage {announced}, le contrat demande {contract.encoding}."
        yield Finding(rule.id, rule.severity, "/", 1, message)


class _Examination:
    """The rules of a contract applied to the windows of one document, and what they remember of the past ones."""

    def __init__(self, contract: InterfaceContract, root: etree._Element) -> None:
        assert contract.schema is not None
        self._contract = contract
        self._schema = contract.schema
        self._coded = Coded(contract)
        self._recall = _recall(contract, root)
        self._ranks = _Ranks(root, contract.stream["records"])

    def of(self, window: Window) -> Iterator[Finding]:
        """The faults of a window: in its records, and in what surrounds them when it is the last."""
        tree, records = window.root.getroottree(), frozenset(window.records)
        self._ranks.standing = Counter(map(self._ranks.key, window.past))
        rule = self._contract.rule(f"{self._contract.prefix}-SCHEMA")
        for error in xsd.errors(self._schema, tree, None if window.crowded else 0):
            # What stands between records is told at the end: until then, no one knows all that surrounds it.
            if _within(error.node, records) or (window.last and not _within(error.node, window.past)):
                path = self._ranks.shown(error.path)
                yield Finding(rule.id, rule.severity, path, error.line, error.message)
        with self._stubs(window):
            yield from self._schematron(tree, records)
        yield from self._coded_rules(window.records)
        for record in window.records:
            self._ranks.gone[self._ranks.key(record)] += 1
        if self._recall is not None:
            self._recall.remember(window.records)

    def of_what_is_left(self, root: etree._Element) -> Iterator[Finding]:
        """The business faults of the headers and of the document as a whole, when its records are gone."""
        yield from self._schematron(root.getroottree(), None)
        yield from self._coded_rules((root,))

    def _schematron(self, tree: etree._ElementTree, among: frozenset[etree._Element] | None) -> Iterator[Finding]:
        if self._contract.schematron is None:
            return
        for failure in schematron.compiled(self._contract.schematron).failures(tree):
            if among is None or _within(failure.node, among):
                yield self._ranks.moved(of_failure(self._contract, failure))

    def _coded_rules(self, elements: tuple[etree._Element, ...]) -> Iterator[Finding]:
        for rule, violation in self._coded.violations(XmlPiece(elements)):
            path = self._ranks.shown(str(violation.path))
            yield Finding(rule.id, rule.severity, path, violation.line, said(rule, violation))

    @contextmanager
    def _stubs(self, window: Window) -> Iterator[None]:
        """Beside the window's records, a stub of each past one that they must be compared with."""
        stubs = self._recall.stubs(window.records) if self._recall is not None else []
        for stub, parent in stubs:
            parent.insert(0, stub)
            self._ranks.standing[self._ranks.key(stub)] += 1
        try:
            yield
        finally:
            for stub, parent in stubs:
                self._ranks.standing[self._ranks.key(stub)] -= 1
                parent.remove(stub)


class _Ranks:
    """Says the place of an element in the whole document, from its place in a document that has lost records."""

    def __init__(self, root: etree._Element, records: list[str]) -> None:
        steps = (path.split("/") for path in records)
        containers = (r"(?:\[\d+\])?/".join([xml.local_name(root), *path[:-1]]) for path in steps)
        names = (path.rpartition("/")[2] for path in records)
        self._patterns = [
            re.compile(rf"(/{container}(?:\[\d+\])?)/({re.escape(name)})(?:\[(\d+)\])?(?=/|\Z)")
            for container, name in zip(containers, names, strict=True)
        ]
        self.gone: Counter[_Key] = Counter()
        """Records examined, by place and name."""
        self.standing: Counter[_Key] = Counter()
        """Of these, those that still stand in the tree or are stubbed there."""

    def key(self, record: etree._Element) -> _Key:
        """Where a record stands, and its name."""
        parent = record.getparent()
        return "" if parent is None else xml.path_of(parent), xml.local_name(record)

    def shown(self, path: str) -> str:
        """The path in the whole document."""
        for pattern in self._patterns:
            found = pattern.match(path)
            if found:
                shift = self.gone[found[1], found[2]] - self.standing[found[1], found[2]]
                rank = int(found[3] or 1) + shift
                return f"{found[1]}/{found[2]}[{rank}]{path[found.end() :]}" if shift else path
        return path

    def moved(self, finding: Finding) -> Finding:
        """The finding with its path in the whole document."""
        return replace(finding, path=self.shown(finding.path))


def of_failure(contract: InterfaceContract, failure: schematron.Failure) -> Finding:
    """The finding that says a broken assertion."""
    rule = contract.rule(failure.rule)
    message = rule.message.format(detail=failure.message) if "{detail}" in rule.message else failure.message
    return Finding(rule.id, rule.severity, xml.path_of(failure.node), xml.line_of(failure.node), message)


def _recall(contract: InterfaceContract, root: etree._Element) -> Recall | None:
    path = contract.stream.get("recall")
    if path is None:
        return None
    module, _, name = path.partition(":")
    made: Recall = getattr(importlib.import_module(module), name)(root)
    return made


def _within(node: etree._Element | None, elements: Container[etree._Element]) -> bool:
    """True when the node is one of these elements or stands in one."""
    while node is not None:
        if node in elements:
            return True
        node = node.getparent()
    return False
