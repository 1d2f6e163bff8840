"""A plan as a workbook: headings in the DGOS's order, values only, lists, print set-up; the blank trame."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.modules.paat.schemas import ActionEntree, NouveauPaat
from semaphore_hub.modules.paat.trame.classeur import Classeur
from semaphore_hub.modules.paat.trame.entetes import entete
from tests.modules.paat.trame.classeurs import ERRONE, REJETEES, TITRES, trame
from tests.modules.samples import SUPPORT

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def rows_of(contenu: bytes, feuille: str = "Trame PAAT") -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(contenu)).get_sheet_by_name(feuille).to_python()


def xml_of(contenu: bytes, sheet: int = 1) -> str:
    with zipfile.ZipFile(io.BytesIO(contenu)) as parts:
        return parts.read(f"xl/worksheets/sheet{sheet}.xml").decode()


def exported(services: Services) -> bytes:
    with services.database.write() as unit:
        plan = services.paat.creer(unit, LOCAL, NouveauPaat(ght="FIC-01", annee=2026))
        services.trame.importer(unit, LOCAL, plan.uid, 1, trame(*REJETEES))
        complete = {
            "numero": "A-1", "libelle": "=HYPERLINK(\"x\")", "famille": "DM", "domaine": "+1", "categorie": "@a",
            "segment": "-b", "montantReference": "480000", "perimetre": "400000", "gain": "48000.50",
            "dateEffet": "2026-09-01", "etablissement": SUPPORT, "levier": "massification", "operateur": "gcs_regional",
            "methode": "recurrent", "statut": "en_cours", "effetBudgetaire": "effet_volume",
        }  # fmt: skip
        services.paat.enregistrer(unit, LOCAL, plan.uid, 2, [ActionEntree.model_validate(complete)])
        return services.trame.exporter(unit.connection, LOCAL, plan.uid).contenu


def test_a_plan_is_written_with_the_headings_of_the_dgos_first(embedded: Services) -> None:
    rows = rows_of(exported(embedded))
    headings = rows[3]
    assert headings[:11] == list(TITRES)
    assert (len(headings), len(set(headings))) == (35, 35)
    first = dict(zip(headings, rows[4], strict=True))
    assert [first[name] for name in TITRES] == [
        "MEDICAMENTS", "ANTINEOPLASIQUES ET IMMUNOMODULATEURS", "ANTINEOPLASIQUES", 49747, 3.324, 0.0853,
        "Effet prix induit", "La filière Médicaments, au glo", 165381, 3.324, ERRONE,
    ]  # fmt: skip
    last = dict(zip(headings, rows[11], strict=True))
    assert (last["Date d'effet"], last["Nb de mois d'effet N"], last["Gain N (€ TTC)"], last["Report N+1 (€ TTC)"]) == (
        date(2026, 9, 1), 4, 16000.17, 32000.33,
    )  # fmt: skip
    assert (last["Opérateur"], last["Levier"], last["Statut"], last["Support / partie"], last["GHT"]) == (
        "GCS régional", "Massification", "En cours", "support", "FIC-01",
    )  # fmt: skip


def test_nothing_is_a_formula(embedded: Services) -> None:
    content = exported(embedded)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 4
        assert all(b"<f>" not in parts.read(name) and b"hyperlink" not in parts.read(name) for name in sheets)
    last = rows_of(content)[11]
    assert {'=HYPERLINK("x")', "+1", "@a", "-b"} <= set(map(str, last))


def test_it_is_ready_to_filter_to_fill_in_and_to_print(embedded: Services) -> None:
    content = exported(embedded)
    xml = xml_of(content)
    assert '<pane xSplit="1" ySplit="4" topLeftCell="B5"' in xml
    assert '<autoFilter ref="A4:AI12"/>' in xml
    assert 'orientation="landscape"' in xml
    assert 'fitToHeight="0"' in xml
    assert xml.count("<dataValidation ") == 9
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        workbook, styles = parts.read("xl/workbook.xml").decode(), parts.read("xl/styles.xml").decode()
    assert '_xlnm.Print_Titles" localSheetId="0">\'Trame PAAT\'!$4:$4' in workbook
    assert 'formatCode="dd/mm/yyyy"' in styles
    assert 'formatCode="0.0%"' in styles
    visible = {one.name: one.visible for one in CalamineWorkbook.from_filelike(io.BytesIO(content)).sheets_metadata}
    assert list(visible) == ["Trame PAAT", "Synthèse", "Lisez-moi", "Listes"]
    assert visible["Listes"] is SheetVisibleEnum.Hidden


def test_the_sheets_beside_say_totals_and_what_is_assumed(embedded: Services) -> None:
    content = exported(embedded)
    summary = {row[0]: row[1:] for row in rows_of(content, "Synthèse")}
    assert summary["Médicaments"] == [6, 6, 668046, 1858714, 0, ""]
    assert summary["Dispositifs médicaux"] == [1, 0, 480000, 48000.5, 48000.5, 0.1]
    assert summary[f"Q2 : {ERRONE}"] == [7, 7, "", 1890368, 0, ""]
    assert summary["Total"] == [8, 7, "", 1938368.5, 48000.5, ""]
    told = rows_of(content, "Lisez-moi")
    assert ["Famille", "attesté : DGOS, 17/06/2022", "saisie"] in told
    assert ["Performance", "attesté : DGOS, 17/06/2022", "calculée par le hub, comparée à l'import"] in told
    assert ["Acheteur", "hypothèse", "saisie"] in told
    assert any("synthétiques" in str(row[0]) for row in told)


def test_the_sheets_beside_are_never_taken_for_the_trame(embedded: Services) -> None:
    workbook = Classeur(exported(embedded))
    complete = [name for name in workbook.noms if not entete(workbook.feuille(name)).manquantes]
    assert complete == ["Trame PAAT"]


async def test_files_by_the_api(client: AsyncClient, known: Services) -> None:
    blank = await client.get("/v1/paat/trame")
    assert (blank.status_code, blank.headers["content-type"]) == (200, XLSX)
    rows = rows_of(blank.content)
    assert (rows[3][:11], len(rows)) == (list(TITRES), 4)
    made = await client.post("/v1/paat", json={"ght": "FIC-01", "annee": 2026})
    path = f"/v1/paat/{made.json()['uid']}/trame"
    empty = await client.post(path, content=blank.content, headers={"If-Match": '"1"', "Content-Type": XLSX})
    assert [one["rule"] for one in empty.json()["errors"]] == ["PAA-TRAME-VIDE"]

    async def send(content: bytes, version: int = 1, **params: Any) -> Any:
        headers = {"If-Match": f'"{version}"', "Content-Type": XLSX, "Idempotency-Key": f"cle-{version}"}
        return await client.post(path, content=content, headers=headers, params=params)

    simulated = await send(trame(*REJETEES), simulation="true")
    assert (simulated.status_code, simulated.headers["ETag"], simulated.json()["creees"]) == (200, '"1"', 7)
    answer = await send(trame(*REJETEES))
    assert (answer.status_code, answer.headers["ETag"], answer.json()["simulation"]) == (200, '"2"', False), answer.text
    assert (await send(trame(*REJETEES))).headers["Idempotency-Replayed"] == "true"
    wrong = await send(trame(*REJETEES, ("Jouets", *REJETEES[0][1:])), version=2)
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (409, "PAAT!A9")
    assert "Jouets" in wrong.json()["errors"][0]["message"]
    file = await client.get(path)
    assert file.headers["content-disposition"] == 'attachment; filename="trame-paat-FIC-01-2026.xlsx"'
    again = await send(file.content, version=2)
    assert (again.status_code, again.headers["ETag"], again.json()["inchangees"]) == (200, '"2"', 7), again.text
    refused = await client.post(path, content=b"a;b", headers={"If-Match": '"2"', "Content-Type": "text/csv"})
    assert refused.status_code == 415
    assert (await client.post(path, content=b"", headers={"Content-Type": XLSX})).status_code == 428
    late = await client.post(path, content=b"PK", headers={"If-Match": '"1"', "Content-Type": XLSX})
    assert late.status_code == 412
    assert (await client.get(path.replace(made.json()["uid"][:8], "00000000"))).status_code == 404


def test_a_plan_outside_the_perimeter_is_not_exported(embedded: Services) -> None:
    exported(embedded)
    elsewhere = Caller("ailleurs", Role.ARS, frozenset({"FIC-02"}))
    with embedded.database.read() as connection:
        plans, _ = embedded.paat.lister(connection, LOCAL, {}, limit=1, after=None)
        assert embedded.trame.exporter(connection, Caller("dgos", Role.DGOS, None), plans[0].uid).contenu
        with pytest.raises(NotFound):
            embedded.trame.exporter(connection, elsewhere, plans[0].uid)
