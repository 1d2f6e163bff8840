"""The source's own tables come out of the API from the source's own inputs, imported as files.

Key figures are in this file; where the tables of the source stand beside the checkout, the copies are compared to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.modules.indicateurs.faits.imports.service import importer_fichier
from semaphore_hub.modules.indicateurs.non_reproductibles import NON_REPRODUCTIBLES
from semaphore_hub.modules.referentiel.regions import region_de
from tests.modules.fakes import app_for
from tests.shared import shared_path

T1 = (
    ("IdF", "76,4", "70,7", 108),
    ("ARA", "31,4", "36,8", 85),
    ("GE", "32,4", "30,1", 108),
    ("NA", "31,1", "27,2", 114),
    ("OCC", "41,9", "23,7", 177),
    ("HdF", "29,0", "23,8", 122),
    ("PACA", "32,4", "21,1", 154),
    ("BFC", "14,6", "16,0", 91),
    ("BRE", "21,4", "16,0", 134),
    ("NOR", "18,2", "15,8", 115),
    ("PDL", "18,8", "12,9", 146),
    ("CVL", "9,5", "11,4", 83),
    ("REUNION", "0,9", "4,1", 21),
    ("MARTINIQUE", "3,4", "2,6", 130),
    ("GUADELOUPE", "1,2", "2,1", 59),
    ("GUYANE", "0,0", "1,2", 3),
    ("CORSE", "0,5", "1,0", 45),
)
PETITES = ("REUNION", "MARTINIQUE", "GUADELOUPE", "GUYANE", "CORSE")
T2 = (("2019", "40,2", "51,4", 78), ("2020", "32,9", "36,6", 90), ("2021", "31,4", "36,8", 85))
T3 = (
    ("BRE", "47", "32", "37", 116),
    ("CVL", "31", "59", "19", 109),
    ("PACA", "27", "27", "30", 84),
    ("OCC", "34", "24", "25", 83),
    ("IdF", "27", "29", "26", 82),
    ("NOR", "21", "27", "33", 81),
    ("PDL", "19", "32", "23", 74),
    ("NA", "15", "25", "28", 68),
    ("HdF", "25", "19", "21", 65),
    ("GE", "15", "14", "19", 48),
    ("ARA", "15", "11", "20", 46),
    ("CORSE", "10", "14", "5", 29),
    ("BFC", "6", "7", "15", 28),
    ("Martinique", "6", "18", "0", 24),
    ("Guadeloupe", "2", "3", "10", 15),
    ("La Réunion", "6", "4", "1", 11),
    ("Guyane", "0", "0", "2", 2),
    ("Total", "23,4", "23,0", "23,6", 70),
)
T4 = {
    "GE": 98, "REUNION": 96, "CORSE": 96, "CVL": 95, "IdF": 93, "ARA": 93, "BRE": 93, "PDL": 93, "OCC": 92,
    "HdF": 91, "PACA": 91, "BFC": 89, "NOR": 87, "NA": 83, "GUYANE": 83, "GUADELOUPE": 69, "MARTINIQUE": 0,
}  # fmt: skip
T6 = {
    "Auvergne-Rhône-Alpes": "64,3", "Bourgogne-Franche-Comté": "27,2", "Bretagne": "28,5",
    "Centre-Val de Loire": "21", "Corse": "2,5", "Grand Est": "49,1", "Hauts-de-France": "48,3",
    "Île-de-France": "118,8", "Normandie": "26", "Nouvelle-Aquitaine": "48,4", "Occitanie": "42,8",
    "Provence-Alpes-Côte d'Azur": "33,7", "Pays de la Loire": "27,5", "Guadeloupe": "3,5", "Martinique": "4,2",
    "Guyane": "2,4", "La Réunion": "6,7",
}  # fmt: skip


def sigle(ecrit: str) -> str:
    found = region_de(ecrit)
    assert found is not None
    return found.sigle


def importer(services: Services, clock: ManualClock, path: Path, type_: str, header: str, rows: Iterable[str]) -> None:
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    importer_fichier(services.database, LOCAL, clock, path, type_)


def consolider(services: Services, clock: ManualClock, folder: Path, rows: Sequence[tuple[Any, ...]]) -> None:
    """Import consolidated figures: (year, region, measure, printed value, unit)."""
    lines = [";".join(str(cell) for cell in row) for row in rows]
    importer(services, clock, folder / "conso.csv", "consolidations", "annee;region;mesure;valeur;unite", lines)


async def lire(services: Services, code: str, **params: str) -> dict[str, Any]:
    transport = ASGITransport(app_for(services), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://hub") as client:
        answer = await client.get(f"/v1/indicateurs/{code}", params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def par_region(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {line["cle"]["region"]: line for line in body["lignes"]}


@pytest.fixture
def t1(embedded: Services, clock: ManualClock, tmp_path: Path) -> Services:
    """The hub with the 17 regions of 2021, imported as the table prints them."""
    rows = [
        (2021, name, measure, value, unit)
        for name, perf, target, rate in T1
        for measure, value, unit in (("performance", perf, "M€"), ("objectif", target, "M€"), ("atteinte", rate, "%"))
    ]
    consolider(embedded, clock, tmp_path, rows)
    return embedded


async def test_t1_twelve_regions_exactly_and_the_total(t1: Services) -> None:
    body = await lire(t1, "atteinte-objectif", annee="2021", niveau="region", source="consolidation")
    lines = par_region(body)
    assert len(lines) == 17
    exact = {sigle(name): f"{rate} %" for name, _, _, rate in T1 if name not in PETITES}
    assert {name: lines[name]["affichage"] for name in exact} == exact
    assert {line["source"] for line in body["lignes"]} == {"consolidation"}
    total = body["total"]
    assert (total["numerateur"], total["denominateur"]) == ("363100000.00", "316500000.00")
    assert (total["valeur"], total["affichage"]) == ("1.1472", "115 %")


async def test_t1_every_printed_rate_lies_in_the_interval_of_its_rounded_inputs(t1: Services) -> None:
    lines = par_region(await lire(t1, "atteinte-objectif", annee="2021", niveau="region", source="consolidation"))
    for name, _, _, rate in T1:
        interval = lines[sigle(name)]["intervalle"]
        assert interval["compatible"] is True, name
        assert Decimal(interval["tauxImprime"]) == Decimal(rate) / 100
    # The five whose printed rate is not the ratio of the printed amounts: the interval explains them, no more.
    printed = {name: rate for name, _, _, rate in T1 if name in PETITES}
    assert {name: lines[name]["affichage"] for name in PETITES} != {name: f"{printed[name]} %" for name in PETITES}
    for name in PETITES:
        interval = lines[name]["intervalle"]
        assert Decimal(interval["minimum"]) <= Decimal(printed[name]) / 100 <= Decimal(interval["maximum"])
    assert lines["CORSE"]["intervalle"]["minimum"] == "0.4286"
    assert lines["CORSE"]["intervalle"]["maximum"] == "0.5789"


async def test_t1_is_also_what_is_read_where_no_line_exists(t1: Services) -> None:
    body = await lire(t1, "atteinte-objectif", annee="2021", niveau="region", region="ARA")
    (line,) = body["lignes"]
    assert (line["affichage"], line["source"], line["lien"]) == ("85 %", "consolidation", None)
    country = await lire(t1, "atteinte-objectif", annee="2021")
    assert (country["lignes"][0]["affichage"], country["total"]["affichage"]) == ("115 %", "115 %")
    assert country["lignes"][0]["lien"] == (
        "/v1/indicateurs/atteinte-objectif?annee=2021&niveau=region&source=consolidation"
    )


async def test_t1_from_lines_and_targets(embedded: Services, clock: ManualClock, tmp_path: Path) -> None:
    def euros(millions: str) -> str:
        return f"{Decimal(millions.replace(',', '.')) * 1_000_000:.2f}"

    targets = [f"2021;{name};{euros(target)}" for name, _, target, _ in T1]
    importer(embedded, clock, tmp_path / "objectifs.csv", "objectifs", "annee;region;montant", targets)
    # Each performance as two lines: carried over from 2020, and new.
    lines = [
        f"2021;{name};Action fictive;{amount};{carried}"
        for name, perf, _, _ in T1
        for amount, carried in (("100000.00", "oui"), (str(Decimal(euros(perf)) - 100_000), "non"))
    ]
    importer(embedded, clock, tmp_path / "actions.csv", "actions", "annee;region;libelle;gain;report", lines)
    body = await lire(embedded, "atteinte-objectif", annee="2021", niveau="region")
    exact = {sigle(name): f"{rate} %" for name, _, _, rate in T1 if name not in PETITES}
    found = par_region(body)
    assert {name: found[name]["affichage"] for name in exact} == exact
    assert {line["source"] for line in body["lignes"]} == {"lignes"}
    assert (body["total"]["numerateur"], body["total"]["denominateur"]) == ("363100000.00", "316500000.00")
    assert body["total"]["affichage"] == "115 %"
    shares = {one["code"]: one["valeur"] for one in body["total"]["composantes"]}
    assert (shares["report"], shares["nouvelles"]) == ("1700000.00", "361400000.00")
    assert (shares["partReport"], shares["partNouvelles"]) == ("0.0054", "1.1419")
    country = await lire(embedded, "atteinte-objectif", annee="2021")
    assert [line["affichage"] for line in country["lignes"]] == ["115 %"]


async def test_a_wrong_printed_rate_is_said_incompatible(
    embedded: Services, clock: ManualClock, tmp_path: Path
) -> None:
    printed = (("performance", "31,4", "M€"), ("objectif", "36,8", "M€"), ("atteinte", "87", "%"))
    consolider(embedded, clock, tmp_path, [(2021, "ARA", *one) for one in printed])
    lines = par_region(await lire(embedded, "atteinte-objectif", annee="2021", niveau="region"))
    assert lines["ARA"]["intervalle"]["compatible"] is False


async def test_t2_three_years_of_one_region(embedded: Services, clock: ManualClock, tmp_path: Path) -> None:
    rows = [
        (year, "ARA", measure, value, "M€")
        for year, perf, target, _ in T2
        for measure, value in (("performance", perf), ("objectif", target))
    ]
    consolider(embedded, clock, tmp_path, rows)
    body = await lire(embedded, "atteinte-objectif", annees="2019,2020,2021", niveau="region", region="ARA")
    assert [(line["cle"]["annee"], line["affichage"]) for line in body["lignes"]] == [
        (int(year), f"{rate} %") for year, _, _, rate in T2
    ]


@pytest.fixture
def t3(embedded: Services, clock: ManualClock, tmp_path: Path) -> Services:
    """The hub with the three yearly rates of coverage of each region, and of the country."""
    rows = [
        (year, name, "taux_couverture", rate, "%")
        for name, *rates, _ in T3
        for year, rate in zip((2019, 2020, 2021), rates, strict=True)
    ]
    consolider(embedded, clock, tmp_path, rows)
    return embedded


async def test_t3_eighteen_sums(t3: Services) -> None:
    body = await lire(t3, "taux-couverture-cumul", annee="2021", niveau="region", source="consolidation")
    lines = par_region(body)
    expected = {sigle(name): f"{total} %" for name, *_, total in T3 if name != "Total"}
    assert {name: line["affichage"] for name, line in lines.items()} == expected
    assert lines["BRE"]["valeur"] == "1.1600"
    assert [one["affichage"] for one in lines["BRE"]["composantes"]] == ["47,0 %", "32,0 %", "37,0 %"]
    country = await lire(t3, "taux-couverture-cumul", annee="2021", source="consolidation")
    assert (country["lignes"][0]["affichage"], country["lignes"][0]["valeur"]) == ("70 %", "0.7000")


async def test_t3_the_total_cannot_be_computed_from_the_regions_and_says_why(t3: Services) -> None:
    for code in ("taux-couverture", "taux-couverture-cumul"):
        body = await lire(t3, code, annee="2021", niveau="region", source="consolidation")
        assert body["total"]["valeur"] is None
        assert "ne sont pas publiés" in body["total"]["motif"]
    # The mean of the regions is indeed not what the source prints.
    for year, printed in enumerate(("23.4", "23.0", "23.6"), start=1):
        rates = [int(row[year]) for row in T3 if row[0] != "Total"]
        assert abs(Decimal(sum(rates)) / len(rates) - Decimal(printed)) > 2


async def test_t4_quality_is_read_and_its_total_is_not_invented(
    embedded: Services, clock: ManualClock, tmp_path: Path
) -> None:
    consolider(embedded, clock, tmp_path, [(2021, name, "taux_qualite", rate, "%") for name, rate in T4.items()])
    body = await lire(embedded, "taux-qualite", annee="2021", niveau="region", source="consolidation")
    assert {line["cle"]["region"]: line["affichage"] for line in body["lignes"]} == {
        sigle(name): f"{rate} %" for name, rate in T4.items()
    }
    assert body["total"]["valeur"] is None
    assert round(sum(T4.values()) / len(T4), 1) == 84.8
    country = await lire(embedded, "taux-qualite", annee="2021", source="consolidation")
    assert country["lignes"] == []
    assert "ne sont pas publiés" in country["total"]["motif"]


async def test_t6_the_targets_of_2022_add_up(embedded: Services, clock: ManualClock, tmp_path: Path) -> None:
    rows = [f"2022;{name};{(Decimal(amount.replace(',', '.')) * 1_000_000):.2f}" for name, amount in T6.items()]
    importer(embedded, clock, tmp_path / "objectifs.csv", "objectifs", "annee;region;montant", rows)
    body = await lire(embedded, "objectifs", annee="2022", niveau="region")
    assert body["total"]["valeur"] == "554900000.00"
    assert body["total"]["affichage"] == "554 900 000,00 €"
    assert par_region(body)["CORSE"]["valeur"] == "2500000.00"
    country = await lire(embedded, "objectifs", annee="2022")
    assert [line["valeur"] for line in country["lignes"]] == ["554900000.00"]


def test_what_cannot_be_computed_is_listed_with_its_lines() -> None:
    listed = " ".join(f"{one.chiffre} {one.lignes}" for one in NON_REPRODUCTIBLES)
    for said in ("DGOS 2022, l. 1300", "DGOS 2022, l. 1308, 1336", "GHT 11", "48 ETP", "39,6 M€", "DGOS 2022, l. 1442"):
        assert said in listed
    assert all(one.raison.endswith(".") for one in NON_REPRODUCTIBLES)


def test_the_figures_here_are_those_of_the_source() -> None:
    tables = json.loads(shared_path("seeds", "tables.json").read_text("utf-8"))["tables"]

    def cells(name: str) -> list[tuple[str, ...]]:
        return [tuple(cell.removesuffix("%") for cell in row["cells"]) for row in tables[name]["rows"]]

    assert cells("perf_2021_regions")[:-1] == [(*row[:3], str(row[3])) for row in T1]
    assert cells("ara_evolution") == [(*row[:3], str(row[3])) for row in T2]
    assert cells("couverture_regions") == [(*row[:4], str(row[4])) for row in T3]
    assert cells("qualite_regions")[:-1] == [(name, str(rate)) for name, rate in T4.items()]
    assert cells("objectifs_2022")[:-1] == list(T6.items())
