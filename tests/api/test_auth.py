"""Tokens: issued to clients of the file, by an OpenID Connect issuer, refused otherwise; roles and perimeters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import ASGITransport, AsyncClient
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from semaphore_hub.api.auth import Authenticator
from semaphore_hub.api.clients import hash_secret, load_clients, verify_secret
from semaphore_hub.api.dependencies import Services
from semaphore_hub.api.oidc import IssuerKeys
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.clock import ManualClock, SystemClock
from semaphore_hub.kernel.errors import ConfigurationError
from semaphore_hub.kernel.settings import Settings
from tests.modules.fakes import app_for
from tests.modules.samples import marche

KEY = b"0123456789abcdef0123456789abcdef"
ISSUER = "https://identite.exemple.fr"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database: tokens are not kept in it."""
    return sqlite_url


@pytest.fixture(scope="module")
def secret_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A file of clients and the signing key."""
    folder = tmp_path_factory.mktemp("secrets")
    lines = []
    for name, role, ghts in (
        ("achats", "acheteur", '["FIC-01"]'),
        ("ailleurs", "acheteur", '["FIC-02"]'),
        ("lecture", "dgos", None),
    ):
        lines += ["[[client]]", f'id = "{name}"', f'secret = "{hash_secret("secret-" + name)}"', f'role = "{role}"']
        lines += [f"ghts = {ghts}"] if ghts else []
    clients, key = folder / "clients.toml", folder / "key"
    clients.write_text("\n".join(lines), encoding="utf-8")
    key.write_bytes(KEY)
    return clients, key


def settings(secret_files: tuple[Path, Path], **more: Any) -> Settings:
    """Settings of a protected server."""
    return Settings(clients_file=secret_files[0], token_key_file=secret_files[1], **more)


@pytest.fixture
async def protected(known: Services, secret_files: tuple[Path, Path]) -> AsyncIterator[AsyncClient]:
    """A client of a server that asks for tokens."""
    known.settings = settings(secret_files)
    known.authenticator = Authenticator.from_settings(known.settings, SystemClock())
    async with AsyncClient(transport=ASGITransport(app_for(known)), base_url="http://hub") as client:
        yield client


async def bearer(client: AsyncClient, name: str) -> dict[str, str]:
    """The header of a client's token."""
    answer = await client.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(name, f"secret-{name}"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["expires_in"] == 3600
    assert answer.headers["cache-control"] == "no-store"
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_without_a_token_every_operation_is_401_with_a_challenge(protected: AsyncClient) -> None:
    for path in ("/v1/marches", "/v1/ght", "/v1/etablissements", "/v1/fournisseurs", "/v1/nomenclatures"):
        answer = await protected.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="semaphore-hub"'
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_client_records_and_reads_within_its_ght_only(protected: AsyncClient) -> None:
    mine, theirs = await bearer(protected, "achats"), await bearer(protected, "ailleurs")
    created = await protected.post("/v1/marches", json=marche(), headers=mine)
    assert created.status_code == 201, created.text
    place = created.headers["location"]
    assert (await protected.get(place, headers=mine)).status_code == 200
    assert (await protected.get(place, headers=theirs)).status_code == 404
    assert (await protected.get("/v1/marches", headers=theirs)).json()["items"] == []
    refused = await protected.post("/v1/marches", json=marche(id="X"), headers=theirs)
    assert [item["rule"] for item in refused.json()["errors"]] == ["MAR-ACHETEUR"]


async def test_a_reader_sees_everything_and_changes_nothing(protected: AsyncClient) -> None:
    await protected.post("/v1/marches", json=marche(), headers=await bearer(protected, "achats"))
    reader = await bearer(protected, "lecture")
    assert len((await protected.get("/v1/marches", headers=reader)).json()["items"]) == 1
    refused = await protected.post("/v1/marches", json=marche(id="X"), headers=reader)
    assert refused.status_code == 403
    assert "dgos" in refused.json()["detail"]


async def test_the_same_idempotency_key_of_two_callers_is_two_keys(protected: AsyncClient) -> None:
    first = {**await bearer(protected, "achats"), "Idempotency-Key": "k"}
    other = {**await bearer(protected, "ailleurs"), "Idempotency-Key": "k"}
    assert (await protected.post("/v1/marches", json=marche(), headers=first)).status_code == 201
    assert (await protected.post("/v1/marches", json=marche(), headers=other)).status_code == 409


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "client_credentials", "client_id": "achats", "client_secret": "faux"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "nul", "client_secret": "x"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({}, 400, "invalid_request"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, 400, "invalid_request"),
    ],
)
async def test_a_wrong_demand_is_refused_in_the_words_of_oauth(
    protected: AsyncClient, form: dict[str, Any], status: int, error: str
) -> None:
    answer = await protected.post("/oauth/token", data=form or {"autre": "x"})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_the_secret_may_be_in_the_form_but_not_in_json(protected: AsyncClient) -> None:
    form = {"grant_type": "client_credentials", "client_id": "achats", "client_secret": "secret-achats"}
    assert (await protected.post("/oauth/token", data=form)).status_code == 200
    assert (await protected.post("/oauth/token", json=form)).status_code == 415


def token(key: Any, algorithm: str = "HS256", kid: str | None = "hub", **changes: Any) -> str:
    """A token with chosen claims."""
    now = int(datetime.now(UTC).timestamp())
    claims = {"iss": "semaphore-hub", "sub": "achats", "iat": now, "exp": now + 60, **changes}
    header = {"alg": algorithm, **({"kid": kid} if kid else {})}
    return jwt.encode(header, {name: value for name, value in claims.items() if value is not None}, key)


