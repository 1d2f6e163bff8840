"""Fixtures shared by the tests of the modules and of the API: a référentiel, a client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from httpx import ASGITransport, AsyncClient, Response

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database
from semaphore_hub.modules.referentiel.schemas import NouveauFournisseur, NouveauGht, NouvelEtablissement
from tests.modules.fakes import RecordedEvents, app_for, services_for
from tests.modules.samples import FOURNISSEUR, PARTIE, PHARMAFICTIF, SUPPORT_CH, changed, marche


@pytest.fixture
def events() -> RecordedEvents:
    """What the modules said."""
    return RecordedEvents()


@pytest.fixture
def services(database: Database, clock: ManualClock, events: RecordedEvents) -> Services:
    """Services on an empty database."""
    return services_for(database, clock, events)


@pytest.fixture
def known(services: Services, events: RecordedEvents) -> Services:
    """Services whose référentiel has one GHT of two établissements, another GHT, and two suppliers."""
    return fill(services, events)


def fill(services: Services, events: RecordedEvents) -> Services:
    """Record that référentiel; what it said is forgotten."""
    referentiel = services.referentiel
    with services.database.write() as unit:
        for code in ("FIC-01", "FIC-02"):
            referentiel.creer_ght(unit, LOCAL, NouveauGht(code=code, nom=f"GHT fictif {code}"))
        for body in (SUPPORT_CH, changed(SUPPORT_CH, siret=PARTIE, nom="CH Fictif d'Ambreval", role="partie")):
            referentiel.creer_etablissement(unit, LOCAL, NouvelEtablissement.model_validate(body))
        for body in (FOURNISSEUR, changed(FOURNISSEUR, id=PHARMAFICTIF, denominationSociale="Pharmafictif SA")):
            referentiel.fournisseurs.creer(unit, LOCAL, NouveauFournisseur.model_validate(body))
    events.clear()
    return services


@pytest.fixture
def embedded(sqlite_url: str, clock: ManualClock, events: RecordedEvents) -> Iterator[Services]:
    """The same on SQLite only, for what is decided before the database is met."""
    database = Database(sqlite_url)
    yield fill(services_for(database, clock, events), events)
    database.close()


@pytest.fixture
async def client(known: Services) -> AsyncIterator[AsyncClient]:
    """A client of the API on that référentiel."""
    transport = ASGITransport(app_for(known), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://hub") as opened:
        yield opened


async def recorded(client: AsyncClient, **changes: object) -> Response:
    """A marché created through the API."""
    answer = await client.post("/v1/marches", json=marche(**changes))
    assert answer.status_code == 201, answer.text
    return answer


async def change(client: AsyncClient, uid: str, operation: str, body: object, version: int = 1) -> Response:
    """A change asked of a marché at a version."""
    return await client.post(f"/v1/marches/{uid}/{operation}", json=body, headers={"If-Match": f'"{version}"'})
