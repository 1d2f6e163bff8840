"""The connector and the simulated PLACE, over a real loopback connection."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import contracts
from mock_partners.kit import MockConfig
from mock_partners.place.app import create
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome, Reject, Retry, Unknown
from tests.connectors.place.place_events import BUYER, connector, event, no_secret, settings
from tests.connectors.place.place_platform import PASSWORD, platform


async def test_a_lot_is_followed_from_its_launch_to_its_contract() -> None:
    async with platform() as place:
        receipt = await place.deliver(event("consulte_lot", dateLancement="2026-01-05", dateLimiteOffres="2026-02-04"))
        assert (receipt.reference, receipt.status) == ("/api/v2/consultations/500001", 201)
        [said] = await place.commands()
        assert said.name == "place.consultation"
        assert (said.data["statut"], said.data["nombreOffres"]) == ("en_ligne", 0)
        place.mock.clock.advance(timedelta(minutes=1))
        await place.control("offres", {"reference": "2026-AOO-017", "nombre": 3, "depotLe": "2026-02-03T10:00:00Z"})
        [said] = await place.commands()
        assert (said.data["nombreOffres"], said.data["lots"][0]["nombreOffres"]) == (3, 3)
        place.mock.clock.advance(timedelta(minutes=1))
        await place.deliver(event("analyse"))
        # The event says neither lot nor consultation: PLACE knows the projet by the identifier it was given.
        assert (await place.deliver(event("attribue"))).reference == "/api/v2/contrats/2026DM001"
        [said] = await place.commands()
        [lot] = said.data["lots"]
        assert (said.data["statut"], lot["attribution"]["numero"]) == ("attribuee", "2026DM001")
        assert lot["identifiantExterne"] == event("attribue").data["uid"]
        assert await place.collect() == []


@pytest.mark.parametrize(("name", "statut"), [("infructueux", "infructueuse"), ("sans_suite", "sans_suite")])
async def test_a_procedure_given_up_is_said_with_its_reason(name: str, statut: str) -> None:
    async with platform() as place:
        await place.deliver(event("consulte_sans_lot"))
        await place.deliver(event(name, lot=None))
        [said] = await place.commands()
        assert (said.data["statut"], said.data["motif"]) == (statut, event(name).data["motif"])


async def test_what_the_platform_says_satisfies_its_contracts() -> None:
    async with platform() as place:
        await place.deliver(event("consulte_lot"))
        await place.notify(reference="2026-AOO-017", numeroLot=1, montantHT="1000.00")
        documents = await place.collect()
        found = {contracts.recognise(one.body, one.name): one for one in documents}
        assert set(found) == {"place/consultation/2", "daj/decp-xml/1.5.0"}
        for contract_id, document in found.items():
            assert contract_id is not None
            assert contracts.validate(contract_id, document.body).valid
            assert contract_id in place.connector.manifest.channels[0].inbound


@pytest.mark.parametrize("name", ["consulte_lot", "attribue", "infructueux"])
async def test_sending_twice_has_one_effect_and_an_unknown_outcome_is_healed(name: str) -> None:
    async with platform() as place:
        if name != "consulte_lot":
            await place.deliver(event("consulte_lot"))
        place.mock.faults.extend(["ok", "lost:502"], (), "*")  # the token is asked first when none is held
        if name != "consulte_lot":
            place.mock.faults.replace(["lost:502"], (), "*")
        with pytest.raises(Unknown):
            await place.deliver(event(name))
        state = place.mock.snapshot()
        assert (await place.deliver(event(name))).status == 200
        assert place.mock.snapshot() == state


@pytest.mark.parametrize(
    ("absent", "first", "name"),
    [
        ("v2.consultations.ecrire", None, "consulte_lot"),
        ("v2.contrats.ecrire", "consulte_lot", "attribue"),
        ("v2.abandons.ecrire", "consulte_lot", "infructueux"),
        ("v2.token", None, "consulte_lot"),
    ],
)
async def test_an_operation_that_is_not_offered_says_so_and_only_it(absent: str, first: str | None, name: str) -> None:
    async with platform(absentes=(absent,)) as place:
        if first:
            await place.deliver(event(first))
        with pytest.raises(NotOffered) as caught:
            await place.deliver(event(name))
        assert caught.value.status == 501
    async with platform() as place:
        if first:
            await place.deliver(event(first))
        assert (await place.deliver(event(name))).status == 201 or name == "infructueux"


async def test_the_realistic_platform_creates_consultations_and_leaves_the_rest_to_files() -> None:
    mock = create(MockConfig())
    assert mock.snapshot()["absentes"] == ["v2.abandons.ecrire", "v2.contrats.ecrire"]


@pytest.mark.parametrize(
    ("absentes", "documents"),
    [
        ((), {"consultation", "contrats-2026-02", "contrats-2026-03"}),
        (("v2.consultations.lire",), {"contrats-2026-02", "contrats-2026-03"}),
        (("v2.token",), {"contrats-2026-02", "contrats-2026-03"}),
        (("v1.format-pivot",), {"consultation", "contrats-2026-02", "contrats-2026-03"}),
        (("v1.format-pivot", "v1.format-etendu"), {"consultation", "contrats-2026"}),
        (("v1.connexion",), {"consultation", "contrats-2026"}),
        (("v1.connexion", "v1.xml-extraire-criteres"), {"consultation"}),
        (("v1.connexion", "v1.xml-extraire-criteres", "v2.consultations.lire"), set()),
    ],
)
async def test_what_is_not_offered_does_not_stop_the_rest(absentes: tuple[str, ...], documents: set[str]) -> None:
    async with platform(moisSuivis=2) as place:
        await place.deliver(event("consulte_lot"))
        await place.notify(reference="2026-AOO-017", numeroLot=1, montantHT="1000.00")
        place.mock.restore({"absentes": absentes})
        fresh = place.connector.open("api", place.transport.settings, lambda _: PASSWORD)  # type: ignore[attr-defined]
        found = [one async for one in place.connector.collect(fresh)]
        await fresh.close()
        names = {one.name.partition("-")[0] if one.name[:4] == "cons" else one.name.rpartition("-")[0] for one in found}
        assert names == documents
        etendu = absentes == ("v1.format-pivot",)
        assert any(b"idOrganisme" in one.body for one in found) is etendu


@pytest.mark.parametrize("scenario", ["ticket_expire*1", "html_au_lieu_de_xml*1", "jeton_expire*1"])
async def test_a_ticket_or_token_at_its_end_is_renewed_once(scenario: str) -> None:
    async with platform(moisSuivis=1, releveContratsMinutes=0) as place:
        await place.deliver(event("consulte_lot"))
        await place.notify(reference="2026-AOO-017", numeroLot=1, montantHT="1000.00")
        assert await place.collect()  # a ticket and a token are held
        place.transport.known.clear()  # type: ignore[attr-defined]
        place.mock.faults.replace((), [scenario])
        assert len(await place.collect()) == 2


async def test_tickets_and_tokens_end_by_the_clock_and_are_asked_again() -> None:
    async with platform(moisSuivis=1, releveContratsMinutes=0) as place:
        await place.deliver(event("consulte_lot"))
        await place.collect()
        place.mock.clock.advance(timedelta(hours=2))
        await place.notify(reference="2026-AOO-017", numeroLot=1, montantHT="1000.00")
        assert len(await place.collect()) == 2


async def test_a_web_page_that_stays_fails_the_contracts_and_not_the_consultations() -> None:
    async with platform(moisSuivis=2) as place:
        await place.deliver(event("consulte_lot"))
        place.mock.faults.replace((), ["html_au_lieu_de_xml"])
        found = []
        with pytest.raises(Retry, match="web page"):
            async for document in place.connector.collect(place.transport):
                found.append(document.name)
        assert len(found) == 1
        assert found[0].startswith("consultation-")
        # Nothing was noted as read: the next poll asks again.
        place.mock.faults.clear()
        await place.notify(reference="2026-AOO-017", numeroLot=1, montantHT="1000.00")
        assert any(one.name.startswith("contrats-") for one in await place.collect())


async def test_a_month_without_contracts_is_told_once_and_again_when_it_comes_back_to_that() -> None:
    async with platform(moisSuivis=2, releveContratsMinutes=0) as place:

        async def told() -> dict[str, int]:
            """Number of contracts, by month told."""
            said = [place.connector.interpret(one).commands[0].data for one in await place.collect_all()]
            return {one["periode"]: len(one["marches"]) for one in said}

        assert await told() == {"2026-02": 0, "2026-03": 0}
        assert await told() == {}
        await place.notify(numero="2026DM001", objet="Gants", acheteur=BUYER, montantHT="1.00")
        assert await told() == {"2026-03": 1}
        place.mock.faults.replace((), ["resultat_vide"])
        assert await told() == {"2026-03": 0}


async def test_a_month_without_contracts_satisfies_its_contract() -> None:
    async with platform(moisSuivis=1) as place:
        [document] = await place.collect_all()
        contract_id = contracts.recognise(document.body, document.name)
        assert contract_id in place.connector.manifest.channels[0].inbound
        assert contracts.validate(contract_id, document.body).findings == ()


async def test_another_amount_at_the_platform_reaches_the_hub() -> None:
    async with platform() as place:
        await place.notify(numero="2026DM001", objet="Gants", acheteur=BUYER, montantHT="1.00")
        place.mock.faults.replace((), ["contrat_divergent:99.00"])
        [said] = await place.commands()
        assert said.data["marches"][0]["montant"] == "99.00"


async def test_pages_of_consultations_are_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.place.mpe_v2.PAGE_SIZE", 2)
    async with platform() as place:
        for number in range(5):
            uid = f"01990000-0000-7000-8000-00000000000{number}"
            await place.deliver(event("consulte_sans_lot", uid=uid, id=f"2026DM00{number}"))
        assert [one.data["reference"] for one in await place.commands()] == [f"2026DM00{n}" for n in range(5)]


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("attribue", {}, "CONSULTATION_INCONNUE"),
        ("infructueux", {}, "CONSULTATION_INCONNUE"),
        ("consulte_lot", {"lot": {"consultation": "2026-AOO-017", "numero": 1, "intitule": "Autre"}}, "DEJA_PRIS"),
    ],
)
async def test_what_the_platform_refuses_comes_back_with_its_code(name: str, changes: Any, code: str) -> None:
    async with platform() as place:
        if code == "DEJA_PRIS":
            await place.deliver(event(name))
            changes |= {"uid": "01990000-0000-7000-8000-000000000009"}
        with pytest.raises(Reject) as caught:
            await place.deliver(event(name, **changes))
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("fault", "outcome"), [("503:2", Retry), ("429", Retry), ("500", Unknown), ("403", Misconfigured)]
)
async def test_what_went_wrong_is_classed(fault: str, outcome: type[Outcome]) -> None:
    async with platform() as place:
        place.mock.faults.replace([fault], (), "POST /api/v2/consultations")
        with pytest.raises(outcome):
            await place.deliver(event("consulte_lot"))


@pytest.mark.parametrize("fault", ["500", "lost", "malformed"])
async def test_a_token_that_did_not_come_sent_nothing(fault: str) -> None:
    async with platform() as place:
        place.mock.faults.replace([fault], (), "POST /api/v2/token")
        with pytest.raises(Retry):
            await place.deliver(event("consulte_lot"))


async def test_the_password_is_never_in_what_is_recorded() -> None:
    async with platform() as place:
        for wrong, status in (("/secret?é", "401"), (PASSWORD, "503")):
            given = place.transport.settings  # type: ignore[attr-defined]
            own = place.connector.open("api", given, {"PLACE": wrong}.__getitem__)
            place.mock.faults.replace(["503"] if status == "503" else [], (), "GET /api.php")
            with pytest.raises(Outcome) as caught:
                await own.contracts.sign_in()  # type: ignore[attr-defined]
            said = f"{caught.value!r} {caught.value.reason} {caught.value.excerpt} {caught.value.__cause__}"
            assert status in said
            assert "***" in said
            assert wrong not in said
            assert "%2F" not in said
            await own.close()


async def test_the_check_says_what_is_offered() -> None:
    async with platform(absentes=("v2.contrats.ecrire",)) as place:
        health = await place.connector.check(place.transport)
        assert (health.ok, health.detail) == (True, "MPE v2 répond, sans v2.contrats.ecrire ; MPE v1 répond")
        place.mock.restore({"absentes": ["v2.token"]})
        assert (await place.connector.check(place.transport)).detail == "MPE v2 n'est pas offert ; MPE v1 répond"
        place.mock.restore({"absentes": ["v1.connexion"]})
        assert (
            await place.connector.check(place.transport)
        ).detail == "MPE v2 répond, sans v1.connexion ; MPE v1 n'est pas offert"
        place.mock.restore({"absentes": ["v2.token", "v1.connexion"]})
        assert not (await place.connector.check(place.transport)).ok
        assert place.mock.journal.search() == []


def test_a_channel_whose_settings_are_missing_is_misconfigured() -> None:
    for channel, words in (("api", "baseUrl, login"), ("file", "dossierSortant")):
        with pytest.raises(Misconfigured, match=words):
            connector().open(channel, settings(), no_secret)
    with pytest.raises(Misconfigured, match="no secret"):
        connector().open("api", settings(baseUrl="http://place", login="x", motDePasseSecret="P"), no_secret)
