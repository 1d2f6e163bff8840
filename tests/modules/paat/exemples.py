"""Plans and actions for the tests: bodies, and the calls that record them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from httpx import AsyncClient, Response

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.modules.paat.schemas import ActionEntree, EnregistrementActions, NouveauPaat, PaatVue
from tests.modules.samples import changed

ACTION: dict[str, Any] = {
    "numero": "A-001",
    "libelle": "Renouvellement des antinéoplasiques",
    "famille": "MEDICAMENTS",
    "operateur": "uniha",
    "effetBudgetaire": "effet_prix_induit",
    "montantReference": "100000.00",
    "perimetre": "80000.00",
    "gain": "12000.00",
    "dateEffet": "2026-09-01",
}


def action(**changes: Any) -> dict[str, Any]:
    """A valid action, with changes; ``None`` removes a field."""
    return changed(ACTION, **changes)


def entree(**changes: Any) -> ActionEntree:
    """The same, as the services take it."""
    return ActionEntree.model_validate(action(**changes))


def ouvert(services: Services, ght: str = "FIC-01", annee: int = 2026) -> PaatVue:
    """An empty plan."""
    with services.database.write() as unit:
        return services.paat.creer(unit, LOCAL, NouveauPaat(ght=ght, annee=annee))


def enregistrees(
    services: Services, plan: str, version: int, actions: Sequence[ActionEntree], **more: Any
) -> EnregistrementActions:
    """Actions recorded together by the service."""
    with services.database.write() as unit:
        return services.paat.enregistrer(unit, LOCAL, plan, version, actions, **more)


async def ouvre(client: AsyncClient, **changes: Any) -> dict[str, Any]:
    """A plan opened through the API."""
    answer = await client.post("/v1/paat", json={"ght": "FIC-01", "annee": 2026, **changes})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def ajoute(client: AsyncClient, plan: str, **changes: Any) -> dict[str, Any]:
    """An action added through the API."""
    answer = await client.post(f"/v1/paat/{plan}/actions", json=action(**changes))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def change(client: AsyncClient, one: dict[str, Any], method: str, body: object = None) -> Response:
    """A change asked of an action at the version it was read."""
    address = f"/v1/paat/{one['paat']}/actions/{one['uid']}"
    headers = {"If-Match": f'"{one["version"]}"'}
    return (
        await client.request(method, address, json=body, headers=headers)
        if body
        else await client.request(method, address, headers=headers)
    )


def rules_of(answer: Response) -> list[tuple[str, str]]:
    """Rule and place of each problem of a refusal."""
    return [(problem["rule"], problem["path"]) for problem in answer.json()["errors"]]
