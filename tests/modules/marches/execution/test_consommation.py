"""Orders and payments: once for each reference, within the dates and the maximum."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select, update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.execution.totaux import Totaux, percentage
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.ports.events import MARCHE_CONSOMME
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.execution.lives import done, notified, rules_of
from tests.modules.samples import PARTIE, SUPPORT
from tests.modules.world import recorded

ORDER = {
    "source": "gef-valmont",
    "reference": "BC2026-000123",
    "type": "bon_de_commande",
    "date": "2026-04-15",
    "montant": "50000.00",
    "etablissement": SUPPORT,
}
PAYMENT = {**ORDER, "reference": "M2026-77", "type": "mandat", "date": "2026-05-20"}
ORDINARY = {"techniques": ["Sans objet"], "modalitesExecution": ["Sans objet"]}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite alone: the operations run on both databases in ``test_whole_life``."""
    return sqlite_url


async def consumed(client: AsyncClient, uid: str, **changes: Any) -> Response:
    """The answer to an order, with changes."""
    return await client.post(f"/v1/marches/{uid}/consommations", json={**ORDER, **changes})


async def test_an_order_is_recorded_once(client: AsyncClient, events: RecordedEvents) -> None:
    uid = await notified(client)
    first = await consumed(client, uid)
    assert first.status_code == 201, first.text
    assert (first.json()["version"], first.headers["etag"]) == (3, '"3"')
    assert first.json()["totaux"] == {
        "bonsDeCommande": "50000.00",
        "mandats": "0.00",
        "marchesSubsequents": "0.00",
        "consomme": "50000.00",
        "maximum": "200000.00",
        "pourcentage": "25.00",
    }
    again = await consumed(client, uid)
    assert (again.status_code, again.json()["statut"]) == (200, "inchangée")
    assert again.json()["consommation"] == first.json()["consommation"]
    said = [event for event in events if event.type == MARCHE_CONSOMME]
    assert [(event.version, event.data["dateEffet"]) for event in said] == [(3, "2026-04-15")]
    assert said[0].data["motif"] == (
        "Bon de commande BC2026-000123 (gef-valmont) : 50000.00 euros HT, 50000.00 consommés en tout"
    )
    assert (await client.get(f"/v1/marches/{uid}")).json()["consomme"] == "50000.00"


async def test_a_reference_known_with_other_values_is_refused(client: AsyncClient) -> None:
    uid = await notified(client)
    await consumed(client, uid)
    for changes, named in (
        ({"montant": "50000.01"}, "montant"),
        ({"date": "2026-04-16", "type": "mandat"}, "type, date"),
    ):
        answer = await consumed(client, uid, **changes)
        assert rules_of(answer) == {("MAR-CONSO-DIFFERENTE", "$.reference")}
        assert f"({named})" in answer.json()["errors"][0]["message"]


REFUSALS: list[tuple[str, str, dict[str, str]]] = [
    ("MAR-CONSO-AVANT", "$.date", {"date": "2026-03-09"}),
    ("MAR-CONSO-AVANT", "$.date", {"date": "2026-02-28", "type": "mandat"}),
    ("MAR-CONSO-APRES", "$.date", {"date": "2028-03-10"}),
    ("MAR-DATE-PERIODE", "$.date", {"date": "2040-01-01", "type": "mandat"}),
    ("MAR-CONSO-ETABLISSEMENT", "$.etablissement", {"etablissement": PARTIE}),
    ("MAR-CONSO-MAXIMUM", "$.montant", {"montant": "200000.01"}),
    ("MAR-CONSO-MONTANT", "$.montant", {"montant": "0"}),
    ("MAR-CONSO-SOURCE", "$.source", {"source": "hub"}),
]


async def test_what_is_refused(client: AsyncClient) -> None:
    uid = await notified(client, complements={"dateDebutExecution": "2026-03-10"})
    for rule, path, changes in REFUSALS:
        assert rules_of(await consumed(client, uid, **changes)) == {(rule, path)}, changes
    assert (await client.get(f"/v1/marches/{uid}")).json()["version"] == 2


async def test_what_lies_on_the_right_side_of_each_limit(client: AsyncClient) -> None:
    uid = await notified(client, complements={"dateDebutExecution": "2026-03-10"})
    for number, changes in enumerate(
        (
            {"date": "2026-03-10"},
            {"date": "2028-03-09"},
            {"date": "2026-03-01", "type": "mandat"},
            {"date": "2028-12-31", "type": "mandat"},
            {"montant": "100000"},
        )
    ):
        answer = await consumed(client, uid, reference=f"R{number}", **changes)
        assert answer.status_code == 201, answer.text
    assert answer.json()["totaux"]["pourcentage"] == "100.00"


