"""Credentials that are computed or renewed: one token for many requests, one renewal, no secret anywhere."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from connectors.transports.auth import ApiKey, OAuth2ClientCredentials
from connectors.transports.http import HttpTransport
from semaphore_hub.ports.outcomes import Misconfigured, Outcome, Retry, Unknown

TOKEN_URL = "http://partner.invalid/oauth/token"
SECRET = "le-secret"


class Partner:
    """A token endpoint and an API that knows the tokens given; both answers can be replaced."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, tzinfo=UTC)
        self.asked: list[httpx.Request] = []
        self.called: list[httpx.Request] = []
        self.good: set[str] = set()
        self.grant: Callable[[], httpx.Response | Exception] = self.token
        self.on_call: Callable[[], Exception | None] = lambda: None

    def token(self) -> httpx.Response:
        token = f"jeton-{len(self.asked)}"
        self.good = {token}
        return httpx.Response(200, json={"access_token": token, "token_type": "Bearer", "expires_in": 300})

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        if request.url.path == "/oauth/token":
            self.asked.append(request)
            answer = self.grant()
            if isinstance(answer, Exception):
                raise answer
            return answer
        self.called.append(request)
        error = self.on_call()
        if error:
            raise error
        known = request.headers.get("authorization", "").removeprefix("Bearer ") in self.good
        return httpx.Response(200 if known else 401, json={})

    def client(self) -> HttpTransport:
        auth = OAuth2ClientCredentials(TOKEN_URL, "hub", SECRET, "semaphore", lambda: self.now)
        return HttpTransport("http://partner.invalid", auth=auth, inner=httpx.MockTransport(self))


@pytest.fixture
def partner() -> Partner:
    return Partner()


async def test_a_key_goes_in_its_header_and_is_not_shown() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    key = ApiKey("X-Api-Key", SECRET)
    await HttpTransport("http://p.invalid", auth=key, inner=httpx.MockTransport(handler)).exchange("GET", "/")
    assert seen[0].headers["x-api-key"] == SECRET
    assert SECRET not in repr(key)


async def test_one_token_serves_until_shortly_before_its_end(partner: Partner) -> None:
    client = partner.client()
    for _ in range(3):
        await client.exchange("POST", "/v1/messages", content=b"{}")
    assert (len(partner.asked), len(partner.called)) == (1, 3)
    partner.now += timedelta(seconds=269)
    await client.exchange("GET", "/")
    assert len(partner.asked) == 1
    partner.now += timedelta(seconds=1)
    await client.exchange("GET", "/")
    assert len(partner.asked) == 2
    asked = partner.asked[0]
    assert parse_qs(asked.content.decode()) == {"grant_type": ["client_credentials"], "scope": ["semaphore"]}
    assert base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")) == f"hub:{SECRET}".encode()


async def test_requests_side_by_side_ask_for_one_token(partner: Partner) -> None:
    client = partner.client()
    await asyncio.gather(*(client.exchange("GET", "/") for _ in range(8)))
    assert len(partner.asked) == 1
    partner.good = set()  # revoked by the partner
    await asyncio.gather(*(client.exchange("GET", "/") for _ in range(8)))
    assert len(partner.asked) == 2


async def test_a_token_refused_once_is_renewed_and_the_same_bytes_are_sent_again(partner: Partner) -> None:
    client = partner.client()
    await client.exchange("GET", "/")
    partner.good = set()
    await client.exchange("POST", "/v1/messages", content=b"body", headers={"Idempotency-Key": "k"})
    sent = partner.called[-2:]
    assert [(one.content, one.headers["idempotency-key"]) for one in sent] == [(b"body", "k")] * 2
    assert len(partner.asked) == 2


async def test_a_new_token_that_is_refused_too_is_a_setting_to_correct(partner: Partner) -> None:
    partner.grant = lambda: httpx.Response(200, json={"access_token": "inutile", "token_type": "bearer"})
    with pytest.raises(Misconfigured):
        await partner.client().exchange("POST", "/v1/messages", content=b"")
    assert (len(partner.asked), len(partner.called)) == (2, 2)


REFUSALS: list[tuple[httpx.Response | Exception, type[Outcome], str]] = [
    (httpx.Response(401, json={"error": "invalid_client"}), Misconfigured, "401 invalid_client"),
    (httpx.Response(400, json={"error": "invalid_client"}), Misconfigured, "400 invalid_client"),
    (httpx.Response(400, json={"error": "invalid_scope"}), Misconfigured, "400 invalid_scope"),
    (httpx.Response(403, text=f"echo {SECRET}"), Misconfigured, "403"),
    (httpx.Response(404, text="<html>"), Misconfigured, "404"),
    (httpx.Response(302, headers={"Location": "http://ailleurs.invalid"}), Misconfigured, "302"),
    (httpx.Response(503, headers={"Retry-After": "7"}), Retry, "503"),
    (httpx.Response(429, headers={"Retry-After": "7"}), Retry, "429"),
    (httpx.Response(500), Retry, "500"),
    (httpx.ConnectError("refused"), Retry, "cannot connect"),
    (httpx.ReadTimeout(""), Retry, "no token"),
    (httpx.RemoteProtocolError("closed"), Retry, "no token"),
    (httpx.Response(200, content=b"<html>"), Retry, "readable token"),
    (httpx.Response(200, json=["jeton"]), Retry, "readable token"),
    (httpx.Response(200, json={"access_token": SECRET, "expires_in": "demain"}), Retry, "readable token"),
    (httpx.Response(200, json={"access_token": "", "token_type": "Bearer"}), Retry, "bearer token"),
    (httpx.Response(200, json={"access_token": SECRET, "token_type": "mac"}), Retry, "bearer token"),
    (httpx.Response(200, content=json.dumps({"access_token": "x" * 70_000})), Retry, "exceeds"),
]


@pytest.mark.parametrize(("answer", "outcome", "said"), REFUSALS)
async def test_what_the_token_endpoint_says_is_classed_and_the_message_never_leaves(
    partner: Partner, answer: httpx.Response | Exception, outcome: type[Outcome], said: str
) -> None:
    partner.grant = lambda: answer
    with pytest.raises(outcome, match=said) as caught:
        await partner.client().request("POST", "/v1/messages", content=b"body")
    assert type(caught.value) is outcome
    assert "/oauth/token" in caught.value.reason
    assert partner.called == []
    assert SECRET not in f"{caught.value.reason} {caught.value.excerpt}"
    if isinstance(answer, httpx.Response) and "retry-after" in answer.headers:
        assert isinstance(caught.value, Retry)
        assert caught.value.after_seconds == 7.0


async def test_after_a_failure_the_next_request_asks_again(partner: Partner) -> None:
    client = partner.client()
    partner.grant = lambda: httpx.ConnectError("refused")
    with pytest.raises(Retry):
        await client.exchange("GET", "/")
    partner.grant = partner.token
    await client.exchange("GET", "/")


async def test_what_breaks_once_the_token_is_there_is_about_the_message(partner: Partner) -> None:
    partner.on_call = lambda: httpx.ReadTimeout("")
    with pytest.raises(Unknown, match="/v1/messages"):
        await partner.client().request("POST", "/v1/messages", content=b"body")


def test_the_secret_is_not_shown_and_the_synchronous_way_is_closed() -> None:
    auth = OAuth2ClientCredentials(TOKEN_URL, "hub", SECRET)
    assert SECRET not in repr(auth)
    with pytest.raises(RuntimeError, match="AsyncClient"):
        auth.sync_auth_flow(httpx.Request("GET", TOKEN_URL))
