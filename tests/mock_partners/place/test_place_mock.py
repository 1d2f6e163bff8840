"""The simulated PLACE keeps consultations, refuses in its own way, and lacks what it is told to lack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

import contracts
from mock_partners import MOCKS, MockConfig
from mock_partners.place.state import OPERATIONS
from tests.mock_partners.place.platform import BUYER, HOLDER, OUTSIDE, V1, Client, make

CRITERIA = "/0/1/2026" + "/false" * 9


@pytest.fixture
async def place() -> AsyncIterator[Client]:
    client = Client(make())
    yield client
    await client.http.aclose()


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem document."""
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def shown(place: Client) -> dict[str, Any]:
    """The first consultation, as its contract wants it."""
    answer = await place.get("/consultations/500001")
    assert contracts.validate("place/consultation/2", answer.content).findings == ()
    content: dict[str, Any] = answer.json()
    return content


async def test_a_consultation_is_created_then_completed_lot_by_lot(place: Client) -> None:
    assert (await place.write("consultation_lot")).status_code == 201
    second = {"lot": {"numero": 2, "intitule": "Gants"}, "identifiantExterne": "projet-2"}
    assert (await place.write("consultation_lot", **second, nombreOffres=0)).status_code == 200
    found = await shown(place)
    assert [(lot["numero"], lot["identifiantExterne"][:8]) for lot in found["lots"]] == [
        (1, "01990000"),
        (2, "projet-2"),
    ]
    assert found["statut"] == "en_ligne"
    page = (await place.get("/consultations?itemsPerPage=1&page=2")).json()
    assert (page["hydra:totalItems"], page["hydra:member"]) == (1, [])


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        (None, ("attribution", {}), (404, "CONSULTATION_INCONNUE")),
        (None, ("abandon", {"reference": "AUTRE"}), (404, "CONSULTATION_INCONNUE")),
        (None, ("consultation_lot", {"organisme": "zzz"}), (422, "ORGANISME_INCONNU")),
        (None, ("consultation_lot", {"dateLimiteRemisePlis": "2020-01-01"}), (422, "PLACE-DATES")),
        (None, ("consultation_lot", {"acheteur": "12"}), (422, "PLACE-SCHEMA")),
        ("consultation_lot", ("consultation_minimale", {}), (409, "ALLOTISSEMENT")),
        ("consultation_lot", ("consultation_lot", {"identifiantExterne": "autre"}), (409, "DEJA_PRIS")),
        ("consultation_minimale", ("consultation_minimale", {"identifiantExterne": "autre"}), (409, "DEJA_PRIS")),
        ("attribution", ("attribution", {"numero": "2026DM002"}), (409, "DEJA_ATTRIBUE")),
        ("attribution", ("consultation_lot", {"etape": "analyse"}), (409, "PROCEDURE_CLOSE")),
        ("abandon", ("attribution", {}), (409, "PROCEDURE_CLOSE")),
        ("abandon", ("infructueux", {}), (409, "PROCEDURE_CLOSE")),
    ],
)
async def test_what_contradicts_the_platform_is_refused_with_a_code(
    place: Client, first: str | None, then: tuple[str, dict[str, Any]], expected: tuple[int, str]
) -> None:
    if first in ("attribution", "abandon"):
        await place.write("consultation_lot")
    if first is not None:
        assert (await place.write(first)).status_code < 300
    before = place.mock.snapshot()
    assert refused(await place.write(then[0], **then[1])) == expected
    assert place.mock.snapshot() == before


async def test_a_number_already_taken_is_refused(place: Client) -> None:
    await place.write("consultation_lot")
    await place.by_hand("attribuer", **{**OUTSIDE, "numero": "2026DM001"})
    assert refused(await place.write("attribution")) == (409, "NUMERO_DEJA_PRIS")


