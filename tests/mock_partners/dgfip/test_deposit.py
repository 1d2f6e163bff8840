"""The deposit service: API, folders, business scenarios, and what survives a restart."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import yaml

import contracts
from mock_partners.dgfip.app import create
from mock_partners.kit import MockConfig
from tests.mock_partners.dgfip.flows import acquits, deposit, dgfip, flow, name_of, verdicts


def assert_conforms(response: httpx.Response, schema: str) -> None:
    """The body satisfies a schema of the interface contract, under the media type it announces."""
    document = yaml.safe_load((contracts.get("dgfip/depot/1").folder / "openapi.yaml").read_text(encoding="utf-8"))
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    )
    validator.validate(response.json())
    expected = "application/problem+json" if response.is_error else "application/json"
    assert response.headers["content-type"].startswith(expected)


async def test_a_deposit_is_received_then_acknowledged_once_read() -> None:
    body = flow(1)
    async with dgfip() as (_, client):
        receipt = await deposit(client, body)
        assert receipt.status_code == 201
        assert_conforms(receipt, "Depot")
        assert receipt.json()["nomFichier"] == name_of(body)
        assert receipt.json()["sha256"] == hashlib.sha256(body).hexdigest()
        listing = await client.get("/acquits", params={"lu": "false"})
        assert_conforms(listing, "ListeAcquits")
        (item,) = listing.json()["acquits"]
        assert item["nomFichier"] == f"ACQUIT_{name_of(body)}"
        acquit = await client.get(f"/acquits/{item['idAcquit']}")
        assert acquit.headers["content-type"].startswith("application/xml")
        assert contracts.validate("dgfip/pes-acquit/2", acquit.content).findings == ()
        assert verdicts(acquit.content) == [("11", "1", "2026DM001-001", "", "")]
        assert (await client.post(f"/acquits/{item['idAcquit']}/lecture")).status_code == 204
        assert await acquits(client) == []
        assert len((await client.get("/acquits", params={"lu": "true"})).json()["acquits"]) == 1
        assert_conforms(await client.get("/sante"), "Sante")


async def test_the_same_file_again_is_a_replay_without_a_second_effect() -> None:
    body = flow(1)
    async with dgfip() as (mock, client):
        first = await deposit(client, body)
        again = await deposit(client, body)
        other_key = await deposit(client, body, key="another")
        assert [one.status_code for one in (first, again, other_key)] == [201, 200, 200]
        assert again.json() == first.json()
        assert len(await acquits(client)) == 1
        assert [one["sequence"] for one in mock.snapshot()["marches"]["26990001500018/2026DM001"]] == [1]
        assert (await client.get("/_mock/received", params={"verdict": "replayed"})).json()["total"] == 2


async def test_a_name_or_a_key_already_used_for_other_bytes_is_refused() -> None:
    async with dgfip() as (_, client):
        await deposit(client, flow(1))
        for body, key, code in (
            (flow(1, contract="2026DM002"), "new", "nom-deja-vu"),
            (flow(2), f"key-{name_of(flow(1))}", "cle-reemployee"),
        ):
            refused = await deposit(client, body, key=key)
            assert (refused.status_code, refused.json()["type"]) == (409, f"urn:fictif:depot:{code}")
            assert_conforms(refused, "Probleme")
        assert len(await acquits(client)) == 1


async def test_the_same_name_for_another_collectivity_is_another_file() -> None:
    other = flow(1, contract="2026DM002", replace=(('<CodCol V="010"/>', '<CodCol V="011"/>'),))
    async with dgfip() as (_, client):
        assert (await deposit(client, flow(1))).status_code == 201
        assert (await deposit(client, other, key="b", headers={"X-P-Msg": "PES#011#099001#00"})).status_code == 201


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"not xml", {}),
        (b"<?xml version='1.0'?><autre/>", {}),
        (flow(1).replace(b'<CodCol V="010"/>', b""), {}),
        (flow(1), {"X-Nom-Fichier": "AUTRE.xml"}),
        (flow(1), {"X-P-Msg": "PES#999#099001#00"}),
    ],
)
async def test_a_deposit_that_cannot_be_routed_is_refused_at_once(body: bytes, headers: dict[str, str]) -> None:
    async with dgfip() as (_, client):
        answer = await deposit(client, body, headers=headers)
        assert answer.status_code == 422
        assert_conforms(answer, "Probleme")
        assert await acquits(client) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Nom-Fichier": ""},
        {"X-Nom-Fichier": "a/b.xml"},
        {"X-P-Msg": ""},
        {"X-P-Msg": "PES#1#2#3"},
        {"Idempotency-Key": ""},
    ],
)
async def test_a_missing_or_malformed_header_is_a_bad_request(headers: dict[str, str]) -> None:
    async with dgfip() as (_, client):
        answer = await deposit(client, flow(1), headers=headers)
        assert answer.status_code == 400
        assert_conforms(answer, "Probleme")


async def test_another_media_type_is_refused() -> None:
    async with dgfip() as (_, client):
        answer = await deposit(client, flow(1), headers={"Content-Type": "text/plain"})
        assert answer.status_code == 415
        assert_conforms(answer, "Probleme")


async def test_every_operation_wants_the_key_when_there_is_one() -> None:
    async with dgfip(api_key="secret") as (_, client):
        refused = [
            await deposit(client, flow(1)),
            await client.get("/acquits"),
            await client.get("/acquits/a-000001"),
            await client.post("/acquits/a-000001/lecture"),
        ]
        assert [one.status_code for one in refused] == [401] * 4
        assert_conforms(refused[0], "Probleme")
        assert (await deposit(client, flow(1), headers={"Authorization": "Bearer secret"})).status_code == 201
        shown = (await client.get("/_mock/received")).json()["items"][0]["headers"]
        assert "secret" not in str(shown)


async def test_an_unknown_acknowledgement_is_not_found() -> None:
    async with dgfip() as (_, client):
        assert (await client.get("/acquits/a-999999")).status_code == 404
        assert (await client.post("/acquits/a-999999/lecture")).status_code == 404


async def use(mock: Any, *scenarios: str) -> None:
    mock.faults.replace([], scenarios)


async def test_a_late_acknowledgement_waits_for_the_clock() -> None:
    async with dgfip() as (mock, client):
        await client.put("/_mock/clock", json={"now": "2026-03-02T10:00:00Z"})
        await use(mock, "acquit_tardif:2d")
        await deposit(client, flow(1))
        assert await acquits(client) == []
        await client.post("/_mock/clock", json={"advance": "2d"})
        assert len(await acquits(client)) == 1


async def test_a_lost_acknowledgement_comes_when_the_file_is_deposited_again() -> None:
    async with dgfip() as (mock, client):
        await use(mock, "acquit_perdu*1")
        await deposit(client, flow(1))
        assert await acquits(client) == []
        assert (await deposit(client, flow(1))).status_code == 200
        assert len(await acquits(client)) == 1


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("acquit_en_double", [[("11", "1", "2026DM001-001", "")]] * 2),
        ("acquit_errone", [[("11", "1", "2020INCONNU-001", "")]]),
        ("acquit_partiel", [[("11", "1", "2026DM001-001", ""), ("4", "0", "", "ERREUR_PJ")]]),
        ("rupture_sequence", [[("11", "0", "2026DM001-001", "ERREUR_AUTRE")]]),
        ("budget_inconnu", [[("99", "0", "", "ERREUR_CODE_COLLECTIVITE_BUDGET")]]),
    ],
)
async def test_a_scenario_changes_the_acknowledgement(scenario: str, expected: list[Any]) -> None:
    async with dgfip() as (mock, client):
        await use(mock, scenario)
        await deposit(client, flow(1))
        found = await acquits(client)
        assert [[one[:4] for one in verdicts(body)] for body in found] == expected
        assert all(contracts.validate("dgfip/pes-acquit/2", body).valid for body in found)


async def test_an_acknowledgement_without_sender_breaks_the_schema_on_purpose() -> None:
    async with dgfip() as (mock, client):
        await use(mock, "acquit_sans_emetteur")
        await deposit(client, flow(1))
        (body,) = await acquits(client)
        assert b"Emetteur" not in body
        assert not contracts.validate("dgfip/pes-acquit/2", body).valid


async def test_a_restarted_mock_remembers_names_sequences_and_acknowledgements(tmp_path: Path) -> None:
    file = tmp_path / "dgfip.json"
    async with dgfip(state_file=file) as (_, client):
        await deposit(client, flow(1))
    async with dgfip(state_file=file) as (_, client):
        assert (await deposit(client, flow(1))).status_code == 200
        await deposit(client, flow(2, sequence=2))
        assert [verdicts(body)[0][1:3] for body in await acquits(client)] == [
            ("1", "2026DM001-001"),
            ("1", "2026DM001-002"),
        ]
        assert (await client.put("/_mock/state", json={"depots": {"x": {"y": 1}}})).status_code == 422


async def test_every_document_lies_in_the_received_folder(tmp_path: Path) -> None:
    body = flow(1)
    async with dgfip(received_dir=tmp_path) as (_, client):
        await deposit(client, body)
    assert (tmp_path / "dgfip" / name_of(body)).read_bytes() == body


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    made = {"depot_dir": tmp_path / "depot", "retour_dir": tmp_path / "retour"}
    for folder in made.values():
        folder.mkdir()
    return made


async def test_a_dropped_file_is_taken_and_answered_in_the_return_folder(folders: dict[str, Path]) -> None:
    mock = create(MockConfig(scan_seconds=0.01, **folders))
    body = flow(1)
    await mock.start()
    (folders["depot_dir"] / ".hidden.xml").write_bytes(body)
    (folders["depot_dir"] / "half.xml.tmp").write_bytes(body)
    (folders["depot_dir"] / name_of(body)).write_bytes(body)
    answer = folders["retour_dir"] / f"ACQUIT_{name_of(body)}"
    async with asyncio.timeout(5):
        while not answer.exists():
            await asyncio.sleep(0.01)
    await mock.stop()
    assert verdicts(answer.read_bytes()) == [("11", "1", "2026DM001-001", "", "")]
    left = sorted(path.name for path in folders["depot_dir"].iterdir())
    assert left == [".hidden.xml", "half.xml.tmp", "traites"]
    assert (folders["depot_dir"] / "traites" / name_of(body)).read_bytes() == body


async def test_a_file_dropped_again_has_no_second_effect_and_no_second_answer(folders: dict[str, Path]) -> None:
    mock = create(MockConfig(**folders))
    body = flow(1)
    for _ in range(2):
        (folders["depot_dir"] / name_of(body)).write_bytes(body)
        await mock.scan()
    assert [one["sequence"] for one in mock.snapshot()["marches"]["26990001500018/2026DM001"]] == [1]
    assert len(list(folders["retour_dir"].iterdir())) == 1
    assert [entry.verdict for entry in mock.journal.search()] == ["replayed", "accepted"]


@pytest.mark.parametrize("case", ["other bytes", "not xml", "wrong name"])
async def test_a_file_that_a_deposit_refuses_is_set_aside_without_answer(folders: dict[str, Path], case: str) -> None:
    mock = create(MockConfig(**folders))
    (folders["depot_dir"] / name_of(flow(1))).write_bytes(flow(1))
    await mock.scan()
    name, body = {
        "other bytes": (name_of(flow(1)), flow(1, contract="2026DM002")),
        "not xml": ("X.xml", b"not xml"),
        "wrong name": ("X.xml", flow(2)),
    }[case]
    (folders["depot_dir"] / name).write_bytes(body)
    await mock.scan()
    assert (folders["depot_dir"] / "rejetes" / name).read_bytes() == body
    assert len(list(folders["retour_dir"].iterdir())) == 1
    assert mock.journal.search()[0].verdict == "rejected"


async def test_a_double_answer_waits_until_the_first_was_taken(folders: dict[str, Path]) -> None:
    mock = create(MockConfig(**folders))
    await use(mock, "acquit_en_double")
    (folders["depot_dir"] / name_of(flow(1))).write_bytes(flow(1))
    answer = folders["retour_dir"] / f"ACQUIT_{name_of(flow(1))}"
    await mock.scan()
    await mock.scan()
    assert list(folders["retour_dir"].iterdir()) == [answer]
    answer.unlink()
    await mock.scan()
    assert answer.exists()
    answer.unlink()
    await mock.scan()
    assert not answer.exists()


async def test_a_frozen_mock_leaves_the_folder_alone_and_a_missing_folder_does_not_kill_it(
    folders: dict[str, Path],
) -> None:
    mock = create(MockConfig(scan_seconds=0.01, **folders))
    dropped = folders["depot_dir"] / name_of(flow(1))
    dropped.write_bytes(flow(1))
    await use(mock, "partenaire_fige")
    await mock.start()
    await asyncio.sleep(0.05)
    assert dropped.exists()
    mock.faults.clear()
    moved = folders["depot_dir"].rename(folders["depot_dir"].with_name("away"))
    await asyncio.sleep(0.05)
    moved.rename(folders["depot_dir"])
    async with asyncio.timeout(5):
        while dropped.exists():
            await asyncio.sleep(0.01)
    await mock.stop()


async def test_a_simulated_fault_answers_in_the_form_of_the_contract() -> None:
    async with dgfip() as (mock, client):
        mock.faults.extend(["503:2", "429"])
        for status in (503, 429):
            answer = await deposit(client, flow(1))
            assert answer.status_code == status
            assert_conforms(answer, "Probleme")
