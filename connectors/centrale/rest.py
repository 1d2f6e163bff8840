"""The REST wire (hypothèse): adhesions are posted; what waits is listed, fetched page by page, marked as read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.centrale.produits import enclosed
from connectors.transports.http import HttpResponse, HttpTransport, classify
from semaphore_hub.ports.connector import Inbound, Interpretation, Outgoing, Receipt
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Retry, Unknown, Unreadable

ADHESIONS, EXCHANGES, HEALTH = "/v1/adhesions", "/v1/echanges", "/v1/sante"
JSON = "application/json"
_NO_SUCH_PATH = (404, 405)


@dataclass(frozen=True, slots=True)
class _Listed:
    """One exchange that waits."""

    identifier: str
    nature: str
    pages: int


class RestLink:
    """A client of one cooperative's API.

    Args:
        client: how it is reached.
        key: the key of the format, for the pages of products.
        interpret: reads an answer, to know that it can be.
    """

    def __init__(self, client: HttpTransport, key: str, interpret: Callable[[Inbound], Interpretation]) -> None:
        self._client = client
        self._key = key
        self._interpret = interpret

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def deliver(self, outgoing: Outgoing) -> Receipt:
        """Post an adhesion, whose answer is the acknowledgement or comes later.

        Raises:
            Retry, Unknown, Reject, Misconfigured: see :mod:`connectors.transports.http`; also Unknown for an answer 200
                that cannot be read, Misconfigured for a path that does not exist.
            NotOffered: 501.
        """
        message = outgoing.message
        headers = {
            "Content-Type": message.media_type,
            "Accept": JSON,
            "Idempotency-Key": outgoing.idempotency_key,
            "X-Id-Message": message.reference,
        }
        answer = await self._client.request("POST", ADHESIONS, content=message.body, headers=headers)
        if answer.status in _NO_SUCH_PATH:
            # The contract has no such answer to a message: it is another server, or another version of the API.
            said = f"{answer.url} answered {answer.status}: check baseUrl"
            raise Misconfigured(said, status=answer.status, excerpt=answer.excerpt)
        if answer.status == 501:
            raise NotOffered(f"{answer.url} does not offer it", status=501, excerpt=answer.excerpt)
        _raise_unless_done(answer)
        if answer.status == 202:
            return Receipt(status=202)
        # Named after this delivery too: sent again by a person, the same message gets the same bytes back, and they
        # answer the new delivery.
        name = f"{message.reference}.{outgoing.idempotency_key}.json"
        document = Inbound(name, answer.body, JSON, "api")
        try:
            self._interpret(document)
        except Unreadable as error:
            said = f"unreadable acknowledgement: {error.reason}"
            raise Unknown(said, status=answer.status, excerpt=answer.excerpt) from error
        return Receipt(status=answer.status, response=document)

    async def collect(self) -> AsyncIterator[Inbound]:
        """Exchanges not yet read, oldest first; all pages of a publication of products make one document."""
        for one in _listed(await self._client.exchange("GET", EXCHANGES, params={"lu": "false"})):
            pages = [await self._page(one, number) for number in range(1, one.pages + 1)]
            bodies = [page for page in pages if page is not None]
            if len(bodies) < len(pages):
                continue  # confirmed meanwhile by another process of the hub
            body = enclosed(bodies, self._key) if one.nature == "produits" else bodies[0]
            yield Inbound(f"{one.identifier}.json", body, JSON, "api", token=one.identifier)

    async def confirm(self, document: Inbound) -> None:
        """Mark as read; already done is fine."""
        answer = await self._client.request("PUT", f"{_exchange(document.token)}/lecture")
        if answer.status != 404:
            _raise_unless_done(answer)

    async def check(self) -> str:
        """The API answers, and a listing, which changes nothing, accepts our credentials."""
        health = (await self._client.exchange("GET", HEALTH)).json()
        _listed(await self._client.exchange("GET", EXCHANGES, params={"lu": "false"}))
        product = health.get("produit") if isinstance(health, dict) else None
        return f"la centrale répond : {product or 'produit inconnu'}"

    async def _page(self, one: _Listed, number: int) -> bytes | None:
        params = {"page": str(number)} if one.nature == "produits" else None
        answer = await self._client.request("GET", _exchange(one.identifier), params=params)
        if answer.status == 404:
            return None
        _raise_unless_done(answer)
        return answer.body


def _exchange(identifier: str) -> str:
    return f"{EXCHANGES}/{quote(identifier, safe='')}"


def _raise_unless_done(answer: HttpResponse) -> None:
    outcome = classify(answer)
    if outcome is not None:
        raise outcome


def _listed(answer: HttpResponse) -> list[_Listed]:
    found: Any = answer.json()
    entries = found.get("echanges") if isinstance(found, dict) else None
    try:
        if not isinstance(entries, list):
            raise TypeError
        return [_Listed(str(one["idEchange"]), str(one["nature"]), int(one["nombrePages"])) for one in entries]
    except (KeyError, TypeError, ValueError) as error:
        said = "the list of exchanges is not in its form"
        raise Retry(said, status=answer.status, excerpt=answer.excerpt) from error