async def test_the_same_message_has_one_effect(place: Client) -> None:
    for name in ("consultation_lot", "attribution"):
        first = await place.write(name)
        state = place.mock.snapshot()
        again = await place.write(name)
        assert (again.status_code, again.json()["@id"]) == (200, first.json()["@id"])
        assert place.mock.snapshot() == state
    assert [one.verdict for one in place.mock.journal.search(verdict="replayed")] == ["replayed"] * 2


async def test_a_message_is_found_by_reference_when_the_projet_is_not_known(place: Client) -> None:
    """A consultation made by hand at the platform has no external identifier."""
    await place.write("consultation_lot")
    state = place.mock.snapshot()
    state["consultations"]["2026-AOO-017"]["parts"][0]["identifiantExterne"] = None
    await place.http.put("/_mock/state", json=state)
    assert (await place.write("attribution", identifiantExterne="inconnu")).status_code == 201


@pytest.mark.parametrize(
    ("content_type", "body", "path", "expected"),
    [
        ("text/plain", b"{}", "consultations", (415, "TYPE_DE_CONTENU")),
        ("application/ld+json", b"{", "consultations", (400, "PLACE-JSON")),
        ("application/ld+json", b"{}", "consultations", (422, "PLACE-SCHEMA")),
        ("application/json", None, "contrats", (422, "TYPE")),
    ],
)
async def test_what_is_no_message_is_refused(
    place: Client, content_type: str, body: bytes | None, path: str, expected: tuple[int, str]
) -> None:
    example = contracts.get("place/mpe-v2/2").folder / "examples/valid/abandon.json"
    headers = {"Authorization": f"Bearer {await place.token()}", "Content-Type": content_type}
    answer = await place.http.post(f"/api/v2/{path}", content=body or example.read_bytes(), headers=headers)
    assert refused(answer) == expected


async def test_a_wrong_account_gets_nothing() -> None:
    place = Client(make(api_key="secret", options={"login": "hub"}))
    for login, password, status in (("hub", "secret", 200), ("hub", "x", 401), ("x", "secret", 401)):
        answer = await place.http.post("/api/v2/token", json={"login": login, "password": password})
        assert answer.status_code == status
        v1 = await place.http.get(f"/api.php/ws/authentification/connexion/{login}/{password}")
        assert v1.status_code == status
        assert ("text/html" in v1.headers["content-type"]) is (status == 401)
    assert refused(await place.http.post("/api/v2/token", json=[1])) == (400, "CORPS")


async def test_only_our_own_token_opens_until_its_end(place: Client) -> None:
    token = await place.token()
    head, claims, signature = token.split(".")
    for wrong in ("", "abc", "a.b.c", f"{head}.{claims}.{signature[::-1]}", f"{head}.{claims[:-2]}.{signature}"):
        assert refused(await place.get("/consultations", wrong)) == (401, "JETON")
    assert (await place.get("/consultations")).status_code == 200
    place.mock.clock.advance(timedelta(hours=1))
    assert refused(await place.get("/consultations")) == (401, "JETON")


async def test_only_our_own_ticket_opens_until_its_end(place: Client) -> None:
    ticket = await place.ticket()
    assert (await place.contracts(ticket)).status_code == 200
    assert (await place.contracts("faux")).status_code == 401
    place.mock.clock.advance(timedelta(minutes=30))
    answer = await place.contracts(ticket)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
async def test_an_operation_taken_away_answers_501_and_the_others_do_not(operation: str) -> None:
    place = Client(make())
    await place.token()
    ticket = await place.ticket()
    await place.http.put("/_mock/state", json={"absentes": [operation]})
    answers = {
        "v1.connexion": await place.http.get("/api.php/ws/authentification/connexion/a/b"),
        "v1.format-pivot": await place.contracts(ticket),
        "v1.format-etendu": await place.contracts(ticket, "format-etendu"),
        "v1.xml-extraire-criteres": await place.http.get(f"{V1}/xml-extraire-criteres/x7y{CRITERIA}"),
        "v2.token": await place.http.post("/api/v2/token", json={"login": "a", "password": "b"}),
        "v2.consultations.lire": await place.get("/consultations"),
        "v2.consultations.ecrire": await place.write("consultation_lot"),
        "v2.contrats.ecrire": await place.write("attribution"),
        "v2.abandons.ecrire": await place.write("abandon"),
    }
    assert {name for name, answer in answers.items() if answer.status_code == 501} == {operation}
    assert (await place.http.get("/api/v2/healthCheck")).json()["absentes"] == [operation]


