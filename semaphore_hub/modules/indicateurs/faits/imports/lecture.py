"""Reads a CSV file by blocks of whole lines, in bounded memory: encoding, separator, header, then frames of texts.

Most blocks hold no quote: polars splits them, and the number of separators proves that every line was whole. Any other
is read by the csv module, which finds the damaged lines.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.indicateurs.faits.imports import rules
from semaphore_hub.modules.indicateurs.faits.imports.colonnes import Colonne, cle_colonne

LIGNE = "_ligne"
"""Column of a frame: line in the file, from 1."""
_BLOCK_BYTES = 8 * 1024 * 1024
_RECORD_BYTES = 1024 * 1024
"""A quoted cell that goes on longer than this is a quote that was never closed."""
_BOM = codecs.BOM_UTF8
_SEPARATORS = (";", ",", "\t")


class FichierIllisible(Exception):
    """The file cannot be read on from there; ``problem`` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Empreinte:
    """SHA-256 of the bytes, and the encoding that reads them."""

    sha256: str
    encodage: str


def empreinte(chemin: Path) -> Empreinte:
    """Read the whole file once: its digest, and UTF-8 or else Windows-1252.

    Raises:
        FichierIllisible: it cannot be read from the disk, or holds NUL bytes (UTF-16, most often).
    """
    digest, decoder, encoding = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), "utf-8"
    try:
        with chemin.open("rb") as file:
            while raw := file.read(_BLOCK_BYTES):
                digest.update(raw)
                if b"\0" in raw:
                    raise _unreadable(chemin, "il contient des octets nuls (UTF-16 ?), enregistrez-le en CSV UTF-8")
                if encoding == "utf-8":
                    encoding = _encoding(decoder, raw)
    except OSError as error:
        raise _unreadable(chemin, "le disque ne le donne pas") from error
    return Empreinte(digest.hexdigest(), encoding)


def _encoding(decoder: codecs.IncrementalDecoder, raw: bytes) -> str:
    try:
        decoder.decode(raw)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _unreadable(chemin: Path, raison: str) -> FichierIllisible:
    return FichierIllisible(rules.FICHIER.broken("fichier", nom=chemin.name, raison=raison))


@dataclass(frozen=True, slots=True)
class Lignes:
    """The lines of a block.

    Attributes:
        frame: one row per whole line, blank ones left out: :data:`LIGNE`, and known columns as texts (null: empty).
        coupees: damaged lines, with their number of cells.
    """

    frame: pl.DataFrame
    coupees: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Bloc:
    """Some whole lines of the file; ``premiere`` is the number of the first one, ``suivante`` of the one after."""

    lecteur: Lecteur
    premiere: int
    suivante: int
    raw: bytes

    def lignes(self) -> Lignes:
        """Split into cells.

        Raises:
            FichierIllisible: the bytes are not in the encoding of the file, or a cell is beyond all measure.
        """
        raw, lecteur = self.raw, self.lecteur
        if b"\r" in raw:
            raw = raw.replace(b"\r\n", b"\n")
        if lecteur.encodage != "utf-8":
            raw = self._decoded(raw).encode()
        frame = None if b'"' in raw else self._split(raw)
        if frame is not None:
            return Lignes(_shaped(frame, lecteur), ())
        return self._gathered(raw.decode())

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode(self.lecteur.encodage)
        except UnicodeDecodeError as error:
            line = self.premiere + raw.count(b"\n", 0, error.start)
            raise FichierIllisible(rules.ENCODAGE.broken(f"ligne {line}", ligne=line)) from error

    def _split(self, raw: bytes) -> pl.DataFrame | None:
        """The lines split by polars; None when only the csv module reads them right."""
        lecteur = self.lecteur
        width = len(lecteur.entete)
        if raw.count(lecteur.separateur.encode()) != (width - 1) * (self.suivante - self.premiere):
            return None
        try:
            frame = pl.read_csv(
                raw,
                has_header=False,
                separator=lecteur.separateur,
                quote_char=None,
                schema={f"c{rank}": pl.String for rank in range(width)},
            )
        except pl.exceptions.PolarsError:
            return None
        if frame.height != self.suivante - self.premiere:
            return None
        return frame.with_columns(pl.int_range(self.premiere, self.suivante, dtype=pl.Int64).alias(LIGNE))

    def _gathered(self, text: str) -> Lignes:
        width = len(self.lecteur.entete)
        whole: list[tuple[int, list[str]]] = []
        cut: list[tuple[int, int]] = []
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.lecteur.separateur)
        line = self.premiere
        try:
            for cells in reader:
                if len(cells) == width:
                    whole.append((line, cells))
                elif any(cell.strip() for cell in cells):
                    cut.append((line, len(cells)))
                line = self.premiere + reader.line_num
        except csv.Error as error:
            raise FichierIllisible(
                rules.FICHIER.broken(f"ligne {line}", nom=self.lecteur.nom, raison=f"ligne {line} : {error}")
            ) from error
        by_column: Sequence[Sequence[str]] = list(zip(*(cells for _, cells in whole), strict=True))
        frame = pl.DataFrame(
            {
                LIGNE: pl.Series([number for number, _ in whole], dtype=pl.Int64),
                **{f"c{rank}": pl.Series(by_column[rank] if whole else [], dtype=pl.String) for rank in range(width)},
            }
        )
        return Lignes(_shaped(frame, self.lecteur), tuple(cut))


