"""Opens the workbook of a trame without trusting it: size, kind, zip bombs, extent, then cells.

Only .xlsx and .xlsm are read. In the other formats of spreadsheets an error (#REF!) or a formula that was never
computed reads as an empty cell, and could not be located; here they are looked for in the XML itself.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, NoReturn, cast

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from semaphore_hub.modules.paat.trame import rules
from semaphore_hub.modules.referentiel.rules import Rule, refuse

Valeur = int | float | str | bool | time | date | datetime | timedelta
"""What a cell may hold; "" when it is empty."""

MAX_OCTETS = 10 * 1024 * 1024
MAX_DECOMPRESSES = 200 * 1024 * 1024
MAX_LIGNES = 50_000
MAX_COLONNES = 256
ENTETE_MAX = 30
"""Rows above the data where headings are looked for; they come on top of :data:`MAX_LIGNES`."""
FICHIER = "fichier"
"""Path of what is wrong with the file as a whole."""
FORMULE_VIDE = ""
"""Anomaly of a formula that has no stored value; any other is the error's own text."""

_OLE2 = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CELL = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_SUSPECTES = cast("Callable[[etree._Element], list[etree._Element]]", etree.XPath('*[@t="e" or *[local-name()="f"]]'))
"""Cells of a row that hold an error or a formula."""
_ERREUR = "#VALUE!"
_ETENDUE = MAX_LIGNES + ENTETE_MAX
_SHEET = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SHEET_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Feuille:
    """The cells of a sheet; rows and columns count from 0.

    Attributes:
        lignes: values by row, from the first row of the sheet.
        fusions: merged ranges, (first row, first column, last row, last column).
        anomalies: by (row, column), an Excel error or :data:`FORMULE_VIDE`: such a cell reads as empty.
    """

    nom: str
    lignes: list[list[Valeur]]
    fusions: tuple[tuple[int, int, int, int], ...]
    anomalies: Mapping[tuple[int, int], str]


class Classeur:
    """An opened workbook: its sheets are read when asked for.

    Raises:
        RuleBroken: too large, not an .xlsx, protected, or a sheet beyond the limits.
    """

    def __init__(self, contenu: bytes) -> None:
        self._parts = _unpacked(contenu)
        self._paths = _sheet_paths(self._parts)
        try:
            self._workbook = CalamineWorkbook.from_filelike(io.BytesIO(contenu))
        except (CalamineError, ValueError) as error:
            _refuse_format(f"Le classeur est endommagé ({error})")
        self.noms: tuple[str, ...] = tuple(name for name in self._workbook.sheet_names if name in self._paths)

    def feuille(self, nom: str) -> Feuille:
        """Read a sheet.

        Raises:
            RuleBroken: it goes beyond the limits, or its XML is damaged.
        """
        # The extent is known before the cells are laid out: two cells far apart would ask for gigabytes.
        with self._parts.open(self._paths[nom]) as part:
            anomalies = _scanned(nom, part)
        try:
            sheet = self._workbook.get_sheet_by_name(nom)
            rows = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges or []
        except (CalamineError, ValueError) as error:
            _refuse_format(f"La feuille « {nom} » est endommagée ({error})")
        fusions = tuple((*start, *end) for start, end in merged)
        return Feuille(nom, rows, fusions, anomalies)


def lettre(colonne: int) -> str:
    """Letter of a column, from its place counted from 0."""
    letters = ""
    place = colonne + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _refuse(rule: Rule, **values: object) -> NoReturn:
    refuse([rule.broken(FICHIER, **values)])
    raise AssertionError("a problem was given")


def _refuse_format(constat: str) -> NoReturn:
    _refuse(rules.FORMAT, constat=constat)


def _unpacked(contenu: bytes) -> zipfile.ZipFile:
    """The parts of an .xlsx, once its real size is known."""
    if len(contenu) > MAX_OCTETS:
        _refuse(rules.TAILLE, octets=len(contenu), limite=MAX_OCTETS)
    if contenu.startswith(_OLE2):
        if _ENCRYPTED in contenu:
            _refuse(rules.PROTEGE)
        _refuse_format("Le fichier est un ancien classeur .xls")
    if not contenu.startswith(b"PK\x03\x04"):
        _refuse_format(_named(contenu))
    try:
        parts = zipfile.ZipFile(io.BytesIO(contenu))
        names = set(parts.namelist())
        if "xl/workbook.xml" not in names:
            known = {
                "xl/workbook.bin": "Le fichier est un classeur binaire .xlsb",
                "mimetype": "Le fichier est un .ods",
            }
            _refuse_format(next((words for name, words in known.items() if name in names), "Ce n'est pas un classeur"))
        if any(part.flag_bits & 1 for part in parts.infolist()):
            _refuse(rules.PROTEGE)
        _refuse_bomb(parts)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        _refuse_format(f"Le classeur est endommagé ({error})")
    return parts