def test_by_default_consultations_are_created_and_the_rest_is_entered_by_hand() -> None:
    assert MOCKS["place"](MockConfig()).snapshot()["absentes"] == ["v2.abandons.ecrire", "v2.contrats.ecrire"]


def test_an_unknown_operation_in_the_configuration_is_refused() -> None:
    with pytest.raises(ValueError, match="v3"):
        make(absentes=("v3.tout",))


async def test_offers_in_time_are_counted_and_late_ones_are_shown_apart(place: Client) -> None:
    await place.write("consultation_lot")
    assert (await place.by_hand("offres", reference="2026-AOO-017", nombre=2)).status_code == 200
    await place.scenario("offre_tardive*1")
    await place.by_hand("offres", reference="2026-AOO-017", lots=[1])
    found = await shown(place)
    assert (found["nombreOffres"], found["lots"][0]["nombreOffres"]) == (2, 2)
    assert [offer["horsDelai"] for offer in found["offres"]] == [False, False, True]
    assert found["offres"][2]["depotLe"] == "2026-02-05T08:00:00Z"
    assert refused(await place.by_hand("offres", reference="2026-AOO-017", lots=[7])) == (404, "LOT_INCONNU")
    assert refused(await place.by_hand("offres", reference="AUTRE")) == (404, "CONSULTATION_INCONNUE")


async def test_a_late_offer_needs_a_deadline(place: Client) -> None:
    await place.write("consultation_minimale")
    await place.scenario("offre_tardive")
    assert refused(await place.by_hand("offres", reference="2026-AOO-017")) == (422, "SANS_DATE_LIMITE")


async def test_a_consultation_fails_at_the_platform_when_told_to(place: Client) -> None:
    await place.write("consultation_lot")
    await place.scenario("consultation_infructueuse*1")
    assert (await place.write("consultation_lot", etape="analyse")).status_code == 200
    found = await shown(place)
    assert (found["statut"], found["lots"][0]["motif"]) == ("infructueuse", "aucune offre")
    assert refused(await place.write("attribution")) == (409, "PROCEDURE_CLOSE")


async def test_a_reference_taken_by_another_is_refused_when_told_to(place: Client) -> None:
    await place.scenario("reference_prise*1")
    assert refused(await place.write("consultation_lot")) == (409, "DEJA_PRIS")
    assert (await place.write("consultation_lot")).status_code == 201


async def test_the_contract_of_the_hub_is_completed_by_hand_then_published(place: Client) -> None:
    await place.write("consultation_lot")
    await place.write("attribution")
    ticket = await place.ticket()
    assert len((await place.contracts(ticket)).content) < 60
    answer = await place.by_hand(
        "attribuer", reference="2026-AOO-017", numeroLot=1, dateNotification="2026-03-01", contrat={"dureeMois": 36}
    )
    assert answer.status_code == 200, answer.text
    for form, contract_id in (
        ("format-pivot", "daj/decp-xml/1.5.0"),
        ("format-etendu", "place/donnees-essentielles/1"),
    ):
        body = (await place.contracts(ticket, form)).content
        assert contracts.validate(contract_id, body).valid
        for text in (b"<id>2026DM00100</id>", b"<montant>380000.00</montant>", b"<dureeMois>36</dureeMois>"):
            assert text in body
    public = await place.http.get(f"{V1}/xml-extraire-criteres/x7y{CRITERIA}")
    assert public.content == (await place.contracts(ticket)).content
    assert len((await place.contracts(ticket, date_notif_max="28-02-2026")).content) < 60