def _shaped(frame: pl.DataFrame, lecteur: Lecteur) -> pl.DataFrame:
    """Known columns under their names, blanks around cells left out, and lines without any cell left out."""
    shaped = frame.select(
        LIGNE, *(pl.col(f"c{rank}").str.strip_chars().alias(name) for name, rank in lecteur.places.items())
    )
    shaped = shaped.with_columns(
        pl.when(pl.col(name) == "").then(None).otherwise(pl.col(name)).alias(name) for name in lecteur.places
    )
    return shaped.filter(~pl.all_horizontal(pl.col(name).is_null() for name in lecteur.places))


class Lecteur:
    """One reading of a file: its header, then its blocks.

    Args:
        chemin: the file.
        encodage: from :func:`empreinte`.
        colonnes: those that are known.
        block_bytes: size of a block; whole lines are added up to the next end of a record.

    Attributes:
        entete: names as written.
        places: rank of each known column, by its name in the table.
        ignorees: names that the table does not have.
        problemes: what is wrong with the header.

    Raises:
        FichierIllisible: there is no header.
    """

    def __init__(
        self, chemin: Path, encodage: str, colonnes: Sequence[Colonne], block_bytes: int = _BLOCK_BYTES
    ) -> None:
        self._chemin = chemin
        self._block_bytes = block_bytes
        self.nom = chemin.name
        self.encodage = encodage
        with chemin.open("rb") as file:
            start = len(_BOM) if file.read(len(_BOM)) == _BOM else 0
            file.seek(start)
            head = _completed(file.readline(), file)
            self._offset = file.tell()
        text = head.decode(encodage, errors="replace").strip("\r\n")
        self._premiere = 1 + max(1, head.count(b"\n"))
        self.separateur = max(_SEPARATORS, key=text.count)
        try:
            names = next(csv.reader([text], delimiter=self.separateur), [])
        except csv.Error as error:
            raise _unreadable(
                chemin, f"son en-tête est abîmé, ou ses lignes finissent par CR seul ({error})"
            ) from error
        self.entete = tuple(name.strip() for name in names)
        if not any(self.entete):
            raise _unreadable(chemin, "sa première ligne devrait porter les noms des colonnes")
        self.places: dict[str, int] = {}
        self.problemes: list[Problem] = []
        self._placed(colonnes)
        known = set(self.places.values())
        self.ignorees = tuple(name for rank, name in enumerate(self.entete) if rank not in known and name)

    def _placed(self, colonnes: Sequence[Colonne]) -> None:
        keys = [cle_colonne(name) for name in self.entete]
        for colonne in colonnes:
            ranks = [rank for rank, key in enumerate(keys) if key in colonne.cles and key]
            exact = [rank for rank in ranks if keys[rank] == cle_colonne(colonne.nom)]
            if len(exact or ranks) > 1:
                self.problemes.append(rules.COLONNE_DOUBLE.broken("ligne 1", nom=colonne.nom))
            if ranks:
                self.places[colonne.nom] = (exact or ranks)[0]
            elif colonne.obligatoire:
                told = {"nom": colonne.nom, "description": colonne.description}
                self.problemes.append(rules.COLONNE.broken("ligne 1", **told))

    def blocs(self) -> Iterator[Bloc]:
        """The data lines, block by block."""
        line = self._premiere
        with self._chemin.open("rb") as file:
            file.seek(self._offset)
            while raw := file.read(self._block_bytes):
                if not raw.endswith(b"\n"):
                    raw += file.readline()
                raw = _completed(raw, file)
                after = line + raw.count(b"\n") + (not raw.endswith(b"\n"))
                yield Bloc(self, line, after, raw)
                line = after


def _completed(raw: bytes, file: BinaryIO) -> bytes:
    """Lines added until every quote that opens is closed: a cell may hold ends of lines."""
    quotes, size = raw.count(b'"'), 0
    lines = [raw]
    while quotes % 2 and size < _RECORD_BYTES and (line := file.readline()):
        lines.append(line)
        size += len(line)
        quotes += line.count(b'"')
    return b"".join(lines)
