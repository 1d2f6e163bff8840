"""Marchés that end: those nobody renews in time first, with the day on which to begin; lead times replaced."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import Forbidden
from semaphore_hub.modules.planification.delais import DelaisDonnes
from semaphore_hub.modules.planification.jalons import DEFAUTS
from tests.modules.planification.samples import BASE, planned
from tests.modules.planification.test_projets import living

DELAIS = {
    "recensement": 100, "strategie": 90, "dce": 80, "publication": 70, "remise": 50, "analyse": 45, "attribution": 20,
    "notification": 10, "debut": 0,
}  # fmt: skip


def filiere(**changes: Any) -> dict[str, Any]:
    jalons = [{"jalon": code, "jours": jours} for code, jours in DELAIS.items()]
    return {"filiere": "adaptee", "source": "Guide fictif des achats", "jalons": jalons, **changes}


async def test_late_ones_come_first_then_by_the_day_on_which_to_begin(client: AsyncClient, known: Services) -> None:
    late = living(known, date(2026, 5, 31), id="TARD", montant="100000.00")
    soon = living(known, date(2026, 12, 31), id="BIENTOT", montant="300000.00")
    renewed = living(known, date(2026, 4, 30), id="REPRIS")
    living(known, date(2027, 1, 1), id="APRES")
    living(known, None, id="SANSFIN")
    project = planned(known, renouvelle=renewed)
    answer = await client.get(f"{BASE}/echeances", params={"avant": "2027-01-01"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["total"], found["enRetard"], found["sansSuccesseur"]) == (3, 1, 2)
    assert [one["marche"] for one in found["items"]] == [late, renewed, soon]
    first, second, third = found["items"]
    # Adapted: 150 days before 1 June is 2 January; the clock is on 2 March.
    assert (first["filiere"], first["lancementAuPlusTard"], first["joursRetard"]) == ("adaptee", "2026-01-02", 59)
    assert "il y a 59 jour(s)" in first["message"]
    assert (second["successeur"], second["statutSuccesseur"], second["joursRetard"]) == (project.uid, "identifie", 0)
    assert (third["filiere"], third["lancementAuPlusTard"]) == ("formalisee", "2026-04-06")
    assert third["message"] == "Créez le projet qui le renouvelle avant le 06/04/2026."
    cut = await client.get(f"{BASE}/echeances", params={"avant": "2027-01-01", "limit": 1})
    assert ([one["marche"] for one in cut.json()["items"]], cut.json()["total"]) == ([late], 3)


async def test_expiries_are_of_the_perimeter_and_of_any_day(local: AsyncClient, embedded: Services) -> None:
    living(embedded, date.max)
    stranger = Caller("ailleurs", Role.ACHETEUR, frozenset({"FIC-02"}))
    with embedded.database.read() as connection:
        assert embedded.planification.echeances(connection, stranger, date.max, 10).total == 0
    assert (await local.get(f"{BASE}/echeances", params={"avant": "0001-01-01"})).json()["total"] == 0
    assert (await local.get(f"{BASE}/echeances")).status_code == 422


async def test_lead_times_are_replaced_and_plans_follow(client: AsyncClient, known: Services) -> None:
    before = (await client.get(f"{BASE}/delais")).json()["filieres"]
    assert [one["jalons"][0]["jours"] for one in before] == [270, 150, 60, 90]
    assert all(one["source"].startswith("hypothèse") for one in before)
    answer = await client.put(f"{BASE}/delais", json={"filieres": [filiere()]})
    assert answer.status_code == 200, answer.text
    after = (await client.get(f"{BASE}/delais")).json()["filieres"]
    assert (after[1]["source"], {one["jalon"]: one["jours"] for one in after[1]["jalons"]}) == (
        "Guide fictif des achats",
        DELAIS,
    )
    assert [after[0], *after[2:]] == [before[0], *before[2:]]
    found = planned(known, montantEstime="100000")
    assert (found.jalons[0].prevu, found.dateDebutPrevue) == (date(2026, 9, 23), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"filiere": "adhesion"}, "PLA-DELAIS-JALONS"),
        ({"jalons": filiere()["jalons"][1:]}, "PLA-DELAIS-JALONS"),
        ({"jalons": [{"jalon": "recensement", "jours": 89}, *filiere()["jalons"][1:]]}, "PLA-DELAIS-ORDRE"),
        ({"jalons": [*filiere()["jalons"][:-1], {"jalon": "debut", "jours": 1}]}, "PLA-DELAIS-FIN"),
    ],
)
async def test_wrong_lead_times_are_refused(local: AsyncClient, changes: dict[str, Any], rule: str) -> None:
    answer = await local.put(f"{BASE}/delais", json={"filieres": [filiere(**changes)]})
    assert [one["rule"] for one in answer.json()["errors"]] == [rule]
    assert (await local.get(f"{BASE}/delais")).json()["filieres"][1]["jalons"][0]["jours"] == 150


def test_lead_times_are_common_so_only_an_integrator_replaces_them(embedded: Services) -> None:
    given = DelaisDonnes.model_validate({"filieres": [filiere()]})
    director = Caller("directeur-fictif", Role.DIRECTEUR_ACHATS, None)
    with embedded.database.write() as unit:
        with pytest.raises(Forbidden):
            embedded.planification.remplacer_delais(unit, director, given)
        assert (
            embedded.planification.remplacer_delais(unit, LOCAL, given).filieres[1].source == given.filieres[0].source
        )


def test_every_default_decreases_to_the_start() -> None:
    for jours in DEFAUTS.values():
        days = list(jours.values())
        assert days == sorted(days, reverse=True)
        assert days[-1] == 0
