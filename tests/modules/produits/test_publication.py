"""Products of a marché said to those who order on it: only what changed, by parts, to whom it concerns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from httpx import AsyncClient, Response

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import Forbidden, NotFound
from semaphore_hub.modules.marches.produits.publication import PART
from semaphore_hub.ports.events import PRODUITS_PUBLIES
from semaphore_hub.ports.payloads import ProduitsPayload
from tests.contracts.produits_samples import DRUG, LINE
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.execution.lives import done, notified
from tests.modules.produits.conftest import Catalogue, lines
from tests.modules.samples import PARTIE, SUPPORT
from tests.modules.world import recorded

NUMERO = "2026DM001"
FAR = {"date_fin": "2027-12-31"}


async def publish(client: AsyncClient, **body: Any) -> Response:
    """The answer to a publication."""
    return await client.post("/v1/produits/publications", json={"numeroMarche": NUMERO, **body})


async def counts(client: AsyncClient, **body: Any) -> list[tuple[str, int, int, int, int]]:
    """Of each lot: parts, lines created, modified, withdrawn."""
    answer = await publish(client, **body)
    assert answer.status_code == 200, answer.text
    return [
        (one["numeroLot"], one["parties"], one["creees"], one["modifiees"], one["supprimees"])
        for one in answer.json()["lots"]
    ]


def said(events: RecordedEvents) -> list[ProduitsPayload]:
    """What was published, and forgotten."""
    found = [ProduitsPayload.model_validate(event.data) for event in events if event.type == PRODUITS_PUBLIES]
    events.clear()
    return found


async def test_only_what_changed_since_is_said(
    known: Services, client: AsyncClient, catalogue: Catalogue, events: RecordedEvents
) -> None:
    uid = await notified(client, id=NUMERO)
    catalogue.load({**LINE, **FAR}, {**DRUG, **FAR}, name="un.csv")
    events.clear()
    assert await counts(client) == [("3", 1, 2, 0, 0)]
    (event,) = events
    assert (event.type, event.subject, event.version, event.ght) == (PRODUITS_PUBLIES, f"marche/{uid}", 3, "FIC-01")
    (payload,) = said(events)
    assert (payload.partie, payload.parties, payload.marche.numero, payload.marche.lot) == (1, 1, NUMERO, 3)
    assert (payload.marche.uid, payload.marche.acheteur.siret) == (uid, SUPPORT)
    assert [one.siret for one in payload.marche.beneficiaires] == [SUPPORT]
    drug, needle = sorted(payload.lignes, key=lambda line: line.reference)
    assert (drug.mouvement, drug.codeUCD, drug.codeCIP13) == ("C", DRUG["code_ucd"], DRUG["code_cip13"])
    assert (needle.reference, str(needle.prixUnitaireHT), str(needle.tauxTVA)) == ("SER-10", "0.0875", "20.00")
    assert (needle.quantiteParConditionnement, needle.uniteCommande, needle.gtin) == (100, "BOITE", LINE["gtin"])
    assert (needle.typeIdentifiant, needle.fournisseur) == ("SIRET", LINE["fournisseur_siret"])

    assert await counts(client) == [("3", 0, 0, 0, 0)]
    assert events == []
    assert (await client.get(f"/v1/marches/{uid}")).json()["version"] == 3

    dearer = {**LINE, **FAR, "prix_unitaire_ht": "0,09", "prix_unitaire_ttc": "0,108", "code_mouvement": "M"}
    gone = {**DRUG, **FAR, "code_mouvement": "S"}
    new = {**LINE, **FAR, "reference_fournisseur": "SER-20", "code_mouvement": "C"}
    catalogue.load(dearer, gone, new, name="deux.csv")
    events.clear()
    assert await counts(client) == [("3", 1, 1, 1, 1)]
    (payload,) = said(events)
    assert {(line.reference, line.mouvement) for line in payload.lignes} == {
        ("SER-10", "M"),
        ("PARA-1", "S"),
        ("SER-20", "C"),
    }
    assert await counts(client) == [("3", 0, 0, 0, 0)]
    catalogue.load({**DRUG, **FAR, "code_mouvement": "M"}, name="trois.csv")
    assert await counts(client) == [("3", 1, 1, 0, 0)]


async def test_large_lots_go_by_parts(
    known: Services, client: AsyncClient, catalogue: Catalogue, events: RecordedEvents
) -> None:
    uid = await notified(client, id=NUMERO)
    other = {**LINE, **FAR, "numero_lot": "12"}
    catalogue.load(*lines({**LINE, **FAR}, 2 * PART + 1), other)
    events.clear()
    assert await counts(client) == [("12", 1, 1, 0, 0), ("3", 3, 2 * PART + 1, 0, 0)]
    assert [event.version for event in events] == [3, 4, 5, 6]
    parts = said(events)[1:]
    assert [(one.partie, one.parties, len(one.lignes)) for one in parts] == [(1, 3, PART), (2, 3, PART), (3, 3, 1)]
    references = [line.reference for one in parts for line in one.lignes]
    assert len(set(references)) == 2 * PART + 1
    assert (await client.get(f"/v1/marches/{uid}")).json()["version"] == 6
    assert await counts(client, lot=3) == [("3", 0, 0, 0, 0)]


async def test_who_joins_later_is_told_everything(
    known: Services, client: AsyncClient, catalogue: Catalogue, events: RecordedEvents
) -> None:
    uid = await notified(client, id=NUMERO)
    catalogue.load({**LINE, **FAR}, {**DRUG, **FAR}, name="un.csv")
    await counts(client)
    version = (await client.get(f"/v1/marches/{uid}")).json()["version"]
    await done(client, uid, "beneficiaires", {"id": PARTIE, "date": "2026-04-01"}, version)
    dearer = {**LINE, **FAR, "prix_unitaire_ht": "0,09", "prix_unitaire_ttc": "0,108", "code_mouvement": "M"}
    catalogue.load(dearer, name="deux.csv")
    events.clear()
    assert await counts(client) == [("3", 2, 2, 1, 0)]
    change, whole = said(events)
    assert ([one.siret for one in change.marche.beneficiaires], len(change.lignes)) == ([SUPPORT], 1)
    assert [one.siret for one in whole.marche.beneficiaires] == [PARTIE]
    assert {(line.mouvement, str(line.prixUnitaireHT)) for line in whole.lignes} == {("C", "0.09"), ("C", "1.25")}
    assert await counts(client) == [("3", 0, 0, 0, 0)]


async def test_a_marche_the_hub_does_not_know_is_said_to_those_its_lines_name(
    known: Services, client: AsyncClient, catalogue: Catalogue, events: RecordedEvents
) -> None:
    catalogue.load({**LINE, **FAR}, name="un.csv")
    events.clear()
    assert await counts(client) == [("3", 1, 1, 0, 0)]
    (event,) = events
    assert (event.subject.split("/")[0], event.version, event.ght) == ("publication", 1, "FIC-01")
    (payload,) = said(events)
    assert (payload.marche.uid, payload.marche.acheteur.siret) == (None, SUPPORT)
    assert {one.siret for one in payload.marche.beneficiaires} == {SUPPORT, PARTIE}
    assert await counts(client) == [("3", 0, 0, 0, 0)]
    # Once it is known, its own parties are told everything, in its own order.
    uid = await notified(client, id=NUMERO)
    events.clear()
    assert await counts(client) == [("3", 1, 1, 0, 0)]
    assert [event.subject for event in events] == [f"marche/{uid}"]


async def test_a_price_that_ended_unsaid_is_not_said(
    known: Services, client: AsyncClient, catalogue: Catalogue
) -> None:
    await notified(client, id=NUMERO)
    catalogue.load({**LINE, "date_debut": "2026-01-01", "date_fin": "2026-03-31"})
    known.clock.set(known.clock.now().replace(month=4))  # type: ignore[attr-defined]
    assert await counts(client) == [("3", 0, 0, 0, 0)]


async def test_what_is_refused(known: Services, client: AsyncClient, catalogue: Catalogue) -> None:
    assert (await publish(client)).status_code == 404
    catalogue.load({**LINE, **FAR, "beneficiaires": ""}, name="un.csv")
    assert (await publish(client, lot=4)).status_code == 404
    nobody = await publish(client)
    assert (nobody.status_code, nobody.json()["errors"][0]["rule"]) == (409, "PRO-PUBLICATION-DESTINATAIRES")
    await recorded(client, id=NUMERO)
    early = await publish(client)
    assert (early.status_code, early.json()["errors"][0]["rule"]) == (409, "PRO-PUBLICATION-ETAT")
    assert "« attribue »" in early.json()["detail"]
    assert (await publish(client, lot="3")).status_code == 422


async def test_the_perimeter_is_kept(known: Services, client: AsyncClient, catalogue: Catalogue) -> None:
    await notified(client, id=NUMERO)
    catalogue.load({**LINE, **FAR}, ght="FIC-01")
    stranger = Caller("autre", Role.ACHETEUR, frozenset({"FIC-02"}))
    with known.database.write() as unit, pytest.raises(NotFound):
        known.produits.publier(unit, stranger, NUMERO)
    reader = Caller("dgos", Role.DGOS, None)
    with known.database.write() as unit, pytest.raises(Forbidden):
        known.produits.publier(unit, reader, NUMERO)
    with known.database.write() as unit:
        assert known.produits.publier(unit, LOCAL, NUMERO, 3).lots[0].creees == 1


async def test_two_publications_at_once_say_it_once(
    known: Services, client: AsyncClient, catalogue: Catalogue, events: RecordedEvents
) -> None:
    catalogue.load({**LINE, **FAR})
    events.clear()

    def say(_: int) -> int:
        with known.database.write() as unit:
            return known.produits.publier(unit, LOCAL, NUMERO).lots[0].creees

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(say, range(4))) == [0, 0, 0, 1]
    assert len(events) == 1
