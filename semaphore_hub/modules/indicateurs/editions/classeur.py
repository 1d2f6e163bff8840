"""The Excel file an ARS keeps: key figures, each table, the facts behind them, and what the figures rest on.

Values only, never a formula: texts that begin with "=" stay texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from semaphore_hub.modules.indicateurs.editions.synthese import DECOUPAGES, FEUILLES, MAX_FAITS, Synthese
from semaphore_hub.modules.indicateurs.formules.arrondi import Unite
from semaphore_hub.modules.indicateurs.schemas import Fait, IndicateurCalcule, Resultat

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cellule = str | int | bool | Decimal | None
_NOMBRES: dict[Unite, str] = {"taux": "0.0 %", "euros": "# ##0.00 €", "jours": "0.0", "nombre": "# ##0"}
_LARGEUR = 60


class _Classeur:
    """A workbook and its formats."""

    def __init__(self, target: BytesIO) -> None:
        self.book = Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        self._title = self.book.add_format({"bold": True, "font_size": 14})
        self._head = self.book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DDEBF7", "border": 1})
        self._text = self.book.add_format({"text_wrap": True, "valign": "top"})
        self._numbers = {
            unit: self.book.add_format({"num_format": said, "valign": "top"}) for unit, said in _NOMBRES.items()
        }

    def sheet(self, name: str, titre: str, notes: Iterable[str] = ()) -> tuple[Worksheet, int]:
        """A sheet with its title and notes, ready to print; the row that follows them."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        # In a footer "&" begins a code of Excel; doubled, it is itself.
        sheet.set_footer(f"&L{titre.replace('&', '&&')}&RPage &P / &N")
        sheet.write_string(0, 0, titre, self._title)
        row = 1
        for note in notes:
            sheet.write_string(row, 0, note)
            row += 1
        return sheet, row + 1

    def table(
        self, sheet: Worksheet, row: int, head: Sequence[str], lines: Sequence[Sequence[tuple[Cellule, Unite | None]]]
    ) -> int:
        """A table with its heading, whose filter and widths fit; the row after it."""
        for column, name in enumerate(head):
            sheet.write_string(row, column, name, self._head)
        widths = [len(name) for name in head]
        for offset, line in enumerate(lines, 1):
            for column, (value, unit) in enumerate(line):
                self._write(sheet, row + offset, column, value, unit)
                widths[column] = max(widths[column], len(str(value if value is not None else "")))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, _LARGEUR))
        if lines:
            sheet.autofilter(row, 0, row + len(lines), len(head) - 1)
        return row + len(lines) + 2

    def _write(self, sheet: Worksheet, row: int, column: int, value: Cellule, unit: Unite | None) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_string(row, column, "oui" if value else "non", self._text)
        elif isinstance(value, int | Decimal):
            form: Format = self._numbers[unit or "nombre"]
            sheet.write_number(row, column, value, form)
        else:
            sheet.write_string(row, column, value, self._text)


def classeur(synthese: Synthese) -> bytes:
    """The whole file."""
    target = BytesIO()
    wanted = _Classeur(target)
    wanted.book.set_properties({"title": f"Indicateurs achats {synthese.annee}", "comments": synthese.perimetre})
    _key_figures(wanted, synthese)
    for calcule in (*synthese.par_niveau, *synthese.par_decoupage):
        _indicateur(wanted, calcule)
    for name, (faits, cut) in synthese.faits.items():
        _faits(wanted, name, faits, cut)
    _limites(wanted, synthese)
    wanted.book.close()
    return target.getvalue()


def _key_figures(wanted: _Classeur, synthese: Synthese) -> None:
    notes = [f"Périmètre : {synthese.perimetre}", f"Arrêté le {synthese.arrete_le:%d/%m/%Y à %H:%M} (UTC)"]
    if synthese.en_attente:
        notes.append(f"{synthese.en_attente} sujet(s) modifié(s) ne sont pas encore relus.")
    sheet, row = wanted.sheet("Synthèse", f"Indicateurs achats {synthese.annee}", notes)
    head = ("Indicateur", "Valeur", "Numérateur", "Dénominateur", "Sans valeur parce que", "Source", "Statut")
    lines = [
        (
            (one.libelle, None),
            (_number(one.valeur), one.unite),
            *_parts(one),
            (one.motif, None),
            (one.source, None),
            ("attesté" if one.atteste else "hypothèse", None),
        )
        for one in synthese.chiffres
    ]
    wanted.table(sheet, row, head, lines)
    sheet.freeze_panes(row + 1, 1)


