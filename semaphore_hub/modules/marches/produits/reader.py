"""Reads a « produits en marché » file block by block, in bounded memory, exactly as its contract reads it.

A block is some MiB of whole lines. Most blocks hold no quote, no blank line and the right number of separators: polars
splits those, and their counts prove it. Any other is read by the csv module with the settings of
:mod:`contracts.tabular`, so that a damaged line is found at the same place by both.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import polars as pl

import contracts
from contracts.rules.produits_table import CONTRACT, columns, schema_path
from contracts.tabular import CellError, CsvRefused, Table

LIGNE = "_ligne"
"""Column of a frame: line in the file, from 1."""
BLOCK_BYTES = 12 * 1024 * 1024
Gathered = tuple[list[tuple[int, list[str]]], CsvRefused | None]
_BOM = b"\xef\xbb\xbf"
_SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a block.

    Attributes:
        frame: one row per whole line; known columns as text, null when empty; :data:`LIGNE`.
        cut: damaged lines, with their number of cells.
        refusal: why nothing is read after them, ``None`` when the file goes on.
    """

    frame: pl.DataFrame
    cut: tuple[tuple[int, int], ...]
    refusal: CsvRefused | None


@dataclass(frozen=True)
class Block:
    """Some whole lines of the file.

    Attributes:
        offset: of the byte after it, where the next block begins.
        line: of the first line of the next block, from 1.
    """

    first_line: int
    offset: int
    line: int
    names: tuple[str, ...]
    encoding: str
    raw: bytes
    gathered: Gathered | None

    def lines(self) -> Lines:
        """Split into cells."""
        if self.gathered is None:
            frame = self._split()
            if frame is not None:
                return Lines(_known_columns(frame, self.names), (), None)
        records, refusal = self.gathered or _gather(_Physical(self.raw, None, self.encoding, self.first_line))
        width = len(self.names)
        whole = [(line, cells) for line, cells in records if len(cells) == width]
        cut = tuple((line, len(cells)) for line, cells in records if len(cells) != width)
        by_column = list(zip(*(cells for _, cells in whole), strict=True)) if whole else [()] * width
        frame = pl.DataFrame(
            {
                LIGNE: pl.Series([line for line, _ in whole], dtype=pl.Int64),
                **{
                    f"c{i}": pl.Series([cell or None for cell in cells], dtype=pl.String)
                    for i, cells in enumerate(by_column)
                },
            }
        )
        return Lines(_known_columns(frame, self.names), cut, refusal)

    def _split(self) -> pl.DataFrame | None:
        """The lines split by polars, or ``None`` when only the csv module reads them right."""
        raw = self.raw
        if b"\r" in raw:
            if raw.count(b"\r") != raw.count(b"\r\n"):
                return None
            raw = raw.replace(b"\r\n", b"\n")
        if b"\0" in raw or raw.startswith((b"\n", _BOM)) or _has_long_line(raw):
            return None
        if self.encoding != "utf-8":
            raw = raw.decode(self.encoding).encode()
        width = len(self.names)
        try:
            frame = pl.read_csv(
                raw,
                has_header=False,
                separator=_SEPARATOR,
                quote_char=None,
                schema={f"c{i}": pl.String for i in range(width)},
            )
        except pl.exceptions.PolarsError:
            return None
        if frame.height != self.line - self.first_line:
            return None
        # polars refuses a line with too many cells; one with too few, or a blank one, ends with an empty cell.
        short = frame.to_series(-1).null_count() > 0
        if short and raw.count(_SEPARATOR.encode()) != (width - 1) * frame.height:
            return None
        return frame.with_columns(pl.int_range(self.first_line, self.line, dtype=pl.Int64).alias(LIGNE))


def _has_long_line(raw: bytes) -> bool:
    """Whether a line may hold a cell that the csv module refuses for its length."""
    limit, start = csv.field_size_limit(), 0
    while len(raw) - start > limit:
        end = raw.rfind(b"\n", start, start + limit)
        if end < 0:
            return True
        start = end + 1
    return False


