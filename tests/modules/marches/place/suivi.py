"""What PLACE says, in the form of its connector, said to the service; and the reading of what it makes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.clock import ManualClock
from tests.modules.fakes import RecordedEvents, app_for
from tests.modules.samples import FICTIMED, SUPPORT

PARTENAIRE, GHT, REFERENCE = "place-fic-01", "FIC-01", "2026-AOO-017"

CONSULTATION: dict[str, Any] = {
    "reference": REFERENCE,
    "organisme": "x7y",
    "acheteur": SUPPORT,
    "objet": "Fourniture de dispositifs médicaux stériles",
    "statut": "en_ligne",
    "dateMiseEnLigne": "2026-01-05",
    "dateLimiteRemisePlis": "2026-02-04",
    "nombreOffres": 0,
    "offresHorsDelai": 0,
    "dateModification": "2026-01-05T09:00:00Z",
    "canal": "api",
    "lots": [],
}
CONTRAT: dict[str, Any] = {
    "id": "DM001",
    "numeros": ["DM001"],
    "acheteur": SUPPORT,
    "nature": "Marché",
    "objet": "Fourniture de dispositifs médicaux stériles",
    "codeCPV": "33140000-3",
    "procedure": "Appel d'offres ouvert",
    "dureeMois": "24",
    "dateNotification": "2026-03-01",
    "datePublicationDonnees": "2026-03-02",
    "montant": "200000.00",
    "formePrix": "Unitaire",
    "offresRecues": "4",
    "titulaires": [{"typeIdentifiant": "SIRET", "id": FICTIMED, "denominationSociale": "Fictimed SAS"}],
    "modifications": 0,
}


def without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    """What a connector gives: a value that is not said is left out."""
    return {name: value for name, value in body.items() if value is not None}


def consultation(**changes: Any) -> dict[str, Any]:
    """A consultation online, with changes; ``None`` leaves a value out."""
    return without_nulls({**CONSULTATION, **changes})


def lot(numero: int, **changes: Any) -> dict[str, Any]:
    """A lot of it, with changes."""
    base = {"numero": numero, "intitule": f"Lot {numero}", "statut": "en_ligne", "nombreOffres": 0}
    return without_nulls({**base, **changes})


def contrat(**changes: Any) -> dict[str, Any]:
    """A contract that says what the marché of the samples says, with changes."""
    return without_nulls({**CONTRAT, **changes})


def releve(*contrats: dict[str, Any], periode: str | None = "2026-03", **changes: Any) -> dict[str, Any]:
    """A document of essential data."""
    base = {"document": f"contrats-{periode}.xml", "canal": "api", "periode": periode, "marches": list(contrats)}
    return without_nulls({**base, **changes})


class Place:
    """PLACE as one partner says it, and the hub's clients."""

    def __init__(self, services: Services, hub: AsyncClient, events: RecordedEvents, clock: ManualClock) -> None:
        self.services = services
        self.hub = hub
        self.events = events
        self.clock = clock

    def suit(self, data: dict[str, Any], partenaire: str = PARTENAIRE, ght: str | None = GHT) -> None:
        """Say a consultation."""
        with self.services.database.write() as unit:
            self.services.suivi_place.suivre(unit, partenaire, ght, data)

    def releve(self, data: dict[str, Any], partenaire: str = PARTENAIRE, ght: str | None = GHT) -> None:
        """Say a document of essential data."""
        with self.services.database.write() as unit:
            self.services.suivi_place.rapprocher(unit, partenaire, ght, data)

    async def listed(self, what: str, **params: Any) -> list[dict[str, Any]]:
        """A list, as the API gives it."""
        answer = await self.hub.get(f"/v1/marches/place/{what}", params=params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def one(self, what: str = "consultations", **params: Any) -> dict[str, Any]:
        """The only item of a list."""
        [found] = await self.listed(what, **params)
        return found

    def said(self, name: str) -> list[dict[str, Any]]:
        """Data of the events of that name, in order."""
        return [dict(event.data) for event in self.events if event.type == f"fr.semaphore.place.{name}.v1"]


def differences(item: dict[str, Any]) -> set[tuple[str, str, int | None]]:
    """(rule, field, lot) of each divergence."""
    return {(one["regle"].removeprefix("MAR-PLACE-"), one["champ"], one["lot"]) for one in item["divergences"]}


@asynccontextmanager
async def _opened(known: Services, events: RecordedEvents, clock: ManualClock) -> AsyncIterator[Place]:
    transport = ASGITransport(app_for(known), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://hub") as opened:
        yield Place(known, opened, events, clock)


@pytest.fixture
async def place(known: Services, events: RecordedEvents, clock: ManualClock) -> AsyncIterator[Place]:
    """PLACE, and a client of the hub; on each database."""
    async with _opened(known, events, clock) as found:
        yield found


@pytest.fixture
async def embedded_place(embedded: Services, events: RecordedEvents, clock: ManualClock) -> AsyncIterator[Place]:
    """The same on SQLite only, for comparisons that no database has a part in."""
    async with _opened(embedded, events, clock) as found:
        yield found
