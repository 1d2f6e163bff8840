"""Validation through the API: versions, statuses, what is waiting."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient, Response

from semaphore_hub.api.dependencies import Services
from tests.modules.paat.validation.plans import action, plan

INCONNU = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database: the same statements are run on both by the tests of the services."""
    return sqlite_url


async def post(client: AsyncClient, path: str, version: int | None, body: dict[str, Any] | None = None) -> Response:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return await client.post(f"/v1/paat/{path}", json=body, headers=headers)


async def test_a_plan_goes_from_brouillon_to_clos(client: AsyncClient, known: Services) -> None:
    created = plan(known, action("A-001"))
    answer = await post(client, f"{created.uid}/soumission", created.version)
    while answer.json()["suivante"] is not None:
        assert answer.status_code == 200, answer.text
        suite = answer.json()
        assert answer.headers["ETag"] == f'"{suite["version"]}"'
        waiting = (await client.get("/v1/paat/validations")).json()
        assert (waiting["total"], waiting["items"][0]["etape"]) == (1, suite["suivante"]["uid"])
        path = f"{created.uid}/etapes/{suite['suivante']['uid']}/decision"
        answer = await post(client, path, suite["version"], {"decision": "acceptee"})
    assert answer.json()["statut"] == "clos"
    history = await client.get(f"/v1/paat/{created.uid}/etapes")
    assert history.headers["ETag"] == answer.headers["ETag"]
    assert [one["statut"] for one in history.json()["etapes"]] == ["acceptee"] * 5
    assert (await client.get("/v1/paat/validations")).json() == {"total": 0, "items": [], "next": None}


async def test_what_is_refused_says_why(client: AsyncClient, known: Services) -> None:
    created = plan(known, action("A-001"))
    assert (await post(client, f"{created.uid}/soumission", None)).status_code == 428
    assert (await post(client, f"{created.uid}/soumission", 9)).status_code == 412
    assert (await post(client, f"{INCONNU}/soumission", 1)).status_code == 404
    suite = (await post(client, f"{created.uid}/soumission", created.version)).json()
    path = f"{created.uid}/etapes/{suite['suivante']['uid']}/decision"
    without = await post(client, path, suite["version"], {"decision": "refusee"})
    assert (without.status_code, without.json()["errors"][0]["rule"]) == (409, "PAA-RENVOI-MOTIF")
    assert (await post(client, path, suite["version"], {"decision": "peut-être"})).status_code == 422
    unknown = await post(client, f"{created.uid}/etapes/{INCONNU}/decision", suite["version"], {"decision": "acceptee"})
    assert unknown.status_code == 404
    again = await post(client, f"{created.uid}/soumission", suite["version"])
    assert (again.status_code, "Soumis par le GHT" in again.json()["detail"]) == (409, True)


async def test_a_validated_plan_is_carried_over(client: AsyncClient, known: Services) -> None:
    created = plan(known, action("A-001", gain="12000.00", dateEffet="2026-09-01"))
    suite = (await post(client, f"{created.uid}/soumission", created.version)).json()
    early = await post(client, f"{created.uid}/report", None, {"annee": 2027})
    assert early.status_code == 409
    path = f"{created.uid}/etapes/{suite['suivante']['uid']}/decision"
    await post(client, path, suite["version"], {"decision": "acceptee"})
    answer = await post(client, f"{created.uid}/report", None, {"annee": 2027})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["reportees"] == [{"numero": "A-001", "reportee": "R26-A-001", "gain": "8000.00"}]
    performance = (await client.get(f"/v1/paat/{found['uid']}/performance")).json()
    assert performance["reports"] == performance["total"]
    assert performance["partReports"] == "100.0"
