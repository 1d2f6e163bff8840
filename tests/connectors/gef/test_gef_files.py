"""The file wire of the five connectors, and the EAI's: real folders, and what the exchange protocol asks of them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import contracts
from connectors.gef import mapping, rendering
from connectors.gef_eai_prodige.envelope import CONTRACT as ENVELOPE
from connectors.gef_eai_prodige.envelope import MARKER, envelope_of
from semaphore_hub.ports.connector import Inbound, Outgoing, Transport, Verdict
from semaphore_hub.ports.outcomes import Misconfigured, Reject
from tests.connectors.gef.gef_cases import CHANNELS, CONNECTORS, EXAMPLES, event, no_secret, settings, suffix, translate

FOLDERS = [(name, channel) for name, channel in CHANNELS if channel != "api"]


def example(contract: str, name: str) -> bytes:
    return next(
        one.path for one in contracts.get(contract).examples if one.rule is None and one.path.stem == name
    ).read_bytes()


@dataclass
class Folders:
    """One connector whose partner is two folders."""

    name: str
    channel: str
    outgoing: Path
    incoming: Path
    transport: Transport

    @property
    def extension(self) -> str:
        return suffix(self.name, self.channel)

    def put(self, kind: str, number: int, body: bytes, *, marked: bool = True) -> str:
        """A file of the GEF, as the protocol asks."""
        name = f"GEF_{kind}_990780017_20261121_{number:05d}.{self.extension}"
        (self.incoming / name).write_bytes(body)
        if marked:
            self.mark(name, body)
        return name

    def mark(self, name: str, body: bytes) -> None:
        if self.channel != "eai":
            (self.incoming / f"{name}.ok").write_text(hashlib.sha256(body).hexdigest())
            return
        sent = translate(self.name, self.channel, event("flux_traite"))
        made = envelope_of(sent, settings(self.name)).body.decode()
        _, kind, _, _, number = name.removesuffix(".xml").split("_")
        # The envelope of our own answer, turned round: it comes from the GEF and is about this file.
        for right, wrong in (
            ("<emetteur>SEM", "<emetteur>GEF"),
            ("<destinataire>GEF", "<destinataire>SEM"),
            ("<codeFlux>CR", f"<codeFlux>{kind}"),
            ("<numeroSequence>1", f"<numeroSequence>{int(number)}"),
            (hashlib.sha256(sent.body).hexdigest(), hashlib.sha256(body).hexdigest()),
        ):
            assert right in made
            made = made.replace(right, wrong)
        (self.incoming / MARKER.name_of(name)).write_text(made, encoding="utf-8")

    async def collect(self) -> list[Inbound]:
        return [one async for one in CONNECTORS[self.name].collect(self.transport)]

    def answer(self, verdict: str = "partiel") -> bytes:
        return example(f"gef/compte-rendu-{self.extension}/1", verdict)

    def flux(self) -> bytes:
        contract = "gef/flux-xml/1" if self.extension == "xml" else "gef/flux-mandats-csv/1"
        return example(contract, "mandats")


@pytest.fixture(params=FOLDERS, ids="-".join)
async def folders(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Folders]:
    name, channel = request.param
    outgoing, incoming = tmp_path / "depot", tmp_path / "retour"
    outgoing.mkdir()
    incoming.mkdir()
    given = settings(name, depot=str(outgoing), retour={"adresse": str(incoming)})
    transport = CONNECTORS[name].open(channel, given, no_secret)
    yield Folders(name, channel, outgoing, incoming, transport)
    await transport.close()


@pytest.mark.parametrize("kind", EXAMPLES)
async def test_a_message_is_a_whole_file_and_its_companion_comes_with_its_checksum(folders: Folders, kind: str) -> None:
    message = translate(folders.name, folders.channel, event(EXAMPLES[kind]))
    receipt = await CONNECTORS[folders.name].deliver(Outgoing(message, "k"), folders.transport)
    assert (receipt.reference, receipt.response) == (message.filename, None)
    [companion] = [path for path in folders.outgoing.iterdir() if path.name != message.filename]
    assert (folders.outgoing / message.filename).read_bytes() == message.body
    assert hashlib.sha256(message.body).hexdigest() in companion.read_text("utf-8")
    if folders.channel == "eai":
        assert companion.name == f"{message.filename}.env.xml"
        assert contracts.validate(ENVELOPE, companion.read_bytes()).findings == ()
    else:
        assert companion.name == f"{message.filename}.ok"


async def test_a_message_sent_again_changes_nothing_and_other_bytes_under_its_name_are_refused(
    folders: Folders,
) -> None:
    message = translate(folders.name, folders.channel, event("marche_notifie"))
    for _ in range(2):
        await CONNECTORS[folders.name].deliver(Outgoing(message, "k"), folders.transport)
    assert len(list(folders.outgoing.iterdir())) == 2
    other = translate(folders.name, folders.channel, event("marche_notifie", objet="Autre objet"))
    with pytest.raises(Reject) as raised:
        await CONNECTORS[folders.name].deliver(Outgoing(other, "k2"), folders.transport)
    assert raised.value.code == "FILE_EXISTS"


async def test_answers_and_flux_are_collected_in_order_until_they_are_confirmed(folders: Folders) -> None:
    second = folders.put("CR", 2, folders.answer())
    first = folders.put("MAN", 1, folders.flux())
    found = await folders.collect()
    assert [one.name for one in found] == [first, second]
    assert [one.name for one in await folders.collect()] == [first, second], "not confirmed: they come again"
    connector = CONNECTORS[folders.name]
    [command] = connector.interpret(found[0]).commands
    assert command.name == "gef.mandats"
    [answer] = connector.interpret(found[1]).acknowledgements
    assert answer.verdict is Verdict.PARTIAL
    for one in found:
        assert one.channel == folders.channel
        await connector.confirm(one, folders.transport)
    assert await folders.collect() == []
    assert {path.name for path in (folders.incoming / "archive").iterdir()} >= {first, second}


async def test_a_file_without_its_companion_waits(folders: Folders) -> None:
    body = folders.answer()
    name = folders.put("CR", 1, body, marked=False)
    assert await folders.collect() == []
    assert (folders.incoming / name).exists()
    folders.mark(name, body)
    assert [one.name for one in await folders.collect()] == [name]


async def test_a_file_that_is_not_the_one_announced_is_refused_with_a_report(folders: Folders) -> None:
    name = folders.put("CR", 1, folders.answer())
    (folders.incoming / name).write_bytes(folders.answer("accepte"))
    assert await folders.collect() == []
    rejected = folders.incoming / "rejected"
    assert (rejected / name).exists()
    assert "EFI-EMPREINTE" in (rejected / f"{name}.rejet.txt").read_text("utf-8")


async def test_a_file_of_another_establishment_is_refused(folders: Folders) -> None:
    wrong = f"GEF_CR_990780025_20261121_00001.{folders.extension}"
    (folders.incoming / wrong).write_bytes(folders.answer())
    folders.mark(wrong, folders.answer())
    assert await folders.collect() == []
    assert "EFI-ETABLISSEMENT" in (folders.incoming / "rejected" / f"{wrong}.rejet.txt").read_text("utf-8")


async def test_the_health_says_that_both_folders_can_be_used(folders: Folders) -> None:
    health = await CONNECTORS[folders.name].check(folders.transport)
    assert (health.ok, health.detail) == (True, "Les deux dossiers sont accessibles.")
    folders.incoming.rmdir()
    assert not (await CONNECTORS[folders.name].check(folders.transport)).ok
    with pytest.raises(Misconfigured):
        await folders.collect()


async def test_the_report_of_our_own_files_reads_like_theirs(folders: Folders) -> None:
    """What the hub writes as an answer satisfies what it asks of a GEF's."""
    _, document, _ = mapping.say(event("flux_traite"), settings(folders.name))
    body = rendering.to_xml(document) if folders.extension == "xml" else rendering.to_csv(document)
    folders.put("CR", 1, body)
    [found] = await folders.collect()
    [answer] = CONNECTORS[folders.name].interpret(found).acknowledgements
    assert answer.reference == "FLX-2026-0001"
