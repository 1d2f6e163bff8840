"""SOAP answers as outcomes: one line of the table, one test."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from lxml import etree

from connectors.transports.soap import SOAP_11, SoapTransport, envelope
from semaphore_hub.ports.outcomes import Misconfigured, Outcome, Reject, Retry, Unknown

NS = "urn:fr:semaphore:hypothese:gef2k22:1"
Handler = Callable[[httpx.Request], httpx.Response]


def transport(handler: Handler, **options: object) -> SoapTransport:
    endpoint = "http://partner.invalid/services/EchangeAchat"
    return SoapTransport(endpoint, inner=httpx.MockTransport(handler), **options)  # type: ignore[arg-type]


def answering(body: bytes, status: int = 200, kind: str = "text/xml; charset=utf-8") -> Handler:
    return lambda _: httpx.Response(status, content=body, headers={"Content-Type": kind})


def wrapped(body: str, prefix: str = "env") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{prefix}:Envelope xmlns:{prefix}="{SOAP_11}"><{prefix}:Header/>'
        f"<{prefix}:Body>\n  {body}\n</{prefix}:Body></{prefix}:Envelope>"
    ).encode()


def fault(code: str, detail: str = "", text: str = "Refus") -> bytes:
    said = f"<detail>{detail}</detail>" if detail else ""
    return wrapped(f"<env:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>{said}</env:Fault>")


async def test_one_element_goes_in_an_envelope_and_one_comes_back() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=wrapped(f'<recu xmlns="{NS}"><id>é</id></recu>'))

    client = transport(handler, headers={"X-Site": "1"})
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Deposer xmlns="{NS}"><a>é</a></Deposer>'.encode()
    answer = await client.call(f"{NS}/Deposer", body, headers={"X-Id-Message": "SEM-1"})
    await client.close()
    request = seen[0]
    assert (request.method, str(request.url)) == ("POST", "http://partner.invalid/services/EchangeAchat")
    assert request.headers["soapaction"] == f'"{NS}/Deposer"'
    assert request.headers["content-type"] == "text/xml; charset=utf-8"
    assert (request.headers["x-id-message"], request.headers["x-site"]) == ("SEM-1", "1")
    assert body.partition(b"\n")[2] in request.content
    sent = etree.fromstring(request.content)
    assert sent.tag == f"{{{SOAP_11}}}Envelope"
    assert [child.tag for child in sent[0]] == [f"{{{NS}}}Deposer"]
    received = etree.fromstring(answer)
    assert (received.tag, received[0].text) == (f"{{{NS}}}recu", "é")


async def test_an_element_keeps_the_prefixes_declared_above_it() -> None:
    body = wrapped('<s:recu type="s:court"/>').replace(b"<env:Body>", f'<env:Body xmlns:s="{NS}">'.encode())
    answer = await transport(answering(body)).call("a", b"<x/>")
    assert etree.fromstring(answer).nsmap["s"] == NS


async def test_an_empty_body_and_comments_are_an_empty_answer() -> None:
    assert await transport(answering(wrapped("<!-- rien -->"))).call("a", b"<x/>") == b""


@pytest.mark.parametrize(
    ("body", "status", "outcome", "code"),
    [
        (
            fault("env:Client", "<erreur><code>TIERS</code><libelle>Tiers inconnu</libelle></erreur>"),
            500,
            Reject,
            "TIERS",
        ),
        (fault("env:Client"), 500, Reject, None),
        (fault("env:Client.Format"), 200, Reject, "Format"),
        (fault("env:Client", "<code>NON_AUTHENTIFIE</code>"), 500, Misconfigured, None),
        (fault("env:Client.Authentication"), 500, Misconfigured, None),
        (fault("wsse:FailedAuthentication"), 500, Misconfigured, None),
        (fault("env:MustUnderstand"), 500, Misconfigured, None),
        (fault("env:VersionMismatch"), 500, Misconfigured, None),
        (fault("env:Server"), 500, Unknown, None),
        (fault("env:Server", "<code>INCONNU</code>"), 500, Unknown, None),
        (fault("env:Server", "<code>INDISPONIBLE</code>"), 500, Retry, None),
        (fault("Autre"), 500, Unknown, None),
        (fault(""), 500, Unknown, None),
        (b"", 401, Misconfigured, None),
        (fault("env:Server"), 503, Retry, None),
        (b"<html>", 404, Reject, None),
        (b"erreur interne", 500, Unknown, None),
        (wrapped("<a/>"), 500, Unknown, None),
        (wrapped("<a/>")[:-20], 200, Unknown, None),
        (fault("env:Client")[:-40], 500, Unknown, None),
        (wrapped("<a/><b/>"), 200, Unknown, None),
        (f'<e:Envelope xmlns:e="{SOAP_11}"/>'.encode(), 200, Unknown, None),
        (b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"/>', 200, Unknown, None),
        (b"<a/>", 200, Unknown, None),
        (b"", 200, Unknown, None),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + wrapped("<a>&b;</a>").partition(b"?>")[2], 200, Unknown, None),
    ],
)
async def test_what_came_back_has_one_outcome(
    body: bytes, status: int, outcome: type[Outcome], code: str | None
) -> None:
    client = transport(answering(body, status))
    with pytest.raises(outcome) as caught:
        await client.call("a", b"<x/>")
    assert type(caught.value) is outcome
    assert caught.value.status == status
    if isinstance(caught.value, Reject):
        assert caught.value.code == code
    if outcome is Unknown:
        with pytest.raises(Retry):
            await client.call("a", b"<x/>", safe=True)


async def test_a_refusal_says_the_partners_own_words() -> None:
    body = fault(
        "env:Client", "<e:erreur xmlns:e='urn:x'><e:code>T1</e:code><e:libelle>Tiers inconnu</e:libelle></e:erreur>"
    )
    with pytest.raises(Reject) as caught:
        await transport(answering(body, 500)).call("a", b"<x/>")
    assert (caught.value.reason, caught.value.code) == ("Tiers inconnu", "T1")


async def test_a_partner_may_have_its_own_codes() -> None:
    client = transport(answering(fault("env:Server", "<code>VERROU</code>"), 500), not_processed_codes={"VERROU"})
    with pytest.raises(Retry):
        await client.call("a", b"<x/>")


@pytest.mark.parametrize(
    ("error", "outcome"), [(httpx.ConnectError("refused"), Retry), (httpx.ReadTimeout(""), Unknown)]
)
async def test_what_breaks_on_the_way_is_classed_as_for_http(error: Exception, outcome: type[Outcome]) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(outcome):
        await transport(handler).call("a", b"<x/>")
    with pytest.raises(Retry):
        await transport(handler).call("a", b"<x/>", safe=True)


async def test_the_wsdl_is_fetched_at_the_endpoint() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.method} {request.url}")
        return httpx.Response(200, content=b"<definitions/>")

    assert (await transport(handler).fetch()).body == b"<definitions/>"
    assert seen == ["GET http://partner.invalid/services/EchangeAchat?wsdl"]


def test_an_element_in_another_encoding_is_refused_and_a_declaration_is_left_out() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        envelope(b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>')
    assert envelope(b"\xef\xbb\xbf<a/>") == envelope(b'<?xml version="1.0"?>\n<a/>') == envelope(b"<a/>")
