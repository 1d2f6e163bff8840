"""The connector and the simulated DAJ together, over a real loopback connection and through real folders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

import contracts
from connectors.transports.deposit import DepositFolders
from connectors.transports.http import HttpTransport
from mock_partners.daj.app import DajMock, create
from mock_partners.kit import MockConfig, running
from semaphore_hub.ports.connector import Acknowledgement, Inbound, Message, Outgoing, Transport, Verdict
from semaphore_hub.ports.events import (
    CONCESSION_CORRIGEE,
    CONCESSION_EXECUTEE,
    MARCHE_CORRIGE,
    MARCHE_MODIFIE,
    MARCHE_SOUS_TRAITANCE_DECLAREE,
)
from semaphore_hub.ports.outcomes import Misconfigured, Outcome, Reject, Retry, Unknown, Unreadable
from tests.connectors.daj.builders import (
    BUYER,
    act,
    concession,
    connector,
    context,
    event,
    marche,
    modification,
    rich,
    settings,
    signed,
    translate,
)

CONNECTOR = connector()
UID = f"{BUYER}2026DM001"


def no_secret(name: str) -> str:
    """A reader that knows no secret."""
    raise Misconfigured(f"no secret {name}")


@asynccontextmanager
async def partner(**config: Any) -> AsyncIterator[tuple[DajMock, Transport]]:
    """A running mock and the connector's transport to it."""
    mock = create(MockConfig(**config))
    async with running([mock]) as [one]:
        transport = CONNECTOR.open("api", settings(baseUrl=one.url, timeoutSeconds=0.5), no_secret)
        yield mock, transport
        await transport.close()


def outgoing(message: Message) -> Outgoing:
    """The message under its idempotency key."""
    return Outgoing(message, f"key-{message.reference}")


async def collected(transport: Transport) -> list[Inbound]:
    """Everything waiting, each confirmed after it is taken."""
    found = []
    async for document in CONNECTOR.collect(transport):
        found.append(document)
        await CONNECTOR.confirm(document, transport)
    return found


async def answer(message: Message, transport: Transport) -> Acknowledgement:
    """Deposit a message, then read its report, which must satisfy its contract."""
    await CONNECTOR.deliver(outgoing(message), transport)
    (document,) = await collected(transport)
    assert contracts.validate("daj/compte-rendu/1", document.body).findings == ()
    (found,) = CONNECTOR.interpret(document).acknowledgements
    assert (found.reference, found.business_ref) == (message.reference, message.business_ref)
    return found


def published(mock: DajMock, kind: str = "marche") -> list[dict[str, Any]]:
    """What anybody can read."""
    return [record.value for record in mock.data.published(kind)]


async def test_the_life_of_a_marche_is_published_and_each_version_replaces_the_one_before() -> None:
    amended = marche(montant="220000.00", dureeMois=30, modifications=[modification()])
    later = {**amended, "actesSousTraitance": [act()], "sousTraitanceDeclaree": True}
    life = [
        translate(event(), context(1, 1)),
        translate(event(amended, MARCHE_MODIFIE, 2), context(2, 2)),
        translate(event(later, MARCHE_SOUS_TRAITANCE_DECLAREE, 3), context(3, 3)),
        translate(event(rich(origineUE=None, origineFrance=None), MARCHE_CORRIGE, 4), context(4, 4)),
    ]
    async with partner() as (mock, transport):
        for rank, message in enumerate(life, start=1):
            assert (await answer(message, transport)).verdict is Verdict.ACCEPTED
            (shown,) = published(mock)
            assert shown["montant"] == 200000
            assert mock.data.versions()[UID]["versions"] == rank
        assert [one["modification"]["id"] for one in shown["modifications"]] == [1, 2]
        assert "actesSousTraitance" not in mock.data.versions()[UID]["initiale"]
        assert await collected(transport) == []


