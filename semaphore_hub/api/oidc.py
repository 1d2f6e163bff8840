"""Keys of an OpenID Connect issuer: fetched when first needed, and again when a token names an unknown key."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from semaphore_hub.kernel.errors import ConfigurationError

REFRESH_SECONDS = 60.0
"""Least time between two fetches, so that forged key ids cannot make the hub hammer the issuer."""


class IssuerKeys:
    """The signing keys of one issuer.

    Args:
        issuer: its URL, https unless it is on this machine.
        client: HTTP client used for discovery.

    Raises:
        ConfigurationError: the issuer is not reached by https.
    """

    def __init__(self, issuer: str, client: httpx.Client) -> None:
        url = httpx.URL(issuer)
        if url.scheme != "https" and url.host not in ("localhost", "127.0.0.1", "::1"):
            raise ConfigurationError(f"the OpenID Connect issuer {issuer} must be an https address")
        self.issuer = issuer
        self._client = client
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched_at = 0.0

    def keys(self, kid: str | None) -> KeySet | None:
        """The issuer's keys, or ``None`` when they cannot be had now; fetches when ``kid`` is not among those known."""
        with self._lock:
            if not self._has(kid) and (self._keys is None or time.monotonic() - self._fetched_at > REFRESH_SECONDS):
                fetched = self._fetch()
                if fetched is not None:
                    self._keys, self._fetched_at = fetched, time.monotonic()
            return self._keys

    def _has(self, kid: str | None) -> bool:
        return self._keys is not None and (kid is None or any(key.kid == kid for key in self._keys.keys))

    def _fetch(self) -> KeySet | None:
        try:
            configuration = self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if configuration.get("issuer") != self.issuer:
                return None
            return KeySet.import_key_set(self._get(str(configuration["jwks_uri"])))  # type: ignore[arg-type]  # JSON
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, JoseError):
            return None

    def _get(self, url: str) -> dict[str, Any]:
        answer = self._client.get(url).raise_for_status().json()
        if not isinstance(answer, dict):
            raise ValueError(f"{url} did not answer a JSON object")
        return answer