HUB_KEY = OctKey.import_key(KEY)
FORGED = {
    "another key": token(OctKey.import_key(b"x" * 32)),
    "expired": token(HUB_KEY, exp=1),
    "no expiry": token(HUB_KEY, exp=None),
    "another issuer": token(HUB_KEY, iss="autre"),
    "unknown client": token(HUB_KEY, sub="parti"),
    "no key id": token(HUB_KEY, kid=None),
    "no signature": "eyJhbGciOiJub25lIiwia2lkIjoiaHViIn0.eyJzdWIiOiJhY2hhdHMifQ.",
    "garbage": "a.b.c",
    "not even that": "é",
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
async def test_a_token_that_the_hub_did_not_issue_is_401(protected: AsyncClient, forged: str) -> None:
    answer = await protected.get("/v1/marches", headers={"Authorization": f"Bearer {forged}".encode()})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_token_expires_after_one_hour(secret_files: tuple[Path, Path]) -> None:
    clock = ManualClock(datetime(2026, 3, 2, tzinfo=UTC))
    authenticator = Authenticator.from_settings(settings(secret_files), clock)
    issued = authenticator.issue("achats", "secret-achats")
    clock.advance(timedelta(minutes=59))
    assert await authenticator.identify(f"Bearer {issued}") == Caller("achats", Role.ACHETEUR, frozenset({"FIC-01"}))
    clock.advance(timedelta(minutes=2))
    with pytest.raises(Exception, match="401"):
        await authenticator.identify(f"Bearer {issued}")


async def test_an_unprotected_server_knows_one_local_caller() -> None:
    authenticator = Authenticator.from_settings(Settings(), SystemClock())
    assert await authenticator.identify(None) == LOCAL


class Issuer:
    """An OpenID Connect issuer that counts what it is asked."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.requests: list[str] = []
        self.down = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.url.path)
        if self.down:
            return httpx.Response(503)
        if request.url.path == "/.well-known/openid-configuration":
            return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"})
        return httpx.Response(200, json=KeySet([self.key]).as_dict(private=False))


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    """One issuer for the module: making an RSA key is slow."""
    return Issuer()


def trusting(issuer: Issuer) -> Authenticator:
    """An authenticator that trusts it."""
    keys = IssuerKeys(ISSUER, httpx.Client(transport=httpx.MockTransport(issuer)))
    return Authenticator(clients={}, key=None, issuer=keys, audience="semaphore-hub", clock=SystemClock())


def issued(issuer: Issuer, **changes: Any) -> str:
    """A token of the issuer."""
    claims = {"iss": ISSUER, "aud": "semaphore-hub", "semaphore_role": "ars", "semaphore_ghts": ["FIC-01"]}
    return token(issuer.key, "RS256", "k1", **{**claims, **changes})


async def test_a_token_of_the_issuer_names_role_and_perimeter_and_its_keys_are_fetched_once(issuer: Issuer) -> None:
    authenticator = trusting(issuer)
    issuer.requests.clear()
    for _ in range(3):
        caller = await authenticator.identify(f"Bearer {issued(issuer)}")
        assert caller == Caller("achats", Role.ARS, frozenset({"FIC-01"}))
    assert issuer.requests == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "autre"},
        {"iss": "https://autre.exemple.fr"},
        {"semaphore_role": "roi"},
        {"semaphore_role": None},
        {"semaphore_ghts": "FIC-01"},
        {"exp": 1},
    ],
)
async def test_a_token_of_the_issuer_for_something_else_is_401(issuer: Issuer, changes: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="401"):
        await trusting(issuer).identify(f"Bearer {issued(issuer, **changes)}")


async def test_an_issuer_that_does_not_answer_makes_tokens_unverifiable(issuer: Issuer) -> None:
    issuer.down = True
    try:
        with pytest.raises(Exception, match="401"):
            await trusting(issuer).identify(f"Bearer {issued(issuer)}")
    finally:
        issuer.down = False


def test_a_configuration_that_cannot_be_safe_stops_the_start(tmp_path: Path, secret_files: tuple[Path, Path]) -> None:
    short = tmp_path / "short"
    short.write_bytes(b"court")
    wrong = [
        Settings(clients_file=secret_files[0]),
        Settings(clients_file=secret_files[0], token_key_file=short),
        Settings(clients_file=secret_files[0], token_key_file=tmp_path / "absent"),
        Settings(clients_file=tmp_path / "absent"),
        Settings(oidc_issuer="http://identite.exemple.fr"),
    ]
    for each in wrong:
        with pytest.raises(ConfigurationError):
            Authenticator.from_settings(each, SystemClock())


def test_clients_with_the_same_id_or_an_unhashed_secret_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "clients.toml"
    client = f'[[client]]\nid = "a"\nsecret = "{hash_secret("x")}"\nrole = "dgos"\n'
    for text in (client + client, client.replace("scrypt$", ""), "client = 3", "[["):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError):
            load_clients(path)


def test_a_secret_is_verified_against_its_hash_only() -> None:
    stored = hash_secret("bon")
    assert verify_secret("bon", stored)
    assert not verify_secret("mauvais", stored)
    assert not verify_secret("", None)
    assert hash_secret("bon") != stored