def _indicateur(wanted: _Classeur, calcule: IndicateurCalcule) -> None:
    name = calcule.libelle if calcule.par is None else f"{calcule.libelle} par {DECOUPAGES[calcule.par]}"
    notes = [
        f"Formule : {calcule.formule}",
        f"Source : {calcule.source} ({'attestée' if calcule.atteste else 'hypothèse'})",
        f"Périmètre : {calcule.perimetre}",
        *calcule.avertissements,
    ]
    sheet, row = wanted.sheet(FEUILLES[calcule.code, calcule.par], name, notes)
    parts = {part.code: part.libelle for one in (*calcule.lignes, calcule.total) for part in one.composantes}
    head = ("Libellé", "Valeur", "Numérateur", "Dénominateur", "Sans valeur parce que", *parts.values())
    lines = [_line(one.libelle, one, calcule, parts) for one in calcule.lignes]
    row = wanted.table(sheet, row, head, lines)
    wanted.table(sheet, row, head, [_line("Total", calcule.total, calcule, parts)])


def _line(
    libelle: str, one: Resultat, calcule: IndicateurCalcule, parts: Iterable[str]
) -> tuple[tuple[Cellule, Unite | None], ...]:
    """A line; ``parts`` are the codes of its components, in the order of their columns."""
    known = {part.code: part for part in one.composantes}
    components: list[tuple[Cellule, Unite | None]] = [
        (_number(known[code].valeur), "taux" if known[code].affichage.endswith("%") else "euros")
        if code in known
        else (None, None)
        for code in parts
    ]
    return ((libelle, None), (_number(one.valeur), calcule.unite), *_parts(one), (one.motif, None), *components)


def _parts(one: Resultat) -> tuple[tuple[Cellule, Unite | None], tuple[Cellule, Unite | None]]:
    """Numerator and denominator, as many decimals as they have."""
    said = [(_number(text), _unit_of(text)) for text in (one.numerateur, one.denominateur)]
    return said[0], said[1]


def _unit_of(text: str | None) -> Unite:
    return "euros" if text is not None and "." in text else "nombre"


def _faits(wanted: _Classeur, name: str, faits: Sequence[Fait], cut: bool) -> None:
    notes = [f"Seuls les {MAX_FAITS} premiers faits sont imprimés : l'API les donne tous."] if cut else []
    sheet, row = wanted.sheet(name, f"{name} : les faits derrière les chiffres", notes)
    values = list(dict.fromkeys(key for fait in faits for key in fait.valeurs))
    head = ("Année", "Région", "GHT", "Établissement", "Famille", "Opérateur", "Libellé", *values, "Origine")
    lines: list[tuple[tuple[Cellule, Unite | None], ...]] = [
        (
            (None if fait.annee is None else str(fait.annee), None),
            (fait.region, None),
            (fait.ght, None),
            (fait.etablissement, None),
            (fait.famille, None),
            (fait.operateur, None),
            (fait.libelle, None),
            *((_value(fait.valeurs.get(key)), "euros") for key in values),  # texts ignore the unit
            (fait.origine, None),
        )
        for fait in faits
    ]
    wanted.table(sheet, row, head, lines)
    sheet.freeze_panes(row + 1, 0)


def _limites(wanted: _Classeur, synthese: Synthese) -> None:
    sheet, row = wanted.sheet("Limites", f"Ce que les chiffres ne disent pas ({synthese.limites.document})")
    head = ("Chiffre imprimé ou indicateur", "Lignes de la source", "Raison")
    lines: list[tuple[tuple[Cellule, Unite | None], ...]] = [
        ((one.chiffre, None), (one.lignes, None), (one.raison, None)) for one in synthese.limites.nonReproductibles
    ]
    lines += [((one.libelle, None), (None, None), (one.raison, None)) for one in synthese.limites.nonCalculables]
    wanted.table(sheet, row, head, lines)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _value(value: str | int | bool | None) -> Cellule:
    """A value of a fact; amounts come as texts with two decimals."""
    if isinstance(value, str) and value[-3:-2] == "." and value.replace(".", "", 1).lstrip("-").isdigit():
        return Decimal(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
