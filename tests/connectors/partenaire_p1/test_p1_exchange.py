"""Connectors described by their manifest only, against their mocks: REST over the loopback, files in real folders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import contracts
from mock_partners import MOCKS, MockConfig
from mock_partners.kit import Mock, running
from semaphore_hub.delivery.registry import load_connectors
from semaphore_hub.ports.connector import Inbound, Message, Outgoing, Receipt, RenderContext, Transport, Verdict
from semaphore_hub.ports.events import FLUX_TRAITE, PRODUITS_PUBLIES, Event
from semaphore_hub.ports.outcomes import Misconfigured, Unreadable, Unsupported
from tests.connectors.gef.gef_cases import DAY, SETTINGS, event, no_secret

REGISTRY = load_connectors()
IDS = ("partenaire_p1_5", "partenaire_p1_6")
SUFFIXES = {"partenaire_p1_5": "csv", "partenaire_p1_6": "xml"}
LIFE = ("fournisseur_cree", "marche_notifie", "marche_modifie", "marche_corrige", "marche_reconduit", "marche_solde")


@dataclass
class Exchange:
    """A connector and its mock, by one channel."""

    name: str
    channel: str
    mock: Mock
    transport: Transport

    def message(self, said: Event, ordinal: int = 1) -> Message:
        connector = REGISTRY.get(self.name)
        settings = connector.settings_model.model_validate(SETTINGS)
        [message] = connector.translate(said, self.channel, RenderContext(self.name, settings, DAY, 1, ordinal))
        return message

    async def deliver(self, message: Message) -> Receipt:
        return await REGISTRY.get(self.name).deliver(Outgoing(message, message.reference), self.transport)

    async def answers(self) -> list[Inbound]:
        """What came back, each confirmed."""
        connector = REGISTRY.get(self.name)
        found = []
        async for document in connector.collect(self.transport):
            found.append(document)
            await connector.confirm(document, self.transport)
        return found


@asynccontextmanager
async def exchange(name: str, channel: str, root: Path, key: str = "") -> AsyncIterator[Exchange]:
    depot, retour = root / "depot", root / "retour"
    for folder in (depot, retour):
        folder.mkdir(exist_ok=True)
    mock = MOCKS[name](MockConfig(depot_dir=depot, retour_dir=retour, api_key=key or None))
    connector = REGISTRY.get(name)

    def opened(**more: Any) -> Transport:
        return connector.open(
            channel, connector.settings_model.model_validate(SETTINGS | more), lambda _: "cle-fictive"
        )

    if channel == "file":
        yield Exchange(name, channel, mock, opened(depot=str(depot), retour=str(retour)))
        return
    async with running([mock]) as [one]:
        transport = opened(baseUrl=one.url, apiKeySecret="nom")
        yield Exchange(name, channel, mock, transport)
        await transport.close()


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("channel", ["api", "file"])
async def test_a_life_is_accepted_message_by_message(name: str, channel: str, tmp_path: Path) -> None:
    async with exchange(name, channel, tmp_path) as two:
        for ordinal, step in enumerate(LIFE, start=1):
            message = two.message(event(step), ordinal)
            receipt = await two.deliver(message)
            if channel == "file":
                assert message.filename.endswith(f".{SUFFIXES[name]}")
                await two.mock.scan()
                [document] = await two.answers()
            else:
                assert receipt.response is not None
                document = receipt.response
            [answer] = REGISTRY.get(name).interpret(document).acknowledgements
            assert (answer.reference, answer.verdict) == (message.reference, Verdict.ACCEPTED), answer.message
        assert len(two.mock.snapshot()["effets"]) == len(LIFE)


@pytest.mark.parametrize("name", IDS)
async def test_a_wrong_key_is_a_setting_to_correct(name: str, tmp_path: Path) -> None:
    async with exchange(name, "api", tmp_path, key="une-autre-cle") as two:
        with pytest.raises(Misconfigured):
            await two.deliver(two.message(event("marche_notifie")))
        assert two.mock.snapshot()["effets"] == {}


@pytest.mark.parametrize("name", IDS)
def test_its_folder_holds_no_code_and_says_that_it_is_not_identified(name: str) -> None:
    manifest = REGISTRY.get(name).manifest
    folder = Path(__file__).parents[3] / "connectors" / name
    assert [one.name for one in folder.rglob("*.py")] == []
    assert "non identifié dans la source" in manifest.name
    assert (manifest.uses, manifest.kind, manifest.status) == ("gef", "autre", "assumed")
    assert not {FLUX_TRAITE, PRODUITS_PUBLIES} & {spec.event for spec in manifest.messages}


def test_each_shows_another_order_of_channels() -> None:
    orders = {name: [one.id for one in REGISTRY.get(name).manifest.channels] for name in IDS}
    assert orders == {"partenaire_p1_5": ["api", "file"], "partenaire_p1_6": ["file", "api"]}


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("syntax", ["json", "xml"])
def test_it_sends_comptes_rendus_and_nothing_else(name: str, syntax: str) -> None:
    flux = next(one for one in contracts.get(f"gef/flux-{syntax}/1").examples if one.rule is None).path.read_bytes()
    with pytest.raises(Unreadable, match="n'envoie que gef/compte-rendu-"):
        REGISTRY.get(name).interpret(Inbound("flux", flux, "", "api"))
    with pytest.raises(Unreadable, match="ni un compte rendu ni un flux"):
        REGISTRY.get(name).interpret(Inbound("autre", b"bonjour", "", "api"))


@pytest.mark.parametrize("name", IDS)
def test_an_event_outside_the_common_model_cannot_be_said(name: str) -> None:
    connector = REGISTRY.get(name)
    unheard = Event(**{**{key: getattr(event("marche_echu"), key) for key in Event.__slots__}, "type": "fr.autre.v1"})
    settings = connector.settings_model.model_validate(SETTINGS)
    with pytest.raises(Unsupported):
        connector.translate(unheard, "api", RenderContext(name, settings, DAY, 1, 1))


@pytest.mark.parametrize("name", IDS)
def test_each_channel_asks_for_its_own_settings(name: str) -> None:
    connector = REGISTRY.get(name)
    settings = connector.settings_model.model_validate(SETTINGS)
    for channel, words in (("api", "baseUrl"), ("file", "folders")):
        with pytest.raises(Misconfigured, match=words):
            connector.open(channel, settings, no_secret)