async def test_a_correction_of_the_amount_replaces_the_record_by_api() -> None:
    corrected = event(marche(montant="205000.00"), MARCHE_CORRIGE, 2)
    async with partner() as (mock, transport):
        await answer(translate(event()), transport)
        assert (await answer(translate(corrected, context(2, 2)), transport)).verdict is Verdict.ACCEPTED
        assert [one["montant"] for one in published(mock)] == [205000]


async def test_a_correction_that_empties_a_field_wins_by_api_and_loses_by_file(folders: dict[str, Path]) -> None:
    emptied = event(marche(origineUE=None, origineFrance=None, codeCPV="45000000-7"), MARCHE_CORRIGE, 2)
    async with partner() as (mock, transport):
        await answer(translate(event()), transport)
        assert (await answer(translate(emptied, context(2, 2)), transport)).verdict is Verdict.ACCEPTED
        assert "origineUE" not in published(mock)[0]
    mock = create(MockConfig(depot_dir=folders["depot"], retour_dir=folders["retour"]))
    drop = CONNECTOR.open("file", settings(**folders), no_secret)
    for sent in (translate(event(), channel="file"), translate(emptied, context(2, 2), "file")):
        await CONNECTOR.deliver(outgoing(sent), drop)
        await mock.scan()
    *_, last = await collected(drop)
    (found,) = CONNECTOR.interpret(last).acknowledgements
    # The older one is more complete: the ministry keeps it, and the hospital is told so.
    assert (found.verdict, found.code) == (Verdict.REJECTED, "DOUBLON")
    assert published(mock)[0]["origineUE"] == 0.8


async def test_the_life_of_a_concession_is_published() -> None:
    async with partner() as (mock, transport):
        for rank, sent in enumerate((signed(), event(type_=CONCESSION_EXECUTEE)), start=1):
            found = await answer(translate(sent, context(rank, rank)), transport)
            assert found.verdict is Verdict.ACCEPTED, found.message
        corrected = concession(valeurGlobale="3300001.00")
        await answer(translate(event(corrected, CONCESSION_CORRIGEE), context(3, 3)), transport)
        assert [one["valeurGlobale"] for one in published(mock, "contrat-concession")] == [3200001]


async def test_a_wrong_key_kept_from_an_import_is_the_ministry_s_to_judge() -> None:
    wrong = {"siret": "21750001630066", "nom": "ACHETEUR IMPORTÉ", "role": "support", "ght": "TEST-01"}
    message = translate(event(marche(acheteur=wrong)))
    report = contracts.validate(message.contract, message.body)
    assert report.valid
    assert [finding.rule for finding in report.findings] == ["DECP-SIRET-ACHETEUR"]
    async with partner() as (_, transport):
        found = await answer(message, transport)
        assert (found.verdict, found.code) == (Verdict.REJECTED, "ECARTE")
        assert found.message == "Numéro SIRET erroné pour le champ acheteur.id"


async def test_a_date_of_publication_to_come_is_refused_by_the_ministry() -> None:
    async with partner() as (_, transport):
        found = await answer(translate(event(marche(datePublicationDonnees="2027-03-03"))), transport)
        assert found.message == "Champ datePublicationDonnees postérieur à la date du fichier"


async def test_a_missing_origine_is_published_with_a_warning() -> None:
    async with partner() as (_, transport):
        await CONNECTOR.deliver(outgoing(translate(event(marche(origineUE=None, origineFrance=None)))), transport)
        (document,) = await collected(transport)
        interpretation = CONNECTOR.interpret(document)
        assert interpretation.acknowledgements[0].verdict is Verdict.ACCEPTED
        assert [warning.partition(" : ")[2] for warning in interpretation.warnings] == [
            "origineUE : MQ",
            "origineFrance : MQ",
        ]


