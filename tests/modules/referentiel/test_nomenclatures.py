"""Nomenclatures kept in the hub: what changed is said, and only that."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.errors import Forbidden
from semaphore_hub.modules.referentiel.nomenclatures_tenues import CodesTenus
from semaphore_hub.ports.events import NOMENCLATURE_MODIFIEE
from semaphore_hub.ports.payloads import NomenclaturePayload
from tests.modules.fakes import RecordedEvents

PATH = "/v1/nomenclatures/nfha/codes"


async def put(client: AsyncClient, *codes: dict[str, Any]) -> dict[str, Any]:
    """What became of codes."""
    answer = await client.put(PATH, json={"codes": list(codes)})
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


async def test_only_what_changed_is_said(client: AsyncClient, events: RecordedEvents) -> None:
    one, two = {"code": "SYN-01", "libelle": "Médicaments"}, {"code": "SYN-02", "libelle": "Dispositifs"}
    first = await put(client, one, two)
    assert first == {"nomenclature": "nfha", "version": 1, "crees": 2, "modifies": 0, "inchanges": 0}
    assert (await put(client, one, two))["version"] == 1
    third = await put(client, one, {**two, "actif": False}, {"code": "SYN-03", "libelle": "Biomédical"})
    assert (third["version"], third["crees"], third["modifies"], third["inchanges"]) == (2, 1, 1, 1)
    assert [(event.type, event.subject, event.version, event.ght) for event in events] == [
        (NOMENCLATURE_MODIFIEE, "nomenclature/nfha", 1, None),
        (NOMENCLATURE_MODIFIEE, "nomenclature/nfha", 2, None),
    ]
    said = NomenclaturePayload.model_validate(events[1].data)
    assert [(code.code, code.libelle, code.actif) for code in said.codes] == [
        ("SYN-02", "Dispositifs", False),
        ("SYN-03", "Biomédical", True),
    ]
    items = (await client.get(PATH)).json()["items"]
    assert [(item["code"], item["actif"]) for item in items] == [
        ("SYN-01", True),
        ("SYN-02", False),
        ("SYN-03", True),
    ]
    assert len((await client.get(f"{PATH}?actifs=true")).json()["items"]) == 2
    assert (await client.get("/v1/nomenclatures/nchfs/codes")).json() == {"items": [], "next": None}


async def test_what_is_refused(client: AsyncClient) -> None:
    code = {"code": "SYN-01", "libelle": "Médicaments"}
    twice = await client.put(PATH, json={"codes": [code, {**code, "libelle": "Autre"}]})
    assert (twice.status_code, twice.json()["errors"][0]["rule"]) == (409, "REF-CODE-DOUBLE")
    assert (await client.put(PATH, json={"codes": []})).status_code == 422
    assert (await client.put("/v1/nomenclatures/decp.nature/codes", json={"codes": [code]})).status_code == 422


def test_only_an_integrator_writes(embedded: Services) -> None:
    codes = CodesTenus.model_validate({"codes": [{"code": "SYN-01", "libelle": "Médicaments"}]})
    buyer = Caller("acheteuse", Role.ACHETEUR, None)
    with embedded.database.write() as unit, pytest.raises(Forbidden):
        embedded.referentiel.nomenclatures.enregistrer(unit, buyer, "nfha", codes)
