"""Établissements that join a marché, and documents added to it."""

from __future__ import annotations

from datetime import date

import pytest
from httpx import AsyncClient

from semaphore_hub.ports.events import MARCHE_ETABLISSEMENT_RATTACHE, MARCHE_PIECE_AJOUTEE
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.execution.lives import done, notified, refused
from tests.modules.samples import PARTIE, SUPPORT, SUPPORT_CH, changed, siret
from tests.modules.world import change, recorded

JOINED = {"id": PARTIE, "date": "2026-06-01"}
PIECE = {"idUnique": "PJ2026DM001CCTP", "nom": "cctp.pdf"}
ELSEWHERE, LATECOMER = siret("26999903"), siret("26999904")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite alone: the operations run on both databases in ``test_whole_life``."""
    return sqlite_url


async def test_an_etablissement_of_the_ght_joins(client: AsyncClient, events: RecordedEvents) -> None:
    uid = await notified(client)
    after = await done(client, uid, "beneficiaires", JOINED)
    assert [one["id"] for one in after["beneficiaires"]] == [SUPPORT, PARTIE]
    said = MarchePayload.model_validate(events[-1].data)
    assert (events[-1].type, said.dateEffet) == (MARCHE_ETABLISSEMENT_RATTACHE, date(2026, 6, 1))
    assert [one.siret for one in said.marche.beneficiaires] == [SUPPORT, PARTIE]
    read = (await client.get(f"/v1/marches/{uid}")).json()
    assert [one["nom"] for one in read["beneficiaires"]] == ["CH Fictif de Valmont", "CH Fictif d'Ambreval"]


async def test_who_may_not_join(client: AsyncClient) -> None:
    for body in (
        changed(SUPPORT_CH, siret=ELSEWHERE, nom="CH Fictif d'Ailleurs", ght="FIC-02"),
        changed(SUPPORT_CH, siret=LATECOMER, nom="CH Fictif Tardif", role="partie", dateDebut="2026-07-01"),
    ):
        assert (await client.post("/v1/etablissements", json=body)).status_code == 201
    uid = await notified(client)
    for joined, rule, path in (
        ({**JOINED, "id": SUPPORT}, "MAR-BENEFICIAIRE-DOUBLE", "$.id"),
        ({**JOINED, "id": ELSEWHERE}, "MAR-BENEFICIAIRE-GHT", "$.id"),
        ({**JOINED, "id": siret("26999905")}, "MAR-BENEFICIAIRE-GHT", "$.id"),
        ({"id": LATECOMER, "date": "2026-06-30"}, "MAR-BENEFICIAIRE-GHT", "$.id"),
        ({**JOINED, "date": "2026-02-28"}, "MAR-EXECUTION-AVANT", "$.date"),
        ({**JOINED, "date": "2028-03-01"}, "MAR-EXECUTION-APRES", "$.date"),
    ):
        assert await refused(client, uid, "beneficiaires", joined) == {(rule, path)}, joined


async def test_a_document_is_added_once(client: AsyncClient, events: RecordedEvents) -> None:
    uid = await notified(client, pieces=[{"idUnique": "PJ2026DM001ACTE", "nom": "acte.pdf"}])
    after = await done(client, uid, "pieces", PIECE)
    assert [one["idUnique"] for one in after["pieces"]] == ["PJ2026DM001ACTE", "PJ2026DM001CCTP"]
    said = MarchePayload.model_validate(events[-1].data)
    assert (events[-1].type, len(said.marche.pieces)) == (MARCHE_PIECE_AJOUTEE, 2)
    assert await refused(client, uid, "pieces", PIECE, 3) == {("MAR-PIECE-DOUBLE", "$.idUnique")}


async def test_every_operation_asks_for_a_notified_marche_and_its_present_version(client: AsyncClient) -> None:
    uid = (await recorded(client)).json()["uid"]
    early = await change(client, uid, "pieces", PIECE)
    assert (early.status_code, early.json()["errors"][0]["rule"]) == (409, "MAR-ETAT")
    other = await notified(client, id="B")
    assert (await change(client, other, "pieces", PIECE, 1)).status_code == 412
    assert (await client.post(f"/v1/marches/{other}/pieces", json=PIECE)).status_code == 428


async def test_the_same_key_gives_the_same_answer(client: AsyncClient) -> None:
    uid = await notified(client)
    headers = {"If-Match": '"2"', "Idempotency-Key": "piece-1"}
    first = await client.post(f"/v1/marches/{uid}/pieces", json=PIECE, headers=headers)
    again = await client.post(f"/v1/marches/{uid}/pieces", json=PIECE, headers=headers)
    assert (first.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (201, 201, "true")
    assert first.content == again.content
