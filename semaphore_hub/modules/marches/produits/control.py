"""The first pass on a file: everything that is wrong with it, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from contracts.tabular import CsvRefused
from semaphore_hub.kernel.db import Database
from semaphore_hub.modules.marches.produits.check import Checked, Constat, ahead, check_block, duplicates, of_header
from semaphore_hub.modules.marches.produits.conversion import heads_of
from semaphore_hub.modules.marches.produits.loading import sparing
from semaphore_hub.modules.marches.produits.matching import Matching
from semaphore_hub.modules.marches.produits.reader import LIGNE, Reader, encoding_of
from semaphore_hub.modules.marches.produits.report import Rapport
from semaphore_hub.modules.marches.produits.schemas import Progress


@dataclass(frozen=True, slots=True)
class Control:
    """What the first pass learnt.

    Attributes:
        reader: reads the file in the encoding found; ``None`` when it cannot be read at all.
        lines: data lines.
        refused: numbers of the lines that an error refuses, sorted.
        readable: whether lines can be loaded at all (the rest of the file is understood).
    """

    reader: Reader | None
    lines: int
    refused: pl.Series
    readable: bool


@dataclass
class FirstPass:
    """Checks a whole file.

    Attributes:
        path: the file.
        block_bytes: how much is looked at together.
        rapport: takes the findings.
        progress: told where the check stands.
        database, matching: to compare with what is loaded; without them only the file itself is checked.
    """

    path: Path
    block_bytes: int
    rapport: Rapport
    progress: Progress
    database: Database | None = None
    matching: Matching | None = None
    _refused: list[pl.Series] = field(default_factory=list)

    def run(self) -> Control:
        """Check it, as UTF-8 at first; raises OSError only."""
        try:
            return self._run(None)
        except CsvRefused as refusal:
            encoding = encoding_of(self.path)
            if encoding == "utf-8":
                return self._unreadable(refusal)
        self.rapport.restart()
        try:
            return self._run(encoding)
        except CsvRefused as refusal:
            return self._unreadable(refusal)

    def _run(self, encoding: str | None) -> Control:
        self._refused = []
        reader = Reader(self.path, self.block_bytes, encoding)
        self.rapport.add(of_header(error) for error in reader.header_errors)
        if any(error.cut for error in reader.header_errors):
            return Control(reader, 0, _empty(), readable=False)
        total, lines = self.path.stat().st_size, 0
        keys: list[pl.DataFrame] = []
        refusal: CsvRefused | None = None
        for checked in ahead(check_block, reader.blocks()):
            self.rapport.add(checked.constats())
            refused = checked.refused_lines()
            self._refused.append(refused)
            self._compare(checked, refused)
            keys.append(checked.keys)
            lines += checked.count
            self.progress("controle", checked.block.offset, total)
            refusal = checked.refusal
            if refusal is not None:
                break
        repeated = duplicates(keys)
        self.rapport.add(repeated)
        self._refused.append(_lines_of(repeated))
        if refusal is not None:
            raise refusal
        return Control(reader, lines, pl.concat(self._refused).unique().sort(), readable=True)

    def _compare(self, checked: Checked, refused: pl.Series) -> None:
        """The rules that need what is loaded, on the lines that are right by themselves."""
        if self.database is None or self.matching is None:
            return
        frame = checked.frame
        if len(refused):
            frame = frame.filter(~frame[LIGNE].is_in(refused.implode()))
        with self.database.read() as connection, sparing(self.database, connection):
            heads = heads_of(frame, self.matching.ght, compared=self.matching.has_earlier(connection))
            constats = self.matching.examine(connection, heads).constats
        self.rapport.add(sorted(constats, key=lambda one: one.ligne or 0))
        self._refused.append(_lines_of(one for one in constats if one.gravite == "error"))

    def _unreadable(self, refusal: CsvRefused) -> Control:
        self.rapport.add([Constat(refusal.line, None, f"PEM-{refusal.rule}", "error", None, refusal.message)])
        return Control(None, 0, _empty(), readable=False)


def _lines_of(constats: Iterable[Constat]) -> pl.Series:
    return pl.Series([one.ligne for one in constats], dtype=pl.Int64)


def _empty() -> pl.Series:
    return pl.Series([], dtype=pl.Int64)