async def test_a_lot_attributed_at_the_platform_is_numbered_there(place: Client) -> None:
    await place.write("consultation_lot")
    answer = await place.by_hand(
        "attribuer", reference="2026-AOO-017", numeroLot=1, montantHT="5.00", titulaires=[HOLDER]
    )
    assert answer.json()["numero"] == "2026P0001"
    assert (await shown(place))["lots"][0]["attribution"] == {
        "numero": "2026P0001",
        "montantHT": "5.00",
        "dateAttribution": "2026-02-03",
        "titulaires": [HOLDER],
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({**OUTSIDE, "titulaires": []}, (422, "SANS_TITULAIRE")),
        ({"numero": "2026DM050"}, (422, "INCOMPLET")),
        ({**OUTSIDE, "contrat": {"couleur": "bleu"}}, (422, "VALEURS")),
        ({"reference": "AUTRE"}, (404, "CONSULTATION_INCONNUE")),
        ({"reference": "2026-AOO-017", "numeroLot": 9}, (404, "LOT_INCONNU")),
        ({"reference": "2026-AOO-017", "numeroLot": 1}, (422, "SANS_MONTANT")),
    ],
)
async def test_what_cannot_be_attributed_by_hand_changes_nothing(
    place: Client, given: dict[str, Any], expected: tuple[int, str]
) -> None:
    await place.write("consultation_lot")
    before = place.mock.snapshot()
    assert refused(await place.by_hand("attribuer", **given)) == expected
    assert place.mock.snapshot() == before


@pytest.mark.parametrize(
    ("scenario", "status", "words"),
    [
        ("html_au_lieu_de_xml*1", 200, "Maintenance"),
        ("ticket_expire*1", 401, "expiré"),
        ("resultat_vide*1", 200, "<marches/>"),
        ("contrat_divergent:77.00*1", 200, "<montant>77.00</montant>"),
    ],
)
async def test_the_contracts_go_wrong_when_told_to(place: Client, scenario: str, status: int, words: str) -> None:
    await place.by_hand("attribuer", **OUTSIDE)
    ticket = await place.ticket()
    await place.scenario(scenario)
    answer = await place.contracts(ticket)
    assert answer.status_code == status
    assert words in answer.text
    assert "1000.00" in (await place.contracts(await place.ticket())).text


@pytest.mark.parametrize(
    "changes", [{"date_notif_min": "2026-02-01"}, {"date_notif_max": "31-02-2026"}, {"date_notif_min": ""}]
)
async def test_wrong_dates_give_a_web_page(place: Client, changes: dict[str, str]) -> None:
    answer = await place.contracts(await place.ticket(), **changes)
    assert (answer.status_code, answer.text.startswith("<!DOCTYPE html>")) == (200, True)
    public = await place.http.get(f"{V1}/xml-extraire-criteres/zzz{CRITERIA}")
    assert public.text.startswith("<!DOCTYPE html>")


async def test_contracts_can_be_asked_for_in_json_and_for_one_siren(place: Client) -> None:
    await place.by_hand("attribuer", **OUTSIDE)
    given = {
        "token": await place.ticket(),
        "format": "xml",
        "date_notif_min": "01-02-2026",
        "date_notif_max": "28-02-2026",
    }
    for siren, found in ((BUYER[:9], True), ("111111111", False)):
        answer = await place.http.post(f"{V1}/format-pivot", json={**given, "siren": siren})
        assert (b"2026DM05000" in answer.content) is found
    broken = await place.http.post(f"{V1}/format-pivot", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 401


async def test_the_state_survives_a_restart(tmp_path: Path) -> None:
    first = Client(make(state_file=tmp_path / "state.json"))
    await first.write("consultation_lot")
    await first.by_hand("offres", reference="2026-AOO-017")
    await first.by_hand("attribuer", **OUTSIDE)
    again = Client(make(state_file=tmp_path / "state.json"))
    assert again.mock.snapshot() == first.mock.snapshot()
    assert (await shown(again))["nombreOffres"] == 1
    assert (await again.write("attribution")).status_code == 201
