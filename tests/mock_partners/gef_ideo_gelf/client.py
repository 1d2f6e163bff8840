"""A mock to try, and a client that sends it the examples of its contracts."""

from __future__ import annotations

import json
from typing import Any

import httpx

import contracts
from mock_partners import MOCKS, MockConfig
from mock_partners.gef_ideo_gelf.app import IdeoGelfMock

API = contracts.get("gef_ideo_gelf/marches-api/1")
FILE = contracts.get("gef_ideo_gelf/marches-csv/1")
PATHS = {
    "fournisseur": "/v1/fournisseurs",
    "marche": "/v1/marches",
    "modification": "/v1/marches/{}/modifications",
    "correction": "/v1/marches/{}/corrections",
}


def make(**config: Any) -> IdeoGelfMock:
    mock = MOCKS["gef_ideo_gelf"](MockConfig(**config))
    assert isinstance(mock, IdeoGelfMock)
    return mock


class Client:
    """Posts examples of the contract to a mock, in process."""

    def __init__(self, mock: IdeoGelfMock) -> None:
        self.mock = mock
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(mock.app), base_url="http://gef")

    async def send(self, name: str, *, key: str = "", **changes: Any) -> httpx.Response:
        document = json.loads((API.folder / "examples" / "valid" / f"{name}.json").read_bytes())
        for place, value in changes.items():
            target: Any = document
            *parents, last = place.split("__")
            for step in parents:
                target = target[step]
            target[last] = value
        path = PATHS[document["typeMessage"]].format(document.get("marche", {}).get("numero", ""))
        headers = {"Idempotency-Key": key or document["idMessage"], "X-Id-Message": document["idMessage"]}
        return await self.http.post(path, json=document, headers=headers)

    async def faults(self, *scenarios: str) -> None:
        answer = await self.http.put("/_mock/faults", json={"scenarios": scenarios})
        assert answer.status_code == 200, answer.text

    async def state(self, **values: Any) -> dict[str, Any]:
        answer = await self.http.put("/_mock/state", json=values)
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state
