"""The operational endpoints of a whole hub: partners, deliveries, events, inbox, contracts, probes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from semaphore_hub.app import build, create_app, require_protection
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.errors import ConfigurationError
from semaphore_hub.kernel.settings import Settings
from tests.e2e.bench import Bench, open_bench

MATCH = {"If-Match": '"1"'}


@pytest.fixture
async def bench(database_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Bench]:
    async with open_bench(database_url, tmp_path, clock) as opened:
        yield opened


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """The application of the product, given the services of each test: working its routes out takes long."""
    return create_app(build(Settings(database_url="sqlite:///never-opened.db")), dispatch=False)


@pytest.fixture
async def hub(bench: Bench, app: FastAPI) -> AsyncIterator[AsyncClient]:
    app.state.services = bench.services
    async with AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://hub") as client:
        yield client


async def test_what_became_of_a_marche_can_be_read_from_event_to_bytes(bench: Bench, hub: AsyncClient) -> None:
    uid = bench.notify(1)
    await bench.until(lambda: bench.states().count("ACKNOWLEDGED") == 3)
    events = (await hub.get("/v1/events", params={"subject": f"marche/{uid}"})).json()["items"]
    assert [event["type"].rsplit(".", 2)[1] for event in events] == ["cree", "notifie"]
    assert (await hub.get(f"/v1/events/{events[1]['id']}")).json() == events[1]

    page = (await hub.get("/v1/deliveries", params={"subject": f"marche/{uid}"})).json()
    assert {item["partner"] for item in page["items"]} == {"dgfip", "gef_ideo_gelf"}
    pes = next(item for item in page["items"] if item["partner"] == "dgfip")
    detail = (await hub.get(f"/v1/deliveries/{pes['id']}")).json()
    assert detail["state"] == "ACKNOWLEDGED"
    assert [attempt["outcome"] for attempt in detail["history"]] == ["delivered"]
    body = await hub.get(f"/v1/deliveries/{pes['id']}/body")
    assert body.content.startswith(b"<?xml")

    inbound = (await hub.get("/v1/inbound", params={"source": "dgfip"})).json()["items"]
    assert inbound[0]["deliveries"] == [pes["id"]]
    assert (await hub.get(f"/v1/inbound/{inbound[0]['id']}")).json()["contract"] == "dgfip/pes-acquit/2"
    assert b"PES_ACQUIT" in (await hub.get(f"/v1/inbound/{inbound[0]['id']}/body")).content
    refused = await hub.post(f"/v1/inbound/{inbound[0]['id']}/replay")
    assert refused.status_code == 409


async def test_lists_are_paged_by_cursor_and_filtered(bench: Bench, hub: AsyncClient) -> None:
    for number in range(3):
        bench.notify(number)
    await bench.until(lambda: bench.states().count("ACKNOWLEDGED") == 7)
    seen, cursor = [], None
    while True:
        params = {"limit": 2, "partner": "dgfip", **({"cursor": cursor} if cursor else {})}
        page = (await hub.get("/v1/deliveries", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 3
    page = (await hub.get("/v1/deliveries", params={"state": "DEAD"})).json()
    assert page == {"items": [], "next": None}
    assert (await hub.get("/v1/deliveries", params={"stat": "DEAD"})).status_code == 422


async def test_a_refused_delivery_is_replayed_or_discarded_with_a_reason(bench: Bench, hub: AsyncClient) -> None:
    bench.faults("gef_ideo_gelf", scenarios=["tiers_inconnu"])
    bench.notify(1)
    await bench.until(lambda: "REJECTED" in bench.states("gef_ideo_gelf"))
    row = next(item for item in bench.deliveries("gef_ideo_gelf") if item.state == "REJECTED")
    detail = (await hub.get(f"/v1/deliveries/{row.id}")).json()
    assert detail["code"] == "TIERS_INCONNU"
    assert detail["answer"]["lines"][0]["accepted"] is False

    bench.faults("gef_ideo_gelf")
    key = {"Idempotency-Key": "replay-1"}
    first = await hub.post(f"/v1/deliveries/{row.id}/replay", headers=key)
    assert first.status_code == 200
    again = await hub.post(f"/v1/deliveries/{row.id}/replay", headers=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    await bench.until(lambda: bench.states("gef_ideo_gelf")[-1] == "ACKNOWLEDGED")
    history = (await hub.get(f"/v1/deliveries/{row.id}")).json()["history"]
    assert [attempt["trigger"] for attempt in history] == ["scheduled", "manual"]
    late = await hub.post(f"/v1/deliveries/{row.id}/discard", json={"reason": "trop tard"})
    assert late.status_code == 409
    assert (await hub.post(f"/v1/deliveries/{row.id}/discard", json={})).status_code == 422
    assert (await hub.post(f"/v1/deliveries/{row.id[:-1]}0/replay")).status_code in {404, 409}


async def test_a_partner_is_paused_resumed_switched_and_gated_with_its_version(bench: Bench, hub: AsyncClient) -> None:
    url = "/v1/partners/gef_ideo_gelf"
    assert (await hub.get(url)).headers["ETag"] == '"1"'
    assert (await hub.post(f"{url}/pause", json={"reason": "maintenance"})).status_code == 428
    paused = await hub.post(f"{url}/pause", json={"reason": "maintenance"}, headers=MATCH)
    assert (paused.json()["paused"], paused.json()["pausedReason"]) == (True, "maintenance")
    assert (await hub.post(f"{url}/resume", headers=MATCH)).status_code == 412
    bench.notify(1)
    await bench.until(lambda: bench.states("dgfip") == ["ACKNOWLEDGED"])
    assert "PENDING" in bench.states("gef_ideo_gelf")
    resumed = await hub.post(f"{url}/resume", headers={"If-Match": paused.headers["ETag"]})
    assert resumed.json()["paused"] is False
    await bench.until(lambda: set(bench.states("gef_ideo_gelf")) == {"ACKNOWLEDGED"})

    old = await hub.post(
        f"{url}/version", json={"productVersion": "1.4"}, headers={"If-Match": resumed.headers["ETag"]}
    )
    assert old.json()["effectiveChannel"] == "file"
    assert "1.4" in old.json()["gate"]
    bench.notify(2)
    await bench.until(lambda: bench.states("gef_ideo_gelf").count("ACKNOWLEDGED") == 3)
    assert bench.deliveries("gef_ideo_gelf")[-1].channel == "file"
    assert (await hub.get(f"{url}/health")).json()["ok"] is True


UNWORKABLE: list[tuple[dict[str, object], int, str | None]] = [
    ({"connector": "unknown"}, 404, None),
    ({"settings": {}}, 409, "$.parametres"),
    ({"settings": {"colour": "blue"}}, 409, "$.parametres"),
    ({"channel": "pigeon"}, 422, "$.channel"),
    ({"siret": "123"}, 422, "$.siret"),
    ({"retrySchedule": ["soon"]}, 422, "$.retrySchedule"),
    ({"id": "../etc"}, 422, "$.id"),
    ({"colour": "blue"}, 422, "$.colour"),
    ({"id": "dgfip"}, 409, None),
]


async def test_a_partner_that_cannot_work_is_refused_and_nothing_is_kept(hub: AsyncClient) -> None:
    settings = (await hub.get("/v1/partners/dgfip")).json()["settings"]
    good = {"id": "dgfip_2", "connector": "dgfip", "label": "Second", "settings": settings}
    for change, status, path in UNWORKABLE:
        answer = await hub.post("/v1/partners", json={**good, **change})
        assert answer.status_code == status, (change, answer.text)
        assert answer.headers["content-type"] == "application/problem+json", change
        if path is not None:
            assert any(error["path"].startswith(path) for error in answer.json()["errors"]), (change, answer.json())
        assert len((await hub.get("/v1/partners")).json()["items"]) == 2, change


async def test_a_deposited_document_is_kept_and_reported_whatever_it_is(bench: Bench, hub: AsyncClient) -> None:
    params = {"partner": "dgfip"}
    named = {"X-Document-Name": "ACQUIT_1.xml"}
    answer = await hub.post("/v1/inbound", params=params, headers=named, content=b"not xml")
    assert answer.status_code == 202
    report = answer.json()
    assert report["status"] == "QUARANTINED"
    assert report["reason"]
    again = (await hub.post("/v1/inbound", params=params, headers=named, content=b"not xml")).json()
    assert (again["id"], again["copies"]) == (report["id"], 1)
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'
    report = (await hub.post("/v1/inbound", params=params, headers=named, content=bomb)).json()
    assert report["status"] == "QUARANTINED"
    unnamed = await hub.post("/v1/inbound", params=params, content=b"x")
    assert unnamed.status_code == 422
    for name in ("../../etc/passwd", "a/b.xml", ".hidden", "a b"):
        bad = await hub.post("/v1/inbound", params=params, headers={"X-Document-Name": name}, content=b"x")
        assert bad.status_code == 422, name
    unknown = await hub.post("/v1/inbound", params={"partner": "nobody"}, headers=named, content=b"x")
    assert unknown.status_code == 404


async def test_contracts_are_listed_and_validate_documents(hub: AsyncClient) -> None:
    listed = {item["id"]: item for item in (await hub.get("/v1/contracts")).json()["items"]}
    assert listed["dgfip/pes-marche/5.17"]["status"] == "official"
    assert listed["gef_ideo_gelf/marches-api/1"]["status"] == "assumed"
    detail = (await hub.get("/v1/contracts/dgfip/pes-marche/5.17")).json()
    assert len(detail["ruleset"]) == listed["dgfip/pes-marche/5.17"]["rules"]
    assert any(name.endswith(".xsd") for name in detail["artefacts"])
    verdict = (await hub.post("/v1/contracts/daj/decp-json/2.0.4/validation", content=b'{"marches": 1}')).json()
    assert verdict["valid"] is False
    assert verdict["findings"][0]["path"]
    assert (await hub.get("/v1/contracts/dgfip/pes-marche/9")).status_code == 404


async def test_a_body_larger_than_the_limit_is_refused_while_it_arrives(bench: Bench, hub: AsyncClient) -> None:
    async def endless():
        for _ in range(200):
            yield b"x" * 1024 * 1024

    answer = await hub.post(
        "/v1/inbound", params={"partner": "dgfip"}, headers={"X-Document-Name": "big.xml"}, content=endless()
    )
    assert answer.status_code == 413
    assert (await hub.get("/v1/inbound", params={"source": "dgfip"})).json()["items"] == []


async def test_probes_tell_how_the_hub_is(bench: Bench, hub: AsyncClient) -> None:
    assert (await hub.get("/health")).json()["status"] == "ok"
    await bench.until(lambda: bench.states() == ["ACKNOWLEDGED"])
    metrics = (await hub.get("/metrics")).text
    assert 'semaphore_deliveries{partner="gef_ideo_gelf",state="ACKNOWLEDGED"} 1.0' in metrics
    assert "semaphore_events_unrouted 0.0" in metrics


async def test_the_documentation_page_needs_no_internet(hub: AsyncClient) -> None:
    page = (await hub.get("/docs")).text
    assert "https://" not in page.replace("https://github.com", "")
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert (await hub.get(f"/docs/assets/{asset}")).status_code == 200


def test_an_unprotected_hub_listens_on_the_loopback_only() -> None:
    require_protection(Settings(), "127.0.0.1")
    with pytest.raises(ConfigurationError, match="tokens"):
        require_protection(Settings(), "0.0.0.0")
    require_protection(Settings(oidc_issuer="https://issuer.example"), "0.0.0.0")
