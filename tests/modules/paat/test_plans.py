"""Plans: one for each GHT and year, their totals, who may open them."""

from __future__ import annotations

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.errors import Forbidden, NotFound, RuleBroken
from semaphore_hub.modules.paat.schemas import NouveauPaat
from semaphore_hub.ports import events as ev
from semaphore_hub.ports.payloads.achats import PaatPayload
from tests.modules.fakes import RecordedEvents
from tests.modules.paat.exemples import ajoute, enregistrees, entree, ouvert, ouvre

ZERO = "0.00"


async def test_a_plan_is_opened_read_and_said(local_client: AsyncClient, events: RecordedEvents) -> None:
    plan = await ouvre(local_client)
    assert (plan["statut"], plan["version"], plan["totaux"]["actions"]) == ("brouillon", 1, 0)
    read = await local_client.get(f"/v1/paat/{plan['uid']}")
    assert (read.status_code, read.headers["ETag"], read.json()) == (200, '"1"', plan)
    assert [(event.type, event.subject, event.version, event.ght) for event in events] == [
        (ev.PAAT_CREE, f"paat/{plan['uid']}", 1, "FIC-01")
    ]
    assert PaatPayload.model_validate(events[0].data).gainDeclare == 0


async def test_a_ght_has_one_plan_a_year(client: AsyncClient, events: RecordedEvents) -> None:
    await ouvre(client)
    again = await client.post("/v1/paat", json={"ght": "FIC-01", "annee": 2026})
    assert again.status_code == 409
    assert "déjà un PAAT pour 2026" in again.json()["detail"]
    await ouvre(client, annee=2027)
    await ouvre(client, ght="FIC-02")
    assert len(events) == 3


async def test_plans_are_searched_newest_first(client: AsyncClient) -> None:
    first = await ouvre(client)
    second = await ouvre(client, annee=2027)
    third = await ouvre(client, ght="FIC-02")
    await ajoute(client, first["uid"])

    async def found(**params: object) -> list[str]:
        answer = await client.get("/v1/paat", params={key: str(value) for key, value in params.items()})
        assert answer.status_code == 200, answer.text
        return [one["uid"] for one in answer.json()["items"]]

    assert await found() == [third["uid"], second["uid"], first["uid"]]
    assert await found(ght="FIC-01") == [second["uid"], first["uid"]]
    assert await found(annee=2026, ght="FIC-01") == [first["uid"]]
    assert await found(statut="clos") == []
    page = (await client.get("/v1/paat", params={"limit": 2})).json()
    rest = (await client.get("/v1/paat", params={"limit": 2, "cursor": page["next"]})).json()
    assert [one["totaux"]["gainDeclare"] for one in rest["items"]] == ["12000.00"]


def test_only_writers_open_a_plan_in_their_perimeter(embedded: Services) -> None:
    elsewhere = Caller("b", Role.ACHETEUR, frozenset({"FIC-02"}))
    with embedded.database.write() as unit:
        with pytest.raises(Forbidden):
            embedded.paat.creer(unit, Caller("ars", Role.ARS, None), NouveauPaat(ght="FIC-01", annee=2026))
        for ght, caller in (("FIC-01", elsewhere), ("FIC-09", Caller("a", Role.ACHETEUR, None))):
            with pytest.raises(RuleBroken) as refused:
                embedded.paat.creer(unit, caller, NouveauPaat(ght=ght, annee=2026))
            assert [(one.rule, one.path) for one in refused.value.problems] == [("PAA-GHT", "$.ght")]
    plan = ouvert(embedded)
    with embedded.database.read() as connection:
        with pytest.raises(NotFound):
            embedded.paat.lire(connection, elsewhere, plan.uid)
        with pytest.raises(NotFound):
            embedded.paat.lister_actions(connection, elsewhere, plan.uid, {}, limit=1, after=None)
        assert embedded.paat.lister(connection, elsewhere, {}, limit=9, after=None) == ([], None)


def test_totals_by_control_and_status(services: Services, known: Services) -> None:
    plan = ouvert(services)
    lines = [
        entree(numero="1"),  # 12 %, kept
        entree(numero="2", gain="30000"),  # 30 %, above the bound
        entree(numero="3", gain="30000", explication="Fin de brevet au 1er mars"),  # explained
        entree(numero="4", gain="100000"),  # 100 %
        entree(numero="5", perimetre=None),  # no perimeter
        entree(numero="6", gain="90000", statut="abandonnee"),
        entree(numero="7", gain="10", statut="reportee", dateEffet=None),
        entree(numero="8", gain="1000", dateEffet="2027-01-01"),  # no effect in the year
    ]
    recorded = enregistrees(services, plan.uid, 1, lines)
    totals = recorded.totaux
    assert (recorded.creees, recorded.modifiees, recorded.inchangees) == (8, 0, 0)
    assert (totals.actions, totals.exclues) == (6, 4)
    assert (str(totals.gainDeclare), str(totals.gainRetenu)) == ("185000.00", "42000.00")
    assert (str(totals.gainAnnee), str(totals.report)) == ("61333.33", "123666.67")
    assert (str(totals.montantReference), str(totals.perimetre)) == ("600000.00", "400000.00")
    assert str(totals.performance) == "21.0"  # 42 000 / 200 000, the two lines that are kept
    assert [(one.controle, one.actions, one.exclues, str(one.gainDeclare)) for one in totals.parControle] == [
        ("Q1", 1, 1, "12000.00"),
        ("Q2", 1, 1, "100000.00"),
        ("Q3", 2, 1, "60000.00"),
        ("Q4", 1, 1, "1000.00"),
        (None, 1, 0, "12000.00"),
    ]
    assert [(one.statut, one.actions, str(one.gainDeclare)) for one in totals.parStatut] == [
        ("idee", 6, "185000.00"),
        ("abandonnee", 1, "90000.00"),
        ("reportee", 1, "10.00"),
    ]
    with services.database.read() as connection:
        assert services.paat.lire(connection, Caller("d", Role.DGOS, None), plan.uid).totaux == totals


async def test_every_enumeration_is_shown_with_its_mark(local_client: AsyncClient) -> None:
    listed = {one["nom"]: one["valeurs"] for one in (await local_client.get("/v1/paat/codes")).json()["enumerations"]}
    assert len(listed) == 10
    assert listed["EffetBudgetaire"][0] == {
        "code": "effet_prix_induit",
        "libelle": "Effet prix induit",
        "marque": "attesté : DGOS 2022, l. 1407-1413",
    }
    assert listed["Operateur"][3]["marque"] == "hypothèse"
