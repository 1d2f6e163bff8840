"""The file, read again by another library than the one that wrote it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from python_calamine import CalamineWorkbook

from semaphore_hub.modules.planification.agenda.charge import charges
from semaphore_hub.modules.planification.agenda.excel import FIXES, Contenu, ecrire, phases_du_mois
from semaphore_hub.modules.planification.codes import Filiere, Statut
from tests.modules.planification.agenda.samples import PREVUS, suivi

JOUR = date(2026, 3, 2)
INSTANT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def written(*projets: Any, annee: int = 2026) -> bytes:
    return ecrire(Contenu("Achats – FIC-01", annee, JOUR, Decimal(18), projets, charges(projets, JOUR)), INSTANT)


def sheet(content: bytes, name: str) -> list[list[Any]]:
    rows: list[list[Any]] = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(name).to_python()
    return rows


def test_the_calendar_has_one_line_a_project_with_real_dates_and_exact_amounts() -> None:
    content = written(suivi(echeance=date(2026, 8, 31)), suivi({}, {}, reference="2026-DM-018", portefeuille=None))
    assert CalamineWorkbook.from_filelike(BytesIO(content)).sheet_names == [
        "Calendrier", "Planning 2026", "Charge", "Lisez-moi",
    ]  # fmt: skip
    titles, first, second = sheet(content, "Calendrier")
    assert titles[: len(FIXES)] == list(FIXES)
    assert first[: len(FIXES)] == [
        "2026-DM-017",
        "Dispositifs de perfusion",
        "FIC-01",
        "Dispositifs médicaux",
        "stratégie validée",
        "GHT",
        "procédure formalisée",
        420000.5,
        date(2026, 8, 31),
    ]
    line = dict(zip(titles, first, strict=True))
    assert line["Validation de la stratégie (prévu)"] == date(2026, 2, 2)
    assert line["Validation de la stratégie (réalisé)"] == date(2026, 2, 10)
    assert (line["Publication (prévu)"], line["Publication (réalisé)"]) == (date(2026, 4, 1), "")
    assert second[3] == ""
    assert set(second[len(FIXES) :]) == {""}


def _fills(content: bytes, name: str) -> dict[str, str]:
    """Background colour of the cells of a sheet, by their reference."""
    with ZipFile(BytesIO(content)) as archive:
        styles = archive.read("xl/styles.xml").decode()
        cells = archive.read(f"xl/worksheets/{name}.xml").decode()
    fills = re.findall(r"<fill>.*?</fill>", styles)
    formats = re.findall(r'<xf [^>]*fillId="(\d+)"', styles.split("<cellXfs")[1])
    colours = [re.search(r'fgColor rgb="FF(\w+)"', fill) for fill in fills]
    return {
        cell: colour[1]
        for cell, style in re.findall(r'<c r="(\w+)" s="(\d+)"', cells)
        if (colour := colours[int(formats[int(style)])]) is not None
    }


def test_what_is_late_is_red_and_nothing_else() -> None:
    late = suivi({**PREVUS, "dce": "2026-03-01"})
    content = written(late, suivi({**PREVUS, "dce": "2026-03-02"}), suivi(statut=Statut.ABANDONNE, realises={}))
    titles = sheet(content, "Calendrier")[0]
    column = titles.index("Début de rédaction du DCE (prévu)")
    assert [cell for cell, colour in _fills(content, "sheet1").items() if colour == "FFC7CE"] == [
        f"{chr(ord('A') + column)}2"
    ]


def test_a_text_that_looks_like_a_formula_or_a_link_stays_a_text() -> None:
    title = '=HYPERLINK("http://exemple.invalid";"x")'
    content = written(
        suivi(intitule=title, portefeuille="@SUM(A1)", reference="+1", procedure="http://exemple.invalid")
    )
    with ZipFile(BytesIO(content)) as archive:
        assert not any(b"<f>" in archive.read(one) or b"<hyperlink" in archive.read(one) for one in archive.namelist())
    assert sheet(content, "Calendrier")[1][:2] == ["+1", title]
    assert sheet(content, "Charge")[1][1] == "@SUM(A1)"


def test_each_month_has_the_phase_that_lasts_longest_in_it() -> None:
    found = phases_du_mois(suivi(), JOUR)
    assert [found[date(2026, month, 1)] for month in range(1, 10) if date(2026, month, 1) in found] == [
        "strategie", "preparation", "dce", "consultation", "ouverture", "analyse", "attribution", "demarrage",
    ]  # fmt: skip
    content = written(suivi(), suivi({"debut": "2028-01-01"}, {}, reference="2026-DM-018", statut=Statut.TERMINE))
    titles, line = sheet(content, "Planning 2026")
    assert titles[3:5] == ["janv. 2026", "févr. 2026"]
    assert line[3:5] == ["Recensement et stratégie", "Préparation du dossier"]
    assert line[11:] == ["", "", "", ""]
    colours = _fills(content, "sheet2")
    assert colours["D2"] != colours["E2"]
    assert "L2" not in colours


def test_the_file_says_what_it_rests_on() -> None:
    rows = sheet(written(suivi()), "Lisez-moi")
    said = {row[0]: row[3] for row in rows[1:8]}
    assert said["Établi le"] == "02/03/2026"
    assert "HT" in said["Montants"]
    assert "hypothèse" in said["Source"]
    table = rows[rows.index(["Phase", "Filière", "Jours", "Entre les jalons"]) + 1 :]
    assert len(table) == 8 * len(Filiere)
    assert table[8] == [
        "Rédaction du DCE",
        "procédure formalisée",
        10.0,
        "Début de rédaction du DCE → Publication (hypothèse)",
    ]
    assert sum(row[2] for row in table) == 57.0


def test_a_month_above_the_capacity_is_red_and_projects_in_progress_are_counted() -> None:
    content = written(suivi(), suivi(reference="2026-DM-018"))
    rows = sheet(content, "Charge")
    # Two projects write their tender documents in March: 21.76 days, above 18.
    assert [cell for cell, colour in _fills(content, "sheet3").items() if colour == "FFC7CE"] == ["E2"]
    assert rows[1][4] == 21.76
    assert rows[3][1] == "Projets en cours"
    assert rows[4][2:14] == [2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0]
