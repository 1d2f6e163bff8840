"""A marché from attribution to correction: statuses, versions, events, rows."""

from __future__ import annotations

from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.modules.referentiel.schemas import ModificationFournisseur
from semaphore_hub.ports.events import MARCHE_CORRIGE, MARCHE_CREE, MARCHE_MODIFIE, MARCHE_NOTIFIE
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import FICTIMED, MODIFICATION, NOTIFICATION, PARTIE, PHARMAFICTIF, SUPPORT, changed, marche
from tests.modules.world import change, recorded

GROUPED = {
    "typeGroupementOperateurs": "Solidaire",
    "titulaires": [
        {"typeIdentifiant": "SIRET", "id": FICTIMED, "role": "titulaire", "montant": "150000.00"},
        {"typeIdentifiant": "SIRET", "id": PHARMAFICTIF, "role": "co-traitant", "montant": "50000"},
    ],
}


async def test_every_change_is_one_event_whose_version_is_the_row_s(
    client: AsyncClient, events: RecordedEvents
) -> None:
    uid = (await recorded(client)).json()["uid"]
    await change(client, uid, "notification", NOTIFICATION, 1)
    await change(client, uid, "modifications", MODIFICATION, 2)
    last = await change(client, uid, "correction", {"motif": "Faute de frappe", "objet": "Dispositifs"}, 3)
    assert last.status_code == 200, last.text
    assert [(event.type, event.version) for event in events] == [
        (MARCHE_CREE, 1),
        (MARCHE_NOTIFIE, 2),
        (MARCHE_MODIFIE, 3),
        (MARCHE_CORRIGE, 4),
    ]
    assert {event.subject for event in events} == {f"marche/{uid}"}
    assert {event.ght for event in events} == {"FIC-01"}
    assert last.headers["etag"] == '"4"'


async def test_the_notification_says_the_consolidated_state_to_partners(
    client: AsyncClient, events: RecordedEvents
) -> None:
    uid = (await recorded(client, beneficiaires=[{"id": SUPPORT}, {"id": PARTIE}])).json()["uid"]
    answer = await change(client, uid, "notification", NOTIFICATION)
    assert answer.json()["statut"] == "notifie"
    assert answer.json()["complements"]["idContrat"] == "2026DM001"
    said = MarchePayload.model_validate(events[-1].data).marche
    assert said.uid == uid
    assert [hospital.siret for hospital in said.beneficiaires] == [SUPPORT, PARTIE]
    assert said.acheteur.role == "support"
    assert said.titulaires[0].fournisseur.compteBancaire is not None
    assert said.titulaires[0].fournisseur.categorieTiers == "50"
    assert str(said.montant) == "200000.00"
    assert str(said.tauxAvance) == "0.05"
    complements = said.complements
    assert (complements.natureMarche, complements.procedureMarche, complements.regimeAvance) == ("03", "02", "02")


async def test_an_amendment_carries_new_totals_and_their_differences(
    client: AsyncClient, events: RecordedEvents
) -> None:
    uid = (await recorded(client)).json()["uid"]
    await change(client, uid, "notification", NOTIFICATION)
    first = await change(client, uid, "modifications", changed(MODIFICATION, montant="190000.50", dureeMois=30), 2)
    assert first.status_code == 201, first.text
    second = await change(client, uid, "modifications", changed(MODIFICATION, montant="215000.00"), 3)
    assert [item["id"] for item in second.json()["modifications"]] == [1, 2]
    assert first.json()["modifications"][0]["deltaMontant"] == "-9999.50"
    assert first.json()["modifications"][0]["deltaDureeMois"] == 6
    assert second.json()["modifications"][1]["dureeMois"] is None
    assert (second.json()["montant"], second.json()["dureeMois"]) == ("215000.00", 30)
    payload = MarchePayload.model_validate(events[-1].data)
    assert payload.modification is not None
    assert str(payload.modification.deltaMontant) == "24999.50"
    assert len(payload.marche.modifications) == 2


async def test_an_amendment_of_a_group_s_amount_needs_the_new_shares(
    client: AsyncClient, events: RecordedEvents
) -> None:
    uid = (await recorded(client, **GROUPED)).json()["uid"]
    await change(client, uid, "notification", NOTIFICATION)
    refused = await change(client, uid, "modifications", MODIFICATION, 2)
    assert refused.json()["errors"][0]["rule"] == "MAR-PARTS"
    assert refused.json()["errors"][0]["path"] == "$.parts"
    parts = [
        {"typeIdentifiant": "SIRET", "id": FICTIMED, "montant": "160000"},
        {"typeIdentifiant": "SIRET", "id": PHARMAFICTIF, "montant": "55000"},
    ]
    answer = await change(client, uid, "modifications", changed(MODIFICATION, parts=parts), 2)
    assert answer.status_code == 201, answer.text
    read = (await client.get(f"/v1/marches/{uid}")).json()
    assert [holder["montant"] for holder in read["titulaires"]] == ["160000.00", "55000.00"]
    assert read == answer.json()


