"""HTTP exchanges as outcomes: one line of the table, one test."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from connectors.transports.http import HttpResponse, HttpTransport, classify, retry_after
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome, Reject, Retry, Unknown

Handler = Callable[[httpx.Request], httpx.Response]


def transport(handler: Handler, **options: object) -> HttpTransport:
    return HttpTransport("http://partner.invalid/v1/", inner=httpx.MockTransport(handler), **options)  # type: ignore[arg-type]


def raising(error: Exception) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    return handler


def answer(status: int, body: bytes = b"", method: str = "POST", **headers: str) -> HttpResponse:
    lowered = {name.lower().replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(method, "http://partner.invalid", status, lowered, body)


async def test_a_request_carries_the_base_url_the_credentials_and_the_bytes() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, content=b'{"id": 1}', headers={"Content-Type": "application/json; charset=utf-8"})

    client = transport(handler, headers={"X-API-Key": "secret"})
    response = await client.exchange("POST", "/depots", content=b"\xe9", headers={"X-A": "b"}, params={"q": "1"})
    await client.close()
    assert str(seen[0].url) == "http://partner.invalid/v1/depots?q=1"
    assert seen[0].headers["x-api-key"] == "secret"
    assert seen[0].headers["accept-encoding"] == "identity"
    assert seen[0].content == b"\xe9"
    assert (response.status, response.media_type, response.json()) == (201, "application/json", {"id": 1})


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (httpx.ConnectError("refused"), Retry),
        (httpx.ConnectTimeout("slow"), Retry),
        (httpx.PoolTimeout("busy"), Retry),
        (httpx.ReadTimeout(""), Unknown),
        (httpx.WriteTimeout(""), Unknown),
        (httpx.ReadError("reset"), Unknown),
        (httpx.RemoteProtocolError("closed"), Unknown),
        (httpx.UnsupportedProtocol("ftp"), Misconfigured),
        (httpx.LocalProtocolError("bad header"), Misconfigured),
    ],
)
async def test_what_breaks_in_a_post_says_whether_it_may_have_been_processed(
    error: Exception, outcome: type[Outcome]
) -> None:
    client = transport(raising(error))
    with pytest.raises(outcome) as caught:
        await client.request("POST", "/depots")
    assert type(caught.value) is outcome
    assert "partner.invalid" in caught.value.reason


async def test_a_refused_certificate_is_a_setting_not_a_network_incident() -> None:
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    with pytest.raises(Misconfigured, match="certificate"):
        await transport(raising(error)).request("POST", "/depots")


async def test_a_broken_get_is_simply_tried_again_because_reading_changes_nothing() -> None:
    with pytest.raises(Retry):
        await transport(raising(httpx.ReadTimeout(""))).request("GET", "/acquits")


async def test_an_answer_larger_than_the_limit_is_cut_short() -> None:
    client = transport(lambda _: httpx.Response(200, content=b"x" * 2000), max_answer_bytes=1000)
    with pytest.raises(Unknown, match="exceeds 1000 bytes"):
        await client.request("POST", "/depots")


async def test_a_partner_that_drips_for_ever_is_given_up_after_the_total_time() -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b"."
            await asyncio.sleep(0.01)

    client = transport(lambda _: httpx.Response(200, content=drip()), total_seconds=0.1)
    with pytest.raises(Unknown, match=r"did not answer in 0\.1 s"):
        await client.request("POST", "/depots")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success_has_no_outcome(status: int) -> None:
    assert classify(answer(status)) is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (301, Misconfigured),
        (307, Misconfigured),
        (401, Misconfigured),
        (403, Misconfigured),
        (408, Retry),
        (429, Retry),
        (503, Retry),
        (500, Unknown),
        (502, Unknown),
        (504, Unknown),
        (501, NotOffered),
        (400, Reject),
        (404, Reject),
        (409, Reject),
        (422, Reject),
    ],
)
def test_each_status_has_one_outcome(status: int, outcome: type[Outcome]) -> None:
    found = classify(answer(status, b"why"))
    assert type(found) is outcome
    assert found.status == status
    assert found.excerpt == "why"


def test_a_refusal_quotes_the_partners_own_detail_and_code() -> None:
    body = json.dumps({"type": "about:blank", "detail": "Nom déjà vu.", "code": "DEJA_VU"}).encode()
    found = classify(answer(409, body, content_type="application/problem+json"))
    assert isinstance(found, Reject)
    assert (found.reason, found.code) == ("Nom déjà vu.", "DEJA_VU")


def test_without_a_code_the_end_of_the_problem_type_is_the_code() -> None:
    body = b'{"type": "https://partner.invalid/errors/doublon", "title": "Doublon"}'
    found = classify(answer(409, body, content_type="application/problem+json"))
    assert isinstance(found, Reject)
    assert (found.reason, found.code) == ("Doublon", "doublon")


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"{", b"\xff"])
def test_a_refusal_that_is_not_a_problem_document_is_still_a_refusal(body: bytes) -> None:
    found = classify(answer(400, body, content_type="application/json"))
    assert isinstance(found, Reject)
    assert found.code is None
    assert "400" in found.reason


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Sat, 21 Nov 2026 10:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 09:59:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(header: str, seconds: float | None) -> None:
    response = answer(503, retry_after=header, date="Sat, 21 Nov 2026 10:00:00 GMT")
    assert retry_after(response) == seconds
    found = classify(response)
    assert isinstance(found, Retry)
    assert found.after_seconds == seconds


def test_a_retry_date_without_the_partners_own_date_is_ignored() -> None:
    assert retry_after(answer(503, retry_after="Sat, 21 Nov 2026 10:00:30 GMT")) is None


def test_an_answer_that_should_be_json_and_is_not_leaves_the_delivery_unknown() -> None:
    with pytest.raises(Unknown, match="not JSON"):
        answer(201, b'{"idDepot": ').json()
    with pytest.raises(Retry, match="not JSON"):
        answer(200, b"<html>", method="GET").json()
