"""Who may call: JSON web tokens of v2 (HS256, RFC 7519) and tickets of v1, both ended by the mock's clock."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta

_KEY = b"simulated platform: this key protects nothing"
_HEADER = {"alg": "HS256", "typ": "JWT"}


def new_token(login: str, now: datetime, life: timedelta) -> str:
    """A signed token."""
    claims = {"username": login, "iat": int(now.timestamp()), "exp": int((now + life).timestamp())}
    signed = f"{_encode(json.dumps(_HEADER).encode())}.{_encode(json.dumps(claims).encode())}"
    return f"{signed}.{_encode(_signature(signed))}"


def token_is_good(token: str, now: datetime) -> bool:
    """Whether we signed it and it has not ended."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_encode(_signature(signed)), signature):
        return False
    claims = json.loads(base64.urlsafe_b64decode(signed.partition(".")[2] + "=="))
    return int(claims["exp"]) > now.timestamp()


def new_ticket() -> str:
    """A ticket nobody can guess."""
    return secrets.token_hex(16)


def _signature(signed: str) -> bytes:
    return hmac.new(_KEY, signed.encode(), hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
