"""The deposit service: API, open data, folders, business scenarios, and what survives a restart."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import yaml

import contracts
from mock_partners import MOCKS
from mock_partners.daj.app import create
from mock_partners.kit import MockConfig
from tests.mock_partners.daj.files import (
    BUYER,
    XML_VALID,
    concession,
    daj,
    deposit,
    file,
    judged,
    marche,
    name,
    published,
)


def assert_conforms(response: httpx.Response, schema: str) -> None:
    """The body satisfies a schema of the interface contract, under the media type it announces."""
    document = yaml.safe_load((contracts.get("daj/depot-decp/1").folder / "openapi.yaml").read_text(encoding="utf-8"))
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    )
    validator.validate(response.json())
    expected = "application/problem+json" if response.is_error else "application/json"
    assert response.headers["content-type"].startswith(expected)


async def waiting(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Reports not read yet."""
    found: list[dict[str, Any]] = (await client.get("/comptes-rendus", params={"lu": "false"})).json()["comptesRendus"]
    return found


def test_the_mock_is_found_by_its_folder() -> None:
    assert MOCKS["daj"](MockConfig()).id == "daj"


async def test_a_deposit_is_received_then_reported_once_read() -> None:
    body = file(marche())
    async with daj() as (_, client):
        receipt = await deposit(client, body)
        assert receipt.status_code == 201
        assert_conforms(receipt, "Depot")
        assert receipt.json()["sha256"] == hashlib.sha256(body).hexdigest()
        listing = await client.get("/comptes-rendus", params={"lu": "false"})
        assert_conforms(listing, "ListeComptesRendus")
        (item,) = listing.json()["comptesRendus"]
        assert item["nom"] == f"CR_{name()}.json"
        report = await client.get(f"/comptes-rendus/{item['idCompteRendu']}")
        assert_conforms(report, "CompteRendu")
        assert contracts.validate("daj/compte-rendu/1", report.content).findings == ()
        assert report.content == (await client.get(receipt.headers["location"])).content
        assert (await client.post(f"/comptes-rendus/{item['idCompteRendu']}/lecture")).status_code == 204
        assert await waiting(client) == []
        read = await client.get("/comptes-rendus", params={"lu": "true"})
        assert len(read.json()["comptesRendus"]) == 1
        assert_conforms(await client.get("/sante"), "Sante")


async def test_a_file_is_partly_published() -> None:
    body = file(marche(), marche(id="B", offresRecues=0), marche(id="C", dureeMois=999), concessions=(concession(),))
    async with daj() as (_, client):
        rows = await judged(client, body)
        assert [(row["type"], row["rang"], row["statut"]) for row in rows] == [
            ("marche", 1, "publie"),
            ("marche", 2, "ecarte"),
            ("marche", 3, "ecarte"),
            ("contrat-concession", 1, "publie"),
        ]
        report = (await client.get("/depots/d-000001/compte-rendu")).json()
        assert report["verdict"] == "partiel"
        (entry,) = (await client.get("/_mock/received")).json()["items"]
        assert entry["verdict"] == "partial"
        assert "Champ dureeMois trop grand" in entry["detail"]


async def test_the_published_data_are_open_to_all_and_filtered_by_buyer() -> None:
    async with daj(api_key="secret") as (_, client):
        answer = await deposit(
            client, file(marche(), concessions=(concession(),)), headers={"Authorization": "Bearer secret"}
        )
        assert answer.status_code == 201
        assert await published(client, BUYER) == await published(client) == [marche()]
        assert await published(client, "26990001500018") == []
        assert_conforms(await client.get("/donnees/marches"), "Publication")
        for params, total in (({}, 1), ({"autorite": BUYER}, 1), ({"autorite": "26990001500018"}, 0)):
            found = await client.get("/donnees/concessions", params=params)
            assert_conforms(found, "Publication")
            assert found.json()["total"] == total


async def test_the_same_file_again_is_a_replay_without_a_second_effect() -> None:
    async with daj() as (mock, client):
        first = await deposit(client, file(marche()))
        again = await deposit(client, file(marche()))
        other_key = await deposit(client, file(marche()), key="another")
        assert [one.status_code for one in (first, again, other_key)] == [201, 200, 200]
        assert again.json() == first.json() == other_key.json()
        assert len(await waiting(client)) == 1
        assert len(mock.data.records) == 1
        assert (await client.get("/_mock/received", params={"verdict": "replayed"})).json()["total"] == 2


