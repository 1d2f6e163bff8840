"""Reads the consolidated DECP CSV: one line per marché and holder, several lines of a marché are one record."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import contracts
from contracts import Finding, InterfaceContract, tabular
from semaphore_hub.imports import rules
from semaphore_hub.imports.csv_marche import marche_of
from semaphore_hub.imports.errors import ImportRefused
from semaphore_hub.imports.report import Reason
from semaphore_hub.imports.source import MARCHE, MAX_BYTES, SourceRecord, split, unreadable

_KEY = ("acheteur_id", "id", "dateNotification")
_OF_HOLDER = ("titulaire_id", "titulaire_nom", "titulaire_departement_code", "titulaire_region_code")

_Cells = tuple[str, ...]


@dataclass(slots=True)
class _Group:
    """The lines of one marché, without those that repeat another; a cut line stands alone."""

    rows: dict[_Cells, int] = field(default_factory=dict)
    repeated: list[tuple[int, int]] = field(default_factory=list)
    cut: tabular.CellError | None = None

    @property
    def lines(self) -> int:
        return len(self.rows) + len(self.repeated) + (self.cut is not None)


@dataclass(frozen=True, slots=True)
class CsvContent:
    """A whole CSV: its records, and how many lines repeat another."""

    records: Iterator[SourceRecord]
    duplicates: int


def read(contract: InterfaceContract, body: bytes) -> CsvContent:
    """Group the lines of the file into records, in the order of their first line.

    Raises:
        ImportRefused: the file is not the CSV of the contract: encoding, separator, missing column, unclosed quote.
    """
    try:
        names, groups = _grouped(contract, body)
    except tabular.CsvRefused as refusal:
        raise unreadable(contract, refusal) from refusal
    duplicates = sum(len(group.repeated) for group in groups)
    return CsvContent((_record(contract, names, group) for group in groups), duplicates)


def _grouped(contract: InterfaceContract, body: bytes) -> tuple[_Cells, list[_Group]]:
    assert contract.schema is not None
    table = tabular.Table(
        contract.schema,
        body,
        encoding=contract.encoding,
        also_accepts=tuple(contract.csv.get("also_accepts", ())),
        separator=_separator(contract),
        extra_columns=bool(contract.csv.get("extra_columns", False)),
        limit=MAX_BYTES,
    )
    names: _Cells = ()
    groups: dict[_Cells, _Group] = {}
    cut: list[tuple[int, _Group]] = []
    lines = table.check()
    _, header = next(lines)
    if header:
        raise ImportRefused([_finding(contract, error, "SCHEMA") for error in header])
    row: tabular.Row | None = None
    for row, errors in lines:
        if row is None:
            cut.append((errors[0].line, _Group(cut=errors[0])))
            continue
        names = names or tuple(row.values)
        group = groups.setdefault(tuple(row.values[name] for name in _KEY), _Group())
        cells = tuple(row.values.values())
        first = group.rows.setdefault(cells, row.line)
        if first != row.line:
            group.repeated.append((row.line, first))
    if row is None and cut and not body.endswith(b"\n"):
        message = "le fichier est tronqué : sa dernière ligne est coupée, redemandez le fichier entier"
        raise ImportRefused([_finding(contract, tabular.CellError(cut[-1][0], None, message), "CSV")])
    ordered = [(next(iter(group.rows.values())), group) for group in groups.values()]
    return names, [group for _, group in sorted([*ordered, *cut], key=lambda item: item[0])]


def _separator(contract: InterfaceContract) -> str:
    separator = contract.csv.get("separator", ";")
    assert isinstance(separator, str)
    return separator


def _finding(contract: InterfaceContract, error: tabular.CellError, suffix: str) -> Finding:
    rule = contract.rule(f"{contract.prefix}-{suffix}")
    return Finding(rule.id, rule.severity, error.path, error.line, f"{error.message[0].upper()}{error.message[1:]}.")


def _record(contract: InterfaceContract, names: _Cells, group: _Group) -> SourceRecord:
    if group.cut is not None:
        reasons, _ = split([_finding(contract, group.cut, "CSV")])
        line = group.cut.line
        return SourceRecord(f"ligne {line}", line, MARCHE, None, None, None, reasons)
    rows = [dict(zip(names, cells, strict=True)) for cells in group.rows]
    lines = list(group.rows.values())
    findings = [
        finding
        for row, line in zip(rows, lines, strict=True)
        for finding in _row_findings(contract, names, tuple(row.values()), line)
    ]
    reasons, warnings = split(findings)
    warnings += tuple(rules.say(rules.DOUBLON, ligne=line, premiere=first) for line, first in group.repeated)
    first_row = rows[0]
    record = SourceRecord(
        place=f"ligne {lines[0]}" if group.lines == 1 else f"lignes {', '.join(map(str, _all_lines(group)))}",
        line=lines[0],
        kind=MARCHE,
        id=first_row["id"] or None,
        buyer=first_row["acheteur_id"] or None,
        data=None,
        reasons=reasons or tuple(_contradictions(rows, lines[0])),
        warnings=warnings,
        names=_names(rows),
        lines=group.lines,
    )
    if record.reasons:
        return record
    data, completed, reasons = marche_of(rows, lines)
    return replace(record, data=None if reasons else data, completed=completed, reasons=reasons)


def _all_lines(group: _Group) -> list[int]:
    return sorted([*group.rows.values(), *(line for line, _ in group.repeated)])


def _row_findings(contract: InterfaceContract, names: _Cells, cells: _Cells, line: int) -> Iterator[Finding]:
    """What the contract says of one line, validated alone and told at its place in the file."""
    alone = io.StringIO(newline="")
    writer = csv.writer(alone, delimiter=_separator(contract), lineterminator="\n")
    writer.writerows((names, cells))
    for finding in contracts.validate(contract.id, alone.getvalue().encode()).findings:
        path = finding.path.replace("ligne 2", f"ligne {line}", 1)
        yield replace(finding, path=path, line=line)


def _contradictions(rows: list[dict[str, str]], line: int) -> Iterator[Reason]:
    """Columns of the marché (not of its holders) that differ from one line to the other."""
    for name in rows[0]:
        values = dict.fromkeys(row[name] for row in rows)
        if name not in _OF_HOLDER and len(values) > 1:
            problem = rules.LIGNES.broken(f"colonne {name}", champ=name, valeurs=" / ".join(values))
            yield Reason(problem.rule, problem.path, line, problem.message)


def _names(rows: list[dict[str, str]]) -> Mapping[str, str]:
    given: dict[str, Any] = {}
    for row in rows:
        for identifier, name in (("acheteur_id", "acheteur_nom"), ("titulaire_id", "titulaire_nom")):
            if row.get(identifier) and (row.get(name) or "").strip():
                given.setdefault(row[identifier], row[name])
    return given
