"""Marchés already notified, and what is refused on them."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient, Response

from tests.modules.samples import FICTIMED, NOTIFICATION, PHARMAFICTIF
from tests.modules.world import change, recorded

PERIODS = [
    {"numero": 1, "debut": "2027-03-01", "fin": "2027-08-31", "montant": "50000"},
    {"numero": 2, "debut": "2027-09-01", "fin": "2028-02-29", "montant": "50000"},
]
TRANCHES = [
    {"numero": 0, "intitule": "Ferme", "type": "ferme", "montant": "150000"},
    {"numero": 1, "intitule": "Option", "type": "optionnelle", "montant": "50000", "debut": "2026-10-01"},
]
HOLDER = {"typeIdentifiant": "SIRET", "id": FICTIMED}
SUBCONTRACTOR = {"typeIdentifiant": "SIRET", "id": PHARMAFICTIF}


async def notified(client: AsyncClient, **changes: Any) -> str:
    """The uid of a marché notified on 1 March 2026, at version 2."""
    uid: str = (await recorded(client, **changes)).json()["uid"]
    answer = await change(client, uid, "notification", NOTIFICATION)
    assert answer.status_code == 200, answer.text
    return uid


async def done(client: AsyncClient, uid: str, operation: str, body: object, version: int = 2) -> dict[str, Any]:
    """What the marché is after an operation that must succeed."""
    answer = await change(client, uid, operation, body, version)
    assert answer.status_code in (200, 201), answer.text
    assert answer.headers["etag"] == f'"{version + 1}"'
    content: dict[str, Any] = answer.json()
    return content


async def refused(
    client: AsyncClient, uid: str, operation: str, body: object, version: int = 2
) -> set[tuple[str, str]]:
    """Rules (with their places) that refuse an operation."""
    return rules_of(await change(client, uid, operation, body, version))


def rules_of(answer: Response) -> set[tuple[str, str]]:
    """Rules and places of a refusal."""
    assert answer.status_code == 409, answer.text
    return {(item["rule"], item["path"]) for item in answer.json()["errors"]}
