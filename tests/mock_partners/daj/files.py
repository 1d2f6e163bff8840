"""DECP records and files for the tests of the mock, made by hand: nothing of the connector is used here."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any

import httpx

import contracts
from mock_partners.daj.app import DajMock, create
from mock_partners.kit import MockConfig

BUYER = "26999901700016"
VALID = contracts.get("daj/decp-json/2.0.4").folder / "examples" / "valid"
XML_VALID = contracts.get("daj/decp-xml/2.0.2").folder / "examples" / "valid"


def marche(**changes: Any) -> dict[str, Any]:
    """A framework agreement; ``None`` takes a field off."""
    made = json.loads((VALID / "accord_cadre.json").read_bytes())["marches"]["marche"][0]
    return {name: value for name, value in {**made, **changes}.items() if value is not None}


def concession(**changes: Any) -> dict[str, Any]:
    """A concession; ``None`` takes a field off."""
    made = json.loads((VALID / "concession.json").read_bytes())["marches"]["contrat-concession"][0]
    return {name: value for name, value in {**made, **changes}.items() if value is not None}


def holders(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """Holders by type and identifier."""
    return [{"titulaire": {"typeIdentifiant": kind, "id": number}} for kind, number in pairs]


def file(*marches: Any, concessions: tuple[Any, ...] = ()) -> bytes:
    """A JSON file."""
    envelope: dict[str, Any] = {"marche": list(marches)}
    if concessions:
        envelope["contrat-concession"] = list(concessions)
    return json.dumps({"marches": deepcopy(envelope)}, ensure_ascii=False).encode()


def name(number: int = 1, day: str = "2026-11-20") -> str:
    """Name of a JSON file."""
    return f"decp-{BUYER}-{day}-{number:02d}.json"


@asynccontextmanager
async def daj(**config: Any) -> AsyncIterator[tuple[DajMock, httpx.AsyncClient]]:
    """A mock and a client of it, without a network."""
    mock = create(MockConfig(**config))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(mock.app), base_url="http://daj.test") as client:
        yield mock, client


async def deposit(
    client: httpx.AsyncClient,
    body: bytes,
    number: int = 1,
    *,
    key: str | None = None,
    headers: dict[str, str] | None = None,
    day: str = "2026-11-20",
) -> httpx.Response:
    """Deposit a file under the given number."""
    sent = {
        "Content-Type": "application/json",
        "X-Nom-Fichier": name(number, day),
        "Idempotency-Key": key or f"key-{number}",
        **(headers or {}),
    }
    return await client.post("/depots", content=body, headers=sent)


async def judged(client: httpx.AsyncClient, body: bytes, number: int = 1, **more: Any) -> list[dict[str, Any]]:
    """Deposit a file; what its report says of each record."""
    answer = await deposit(client, body, number, **more)
    assert answer.status_code == 201, answer.text
    report = await client.get(f"/depots/{answer.json()['idDepot']}/compte-rendu")
    assert contracts.validate("daj/compte-rendu/1", report.content).findings == ()
    rows: list[dict[str, Any]] = report.json()["enregistrements"]
    return rows


async def published(client: httpx.AsyncClient, buyer: str | None = None) -> list[dict[str, Any]]:
    """The published marchés."""
    params = {} if buyer is None else {"acheteur": buyer}
    answer = (await client.get("/donnees/marches", params=params)).json()
    assert answer["total"] == len(answer["donnees"])
    found: list[dict[str, Any]] = answer["donnees"]
    return found
