"""Builds workbooks for tests: real ones, and their XML changed where no writer would let us."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

Ligne = Sequence[Any]
TITRES = (
    "Famille",
    "Domaine",
    "Catégorie",
    "Montant de référence annuel (€ TTC)",
    "Performance sur périmètre traité",
    "Poids de l'action dans les gains",
    "Type d'effet budgétaire",
    "Calcul des gains",
    "Montant Gain",
    "Performance",
    "Commentaire DGOS",
)
"""Headings as the DGOS prints them (presentation of 17/06/2022)."""
ERRONE = "Performance supérieure ou égale à 100% - Calcul erroné"
EFFET = "Effet prix induit"
ANTIINFECTIEUX = "ANTIINFECTIEUX GENERAUX A USAGE SYSTEMIQUE"
ANTINEO = ("ANTINEOPLASIQUES ET IMMUNOMODULATEURS", "ANTINEOPLASIQUES")
FILIERE = "La filière Médicaments, au glo"
REJETEES: tuple[Ligne, ...] = (
    ("MEDICAMENTS", *ANTINEO, "49 747", "332,4%", "23,51%", EFFET, FILIERE, "165 381", "332%", ERRONE),
    ("MEDICAMENTS", ANTIINFECTIEUX, "", "30 738", "332,0%", "14,51%", EFFET, "", "102 063", "332%", ERRONE),
    ("MEDICAMENTS", ANTIINFECTIEUX, "", "5 374", "625,2%", "10,62%", EFFET, "", "33 600", "625%", ERRONE),
    (
        "Travaux, fourniture", "Entretien et maintenance bâtiment", "Entretien et Maintenance Elec",
        "4 502", "703,1%", "0,15%", EFFET, "", "31 654", "703%", ERRONE,
    ),
    ("MEDICAMENTS", ANTIINFECTIEUX, "", "89 909", "371,0%", "19,13%", EFFET, "", "333 572", "371%", ERRONE),
    ("MEDICAMENTS", ANTIINFECTIEUX, "", "26 989", "122,1%", "1,89%", EFFET, "", "32 943", "122%", ERRONE),
    ("MEDICAMENTS", *ANTINEO, "465 289", "256,0%", "49,41%", EFFET, FILIERE, "1 191 155", "256%", ERRONE),
)  # fmt: skip
"""The seven lines that the DGOS shows as not taken into account, as printed."""


class Formule(str):
    """A formula, to be written with the result given (``Formule.de("=1/0", "#DIV/0!")``)."""

    resultat: Any

    @classmethod
    def de(cls, formule: str, resultat: Any) -> Formule:
        """A formula and the value stored with it."""
        made = cls(formule)
        made.resultat = resultat
        return made


def classeur(
    feuilles: Mapping[str, Sequence[Ligne]],
    *,
    fusions: Sequence[tuple[int, int, int, int]] = (),
    formats: Mapping[int, str] | None = None,
) -> bytes:
    """A workbook.

    Args:
        feuilles: rows of each sheet, from the first.
        fusions: ranges merged in the first sheet, (first row, first column, last row, last column) from 0.
        formats: number format of columns of the first sheet.
    """
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    # Else the second of its creation is in it, and no two files are the same.
    workbook.set_properties({"created": datetime(2026, 1, 1)})  # noqa: DTZ001  # the format has no time zones
    day = workbook.add_format({"num_format": "dd/mm/yyyy"})
    for index, (name, rows) in enumerate(feuilles.items()):
        sheet = workbook.add_worksheet(name)
        looks = {place: workbook.add_format({"num_format": look}) for place, look in (formats or {}).items()}
        for row, values in enumerate(rows):
            for place, value in enumerate(values):
                look = looks.get(place) if index == 0 else None
                if isinstance(value, Formule):
                    sheet.write_formula(row, place, str(value), look, value.resultat)
                elif isinstance(value, str):
                    sheet.write_string(row, place, value, look)
                elif isinstance(value, bool):
                    sheet.write_boolean(row, place, value, look)
                elif isinstance(value, date):
                    sheet.write_datetime(row, place, value, day)
                elif value is not None:
                    sheet.write_number(row, place, value, look)
        if index == 0:
            for first, left, last, right in fusions:
                sheet.merge_range(first, left, last, right, rows[first][left])
    workbook.close()
    return buffer.getvalue()


def trame(*lignes: Ligne, titres: Ligne = TITRES, avant: Sequence[Ligne] = (), **options: Any) -> bytes:
    """A workbook of one sheet « PAAT »: some rows, the headings, then the lines."""
    return classeur({"PAAT": [*avant, titres, *lignes]}, **options)


def altere(contenu: bytes, change: Callable[[str], str], partie: str = "xl/worksheets/sheet1.xml") -> bytes:
    """The same workbook with one of its parts changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(contenu)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, change(data.decode()).encode() if name == partie else data)
    return buffer.getvalue()
