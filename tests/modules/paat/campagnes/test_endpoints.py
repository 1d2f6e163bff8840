"""Campaigns through the API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.clock import ManualClock
from tests.modules.paat.validation.plans import action, plan

CAMPAGNES = "/v1/paat/campagnes"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database: the same statements are run on both by the tests of the services."""
    return sqlite_url


async def test_a_campaign_is_opened_answered_and_followed(
    client: AsyncClient, known: Services, clock: ManualClock
) -> None:
    created = plan(known, action("A-001"))
    body = {"annee": 2026, "moment": "mi_annee"}
    opened = await client.post(CAMPAGNES, json=body, headers={"Idempotency-Key": "c-1"})
    assert opened.status_code == 201, opened.text
    again = await client.post(CAMPAGNES, json=body, headers={"Idempotency-Key": "c-1"})
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (opened.json(), "true")
    assert (await client.post(CAMPAGNES, json=body)).status_code == 409
    here = opened.headers["Location"]
    assert (await client.get(here)).json() == opened.json()

    early = await client.post(f"{here}/remontees", json={"paat": created.uid})
    assert early.json()["errors"][0]["rule"] == "PAA-REMONTEE-FENETRE"
    clock.set(datetime(2026, 7, 20, tzinfo=UTC))
    answer = await client.post(f"{here}/remontees", json={"paat": created.uid})
    assert answer.status_code == 201, answer.text
    frozen = (await client.get(answer.headers["Location"])).json()
    assert frozen["lignes"][0]["gain"] == "12000.00"
    listed = (await client.get(f"{here}/remontees", params={"ght": "FIC-01"})).json()
    assert [one["uid"] for one in listed["items"]] == [frozen["uid"]]
    followed = (await client.get(f"{here}/avancement")).json()
    assert (followed["remontes"], followed["regions"][0]["manquants"]) == (1, ["FIC-02"])
    same = await client.get(f"{CAMPAGNES}/ecarts", params={"ght": "FIC-01", "annee": 2026, "apres": "plan"})
    assert (same.status_code, same.json()["lignes"]) == (200, [])

    said = await client.post(f"{CAMPAGNES}/rappels", json={"jour": "2026-07-24"})
    assert said.json() == {"jour": "2026-07-24", "rappels": 1}
    reminders = (await client.get(f"{CAMPAGNES}/rappels", params={"ght": "FIC-02"})).json()["items"]
    assert [one["jours"] for one in reminders] == [7]
    listed = (await client.get(CAMPAGNES, params={"annee": 2026})).json()
    assert [one["uid"] for one in listed["items"]] == [opened.json()["uid"]]


@pytest.mark.parametrize(
    "body",
    [
        {"annee": 2026},
        {"annee": 2026, "moment": "trimestre"},
        {"annee": 2026, "moment": "mi_annee", "rappelsJours": [7, 7]},
        {"annee": 2026, "moment": "mi_annee", "rappelsJours": [61]},
        {"annee": 1999, "moment": "mi_annee"},
    ],
)
async def test_the_shape_of_a_campaign_is_checked(client: AsyncClient, body: dict[str, object]) -> None:
    assert (await client.post(CAMPAGNES, json=body)).status_code == 422