async def test_a_payment_is_not_added_to_the_order_it_settles_and_is_never_refused(client: AsyncClient) -> None:
    uid = await notified(client)
    await consumed(client, uid)
    paid = await client.post(f"/v1/marches/{uid}/consommations", json=PAYMENT)
    assert paid.json()["totaux"]["consomme"] == "50000.00"
    assert paid.json()["avertissements"] == []
    beyond = await client.post(
        f"/v1/marches/{uid}/consommations", json={**PAYMENT, "reference": "M2026-78", "montant": "150000.01"}
    )
    assert beyond.status_code == 201
    assert beyond.json()["totaux"]["consomme"] == "200000.01"
    assert [item["regle"] for item in beyond.json()["avertissements"]] == ["MAR-CONSO-DEPASSEE"]


async def test_a_marche_that_is_not_a_framework_has_no_maximum(client: AsyncClient) -> None:
    uid = await notified(client, **ORDINARY)
    answer = await consumed(client, uid, montant="200000.01")
    assert answer.status_code == 201
    assert [item["regle"] for item in answer.json()["avertissements"]] == ["MAR-CONSO-DEPASSEE"]


async def test_a_new_beneficiary_orders_from_the_day_it_joined(client: AsyncClient) -> None:
    uid = await notified(client)
    await done(client, uid, "beneficiaires", {"id": PARTIE, "date": "2026-06-01"})
    early = await consumed(client, uid, etablissement=PARTIE, date="2026-05-31")
    assert rules_of(early) == {("MAR-CONSO-ETABLISSEMENT", "$.etablissement")}
    assert (await consumed(client, uid, etablissement=PARTIE, date="2026-06-01")).status_code == 201


async def test_nothing_is_ordered_on_a_marche_that_is_not_notified(client: AsyncClient) -> None:
    uid = (await recorded(client)).json()["uid"]
    assert rules_of(await consumed(client, uid)) == {("MAR-ETAT", "$")}
    assert (await consumed(client, "00000000-0000-7000-8000-000000000000")).status_code == 404


async def test_the_consumption_is_read_by_pages_with_its_totals(client: AsyncClient) -> None:
    uid = await notified(client)
    for number in range(3):
        await consumed(client, uid, reference=f"BC{number}", montant="1000")
    await client.post(f"/v1/marches/{uid}/consommations", json={**PAYMENT, "montant": "500"})
    first = (await client.get(f"/v1/marches/{uid}/consommations?limit=3")).json()
    rest = (await client.get(f"/v1/marches/{uid}/consommations?limit=3&cursor={first['next']}")).json()
    assert [one["reference"] for one in first["items"] + rest["items"]] == ["BC0", "BC1", "BC2", "M2026-77"]
    assert rest["next"] is None
    assert first["totaux"] == rest["totaux"]
    assert (first["totaux"]["bonsDeCommande"], first["totaux"]["mandats"]) == ("3000.00", "500.00")
    assert first["totaux"]["pourcentage"] == "1.50"
    unknown = await client.get("/v1/marches/00000000-0000-7000-8000-000000000000/consommations")
    assert unknown.status_code == 404


async def test_no_order_while_the_execution_is_interrupted(client: AsyncClient, known: Services) -> None:
    uid = await notified(client)
    suspend(known, uid)
    assert rules_of(await consumed(client, uid)) == {("MAR-CONSO-SUSPENDU", "$.date")}
    for reference, day in (("BC1", "2026-03-31"), ("BC2", "2026-05-01")):
        assert (await consumed(client, uid, reference=reference, date=day)).status_code == 201


def suspend(known: Services, uid: str) -> None:
    """Interrupt the marché in April 2026, in the database."""
    marche = table_of(Marche)
    with known.database.write() as unit:
        vie = unit.connection.execute(select(marche.c.vie).where(marche.c.uid == uid)).scalar_one()
        pause = {"debut": "2026-04-01", "fin": "2026-05-01", "motif": "Travaux"}
        unit.connection.execute(update(marche).where(marche.c.uid == uid).values(vie={**vie, "suspensions": [pause]}))


def test_what_is_consumed_is_the_greater_of_orders_and_payments() -> None:
    assert Totaux(bons=100, mandats=90).consomme == 100
    assert Totaux(bons=100, subsequents=50, mandats=90).consomme == 150
    assert Totaux(mandats=90).consomme == 90


@pytest.mark.parametrize(
    ("cents", "maximum", "expected"),
    [(0, 3, "0.00"), (1, 3, "33.33"), (2, 3, "66.67"), (7, 3, "233.33"), (1, 0, "0.00")],
)
def test_percentages_are_rounded_half_up(cents: int, maximum: int, expected: str) -> None:
    assert percentage(cents, maximum) == Decimal(expected)
