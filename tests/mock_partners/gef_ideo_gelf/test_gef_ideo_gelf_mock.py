"""The simulated IDEO GELF judges, refuses, remembers what took effect, and answers in the partner's own way."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import contracts
from tests.mock_partners.gef_ideo_gelf.client import API, Client, make


@pytest.fixture
async def gef() -> AsyncIterator[Client]:
    client = Client(make())
    yield client
    await client.http.aclose()


def codes(answer: httpx.Response) -> dict[int, str | None]:
    """The code of each line; the acknowledgement itself satisfies its contract."""
    assert answer.status_code == 200, answer.text
    assert contracts.validate("gef_ideo_gelf/acquittement-json/1", answer.content).findings == ()
    return {line["ligne"]: line.get("code") for line in answer.json()["lignes"]}


async def test_a_marche_is_accepted_line_by_line_and_kept(gef: Client) -> None:
    answer = await gef.send("marche_deux_titulaires")
    assert codes(answer) == {1: None, 2: None}
    kept = gef.mock.snapshot()["marches"]["2026VAL001"]
    assert kept["montantHT"] == "200000.00"
    assert [line["montantHT"] for line in kept["lignes"].values()] == ["150000.00", "50000.00"]


@pytest.mark.parametrize(
    ("known", "code", "lines"),
    [
        ({"tiersConnus": ["99900101900010"]}, "TIERS_INCONNU", [2]),
        ({"tiersConnus": []}, "TIERS_INCONNU", [1, 2]),
        ({"ufs": ["2000"]}, "UF_INCONNUE", [1, 2]),
        ({"comptes": ["6068"]}, "COMPTE_INCONNU", [1, 2]),
        ({"etablissements": ["990780025"]}, "ETABLISSEMENT_INCONNU", [1, 2]),
        ({"version": "1.9"}, "VERSION_INCOMPATIBLE", [1, 2]),
        ({"version": "09.04.00226", "versionMinimum": "9.5"}, "VERSION_INCOMPATIBLE", [1, 2]),
    ],
)
async def test_what_the_system_does_not_know_refuses_the_lines_concerned(
    gef: Client, known: dict[str, Any], code: str, lines: list[int]
) -> None:
    await gef.state(**known)
    answer = await gef.send("marche_deux_titulaires")
    assert codes(answer) == {number: code if number in lines else None for number in (1, 2)}
    assert answer.json()["verdict"] == ("partiel" if len(lines) == 1 else "rejete")
    kept = gef.mock.snapshot()["marches"].get("2026VAL001")
    assert (kept is None) == (len(lines) == 2)


async def test_a_supplier_that_was_created_is_known(gef: Client) -> None:
    await gef.state(tiersConnus=["99900102700013"])
    assert codes(await gef.send("fournisseur_creation")) == {1: None}
    assert codes(await gef.send("marche_deux_titulaires")) == {1: None, 2: None}


async def test_life_events_of_an_unknown_marche_are_refused(gef: Client) -> None:
    assert set(codes(await gef.send("modification")).values()) == {"MARCHE_INCONNU"}
    assert set(codes(await gef.send("correction")).values()) == {"MARCHE_INCONNU"}


async def test_a_marche_number_already_taken_by_another_message_is_refused(gef: Client) -> None:
    await gef.send("marche_deux_titulaires")
    answer = await gef.send("marche_deux_titulaires", idMessage="SEM-0099")
    assert set(codes(answer).values()) == {"DOUBLON_MARCHE"}


async def test_modifications_change_the_amount_once_and_come_in_order(gef: Client) -> None:
    await gef.send("marche_deux_titulaires")
    assert set(codes(await gef.send("modification")).values()) == {None}
    again = await gef.send("modification", idMessage="SEM-0098")
    assert set(codes(again).values()) == {"MODIFICATION_HORS_SEQUENCE"}
    kept = gef.mock.snapshot()["marches"]["2026VAL001"]
    assert (kept["montantHT"], kept["modifications"]) == ("215000.00", [1])


async def test_a_correction_replaces_the_state(gef: Client) -> None:
    await gef.send("marche_deux_titulaires")
    assert set(codes(await gef.send("correction")).values()) == {None}
    kept = gef.mock.snapshot()["marches"]["2026VAL001"]
    assert kept["objet"] == "Maintenance des équipements d'imagerie en coupe"


async def test_an_amount_of_zero_is_refused(gef: Client) -> None:
    answer = await gef.send("marche_groupement_solidaire", marche__montantHT="0")
    assert set(codes(answer).values()) == {"MONTANT_INVALIDE"}


async def test_the_same_message_takes_effect_once_whatever_the_key(gef: Client) -> None:
    first = await gef.send("marche_deux_titulaires", key="cle-1")
    second = await gef.send("marche_deux_titulaires", key="cle-1")
    third = await gef.send("marche_deux_titulaires", key="cle-2")
    assert first.json() == second.json() == third.json()
    assert "Idempotent-Replay" not in first.headers
    assert second.headers["Idempotent-Replay"] == third.headers["Idempotent-Replay"] == "true"
    assert gef.mock.snapshot()["effets"] == {"SEM-0003": [1, 2]}


async def test_a_refusal_is_judged_again_and_only_the_refused_line_takes_effect(gef: Client) -> None:
    await gef.state(tiersConnus=["99900101900010"])
    assert codes(await gef.send("marche_deux_titulaires")) == {1: None, 2: "TIERS_INCONNU"}
    await gef.state(tiersConnus=None)
    answer = await gef.send("marche_deux_titulaires")
    assert codes(answer) == {1: None, 2: None}
    assert answer.json()["verdict"] == "accepte"
    assert gef.mock.snapshot()["effets"] == {"SEM-0003": [1, 2]}


async def test_a_line_in_force_is_not_undone_by_a_later_refusal_of_the_rest(gef: Client) -> None:
    await gef.state(tiersConnus=["99900101900010"])
    await gef.send("marche_deux_titulaires")
    await gef.state(version="1.0")
    answer = await gef.send("marche_deux_titulaires")
    assert codes(answer) == {1: None, 2: "VERSION_INCOMPATIBLE"}
    assert "motif" not in answer.json()


async def test_a_key_used_for_another_content_is_a_conflict_unless_it_had_no_effect(gef: Client) -> None:
    await gef.state(tiersConnus=[])
    await gef.send("marche_deux_titulaires", key="cle-1")
    await gef.state(tiersConnus=None)
    assert (await gef.send("fournisseur_creation", key="cle-1")).status_code == 200
    answer = await gef.send("marche_deux_titulaires", key="cle-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "CLE_REUTILISEE")


@pytest.mark.parametrize("example", [one for one in API.examples if one.rule], ids=lambda one: one.path.name)
async def test_what_breaks_the_contract_is_refused_with_its_findings(gef: Client, example: contracts.Example) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k", "X-Id-Message": "SEM-0003"}
    answer = await gef.http.post("/v1/marches", content=example.path.read_bytes(), headers=headers)
    if API.rule(example.rule or "").severity == "warning":
        assert answer.status_code in (200, 422)  # 422: the example is a message for another operation
        return
    assert answer.status_code == (400 if example.rule in ("GEF-JSON", "GEF-ENCODAGE") else 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert {finding["rule"] for finding in answer.json()["anomalies"]} == {example.rule}
    assert gef.mock.snapshot()["marches"] == {}


async def test_requests_out_of_place_are_refused(gef: Client) -> None:
    body = (API.folder / "examples" / "valid" / "modification.json").read_bytes()
    fit = {"Content-Type": "application/json", "Idempotency-Key": "k", "X-Id-Message": "SEM-0004"}
    for path, headers, status, code in (
        ("/v1/marches/2026VAL001/modifications", fit | {"Content-Type": "text/plain"}, 415, "TYPE_DE_CONTENU"),
        ("/v1/marches/2026VAL001/modifications", fit | {"Idempotency-Key": ""}, 400, "ENTETE_ABSENT"),
        ("/v1/marches/2026VAL001/modifications", fit | {"X-Id-Message": "SEM-9"}, 422, "CONTRADICTION"),
        ("/v1/marches/AUTRE/modifications", fit, 422, "CONTRADICTION"),
        ("/v1/marches/2026VAL001/corrections", fit, 422, "CONTRADICTION"),
    ):
        answer = await gef.http.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    answer = await gef.http.post("/v1/marches", content=b" " * (10 * 1024 * 1024 + 1), headers=fit)
    assert answer.status_code == 413


async def test_the_api_key_is_asked_everywhere() -> None:
    client = Client(make(api_key="secret"))
    for method, path in (
        ("POST", "/v1/fournisseurs"),
        ("GET", "/v1/messages/SEM-1/acquittement"),
        ("GET", "/v1/acquittements"),
        ("GET", "/v1/acquittements/ACK-1"),
        ("PUT", "/v1/acquittements/ACK-1/lecture"),
        ("GET", "/v1/sante"),
    ):
        assert (await client.http.request(method, path)).status_code == 401
    answer = await client.http.get("/v1/sante", headers={"X-Api-Key": "secret"})
    assert answer.json() == {"statut": "ok", "produit": "IDEO GELF", "version": "2.1"}


async def test_a_scenario_refuses_the_lines_it_names_as_many_times_as_asked(gef: Client) -> None:
    await gef.faults("tiers_inconnu:99900101900010*1")
    assert codes(await gef.send("marche_deux_titulaires")) == {1: "TIERS_INCONNU", 2: None}
    assert codes(await gef.send("marche_deux_titulaires")) == {1: None, 2: None}


@pytest.mark.parametrize(
    ("scenario", "code"),
    [("tiers_inconnu", "TIERS_INCONNU"), ("uf_inconnue:1000", "UF_INCONNUE"), ("compte_inconnu", "COMPTE_INCONNU")],
)
async def test_a_scenario_lasts_until_removed(gef: Client, scenario: str, code: str) -> None:
    await gef.faults(scenario)
    for _ in range(2):
        assert set(codes(await gef.send("marche_deux_titulaires")).values()) == {code}
    await gef.faults()
    assert set(codes(await gef.send("marche_deux_titulaires")).values()) == {None}


async def test_a_lost_acknowledgement_can_still_be_asked_for(gef: Client) -> None:
    await gef.faults("acquit_perdu")
    answer = await gef.send("marche_deux_titulaires")
    assert (answer.status_code, answer.json()["idMessage"]) == (202, "SEM-0003")
    assert (await gef.http.get("/v1/acquittements")).json() == {"acquittements": []}
    asked = await gef.http.get("/v1/messages/SEM-0003/acquittement")
    assert codes(asked) == {1: None, 2: None}
    assert (await gef.http.get("/v1/messages/SEM-404/acquittement")).status_code == 404


async def test_a_late_acknowledgement_is_listed_when_due_until_it_is_confirmed(gef: Client) -> None:
    await gef.http.put("/_mock/clock", json={"now": "2026-11-21T10:00:00Z"})
    await gef.faults("acquit_tardif:2h")
    assert (await gef.send("marche_deux_titulaires")).status_code == 202
    assert (await gef.http.get("/v1/acquittements")).json() == {"acquittements": []}
    await gef.http.put("/_mock/clock", json={"advance": "2h"})
    [entry] = (await gef.http.get("/v1/acquittements")).json()["acquittements"]
    path = f"/v1/acquittements/{entry['idAcquittement']}"
    assert codes(await gef.http.get(path)) == {1: None, 2: None}
    since = await gef.http.get("/v1/acquittements", params={"depuis": "2026-11-21T10:00:01Z"})
    assert since.json() == {"acquittements": []}
    wrong = await gef.http.get("/v1/acquittements", params={"depuis": "hier"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "PARAMETRE")
    assert [(await gef.http.put(f"{path}/lecture")).status_code for _ in range(2)] == [204, 204]
    assert (await gef.http.get("/v1/acquittements")).json() == {"acquittements": []}
    assert (await gef.http.get(path)).status_code == 404
    assert (await gef.http.put("/v1/acquittements/ACK-404/lecture")).status_code == 404


async def test_a_double_acknowledgement_comes_with_the_answer_and_again(gef: Client) -> None:
    await gef.faults("acquit_en_double*1")
    answer = await gef.send("marche_deux_titulaires")
    [entry] = (await gef.http.get("/v1/acquittements")).json()["acquittements"]
    assert (await gef.http.get(f"/v1/acquittements/{entry['idAcquittement']}")).json() == answer.json()


async def test_a_wrong_acknowledgement_speaks_of_something_else(gef: Client) -> None:
    await gef.faults("acquit_errone")
    assert (await gef.send("marche_deux_titulaires")).json()["numeroMarche"] == "AUTRE-MARCHE"
    assert (await gef.send("fournisseur_creation")).json()["idMessage"] == "AUTRE-MESSAGE"


async def test_the_option_of_deferred_answers_applies_to_every_message() -> None:
    client = Client(make(options={"differe": "0s"}))
    assert (await client.send("fournisseur_creation")).status_code == 202
    assert len((await client.http.get("/v1/acquittements")).json()["acquittements"]) == 1


async def test_every_document_received_is_kept_byte_for_byte_without_the_key(tmp_path: Path) -> None:
    client = Client(make(received_dir=tmp_path, partner="gef_valmont"))
    client.http.headers["X-Api-Key"] = "secret"
    await client.send("fournisseur_creation")
    [path] = (tmp_path / "gef_valmont").iterdir()
    assert path.name == "SEM-0001.json"
    [entry] = (await client.http.get("/_mock/received")).json()["items"]
    assert (entry["verdict"], entry["status"]) == ("accepted", 200)
    assert "secret" not in json.dumps(entry)


async def test_the_state_survives_a_restart_and_a_reset_empties_it(tmp_path: Path) -> None:
    state_file = tmp_path / "state.json"
    first = Client(make(state_file=state_file))
    await first.send("marche_deux_titulaires")
    second = Client(make(state_file=state_file))
    assert second.mock.snapshot() == first.mock.snapshot()
    assert (await second.send("marche_deux_titulaires")).headers["Idempotent-Replay"] == "true"
    await second.http.post("/_mock/reset")
    assert second.mock.snapshot()["marches"] == {}
    assert (await second.http.put("/_mock/state", json={"inconnu": 1})).status_code == 422
