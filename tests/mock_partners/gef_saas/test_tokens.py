"""The token endpoint of the simulated service, and what its tokens open."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.mock_partners.gef.hubs import RestHub, example, make

FORM = {"grant_type": "client_credentials", "scope": "semaphore"}
CLIENT = ("semaphore", "secret-de-demonstration")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    hub = RestHub(make("gef_saas"))
    yield hub.http
    await hub.http.aclose()


async def test_credentials_in_the_header_or_in_the_form_give_a_token(http: httpx.AsyncClient) -> None:
    in_form = FORM | {"client_id": CLIENT[0], "client_secret": CLIENT[1]}
    for answer in (
        await http.post("/oauth/token", data=FORM, auth=CLIENT),
        await http.post("/oauth/token", data=in_form),
    ):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        token = answer.json()
        assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 300, "semaphore")
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        assert (await http.get("/v1/sante", headers=headers)).json() == {
            "statut": "ok",
            "produit": "GEF SaaS",
            "version": "Non applicable",
        }


@pytest.mark.parametrize(
    ("form", "auth", "status", "error"),
    [
        (FORM, ("semaphore", "faux"), 401, "invalid_client"),
        (FORM, ("autre", CLIENT[1]), 401, "invalid_client"),
        (FORM, None, 401, "invalid_client"),
        (FORM | {"client_id": "semaphore", "client_secret": "faux"}, None, 401, "invalid_client"),
        (FORM | {"client_secret": CLIENT[1]}, CLIENT, 400, "invalid_request"),
        ({"scope": "semaphore"}, CLIENT, 400, "invalid_request"),
        (FORM | {"grant_type": "password"}, CLIENT, 400, "unsupported_grant_type"),
        (FORM | {"scope": "tout"}, CLIENT, 400, "invalid_scope"),
        (FORM | {"scope": ["semaphore", "semaphore"]}, CLIENT, 400, "invalid_request"),
    ],
)
async def test_what_is_wrong_is_said_as_the_rfc_says_it(
    http: httpx.AsyncClient, form: dict[str, str], auth: Any, status: int, error: str
) -> None:
    answer = await http.post("/oauth/token", data=form, auth=auth)
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic %%%"},
        {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Bearer x"},
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": "Basic " + base64.b64encode(b"sans-deux-points").decode(),
        },
    ],
)
async def test_a_malformed_request_for_a_token_is_refused(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await http.post("/oauth/token", content=b"grant_type=client_credentials", headers=headers)
    assert answer.status_code in (400, 401)
    broken = await http.post(
        "/oauth/token", content=b"\xe9", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert broken.status_code == 400


async def test_no_operation_answers_without_a_token(http: httpx.AsyncClient) -> None:
    for method, path in (
        ("POST", "/v1/messages"),
        ("GET", "/v1/echanges"),
        ("GET", "/v1/echanges/ECH-1"),
        ("PUT", "/v1/echanges/ECH-1/lecture"),
        ("POST", "/v1/comptes-rendus"),
        ("GET", "/v1/sante"),
    ):
        answer = await http.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "NON_AUTORISE")
        answer = await http.request(method, path, headers={"Authorization": "Bearer faux"})
        assert (answer.status_code, answer.json()["code"]) == (401, "JETON_INVALIDE")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_a_token_expires_after_five_minutes_of_the_mocks_clock(http: httpx.AsyncClient) -> None:
    token = (await http.post("/oauth/token", data=FORM, auth=CLIENT)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    await http.put("/_mock/clock", json={"advance": "299s"})
    assert (await http.get("/v1/sante", headers=headers)).status_code == 200
    await http.put("/_mock/clock", json={"advance": "1s"})
    assert (await http.get("/v1/sante", headers=headers)).json()["code"] == "JETON_INVALIDE"


async def test_credentials_are_those_of_the_options_and_a_reset_forgets_the_tokens() -> None:
    hub = RestHub(make("gef_saas", options={"client_id": "hôpital", "client_secret": "m:t"}))
    answer = await hub.http.post("/oauth/token", data=FORM | {"client_id": "h%C3%B4pital"}, auth=CLIENT)
    assert answer.status_code == 401
    basic = base64.b64encode(b"h%C3%B4pital:m%3At").decode()
    answer = await hub.http.post("/oauth/token", data=FORM, headers={"Authorization": f"Basic {basic}"})
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await hub.http.get("/v1/sante", headers=headers)).status_code == 200
    await hub.control("POST", "reset")
    assert (await hub.http.get("/v1/sante", headers=headers)).status_code == 401


async def test_there_is_no_version_gate() -> None:
    hub = RestHub(make("gef_saas"))
    token = (await hub.http.post("/oauth/token", data=FORM, auth=CLIENT)).json()["access_token"]
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": "k",
        "X-Id-Message": "SEM-0004",
    }
    answer = await hub.http.post("/v1/messages", content=example("json", "marche", {}), headers=headers)
    assert answer.json()["verdict"] == "accepte"
