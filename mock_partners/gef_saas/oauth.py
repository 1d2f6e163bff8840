"""The token endpoint of the simulated service: OAuth 2 client credentials (RFC 6749 §4.4), bearer tokens (RFC 6750)."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from datetime import datetime, timedelta
from urllib.parse import parse_qs, unquote_plus

from mock_partners.gef.replies import JSON, Headers, Reply, refusal
from mock_partners.kit import MockClock

SCOPE = "semaphore"
LIFETIME = timedelta(seconds=300)
_FORM = "application/x-www-form-urlencoded"
_NOT_KEPT = {"cache-control": "no-store", "pragma": "no-cache"}


class TokenDesk:
    """Gives tokens to one client, and recognises them until they expire by the mock's clock.

    Args:
        client_id, client_secret: who may ask.
        clock: the mock's.
    """

    def __init__(self, client_id: str, client_secret: str, clock: MockClock) -> None:
        self._client = (client_id, client_secret)
        self._clock = clock
        self._expires: dict[str, datetime] = {}

    async def token(self, body: bytes, headers: Headers) -> Reply:
        """One token, for right credentials in the header (Basic) or in the form, never in both (RFC 6749 §2.3)."""
        form = _form(body, headers)
        basic = headers.get("authorization")
        if form is None or (basic is not None and "client_secret" in form):
            return _error(400, "invalid_request")
        given = (form.get("client_id", ""), form.get("client_secret", "")) if basic is None else _basic(basic)
        if given is None or not self._is_client(given):
            return _error(401, "invalid_client", {"www-authenticate": 'Basic realm="gef_saas"'})
        if form.get("grant_type") != "client_credentials":
            return _error(400, "unsupported_grant_type" if "grant_type" in form else "invalid_request")
        return self._given() if form.get("scope", SCOPE) == SCOPE else _error(400, "invalid_scope")

    def guard(self, headers: Headers) -> Reply | None:
        """The refusal of a request without a valid token."""
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            challenge = {"www-authenticate": 'Bearer realm="gef_saas"'}
            return refusal(401, "Un jeton d'accès est demandé.", "NON_AUTORISE", headers=challenge)
        expires = self._expires.get(token)
        if expires is not None and self._clock.now() < expires:
            return None
        challenge = {"www-authenticate": 'Bearer realm="gef_saas", error="invalid_token"'}
        return refusal(401, "Le jeton d'accès est inconnu ou expiré.", "JETON_INVALIDE", headers=challenge)

    def revoke(self) -> None:
        """Forget every token."""
        self._expires.clear()

    def _given(self) -> Reply:
        now = self._clock.now()
        self._expires = {token: expires for token, expires in self._expires.items() if expires > now}
        token = secrets.token_urlsafe(32)
        self._expires[token] = now + LIFETIME
        answer = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "scope": SCOPE,
        }
        return Reply(200, {"content-type": JSON, **_NOT_KEPT}, json.dumps(answer).encode())

    def _is_client(self, given: tuple[str, str]) -> bool:
        return all(
            hmac.compare_digest(one.encode(), other.encode()) for one, other in zip(given, self._client, strict=True)
        )


def _form(body: bytes, headers: Headers) -> dict[str, str] | None:
    """The parameters of the request, each given once (RFC 6749 §3.2); ``None`` when it is no such form."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return None
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True)
    except UnicodeDecodeError:
        return None
    return None if any(len(values) > 1 for values in found.values()) else {name: one for name, (one,) in found.items()}


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        text = base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, colon, secret = text.partition(":")
    # Both are form-encoded inside the header (RFC 6749 §2.3.1).
    return (unquote_plus(name), unquote_plus(secret)) if colon else None


def _error(status: int, code: str, headers: dict[str, str] | None = None) -> Reply:
    body = json.dumps({"error": code}).encode()
    return Reply(status, {"content-type": JSON, **_NOT_KEPT, **(headers or {})}, body)
