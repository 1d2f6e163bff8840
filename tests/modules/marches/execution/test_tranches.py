"""Optional tranches: confirmed once, before they begin."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient

from semaphore_hub.ports.events import MARCHE_TRANCHE_AFFERMIE
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.execution.lives import TRANCHES, done, notified, refused
from tests.modules.world import change

WITH = {"modalitesExecution": ["Tranches"], "tranches": TRANCHES}
OPTION = "tranches/1/affermissement"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite alone: the operations run on both databases in ``test_whole_life``."""
    return sqlite_url


async def test_a_tranche_is_confirmed_once(client: AsyncClient, events: RecordedEvents) -> None:
    uid = await notified(client, **WITH)
    after = await done(client, uid, OPTION, {"dateAffermissement": "2026-10-01", "fin": "2027-03-31"})
    assert after["tranches"][1]["dateAffermissement"] == "2026-10-01"
    assert after["tranches"][1]["fin"] == "2027-03-31"
    said = MarchePayload.model_validate(events[-1].data)
    assert (events[-1].type, said.numero, said.dateEffet) == (MARCHE_TRANCHE_AFFERMIE, 1, date(2026, 10, 1))
    assert said.marche.tranches[1].dateAffermissement == date(2026, 10, 1)
    again = await refused(client, uid, OPTION, {"dateAffermissement": "2026-10-01"}, 3)
    assert again == {("MAR-TRANCHE-AFFERMIE", "$")}


REFUSALS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("tranches/0/affermissement", "MAR-TRANCHE-OPTIONNELLE", "$", {"dateAffermissement": "2026-09-01"}),
    (OPTION, "MAR-EXECUTION-AVANT", "$.dateAffermissement", {"dateAffermissement": "2026-02-28"}),
    (OPTION, "MAR-TRANCHE-TARDIVE", "$.dateAffermissement", {"dateAffermissement": "2026-10-02"}),
    (
        OPTION,
        "MAR-EXECUTION-APRES",
        "$.dateAffermissement",
        {"dateAffermissement": "2028-03-01", "debut": "2028-04-01"},
    ),
    (OPTION, "MAR-TRANCHE-INVERSEE", "$.fin", {"dateAffermissement": "2026-09-01", "fin": "2026-09-30"}),
    (OPTION, "MAR-DATE-PERIODE", "$.fin", {"dateAffermissement": "2026-09-01", "fin": "9999-12-31"}),
    (OPTION, "MAR-DATE-PERIODE", "$.debut", {"dateAffermissement": "2026-09-01", "debut": "9999-12-31"}),
]


async def test_what_is_refused(client: AsyncClient) -> None:
    uid = await notified(client, **WITH)
    for operation, rule, path, body in REFUSALS:
        assert await refused(client, uid, operation, body) == {(rule, path)}, body
    assert (await change(client, uid, "tranches/2/affermissement", REFUSALS[0][3], 2)).status_code == 404


async def test_a_tranche_confirmed_late_may_be_given_a_new_start(client: AsyncClient) -> None:
    uid = await notified(client, **WITH)
    await done(client, uid, OPTION, {"dateAffermissement": "2026-10-15", "debut": "2026-11-01"})
