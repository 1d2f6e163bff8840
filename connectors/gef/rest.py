"""The REST wire of the common model (hypothèse): messages are posted, what waits is listed, fetched, marked as read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.gef import answers
from connectors.gef.model import COMPTE_RENDU
from connectors.gef.settings import ApiKeySettings, GefSettings, HttpGefSettings
from connectors.gef.wire import JSON, Syntax
from connectors.transports.auth import ApiKey, OAuth2ClientCredentials
from connectors.transports.http import HttpResponse, HttpTransport, classify, problem_of
from semaphore_hub.ports.connector import Inbound, Outgoing, Receipt, SecretReader
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Retry

MESSAGES, ANSWERS, EXCHANGES, HEALTH = "/v1/messages", "/v1/comptes-rendus", "/v1/echanges", "/v1/sante"
Auth = ApiKey | OAuth2ClientCredentials
Credentials = Callable[[GefSettings, SecretReader], Auth | None]
_NO_SUCH_PATH = (404, 405)


def api_key(settings: GefSettings, secrets: SecretReader) -> Auth | None:
    """The key of :class:`ApiKeySettings`, in ``X-Api-Key``; none when no secret is named."""
    assert isinstance(settings, ApiKeySettings)
    return None if settings.apiKeySecret is None else ApiKey("X-Api-Key", secrets(settings.apiKeySecret))


@dataclass(frozen=True, slots=True)
class RestWire:
    """JSON over HTTP.

    Attributes:
        credentials: how we prove who we are.
    """

    credentials: Credentials = api_key
    syntax: Syntax = JSON

    def open(self, channel: str, settings: GefSettings, secrets: SecretReader) -> RestLink:
        """A client of the API. See ``Wire.open``."""
        assert isinstance(settings, HttpGefSettings)
        if settings.baseUrl is None:
            raise Misconfigured(f"baseUrl is needed by the channel {channel}")
        client = HttpTransport(
            settings.baseUrl,
            auth=self.credentials(settings, secrets),
            tls=settings.tls,
            timeout_seconds=settings.delaiSecondes,
        )
        return RestLink(channel, client)


class RestLink:
    """A client of one GEF's API."""

    def __init__(self, channel: str, client: HttpTransport) -> None:
        self._channel = channel
        self._client = client

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def deliver(self, outgoing: Outgoing) -> Receipt:
        """Post a message, whose answer is the compte rendu or comes later; or our own answer to a flux.

        Raises:
            Retry, Unknown, Reject, Misconfigured: see :mod:`connectors.transports.http`; also Unknown for an answer 200
                that cannot be read, Misconfigured for a path that does not exist.
            NotOffered: 501.
        """
        message = outgoing.message
        ours = message.type == COMPTE_RENDU
        headers = {
            "Content-Type": message.media_type,
            "Accept": JSON.media_type,
            "Idempotency-Key": outgoing.idempotency_key,
            "X-Id-Message": message.reference,
        }
        answer = await self._client.request(
            "POST", ANSWERS if ours else MESSAGES, content=message.body, headers=headers
        )
        if answer.status in _NO_SUCH_PATH and not (ours and problem_of(answer)[1]):
            # The contract has no such answer to a message: it is another server, or another version of the API. Our
            # answer may be about a flux that the GEF does not know: it says so with its code.
            raise Misconfigured(
                f"{answer.url} answered {answer.status}: check baseUrl", status=answer.status, excerpt=answer.excerpt
            )
        if answer.status == 501:
            raise NotOffered(f"{answer.url} does not offer it", status=501, excerpt=answer.excerpt)
        _raise_unless_done(answer)
        if ours or answer.status == 202:
            return Receipt(status=answer.status)
        return answers.receipt(outgoing, self._channel, answer.body, JSON, answer.status)

    async def collect(self) -> AsyncIterator[Inbound]:
        """Comptes rendus and flux not yet read, oldest first."""
        listed = await self._client.exchange("GET", EXCHANGES, params={"lu": "false"})
        for identifier in _identifiers(listed):
            answer = await self._client.request("GET", _exchange(identifier))
            if answer.status == 404:
                continue  # confirmed meanwhile by another process of the hub
            _raise_unless_done(answer)
            media_type = answer.media_type or JSON.media_type
            yield Inbound(f"{identifier}.json", answer.body, media_type, self._channel, token=identifier)

    async def confirm(self, document: Inbound) -> None:
        """Mark as read; already done is fine."""
        answer = await self._client.request("PUT", f"{_exchange(document.token)}/lecture")
        if answer.status != 404:
            _raise_unless_done(answer)

    async def check(self) -> str:
        """The API answers, and a listing, which changes nothing, accepts our credentials."""
        health = (await self._client.exchange("GET", HEALTH)).json()
        _identifiers(await self._client.exchange("GET", EXCHANGES, params={"lu": "false"}))
        return answers.health_words(health if isinstance(health, dict) else {})


def _exchange(identifier: str) -> str:
    return f"{EXCHANGES}/{quote(identifier, safe='')}"


def _raise_unless_done(answer: HttpResponse) -> None:
    outcome = classify(answer)
    if outcome is not None:
        raise outcome


def _identifiers(answer: HttpResponse) -> list[str]:
    listed: Any = answer.json()
    entries = listed.get("echanges") if isinstance(listed, dict) else None
    if not isinstance(entries, list) or not all(isinstance(one, dict) and "idEchange" in one for one in entries):
        raise Retry("the list of exchanges is not in its form", status=answer.status, excerpt=answer.excerpt)
    return [str(one["idEchange"]) for one in entries]
