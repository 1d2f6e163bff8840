"""The REST wire that three of the simulated GEF share: its statuses, its codes, what is read and confirmed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import contracts
from tests.mock_partners.gef.hubs import RestHub, SaasHub, codes, example, make

MESSAGE = contracts.get("gef/message-json/1")


@pytest.fixture(params=["gef_0904", "gef_saas", "gef_nc"])
async def hub(request: pytest.FixtureRequest) -> AsyncIterator[RestHub]:
    options = {"version": "1.0"} if request.param == "gef_nc" else {}
    mock = make(request.param, options=options)
    made = SaasHub(mock) if request.param == "gef_saas" else RestHub(mock)
    yield made
    await made.http.aclose()


@pytest.fixture
async def one() -> AsyncIterator[RestHub]:
    """One GEF is enough for what does not depend on it."""
    made = RestHub(make("gef_0904"))
    yield made
    await made.http.aclose()


async def test_a_message_is_answered_at_once_and_recognised_when_it_comes_again(hub: RestHub) -> None:
    first = await hub.post("marche")
    second = await hub.post("marche", Idempotency_Key="autre-cle")
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert "Idempotent-Replay" not in first.headers
    assert second.headers["Idempotent-Replay"] == "true"


async def test_a_late_answer_is_receipted_then_listed_until_confirmed(hub: RestHub) -> None:
    await hub.faults("acquit_tardif:1m*1")
    answer = await hub.post("marche")
    assert (answer.status_code, answer.json()) == (202, {"idMessage": "SEM-0004", "recuLe": "2026-12-01T08:00:00Z"})
    headers = await hub.credentials()
    assert (await hub.http.get("/v1/echanges", headers=headers)).json() == {"echanges": []}
    await hub.control("PUT", "clock", {"advance": "1m"})
    headers = await hub.credentials()
    [entry] = (await hub.http.get("/v1/echanges?lu=false", headers=headers)).json()["echanges"]
    assert entry == {"idEchange": "ECH-000001", "nature": "compteRendu", "emisLe": "2026-12-01T08:00:00Z"}
    path = f"/v1/echanges/{entry['idEchange']}"
    assert codes((await hub.http.get(path, headers=headers)).json()) == {1: None, 2: None}
    for _ in range(2):
        assert (await hub.http.put(f"{path}/lecture", headers=headers)).status_code == 204
    assert (await hub.http.get("/v1/echanges", headers=headers)).json() == {"echanges": []}
    [read] = (await hub.http.get("/v1/echanges?lu=true", headers=headers)).json()["echanges"]
    assert read == entry


async def test_what_is_not_there_to_read_is_said(one: RestHub) -> None:
    for method, path in (("GET", "/v1/echanges/ECH-9"), ("PUT", "/v1/echanges/ECH-9/lecture")):
        answer = await one.http.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "ECHANGE_INCONNU")
    answer = await one.http.get("/v1/echanges?lu=oui")
    assert (answer.status_code, answer.json()["code"]) == (422, "PARAMETRE")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content_Type": "text/plain"}, 415, "TYPE_DE_CONTENU"),
        ({"Idempotency_Key": ""}, 400, "ENTETE_ABSENT"),
        ({"X_Id_Message": ""}, 400, "ENTETE_ABSENT"),
        ({"X_Id_Message": "SEM-9999"}, 422, "CONTRADICTION"),
    ],
)
async def test_a_request_out_of_place_is_refused(one: RestHub, headers: dict[str, str], status: int, code: str) -> None:
    answer = await one.post("marche", None, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert one.mock.state.effets == {}


@pytest.mark.parametrize("broken", [one for one in MESSAGE.examples if one.rule], ids=lambda one: one.path.stem)
async def test_what_breaks_the_contract_is_refused_with_its_rule(one: RestHub, broken: contracts.Example) -> None:
    body = broken.path.read_bytes()
    answer = await one.post_body(body, "SEM-0004")
    if MESSAGE.rule(broken.rule or "").severity == "warning":
        assert answer.status_code in (200, 422)  # 422: the example is another message than the header says
        return
    assert answer.status_code == (400 if (broken.rule or "").endswith(("-JSON", "-ENCODAGE")) else 422)
    assert broken.rule in {anomaly["rule"] for anomaly in answer.json()["anomalies"]}
    assert one.mock.state.effets == {}


async def test_a_key_used_for_another_content_is_a_conflict_unless_it_had_no_effect(one: RestHub) -> None:
    await one.faults("tiers_inconnu*1")
    await one.post("marche", Idempotency_Key="cle")
    assert (await one.post("fournisseur_creation", Idempotency_Key="cle")).status_code == 200
    answer = await one.post("marche", Idempotency_Key="cle")
    assert (answer.status_code, answer.json()["code"]) == (409, "CLE_REUTILISEE")


async def test_the_answer_to_a_flux_must_be_one_and_to_a_flux_that_was_sent(one: RestHub) -> None:
    body = example_answer()
    answer = await one.http.post("/v1/comptes-rendus", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (404, "FLUX_INCONNU")
    answer = await one.http.post("/v1/comptes-rendus", content=b"{}", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "CONTRAT_NON_RESPECTE")
    answer = await one.http.post("/v1/comptes-rendus", content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert {entry.verdict for entry in one.mock.journal.search()} == {"rejected"}


async def test_a_body_beyond_the_limit_is_refused(one: RestHub) -> None:
    assert (await one.post_body(b" " * (50 * 1024 * 1024 + 1), "SEM-0004")).status_code == 413


async def test_everything_received_is_kept_byte_for_byte_without_secrets(tmp_path: Path) -> None:
    hub = RestHub(make("gef_0904", received_dir=tmp_path, partner="gef_valmont", api_key="secret"))
    body = example("json", "marche", {})
    await hub.post("marche", X_Api_Key="secret")
    [path] = (tmp_path / "gef_valmont").iterdir()
    assert (path.name, path.read_bytes()) == ("SEM-0004.json", body)
    [entry] = (await hub.control("GET", "received"))["items"]
    assert (entry["verdict"], entry["status"]) == ("accepted", 200)
    assert "secret" not in json.dumps(entry)


async def test_a_restarted_gef_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    hub = RestHub(make("gef_0904", state_file=file, known_suppliers=frozenset()))
    await hub.post("marche")
    again = RestHub(make("gef_0904", state_file=file, known_suppliers=frozenset()))
    assert again.mock.snapshot() == hub.mock.snapshot()
    assert (await again.post("marche")).headers["Idempotent-Replay"] == "true"
    # Suppliers are no longer controlled: what waited is answered.
    await again.state(controleTiers=False)
    assert [one["verdict"] for one in await again.fetch()] == ["accepte"]
    refused = await again.http.put("/_mock/state", json={"inconnu": 1})
    assert refused.status_code == 422


async def test_exchanges_that_were_read_are_forgotten_after_a_while(one: RestHub) -> None:
    for _ in range(205):
        one.mock.outbox.put({"emisLe": "2026-12-01T08:00:00Z"}, "compteRendu", "api", "990780017")
    for number in range(1, 206):
        assert one.mock.outbox.confirm(f"ECH-{number:06d}")
    assert next(iter(one.mock.state.aEmettre)) == "ECH-000006"


def example_answer() -> bytes:
    folder = contracts.get("gef/compte-rendu-json/1").folder
    return (folder / "examples" / "valid" / "accepte.json").read_bytes()
