"""The API of indicators: catalogue, drill-down to the facts, perimeter, refusals."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import insert

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import Forbidden, NotFound
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.indicateurs.catalogue import INDICATEURS, TABLEAU_DE_BORD
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.indicateurs.models import IndicateurAttente, IndicateurConsolidation
from semaphore_hub.modules.referentiel.schemas import NouveauGht
from tests.modules.fakes import app_for
from tests.modules.indicateurs.rangees import AUTRE_ETABLISSEMENT, actions, depenses, marches, objectifs, projets
from tests.modules.samples import SUPPORT

ACHETEUR = Caller("acheteur", Role.ACHETEUR, frozenset({"FIC-01"}))
DGOS = Caller("dgos", Role.DGOS, None)
PARTENAIRE = Caller("partenaire", Role.PARTENAIRE, None)


@pytest.fixture
def rempli(embedded: Services) -> Services:
    """Gains in two GHT of one region, and in another region."""
    actions(
        embedded.database,
        {"gain_retenu_cents": 100},
        {"gain_retenu_cents": 20, "etablissement_siret": AUTRE_ETABLISSEMENT, "role": "partie"},
        {"gain_retenu_cents": 3, "ght": "FIC-02", "famille": "SYN-02"},
        {"gain_retenu_cents": 4_000, "region": "ARA", "ght": "ARA-01", "source": new_id(), "sujet": None},
    )
    objectifs(
        embedded.database,
        {"montant_cents": 123},
        {"region": "ARA", "montant_cents": 4_000},
        {"ght": "FIC-01", "montant_cents": 240},
    )
    return embedded


async def obtenir(services: Services, url: str, status: int = 200) -> dict[str, Any]:
    transport = ASGITransport(app_for(services), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://hub") as client:
        answer = await client.get(url)
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_catalogue_has_every_text(embedded: Services) -> None:
    items = (await obtenir(embedded, "/v1/indicateurs"))["items"]
    assert [one["code"] for one in items] == [one.code for one in INDICATEURS]
    attainment = next(one for one in items if one["code"] == "atteinte-objectif")
    assert attainment["formule"].startswith("gains retenus de l'année / objectif de gains")
    assert attainment["arrondi"].startswith("arrondi à l'unité, la moitié vers le haut")
    assert (attainment["atteste"], attainment["consolidation"]) == (True, True)
    assert attainment["niveaux"] == ["national", "region", "ght"]


async def test_limits_are_served(embedded: Services) -> None:
    body = await obtenir(embedded, "/v1/indicateurs/limites")
    assert body["dateDocument"] == "2022-06-17"
    assert any("48 ETP" in one["chiffre"] for one in body["nonReproductibles"])
    assert body["nonCalculables"][0]["libelle"] == "Délai global de paiement"


async def test_from_the_country_down_to_the_origin_of_a_line(rempli: Services) -> None:
    """Each step follows the link of the one before, and adds up to the line it comes from."""
    country = await obtenir(rempli, "/v1/indicateurs/gains?annee=2026")
    assert country["total"]["valeur"] == "41.23"
    regions = await obtenir(rempli, country["lignes"][0]["lien"])
    assert [(one["libelle"], one["valeur"]) for one in regions["lignes"]] == [
        ("Auvergne-Rhône-Alpes", "40.00"), ("Bretagne", "1.23"),
    ]  # fmt: skip
    ghts = await obtenir(rempli, regions["lignes"][1]["lien"])
    assert [(one["cle"]["ght"], one["libelle"], one["valeur"]) for one in ghts["lignes"]] == [
        ("FIC-01", "GHT fictif FIC-01", "1.20"), ("FIC-02", "GHT fictif FIC-02", "0.03"),
    ]  # fmt: skip
    assert ghts["total"]["valeur"] == "1.23"
    hospitals = await obtenir(rempli, ghts["lignes"][0]["lien"])
    assert [(one["libelle"], one["valeur"]) for one in hospitals["lignes"]] == [
        ("CH Fictif de Valmont", "1.00"), ("CH Fictif d'Ambreval", "0.20"),
    ]  # fmt: skip
    facts = await obtenir(rempli, hospitals["lignes"][0]["lien"])
    (fact,) = facts["items"]
    assert fact["valeurs"] == {"gainAnnee": "1.00", "exclue": False, "gainRetenu": "1.00", "report": False}
    assert fact["etablissement"] == SUPPORT
    assert fact["origine"] == f"/v1/paat/019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f/actions/{fact['uid']}"
    assert facts["next"] is None


async def test_a_breakdown_is_kept_on_the_way_down_or_becomes_a_condition(rempli: Services) -> None:
    body = await obtenir(rempli, "/v1/indicateurs/gains?annee=2026&niveau=region&par=famille&region=BRE")
    assert [one["cle"] for one in body["lignes"]] == [
        {"annee": 2026, "region": "BRE", "famille": "SYN-01"}, {"annee": 2026, "region": "BRE", "famille": "SYN-02"},
    ]  # fmt: skip
    below = await obtenir(rempli, body["lignes"][1]["lien"])
    assert [(one["cle"]["ght"], one["valeur"]) for one in below["lignes"]] == [("FIC-02", "0.03")]
    levers = await obtenir(rempli, "/v1/indicateurs/gains?annee=2026&niveau=region&par=levier&region=BRE")
    assert levers["lignes"][0]["lien"].endswith("niveau=ght&par=levier")


async def test_facts_come_in_pages(rempli: Services) -> None:
    actions(rempli.database, *({"uid": f"i0123456789ab:{number:08}", "annee": 2024} for number in range(5)))
    seen: list[str] = []
    url = "/v1/indicateurs/gains/lignes?annee=2024&limit=2"
    cursor: str | None = ""
    while cursor is not None:
        page = await obtenir(rempli, url + (f"&cursor={cursor}" if cursor else ""))
        seen += [one["uid"] for one in page["items"]]
        cursor = page["next"]
    assert seen == [f"i0123456789ab:{number:08}" for number in range(5)]


async def test_each_fact_says_where_it_comes_from(rempli: Services) -> None:
    imported = (await obtenir(rempli, "/v1/indicateurs/gains/lignes?annee=2026&region=ARA"))["items"][0]
    assert imported["origine"].startswith("/v1/indicateurs/imports/")
    depenses(rempli.database, {"uid": "a", "reference": "M-7/1"}, {"uid": "b", "marche_uid": None})
    marches(rempli.database, {"uid": "m", "date_fin": date(2026, 4, 1), "pme": True})
    projets(rempli.database, {"uid": "p", "date_notification": date(2026, 1, 31)})
    spent = (await obtenir(rempli, "/v1/indicateurs/mutualisation/lignes?annee=2026"))["items"]
    assert [one["origine"] for one in spent] == [
        "/v1/marches/019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f", "/v1/marches/mandats-hors-marche",
    ]  # fmt: skip
    assert (spent[0]["libelle"], spent[0]["valeurs"]["montantHt"]) == ("M-7/1", "100.00")
    for code in ("part-pme", "echeances-sans-successeur", "consommation"):
        (marche,) = (await obtenir(rempli, f"/v1/indicateurs/{code}/lignes?annee=2026"))["items"]
        assert marche["origine"] == "/v1/marches/m"
        past = await obtenir(rempli, f"/v1/indicateurs/{code}/lignes?annee=2024")
        assert past["items"] == []
    (projet,) = (await obtenir(rempli, "/v1/indicateurs/delai-projet/lignes?annee=2026"))["items"]
    assert (projet["origine"], projet["valeurs"]) == ("/v1/planification/projets/p", {"joursProjet": 30})


def lire(services: Services, caller: Caller, code: str, **asked: Any) -> Any:
    with services.database.read() as connection:
        return services.indicateurs.lire(connection, caller, code, Demande(**{"annees": (2026,), **asked}))


def test_a_buyer_sees_its_ght_only_and_is_told_so(rempli: Services) -> None:
    found = lire(rempli, ACHETEUR, "gains", niveau="ght")
    assert [(line.cle["ght"], line.valeur) for line in found.lignes] == [("FIC-01", "1.20")]
    assert found.total.valeur == "1.20"
    assert "les GHT de votre périmètre (FIC-01), et eux seuls" in found.perimetre
    assert lire(rempli, DGOS, "gains").total.valeur == "41.23"
    assert "tous les GHT du hub" in lire(rempli, DGOS, "gains").perimetre
    with pytest.raises(NotFound):
        lire(rempli, ACHETEUR, "gains", niveau="etablissement", ght="FIC-02")
    with pytest.raises(Forbidden):
        lire(rempli, PARTENAIRE, "gains")
    with rempli.database.read() as connection:
        facts, _ = rempli.indicateurs.lignes(
            connection, ACHETEUR, "gains", Demande(annees=(2026,)), limit=50, after=None
        )
    assert {fact.ght for fact in facts} == {"FIC-01"}


def test_the_target_of_a_region_is_for_those_who_see_the_whole_region(rempli: Services) -> None:
    alone = lire(rempli, ACHETEUR, "atteinte-objectif", niveau="region")
    assert [(line.cle["region"], line.valeur) for line in alone.lignes] == [("BRE", None)]
    assert lire(rempli, ACHETEUR, "atteinte-objectif", niveau="ght").total.affichage == "50 %"
    with rempli.database.write() as unit:
        for code in ("BRE-01", "BRE-02"):
            rempli.referentiel.creer_ght(unit, LOCAL, NouveauGht(code=code, nom=code, region="BRE"))
        printed = [
            {
                "uid": new_id(),
                "source": "t",
                "annee": 2021,
                "region": region,
                "mesure": mesure,
                "valeur": "9.0" if region == "FRANCE" else "1.0",
                "unite": "M€",
            }
            for region in ("BRE", "ARA", "FRANCE")
            for mesure in ("performance", "objectif")
        ]
        unit.connection.execute(insert(table_of(IndicateurConsolidation)), printed)
    half = Caller("ars", Role.ARS, frozenset({"BRE-01"}))
    whole = Caller("ars", Role.ARS, frozenset({"BRE-01", "BRE-02"}))
    asked = {"annees": (2021,), "niveau": "region", "source": "consolidation"}
    assert lire(rempli, half, "atteinte-objectif", **asked).lignes == ()
    assert [line.cle["region"] for line in lire(rempli, whole, "atteinte-objectif", **asked).lignes] == ["BRE"]
    # The country is not the sum of what one region prints: only those who see everything read its row.
    assert lire(rempli, whole, "objectifs", **{**asked, "niveau": "national"}).total.valeur == "1000000.00"
    assert lire(rempli, DGOS, "objectifs", **{**asked, "niveau": "national"}).total.valeur == "9000000.00"


def test_consolidated_figures_are_never_added_to_lines(rempli: Services) -> None:
    with rempli.database.write() as unit:
        printed = [
            {"uid": new_id(), "source": "t", "annee": 2026, "region": region, "mesure": "performance", "valeur": "7.0",
             "unite": "M€"}
            for region in ("BRE", "CORSE")
        ]  # fmt: skip
        unit.connection.execute(insert(table_of(IndicateurConsolidation)), printed)
    found = lire(rempli, DGOS, "gains", niveau="region")
    assert [(line.cle["region"], line.source, line.valeur) for line in found.lignes] == [
        ("ARA", "lignes", "40.00"), ("BRE", "lignes", "1.23"), ("CORSE", "consolidation", "7000000.00"),
    ]  # fmt: skip
    assert found.total.valeur == "41.23"
    assert "1 ligne(s) connue(s) seulement consolidée(s)" in found.avertissements[0]
    only = lire(rempli, DGOS, "gains", niveau="region", source="lignes")
    assert [line.cle["region"] for line in only.lignes] == ["ARA", "BRE"]
    asked = lire(rempli, DGOS, "gains", niveau="region", source="consolidation")
    assert [(line.cle["region"], line.valeur) for line in asked.lignes] == [
        ("BRE", "7000000.00"), ("CORSE", "7000000.00"),
    ]  # fmt: skip
    assert lire(rempli, DGOS, "gains").total.valeur == "41.23"


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("atteinte-objectif?niveau=etablissement", "IND-NIVEAU"),
        ("atteinte-objectif?par=famille", "IND-PAR"),
        ("atteinte-objectif?famille=SYN-01", "IND-FILTRE"),
        ("delai-projet?etablissement=26750045200011", "IND-FILTRE"),
        ("atteinte-objectif?ght=FIC-01", "IND-FILTRE-NIVEAU"),
        ("taux-couverture?niveau=ght&etablissement=26750045200011", "IND-FILTRE-NIVEAU"),
        ("gains?region=ZZ", "IND-REGION"),
        ("gains?source=consolidation&par=famille", "IND-CONSOLIDATION"),
        ("gains?source=consolidation&niveau=ght", "IND-CONSOLIDATION"),
        ("part-report?source=consolidation", "IND-CONSOLIDATION-ABSENTE"),
        ("objectifs/lignes", "IND-LIGNES"),
    ],
)
async def test_what_an_indicator_does_not_have_is_refused(embedded: Services, query: str, rule: str) -> None:
    body = await obtenir(embedded, f"/v1/indicateurs/{query}", 409)
    assert [one["rule"] for one in body["errors"]] == [rule]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("inconnu", 404),
        ("gains?niveau=ligne", 422),
        ("gains?annee=1999", 422),
        ("gains?annees=2021;2022", 422),
        ("gains?ght=ght 1", 422),
        ("gains?motif=x", 422),
        ("gains/lignes?cursor=00", 422),
        ("gains/lignes?niveau=ght", 422),
    ],
)
async def test_a_wrong_shape_is_said(embedded: Services, query: str, status: int) -> None:
    await obtenir(embedded, f"/v1/indicateurs/{query}", status)


async def test_the_home_page(rempli: Services, clock: ManualClock) -> None:
    with rempli.database.write() as unit:
        unit.connection.execute(insert(table_of(IndicateurAttente)), [{"sujet": "paat/x", "marque": "m"}])
    body = await obtenir(rempli, "/v1/indicateurs/tableau-de-bord?annee=2026")
    figures = {one["code"]: one for one in body["items"]}
    assert list(figures) == list(TABLEAU_DE_BORD)
    assert (figures["atteinte-objectif"]["affichage"], figures["gains"]["affichage"]) == ("100 %", "41,23 €")
    assert figures["mutualisation"]["valeur"] is None
    assert figures["mutualisation"]["motif"]
    assert (body["sujetsEnAttente"], body["arreteLe"]) == (1, "2026-03-02T08:00:00Z")
    for one in body["items"]:
        assert (await obtenir(rempli, one["lien"]))["total"]["affichage"] == one["affichage"]
    region = await obtenir(rempli, "/v1/indicateurs/tableau-de-bord?annee=2026&region=ARA")
    assert {one["code"]: one["affichage"] for one in region["items"]}["gains"] == "40,00 €"
    ght = await obtenir(rempli, "/v1/indicateurs/tableau-de-bord?annee=2026&ght=FIC-01")
    assert {one["code"]: one["affichage"] for one in ght["items"]}["atteinte-objectif"] == "50 %"


def test_the_home_page_of_a_buyer_reads_its_own_targets(rempli: Services) -> None:
    with rempli.database.read() as connection:
        found = rempli.indicateurs.tableau_de_bord(connection, ACHETEUR, Demande(annees=(2026,)))
    assert {one.code: one.affichage for one in found.items}["atteinte-objectif"] == "50 %"
    assert "FIC-01" in found.perimetre


async def test_the_year_is_that_of_the_day_by_default(rempli: Services) -> None:
    assert (await obtenir(rempli, "/v1/indicateurs/gains"))["annees"] == [2026]
    both = await obtenir(rempli, "/v1/indicateurs/gains?annees=2024,2025&annee=2026")
    assert both["annees"] == [2024, 2025, 2026]