@pytest.mark.parametrize("fault", ["lost", "timeout:3s", "lost:502", "malformed"])
async def test_a_lost_answer_is_unknown_and_the_retry_finds_the_deposit_without_a_second_effect(fault: str) -> None:
    async with partner() as (mock, transport):
        mock.faults.extend([fault])
        message = outgoing(translate(event()))
        with pytest.raises(Unknown):
            await CONNECTOR.deliver(message, transport)
        receipt = await CONNECTOR.deliver(message, transport)
        assert (receipt.status, receipt.reference) == (200, "d-000001")
        assert mock.data.versions()[UID]["versions"] == 1
        assert len(await collected(transport)) == 1


@pytest.mark.parametrize(
    ("fault", "outcome"), [("503:2", Retry), ("429:1", Retry), ("401", Misconfigured), ("302", Misconfigured)]
)
async def test_what_was_not_processed_says_so(fault: str, outcome: type[Outcome]) -> None:
    async with partner() as (mock, transport):
        mock.faults.extend([fault])
        with pytest.raises(outcome) as caught:
            await CONNECTOR.deliver(outgoing(translate(event())), transport)
        if isinstance(caught.value, Retry):
            assert caught.value.after_seconds == float(fault.partition(":")[2])
        assert published(mock) == []


async def test_an_answer_without_the_number_of_the_deposit_is_unknown() -> None:
    for content in (b"[]", b"{}"):
        inner = httpx.MockTransport(lambda _, content=content: httpx.Response(201, content=content))
        with pytest.raises(Unknown, match="idDepot"):
            await CONNECTOR.deliver(outgoing(translate(event())), HttpTransport("http://partner.invalid", inner=inner))


async def test_a_name_already_used_for_other_bytes_is_refused_with_the_partners_code() -> None:
    async with partner() as (_, transport):
        await CONNECTOR.deliver(outgoing(translate(event())), transport)
        other = translate(event(marche(objet="Autre objet")))
        with pytest.raises(Reject) as caught:
            await CONNECTOR.deliver(Outgoing(other, "another-key"), transport)
        assert caught.value.code == "nom-deja-vu"


@pytest.mark.parametrize(
    ("scenario", "verdict", "business_ref", "words"),
    [
        ("rejet_enregistrement", Verdict.REJECTED, UID, "Enregistrement écarté (simulé)"),
        ("rejet_enregistrement:Champ x erroné", Verdict.REJECTED, UID, "Champ x erroné"),
        ("doublon_autre_source", Verdict.REJECTED, UID, "Doublon : un autre enregistrement"),
        ("compte_rendu_errone", Verdict.ACCEPTED, "000000000000002020INCONNU", ""),
    ],
)
async def test_each_way_to_refuse_comes_back(scenario: str, verdict: Verdict, business_ref: str, words: str) -> None:
    async with partner() as (mock, transport):
        mock.faults.extend([], [scenario])
        await CONNECTOR.deliver(outgoing(translate(event())), transport)
        (document,) = await collected(transport)
        (found,) = CONNECTOR.interpret(document).acknowledgements
        assert (found.verdict, found.business_ref) == (verdict, business_ref)
        assert (found.message or "").startswith(words)


async def test_a_report_that_contradicts_itself_is_quarantined() -> None:
    async with partner() as (mock, transport):
        mock.faults.extend([], ["compte_rendu_contradictoire"])
        await CONNECTOR.deliver(outgoing(translate(event())), transport)
        (document,) = await collected(transport)
        with pytest.raises(Unreadable, match="contredit"):
            CONNECTOR.interpret(document)


async def test_a_report_sent_twice_is_two_documents_that_say_the_same() -> None:
    async with partner() as (mock, transport):
        mock.faults.extend([], ["compte_rendu_en_double"])
        await CONNECTOR.deliver(outgoing(translate(event())), transport)
        first, second = await collected(transport)
        assert first.token != second.token
        assert CONNECTOR.interpret(first) == CONNECTOR.interpret(second)


