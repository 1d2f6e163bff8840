"""HTTP to one partner: the only file that knows httpx, and the one table from HTTP to outcomes.

========================================  ==============  ====================================================
what happened                             outcome         why
========================================  ==============  ====================================================
cannot connect, no free connection        Retry           nothing was sent
certificate refused (theirs or ours),     Misconfigured   the address or the trust settings are wrong
bad URL, redirect
the token could not be asked for          Retry           the request it is for was not sent
timeout, connection lost, unreadable      Unknown         the partner may have processed it (Retry for a GET)
401, 403, 407                             Misconfigured   credentials
408, 425, 429, 503                        Retry           the partner says it did not process it
500, 502, 504 and other 5xx               Unknown         a gateway or a crash after the work is possible
501                                       NotOffered      this API lacks the operation
other 4xx                                 Reject          understood and refused, with the partner's own code
========================================  ==============  ====================================================
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from connectors.transports.tls import TlsSettings, alert_of
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome, Reject, Retry, Unknown

MAX_CONNECTIONS = 4
IDLE_SECONDS = 3.0
"""An idle connection is let go before the servers that close theirs after five seconds (uvicorn's default): one that is
used at that very moment breaks, and nobody knows whether the request was processed."""
MAX_ANSWER_BYTES = 10 * 1024 * 1024
EXCERPT_CHARACTERS = 2000
FOR_CREDENTIALS = "semaphore.credentials"
"""Extension of a request that an ``auth`` makes before the one it serves: that one was not sent if this one fails."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CREDENTIALS = frozenset({401, 403, 407})
_NOT_PROCESSED = frozenset({408, 425, 429, 503})
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_WRONG_SETTING = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)
# What OpenSSL says when the other side refuses the certificate we show, or misses it (RFC 8446 §6.2).
_OUR_CERTIFICATE_REFUSED = (
    "CERTIFICATE_REQUIRED",
    "BAD_CERTIFICATE",
    "UNSUPPORTED_CERTIFICATE",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_UNKNOWN",
    "UNKNOWN_CA",
    "ACCESS_DENIED",
    "HANDSHAKE_FAILURE",
)


# nginx refuses certificates after the handshake, by a page.
_NGINX_ON_CERTIFICATES = ("No required SSL certificate was sent", "The SSL certificate error")


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A whole answer, read to its end. Header names are in lower case."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """Media type without its parameters, in lower case; empty when the partner gave none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def excerpt(self) -> str:
        """Beginning of the body as text, for the attempt's record."""
        return self.body[: EXCERPT_CHARACTERS * 4].decode("utf-8", errors="replace")[:EXCERPT_CHARACTERS]

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            Unknown: the partner answered something else, so what it did is not known (``Retry`` after a GET).
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise _unsure(
                self.method, f"{self.url} answered {self.status} with something that is not JSON", self
            ) from error


