"""Workbooks as they come: headings anywhere, merged cells, totals, errors; and the files that are no trame."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.paat.trame import classeur as limites
from semaphore_hub.modules.paat.trame.colonnes import Col
from semaphore_hub.modules.paat.trame.lecture import TrameLue, lire
from tests.modules.paat.trame.classeurs import REJETEES, TITRES, Formule, altere, classeur, trame

DM = ("DM", "Perfusion", "Perfuseurs", 1000, 0.1, 1, "Effet prix", "", 100, 0.1, "")


def said(found: TrameLue) -> list[tuple[str, str, int | None, str | None]]:
    """Rule, gravity, line and column of every finding."""
    return [(one.regle.removeprefix("PAA-TRAME-"), one.gravite, one.ligne, one.colonne) for one in found.constats]


def refusal(contenu: bytes) -> tuple[str, str]:
    with pytest.raises(RuleBroken) as refused:
        lire(contenu)
    [problem] = refused.value.problems
    assert problem.path == "fichier"
    return problem.rule.removeprefix("PAA-TRAME-"), problem.message


def families(found: TrameLue) -> list[Any]:
    return [one.cellules[Col.FAMILLE] for one in found.lignes]


# --- headings


def test_the_headings_of_the_dgos_are_found_in_the_first_row() -> None:
    found = lire(trame(*REJETEES))
    assert (found.entete.rang, len(found.entete.places), len(found.lignes), said(found)) == (0, 11, 7, [])


@pytest.mark.parametrize(
    ("col", "titre"),
    [
        (Col.FAMILLE, "  FAMILLE "),
        (Col.CATEGORIE, "CATEGORIE"),
        (Col.REFERENCE, "Montant de référence\nannuel (€TTC)"),
        (Col.REFERENCE, "MONTANT DE REFERENCE ANNUEL (EN € TTC)"),
        (Col.REFERENCE, "Montant référence"),
        (Col.GAIN, "Montant\u00a0Gain"),
        (Col.GAIN, "Montant du gain (€)"),
        (Col.NUMERO, "N° de l'action"),
        (Col.DATE_EFFET, "date d’effet"),
        (Col.ETABLISSEMENT, "Etablissement bénéficiaire (FINESS)"),
        (Col.REPORT, "Report N+1"),
        (Col.GAIN_ANNEE, "Gain N"),
        (Col.MOIS_EFFET, "Nb de mois d'effet"),
        (Col.SECTION, "Exploitation/investissement"),
    ],
)
def test_headings_are_found_however_they_are_written(col: Col, titre: str) -> None:
    base = {Col.FAMILLE: "Famille", Col.REFERENCE: "Montant de référence annuel (€ TTC)", Col.GAIN: "Montant Gain"}
    titres = [*{**base, col: titre}.values()][::-1]
    row = ["x"] * len(titres)
    assert lire(trame(row, titres=titres)).entete.places[col] == titres.index(titre)


def test_headings_may_stand_low_under_groups_and_beside_notes() -> None:
    groups = ["Segmentation", "", "", "Montants", *[""] * 7]
    notes: list[list[Any]] = [["PAAT du GHT fictif"], [], ["Année", 2026], *[[]] * 20, groups]
    found = lire(trame(DM, avant=notes))
    assert (found.entete.rang, len(found.entete.places), said(found)) == (24, 11, [])


def test_a_heading_merged_over_two_rows_is_read() -> None:
    rows: list[list[Any]] = [
        ["Famille", "Montants", ""],
        ["", "Montant de référence annuel (€ TTC)", "Montant Gain"],
        ["DM", 1, 2],
    ]
    found = lire(classeur({"PAAT": rows}, fusions=[(0, 0, 1, 0), (0, 1, 0, 2)]))
    assert (found.entete.rang, found.entete.places[Col.FAMILLE], families(found)) == (1, 0, ["DM"])


def test_headings_below_the_thirtieth_row_are_not_looked_for() -> None:
    assert refusal(trame(DM, avant=[["x"]] * 30))[0] == "FEUILLE"
    assert len(lire(trame(DM, avant=[["x"]] * 29)).lignes) == 1


def test_the_sheet_of_the_trame_is_found_among_others() -> None:
    sheets: dict[str, list[Any]] = {
        "Lisez-moi": [["Famille"]],
        "Trame 2026": [TITRES, DM],
        "Listes": [["Levier"], ["Massification"]],
    }
    assert lire(classeur(sheets)).entete.feuille == "Trame 2026"


def test_of_two_trames_the_fuller_is_read_and_the_other_said() -> None:
    short = ("Famille", "Montant de référence annuel (€ TTC)", "Montant Gain")
    found = lire(classeur({"Brouillon": [short, ("DM", 1, 2)], "Finale": [TITRES, DM]}))
    [constat] = found.constats
    assert (found.entete.feuille, constat.regle) == ("Finale", "PAA-TRAME-FEUILLES")
    assert "« Brouillon »" in constat.phrase


def test_another_workbook_is_refused_with_its_sheets_and_what_they_lack() -> None:
    rule, words = refusal(classeur({"Achats": [["Famille", "Montant Gain"], ["DM", 1]], "Notes": [["x"]]}))
    assert rule == "FEUILLE"
    assert "« Achats », « Notes »" in words
    assert "Au plus près, « Achats » : il lui manque « Montant de référence annuel (€ TTC) »" in words


def test_columns_unknown_double_absent_or_in_another_unit_are_said() -> None:
    titres = ("Famille", "Montant de référence annuel (€ HT)", "Montant Gain (k€)", "Gain", "Levir", "Couleur")
    found = lire(trame(("DM", 1, 2, 3, "", ""), titres=titres))
    assert said(found) == [
        ("UNITE", "erreur", 1, "B"),
        ("UNITE", "erreur", 1, "C"),
        ("COLONNE-DOUBLE", "erreur", 1, "D"),
        ("COLONNE-INCONNUE", "avertissement", 1, "E"),
        ("COLONNE-INCONNUE", "avertissement", 1, "F"),
        *[("COLONNE-ABSENTE", "avertissement", 1, None)] * 4,
    ]
    phrases = [one.phrase for one in found.constats]
    assert "hors taxes" in phrases[0]
    assert "milliers" in phrases[1]
    assert phrases[3].endswith("Est-ce « Levier » ?")
    assert phrases[4].endswith("elle n'est pas lue.")


# --- rows


def test_empty_rows_totals_titles_and_repeated_headings_are_no_actions() -> None:
    total = ("Total MEDICAMENTS", "", "", 1000, "", "", "", "", 100, "", "")
    rows = [DM, [], ("MEDICAMENTS",), DM, total, TITRES, [], DM, ("", "", "", "", "", "", "", "Sous-total", 1, "", "")]
    found = lire(trame(*rows))
    assert [one.rang + 1 for one in found.lignes] == [2, 5, 9]
    assert said(found) == [
        ("TITRE", "avertissement", 4, "A"),
        ("TOTAL", "avertissement", 6, None),
        ("ENTETE", "avertissement", 7, None),
        ("TOTAL", "avertissement", 10, None),
    ]


def test_a_total_is_seen_in_a_column_outside_the_trame_too() -> None:
    titres = ("", *TITRES)
    found = lire(trame(("1", *DM), ("TOTAL GÉNÉRAL", "", "", "", 1000, "", "", "", "", 100, "", ""), titres=titres))
    assert (len(found.lignes), said(found)) == (1, [("TOTAL", "avertissement", 3, None)])


def test_an_action_may_be_called_after_a_company() -> None:
    titres = (*TITRES, "Libellé de l'action")
    found = lire(trame((*DM, "Total Énergies : gaz"), (*DM, "Total"), titres=titres))
    assert ([one.rang + 1 for one in found.lignes], len(found.constats)) == ([2], 1)


def test_rows_that_only_wait_to_be_filled_in_are_not_read() -> None:
    titres = ("N° action", "Année", "GHT", *TITRES)
    waiting = [(n, 2026, "FIC-01", "", "", "", "", Formule.de("=1/0", "#DIV/0!")) for n in range(2, 9)]
    found = lire(trame((1, 2026, "FIC-01", *DM), *waiting, titres=titres))
    assert (len(found.lignes), said(found)) == (1, [])


def test_a_trame_without_any_action_is_refused() -> None:
    found = lire(trame())
    assert said(found) == [("VIDE", "erreur", 1, None)]


def test_merged_texts_go_down_merged_amounts_are_refused() -> None:
    rows = [
        DM,
        ("", "", "Sets", 500, "", "", "", "", 50, "", ""),
        ("", "Pansements", "", "", "", "", "", "", 5, "", ""),
    ]
    found = lire(trame(*rows, fusions=[(1, 0, 3, 0), (1, 1, 2, 1), (2, 3, 3, 3)]))
    assert families(found) == ["DM"] * 3
    assert [one.cellules[Col.DOMAINE] for one in found.lignes] == ["Perfusion", "Perfusion", "Pansements"]
    assert said(found) == [("FUSION", "erreur", 3, "D"), ("FUSION", "erreur", 4, "D")]
    assert "lignes 3 à 4" in found.constats[0].phrase


# --- formulas and errors

REFERENCE, PERFORMANCE, GAIN = 3, 4, 8


def with_cell(place: int, value: Any) -> bytes:
    row = list(DM)
    row[place] = value
    return trame(DM, row)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("#REF!", "renvoie à une cellule supprimée"),
        ("#DIV/0!", "divise par zéro"),
        ("#N/A", "n'a rien trouvé"),
        ("#VALUE!", "calcule sur un texte"),
        ("#NAME?", "nom inconnu"),
    ],
)
@pytest.mark.parametrize("formula", [True, False], ids=["formula", "pasted"])
def test_an_excel_error_is_located_and_explained(error: str, reason: str, formula: bool) -> None:
    found = lire(with_cell(GAIN, Formule.de("=A1", error) if formula else error))
    [constat] = found.constats
    assert (constat.feuille, constat.ligne, constat.colonne, constat.intitule, constat.valeur, constat.gravite) == (
        "PAAT", 3, "I", "Montant Gain", error, "erreur",
    )  # fmt: skip
    assert reason in constat.phrase
    assert found.lignes[1].fautives == {Col.GAIN}


def test_an_error_where_the_hub_computes_anyway_is_a_warning() -> None:
    assert said(lire(with_cell(PERFORMANCE, Formule.de("=1/0", "#DIV/0!")))) == [
        ("ERREUR-EXCEL", "avertissement", 3, "E")
    ]


def test_a_formula_is_its_stored_value_and_one_without_is_said() -> None:
    computed = with_cell(GAIN, Formule.de("=D3/10", 100))
    assert lire(computed).lignes[1].cellules[Col.GAIN] == 100
    for stored in ("", "<v></v>", "<v/>"):
        blank = altere(computed, partial(re.sub, "</f><v>100</v>", f"</f>{stored}"))
        assert said(lire(blank)) == [("FORMULE", "erreur", 3, "I")]
    empty_text = altere(
        computed, lambda xml: xml.replace('<c r="I3"><f>D3/10</f><v>100</v>', '<c r="I3" t="str"><f>D3/10</f><v></v>')
    )
    assert said(lire(empty_text)) == []


def test_values_keep_their_kind() -> None:
    titres = (*TITRES, "Date d'effet", "N° action")
    found = lire(trame((*DM, date(2026, 9, 1), "001"), titres=titres, formats={4: "0.0%"}))
    cells = found.lignes[0].cellules
    assert (cells[Col.PERFORMANCE_PERIMETRE], cells[Col.DATE_EFFET], cells[Col.NUMERO]) == (
        0.1,
        date(2026, 9, 1),
        "001",
    )


# --- files that are not opened


def zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, data in parts.items():
            target.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


OLE2 = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(512)


@pytest.mark.parametrize(
    ("contenu", "rule", "words"),
    [
        (b"", "FORMAT", "vide"),
        (b"Famille;Domaine\nDM;x\n", "FORMAT", "semble être un CSV"),
        (b"<html><table><tr><td>Famille</td></tr></table></html>", "FORMAT", "HTML"),
        (OLE2, "FORMAT", "ancien classeur .xls"),
        (OLE2 + "EncryptedPackage".encode("utf-16-le"), "PROTEGE", "mot de passe"),
        (b"PK\x03\x04" + bytes(100), "FORMAT", "endommagé"),
        (trame(DM)[:-40], "FORMAT", "endommagé"),
        (zipped(xl__workbook=b""), "FORMAT", "pas un classeur"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "FORMAT", ".ods"),
        (zipped(**{"xl__workbook.bin": b""}), "FORMAT", ".xlsb"),
        (zipped(**{"xl__workbook.xml": b"<workbook/>"}), "FORMAT", "endommagé"),
        (altere(trame(DM), lambda xml: xml[:-50]), "FORMAT", "endommagé"),
        (bytes(20), "FORMAT", "pas un classeur"),
    ],
)
def test_what_is_no_workbook_is_refused(contenu: bytes, rule: str, words: str) -> None:
    found, said = refusal(contenu)
    assert found == rule
    assert words in said


def test_a_file_too_large_or_that_unfolds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(b"PK\x03\x04" + bytes(limites.MAX_OCTETS))[0] == "TAILLE"
    monkeypatch.setattr(limites, "MAX_DECOMPRESSES", 100_000)
    bomb = trame((*DM[:7], "0" * 30_000, *DM[8:]), (*DM[:7], "1" * 30_000, *DM[8:]), (*DM[:7], "2" * 30_000, *DM[8:]))
    assert len(bomb) < 20_000
    assert refusal(bomb)[0] == "DECOMPRESSION"


@pytest.mark.parametrize("cell", ["A50031", "XFD2", "XFD1048576"])
def test_a_sheet_beyond_the_limits_is_refused_before_it_is_laid_out(cell: str) -> None:
    row = re.sub("[A-Z]", "", cell)
    far = f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'
    rule, words = refusal(altere(trame(DM), lambda xml: xml.replace("</sheetData>", far)))
    assert rule == "LIGNES"
    assert f"jusqu'à la ligne {row}" in words


def test_formats_far_below_the_data_cost_nothing() -> None:
    far = '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    assert len(lire(altere(trame(DM), lambda xml: xml.replace("</sheetData>", far))).lignes) == 1


def test_a_long_sheet_beside_the_trame_does_not_refuse_it() -> None:
    far = '<row r="90000"><c r="A90000"><v>1</v></c></row></sheetData>'
    change: Callable[[str], str] = lambda xml: xml.replace("</sheetData>", far)  # noqa: E731
    both = classeur({"Achats": [["x"]], "PAAT": [TITRES, DM]})
    assert lire(altere(both, change)).entete.feuille == "PAAT"


def test_entities_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "DM DM">]><worksheet'
    altered = altere(trame(DM), lambda xml: xml.replace("<worksheet", bomb, 1).replace("<v>1000</v>", "<v>&a;</v>"))
    assert refusal(altered) == (
        "FORMAT",
        "Le classeur déclare des entités XML : enregistrez la trame au format .xlsx, puis renvoyez-la.",
    )