def _known_columns(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    place = {name: f"c{i}" for i, name in enumerate(names)}
    return frame.select(
        LIGNE,
        *((pl.col(place[name]) if name in place else pl.lit(None, pl.String)).alias(name) for name in columns().cells),
    )


class Reader:
    """One reading of a file: its header, then its blocks.

    Args:
        path: the file.
        block_bytes: size of a block, in bytes; whole lines are added up to the next end of line.
        encoding: of the bytes; ``None`` takes them for UTF-8, and a refusal "ENCODAGE" then calls for
            :func:`encoding_of`, which reads the whole file.

    Raises:
        CsvRefused: the header cannot be read (empty file, unclosed quote…).
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path, block_bytes: int = BLOCK_BYTES, encoding: str | None = None) -> None:
        self._path = path
        self._block_bytes = block_bytes
        with path.open("rb") as file:
            start = len(_BOM) if file.read(len(_BOM)) == _BOM else 0
            self.encoding = "utf-8" if start or encoding is None else encoding
            file.seek(start)
            physical = _Physical(b"", file, self.encoding, 1)
            record = next(_records(physical, stop=False), None)
            self._offset = start + physical.extra
            self._line = physical.line
            file.seek(start)
            head = file.read(self._offset - start)
        self._errors = next(Table(schema_path(), head, encoding=self.encoding).check())[1]
        self.names = tuple(name.strip() for name in record[1]) if record else ()

    @cached_property
    def header_errors(self) -> tuple[CellError, ...]:
        """What is wrong with the header; nothing is read further when one of them is ``cut``."""
        return self._errors

    def blocks(self, offset: int = 0, line: int = 0) -> Iterator[Block]:
        """The blocks, from a place an earlier block gave, or from the first data line."""
        offset, line = (offset, line) if offset else (self._offset, self._line)
        with self._path.open("rb") as file:
            file.seek(offset)
            while raw := file.read(self._block_bytes):
                if not raw.endswith(b"\n"):
                    raw += file.readline()
                count = raw.count(b"\n") + (not raw.endswith(b"\n"))
                gathered, extra, after = None, 0, line + count
                if b'"' in raw:
                    # A quoted cell may go on past the block: read as far as its record does.
                    physical = _Physical(raw, file, self.encoding, line)
                    gathered = _gather(physical)
                    extra, after = physical.extra, physical.line
                offset += len(raw) + extra
                yield Block(line, offset, after, self.names, self.encoding, raw, gathered)
                if gathered is not None and gathered[1] is not None:
                    return
                line = after
                file.seek(offset)


def encoding_of(path: Path) -> str:
    """As :mod:`contracts.tabular`: the first accepted encoding that decodes the whole file, the first one if none."""
    contract = contracts.get(CONTRACT)
    with path.open("rb") as file:
        for name in (contract.encoding, *contract.csv["also_accepts"]):
            file.seek(0)
            if all(_decodes(raw, name) for raw in iter(lambda: file.read(BLOCK_BYTES) + file.readline(), b"")):
                return str(name)
    return contract.encoding


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


class _Physical:
    """Lines as texts: those of a block, then, only when asked for more, those of the file after it."""

    def __init__(self, raw: bytes, file: BinaryIO | None, encoding: str, line: int) -> None:
        self._raw = raw
        self._position = 0
        self._file = file
        self._encoding = encoding
        self.line = line
        self.extra = 0

    @property
    def done(self) -> bool:
        """Whether the block's own lines are all read."""
        return self._position >= len(self._raw)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.done:
            end = self._raw.find(b"\n", self._position) + 1 or len(self._raw)
            text, self._position = self._raw[self._position : end], end
        else:
            text = self._file.readline() if self._file is not None else b""
            self.extra += len(text)
        if not text:
            raise StopIteration
        number = self.line
        self.line += 1
        if b"\0" in text:
            raise CsvRefused("CSV", number, f"La ligne {number} contient un octet nul : le fichier est abîmé.")
        try:
            return text.decode(self._encoding)
        except UnicodeDecodeError as error:
            byte = text[error.start]
            message = (
                f"La ligne {number} n'est pas en {self._encoding} (octet 0x{byte:02X}) : réenregistrez le fichier."
            )
            raise CsvRefused("ENCODAGE", number, message) from error


def _gather(physical: _Physical) -> Gathered:
    """The records of a block, and the refusal that ended them."""
    records: list[tuple[int, list[str]]] = []
    try:
        records.extend(_records(physical))
    except CsvRefused as refusal:
        return records, refusal
    return records, None


def _records(physical: _Physical, *, stop: bool = True) -> Iterator[tuple[int, list[str]]]:
    """Records and their first line; with ``stop``, none that begins after the block."""
    reader = csv.reader(physical, delimiter=_SEPARATOR, strict=True)
    while not (stop and physical.done):
        start = physical.line
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = "un guillemet n'est pas fermé" if "end of data" in str(error) else str(error)
            raise CsvRefused("CSV", start, f"Le fichier CSV est illisible à la ligne {start} : {reason}.") from error
        if cells:
            yield start, cells