class HttpTransport:
    """One pooled client for one partner; at most four connections, because wider pools collapse in httpx 0.28.

    Args:
        base_url: address of the partner's API, with its path prefix; redirects away from it are refused.
        headers: sent with every request (credentials); never logged.
        auth: credentials that are computed or renewed; see :mod:`connectors.transports.auth`.
        tls: trust and client certificate; the public authorities and no certificate when not given.
        timeout_seconds: longest silence accepted, and for ``total_seconds`` the longest whole exchange.
        inner: replaces the network in tests.

    Raises:
        Misconfigured: the certificates of ``tls`` cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        tls: TlsSettings | None = None,
        timeout_seconds: float = 30.0,
        total_seconds: float = 120.0,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._total_seconds = total_seconds
        self._max_answer_bytes = max_answer_bytes
        # Environment proxies are ignored: where a partner is reached is said by its settings only.
        # "identity" keeps a small compressed answer from growing into a huge one.
        self._context = tls.context() if tls else None
        self._client = httpx.AsyncClient(
            headers={"accept-encoding": "identity", **(headers or {})},
            auth=auth,
            verify=self._context or True,
            timeout=httpx.Timeout(timeout_seconds),
            limits=httpx.Limits(
                max_connections=MAX_CONNECTIONS,
                max_keepalive_connections=MAX_CONNECTIONS,
                keepalive_expiry=IDLE_SECONDS,
            ),
            follow_redirects=False,
            trust_env=False,
            transport=inner,
        )

    async def close(self) -> None:
        """Release connections."""
        await self._client.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """One exchange; any status is returned (see :func:`classify`).

        Args:
            path: begins with "/", added to the base URL; variable parts are already percent-encoded.

        Raises:
            Retry: surely not processed.
            Unknown: perhaps processed.
            Misconfigured: address, certificate or header that can never work.
        """
        url = f"{self._base_url}{path}"
        try:
            async with (
                asyncio.timeout(self._total_seconds),
                self._client.stream(method, url, content=content, headers=headers, params=params) as answer,
            ):
                body = await self._read(answer, method, url)
                lowered = {name.lower(): value for name, value in answer.headers.items()}
                return HttpResponse(method, url, answer.status_code, lowered, body)
        except _WRONG_SETTING as error:
            raise Misconfigured(f"the request to {url!r} cannot be made: {error}") from error
        except TimeoutError as error:
            raise _unsure(method, f"{url} did not answer in {self._total_seconds:g} s") from error
        except (httpx.HTTPError, ssl.SSLError) as error:  # httpx lets an alert that comes while reading through
            refusal = await self._refusal_of_our_certificate(error)
            raise refusal or _broken(method, url, error) from error

    async def exchange(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """Same as :meth:`request`, but only a 2xx answer is returned; every other one raises its outcome."""
        response = await self.request(method, path, content=content, headers=headers, params=params)
        outcome = classify(response)
        if outcome is not None:
            raise outcome
        return response

    async def _refusal_of_our_certificate(self, error: httpx.HTTPError | ssl.SSLError) -> Outcome | None:
        """Ask why a connection broke: in TLS 1.3 the alert about our certificate is often lost with the connection."""
        url = httpx.URL(self._base_url)
        if self._context is None or isinstance(error, httpx.TimeoutException) or url.scheme != "https":
            return None
        alert = await alert_of(url.host, url.port or 443, self._context)
        return _certificate_outcome(str(url), alert)

    async def _read(self, answer: httpx.Response, method: str, url: str) -> bytes:
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > self._max_answer_bytes:
                raise _unsure(method, f"the answer of {url} exceeds {self._max_answer_bytes} bytes")
        return bytes(body)


def classify(response: HttpResponse) -> Outcome | None:
    """What an answer means for the delivery (table at the top of the module); ``None`` when it succeeded."""
    status = response.status
    if 200 <= status < 300:
        return None
    detail, code = problem_of(response)
    said = f"{response.method} {response.url} answered {status}" + (f": {detail}" if detail else "")
    excerpt = response.excerpt
    if 300 <= status < 400:
        target = response.headers.get("location", "elsewhere")
        return Misconfigured(f"{said}; redirection to {target} is refused", status=status, excerpt=excerpt)
    if status in _CREDENTIALS or (status == 400 and any(said_by in excerpt for said_by in _NGINX_ON_CERTIFICATES)):
        return Misconfigured(said, status=status, excerpt=excerpt)
    if status in _NOT_PROCESSED:
        return Retry(said, after_seconds=retry_after(response), status=status, excerpt=excerpt)
    if 400 <= status < 500:
        return Reject(detail or said, code=code, status=status, excerpt=excerpt)
    return (
        NotOffered(said, status=status, excerpt=excerpt) if status == 501 else _unsure(response.method, said, response)
    )


def retry_after(response: HttpResponse) -> float | None:
    """Seconds the partner asks to wait; a date is counted from the answer's own ``Date``, so clocks may differ."""
    asked = response.headers.get("retry-after", "").strip()
    if not asked:
        return None
    if asked.isdigit():
        return float(asked)
    try:
        until, since = parsedate_to_datetime(asked), parsedate_to_datetime(response.headers.get("date", ""))
        return max(0.0, (until - since).total_seconds())
    except (ValueError, TypeError):
        return None


def problem_of(response: HttpResponse) -> tuple[str | None, str | None]:
    """Detail and code of a problem document (RFC 9457) or of the usual variants; ``None`` for what is not said."""
    if not response.media_type.endswith("json"):
        return None, None
    try:
        problem = json.loads(response.body)
    except ValueError:
        return None, None
    if not isinstance(problem, dict):
        return None, None
    detail = next((problem[key] for key in ("detail", "message", "title") if isinstance(problem.get(key), str)), None)
    code = problem.get("code")
    if code is None and isinstance(problem.get("type"), str) and problem["type"] != "about:blank":
        code = problem["type"].rstrip("/").rpartition("/")[2].rpartition(":")[2]
    return detail, None if code is None else str(code)


def _unsure(method: str, reason: str, response: HttpResponse | None = None) -> Outcome:
    """Nobody knows what a failed write did; a failed read did nothing, so it is simply tried again."""
    status, excerpt = (response.status, response.excerpt) if response else (None, None)
    if method.upper() in _SAFE_METHODS:
        return Retry(reason, status=status, excerpt=excerpt)
    return Unknown(reason, status=status, excerpt=excerpt)


def _broken(method: str, url: str, error: httpx.HTTPError | ssl.SSLError) -> Outcome:
    request = error.request if isinstance(error, httpx.RequestError) else None
    asked_for_credentials = request is not None and FOR_CREDENTIALS in request.extensions
    if request is not None and asked_for_credentials:
        url = str(request.url)
    refused = _certificate_outcome(url, error)
    if refused is not None:
        return refused
    if isinstance(error, _NEVER_SENT):
        return Retry(f"cannot connect to {url}: {_say(error)}")
    if asked_for_credentials:
        return Retry(f"no token from {url}: {_say(error)}")
    return _unsure(method, f"the exchange with {url} broke: {_say(error)}")


def _certificate_outcome(url: str, error: BaseException | None) -> Outcome | None:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Misconfigured(f"the certificate of {url} is not trusted: {cause}")
        if isinstance(cause, ssl.SSLError) and (cause.reason or "").endswith(_OUR_CERTIFICATE_REFUSED):
            return Misconfigured(f"{url} does not accept our client certificate: {cause}")
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _say(error: Exception) -> str:
    return str(error) or type(error).__name__
