"""The REST wire of the common model: messages in, comptes rendus and flux to be fetched, answers of the hub in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from starlette.routing import Route

import contracts
from contracts.refusal import MAX_BYTES
from mock_partners.gef import refusals
from mock_partners.gef.documents import Document, as_json, instant
from mock_partners.gef.replies import JSON, Headers, Reply, refusal

if TYPE_CHECKING:
    from mock_partners.gef.mock import GefMock

MESSAGE_CONTRACT = "gef/message-json/1"
COMPTE_RENDU_CONTRACT = "gef/compte-rendu-json/1"
_NEVER_KEPT = frozenset({"x-api-key", "authorization"})


class RestWire:
    """Its operations. Each takes the body and the headers of a request, whose names are read without their case.

    Args:
        mock: the GEF behind it.
        guard: the refusal of a request that does not show what it must, ``None`` when it does.
    """

    def __init__(self, mock: GefMock, guard: Callable[[Headers], Reply | None]) -> None:
        self._mock = mock
        self._guard = guard

    def router(self) -> APIRouter:
        """The operations as routes; plain ones, because nothing of them is left to the framework."""
        router = APIRouter()
        for method, path, operation in (
            ("POST", "/v1/messages", lambda asked: self.post_message(asked.body, asked.headers)),
            ("POST", "/v1/comptes-rendus", lambda asked: self.post_compte_rendu(asked.body, asked.headers)),
            ("GET", "/v1/sante", lambda asked: self.health(asked.body, asked.headers)),
            ("GET", "/v1/echanges", lambda asked: self.list_exchanges(asked.headers, asked.query)),
        ):
            served = self._mock.direct(method, path, operation, MAX_BYTES)
            router.routes.append(Route(path, served, methods=[method]))
        router.add_route("/v1/echanges/{identifier}", self._one, methods=["GET"])
        router.add_route("/v1/echanges/{identifier}/lecture", self._confirm, methods=["PUT"])
        return router

    async def post_message(self, body: bytes, headers: Headers) -> Reply:
        """Judge a message; the compte rendu, or a receipt when it comes later."""
        refused = self._guard(headers)
        if refused is not None:
            return refused
        message_id = headers.get("x-id-message")
        reply, verdict = self._judged(body, headers, message_id)
        await self._mock.record(
            channel="api",
            name=f"{message_id or 'sans-id'}.json",
            media_type=headers.get("content-type", ""),
            body=body,
            verdict=verdict,
            detail=reply.body.decode("utf-8"),
            status=reply.status,
            headers={name: value for name, value in headers.items() if name not in _NEVER_KEPT},
        )
        await self._mock.settled()
        return reply

    async def post_compte_rendu(self, body: bytes, headers: Headers) -> Reply:
        """Take the hub's answer to a flux."""
        refused = self._guard(headers) or _wrong_type(headers) or _broken(COMPTE_RENDU_CONTRACT, body)
        if refused is None:
            unknown = self._mock.note_answer(json.loads(body))
            refused = None if unknown is None else refusal(404, unknown, "FLUX_INCONNU")
        reply = refused or Reply(204, {}, b"")
        await self._mock.record(
            channel="api",
            name="compte-rendu.json",
            media_type=headers.get("content-type", ""),
            body=body,
            verdict="accepted" if reply.status == 204 else "rejected",
            detail=reply.body.decode("utf-8"),
            status=reply.status,
        )
        await self._mock.changed()
        return reply

    async def health(self, _body: bytes, headers: Headers) -> Reply:
        """The product and its version."""
        return self._guard(headers) or _json(200, self._mock.health())

    async def list_exchanges(self, headers: Headers, query: str) -> Reply:
        """What there is to read, or what was read (``lu=true``)."""
        refused = self._guard(headers)
        if refused is not None:
            return refused
        wanted = parse_qs(query).get("lu", ["false"])[-1]
        if wanted not in ("true", "false"):
            return refusal(422, "« lu » vaut true ou false.", "PARAMETRE")
        found = self._mock.outbox.readable(read=wanted == "true")
        entries = [
            {"idEchange": identifier, "nature": one.nature, "emisLe": one.document["emisLe"]}
            for identifier, one in found
        ]
        return _json(200, {"echanges": entries})

    async def read_exchange(self, identifier: str, headers: Headers) -> Reply:
        """One compte rendu or flux."""
        refused = self._guard(headers)
        if refused is not None:
            return refused
        found = self._mock.outbox.find(identifier)
        return _json(200, found.document) if found is not None else _no_exchange(identifier)

    async def confirm_exchange(self, identifier: str, headers: Headers) -> Reply:
        """It was read: it is listed no more."""
        refused = self._guard(headers)
        if refused is not None:
            return refused
        if not self._mock.outbox.confirm(identifier):
            return _no_exchange(identifier)
        await self._mock.changed()
        return Reply(204, {}, b"")

    def _judged(self, body: bytes, headers: Headers, message_id: str | None) -> tuple[Reply, str]:
        """The reply, and what the journal says of it."""
        key = headers.get("idempotency-key")
        if not key or not message_id:
            said = "Les en-têtes Idempotency-Key et X-Id-Message sont obligatoires."
            return refusal(400, said, "ENTETE_ABSENT"), "rejected"
        refused = _wrong_type(headers) or _broken(MESSAGE_CONTRACT, body)
        if refused is not None:
            return refused, "rejected"
        message: Document = json.loads(body)
        digest = hashlib.sha256(body).hexdigest()
        refused = self._contradiction(message, message_id, key, digest)
        if refused is not None:
            return refused, "rejected"
        answer, now = self._mock.take(message, "api")
        self._mock.remember(key, digest, message_id)
        extra = {"idempotent-replay": "true"} if answer.replayed else {}
        if now is None:
            received = {"idMessage": message_id, "recuLe": instant(self._mock.clock.now())}
            return _json(202, received, extra), answer.verdict
        return _json(200, now, extra), answer.verdict

    def _contradiction(self, message: Document, message_id: str, key: str, digest: str) -> Reply | None:
        if message["idMessage"] != message_id:
            return refusal(422, "L'en-tête X-Id-Message contredit le corps du message.", "CONTRADICTION")
        if self._mock.may_use(key, digest):
            return None
        code, said = refusals.OTHER_BODY
        return refusal(409, said, code)

    async def _one(self, request: Request) -> Response:
        return _response(await self.read_exchange(request.path_params["identifier"], request.headers))

    async def _confirm(self, request: Request) -> Response:
        return _response(await self.confirm_exchange(request.path_params["identifier"], request.headers))


