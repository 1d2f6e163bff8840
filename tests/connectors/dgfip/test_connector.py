"""The connector and the simulated DGFIP together, over a real loopback connection and through real folders."""

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
from mock_partners.dgfip.app import DgfipMock, create
from mock_partners.kit import MockConfig, running
from semaphore_hub.ports.connector import Inbound, Message, Outgoing, Transport, Verdict
from semaphore_hub.ports.events import MARCHE_CORRIGE, MARCHE_MODIFIE
from semaphore_hub.ports.outcomes import Misconfigured, Outcome, Reject, Retry, Unknown
from tests.connectors.dgfip.builders import connector, context, event, marche, modification, settings, translate

CONNECTOR = connector()


def no_secret(name: str) -> str:
    """A reader that knows no secret."""
    raise Misconfigured(f"no secret {name}")


@asynccontextmanager
async def partner(**config: Any) -> AsyncIterator[tuple[DgfipMock, Transport]]:
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


def integrated(mock: DgfipMock) -> list[int]:
    """Sequences integrated for the marché of the tests."""
    marches = mock.snapshot()["marches"]
    return [one["sequence"] for one in marches.get("26990001500018/2026DM001", [])]


async def test_the_life_of_a_marche_is_told_and_acknowledged() -> None:
    amended = marche(montant="220000.00", dureeMois=30, modifications=[modification()])
    corrected = marche(montant="220000.00", dureeMois=30, objet="Objet corrigé", modifications=[modification()])
    life = [
        translate(event(), context(1, 1)),
        translate(event(amended, MARCHE_MODIFIE, 2), context(2, 2)),
        translate(event(corrected, MARCHE_CORRIGE, 3), context(3, 3)),
    ]
    async with partner() as (mock, transport):
        for message in life:
            receipt = await CONNECTOR.deliver(outgoing(message), transport)
            assert (receipt.status, receipt.reference) == (201, f"d-{len(mock.deposits):06d}")
            (document,) = await collected(transport)
            assert document.name == f"ACQUIT_{message.reference}"
            interpretation = CONNECTOR.interpret(document)
            (found,) = interpretation.acknowledgements
            assert interpretation.warnings == ()
            assert (found.reference, found.business_ref) == (message.reference, message.business_ref)
            assert found.verdict is Verdict.ACCEPTED, found.message
        assert integrated(mock) == [1, 2, 3]
        assert await collected(transport) == []


@pytest.mark.parametrize("fault", ["lost", "timeout:3s", "lost:502", "malformed"])
async def test_a_lost_answer_is_unknown_and_the_retry_finds_the_deposit_without_a_second_effect(fault: str) -> None:
    async with partner() as (mock, transport):
        mock.faults.extend([fault])
        message = outgoing(translate(event()))
        with pytest.raises(Unknown):
            await CONNECTOR.deliver(message, transport)
        receipt = await CONNECTOR.deliver(message, transport)
        assert receipt.status == 200
        assert integrated(mock) == [1]
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
        assert integrated(mock) == []


async def test_a_partner_that_is_down_is_tried_again() -> None:
    async with partner() as (_, transport):
        pass
    reopened = HttpTransport("http://127.0.0.1:1")
    with pytest.raises(Retry):
        await CONNECTOR.deliver(outgoing(translate(event())), reopened)
    await reopened.close()
    assert transport is not None


async def test_a_name_already_used_for_other_bytes_is_refused_with_the_partners_code() -> None:
    async with partner() as (_, transport):
        await CONNECTOR.deliver(outgoing(translate(event())), transport)
        other = translate(event(marche(objet="Autre objet")))
        with pytest.raises(Reject) as caught:
            await CONNECTOR.deliver(Outgoing(other, "another-key"), transport)
        assert caught.value.code == "nom-deja-vu"
        assert "autre contenu" in caught.value.reason


async def test_a_break_of_the_sequence_comes_back_as_a_refusal() -> None:
    async with partner() as (_, transport):
        message = translate(event(), context(3))
        await CONNECTOR.deliver(outgoing(message), transport)
        (document,) = await collected(transport)
        (found,) = CONNECTOR.interpret(document).acknowledgements
        assert (found.verdict, found.code, found.business_ref) == (Verdict.REJECTED, "ERREUR_AUTRE", "2026DM001-003")
        assert "attendu 001" in (found.message or "")


@pytest.mark.parametrize(
    ("scenario", "verdict", "business_ref", "warned"),
    [
        ("acquit_sans_emetteur", Verdict.ACCEPTED, "2026DM001-001", True),
        ("acquit_errone", Verdict.ACCEPTED, "2020INCONNU-001", False),
        ("acquit_partiel", Verdict.PARTIAL, "2026DM001-001", False),
        ("budget_inconnu", Verdict.REJECTED, None, False),
    ],
)
async def test_strange_acknowledgements_are_read_for_what_they_say(
    scenario: str, verdict: Verdict, business_ref: str | None, warned: bool
) -> None:
    async with partner() as (mock, transport):
        mock.faults.extend([], [scenario])
        await CONNECTOR.deliver(outgoing(translate(event())), transport)
        (document,) = await collected(transport)
        interpretation = CONNECTOR.interpret(document)
        (found,) = interpretation.acknowledgements
        assert (found.verdict, found.business_ref) == (verdict, business_ref)
        assert bool(interpretation.warnings) is warned


