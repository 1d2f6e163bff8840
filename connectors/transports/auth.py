"""Ways to prove who we are to a partner's API, as ``auth=`` of :class:`connectors.transports.http.HttpTransport`."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import AsyncGenerator, Callable, Generator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus, urlencode

import httpx

from connectors.transports.http import FOR_CREDENTIALS, HttpResponse, classify
from semaphore_hub.ports.outcomes import Misconfigured, Outcome, Retry

DEFAULT_LIFE = timedelta(seconds=300)
"""Life of a token whose answer does not say ``expires_in``."""
MARGIN = timedelta(seconds=30)
"""A token this near its end is not used any more: it could end on its way."""
MAX_TOKEN_ANSWER_BYTES = 64 * 1024

_CODE = re.compile(r"[a-z_]{1,40}")


class ApiKey(httpx.Auth):
    """A key in a header.

    Args:
        header: its name, for example "X-Api-Key".
        secret: the key; neither shown nor logged.
    """

    def __init__(self, header: str, secret: str) -> None:
        self._header = header
        self._secret = secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        request.headers[self._header] = self._secret
        yield request

    def __repr__(self) -> str:
        return f"ApiKey({self._header!r})"


class OAuth2ClientCredentials(httpx.Auth):
    """Bearer tokens by client credentials (RFC 6749 §4.4), kept until shortly before their end.

    The token is asked with the client of the request that needs it (same trust, same limits, same timeout). A request
    answered 401 is sent once more with a new token: what is refused for its credentials was not processed.

    Args:
        token_url: the token endpoint, absolute.
        client_id: sent with ``client_secret`` in HTTP Basic.
        client_secret: neither shown nor logged.
        scope: asked for, when given.
        clock: current instant, aware.

    A request made with it raises, besides its own outcomes, Misconfigured when the token endpoint refuses the client
    or its address is wrong, and Retry when it cannot be reached, asks to come back later or answers nonsense.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        scope: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._clock = clock
        self._token: str | None = None
        self._good_until = datetime.min.replace(tzinfo=UTC)
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"OAuth2ClientCredentials({self._token_url!r}, {self._client_id!r})"

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:  # noqa: ARG002
        """Refused: the hub speaks HTTP asynchronously only."""
        raise RuntimeError("OAuth2ClientCredentials needs httpx.AsyncClient")

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send with a token; once more with a new one when it is refused."""
        refused: str | None = None
        for _ in range(2):
            # Requests that wait here hold no connection, and find the token the first of them got.
            async with self._lock:
                if self._token is None or self._token == refused or self._clock() >= self._good_until:
                    answer = yield self._asking(request)
                    self._token, self._good_until = self._granted(await _read(answer))
                token = self._token
            request.headers["Authorization"] = f"Bearer {token}"
            response = yield request
            if response.status_code != 401 or refused is not None:
                return
            await response.aread()  # gives its connection back: the new token needs one
            refused = token

    def _asking(self, request: httpx.Request) -> httpx.Request:
        form = {"grant_type": "client_credentials", **({"scope": self._scope} if self._scope else {})}
        pair = f"{quote_plus(self._client_id)}:{quote_plus(self._client_secret)}"
        return httpx.Request(
            "POST",
            self._token_url,
            content=urlencode(form),
            headers={
                "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
            extensions={**request.extensions, FOR_CREDENTIALS: True},  # with the timeouts of the request it is for
        )

    def _granted(self, answer: HttpResponse) -> tuple[str, datetime]:
        """The token and the instant until which it is used. The answer is never quoted: it may hold the token."""
        refusal = classify(answer)
        if refusal is not None:
            raise _refused(self._token_url, answer, refusal)
        try:
            granted = json.loads(answer.body)
            token, kind = granted["access_token"], granted.get("token_type", "Bearer")
            life = float(granted.get("expires_in") or DEFAULT_LIFE.total_seconds())
            good_until = self._clock() + timedelta(seconds=life) - MARGIN
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise Retry(f"{self._token_url} answered without a readable token", status=answer.status) from error
        if not isinstance(token, str) or not token or str(kind).lower() != "bearer":
            raise Retry(f"{self._token_url} answered without a bearer token", status=answer.status)
        return token, good_until


async def _read(answer: httpx.Response) -> HttpResponse:
    body = await answer.aread()
    if len(body) > MAX_TOKEN_ANSWER_BYTES:
        raise Retry(f"the answer of {answer.url} exceeds {MAX_TOKEN_ANSWER_BYTES} bytes", status=answer.status_code)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return HttpResponse("POST", str(answer.url), answer.status_code, headers, body)


def _refused(token_url: str, answer: HttpResponse, refusal: Outcome) -> Outcome:
    """No token, so the request was not sent: whatever is not a wait or a passing failure is a setting to correct."""
    said = f"{token_url} gave no token: {answer.status}"
    code = _code(answer)
    if code:
        said += f" {code}"
    if isinstance(refusal, Retry) or answer.status >= 500:
        after = refusal.after_seconds if isinstance(refusal, Retry) else None
        return Retry(said, after_seconds=after, status=answer.status)
    return Misconfigured(said, status=answer.status)


def _code(answer: HttpResponse) -> str | None:
    """The ``error`` of RFC 6749 §5.2, when it has the form of a code."""
    try:
        error = json.loads(answer.body).get("error")
    except (ValueError, AttributeError):
        return None
    return error if isinstance(error, str) and _CODE.fullmatch(error) else None
