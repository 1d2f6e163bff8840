"""The parts of a group of buyers follow the amount, and a hospital that left its GHT does not block its marchés."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.referentiel.models import Rattachement
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import MODIFICATION, NOTIFICATION, PARTIE, SUPPORT
from tests.modules.world import change, recorded

PARTS = [{"id": SUPPORT, "montant": "150000.00"}, {"id": PARTIE, "montant": "50000.00"}]
NEW_PARTS = [{"id": SUPPORT, "montant": "155000.00"}, {"id": PARTIE, "montant": "60000.00"}]


async def bought_together(client: AsyncClient) -> str:
    uid: str = (await recorded(client, acheteurs=PARTS, complements={"montantEstime": None})).json()["uid"]
    assert (await change(client, uid, "notification", NOTIFICATION)).status_code == 200
    return uid


async def test_new_parts_come_with_the_new_amount(client: AsyncClient, events: RecordedEvents) -> None:
    uid = await bought_together(client)
    answer = await change(client, uid, "modifications", {**MODIFICATION, "acheteurs": NEW_PARTS}, 2)
    assert answer.status_code == 201, answer.text
    assert [part["montant"] for part in answer.json()["acheteurs"]] == ["155000.00", "60000.00"]
    said = MarchePayload.model_validate(events[-1].data).marche
    assert sum(part.montant for part in said.acheteurs) == said.montant


@pytest.mark.parametrize(
    "parts",
    [
        None,
        PARTS,
        NEW_PARTS[:1],
        [{"id": SUPPORT, "montant": "155000.00"}, {"id": SUPPORT, "montant": "60000.00"}],
    ],
    ids=["none", "former ones", "a member missing", "a member twice"],
)
async def test_parts_that_do_not_make_the_new_amount_are_refused(client: AsyncClient, parts: Any) -> None:
    uid = await bought_together(client)
    body = dict(MODIFICATION) if parts is None else {**MODIFICATION, "acheteurs": parts}
    answer = await change(client, uid, "modifications", body, 2)
    assert answer.status_code == 409
    assert "MAR-MODIFICATION-ACHETEURS" in {one["rule"] for one in answer.json()["errors"]}


async def test_a_hospital_that_left_its_ght_does_not_block_its_marches(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    uid = await bought_together(client)
    with known.database.write() as unit:
        table = table_of(Rattachement)
        unit.connection.execute(update(table).values(date_fin=date(2026, 3, 1)))
    answer = await change(client, uid, "modifications", {**MODIFICATION, "acheteurs": NEW_PARTS}, 2)
    assert answer.status_code == 201, answer.text
    assert MarchePayload.model_validate(events[-1].data).marche.acheteur.ght == "FIC-01"
