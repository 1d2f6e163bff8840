"""A GEF's REST API in memory: what it keeps, what it answers, and the faults it is told to make."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx
import pytest

from connectors.gef import rest
from connectors.transports.http import HttpTransport

BASE = "https://gef.invalid/prefixe"
KEY = "cle-de-test"
Fault = Callable[[httpx.Request], httpx.Response | None]


def compte_rendu(message_id: str, verdict: str = "accepte", **more: object) -> bytes:
    lines = [{"ligne": 1, "statut": verdict}] if verdict in {"accepte", "rejete"} else []
    answer = {"idCompteRendu": "CR-1", "idMessage": message_id, "emisLe": "2026-11-21T10:00:00Z", "verdict": verdict}
    return json.dumps({**answer, "lignes": lines, **more}).encode()


@dataclass
class Partner:
    """Attributes: ``waiting`` by id of exchange; each request uses up one of ``faults``; None: the usual answer."""

    received: list[httpx.Request] = field(default_factory=list)
    waiting: dict[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    tokens: int = 0
    later: bool = False

    @property
    def posted(self) -> list[httpx.Request]:
        return [one for one in self.received if one.method == "POST" and "/v1/" in one.url.path]

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.received.append(request)
        path = request.url.path.removeprefix("/prefixe")
        if path == "/oauth/token":
            return self._token(request)
        if self.faults and (answer := self.faults.pop(0)(request)) is not None:
            return answer
        if not self._known(request):
            return httpx.Response(401, json={"title": "inconnu", "code": "NON_AUTHENTIFIE"})
        return self._answer(request.method, path, request)

    def _answer(self, method: str, path: str, request: httpx.Request) -> httpx.Response:
        if (method, path) == ("GET", "/v1/sante"):
            return httpx.Response(200, json={"statut": "ok", "produit": "GEF fictive", "version": "9.4"})
        if (method, path) == ("GET", "/v1/echanges"):
            assert request.url.params["lu"] == "false"
            listed = [{"idEchange": one, "nature": "flux", "emisLe": "2026-11-21T10:00:00Z"} for one in self.waiting]
            return httpx.Response(200, json={"echanges": listed})
        if method == "POST":
            return self._posted(path, request)
        raw, _, action = request.url.raw_path.decode().removeprefix("/prefixe/v1/echanges/").partition("/")
        return self._exchange(method, unquote(raw), action)

    def _posted(self, path: str, request: httpx.Request) -> httpx.Response:
        if path == "/v1/comptes-rendus":
            return httpx.Response(204)
        assert path == "/v1/messages"
        name = json.loads(request.content)["idMessage"]
        if self.later:
            return httpx.Response(202, json={"idMessage": name, "recuLe": "2026-11-21T10:00:00Z"})
        return httpx.Response(200, content=compte_rendu(name), headers={"Content-Type": "application/json"})

    def _exchange(self, method: str, identifier: str, action: str) -> httpx.Response:
        if identifier not in self.waiting:
            return httpx.Response(404, json={"title": "inconnu"})
        if (method, action) == ("PUT", "lecture"):
            del self.waiting[identifier]
            return httpx.Response(204)
        assert (method, action) == ("GET", "")
        return httpx.Response(200, content=self.waiting[identifier], headers={"Content-Type": "application/json"})

    def _token(self, request: httpx.Request) -> httpx.Response:
        expected = base64.b64encode(b"hub:secret-de-test").decode()
        if request.headers["Authorization"] != f"Basic {expected}":
            return httpx.Response(401, json={"error": "invalid_client"})
        assert b"grant_type=client_credentials" in request.content
        assert b"scope=semaphore" in request.content
        self.tokens += 1
        answer = {"access_token": f"jeton-{self.tokens}", "token_type": "Bearer", "expires_in": 300}
        return httpx.Response(200, json=answer)

    def _known(self, request: httpx.Request) -> bool:
        bearer = request.headers.get("Authorization") == f"Bearer jeton-{self.tokens}"
        return bearer or request.headers.get("X-Api-Key") == KEY


def reached_in_memory(monkeypatch: pytest.MonkeyPatch) -> Partner:
    """A partner that every client opened from now on reaches, in the place of the network."""
    partner = Partner()
    inner = httpx.MockTransport(partner.answer)
    monkeypatch.setattr(rest, "HttpTransport", functools.partial(HttpTransport, inner=inner))
    return partner


def answering(status: int, body: bytes = b"", **headers: str) -> Fault:
    return lambda _: httpx.Response(status, content=body, headers=headers)


def raising(error: Exception) -> Fault:
    def fault(_: httpx.Request) -> httpx.Response:
        raise error

    return fault
