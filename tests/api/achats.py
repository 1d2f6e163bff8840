"""Takes a purchase project to the analysis of its offers, and says what is asked of its attribution."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient, Response
from sqlalchemy import func, select

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.models import Marche, MarcheProjet
from tests.modules.marches.projets.life import attribution
from tests.modules.samples import PARTIE, PHARMAFICTIF, SUPPORT

BASE = "/v1/planification"
LOTS = [
    {"numero": 1, "intitule": "Perfusion", "montantEstime": "300000.00"},
    {"numero": 2, "intitule": "Transfusion", "montantEstime": "120000.00"},
]
ETAPES: list[tuple[str, dict[str, Any]]] = [
    ("recensement", {"date": "2025-09-01"}),
    ("strategie", {"date": "2025-10-01", "dateLancement": "2026-01-05"}),
    ("dce", {"date": "2025-11-03"}),
    ("publication", {"date": "2026-01-05"}),
    ("analyse", {"dateRemise": "2026-02-04", "date": "2026-02-05"}),
]
INFRUCTUEUX = {"date": "2026-02-12", "motif": "aucune offre"}


def projet(**changes: Any) -> dict[str, Any]:
    return {
        "reference": "2026-DM-017",
        "acheteur": SUPPORT,
        "intitule": "Dispositifs de perfusion",
        "typeAchat": "fournitures",
        "codeCPV": "33140000-3",
        "dureeMois": 48,
        "dateDebutPrevue": "2026-04-01",
        "beneficiaires": [SUPPORT, PARTIE],
        "portefeuille": "Dispositifs médicaux",
        "lots": LOTS,
        **changes,
    }


def lot(numero: int | None, **changes: Any) -> dict[str, Any]:
    """A lot attributed; ``attribution=None`` removes it."""
    body = {"numero": numero, "id": f"DM01{numero or 0}", "attribution": attribution(), **changes}
    return {name: value for name, value in body.items() if value is not None}


DEUX = {
    "lots": [
        lot(1, attribution=attribution(montant="280000.00")),
        lot(
            2,
            attribution=attribution(montant="131000.50", titulaires=[{"typeIdentifiant": "SIRET", "id": PHARMAFICTIF}]),
        ),
    ]
}


class Projet:
    """A project followed by its uid; each call asks under its present version."""

    def __init__(self, client: AsyncClient, body: dict[str, Any]) -> None:
        self.client = client
        self.uid: str = body["uid"]
        self.version: int = body["version"]

    async def ask(self, step: str, body: Any, version: int | None = None) -> Response:
        answer = await self.client.post(
            f"{BASE}/projets/{self.uid}/{step}",
            json=body,
            headers={"If-Match": f'"{self.version if version is None else version}"'},
        )
        if answer.status_code in (200, 201):
            self.version = answer.json()["version"]
        return answer

    async def refused(self, body: Any) -> list[tuple[str, str]]:
        """(rule, place) of each thing to put right; the project has not changed and nothing was opened."""
        answer = await self.ask("attribution", body)
        assert answer.status_code == 409, answer.text
        now = (await self.client.get(f"{BASE}/projets/{self.uid}")).json()
        assert (now["version"], now["statut"]) == (self.version, "analyse")
        return [(one["rule"], one["path"]) for one in answer.json()["errors"]]

    async def read(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(f"{BASE}/projets/{self.uid}")).json()
        return found

    async def marches(self) -> dict[str, Any]:
        answer = await self.client.get(f"{BASE}/projets/{self.uid}/marches")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def analysed(client: AsyncClient, until: str = "analyse", **changes: Any) -> Projet:
    """A project whose offers are being analysed, or earlier."""
    created = await client.post(f"{BASE}/projets", json=projet(**changes))
    assert created.status_code == 201, created.text
    found = Projet(client, created.json())
    for step, body in ETAPES:
        answer = await found.ask(step, body)
        assert answer.status_code == 200, answer.text
        if step == until:
            break
    return found


def counted(services: Services) -> tuple[int, int]:
    """How many needs and marchés there are."""
    with services.database.read() as connection:
        count = [
            connection.execute(select(func.count()).select_from(table_of(model))).scalar_one()
            for model in (MarcheProjet, Marche)
        ]
    return count[0], count[1]
