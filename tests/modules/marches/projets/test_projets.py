"""A need from its forecast to its attribution, its lots, and the ends it may have."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.modules.marches.projets.reading import Filtres
from semaphore_hub.ports import events as types
from semaphore_hub.ports.payloads import ProjetPayload
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.projets.life import (
    LANCEMENT,
    OUVERTURE,
    attributed,
    attribution,
    foreseen,
    opened,
    projet,
    with_life,
)
from tests.modules.samples import FICTIMED, PARTIE, SUPPORT, marche

LOT = {"consultation": "2026-AOO-017", "lot": {"numero": 1, "intitule": "Perfusion"}}


async def test_a_projet_becomes_the_marche_of_the_same_uid_and_its_events_go_on(
    hub: AsyncClient, events: RecordedEvents
) -> None:
    life = await foreseen(hub, beneficiaires=[{"id": SUPPORT}, {"id": PARTIE}], **LOT)
    assert life.seen["typeAchat"] == "fournitures"
    await life.done("lancement", LANCEMENT)
    await life.done("ouverture", OUVERTURE)
    answer = await life.ask("attribution", attribution())
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/marches/{life.uid}"
    assert answer.headers["etag"] == '"4"'
    found = answer.json()
    assert (found["uid"], found["statut"], found["version"]) == (life.uid, "attribue", 4)
    assert (found["id"], found["dureeMois"], found["objet"]) == ("DM001", 24, projet()["objet"])
    assert [one["id"] for one in found["beneficiaires"]] == [SUPPORT, PARTIE]
    assert found["lot"] == {"consultation": "2026-AOO-017", "numero": 1, "intitule": "Perfusion"}
    assert (await hub.get(f"/v1/marches/{life.uid}")).json() == found
    assert (await hub.get(f"/v1/marches/projets/{life.uid}")).json()["statut"] == "attribue"
    assert [(event.type, event.version) for event in events] == [
        (types.MARCHE_PROJETE, 1),
        (types.MARCHE_CONSULTE, 2),
        (types.MARCHE_ANALYSE, 3),
        (types.MARCHE_ATTRIBUE, 4),
    ]
    assert {event.subject for event in events} == {f"marche/{life.uid}"}
    said = ProjetPayload.model_validate(events[1].data)
    assert said.lot is not None
    assert (said.statut, said.lot.numero, str(said.montantEstime)) == ("consultation", 1, "400000.00")


async def test_the_same_key_records_one_projet(hub: AsyncClient, events: RecordedEvents) -> None:
    headers = {"Idempotency-Key": "projet-1"}
    first = await hub.post("/v1/marches/projets", json=projet(), headers=headers)
    again = await hub.post("/v1/marches/projets", json=projet(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(events) == 1


async def test_a_change_names_the_version_it_is_based_on(hub: AsyncClient) -> None:
    life = await foreseen(hub)
    address = f"/v1/marches/projets/{life.uid}/lancement"
    assert (await hub.post(address, json=LANCEMENT)).status_code == 428
    assert (await hub.post(address, json=LANCEMENT, headers={"If-Match": '"2"'})).status_code == 412


async def test_a_projet_is_read_and_changed_inside_its_perimeter_only(
    hub: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    life = await foreseen(hub)
    service = with_life(known, events).projets
    stranger = Caller("ailleurs", Role.ACHETEUR, frozenset({"FIC-02"}))
    with known.database.read() as connection:
        with pytest.raises(NotFound):
            service.lire(connection, stranger, life.uid)
        assert service.lister(connection, stranger, Filtres(), limit=10, after=None) == ([], None)
        with pytest.raises(NotFound):
            service.consultation(connection, stranger, "2026-AOO-017", SUPPORT)


async def test_a_revision_changes_the_forecast_until_the_launch(hub: AsyncClient, events: RecordedEvents) -> None:
    life = await foreseen(hub)
    revised = await life.done(
        "revision", {"codeCPV": "50421000-2", "montantEstime": "90000", "beneficiaires": [{"id": PARTIE}], **LOT}
    )
    assert (revised["typeAchat"], revised["montantEstime"], revised["version"]) == ("services", "90000.00", 2)
    assert revised["lot"] == LOT["lot"]
    assert [one["id"] for one in revised["beneficiaires"]] == [PARTIE]
    assert (events[-1].type, events[-1].data["montantEstime"]) == (types.MARCHE_PROJETE, "90000.00")
    await life.done("lancement", LANCEMENT)
    assert await life.refused("revision", {"objet": "Autre"}) == {("MAR-ETAT", "$")}


CREATION: list[tuple[str, str, dict[str, Any]]] = [
    ("MAR-ACHETEUR", "$.acheteur.id", {"acheteur": {"id": FICTIMED}}),
    ("MAR-SIRET", "$.beneficiaires[0].id", {"beneficiaires": [{"id": "12345678901234"}]}),
    ("MAR-PROJET-ESTIMATION", "$.montantEstime", {"montantEstime": "0.99"}),
    ("MAR-DATE-PERIODE", "$.dateLancementPrevue", {"dateLancementPrevue": "2009-12-31"}),
    (
        "MAR-PROJET-DATES",
        "$.dateNotificationPrevue",
        {"dateLancementPrevue": "2026-05-02", "dateNotificationPrevue": "2026-05-01"},
    ),
]


@pytest.mark.parametrize(("rule", "path", "changes"), CREATION)
async def test_a_broken_rule_refuses_the_projet(
    hub: AsyncClient, events: RecordedEvents, rule: str, path: str, changes: dict[str, Any]
) -> None:
    answer = await hub.post("/v1/marches/projets", json=projet(**changes))
    assert answer.status_code == 409, answer.text
    assert {(item["rule"], item["path"]) for item in answer.json()["errors"]} == {(rule, path)}
    assert events == []


@pytest.mark.parametrize("first", ["/v1/marches/projets", "/v1/marches"])
async def test_an_id_names_one_projet_or_marche_of_a_buyer(hub: AsyncClient, first: str) -> None:
    created = await hub.post(first, json=projet() if first.endswith("projets") else marche())
    assert created.status_code == 201, created.text
    again = await hub.post("/v1/marches/projets", json=projet())
    assert (again.status_code, again.json()["errors"][0]["rule"]) == (409, "MAR-PROJET-ID")


async def test_a_revision_keeps_the_rules_of_the_forecast(hub: AsyncClient) -> None:
    life = await foreseen(hub, consultation="2026-AOO-017")
    assert await life.refused("revision", {"objet": projet()["objet"]}) == {("MAR-PROJET-REVISION-VIDE", "$")}
    assert await life.refused("revision", {"montantEstime": "0"}) == {("MAR-PROJET-ESTIMATION", "$.montantEstime")}
    assert await life.refused("revision", {"beneficiaires": [{"id": FICTIMED}]}) == {
        ("MAR-ACHETEUR", "$.beneficiaires[0].id")
    }


async def test_a_launch_has_its_dates_in_order_and_its_consultation(hub: AsyncClient) -> None:
    life = await foreseen(hub, consultation="2026-AOO-017")
    early = {"dateLancement": "2026-01-05", "dateLimiteOffres": "2026-01-04"}
    assert await life.refused("lancement", early) == {("MAR-PROJET-DATES", "$.dateLimiteOffres")}
    other = {**LANCEMENT, "consultation": "2026-AOO-018"}
    assert await life.refused("lancement", other) == {("MAR-CONSULTATION-AUTRE", "$.consultation")}


async def test_a_lot_is_launched_in_a_consultation(hub: AsyncClient) -> None:
    life = await foreseen(hub, lot={"numero": 3, "intitule": "Sondes"})
    assert await life.refused("lancement", LANCEMENT) == {("MAR-LOT-CONSULTATION", "$.consultation")}
    launched = await life.done("lancement", {**LANCEMENT, "consultation": "2026-AOO-017"})
    assert launched["consultation"] == "2026-AOO-017"


async def test_offers_stay_closed_until_the_deadline(hub: AsyncClient) -> None:
    life = await foreseen(hub)
    await life.done("lancement", LANCEMENT)
    early = {**OUVERTURE, "dateOuverture": "2026-02-03"}
    assert await life.refused("ouverture", early) == {("MAR-PROJET-DATES", "$.dateOuverture")}


ATTRIBUTION: list[tuple[str, str, dict[str, Any]]] = [
    ("MAR-PROJET-DATES", "$.dateAttribution", {"dateAttribution": "2026-02-03"}),
    ("MAR-PROJET-DATES", "$.dateInformationEvinces", {"dateInformationEvinces": "2026-02-11"}),
    ("MAR-PROJET-OFFRES", "$.offresRecues", {"offresRecues": 5}),
    ("MAR-PROJET-PROCEDURE", "$.procedure", {"procedure": "Procédure adaptée"}),
    ("MAR-PROJET-NATURE", "$.nature", {"nature": "Marché de défense ou de sécurité"}),
    ("MAR-MONTANT-MIN", "$.montant", {"montant": "0.50"}),
    ("MAR-DUREE-ACCORD-CADRE", "$.dureeMois", {"dureeMois": 49}),
]


@pytest.mark.parametrize(("rule", "path", "changes"), ATTRIBUTION)
async def test_a_broken_rule_refuses_the_attribution(
    hub: AsyncClient, rule: str, path: str, changes: dict[str, Any]
) -> None:
    life = await opened(hub)
    assert await life.refused("attribution", attribution(**changes)) == {(rule, path)}
    assert (await hub.get(f"/v1/marches/{life.uid}")).status_code == 404


async def test_an_id_taken_meanwhile_by_a_marche_leaves_the_projet_where_it_was(hub: AsyncClient) -> None:
    life = await opened(hub)
    assert (await hub.post("/v1/marches", json=marche())).status_code == 201
    answer = await life.ask("attribution", attribution())
    assert answer.status_code == 409
    assert "a déjà un marché DM001" in answer.json()["detail"]
    assert (await hub.get(f"/v1/marches/projets/{life.uid}")).json()["statut"] == "analyse"


@pytest.mark.parametrize(
    ("offers", "motif", "rule"),
    [
        (0, "offres irrégulières", "MAR-INFRUCTUEUX-SANS-OFFRE"),
        (2, "aucune offre", "MAR-INFRUCTUEUX-AVEC-OFFRES"),
    ],
)
async def test_the_reason_of_a_failure_is_that_of_the_offers_received(
    hub: AsyncClient, events: RecordedEvents, offers: int, motif: str, rule: str
) -> None:
    life = await opened(hub, offers)
    assert await life.refused("infructueux", {"date": "2026-02-10", "motif": motif}) == {(rule, "$.motif")}
    right = "offres inacceptables" if offers else "aucune offre"
    ended = await life.done("infructueux", {"date": "2026-02-10", "motif": right, "explication": "Trop chères"})
    assert (ended["statut"], ended["dateFin"]) == ("infructueux", "2026-02-10")
    assert ended["motif"] == f"{right} : Trop chères"
    assert (events[-1].type, events[-1].data["motif"]) == (types.MARCHE_INFRUCTUEUX, ended["motif"])


async def test_nothing_is_fruitless_before_the_deadline(hub: AsyncClient) -> None:
    life = await foreseen(hub)
    await life.done("lancement", LANCEMENT)
    body = {"date": "2026-02-03", "motif": "aucune offre"}
    assert await life.refused("infructueux", body) == {("MAR-PROJET-DATES", "$.date")}
    assert (await life.done("infructueux", {**body, "date": "2026-02-05"}))["statut"] == "infructueux"


async def test_a_procedure_may_be_given_up_at_any_moment(hub: AsyncClient, events: RecordedEvents) -> None:
    before = await foreseen(hub)
    assert (await before.done("sans-suite", {"date": "2025-12-01", "motif": "Abandon"}))["statut"] == "sans_suite"
    after = await opened(hub, id="DM002")
    body = {"date": "2026-02-03", "motif": "Besoin disparu"}
    assert await after.refused("sans-suite", body) == {("MAR-PROJET-DATES", "$.date")}
    ended = await after.done("sans-suite", {**body, "date": "2026-02-05"})
    assert (ended["motif"], events[-1].type) == ("Besoin disparu", types.MARCHE_SANS_SUITE)


async def test_what_is_attributed_is_no_projet_any_more(hub: AsyncClient) -> None:
    life = await attributed(hub)
    life.in_projet = True
    answer = await life.ask("sans-suite", {"date": "2026-03-01", "motif": "Abandon"})
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (409, "MAR-ETAT")


async def test_an_unknown_projet_is_not_found_and_a_need_is_no_marche_yet(hub: AsyncClient) -> None:
    life = await foreseen(hub)
    stranger = await hub.post(
        "/v1/marches/projets/019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f/lancement",
        json=LANCEMENT,
        headers={"If-Match": '"1"'},
    )
    assert stranger.status_code == 404
    life.in_projet = False
    early = await life.ask("notification", {"dateNotification": "2026-03-01", "datePublicationDonnees": "2026-03-01"})
    assert (early.status_code, early.json()["errors"][0]["rule"]) == (409, "MAR-ETAT")


async def test_filters_find_what_they_say(hub: AsyncClient) -> None:
    await foreseen(hub, **LOT)
    second = await foreseen(hub, id="DM002")
    await second.done("lancement", LANCEMENT)

    async def found(**query: Any) -> list[str]:
        answer = await hub.get("/v1/marches/projets", params=query)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert await found() == ["DM002", "DM001"]
    assert await found(statut="consultation") == ["DM002"]
    assert await found(consultation="2026-AOO-017") == ["DM001"]
    assert await found(acheteur=PARTIE) == []
    assert await found(ght="FIC-01") == ["DM002", "DM001"]
    assert await found(ght="FIC-02") == []
    page = (await hub.get("/v1/marches/projets", params={"limit": 1})).json()
    assert await found(cursor=page["next"]) == ["DM001"]
