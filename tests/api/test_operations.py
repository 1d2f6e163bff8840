"""The edge of an operation: versions, idempotency keys, pages, unreadable requests."""

from __future__ import annotations

import json

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import FOURNISSEUR, NOTIFICATION, SUPPORT, changed, marche
from tests.modules.world import change, recorded


def rules_of(answer: object) -> set[str]:
    """Rules a problem names."""
    return {item["rule"] for item in answer.json()["errors"]}  # type: ignore[attr-defined]


async def test_a_created_resource_says_where_it_is_and_which_version(client: AsyncClient) -> None:
    answer = await recorded(client)
    assert answer.headers["etag"] == '"1"'
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == answer.json()
    assert read.headers["etag"] == '"1"'


async def test_a_change_without_if_match_is_428(client: AsyncClient) -> None:
    uid = (await recorded(client)).json()["uid"]
    answer = await client.post(f"/v1/marches/{uid}/notification", json=NOTIFICATION)
    assert answer.status_code == 428
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_change_of_an_outdated_version_is_412_and_changes_nothing(
    client: AsyncClient, events: RecordedEvents
) -> None:
    uid = (await recorded(client)).json()["uid"]
    events.clear()
    answer = await change(client, uid, "notification", NOTIFICATION, version=2)
    assert answer.status_code == 412
    assert events == []
    assert (await client.get(f"/v1/marches/{uid}")).json()["statut"] == "attribue"


@pytest.mark.parametrize("tag", ["1", 'W/"1"', '"0"', '"abc"', "*"])
async def test_an_if_match_that_is_not_one_of_our_tags_is_422(client: AsyncClient, tag: str) -> None:
    uid = (await recorded(client)).json()["uid"]
    answer = await client.post(f"/v1/marches/{uid}/notification", json=NOTIFICATION, headers={"If-Match": tag})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "header.If-Match"


async def test_the_same_key_gives_the_same_answer_once_done(client: AsyncClient, events: RecordedEvents) -> None:
    headers = {"Idempotency-Key": "import-1"}
    first = await client.post("/v1/marches", json=marche(), headers=headers)
    again = await client.post("/v1/marches", json=marche(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(events) == 1


async def test_a_replayed_change_does_not_ask_for_the_new_version(client: AsyncClient) -> None:
    uid = (await recorded(client)).json()["uid"]
    headers = {"Idempotency-Key": "n1", "If-Match": '"1"'}
    url = f"/v1/marches/{uid}/notification"
    first = await client.post(url, json=NOTIFICATION, headers=headers)
    again = await client.post(url, json=NOTIFICATION, headers=headers)
    assert first.status_code == 200
    assert (again.status_code, again.content) == (200, first.content)


async def test_a_key_that_comes_back_with_another_body_is_409(client: AsyncClient) -> None:
    headers = {"Idempotency-Key": "k"}
    await client.post("/v1/marches", json=marche(), headers=headers)
    answer = await client.post("/v1/marches", json=marche(id="DM002"), headers=headers)
    assert answer.status_code == 409
    assert "clé d'idempotence" in answer.json()["detail"]


async def test_a_refused_request_leaves_its_key_free(client: AsyncClient) -> None:
    headers = {"Idempotency-Key": "k"}
    refused = await client.post("/v1/marches", json=marche(montant="0"), headers=headers)
    assert refused.status_code == 409
    assert (await client.post("/v1/marches", json=marche(), headers=headers)).status_code == 201


async def test_a_list_is_read_page_by_page_to_its_end(client: AsyncClient) -> None:
    ids = [(await recorded(client, id=f"DM{number}")).json()["id"] for number in range(5)]
    seen: list[str] = []
    query = {"limit": "2"}
    for _ in range(3):
        page = (await client.get("/v1/marches", params=query)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == ids[::-1]
    assert page["next"] is None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=1_0", "limit=%201", "cursor=x", "inconnu=1", "limit=1&limit=2", "q=%00"]
)
async def test_a_wrong_query_is_422_and_names_the_parameter(client: AsyncClient, query: str) -> None:
    answer = await client.get(f"/v1/marches?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == f"query.{query.partition('=')[0]}"


async def test_unreadable_json_is_400_with_line_and_column(client: AsyncClient) -> None:
    answer = await client.post("/v1/marches", content=b'{\n "id": }', headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert "ligne 2, colonne" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [b'{"id": NaN}', b'{"id": "\\ud800"}', b'"\xff"', b"[" * 5000, b'{"montant": ' + b"9" * 5000 + b"}"]
)
async def test_json_that_others_tolerate_is_refused_without_a_crash(client: AsyncClient, body: bytes) -> None:
    answer = await client.post("/v1/marches", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/json; charset=latin-1", None])
async def test_another_media_type_is_415(client: AsyncClient, media_type: str | None) -> None:
    headers = {} if media_type is None else {"content-type": media_type}
    answer = await client.post("/v1/fournisseurs", content=json.dumps(FOURNISSEUR).encode(), headers=headers)
    assert answer.status_code == 415


async def test_an_absent_body_is_422(client: AsyncClient) -> None:
    assert (await client.post("/v1/fournisseurs")).status_code == 422


async def test_a_nul_character_anywhere_is_422(client: AsyncClient) -> None:
    body = changed(FOURNISSEUR, denominationSociale="Ficti\x00med")
    answer = await client.post("/v1/fournisseurs", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "path": "$.denominationSociale",
        "rule": "nul",
        "message": "le caractère NUL (\\u0000) n'est pas permis",
    }


async def test_a_body_larger_than_the_limit_is_413_even_without_its_length(
    client: AsyncClient, known: Services
) -> None:
    async def chunks():  # type: ignore[no-untyped-def]
        for _ in range(11):
            yield b" " * 1024 * 1024

    answer = await client.post("/v1/marches", content=chunks(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_method_that_is_not_there_is_405_with_every_method_that_is(client: AsyncClient) -> None:
    answer = await client.delete("/v1/marches")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_unknown_address_is_a_404_problem(client: AsyncClient) -> None:
    answer = await client.get("/v1/rien")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:fr:semaphore:probleme:introuvable"
    assert answer.json()["instance"] == "/v1/rien"


async def test_validation_errors_say_where_and_what_in_french(client: AsyncClient) -> None:
    body = marche(
        codeCPV="331",
        nature="Autre",
        dureeMois="24",
        montant=200000.0,
        techniques=["Concours", "Concours"],
        titulaires=[{"typeIdentifiant": "SIRET"}],
        surprise=1,
        complements={"dateSignature": "2026-02-30"},
    )
    answer = await client.post("/v1/marches", json=body)
    assert answer.status_code == 422
    found = {item["path"]: item["message"] for item in answer.json()["errors"]}
    assert found["$.titulaires[0].id"] == "ce champ est obligatoire"
    assert found["$.surprise"].startswith("ce champ n'est pas prévu")
    assert found["$.dureeMois"] == "un nombre entier est attendu"
    assert found["$.complements.dateSignature"] == "cette date n'existe pas dans le calendrier"
    assert "Marché de partenariat" in found["$.nature"]
    assert found["$.techniques"] == "une même valeur est donnée deux fois"
    assert found["$.montant"].startswith("un montant est un texte")
    assert "motif" in found["$.codeCPV"]


async def test_a_refusal_of_the_business_is_409_with_rule_and_path(client: AsyncClient) -> None:
    answer = await client.post("/v1/marches", json=marche(acheteur={"id": SUPPORT[:-1] + "0"}))
    assert answer.status_code == 409
    assert {"path": "$.acheteur.id", "rule": "MAR-SIRET"}.items() <= answer.json()["errors"][0].items()
