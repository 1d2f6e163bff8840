"""The SOAP wire against a service in memory that holds its messages to the WSDL."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import httpx
import pytest
from lxml import etree

import contracts
from connectors.gef_2k22 import soap
from connectors.transports.soap import SOAP_11, SoapTransport
from contracts import xml
from semaphore_hub.ports.connector import Inbound, Outgoing, Receipt, Transport, Verdict
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome, Reject, Retry, Unknown
from tests.connectors.gef.gef_cases import CONNECTORS, EXAMPLES, event, settings, translate

NAME = "gef_2k22"
CONNECTOR = CONNECTORS[NAME]
BASE = "https://gef.invalid/prefixe/"
WSDL = contracts.get("gef_2k22/soap/1").folder / "echange-achat.wsdl"
CR = next(one.path for one in contracts.get("gef/compte-rendu-xml/1").examples if one.path.stem == "en_attente")
FLUX = next(one.path for one in contracts.get("gef/flux-xml/1").examples if one.path.stem == "mandats")
Fault = Callable[[httpx.Request], httpx.Response | None]


def schema() -> etree.XMLSchema:
    """The schema of the operations, with the common model it imports, both out of the WSDL."""
    model, operations = etree.parse(WSDL).iterfind(".//{http://www.w3.org/2001/XMLSchema}schema")

    class Here(etree.Resolver):
        def resolve(self, url: str, public_id: str, context: object) -> object:
            return self.resolve_string(etree.tostring(model), context)

    parser = etree.XMLParser()
    parser.resolvers.add(Here())
    [imported] = operations.iterfind("{http://www.w3.org/2001/XMLSchema}import")
    imported.set("schemaLocation", "memoire:modele.xsd")
    return etree.XMLSchema(etree.fromstring(etree.tostring(operations), parser))


SCHEMA = schema()


def actions() -> dict[str, str]:
    """The SOAPAction of each operation."""
    binding = etree.parse(WSDL).find("{http://schemas.xmlsoap.org/wsdl/}binding")
    assert binding is not None
    return {
        one.get("name", ""): one[0].get("soapAction", "")
        for one in binding.iterfind("{http://schemas.xmlsoap.org/wsdl/}operation")
    }


ACTIONS = actions()


def enveloped(body: bytes, status: int = 200) -> httpx.Response:
    content = b'<s:Envelope xmlns:s="%b"><s:Body>%b</s:Body></s:Envelope>' % (SOAP_11.encode(), body)
    return httpx.Response(status, content=content, headers={"Content-Type": "text/xml; charset=utf-8"})


def fault(kind: str, code: str, words: str = "Refusé.") -> httpx.Response:
    detail = f'<e:erreur xmlns:e="{soap.NAMESPACE}"><e:code>{code}</e:code><e:libelle>{words}</e:libelle></e:erreur>'
    text = (
        f"<s:Fault><faultcode>s:{kind}</faultcode><faultstring>faute</faultstring><detail>{detail}</detail></s:Fault>"
    )
    return enveloped(text.encode(), 500)


def element(path: object) -> bytes:
    return etree.tostring(etree.parse(str(path)).getroot())


@dataclass
class Service:
    """Each request uses up one of ``faults``; None: the usual answer."""

    received: list[httpx.Request] = field(default_factory=list)
    waiting: dict[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    later: bool = False

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.received.append(request)
        assert str(request.url) == f"{BASE}services/EchangeAchat"
        if self.faults and (given := self.faults.pop(0)(request)) is not None:
            return given
        if request.headers.get("X-Api-Key") != "cle":
            return fault("Client", "NON_AUTHENTIFIE")
        body = xml.parse(request.content).getroot()[0]
        [asked] = body
        SCHEMA.assertValid(etree.fromstring(etree.tostring(asked)))
        operation = xml.local_name(asked)
        assert request.headers["SOAPAction"] == f'"{ACTIONS[operation]}"'
        said = self._say(operation, asked)
        if isinstance(said, httpx.Response):
            return said
        reply = b'<%bReponse xmlns="%b">%b</%bReponse>' % (
            operation.encode(),
            soap.NAMESPACE.encode(),
            said,
            operation.encode(),
        )
        SCHEMA.assertValid(etree.fromstring(reply))
        return enveloped(reply)

    def _say(self, operation: str, asked: etree._Element) -> bytes | httpx.Response:
        if operation == "Lister":
            return b"".join(b"<idEchange>%b</idEchange>" % one.encode() for one in self.waiting)
        if operation in {"Retirer", "Confirmer"}:
            identifier = asked[0].text or ""
            if identifier not in self.waiting:
                return fault("Client", "ECHANGE_INCONNU")
            return self.waiting.pop(identifier)[:0] if operation == "Confirmer" else self.waiting[identifier]
        if operation == "Deposer":
            return self._deposit(asked[0])
        health = b"<statut>ok</statut><produit>GEF fictive</produit><version>2K22.01</version>"
        return health if operation == "Sante" else b""

    def _deposit(self, message: etree._Element) -> bytes:
        name = (message.findtext("{*}idMessage") or "").encode()
        if self.later:
            return b"<recu><idMessage>%b</idMessage><recuLe>2026-11-21T10:00:00Z</recuLe></recu>" % name
        return element(CR).replace(b"SEM-0004", name)


@dataclass
class Exchange:
    service: Service
    transport: Transport

    async def deliver(self, kind: str = "marche", key: str = "cle-1") -> Receipt:
        message = translate(NAME, "api", event(EXAMPLES[kind]))
        return await CONNECTOR.deliver(Outgoing(message, key), self.transport)

    async def collect(self) -> list[Inbound]:
        return [one async for one in CONNECTOR.collect(self.transport)]


@pytest.fixture
async def exchange(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Exchange]:
    service = Service()
    inner = httpx.MockTransport(service.answer)
    monkeypatch.setattr(soap, "SoapTransport", functools.partial(SoapTransport, inner=inner))
    transport = CONNECTOR.open(
        "api", settings(NAME, baseUrl=BASE, apiKeySecret="secret"), {"secret": "cle"}.__getitem__
    )
    yield Exchange(service, transport)
    await transport.close()


@pytest.mark.parametrize("kind", [one for one in EXAMPLES if one != "compte_rendu"])
async def test_a_message_is_deposited_as_it_is_and_its_answer_comes_back(exchange: Exchange, kind: str) -> None:
    receipt = await exchange.deliver(kind)
    message = translate(NAME, "api", event(EXAMPLES[kind]))
    assert message.body.partition(b"\n")[2].rstrip() in exchange.service.received[0].content
    assert receipt.response is not None
    assert contracts.validate("gef/compte-rendu-xml/1", receipt.response.body).findings == ()
    [answer] = CONNECTOR.interpret(receipt.response).acknowledgements
    assert (answer.reference, answer.verdict) == (message.reference, Verdict.WAITING)
    assert (await exchange.deliver(kind, "cle-2")).response != receipt.response


async def test_a_receipt_means_that_the_answer_comes_later(exchange: Exchange) -> None:
    exchange.service.later = True
    assert await exchange.deliver() == Receipt()


async def test_the_hub_answers_a_flux_with_repondre(exchange: Exchange) -> None:
    assert await exchange.deliver("compte_rendu") == Receipt()
    assert exchange.service.received[0].headers["SOAPAction"].endswith(':Repondre"')


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (fault("Client", "COMPTE_CLOS"), Reject),
        (fault("Client", "NON_AUTHENTIFIE"), Misconfigured),
        (fault("Server", "INDISPONIBLE"), Retry),
        (fault("Server", "PANNE"), Unknown),
        (httpx.Response(503), Retry),
        (httpx.Response(502), Unknown),
        (httpx.Response(404), Misconfigured),
        (httpx.Response(405), Misconfigured),
        (httpx.Response(501), NotOffered),
        (enveloped(b""), Unknown),
        (enveloped(b"<autre/>"), Unknown),
        (enveloped(b'<DeposerReponse xmlns="%b"/>' % soap.NAMESPACE.encode()), Unknown),
        (enveloped(b'<DeposerReponse xmlns="%b"><x/></DeposerReponse>' % soap.NAMESPACE.encode()), Unknown),
        (enveloped(b'<DeposerReponse xmlns="%b"><compteRendu/></DeposerReponse>' % soap.NAMESPACE.encode()), Unknown),
        (httpx.Response(200, content=b"<s:Envelope", headers={"Content-Type": "text/xml"}), Unknown),
    ],
)
async def test_a_fault_is_classed_and_the_message_can_be_sent_again(
    exchange: Exchange, given: httpx.Response, outcome: type[Outcome]
) -> None:
    exchange.service.faults.append(lambda _: given)
    with pytest.raises(outcome) as raised:
        await exchange.deliver()
    assert type(raised.value) is outcome
    assert (await exchange.deliver()).response is not None


async def test_a_refusal_keeps_the_partner_s_code_and_words(exchange: Exchange) -> None:
    exchange.service.faults.append(lambda _: fault("Client", "COMPTE_CLOS", "Le compte 6068 est clos."))
    with pytest.raises(Reject, match="Le compte 6068 est clos") as raised:
        await exchange.deliver()
    assert raised.value.code == "COMPTE_CLOS"


async def test_what_waits_is_collected_out_of_its_envelope_until_it_is_confirmed(exchange: Exchange) -> None:
    exchange.service.waiting = {"GEF-0001": element(FLUX), "CR-0002": element(CR)}
    first, second = await exchange.collect()
    assert await exchange.collect() == [first, second]
    assert (first.name, first.token, first.channel) == ("GEF-0001.xml", "GEF-0001", "api")
    [command] = CONNECTOR.interpret(first).commands
    assert command == CONNECTOR.interpret(Inbound("flux", FLUX.read_bytes(), "", "file")).commands[0]
    [answer] = CONNECTOR.interpret(second).acknowledgements
    assert answer == CONNECTOR.interpret(Inbound("cr", CR.read_bytes(), "", "file")).acknowledgements[0]
    for one in (first, second, second):
        await CONNECTOR.confirm(one, exchange.transport)
    assert await exchange.collect() == []


async def test_what_another_process_confirmed_meanwhile_is_skipped(exchange: Exchange) -> None:
    exchange.service.waiting = {"CR-0001": element(CR), "CR-0002": element(CR)}
    exchange.service.faults = [lambda _: None, lambda _: fault("Client", "ECHANGE_INCONNU")]
    assert [one.token for one in await exchange.collect()] == ["CR-0002"]


@pytest.mark.parametrize("given", [enveloped(b""), fault("Server", "PANNE"), httpx.Response(500)])
async def test_a_reading_that_fails_is_simply_asked_again(exchange: Exchange, given: httpx.Response) -> None:
    exchange.service.faults.append(lambda _: given)
    with pytest.raises(Retry):
        await exchange.collect()


async def test_the_health_says_the_version_and_changes_nothing(exchange: Exchange) -> None:
    health = await CONNECTOR.check(exchange.transport)
    assert (health.ok, health.detail) == (True, "la GEF répond : GEF fictive, version 2K22.01")
    asked = [one.headers["SOAPAction"].rpartition(":")[2] for one in exchange.service.received]
    assert asked == ['Sante"', 'Lister"']
    exchange.service.faults.append(lambda _: fault("Client", "NON_AUTHENTIFIE"))
    assert not (await CONNECTOR.check(exchange.transport)).ok


def test_a_missing_address_is_a_misconfiguration() -> None:
    with pytest.raises(Misconfigured, match="baseUrl"):
        CONNECTOR.open("api", settings(NAME), lambda _: "cle")
