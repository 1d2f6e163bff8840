"""Purchasing families and regions: found as people write them, replaced by an official file, never mixed up."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.modules.referentiel.familles import SYNTHETIQUES, famille_du_compte, famille_du_cpv, familles
from semaphore_hub.modules.referentiel.regions import REGIONS, region_de, region_du_ght

PATH = "/v1/nomenclatures/familles-achat"


@pytest.mark.parametrize(
    ("ecrit", "code"),
    [
        ("MEDICAMENTS", "SYN-01"),
        ("  médicament ", "SYN-01"),
        ("Travaux, fourniture", "SYN-07"),
        ("Travaux, fournitures et maintenance du bât", "SYN-07"),
        ("Dispositifs médicaux", "SYN-02"),
        ("syn-09", "SYN-09"),
        ("Hôtellerie, restau", "SYN-06"),
        ("Équipements", None),  # two families begin so
        ("Trav", None),
        ("Licornes", None),
        ("", None),
    ],
)
def test_a_family_is_found_as_people_write_it(embedded: Services, ecrit: str, code: str | None) -> None:
    with embedded.database.read() as connection:
        assert familles(connection).trouver(ecrit) == code


@pytest.mark.parametrize(
    ("compte", "famille"),
    [("60211", "SYN-01"), ("H60222", "SYN-02"), ("60612", "SYN-08"), ("61521", "SYN-07"), ("701", None)],
)
def test_the_family_of_an_account(compte: str, famille: str | None) -> None:
    assert famille_du_compte(compte) == famille


@pytest.mark.parametrize(
    ("cpv", "famille"),
    [
        ("33600000", "SYN-01"),
        ("33696500", "SYN-04"),
        ("33140000", "SYN-02"),
        ("45000000", "SYN-07"),
        ("79000000", "SYN-10"),
    ],
)
def test_the_family_of_a_cpv(cpv: str, famille: str) -> None:
    assert famille_du_cpv(cpv) == famille


def test_every_synthetic_code_says_so() -> None:
    assert all(one.code.startswith("SYN-") and one.source == "synthetique" for one in SYNTHETIQUES)
    assert len({key for one in SYNTHETIQUES if one.niveau == "famille" for key in one.cles}) == sum(
        len(one.cles) for one in SYNTHETIQUES if one.niveau == "famille"
    )


@pytest.mark.parametrize(
    ("ecrit", "sigle"),
    [
        ("IdF", "IDF"),
        ("Ile de France", "IDF"),
        ("Provence-Alpes-Côte d’Azur", "PACA"),
        ("réunion", "REUNION"),
        ("Savoie", None),
    ],
)
def test_a_region_is_found_as_people_write_it(ecrit: str, sigle: str | None) -> None:
    found = region_de(ecrit)
    assert (found.sigle if found else None) == sigle


def test_regions() -> None:
    assert len(REGIONS) == 18
    assert (region_du_ght("ARA-01"), region_du_ght("FIC-01")) == ("ARA", None)


async def test_the_region_of_a_ght(client: AsyncClient) -> None:
    created = await client.post("/v1/ght", json={"code": "BRE-09", "nom": "GHT fictif de l'Aven"})
    assert (created.status_code, created.json()["region"]) == (201, "BRE")
    placed = await client.put("/v1/ght/FIC-01/region", json={"region": "HDF"})
    assert (placed.status_code, placed.json()["region"]) == (200, "HDF")
    assert (await client.get("/v1/ght/FIC-01")).json()["region"] == "HDF"
    assert (await client.put("/v1/ght/FIC-77/region", json={"region": "HDF"})).status_code == 404
    assert (await client.put("/v1/ght/FIC-01/region", json={"region": "SAVOIE"})).status_code == 422


async def test_an_official_file_replaces_the_synthetic_families(client: AsyncClient, known: Services) -> None:
    body: dict[str, Any] = {
        "source": "fichier fictif pour le test",
        "familles": [
            {"code": "MED", "niveau": "famille", "libelle": "Produits de santé", "synonymes": ["Médocs"]},
            {"code": "MED.1", "parent": "MED", "niveau": "domaine", "libelle": "Anticancéreux"},
            {"code": "SYN-01", "niveau": "famille", "libelle": "Médicaments", "actif": False},
        ],
    }
    answer = await client.put(PATH, json=body)
    assert answer.status_code == 200, answer.text
    items = {item["code"]: item for item in (await client.get(PATH)).json()["items"]}
    assert (items["MED"]["source"], items["MED"]["synonymes"]) == ("fichier fictif pour le test", ["medocs"])
    assert not items["SYN-01"]["actif"]
    with known.database.read() as connection:
        found = familles(connection)
    assert (found.trouver("médocs"), found.trouver("Médicaments")) == ("MED", None)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ([{"code": "A", "niveau": "domaine", "libelle": "Sans parent"}], "REF-FAMILLE-PARENT"),
        ([{"code": "A", "niveau": "famille", "libelle": "Avec", "parent": "SYN-01"}], "REF-FAMILLE-PARENT"),
        ([{"code": "A", "niveau": "categorie", "libelle": "Trop haut", "parent": "SYN-01"}], "REF-FAMILLE-PARENT"),
        ([{"code": "A", "niveau": "famille", "libelle": "Imagerie"}], "REF-FAMILLE-LIBELLE"),
        (
            [{"code": "A", "niveau": "famille", "libelle": "X"}, {"code": "A", "niveau": "famille", "libelle": "Y"}],
            "REF-CODE-DOUBLE",
        ),
        ([{"code": "SYN-01", "niveau": "famille", "libelle": "Médicaments"}], "REF-FAMILLE-SOURCE"),
    ],
)
async def test_what_is_refused(client: AsyncClient, change: list[dict[str, Any]], rule: str) -> None:
    answer = await client.put(PATH, json={"source": "fichier fictif", "familles": change})
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (409, rule), answer.text
