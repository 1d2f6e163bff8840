"""Bodies of requests of the planning, and the steps of a project, for tests."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient, Response

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.modules.planification.recensements.schemas import BesoinsEntree, NouveauRecensement
from semaphore_hub.modules.planification.schemas import NouveauProjetAchat, ProjetAchatVue
from tests.modules.samples import PARTIE, SUPPORT, changed

BASE = "/v1/planification"
_PROJET: dict[str, Any] = {
    "reference": "2026-DM-017",
    "acheteur": SUPPORT,
    "intitule": "Dispositifs de perfusion",
    "typeAchat": "fournitures",
    "codeCPV": "33141000-0",
    "codeNCHFS": "SYN-02.01",
    "dureeMois": 48,
    "montantEstime": "400000.00",
    "dateDebutPrevue": "2027-01-01",
}


def projet(**changes: Any) -> dict[str, Any]:
    """A new project from scratch, with changes; ``None`` removes a field."""
    return changed(_PROJET, **changes)


def besoin(**changes: Any) -> dict[str, Any]:
    """A need, with changes."""
    base = {
        "etablissement": PARTIE,
        "reference": "PH-001",
        "libelle": "Perfuseurs par gravité",
        "typeAchat": "fournitures",
        "codeNCHFS": "SYN-02.01",
        "codeCPV": "33141000-0",
        "montantAnnuel": "24000.00",
    }
    return changed(base, **changes)


def recensement(**changes: Any) -> dict[str, Any]:
    """A census of the year of the clock, open on its day."""
    base = {
        "ght": "FIC-01",
        "annee": 2026,
        "intitule": "Besoins fictifs 2026",
        "ouverture": "2026-03-01",
        "cloture": "2026-03-31",
    }
    return changed(base, **changes)


def planned(services: Services, **changes: Any) -> ProjetAchatVue:
    """A project recorded through the service."""
    with services.database.write() as unit:
        return services.planification.planifier(unit, LOCAL, NouveauProjetAchat.model_validate(projet(**changes)))


def stated(services: Services, *besoins: dict[str, Any], **census: Any) -> list[str]:
    """Uids of needs stated in a new census, in their order."""
    with services.database.write() as unit:
        opened = services.recensements.ouvrir(unit, LOCAL, NouveauRecensement.model_validate(recensement(**census)))
        services.recensements.enregistrer(
            unit, LOCAL, opened.uid, BesoinsEntree.model_validate({"besoins": list(besoins)})
        )
        found, _ = services.recensements.besoins(
            unit.connection, LOCAL, opened.uid, {}, non_repris=False, limit=200, after=None
        )
    by_key = {(one.etablissement, one.reference): one.uid for one in found}
    return [by_key[one["etablissement"], one["reference"]] for one in besoins]


async def step(client: AsyncClient, found: dict[str, Any], name: str, body: dict[str, Any]) -> Response:
    """One operation on a project at the version it was read."""
    headers = {"If-Match": f'"{found["version"]}"'}
    return await client.post(f"{BASE}/projets/{found['uid']}/{name}", json=body, headers=headers)
