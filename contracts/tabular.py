"""CSV against a Table Schema: read row by row, so that memory does not grow with the number of lines.

The Table Schema (frictionless) says the columns; what it cannot say is in contract.toml: ``encoding``, and in the
table ``[csv]``: ``separator``, ``also_accepts`` (other encodings met in the field), ``extra_columns`` (allowed or not).
A field may say ``"optionalColumn": true``: its column may then be left out of the header.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from contracts.cells import Cell, compile_cell
from contracts.refusal import MAX_BYTES, Refused, size_refusal

_BOM = b"\xef\xbb\xbf"


class CsvRefused(Refused):
    """A CSV file that is not read further: bytes of another encoding, NUL, unclosed quote, nothing in it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One data line: its line in the file (from 1) and its cells by column name."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CellError:
    """One violation: ``cut`` is True when the line itself is damaged rather than a value in it."""

    line: int
    column: str | None
    message: str
    cut: bool = False

    @property
    def path(self) -> str:
        """Where it is, as shown to the reader."""
        return f"ligne {self.line}" if self.column is None else f"ligne {self.line}, colonne {self.column}"


class Table:
    """One reading of one CSV body against one Table Schema. Iterate ``rows`` once; errors come along with them."""

    def __init__(
        self,
        schema: Path,
        body: bytes,
        *,
        encoding: str = "utf-8",
        also_accepts: Sequence[str] = (),
        separator: str = ";",
        extra_columns: bool = False,
        limit: int = MAX_BYTES,
    ) -> None:
        refusal = size_refusal(body, limit)
        if refusal:
            raise CsvRefused(*refusal)
        self._schema = table_schema(schema)
        self._body = body
        self._encoding = _encoding_of(body, (encoding, *also_accepts))
        self._separator = separator
        self._extra_columns = extra_columns

    def check(self) -> Iterator[tuple[Row | None, tuple[CellError, ...]]]:
        """Each data row with its errors; the header's errors come first, with no row. Raises CsvRefused."""
        reader = csv.reader(self._text_lines(), delimiter=self._separator, strict=True)
        header = next(self._records(reader), None)
        if header is None:
            raise CsvRefused("CSV", None, "Le fichier CSV est vide : la ligne d'en-tête est attendue.")
        names = [name.strip() for name in header[1]]
        errors = tuple(self._header_errors(header[0], names))
        yield None, errors
        if any(error.cut for error in errors):
            return
        seen: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {key: {} for key in self._schema.unique}
        for line, cells in self._records(reader):
            if len(cells) != len(names):
                message = (
                    f"la ligne a {len(cells)} cellules au lieu de {len(names)} : ligne coupée ou séparateur en trop"
                )
                yield None, (CellError(line, None, message, cut=True),)
                continue
            row = Row(line, dict(zip(names, cells, strict=True)))
            yield row, (*self._cell_errors(row), *_duplicate_errors(row, seen))

    def _records(self, reader: Any) -> Iterator[tuple[int, list[str]]]:
        while True:
            start = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = "un guillemet n'est pas fermé" if "end of data" in str(error) else str(error)
                raise CsvRefused(
                    "CSV", start, f"Le fichier CSV est illisible à la ligne {start} : {reason}."
                ) from error
            if cells:
                yield start, cells

    def _text_lines(self) -> Iterator[str]:
        source = io.BytesIO(self._body)
        if self._body.startswith(_BOM):
            source.seek(len(_BOM))
        for number, line in enumerate(source, start=1):
            if b"\0" in line:
                raise CsvRefused("CSV", number, f"La ligne {number} contient un octet nul : le fichier est abîmé.")
            try:
                yield line.decode(self._encoding)
            except UnicodeDecodeError as error:
                byte = line[error.start]
                message = (
                    f"La ligne {number} n'est pas en {self._encoding} (octet 0x{byte:02X}) : réenregistrez le fichier."
                )
                raise CsvRefused("ENCODAGE", number, message) from error

    def _header_errors(self, line: int, names: list[str]) -> Iterator[CellError]:
        known = self._schema.cells
        missing = [name for name, cell in known.items() if cell.required_column and name not in names]
        if len(names) == 1 and names[0] not in known and len(known) > 1:
            message = f"aucune colonne reconnue : le séparateur attendu est « {self._separator} »"
            yield CellError(line, None, message, cut=True)
            return
        for name in missing:
            yield CellError(line, name, f"la colonne « {name} » est absente de l'en-tête", cut=True)
        for position, name in enumerate(names):
            if names.index(name) != position:
                yield CellError(line, name, f"la colonne « {name} » est présente deux fois dans l'en-tête", cut=True)
            elif name not in known and not self._extra_columns:
                yield CellError(line, name, f"la colonne « {name} » est inconnue : retirez-la ou corrigez son nom")

    def _cell_errors(self, row: Row) -> Iterator[CellError]:
        for name, cell in self._schema.cells.items():
            text = row.values.get(name)
            if text is None:
                continue
            problem = cell.problem(text)
            if problem:
                yield CellError(row.line, name, f"« {name} » : {problem}")


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A compiled Table Schema: a cell checker per column, and the sets of columns whose values are unique."""

    cells: Mapping[str, Cell]
    unique: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=64)
def table_schema(path: Path) -> TableSchema:
    """The compiled Table Schema of this file. Raises KeyError or ValueError when it is not one."""
    data = json.loads(path.read_text("utf-8"))
    missing = frozenset(data.get("missingValues", [""]))
    cells = {field["name"]: compile_cell(field, missing) for field in data["fields"]}
    unique = [(name,) for name, cell in cells.items() if cell.unique]
    key = data.get("primaryKey")
    if key:
        unique.append((key,) if isinstance(key, str) else tuple(key))
    return TableSchema(cells, tuple(unique))


def _encoding_of(body: bytes, accepted: Sequence[str]) -> str:
    """The first accepted encoding in which the bytes decode; the first of all when none does, to say where it fails."""
    if body.startswith(_BOM):
        return "utf-8"
    for name in accepted if len(accepted) > 1 else ():
        try:
            body.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return accepted[0]


def _duplicate_errors(row: Row, seen: dict[tuple[str, ...], dict[tuple[str, ...], int]]) -> Iterator[CellError]:
    for columns, lines in seen.items():
        key = tuple(row.values.get(name, "") for name in columns)
        first = lines.setdefault(key, row.line)
        if first != row.line:
            message = f"la valeur « {' / '.join(key)} » est déjà à la ligne {first}, elle doit être unique"
            yield CellError(row.line, " + ".join(columns), message)
