"""The REST wire against an API in memory, through the three connectors that have one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

import contracts
from semaphore_hub.ports.connector import Inbound, Message, Outgoing, Receipt, Transport, Verdict
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome, Reject, Retry, Unknown
from tests.connectors.gef.gef_cases import CONNECTORS, EXAMPLES, event, no_secret, settings, translate
from tests.connectors.gef.gef_partner import BASE, KEY, Partner, answering, compte_rendu, raising, reached_in_memory

OPENED = {
    "gef_saas": {"baseUrl": BASE, "clientId": "hub", "clientSecretSecret": "secret"},
    "gef_0904": {"baseUrl": BASE, "apiKeySecret": "cle"},
    "gef_nc": {"baseUrl": f"{BASE}/", "apiKeySecret": "cle"},
}
SECRETS = {"cle": KEY, "secret": "secret-de-test", "faux": "autre"}
FLUX = next(one.path for one in contracts.get("gef/flux-json/1").examples if one.path.stem == "mandats").read_bytes()


@dataclass
class Exchange:
    """One connector that reaches a partner in memory."""

    name: str
    partner: Partner
    transport: Transport

    def message(self, kind: str = "marche") -> Message:
        return translate(self.name, "api", event(EXAMPLES[kind]))

    async def deliver(self, kind: str = "marche", key: str = "cle-1") -> Receipt:
        return await CONNECTORS[self.name].deliver(Outgoing(self.message(kind), key), self.transport)

    async def collect(self) -> list[Inbound]:
        return [one async for one in CONNECTORS[self.name].collect(self.transport)]


@pytest.fixture(params=OPENED)
async def exchange(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Exchange]:
    partner = reached_in_memory(monkeypatch)
    name = request.param
    transport = CONNECTORS[name].open("api", settings(name, **OPENED[name]), SECRETS.__getitem__)
    yield Exchange(name, partner, transport)
    await transport.close()


@pytest.mark.parametrize("kind", [one for one in EXAMPLES if one != "compte_rendu"])
async def test_a_message_is_posted_whole_and_its_answer_comes_back_with_the_receipt(
    exchange: Exchange, kind: str
) -> None:
    receipt = await exchange.deliver(kind)
    [posted] = exchange.partner.posted
    message = exchange.message(kind)
    assert str(posted.url) == f"{BASE}/v1/messages"
    assert posted.content == message.body
    assert (posted.headers["Idempotency-Key"], posted.headers["X-Id-Message"]) == ("cle-1", message.reference)
    assert posted.headers["Content-Type"] == "application/json"
    assert receipt.status == 200
    assert receipt.response is not None
    [answer] = CONNECTORS[exchange.name].interpret(receipt.response).acknowledgements
    assert (answer.reference, answer.verdict) == (message.reference, Verdict.ACCEPTED)
    await CONNECTORS[exchange.name].confirm(receipt.response, exchange.transport)
    assert exchange.partner.received[-1] is posted, "nothing waits at the partner for an answer that came at once"


async def test_answers_to_two_deliveries_are_documents_of_their_own(exchange: Exchange) -> None:
    first, retried, replayed = [await exchange.deliver(key=key) for key in ("k1", "k1", "k2")]
    assert first == retried
    assert first.response is not None
    assert replayed.response is not None
    assert replayed.response.name != first.response.name


async def test_202_means_later(exchange: Exchange) -> None:
    exchange.partner.later = True
    receipt = await exchange.deliver()
    assert (receipt.status, receipt.response) == (202, None)


async def test_the_hub_s_answer_to_a_flux_has_its_own_path_and_no_answer(exchange: Exchange) -> None:
    receipt = await exchange.deliver("compte_rendu")
    assert exchange.partner.posted[0].url.path.endswith("/v1/comptes-rendus")
    assert (receipt.status, receipt.response) == (204, None)


async def test_an_answer_to_a_flux_the_gef_does_not_know_is_refused_but_a_wrong_address_is_not_its_fault(
    exchange: Exchange,
) -> None:
    problem = b'{"title":"Not Found","detail":"Le flux FLX-2026-0001 est inconnu.","code":"FLUX_INCONNU"}'
    exchange.partner.faults.append(answering(404, problem, **{"Content-Type": "application/problem+json"}))
    with pytest.raises(Reject, match="est inconnu") as raised:
        await exchange.deliver("compte_rendu")
    assert raised.value.code == "FLUX_INCONNU"
    exchange.partner.faults.append(answering(404))
    with pytest.raises(Misconfigured, match="check baseUrl"):
        await exchange.deliver("compte_rendu")


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (answering(503), Retry),
        (answering(429), Retry),
        (answering(500), Unknown),
        (answering(502), Unknown),
        (answering(404), Misconfigured),
        (answering(405), Misconfigured),
        (answering(403), Misconfigured),
        (answering(302, location="https://autre.invalid"), Misconfigured),
        (answering(501), NotOffered),
        (answering(422), Reject),
        (answering(200, b""), Unknown),
        (answering(200, b"<html>portail captif</html>"), Unknown),
        (answering(200, compte_rendu("SEM-0001")[:-20]), Unknown),
        (answering(200, compte_rendu("SEM-0001", "peut-etre")), Unknown),
        (raising(httpx.ConnectError("refused")), Retry),
        (raising(httpx.ReadTimeout("slow")), Unknown),
    ],
)
async def test_a_fault_is_classed_and_the_message_can_be_sent_again(
    exchange: Exchange, fault: object, outcome: type[Outcome]
) -> None:
    exchange.partner.faults.append(fault)  # type: ignore[arg-type]
    with pytest.raises(outcome) as raised:
        await exchange.deliver()
    assert type(raised.value) is outcome
    assert (await exchange.deliver()).status == 200


async def test_a_refusal_keeps_the_partner_s_code_and_words(exchange: Exchange) -> None:
    problem = b'{"title":"refus","detail":"Le compte 6068 est clos.","code":"COMPTE_CLOS"}'
    exchange.partner.faults.append(answering(422, problem, **{"Content-Type": "application/problem+json"}))
    with pytest.raises(Reject, match="clos") as raised:
        await exchange.deliver()
    assert (raised.value.status, raised.value.code) == (422, "COMPTE_CLOS")


async def test_what_waits_is_collected_in_order_until_it_is_confirmed(exchange: Exchange) -> None:
    exchange.partner.waiting = {"flux/1 é": FLUX, "cr-2": compte_rendu("SEM-0004", "en_attente")}
    first, second = await exchange.collect()
    assert (first.body, first.name, first.channel) == (FLUX, "flux/1 é.json", "api")
    assert await exchange.collect() == [first, second]
    [command] = CONNECTORS[exchange.name].interpret(first).commands
    assert (command.name, command.data["typeFlux"]) == ("gef.mandats", "mandats")
    [waiting] = CONNECTORS[exchange.name].interpret(second).acknowledgements
    assert waiting.verdict is Verdict.WAITING
    for one in (first, second, second):
        await CONNECTORS[exchange.name].confirm(one, exchange.transport)
    assert await exchange.collect() == []


async def test_what_another_process_confirmed_meanwhile_is_skipped(exchange: Exchange) -> None:
    exchange.partner.waiting = {"cr-1": compte_rendu("SEM-0001"), "cr-2": compte_rendu("SEM-0002")}
    # The listing is answered as usual, then the first exchange is gone.
    exchange.partner.faults = [lambda _: None, answering(404)]
    assert [one.token for one in await exchange.collect()] == ["cr-2"]


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html/>", b'{"echanges":[{}]}', b'{"echanges":["a"]}', b""])
async def test_a_listing_that_cannot_be_read_is_asked_again(exchange: Exchange, body: bytes) -> None:
    exchange.partner.faults.append(answering(200, body))
    with pytest.raises(Retry):
        await exchange.collect()


async def test_the_health_says_the_version_and_checks_the_credentials(exchange: Exchange) -> None:
    health = await CONNECTORS[exchange.name].check(exchange.transport)
    assert (health.ok, health.detail) == (True, "la GEF répond : GEF fictive, version 9.4")
    assert {one.method for one in exchange.partner.received if "/v1/" in one.url.path} == {"GET"}
    exchange.partner.faults = [lambda _: None, answering(503)]
    assert not (await CONNECTORS[exchange.name].check(exchange.transport)).ok


@pytest.mark.parametrize("name", OPENED)
async def test_wrong_credentials_are_a_misconfiguration(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reached_in_memory(monkeypatch)
    transport = CONNECTORS[name].open("api", settings(name, **OPENED[name]), lambda _: "autre")
    with pytest.raises(Misconfigured):
        await CONNECTORS[name].deliver(Outgoing(translate(name, "api", event("marche_notifie")), "k"), transport)
    assert not (await CONNECTORS[name].check(transport)).ok
    await transport.close()


@pytest.mark.parametrize("name", OPENED)
def test_a_missing_setting_or_secret_is_a_misconfiguration(name: str) -> None:
    with pytest.raises(Misconfigured, match="baseUrl"):
        CONNECTORS[name].open("api", settings(name), SECRETS.__getitem__)
    with pytest.raises(Misconfigured, match="no secret"):
        CONNECTORS[name].open("api", settings(name, **OPENED[name]), no_secret)
    with pytest.raises(Misconfigured, match="two folders"):
        CONNECTORS[name].open("file", settings(name, depot="depot"), no_secret)
