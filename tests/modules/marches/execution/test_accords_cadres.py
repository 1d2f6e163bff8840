"""Subsequent marchés and their framework."""

from __future__ import annotations

from datetime import date
from typing import Any

from httpx import AsyncClient
from sqlalchemy import select

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.execution.accords_cadres import charge_framework
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.reading import read_whole
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.ports.events import MARCHE_CONSOMME
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.execution.lives import HOLDER, SUBCONTRACTOR, notified, rules_of
from tests.modules.samples import SUPPORT, marche
from tests.modules.world import recorded

_marche = table_of(Marche)
FRAMEWORK = {"modalitesExecution": ["Marchés subséquents"]}
SUBSEQUENT: dict[str, Any] = {
    "id": "MS001",
    "techniques": ["Sans objet"],
    "modalitesExecution": ["Sans objet"],
    "idAccordCadre": "2026AC1",
    "montant": "60000",
    "dureeMois": 12,
    "complements": {"siretPAAccordCadre": SUPPORT, "montantEstime": None, "dateSignature": "2026-04-01"},
}


def linked(known: Services, uid: str) -> str | None:
    """The framework that a marché is linked to."""
    with known.database.read() as connection:
        found: str | None = connection.scalar(select(_marche.c.accord_cadre_uid).where(_marche.c.uid == uid))
    return found


def charge(known: Services, events: RecordedEvents, uid: str) -> None:
    """What the notification (or an amendment) of a subsequent marché does to its framework."""
    with known.database.write() as unit:
        row = unit.connection.execute(select(_marche).where(_marche.c.uid == uid)).mappings().one()
        charge_framework(MarcheStore(known.clock, events), unit, read_whole(unit.connection, [row])[0])


async def subsequent(client: AsyncClient, **changes: Any) -> dict[str, Any]:
    """A subsequent marché recorded."""
    content: dict[str, Any] = (await recorded(client, **{**SUBSEQUENT, **changes})).json()
    return content


async def test_a_subsequent_marche_is_linked_by_contract_number_or_by_id(client: AsyncClient, known: Services) -> None:
    framework = await notified(client, id="AC1", **FRAMEWORK)
    assert linked(known, (await subsequent(client))["uid"]) == framework
    assert linked(known, (await subsequent(client, id="MS002", idAccordCadre="AC1"))["uid"]) == framework
    assert linked(known, (await subsequent(client, id="MS003", idAccordCadre="2025AC9"))["uid"]) is None


async def test_what_a_framework_does_not_allow(client: AsyncClient) -> None:
    await notified(client, id="AC1", **FRAMEWORK)
    await recorded(client, id="AC2")
    await notified(client, id="AC3", techniques=["Sans objet"], modalitesExecution=["Sans objet"])
    signed = SUBSEQUENT["complements"]
    for rule, path, changes in (
        ("MAR-CADRE-NATURE", "$.idAccordCadre", {"idAccordCadre": "2026AC3"}),
        ("MAR-CADRE-NOTIFIE", "$.idAccordCadre", {"idAccordCadre": "AC2"}),
        ("MAR-CADRE-VALIDITE", "$.idAccordCadre", {"complements": {**signed, "dateSignature": "2026-02-28"}}),
        ("MAR-CADRE-VALIDITE", "$.idAccordCadre", {"complements": {**signed, "dateSignature": "2028-03-01"}}),
        ("MAR-CADRE-TITULAIRES", "$.titulaires[0].id", {"titulaires": [SUBCONTRACTOR]}),
        ("MAR-CADRE-MAXIMUM", "$.montant", {"montant": "200000.01"}),
    ):
        answer = await client.post("/v1/marches", json=marche(**{**SUBSEQUENT, **changes}))
        assert rules_of(answer) == {(rule, path)}, changes
    last = {"montant": "200000", "complements": {**signed, "dateSignature": "2028-02-29"}}
    await subsequent(client, **last)


async def test_the_maximum_is_shared_by_subsequent_marches_and_orders(client: AsyncClient, known: Services) -> None:
    framework = await notified(client, id="AC1", modalitesExecution=["Bons de commande", "Marchés subséquents"])
    await subsequent(client)
    order = {
        "source": "gef",
        "reference": "BC1",
        "type": "bon_de_commande",
        "date": "2026-04-01",
        "montant": "40000",
        "etablissement": SUPPORT,
    }
    assert (await client.post(f"/v1/marches/{framework}/consommations", json=order)).status_code == 201
    too_much = await client.post("/v1/marches", json=marche(**{**SUBSEQUENT, "id": "MS2", "montant": "100000.01"}))
    assert rules_of(too_much) == {("MAR-CADRE-MAXIMUM", "$.montant")}
    await subsequent(client, id="MS2", montant="100000")


async def test_the_framework_carries_the_amount_once_then_its_changes(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    framework = await notified(client, id="AC1", **FRAMEWORK)
    signed = {**SUBSEQUENT["complements"], "dateSignature": "2026-03-01"}
    uid = await notified(client, **{**SUBSEQUENT, "complements": signed})
    charge(known, events, uid)
    charge(known, events, uid)
    read = (await client.get(f"/v1/marches/{framework}")).json()
    assert (read["consomme"], read["version"]) == ("60000.00", 3)
    said = [event for event in events if event.type == MARCHE_CONSOMME]
    assert [(event.subject, event.version) for event in said] == [(f"marche/{framework}", 3)]
    assert said[0].data["dateEffet"] == date(2026, 3, 1).isoformat()
    with known.database.write() as unit:
        unit.connection.execute(_marche.update().where(_marche.c.uid == uid).values(montant_cents=6_500_000))
    charge(known, events, uid)
    page = (await client.get(f"/v1/marches/{framework}/consommations")).json()
    assert page["totaux"]["marchesSubsequents"] == "65000.00"
    assert page["totaux"]["pourcentage"] == "32.50"
    assert [(one["type"], one["reference"], one["montant"]) for one in page["items"]] == [
        ("marche_subsequent", uid, "65000.00")
    ]


async def test_a_marche_without_framework_charges_nothing(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    uid = await notified(client, titulaires=[HOLDER])
    before = len(events)
    charge(known, events, uid)
    assert len(events) == before
