"""How the workbooks of the PAAT look, and how values are written in them: never as formulas.

xlsxwriter has no types of its own, so its objects stay behind :class:`Page`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

EUROS = '#,##0.00\\ "€"'
BLEU, GRIS = "#1F3864", "#F2F2F2"
A3 = 8
_STYLES: dict[str, dict[str, Any]] = {
    "titre": {"bold": True, "font_size": 14, "font_color": BLEU},
    "note": {"italic": True, "font_color": "#595959"},
    "entete": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": BLEU,
        "border": 1,
        "text_wrap": True,
        "valign": "vcenter",
        "align": "center",
    },
    "entete_option": {
        "bold": True,
        "font_color": BLEU,
        "bg_color": "#D9E2F3",
        "border": 1,
        "text_wrap": True,
        "valign": "vcenter",
        "align": "center",
    },
    "texte": {"border": 1, "border_color": "#BFBFBF", "valign": "top"},
    "long": {"border": 1, "border_color": "#BFBFBF", "valign": "top", "text_wrap": True},
    "montant": {"border": 1, "border_color": "#BFBFBF", "valign": "top", "num_format": EUROS},
    "part": {"border": 1, "border_color": "#BFBFBF", "valign": "top", "num_format": "0.0%"},
    "part_entiere": {"border": 1, "border_color": "#BFBFBF", "valign": "top", "num_format": "0%"},
    "part_fine": {"border": 1, "border_color": "#BFBFBF", "valign": "top", "num_format": "0.00%"},
    "jour": {"border": 1, "border_color": "#BFBFBF", "valign": "top", "num_format": "dd/mm/yyyy"},
    "entier": {"border": 1, "border_color": "#BFBFBF", "valign": "top", "num_format": "0"},
    "total": {"bold": True, "bg_color": GRIS, "border": 1},
    "total_montant": {"bold": True, "bg_color": GRIS, "border": 1, "num_format": EUROS},
    "total_part": {"bold": True, "bg_color": GRIS, "border": 1, "num_format": "0.0%"},
}

Cellule = str | int | Decimal | date | None


class Classeur:
    """A workbook to be written in memory."""

    def __init__(self, titre: str, cree: datetime) -> None:
        self._buffer = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._workbook = xlsxwriter.Workbook(self._buffer, options)
        self._workbook.set_properties({"title": titre, "author": "Semaphore Hub", "created": cree.replace(tzinfo=None)})
        self._formats = {name: self._workbook.add_format(style) for name, style in _STYLES.items()}

    def page(self, nom: str, *, paysage: bool = True, cachee: bool = False) -> Page:
        """A new sheet, set up to be printed one page wide."""
        sheet = self._workbook.add_worksheet(nom)
        if paysage:
            sheet.set_landscape()
        sheet.set_paper(A3 if paysage else 9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&F - &A&RPage &P / &N")
        if cachee:
            sheet.hide()
        return Page(nom, sheet, lambda name: self._formats[name])

    def fermer(self) -> bytes:
        """The workbook's bytes."""
        self._workbook.close()
        return self._buffer.getvalue()


class Page:
    """One sheet; rows and columns count from 0."""

    def __init__(self, nom: str, sheet: Any, format_of: Callable[[str], Any]) -> None:
        self.nom = nom
        self._sheet = sheet
        self._format_of = format_of

    def ecrire(self, ligne: int, colonne: int, valeur: Cellule, style: str) -> None:
        """Write a value as what it is; a text stays a text, whatever it begins with (=, +, -, @)."""
        look = self._format_of(style)
        if valeur is None:
            self._sheet.write_blank(ligne, colonne, None, look)
        elif isinstance(valeur, str):
            self._sheet.write_string(ligne, colonne, valeur, look)
        elif isinstance(valeur, date):
            self._sheet.write_datetime(ligne, colonne, valeur, look)
        else:
            # Excel stores binary floats: fifteen digits, enough for any amount to the cent.
            self._sheet.write_number(ligne, colonne, float(valeur), look)

    def rangee(self, ligne: int, valeurs: Sequence[Cellule], styles: Sequence[str]) -> None:
        """Write a row."""
        for place, (value, style) in enumerate(zip(valeurs, styles, strict=True)):
            self.ecrire(ligne, place, value, style)

    def largeurs(self, *largeurs: float) -> None:
        """Widths of the first columns, in characters."""
        for place, width in enumerate(largeurs):
            self._sheet.set_column(place, place, width)

    def entete(self, ligne: int, colonnes: int, *, derniere: int, figees: int = 0, hauteur: float = 45) -> None:
        """Make a row the heading: frozen, filtered down to ``derniere``, repeated on each printed page."""
        self._sheet.set_row(ligne, hauteur)
        self._sheet.freeze_panes(ligne + 1, figees)
        self._sheet.autofilter(ligne, 0, max(derniere, ligne + 1), colonnes - 1)
        self._sheet.repeat_rows(ligne)

    def liste(self, premiere: int, derniere: int, colonne: int, source: str) -> None:
        """Offer the values of a range in a column; another one is warned of, not forbidden: synonyms are read."""
        self._sheet.data_validation(
            premiere,
            colonne,
            derniere,
            colonne,
            {
                "validate": "list",
                "source": source,
                "error_type": "warning",
                "error_title": "Valeur hors liste",
                "error_message": "Cette valeur n'est pas dans la liste : la garder ?",
            },
        )