async def test_what_is_not_confirmed_is_collected_again() -> None:
    async with partner() as (_, transport):
        await CONNECTOR.deliver(outgoing(translate(event())), transport)
        for _attempt in range(2):
            assert [document.name async for document in CONNECTOR.collect(transport)]
        await collected(transport)
        assert await collected(transport) == []


@pytest.mark.parametrize("listing", ["[]", '{"comptesRendus": [{}]}', '{"comptesRendus": [3]}', '{"autre": 1}'])
async def test_a_listing_in_another_form_is_tried_again(listing: str) -> None:
    inner = httpx.MockTransport(lambda _: httpx.Response(200, content=listing))
    with pytest.raises(Retry, match="form"):
        await collected(HttpTransport("http://partner.invalid", inner=inner))


async def test_the_token_is_sent_and_a_wrong_one_is_misconfigured() -> None:
    mock = create(MockConfig(api_key="secret"))
    async with running([mock]) as [one]:
        own = settings(baseUrl=one.url, apiKeySecret="DAJ_TOKEN")
        for token, healthy in (("secret", True), ("wrong", False)):
            transport = CONNECTOR.open("api", own, {"DAJ_TOKEN": token}.__getitem__)
            assert (await CONNECTOR.check(transport)).ok is healthy
            await transport.close()
        with pytest.raises(Misconfigured):
            CONNECTOR.open("api", own, no_secret)


async def test_the_check_has_no_effect_and_says_what_is_wrong() -> None:
    async with partner() as (mock, transport):
        assert (await CONNECTOR.check(transport)).ok
        assert mock.journal.search() == []
    nowhere = HttpTransport("http://127.0.0.1:1")
    health = await CONNECTOR.check(nowhere)
    await nowhere.close()
    assert not health.ok


def test_a_channel_whose_settings_are_missing_is_misconfigured() -> None:
    for channel, words in (("api", "baseUrl"), ("file", "depot and retour")):
        with pytest.raises(Misconfigured, match=words):
            CONNECTOR.open(channel, settings(), no_secret)


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    made = {"depot": tmp_path / "depot", "retour": tmp_path / "retour"}
    for folder in made.values():
        folder.mkdir()
    return made


async def test_the_xml_file_travels_by_folders(folders: dict[str, Path]) -> None:
    mock = create(MockConfig(depot_dir=folders["depot"], retour_dir=folders["retour"]))
    transport = CONNECTOR.open("file", settings(**folders), no_secret)
    assert isinstance(transport, DepositFolders)
    assert (await CONNECTOR.check(transport)).ok
    message = translate(event(rich()), channel="file")
    for _attempt in range(2):
        receipt = await CONNECTOR.deliver(outgoing(message), transport)
        assert receipt.reference == message.filename
    assert (folders["depot"] / message.filename).read_bytes() == message.body
    (folders["retour"] / "autre.json").write_bytes(b"{}")
    await mock.scan()
    (document,) = await collected(transport)
    assert (document.name, document.channel) == (f"CR_{message.filename}.json", "file")
    assert contracts.validate("daj/compte-rendu/1", document.body).findings == ()
    (found,) = CONNECTOR.interpret(document).acknowledgements
    assert (found.verdict, found.business_ref) == (Verdict.ACCEPTED, UID)
    assert await collected(transport) == []
    assert (folders["retour"] / "autre.json").exists()
    assert (folders["retour"] / "archive" / document.name).exists()
    await transport.close()


async def test_a_missing_folder_is_seen_by_the_check(folders: dict[str, Path]) -> None:
    folders["retour"].rmdir()
    health = await CONNECTOR.check(CONNECTOR.open("file", settings(**folders), no_secret))
    assert not health.ok
    assert "retour" in health.detail


def test_the_manifest_names_contracts_that_exist() -> None:
    for channel in CONNECTOR.manifest.channels:
        for contract in (*channel.contracts.values(), *channel.inbound):
            assert contracts.get(contract).partner == "daj"