async def test_an_acknowledgement_sent_twice_is_the_same_document_twice() -> None:
    async with partner() as (mock, transport):
        mock.faults.extend([], ["acquit_en_double"])
        await CONNECTOR.deliver(outgoing(translate(event())), transport)
        first, second = await collected(transport)
        assert (first.name, first.body) == (second.name, second.body)
        assert first.token != second.token


async def test_what_is_not_confirmed_is_collected_again() -> None:
    async with partner() as (_, transport):
        await CONNECTOR.deliver(outgoing(translate(event())), transport)
        for _attempt in range(2):
            assert [document.name async for document in CONNECTOR.collect(transport)]
        await collected(transport)
        assert await collected(transport) == []


async def test_a_listing_that_is_not_one_is_tried_again_at_the_next_poll() -> None:
    async with partner() as (mock, transport):
        mock.faults.replace(["malformed"], [], "*")
        with pytest.raises(Retry):
            await collected(transport)


@pytest.mark.parametrize("answer", ["[]", '{"acquits": [{}]}', '{"acquits": [3]}', '{"autre": 1}'])
async def test_a_listing_in_another_form_is_tried_again_too(answer: str) -> None:
    transport = HttpTransport(
        "http://partner.invalid", inner=httpx.MockTransport(lambda _: httpx.Response(200, content=answer))
    )
    with pytest.raises(Retry, match="form"):
        await collected(transport)


async def test_the_token_is_sent_and_a_wrong_one_is_misconfigured() -> None:
    mock = create(MockConfig(api_key="secret"))
    async with running([mock]) as [one]:
        own = settings(baseUrl=one.url, apiKeySecret="DGFIP_TOKEN")
        for token, healthy in (("secret", True), ("wrong", False)):
            transport = CONNECTOR.open("api", own, {"DGFIP_TOKEN": token}.__getitem__)
            assert (await CONNECTOR.check(transport)).ok is healthy
            await transport.close()
        with pytest.raises(Misconfigured):
            CONNECTOR.open("api", own, no_secret)


async def test_the_check_has_no_effect_and_says_what_is_wrong() -> None:
    async with partner() as (mock, transport):
        assert (await CONNECTOR.check(transport)).ok
        assert mock.journal.search() == []
    health = await CONNECTOR.check(transport_to_nowhere := HttpTransport("http://127.0.0.1:1"))
    await transport_to_nowhere.close()
    assert not health.ok
    assert "127.0.0.1:1" in health.detail


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


async def test_the_same_file_travels_by_folders(folders: dict[str, Path]) -> None:
    mock = create(MockConfig(depot_dir=folders["depot"], retour_dir=folders["retour"]))
    transport = CONNECTOR.open("file", settings(**folders), no_secret)
    assert isinstance(transport, DepositFolders)
    assert (await CONNECTOR.check(transport)).ok
    message = translate(event(), channel="file")
    for _attempt in range(2):
        receipt = await CONNECTOR.deliver(outgoing(message), transport)
        assert receipt.reference == message.filename
    assert (folders["depot"] / message.filename).read_bytes() == message.body
    (folders["retour"] / message.filename).write_bytes(message.body)
    (folders["retour"] / "PES2R_DEP_P_010.xml").write_bytes(b"<a/>")
    await mock.scan()
    (document,) = await collected(transport)
    assert (document.name, document.channel) == (f"ACQUIT_{message.filename}", "file")
    (found,) = CONNECTOR.interpret(document).acknowledgements
    assert found.verdict is Verdict.ACCEPTED
    assert await collected(transport) == []
    left = sorted(path.name for path in folders["retour"].iterdir() if path.is_file())
    assert left == ["PES2R_DEP_P_010.xml", message.filename]
    assert (folders["retour"] / "archive" / document.name).exists()
    assert integrated(mock) == [1]
    await transport.close()


async def test_a_missing_folder_is_seen_by_the_check(folders: dict[str, Path]) -> None:
    folders["retour"].rmdir()
    transport = CONNECTOR.open("file", settings(**folders), no_secret)
    health = await CONNECTOR.check(transport)
    assert not health.ok
    assert "retour" in health.detail


def test_the_manifest_names_contracts_that_exist() -> None:
    for channel in CONNECTOR.manifest.channels:
        for contract in (*channel.contracts.values(), *channel.inbound):
            assert contracts.get(contract).partner == "dgfip"
    assert CONNECTOR.manifest.status == "official"
    assert all(spec.ordering == "acceptance" and spec.acknowledgement for spec in CONNECTOR.manifest.messages)
