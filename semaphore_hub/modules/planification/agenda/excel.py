"""The calendar as an Excel file: calendar, months of the year, workload, and what it all rests on.

Every text is written as a text: a title that begins with "=" is never a formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from semaphore_hub.modules.planification.agenda.charge import (
    PHASES,
    SOURCE,
    Charge,
    mois_de,
    mois_suivant,
    pics,
    travaux,
)
from semaphore_hub.modules.planification.agenda.projets import LIBELLES, STATUTS, ProjetSuivi
from semaphore_hub.modules.planification.codes import JALONS, CodeJalon, Filiere
from semaphore_hub.modules.referentiel.ecriture import jour_ecrit

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Valeur = str | int | Decimal | date | None

_COULEURS = ("DDEBF7", "BDD7EE", "D9E1F2", "FFE699", "F8CBAD", "C6E0B4", "A9D08E", "E2EFDA")
"""One colour by phase, in their order; the name of the phase is written in the cell as well."""

_MOIS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")

FIXES = (
    "Référence",
    "Intitulé",
    "GHT",
    "Portefeuille",
    "Statut",
    "Stratégie",
    "Procédure",
    "Montant estimé HT (€)",
    "Échéance du marché renouvelé",
)
"""Columns of the sheet "Calendrier" before the milestones; each milestone then has two: planned, realised."""


@dataclass(frozen=True, slots=True)
class Contenu:
    """What the file says.

    Attributes:
        nom: which projects, in French.
        annee: year of the months and of the workload.
        jour: today; what is late is late on that day.
        capacite: days a month and portfolio above which a month is marked.
    """

    nom: str
    annee: int
    jour: date
    capacite: Decimal
    projets: Sequence[ProjetSuivi]
    charges: Sequence[Charge]


class _Feuille:
    """A sheet that is written line by line, with the formats of the file."""

    def __init__(self, sheet: Worksheet, formats: Mapping[str, Format], widths: Sequence[float]) -> None:
        self.sheet = sheet
        self._formats = formats
        self.ligne = 0
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)

    def ecrit(self, values: Sequence[Valeur], styles: Mapping[int, str] | None = None) -> None:
        """Write the next line; ``styles`` names the format of some columns."""
        for column, value in enumerate(values):
            self._cell(column, value, (styles or {}).get(column, ""))
        self.ligne += 1

    def _cell(self, column: int, value: Valeur, style: str) -> None:
        if value is None:
            if style:
                self.sheet.write_blank(self.ligne, column, None, self._formats[style])
        elif isinstance(value, str):
            self.sheet.write_string(self.ligne, column, value, self._formats[style or "texte"])
        elif isinstance(value, date):
            self.sheet.write_datetime(self.ligne, column, value, self._formats[style or "date"])
        else:
            self.sheet.write_number(self.ligne, column, value, self._formats[style or "nombre"])


def ecrire(contenu: Contenu, instant: datetime) -> bytes:
    """The file.

    Args:
        contenu: what it says.
        instant: when it is written, aware; kept in its properties.
    """
    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": contenu.nom, "created": instant.replace(tzinfo=None)})
        formats = _formats(book)
        _calendrier(_Feuille(book.add_worksheet("Calendrier"), formats, (16, 45, 9, 22, 16, 11, 28, 18, 14)), contenu)
        _mois(_Feuille(book.add_worksheet(f"Planning {contenu.annee}"), formats, (16, 45, 22, *[11] * 12)), contenu)
        _charge(_Feuille(book.add_worksheet("Charge"), formats, (9, 26, *[10] * 16)), contenu)
        _lisez_moi(_Feuille(book.add_worksheet("Lisez-moi"), formats, (34, 22, 16, 90)), contenu)
    return buffer.getvalue()


def _formats(book: Workbook) -> dict[str, Format]:
    money, day = "#,##0.00", "dd/mm/yyyy"
    formats = {
        "texte": {"text_wrap": True, "valign": "top"},
        "nombre": {"num_format": "0.00"},
        "entier": {"num_format": "0"},
        "montant": {"num_format": money},
        "date": {"num_format": day},
        "retard": {"num_format": day, "bg_color": "#FFC7CE", "font_color": "#9C0006"},
        "pic": {"num_format": "0.00", "bg_color": "#FFC7CE", "font_color": "#9C0006", "bold": True},
        "titre": {"bold": True, "bg_color": "#D9D9D9", "text_wrap": True, "valign": "top", "border": 1},
        "total": {"bold": True, "num_format": "0.00"},
        **{
            phase.code: {"bg_color": f"#{colour}", "font_size": 8, "text_wrap": True}
            for phase, colour in zip(PHASES, _COULEURS, strict=True)
        },
    }
    return {name: book.add_format(properties) for name, properties in formats.items()}


def _titres(feuille: _Feuille, titles: Sequence[str]) -> None:
    feuille.ecrit(titles, dict.fromkeys(range(len(titles)), "titre"))


def _calendrier(feuille: _Feuille, contenu: Contenu) -> None:
    titles = [*FIXES, *(f"{LIBELLES[code]} ({what})" for code in JALONS for what in ("prévu", "réalisé"))]
    _titres(feuille, titles)
    feuille.sheet.set_column(len(FIXES), len(titles) - 1, 13)
    for projet in contenu.projets:
        jalons = {jalon.code: jalon for jalon in projet.jalons}
        values: list[Valeur] = [
            projet.reference,
            projet.intitule,
            projet.ght,
            projet.portefeuille,
            STATUTS[projet.statut],
            projet.strategie,
            projet.procedure,
            projet.montant,
            projet.echeance,
        ]
        styles = {FIXES.index("Montant estimé HT (€)"): "montant"}
        for code in JALONS:
            jalon = jalons.get(code)
            if jalon is not None and projet.en_retard(jalon, contenu.jour):
                styles[len(values)] = "retard"
            values += [None, None] if jalon is None else [jalon.prevu, jalon.realise]
        feuille.ecrit(values, styles)
    feuille.sheet.freeze_panes(1, 2)
    feuille.sheet.autofilter(0, 0, max(feuille.ligne - 1, 1), len(titles) - 1)


def _mois(feuille: _Feuille, contenu: Contenu) -> None:
    """One line per project at work in the year; each month has the colour and the name of its main phase."""
    months = mois_de(contenu.annee)
    _titres(feuille, ["Référence", "Intitulé", "Portefeuille", *(f"{name} {contenu.annee}" for name in _MOIS)])
    for projet in contenu.projets:
        phases = phases_du_mois(projet, contenu.jour)
        if not phases.keys() & set(months):
            continue
        labels = {phase.code: phase.libelle for phase in PHASES}
        found = [phases.get(month) for month in months]
        feuille.ecrit(
            [projet.reference, projet.intitule, projet.portefeuille, *(code and labels[code] for code in found)],
            {column: code for column, code in enumerate(found, start=3) if code},
        )
    feuille.sheet.freeze_panes(1, 3)


def phases_du_mois(projet: ProjetSuivi, jour: date) -> dict[date, str]:
    """The phase that lasts longest in each month of a project, by first day of month; the later one when equal."""
    found: dict[date, tuple[int, str]] = {}
    for work in travaux(projet, jour):
        start = work.debut
        for month, until in work.mois():
            length = (until - max(start, month)).days
            if length >= found.get(month, (0, ""))[0]:
                found[month] = (length, work.phase.code)
    return {month: code for month, (_, code) in found.items()}


def _charge(feuille: _Feuille, contenu: Contenu) -> None:
    months = mois_de(contenu.annee)
    after = mois_suivant(months[-1])
    names = [f"{name} {contenu.annee}" for name in _MOIS]
    _titres(feuille, ["GHT", "Portefeuille", *names, f"Total {contenu.annee}", "Avant", "Après", "Total"])
    for charge in contenu.charges:
        above = set(pics(charge, months, contenu.capacite))
        days: list[Valeur] = [charge.mois.get(month, Decimal(0)) for month in months]
        sums = [charge.entre(months[0], after), charge.entre(date.min, months[0]), charge.entre(after, date.max)]
        feuille.ecrit(
            [charge.ght, charge.portefeuille or "(sans portefeuille)", *days, *sums, charge.total],
            {
                **{column: "pic" for column, month in enumerate(months, start=2) if month in above},
                **dict.fromkeys(range(14, 18), "total"),
            },
        )
    feuille.ligne += 1
    _titres(feuille, ["GHT", "Projets en cours", *names])
    for charge in contenu.charges:
        counts: list[Valeur] = [charge.projets[month] for month in months]
        feuille.ecrit(
            [charge.ght, charge.portefeuille or "(sans portefeuille)", *counts],
            dict.fromkeys(range(2, 14), "entier"),
        )
    feuille.sheet.freeze_panes(1, 2)


def _lisez_moi(feuille: _Feuille, contenu: Contenu) -> None:
    _titres(feuille, ["Rubrique", "Filière", "Jours", "Explication"])
    for title, words in (
        ("Contenu", contenu.nom),
        ("Établi le", jour_ecrit(contenu.jour)),
        ("Montants", "Euros hors taxes (HT), sur toute la durée ; ceux du PAAT sont TTC et ne se comparent pas."),
        (
            "Retards",
            "En rouge : la date prévue est passée, le jalon non réalisé ; son travail compte à partir de ce jour.",
        ),
        (
            f"Planning {contenu.annee}",
            "La phase écrite dans un mois est celle qui y dure le plus longtemps ; sa couleur est celle de la légende.",
        ),
        (
            "Charge",
            f"Jours de travail, au prorata des jours de chaque mois ; en rouge au-delà de {contenu.capacite:f} jours.",
        ),
        ("Source", SOURCE),
    ):
        feuille.ecrit([title, None, None, words])
    feuille.ligne += 1
    _titres(feuille, ["Phase", "Filière", "Jours", "Entre les jalons"])
    for phase in PHASES:
        for filiere in Filiere:
            feuille.ecrit(
                [phase.libelle, _FILIERES[filiere], phase.jours[filiere], _bornes(phase.debut, phase.fin)],
                {0: phase.code},
            )


_FILIERES: Mapping[Filiere, str] = {
    Filiere.FORMALISEE: "procédure formalisée",
    Filiere.ADAPTEE: "procédure adaptée",
    Filiere.DISPENSE: "dispense",
    Filiere.ADHESION: "adhésion",
}


def _bornes(debut: CodeJalon, fin: CodeJalon) -> str:
    return f"{LIBELLES[debut]} → {LIBELLES[fin]} (hypothèse)"