def _named(contenu: bytes) -> str:
    """What a file that is no zip seems to be."""
    if not contenu:
        return "Le fichier est vide"
    start = contenu[:4096].lstrip().lower()
    if start.startswith((b"<html", b"<table", b"<!doctype", b"<?xml")):
        return "Le fichier est une page HTML ou XML, pas un classeur"
    if b";" in start or b"\t" in start or b"," in start:
        return "Le fichier semble être un CSV"
    return "Le fichier n'est pas un classeur Excel"


def _refuse_bomb(parts: zipfile.ZipFile) -> None:
    """Decompress everything once, counting: sizes that a zip declares may lie. No workbook has a DTD."""
    read = 0
    for part in parts.infolist():
        with parts.open(part) as stream:
            while block := stream.read(_BLOCK):
                if b"<!DOCTYPE" in block:
                    _refuse_format("Le classeur déclare des entités XML")
                read += len(block)
                if read > MAX_DECOMPRESSES:
                    _refuse(rules.BOMBE, limite=MAX_DECOMPRESSES)


def _xml(part: IO[bytes], *tags: str) -> Iterator[etree._Element]:
    for _, element in etree.iterparse(
        part, events=("end",), tag=[f"{{*}}{tag}" for tag in tags], resolve_entities=False, no_network=True
    ):
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _sheet_paths(parts: zipfile.ZipFile) -> dict[str, str]:
    """Part of each sheet by name, as the workbook relates them."""
    try:
        with parts.open("xl/_rels/workbook.xml.rels") as part:
            targets = {one.get("Id"): one.get("Target", "") for one in _xml(part, "Relationship")}
        with parts.open("xl/workbook.xml") as part:
            sheets = [(one.get("name", ""), one.get(_SHEET) or one.get(_SHEET_STRICT)) for one in _xml(part, "sheet")]
    except (KeyError, etree.XMLSyntaxError) as error:
        _refuse_format(f"Le classeur est endommagé ({error})")
    paths = {
        name: posixpath.normpath(posixpath.join("/xl", targets[key])).lstrip("/")
        for name, key in sheets
        if key in targets
    }
    known = set(parts.namelist())
    return {name: path for name, path in paths.items() if path in known and "worksheets/" in path}


def _scanned(nom: str, part: IO[bytes]) -> dict[tuple[int, int], str]:
    """Errors and formulas without a value, once the extent of the sheet is known to be within the limits."""
    anomalies: dict[tuple[int, int], str] = {}
    rang = -1
    try:
        for row in _xml(part, "row"):
            # Some writers leave the places out: each row, each cell, then follows the one before.
            rang = int(row.get("r") or rang + 2) - 1
            if not len(row):
                continue
            if rang >= _ETENDUE or _place(row, row[-1]) >= MAX_COLONNES:
                _refuse_extent(nom, rang, row)
            for cell in _SUSPECTES(row):
                value = cell.find("{*}v")
                written = None if value is None else value.text
                if cell.get("t") == "e":
                    anomalies[rang, _place(row, cell)] = written or _ERREUR
                elif not written and cell.get("t") != "str":
                    anomalies[rang, _place(row, cell)] = FORMULE_VIDE
    except (etree.XMLSyntaxError, ValueError) as error:
        _refuse_format(f"La feuille « {nom} » est endommagée ({error})")
    return anomalies


def _refuse_extent(nom: str, rang: int, row: etree._Element) -> None:
    """Refuse a row that lies beyond the limits, unless what does is only formats."""
    places = [_place(row, cell) for cell in row if len(cell)]
    if places and (rang >= _ETENDUE or max(places) >= MAX_COLONNES):
        letters = lettre(max(places))
        told = {"lignes": rang + 1, "colonne": letters, "limite": MAX_LIGNES, "colonnes": MAX_COLONNES}
        _refuse(rules.LIGNES, feuille=nom, **told)


def _place(row: etree._Element, cell: etree._Element) -> int:
    at = _CELL.fullmatch(cell.get("r", ""))
    return row.index(cell) if at is None else _column(at.group(1))


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