async def test_a_name_or_a_key_already_used_for_other_bytes_is_refused() -> None:
    async with daj() as (_, client):
        await deposit(client, file(marche()))
        for number, key, code in ((1, "new", "nom-deja-vu"), (2, "key-1", "cle-reemployee")):
            refused = await deposit(client, file(marche(id="AUTRE")), number, key=key)
            assert (refused.status_code, refused.json()["type"]) == (409, f"urn:fictif:decp:{code}")
            assert_conforms(refused, "Probleme")
        assert len(await waiting(client)) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Nom-Fichier": ""}, 400),
        ({"X-Nom-Fichier": "autre.json"}, 400),
        ({"X-Nom-Fichier": f"decp-{BUYER}-2026-11-20-01.xml"}, 400),
        ({"Idempotency-Key": ""}, 400),
        ({"X-Remplace": "court"}, 400),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_a_wrong_header_is_refused(headers: dict[str, str], status: int) -> None:
    async with daj() as (_, client):
        answer = await deposit(client, file(marche()), headers=headers)
        assert answer.status_code == status
        assert_conforms(answer, "Probleme")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"marches": {"marche": []}}', b"<marches/>"])
async def test_a_file_that_cannot_be_read_is_refused_at_once(body: bytes) -> None:
    async with daj() as (mock, client):
        answer = await deposit(client, body)
        assert answer.status_code == 422
        assert_conforms(answer, "Probleme")
        assert await waiting(client) == []
        assert mock.deposits == {}


async def test_every_operation_but_open_data_wants_the_key_when_there_is_one() -> None:
    async with daj(api_key="secret") as (_, client):
        refused = [
            await deposit(client, file(marche())),
            await client.get("/comptes-rendus"),
            await client.get("/comptes-rendus/cr-000001"),
            await client.get("/depots/d-000001/compte-rendu"),
            await client.post("/comptes-rendus/cr-000001/lecture"),
        ]
        assert [one.status_code for one in refused] == [401] * 5
        for one in refused:
            assert_conforms(one, "Probleme")
        await deposit(client, file(marche()), headers={"Authorization": "Bearer secret"})
        assert "secret" not in str((await client.get("/_mock/received")).json()["items"][0]["headers"])


async def test_an_unknown_report_is_not_found() -> None:
    async with daj() as (_, client):
        for path in ("/comptes-rendus/cr-999999", "/depots/d-999999/compte-rendu"):
            answer = await client.get(path)
            assert answer.status_code == 404
            assert_conforms(answer, "Probleme")
        assert (await client.post("/comptes-rendus/cr-999999/lecture")).status_code == 404


async def test_a_lost_report_comes_when_the_file_is_deposited_again() -> None:
    async with daj() as (mock, client):
        mock.faults.extend([], ["compte_rendu_perdu*1"])
        await deposit(client, file(marche()))
        assert await waiting(client) == []
        await deposit(client, file(marche()))
        assert len(await waiting(client)) == 1


async def test_a_late_report_waits_for_its_time() -> None:
    async with daj() as (_, client):
        await client.put("/_mock/clock", json={"now": "2026-11-20T09:00:00Z"})
        await client.put("/_mock/faults", json={"scenarios": ["compte_rendu_tardif:2d"]})
        answer = await deposit(client, file(marche()))
        assert await waiting(client) == []
        assert (await client.get(answer.headers["location"])).status_code == 404
        await client.post("/_mock/clock", json={"advance": "2d"})
        (item,) = await waiting(client)
        assert item["emisLe"].startswith("2026-11-22T09:00:00")


async def test_a_report_is_given_twice_or_under_another_number_on_command() -> None:
    async with daj() as (mock, client):
        mock.faults.extend([], ["compte_rendu_en_double*1", "compte_rendu_errone*1"])
        await deposit(client, file(marche()))
        first, second = await waiting(client)
        assert first["idCompteRendu"] != second["idCompteRendu"]
        report = (await client.get(f"/comptes-rendus/{second['idCompteRendu']}")).json()
        assert report["enregistrements"][0]["uid"] == "000000000000002020INCONNU"
        assert mock.faults.scenarios == []


async def test_a_refusal_on_command_is_kept_out_of_the_publication() -> None:
    async with daj() as (mock, client):
        mock.faults.extend([], ["rejet_enregistrement*1"])
        first, second = await judged(client, file(marche(), marche(id="B")))
        assert (first["statut"], second["statut"]) == ("ecarte", "publie")
        assert [one["id"] for one in await published(client)] == ["B"]