async def test_a_correction_says_the_reason_and_keeps_the_rest(client: AsyncClient, events: RecordedEvents) -> None:
    uid = (await recorded(client)).json()["uid"]
    before = (await change(client, uid, "notification", NOTIFICATION)).json()
    body = {
        "motif": "Lieu erroné",
        "lieuExecution": {"code": "59300", "typeCode": "Code postal"},
        "complements": {"penalite": False},
    }
    after = (await change(client, uid, "correction", body, 2)).json()
    differing = {name for name in before if before[name] != after[name]}
    assert differing == {"version", "lieuExecution", "complements"}
    assert after["complements"] == {**before["complements"], "penalite": False}
    payload = MarchePayload.model_validate(events[-1].data)
    assert payload.motif == "Lieu erroné"
    assert payload.marche.lieuExecution.code == "59300"


async def test_a_correction_sends_again_what_the_referentiel_knows_of_the_holders(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    uid = (await recorded(client)).json()["uid"]
    await change(client, uid, "notification", NOTIFICATION)
    supplier = (await client.get("/v1/fournisseurs", params={"identifiant": FICTIMED})).json()["items"][0]
    with known.database.write() as unit:
        known.referentiel.fournisseurs.modifier(
            unit, LOCAL, supplier["uid"], 1, ModificationFournisseur(denominationSociale="Fictimed France")
        )
    nothing = await change(client, uid, "correction", {"motif": "Rien"}, 2)
    assert nothing.json()["errors"][0]["rule"] == "MAR-CORRECTION-VIDE"
    answer = await change(client, uid, "correction", {"motif": "Nouveau nom", "actualiserTitulaires": True}, 2)
    assert answer.status_code == 200
    payload = MarchePayload.model_validate(events[-1].data)
    assert payload.marche.titulaires[0].fournisseur.denominationSociale == "Fictimed France"


async def test_nothing_can_be_amended_before_the_notification_nor_notified_twice(client: AsyncClient) -> None:
    uid = (await recorded(client)).json()["uid"]
    early = await change(client, uid, "modifications", MODIFICATION)
    assert (early.status_code, early.json()["errors"][0]["rule"]) == (409, "MAR-ETAT")
    assert (await change(client, uid, "correction", {"motif": "x", "objet": "y"})).status_code == 409
    await change(client, uid, "notification", NOTIFICATION)
    twice = await change(client, uid, "notification", NOTIFICATION, 2)
    assert (twice.status_code, twice.json()["errors"][0]["rule"]) == (409, "MAR-ETAT")


async def test_a_refused_operation_leaves_no_row_and_no_event(client: AsyncClient, events: RecordedEvents) -> None:
    refused = await client.post("/v1/marches", json=marche(montant="0.99"))
    assert refused.status_code == 409
    assert (await client.get("/v1/marches")).json()["items"] == []
    assert events == []


async def test_two_marches_of_a_buyer_cannot_have_the_same_id(client: AsyncClient) -> None:
    await recorded(client)
    again = await client.post("/v1/marches", json=marche())
    assert again.status_code == 409
    assert "a déjà un marché DM001" in again.json()["detail"]


async def test_two_ids_that_give_the_same_contract_number_are_refused_at_the_notification(client: AsyncClient) -> None:
    first = (await recorded(client, id="DM001")).json()["uid"]
    second = (await recorded(client, id="DM-001")).json()["uid"]
    assert (await change(client, first, "notification", NOTIFICATION)).status_code == 200
    refused = await change(client, second, "notification", NOTIFICATION)
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["rule"] == "MAR-IDCONTRAT-UNIQUE"
    assert (await client.get(f"/v1/marches/{second}")).json()["statut"] == "attribue"


async def test_filters_find_what_they_say(client: AsyncClient) -> None:
    first = (await recorded(client, id="A1", objet="Gants d'examen 100% nitrile")).json()["uid"]
    await recorded(client, id="A2", titulaires=[{"typeIdentifiant": "SIRET", "id": PHARMAFICTIF}])
    await change(client, first, "notification", NOTIFICATION)

    async def found(**query: str) -> list[str]:
        answer = await client.get("/v1/marches", params=query)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert await found() == ["A2", "A1"]
    assert await found(statut="notifie") == ["A1"]
    assert await found(q="100% NITRILE") == ["A1"]
    assert await found(q="100_") == []
    assert await found(fournisseur=PHARMAFICTIF) == ["A2"]
    assert await found(acheteur=PARTIE) == []
    assert await found(ght="FIC-01", notifieDepuis="2026-03-01", notifieAvant="2026-03-02") == ["A1"]
    assert await found(notifieAvant="2026-03-01") == []
    assert await found(ght="FIC-02") == []