def api_key_guard(mock: GefMock) -> Callable[[Headers], Reply | None]:
    """Asks for the configured key in ``X-Api-Key``; anybody may when none is configured."""
    key = mock.config.api_key

    def guard(headers: Headers) -> Reply | None:
        if key is None or headers.get("x-api-key") == key:
            return None
        return refusal(401, "La clé d'API est absente ou fausse.", "NON_AUTORISE")

    return guard


def _json(status: int, document: Document, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, {"content-type": JSON, **(headers or {})}, as_json(document))


def _response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, reply.headers)


def _wrong_type(headers: Headers) -> Reply | None:
    if headers.get("content-type", "").partition(";")[0].strip().lower() == JSON:
        return None
    return refusal(415, "Le corps doit être de type application/json.", "TYPE_DE_CONTENU")


def _broken(contract: str, body: bytes) -> Reply | None:
    report = contracts.validate(contract, body)
    if report.valid:
        return None
    anomalies = [finding for finding in report.to_dict()["findings"] if finding["severity"] == "error"]
    unreadable = anomalies[0]["rule"].endswith(("-JSON", "-ENCODAGE"))
    status, code = (400, "JSON_ILLISIBLE") if unreadable else (422, "CONTRAT_NON_RESPECTE")
    return refusal(status, anomalies[0]["message"], code, anomalies=anomalies)


def _no_exchange(identifier: str) -> Reply:
    return refusal(404, f"L'échange {identifier} n'est pas à lire.", "ECHANGE_INCONNU")
