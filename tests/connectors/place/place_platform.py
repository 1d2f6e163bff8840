"""A running platform and the connector's transport to it: what the engine does, without the engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.place.collecting import NO_CONTRACTS
from connectors.place.connector import PlaceConnector
from mock_partners.kit import MockClock, MockConfig, running
from mock_partners.place.app import PlaceMock, create
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.ports.connector import Command, Inbound, Outgoing, Receipt, Transport
from semaphore_hub.ports.events import Event
from tests.connectors.place.place_events import NOW, connector, settings, translate

PASSWORD = "mot/de passe?"
HOLDER = {"typeIdentifiant": "SIRET", "id": "99988801900018", "denominationSociale": "FOURNITURES FICTIVES 1 SAS"}


@dataclass
class Platform:
    """One organisation reached by its API: what the engine does, without the engine."""

    mock: PlaceMock
    url: str
    connector: PlaceConnector
    transport: Transport
    clock: ManualClock

    async def deliver(self, said: Event) -> Receipt:
        return await self.connector.deliver(Outgoing(translate(said, "api"), f"key-{said.id}"), self.transport)

    async def collect(self) -> list[Inbound]:
        """Everything that changed, each confirmed after it is taken; months without contracts are left out."""
        return [one for one in await self.collect_all() if one.body != NO_CONTRACTS]

    async def collect_all(self) -> list[Inbound]:
        """The same with the months that have none."""
        found = []
        async for document in self.connector.collect(self.transport):
            found.append(document)
            await self.connector.confirm(document, self.transport)
        return found

    async def commands(self) -> list[Command]:
        return [one for document in await self.collect() for one in self.connector.interpret(document).commands]

    async def control(self, what: str, content: dict[str, Any]) -> Any:
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{self.url}/_mock/{what}", json=content)
        answer.raise_for_status()
        return answer.json()

    async def notify(self, **changes: Any) -> None:
        """The buyer notifies a contract at the platform."""
        given = {"titulaires": [HOLDER], "dateNotification": "2026-03-01", **changes}
        await self.control("attribuer", given)


@asynccontextmanager
async def platform(*, absentes: tuple[str, ...] = (), **changes: Any) -> AsyncIterator[Platform]:
    """A running platform, complete unless told otherwise, and the connector's transport to it."""
    mock_clock = MockClock()
    mock_clock.set(NOW)
    mock = create(MockConfig(api_key=PASSWORD, clock=mock_clock, options={"absentes": absentes}))
    assert isinstance(mock, PlaceMock)
    clock = ManualClock(NOW)
    async with running([mock]) as [one]:
        given = {"baseUrl": one.url, "login": "sémaphore", "motDePasseSecret": "PLACE", "delaiSecondes": 0.5, **changes}
        made = connector(clock)
        transport = made.open("api", settings(**given), {"PLACE": PASSWORD}.__getitem__)
        try:
            yield Platform(mock, one.url, made, transport, clock)
        finally:
            await transport.close()
