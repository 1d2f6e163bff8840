"""Revision of the price: computed exactly, shown, refused without a clause."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient
from pydantic import ValidationError

from semaphore_hub.modules.marches.execution.schemas import NouvelleRevision
from semaphore_hub.ports.events import MARCHE_PRIX_REVISE
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.execution.lives import done, notified, refused
from tests.modules.samples import MODIFICATION
from tests.modules.world import change

REVISION = {"date": "2027-03-01", "motif": "Révision annuelle", "coefficient": "1.023457"}
INDEX = {"indice": "ICHT-TS", "moisAnnee": "01-2027", "valeur": "131.4"}
FIRM = {"typesPrix": ["Définitif ferme"]}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite alone: the operations run on both databases in ``test_whole_life``."""
    return sqlite_url


async def test_the_amount_is_computed_and_the_arithmetic_shown(client: AsyncClient, events: RecordedEvents) -> None:
    uid = await notified(client, montant="100000.50", complements={"montantTVA": "20000.10"})
    after = await done(client, uid, "revisions", {**REVISION, "indices": [INDEX]})
    # 100000.50 × 1.023457 = 102346.2117285, and 20000.10 × 1.023457 = 20469.2423457: rounded to the cent.
    assert (after["montant"], after["montantActualise"]) == ("100000.50", "102346.21")
    revision = after["revisions"][0]
    assert revision["calcul"] == "100000.50 × 1.023457 = 102346.21 (arrondi au centime)"
    assert (revision["base"], revision["coefficient"]) == ("100000.50", "1.023457")
    assert revision["montantTVAActualise"] == "20469.24"
    assert revision["indices"] == [INDEX]
    said = MarchePayload.model_validate(events[-1].data)
    assert (events[-1].type, said.numero, said.motif) == (MARCHE_PRIX_REVISE, 1, "Révision annuelle")
    assert str(said.marche.montantActualise) == "102346.21"
    assert str(said.marche.montantTVAActualise) == "20469.24"


async def test_half_a_cent_is_rounded_up(client: AsyncClient) -> None:
    uid = await notified(client, montant="100.10")
    # 100.10 × 1.05 = 105.105
    assert (await done(client, uid, "revisions", {**REVISION, "coefficient": "1.05"}))["montantActualise"] == "105.11"


async def test_the_next_revision_starts_from_the_amount_in_force(client: AsyncClient) -> None:
    uid = await notified(client)
    await done(client, uid, "revisions", {**REVISION, "coefficient": "1.1"})
    amended = await change(client, uid, "modifications", {**MODIFICATION, "montant": "210000.00"}, 3)
    assert amended.status_code == 201, amended.text
    after = await done(client, uid, "revisions", {**REVISION, "coefficient": "1.1"}, 4)
    assert after["montantActualise"] == "231000.00"


async def test_a_given_amount_is_kept_as_it_is(client: AsyncClient) -> None:
    uid = await notified(client)
    given = {"date": "2027-03-01", "motif": "Indices du trimestre", "montantActualise": "204321.00"}
    after = await done(client, uid, "revisions", given)
    assert (after["montantActualise"], after["revisions"][0]["coefficient"]) == ("204321.00", None)


REFUSALS: list[tuple[str, str, dict[str, Any]]] = [
    ("MAR-REVISION-VALEUR", "$.coefficient", {"coefficient": None}),
    ("MAR-REVISION-VALEUR", "$.coefficient", {"montantActualise": "1000"}),
    ("MAR-REVISION-VIDE", "$", {"coefficient": "1"}),
    ("MAR-REVISION-MONTANT", "$.coefficient", {"coefficient": "0.000001"}),
    ("MAR-REVISION-MONTANT", "$.coefficient", {"coefficient": "0"}),
    ("MAR-EXECUTION-AVANT", "$.date", {"date": "2026-02-28"}),
    ("MAR-EXECUTION-APRES", "$.date", {"date": "2028-03-01"}),
]


async def test_what_is_refused(client: AsyncClient) -> None:
    uid = await notified(client)
    for rule, path, changes in REFUSALS:
        body = {name: value for name, value in {**REVISION, **changes}.items() if value is not None}
        assert await refused(client, uid, "revisions", body) == {(rule, path)}, body
    await done(client, uid, "revisions", REVISION)
    earlier = {**REVISION, "date": "2027-02-28", "coefficient": "1.2"}
    assert await refused(client, uid, "revisions", earlier, 3) == {("MAR-REVISION-ORDRE", "$.date")}


async def test_the_largest_amount_of_the_pes_is_the_limit(client: AsyncClient) -> None:
    uid = await notified(client, montant="999999999999.99", complements={"montantEstime": None})
    body = {**REVISION, "coefficient": "1.000001"}
    assert await refused(client, uid, "revisions", body) == {("MAR-REVISION-MONTANT", "$.coefficient")}


async def test_a_firm_price_needs_a_clause(client: AsyncClient) -> None:
    firm = await notified(client, id="A", **FIRM)
    assert await refused(client, firm, "revisions", REVISION) == {("MAR-REVISION-TYPE", "$")}
    clause = {"indice": "ICHT-TS", "moisAnnee": "01-2026", "valeur": "128.4", "formule": "P = P0 x I/I0"}
    allowed = await notified(client, id="B", **FIRM, complements={"indices": [clause]})
    await done(client, allowed, "revisions", REVISION)


async def test_a_firm_price_is_brought_up_to_date_once(client: AsyncClient) -> None:
    uid = await notified(client, typesPrix=["Définitif actualisable"])
    await done(client, uid, "revisions", REVISION)
    again = {**REVISION, "coefficient": "1.2"}
    assert await refused(client, uid, "revisions", again, 3) == {("MAR-REVISION-UNIQUE", "$")}


@pytest.mark.parametrize("coefficient", ["1.0234567", "-1", "100", "1,02", " 1", 1.02, "", "1e2"])
def test_a_coefficient_is_a_text_of_at_most_six_decimals(coefficient: object) -> None:
    with pytest.raises(ValidationError, match="six décimales"):
        NouvelleRevision.model_validate({**REVISION, "coefficient": coefficient})
