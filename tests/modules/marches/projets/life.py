"""The application with projets and transitions, and what takes a need through its life."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from semaphore_hub.api import auth, problems
from semaphore_hub.api.dependencies import Services
from semaphore_hub.modules.marches import endpoints as marches
from semaphore_hub.modules.marches.projets import endpoints as projets
from semaphore_hub.modules.marches.projets.service import ProjetsService
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.marches.transitions import endpoints as transitions
from semaphore_hub.modules.marches.transitions.service import TransitionsService
from semaphore_hub.modules.referentiel import endpoints as referentiel
from semaphore_hub.ports.events import EventLog
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import SUPPORT, changed, marche

PROJET: dict[str, Any] = {
    "id": "DM001",
    "acheteur": {"id": SUPPORT},
    "objet": "Fourniture de dispositifs médicaux stériles",
    "codeCPV": "33140000-3",
    "montantEstime": "400000.00",
    "dureeMois": 24,
    "procedure": "Appel d'offres ouvert",
}
LANCEMENT = {"dateLancement": "2026-01-05", "dateLimiteOffres": "2026-02-04"}
OUVERTURE = {"dateOuverture": "2026-02-04", "offresRecues": 4}
SIGNATURE = {"dateSignature": "2026-02-24"}
NOTIFICATION = {"dateNotification": "2026-03-01", "datePublicationDonnees": "2026-03-02"}
OF_THE_PROJET = ("id", "acheteur", "objet", "codeCPV", "dureeMois")


def projet(**changes: Any) -> dict[str, Any]:
    """A valid new projet, with changes."""
    return changed(PROJET, **changes)


def attribution(**changes: Any) -> dict[str, Any]:
    """A valid attribution of it, with changes; the rejected candidates were told on 13 February."""
    body = marche(**dict.fromkeys(OF_THE_PROJET), complements={"dateSignature": None})
    return changed({**body, "dateAttribution": "2026-02-12", "dateInformationEvinces": "2026-02-13"}, **changes)


@dataclass(kw_only=True)
class LifeServices(Services):
    """Services with projets and transitions."""

    projets: ProjetsService
    transitions: TransitionsService


def with_life(services: Services, events: EventLog) -> LifeServices:
    """The same services, and those of the whole life, on the same log."""
    store = MarcheStore(services.clock, events)
    values = {field.name: getattr(services, field.name) for field in fields(services)}
    return LifeServices(**{**values, "projets": ProjetsService(store), "transitions": TransitionsService(store)})


@cache
def _app() -> FastAPI:
    """Built once: reading the models of every operation costs more than a test."""
    app = FastAPI(title="test", version="1", docs_url=None, redoc_url=None)
    for router in (auth.router, referentiel.router, projets.router, transitions.router, marches.router):
        app.include_router(router)
    problems.install(app, optional_auth=True)
    return app


def app_with_life(services: Services) -> FastAPI:
    """The routers in their order: projets before marchés, whose ``{uid}`` would take the word for a uid."""
    app = _app()
    app.state.services = services
    return app


@pytest.fixture
async def hub(known: Services, events: RecordedEvents) -> AsyncIterator[AsyncClient]:
    """A client of that application, on the référentiel of the tests."""
    transport = ASGITransport(app_with_life(with_life(known, events)), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://hub") as opened:
        yield opened


class Life:
    """One need, followed by its uid: each call asks for an operation under the present version and expects success."""

    def __init__(self, hub: AsyncClient, created: Response) -> None:
        assert created.status_code == 201, created.text
        self._hub = hub
        self.uid: str = created.json()["uid"]
        self.seen: dict[str, Any] = created.json()
        self.in_projet = "montantEstime" in self.seen

    async def ask(self, operation: str, body: Any = None) -> Response:
        """Ask for an operation; the answer may be a refusal."""
        base = "/v1/marches/projets" if self.in_projet else "/v1/marches"
        return await self._hub.post(
            f"{base}/{self.uid}/{operation}",
            **({} if body is None else {"json": body}),
            headers={"If-Match": f'"{self.seen["version"]}"'},
        )

    async def done(self, operation: str, body: Any = None) -> dict[str, Any]:
        """Ask for an operation that must succeed."""
        answer = await self.ask(operation, body)
        assert answer.status_code in (200, 201), answer.text
        if operation == "attribution":
            self.in_projet = False
        self.seen = answer.json()
        return self.seen

    async def refused(self, operation: str, body: Any = None) -> set[tuple[str, str]]:
        """Ask for an operation that a rule refuses; (rule, place) of each, and nothing has changed."""
        answer = await self.ask(operation, body)
        assert answer.status_code == 409, answer.text
        base = "/v1/marches/projets" if self.in_projet else "/v1/marches"
        now = (await self._hub.get(f"{base}/{self.uid}")).json()
        assert (now["version"], now["statut"]) == (self.seen["version"], self.seen["statut"])
        return {(item["rule"], item["path"]) for item in answer.json()["errors"]}


async def foreseen(hub: AsyncClient, **changes: Any) -> Life:
    """A projet created through the API."""
    return Life(hub, await hub.post("/v1/marches/projets", json=projet(**changes)))


async def opened(hub: AsyncClient, offers: int = 4, **changes: Any) -> Life:
    """A projet whose offers are opened."""
    life = await foreseen(hub, **changes)
    await life.done("lancement", LANCEMENT)
    await life.done("ouverture", {**OUVERTURE, "offresRecues": offers})
    return life


async def attributed(hub: AsyncClient, **changes: Any) -> Life:
    """A marché that came from a projet; ``changes`` are those of the attribution."""
    life = await opened(hub)
    await life.done("attribution", attribution(**changes))
    return life


async def notified(hub: AsyncClient, **changes: Any) -> Life:
    """A marché signed and notified."""
    life = await attributed(hub, **changes)
    await life.done("signature", SIGNATURE)
    await life.done("notification", NOTIFICATION)
    return life


async def executed(hub: AsyncClient, **changes: Any) -> Life:
    """A marché whose execution began on 1 April 2026; it ends on 31 March 2028."""
    life = await notified(hub, **changes)
    await life.done("demarrage", {"dateDebut": "2026-04-01"})
    return life
