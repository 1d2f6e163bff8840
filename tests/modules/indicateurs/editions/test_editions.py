"""Editions: the Excel file and the page say the figures of the API, and nothing in them is a formula or a script."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO

import pytest
from httpx import ASGITransport, AsyncClient
from python_calamine import CalamineWorkbook, load_workbook

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import Forbidden
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.indicateurs.editions import synthese
from semaphore_hub.modules.indicateurs.editions.graphiques import LARGEUR, barres
from tests.modules.fakes import app_for
from tests.modules.indicateurs import rangees

QUESTION = Demande(annees=(2026,))
BALISE = "<script>alert(1)</script>"


@pytest.fixture
def filled(embedded: Services) -> Services:
    """Three actions, one of them excluded, whose labels would like to be run."""
    rangees.actions(
        embedded.database,
        {"libelle": "=1+1", "gain_retenu_cents": 123_456, "gain_annee_cents": 123_456, "gain_cents": 123_456},
        {"libelle": BALISE, "famille": "SYN-02", "operateur": "uniha", "gain_retenu_cents": -5_000},
        {"libelle": "Écartée", "gain_cents": 9_900_000, "gain_retenu_cents": 0, "exclue": True, "controle": "Q2"},
    )
    return embedded


def book_of(services: Services, caller: Caller = LOCAL, demande: Demande = QUESTION) -> CalamineWorkbook:
    with services.database.read() as connection:
        return load_workbook(BytesIO(services.editions.excel(connection, caller, demande)))


def page_of(services: Services, caller: Caller = LOCAL, demande: Demande = QUESTION) -> str:
    with services.database.read() as connection:
        return services.editions.html(connection, caller, demande)


def test_the_workbook_has_the_figures_and_the_facts(filled: Services) -> None:
    book = book_of(filled)
    assert book.sheet_names == [
        "Synthèse",
        "Objectifs",
        "Couverture",
        "Couverture sur trois ans",
        "Qualité",
        "Gains par famille",
        "Gains par opérateur",
        "Gains support et parties",
        "Performance par famille",
        "Achats hors marché",
        "Actions",
        "Marchés notifiés",
        "Échéances",
        "Limites",
    ]
    key_figures = {row[0]: row[1:] for row in book.get_sheet_by_name("Synthèse").to_python()}
    assert key_figures["Gains retenus"][0] == 1184.56
    families = book.get_sheet_by_name("Gains par famille").to_python()
    assert [row[:2] for row in families if row[0] in ("Médicaments", "Total")] == [
        ["Médicaments", 1234.56],
        ["Total", 1184.56],
    ]
    facts = book.get_sheet_by_name("Actions").to_python()
    head = facts[2]
    lines = {row[head.index("Libellé")]: dict(zip(head, row, strict=True)) for row in facts[3:]}
    assert set(lines) == {"=1+1", BALISE, "Écartée"}
    assert (lines["Écartée"]["exclue"], lines["=1+1"]["gainAnnee"]) == ("oui", 1234.56)
    assert all(str(line["Origine"]).startswith("/v1/paat/") for line in lines.values())


def test_too_many_facts_are_cut_and_it_is_said(filled: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthese, "PAGE", 1)
    monkeypatch.setattr(synthese, "MAX_FAITS", 2)
    rows = book_of(filled).get_sheet_by_name("Actions").to_python()
    assert len([row for row in rows if str(row[-1]).startswith("/v1/")]) == 2
    assert "premiers faits" in rows[1][0]


def test_the_page_has_no_script_and_fetches_nothing(filled: Services) -> None:
    page = page_of(filled)
    assert "1 184,56" in page
    assert "<script" not in page
    assert not re.search(r"(src|href|url\()", page)
    assert "Gains retenus par famille d'achats" in page.replace("&#39;", "'")
    assert 'class="perte"' in page


def test_an_empty_year_says_so(embedded: Services) -> None:
    page = page_of(embedded, demande=Demande(annees=(2031,)))
    assert "Aucune donnée à représenter" in page
    assert "n.d." in page


def test_the_perimeter_is_the_caller_s(filled: Services) -> None:
    elsewhere = Caller("acheteur fictif", Role.ACHETEUR, frozenset({"FIC-02"}))
    assert "1 184,56" not in page_of(filled, elsewhere)
    with pytest.raises(Forbidden):
        page_of(filled, Caller("partenaire fictif", Role.PARTENAIRE, None))


async def test_the_operations(filled: Services) -> None:
    transport = ASGITransport(app=app_for(filled))
    async with AsyncClient(transport=transport, base_url="http://hub") as client:
        excel = await client.get("/v1/indicateurs/editions/ars.xlsx?annee=2026&ght=FIC-01")
        page = await client.get("/v1/indicateurs/editions/rapport.html?annee=2026&region=BRE")
        wrong = await client.get("/v1/indicateurs/editions/rapport.html?annee=2026&region=SAVOIE")
    assert excel.status_code == 200
    assert excel.headers["content-disposition"] == 'attachment; filename="indicateurs-2026-FIC-01.xlsx"'
    assert load_workbook(BytesIO(excel.content)).sheet_names[0] == "Synthèse"
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (409, "query.region")


def test_bars_are_to_the_scale_of_the_longest_or_of_the_target() -> None:
    lines = [("a", Decimal("0.5"), "50 %"), ("b", Decimal("-0.25"), "-25 %")]
    drawn, target = barres(lines, Decimal(1))
    assert [(bar.longueur, bar.etat) for bar in drawn] == [(LARGEUR // 2, "sous"), (LARGEUR // 4, "perte")]
    assert target == LARGEUR
    alone, nothing = barres(lines)
    assert [bar.longueur for bar in alone] == [LARGEUR, LARGEUR // 2]
    assert nothing is None
    assert barres([("zéro", Decimal(0), "0 €")])[0][0].longueur == 0
