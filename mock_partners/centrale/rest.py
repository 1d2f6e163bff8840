"""The REST wire of a simulated cooperative: adhesions in; what it has to say is listed, fetched, confirmed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

import contracts
from mock_partners.centrale.outbox import PRODUITS, pages_of
from mock_partners.centrale.state import API, Document, Due
from mock_partners.kit import problem, read_body

if TYPE_CHECKING:
    from mock_partners.centrale.mock import CentraleMock

JSON = "application/json"
Guard = Callable[[Request], JSONResponse | None]
_NEVER_KEPT = frozenset({"x-api-key", "authorization"})


class RestWire:
    """Its operations.

    Args:
        mock: the cooperative behind it.
        guard: the refusal of a request that does not show what it must, ``None`` when it does.
    """

    def __init__(self, mock: CentraleMock, guard: Guard) -> None:
        self._mock = mock
        self._guard = guard

    def router(self) -> APIRouter:
        """The operations as routes."""
        router = APIRouter()
        router.add_route("/v1/adhesions", self._post, methods=["POST"])
        router.add_route("/v1/echanges", self._list, methods=["GET"])
        router.add_route("/v1/echanges/{identifier}", self._one, methods=["GET"])
        router.add_route("/v1/echanges/{identifier}/lecture", self._confirm, methods=["PUT"])
        router.add_route("/v1/sante", self._health, methods=["GET"])
        return router

    async def _post(self, request: Request) -> Response:
        refused = self._guard(request)
        if refused is not None:
            return refused
        body = await read_body(request)
        message_id = request.headers.get("x-id-message")
        response, verdict = self._judged(body, request.headers, message_id)
        await self._mock.record(
            channel="api",
            name=f"{message_id or 'sans-id'}.json",
            media_type=request.headers.get("content-type", ""),
            body=body,
            verdict=verdict,
            detail=bytes(response.body).decode("utf-8"),
            status=response.status_code,
            headers={name: value for name, value in request.headers.items() if name not in _NEVER_KEPT},
        )
        await self._mock.settled()
        return response

    def _judged(self, body: bytes, headers: Mapping[str, str], message_id: str | None) -> tuple[Response, str]:
        """The answer, and what the journal says of it."""
        refused = self._unfit(body, headers, message_id)
        if refused is not None:
            return refused, "rejected"
        answer, now = self._mock.take(json.loads(body), API)
        self._mock.state.cles[headers["idempotency-key"]] = _digest(body)
        extra = {"Idempotent-Replay": "true"} if answer.replayed else {}
        if now is None:
            received = {"idMessage": message_id, "recuLe": self._mock.instant()}
            return JSONResponse(received, 202, extra), answer.verdict
        return _json(now, extra), answer.verdict

    def _unfit(self, body: bytes, headers: Mapping[str, str], message_id: str | None) -> JSONResponse | None:
        key = headers.get("idempotency-key")
        if not key or not message_id:
            return problem(400, "Les en-têtes Idempotency-Key et X-Id-Message sont obligatoires.", "ENTETE_ABSENT")
        if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            return problem(415, "Le corps doit être de type application/json.", "TYPE_DE_CONTENU")
        report = contracts.validate(self._mock.contract("adhesion-json"), body)
        faults = [one for one in report.to_dict()["findings"] if one["severity"] == "error"]
        if faults:
            unreadable = faults[0]["rule"] in ("CEN-JSON", "CEN-ENCODAGE")
            status, code = (400, "JSON_ILLISIBLE") if unreadable else (422, "CONTRAT_NON_RESPECTE")
            return problem(status, faults[0]["message"], code, anomalies=faults)
        if json.loads(body)["idMessage"] != message_id:
            return problem(422, "L'en-tête X-Id-Message contredit le corps du message.", "CONTRADICTION")
        if self._mock.state.cles.get(key, _digest(body)) != _digest(body):
            return problem(409, "Cette clé d'idempotence a déjà servi à un autre contenu.", "CLE_REUTILISEE")
        return None

    async def _list(self, request: Request) -> Response:
        refused = self._guard(request)
        if refused is not None:
            return refused
        wanted = request.query_params.get("lu", "false")
        if wanted not in ("true", "false"):
            return problem(422, "« lu » vaut true ou false.", "PARAMETRE")
        entries = [
            {
                "idEchange": identifier,
                "nature": one.nature,
                "emisLe": one.document["emisLe"],
                "nombrePages": len(self._pages(one)),
            }
            for identifier, one in self._mock.outbox.readable(read=wanted == "true")
        ]
        return JSONResponse({"echanges": entries})

    async def _one(self, request: Request) -> Response:
        refused = self._guard(request)
        if refused is not None:
            return refused
        identifier, number = request.path_params["identifier"], request.query_params.get("page", "1")
        found = self._mock.outbox.find(identifier)
        if found is None:
            return _no_exchange(identifier)
        pages = self._pages(found)
        if not number.isdecimal() or int(number) < 1:
            return problem(422, "« page » est un nombre, à partir de 1.", "PARAMETRE")
        if int(number) > len(pages):
            return problem(404, f"L'échange {identifier} n'a que {len(pages)} page(s).", "PAGE_INCONNUE")
        return _json(pages[int(number) - 1])

    async def _confirm(self, request: Request) -> Response:
        refused = self._guard(request)
        if refused is not None:
            return refused
        identifier = request.path_params["identifier"]
        if not self._mock.outbox.confirm(identifier):
            return _no_exchange(identifier)
        await self._mock.changed()
        return Response(status_code=204)

    async def _health(self, request: Request) -> Response:
        return self._guard(request) or JSONResponse({"statut": "ok", "produit": self._mock.name})

    def _pages(self, one: Due) -> list[Document]:
        """What is fetched of an exchange: its document, or the pages of a publication of products."""
        if one.nature != PRODUITS:
            return [one.document]
        heading = {name: value for name, value in one.document.items() if name != "lignes"}
        groups = pages_of(one.document, self._mock.page_size)
        return [
            {**heading, "page": rank, "nombrePages": len(groups), "lignes": group}
            for rank, group in enumerate(groups, start=1)
        ]


def _json(document: Document, headers: Mapping[str, str] | None = None) -> Response:
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return Response(content, headers=dict(headers or {}), media_type=JSON)


def _no_exchange(identifier: str) -> JSONResponse:
    return problem(404, f"L'échange {identifier} n'existe pas.", "ECHANGE_INCONNU")


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