async def test_the_control_plane_lists_the_scenarios_and_a_wrong_one_is_refused() -> None:
    async with daj() as (_, client):
        known = (await client.get("/_mock/faults")).json()["available"]
        assert {"partenaire_fige", "rejet_enregistrement", "compte_rendu_perdu", "compte_rendu_en_double"} <= set(known)
        assert (await client.put("/_mock/faults", json={"scenarios": ["inconnu"]})).status_code == 422


async def test_the_state_survives_a_restart_and_can_be_put_back(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    async with daj(state_file=state) as (_, client):
        await judged(client, file(marche(), concessions=(concession(),)))
        kept = (await client.get("/_mock/state")).json()
    async with daj(state_file=state) as (_, client):
        assert (await client.get("/_mock/state")).json() == kept
        assert len(await published(client)) == 1
        assert (await deposit(client, file(marche(), concessions=(concession(),)))).status_code == 200
        for wrong in ({"depots": {"a": {"b": 1}}}, {"enregistrements": [{"a": 1}]}, {"cles": 3}):
            assert (await client.put("/_mock/state", json=wrong)).status_code == 422
        await client.post("/_mock/reset")
        assert await published(client) == []


# -- folders -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    made = {"depot_dir": tmp_path / "depot", "retour_dir": tmp_path / "retour"}
    for folder in made.values():
        folder.mkdir()
    return made


async def test_files_of_a_folder_are_taken_in_both_formats_and_answered(folders: dict[str, Path]) -> None:
    mock = create(MockConfig(**folders, received_dir=folders["depot_dir"].parent / "received"))  # type: ignore[arg-type]
    depot, retour = folders["depot_dir"], folders["retour_dir"]
    xml_name = f"decp-{BUYER}-2026-11-20-02.xml"
    (depot / name()).write_bytes(file(marche(id="A"), marche(id="B", dureeMois=999)))
    (depot / xml_name).write_bytes((XML_VALID / "marches_et_concession.xml").read_bytes())
    (depot / "decp-en-cours.xml.part").write_bytes(b"<mar")
    await mock.scan()
    verdicts = {}
    for path in sorted(retour.iterdir()):
        assert contracts.validate("daj/compte-rendu/1", path.read_bytes()).findings == ()
        report = json.loads(path.read_bytes())
        verdicts[report["nomFichier"]] = report["verdict"]
        assert path.name == f"CR_{report['nomFichier']}.json"
    assert verdicts == {name(): "partiel", xml_name: "accepte"}
    assert sorted(path.name for path in (depot / "traites").iterdir()) == [name(), xml_name]
    assert (depot / "decp-en-cours.xml.part").exists()
    assert (depot.parent / "received" / "daj" / xml_name).exists()


async def test_a_file_that_cannot_be_read_is_answered_with_its_motive(folders: dict[str, Path]) -> None:
    mock = create(MockConfig(**folders))  # type: ignore[arg-type]
    bad = f"decp-{BUYER}-2026-11-20-03.xml"
    (folders["depot_dir"] / bad).write_bytes(b"<marches><marche>")
    await mock.scan()
    body = (folders["retour_dir"] / f"CR_{bad}.json").read_bytes()
    assert contracts.validate("daj/compte-rendu/1", body).findings == ()
    report = json.loads(body)
    assert (report["verdict"], report["enregistrements"]) == ("rejete", [])
    assert "XML" in report["motif"]
    assert (folders["depot_dir"] / "rejetes" / bad).exists()


async def test_a_name_seen_again_is_a_replay_or_set_aside(folders: dict[str, Path]) -> None:
    mock = create(MockConfig(**folders))  # type: ignore[arg-type]
    depot, retour = folders["depot_dir"], folders["retour_dir"]
    mock.faults.extend([], ["compte_rendu_perdu*1"])
    for expected in ([], [f"CR_{name()}.json"]):
        (depot / name()).write_bytes(file(marche()))
        await mock.scan()
        assert [path.name for path in retour.iterdir()] == expected
    (depot / name()).write_bytes(file(marche(id="AUTRE")))
    await mock.scan()
    assert [entry.verdict for entry in mock.journal.search()] == ["rejected", "replayed", "accepted"]
    assert (depot / "rejetes" / name()).exists()
    assert len(mock.data.records) == 1
