"""Coded rules about the records of a document, one record at a time: one pass serves them all, whatever the size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from contracts.report import MAX_FINDINGS, Violation

Records = Callable[[Any], Iterable[tuple[str, Any]]]
"""Gives the records of a document, each with its kind."""
RecordCheck = Callable[[str, Any], Iterable[Violation]]
"""Asked about a record, with its kind."""


@dataclass(frozen=True, slots=True)
class XmlPiece:
    """Part of an XML document: some of its records, or the root when every record was taken out of it."""

    elements: Sequence[etree._Element]


class PerRecord:
    """A coded rule asked about each record of some kinds, in the order of ``records``."""

    def __init__(self, records: Records, kinds: frozenset[str], make: Callable[[], RecordCheck]) -> None:
        """``make`` gives the check for one document: it may remember what it saw in earlier records."""
        self.records = records
        self.kinds = kinds
        self.make = make

    def __call__(self, document: Any) -> Iterator[Violation]:
        """Every violation of a whole document."""
        check = self.make()
        for kind, record in self.records(document):
            if kind in self.kinds:
                yield from check(kind, record)


def per_record(records: Records, *kinds: str) -> Callable[[RecordCheck], PerRecord]:
    """Declare a coded rule about the records of these kinds, each judged alone."""
    return lambda check: PerRecord(records, frozenset(kinds), lambda: check)


def across_records(records: Records, *kinds: str) -> Callable[[Callable[[], RecordCheck]], PerRecord]:
    """Declare a coded rule that compares records: what is decorated makes a check with a memory of its own."""
    return lambda make: PerRecord(records, frozenset(kinds), make)


class Pass:
    """One reading of a document, in one piece or in several, by rules that walk the same records."""

    def __init__(self, rules: Sequence[PerRecord]) -> None:
        """The rules share one ``records``."""
        self._records = rules[0].records
        self._found: list[list[Violation]] = [[] for _ in rules]
        checks = [(rule.kinds, rule.make(), found) for rule, found in zip(rules, self._found, strict=True)]
        kinds = frozenset[str]().union(*(rule.kinds for rule in rules))
        self._by_kind = {kind: [(c, found) for of, c, found in checks if kind in of] for kind in kinds}

    def read(self, document: Any) -> list[list[Violation]]:
        """What each rule found in this piece of the document, up to one more than a report lists."""
        for found in self._found:
            found.clear()
        for kind, record in self._records(document):
            for check, found in self._by_kind.get(kind, ()):
                for violation in check(kind, record):
                    if len(found) <= MAX_FINDINGS:
                        found.append(violation)
        return [list(found) for found in self._found]
