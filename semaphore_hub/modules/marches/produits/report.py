"""Where findings go: a file line by line, and for the record the first ones and counts. Memory does not grow."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TextIO

from semaphore_hub.modules.marches.produits.check import Constat

FIRST = 100
"""Findings kept in the database, and shown by the API."""
_COLUMNS = ("ligne", "colonne", "regle", "gravite", "valeur", "message")


class Rapport:
    """Collects findings; written to ``path`` when given: CSV (``;``) if it ends in ``.csv``, else JSON lines."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file: TextIO | None = None
        self.first: list[Constat] = []
        self.by_rule: Counter[str] = Counter()
        self.warnings = 0
        self.errors = 0
        self._kept_warnings = 0

    def __enter__(self) -> Rapport:
        self.restart()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def restart(self) -> None:
        """Forget everything: the file is read again from its beginning."""
        self.first, self.by_rule, self.warnings, self.errors = [], Counter(), 0, 0
        self._kept_warnings = 0
        if self._path is not None:
            if self._file is not None:
                self._file.close()
            self._file = self._path.open("w", encoding="utf-8", newline="")
            if self._path.suffix == ".csv":
                csv.writer(self._file, delimiter=";").writerow(_COLUMNS)

    def add(self, constats: Iterable[Constat]) -> None:
        """Take findings, in the order given."""
        for one in constats:
            self.by_rule[one.regle] += 1
            if one.gravite == "error":
                self.errors += 1
            else:
                self.warnings += 1
            self._keep(one)
            if self._file is not None:
                self._write(self._file, one)

    def _keep(self, one: Constat) -> None:
        """The first findings, errors before warnings: what refuses the file is never pushed out by warnings."""
        if len(self.first) == FIRST:
            if one.gravite == "warning" or not self._kept_warnings:
                return
            last = max(place for place, kept in enumerate(self.first) if kept.gravite == "warning")
            del self.first[last]
            self._kept_warnings -= 1
        self.first.append(one)
        self._kept_warnings += one.gravite == "warning"

    def _write(self, file: TextIO, one: Constat) -> None:
        values = (one.ligne, one.colonne, one.regle, one.gravite, one.valeur, one.message)
        if self._path is not None and self._path.suffix == ".csv":
            csv.writer(file, delimiter=";").writerow("" if value is None else value for value in values)
        else:
            json.dump(dict(zip(_COLUMNS, values, strict=True)), file, ensure_ascii=False)
            file.write("\n")
