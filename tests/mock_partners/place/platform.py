"""A simulated platform in process, and a client that sends it the examples of its contracts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx

import contracts
from mock_partners import MOCKS, MockConfig
from mock_partners.kit import MockClock
from mock_partners.place.app import PlaceMock

EXAMPLES = contracts.get("place/mpe-v2/2").folder / "examples" / "valid"
PATHS = {"Consultation": "consultations", "Contrat": "contrats", "Abandon": "abandons"}
V1 = "/app.php/api/v1/donnees-essentielles/contrat"
NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
BUYER = "26990001500018"
HOLDER = {"typeIdentifiant": "SIRET", "id": "99988801900018", "denominationSociale": "FOURNITURES FICTIVES 1 SAS"}
OUTSIDE: dict[str, Any] = {
    "numero": "2026DM050",
    "objet": "Marché hors consultation",
    "acheteur": BUYER,
    "montantHT": "1000.00",
    "titulaires": [HOLDER],
    "dateNotification": "2026-02-10",
}


def make(*, absentes: tuple[str, ...] = (), **config: Any) -> PlaceMock:
    """A platform that has every operation, on a clock that stands still; ``options`` add to its configuration."""
    clock = MockClock()
    clock.set(NOW)
    options = {"absentes": absentes, **config.pop("options", {})}
    mock = MOCKS["place"](MockConfig(clock=clock, options=options, **config))
    assert isinstance(mock, PlaceMock)
    return mock


class Client:
    """Calls a mock in process; its token is asked once."""

    def __init__(self, mock: PlaceMock) -> None:
        self.mock = mock
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(mock.app), base_url="http://place")
        self._token = ""

    async def token(self) -> str:
        """A token, asked when there is none."""
        if not self._token:
            answer = await self.http.post("/api/v2/token", json={"login": "a", "password": "b"})
            self._token = answer.json()["token"]
        return self._token

    async def write(self, name: str, **changes: Any) -> httpx.Response:
        """Write an example, with changes; ``None`` takes a value off."""
        document = {**json.loads((EXAMPLES / f"{name}.json").read_bytes()), **changes}
        document = {key: value for key, value in document.items() if value is not None}
        headers = {"Authorization": f"Bearer {await self.token()}", "Content-Type": "application/ld+json"}
        return await self.http.post(
            f"/api/v2/{PATHS[document['@type']]}", content=json.dumps(document), headers=headers
        )

    async def get(self, path: str, token: str | None = None) -> httpx.Response:
        """Read v2."""
        given = await self.token() if token is None else token
        return await self.http.get(f"/api/v2{path}", headers={"Authorization": f"Bearer {given}"})

    async def ticket(self) -> str:
        """A ticket of v1."""
        answer = await self.http.get("/api.php/ws/authentification/connexion/a/b")
        return answer.text.partition("<ticket>")[2].partition("</ticket>")[0]

    async def contracts(self, ticket: str, form: str = "format-pivot", **changes: str) -> httpx.Response:
        """Notified contracts of February and March 2026."""
        given = {"token": ticket, "version": "v1", "date_notif_min": "01-02-2026", "date_notif_max": "31-03-2026"}
        return await self.http.post(f"{V1}/{form}", data=given | changes)

    async def by_hand(self, what: str, **given: Any) -> httpx.Response:
        """What a person does at the platform."""
        return await self.http.post(f"/_mock/{what}", json=given)

    async def scenario(self, *names: str) -> None:
        """Switch scenarios on."""
        answer = await self.http.put("/_mock/faults", json={"scenarios": names})
        assert answer.status_code == 200, answer.text
