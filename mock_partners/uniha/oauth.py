"""The token endpoint of the simulated UniHA: OAuth 2 client credentials (RFC 6749 §4.4), bearer tokens (RFC 6750)."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from datetime import datetime, timedelta
from urllib.parse import parse_qs, unquote_plus

from fastapi import Request
from fastapi.responses import JSONResponse

from mock_partners.kit import MockClock, problem, read_body

SCOPE = "adhesions"
LIFETIME = timedelta(seconds=300)
_FORM = "application/x-www-form-urlencoded"
_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenDesk:
    """Gives tokens to one client, and recognises them until they expire by the mock's clock.

    Args:
        client_id, client_secret: who may ask, in HTTP Basic.
        clock: the mock's.
    """

    def __init__(self, client_id: str, client_secret: str, clock: MockClock) -> None:
        self._client = (client_id, client_secret)
        self._clock = clock
        self._expires: dict[str, datetime] = {}

    async def token(self, request: Request) -> JSONResponse:
        """One token, for right credentials."""
        form = _form(await read_body(request), request.headers.get("content-type", ""))
        if form is None:
            return _error(400, "invalid_request")
        given = _basic(request.headers.get("authorization", ""))
        if given is None or not self._is_client(given):
            return _error(401, "invalid_client", {"WWW-Authenticate": 'Basic realm="uniha"'})
        if form.get("grant_type") != "client_credentials":
            return _error(400, "unsupported_grant_type" if "grant_type" in form else "invalid_request")
        if form.get("scope", SCOPE) != SCOPE:
            return _error(400, "invalid_scope")
        now = self._clock.now()
        self._expires = {token: expires for token, expires in self._expires.items() if expires > now}
        token = secrets.token_urlsafe(32)
        self._expires[token] = now + LIFETIME
        seconds = int(LIFETIME.total_seconds())
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": SCOPE}
        return JSONResponse(answer, headers=_NOT_KEPT)

    def guard(self, request: Request) -> JSONResponse | None:
        """The refusal of a request without a valid token."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            challenge = {"WWW-Authenticate": 'Bearer realm="uniha"'}
            return problem(401, "Un jeton d'accès est demandé.", "NON_AUTORISE", headers=challenge)
        expires = self._expires.get(token)
        if expires is not None and self._clock.now() < expires:
            return None
        challenge = {"WWW-Authenticate": 'Bearer realm="uniha", error="invalid_token"'}
        return problem(401, "Le jeton d'accès est inconnu ou expiré.", "JETON_INVALIDE", headers=challenge)

    def revoke(self) -> None:
        """Forget every token."""
        self._expires.clear()

    def _is_client(self, given: tuple[str, str]) -> bool:
        return all(
            hmac.compare_digest(one.encode(), other.encode()) for one, other in zip(given, self._client, strict=True)
        )


def _form(body: bytes, media_type: str) -> dict[str, str] | None:
    """The parameters of the request, each given once (RFC 6749 §3.2); ``None`` when it is no such form."""
    if media_type.partition(";")[0].strip().lower() != _FORM:
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


def _error(status: int, code: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": code}, status, {**_NOT_KEPT, **(headers or {})})
