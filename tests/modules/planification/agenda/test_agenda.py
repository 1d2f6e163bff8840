"""The operations: pages of milestones, the subscription, the workload, the file; perimeter and refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from icalendar import Calendar
from python_calamine import CalamineWorkbook
from sqlalchemy import update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.schemas import NouveauMarche
from semaphore_hub.modules.planification.agenda.lecture import projets_suivis
from semaphore_hub.modules.planification.reading import Filtres
from tests.modules.fakes import app_for
from tests.modules.planification.agenda.samples import PREVUS, planned, suivi
from tests.modules.samples import marche

BASE = "/v1/planification"
VOISIN = Caller("acheteur-fictif", Role.ACHETEUR, frozenset({"FIC-02"}))


@pytest.fixture
async def local(embedded: Services) -> AsyncIterator[AsyncClient]:
    """A client on SQLite only."""
    transport = ASGITransport(app_for(embedded), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://hub") as opened:
        yield opened


def living(services: Services, fin: date, **changes: Any) -> str:
    """A marché in execution that ends on a day."""
    table = table_of(Marche)
    with services.database.write() as unit:
        found = services.marches.creer(unit, LOCAL, NouveauMarche.model_validate(marche(**changes)))
        values = {"statut": "en_execution", "date_fin": fin}
        unit.connection.execute(update(table).where(table.c.uid == found.uid).values(values))
    return found.uid


async def test_a_program_subscribes_and_is_told_nothing_when_nothing_changed(
    client: AsyncClient, known: Services
) -> None:
    old = living(known, date(2026, 8, 31))
    uid = planned(known, marche_renouvele_uid=old, echeance_renouvelee=date(2026, 8, 31))
    planned(known, ght="FIC-02", reference="AUTRE", portefeuille="Travaux")
    answer = await client.get(f"{BASE}/agenda.ics", params={"ght": "FIC-01"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=300"
    events = {str(event["UID"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}
    assert len(events) == 10
    assert events[f"{uid}-publication@semaphore-hub"]["DTSTART"].dt == date(2026, 4, 1)
    assert "projet 2026-DM-017" in str(events[f"{old}-echeance@semaphore-hub"]["DESCRIPTION"])
    etag = answer.headers["etag"]
    for given in (etag, f'"autre", {etag}', etag.removeprefix("W/")):
        again = await client.get(f"{BASE}/agenda.ics", params={"ght": "FIC-01"}, headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    planned(known, reference="2026-DM-018", prevus={"publication": "2026-05-05"}, realises={})
    changed = await client.get(f"{BASE}/agenda.ics", params={"ght": "FIC-01"}, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


async def test_a_portfolio_has_the_expiries_its_projects_renew_and_the_kinds_are_chosen(
    local: AsyncClient, embedded: Services
) -> None:
    old = living(embedded, date(2026, 8, 31))
    living(embedded, date(2026, 9, 30), id="DM002")
    planned(embedded, marche_renouvele_uid=old, portefeuille="Labo")
    planned(embedded, reference="2026-TX-001", portefeuille="Travaux")

    async def kinds(**params: str) -> list[str]:
        answer = await local.get(f"{BASE}/agenda.ics", params=params)
        assert answer.status_code == 200, answer.text
        events = Calendar.from_ical(answer.content).walk("VEVENT")
        return [str(event["UID"]).split("@")[0].rsplit("-", 1)[1] for event in events]

    assert await kinds(portefeuille="Labo", jalons="publication,echeance") == ["publication", "echeance"]
    assert await kinds(jalons="echeance") == ["echeance", "echeance"]
    assert await kinds(jalons="dce") == ["dce", "dce"]
    assert await kinds(jalons="echeance", au="2026-09-29") == ["echeance"]
    assert await kinds(jalons="echeance", au="2026-09-30") == ["echeance", "echeance"]
    assert await kinds(ght="FIC-02") == []
    # By default, what is more than 180 days old is left out.
    assert await kinds(portefeuille="Labo", jalons="recensement", du="2026-01-08") == []


async def test_milestones_come_by_day_page_by_page_and_late_ones_say_by_how_much(
    local: AsyncClient, embedded: Services
) -> None:
    planned(embedded, {**PREVUS, "dce": "2026-02-20"})
    planned(embedded, reference="2026-DM-018", statut="abandonne")
    query = {"du": "2026-01-07", "au": "2026-04-01"}
    whole = (await local.get(f"{BASE}/agenda", params=query)).json()
    assert (whole["total"], whole["enRetard"], whole["next"]) == (8, 1, None)
    told = [(one["jour"], one["code"], one["reference"], one["etat"], one["joursRetard"]) for one in whole["items"]]
    assert told == [
        ("2026-01-07", "recensement", "2026-DM-017", "realise", 0),
        ("2026-01-07", "recensement", "2026-DM-018", "realise", 0),
        ("2026-02-10", "strategie", "2026-DM-017", "realise", 0),
        ("2026-02-10", "strategie", "2026-DM-018", "realise", 0),
        ("2026-02-20", "dce", "2026-DM-017", "en_retard", 10),
        ("2026-03-16", "dce", "2026-DM-018", "sans_objet", 0),
        ("2026-04-01", "publication", "2026-DM-017", "prevu", 0),
        ("2026-04-01", "publication", "2026-DM-018", "sans_objet", 0),
    ]  # fmt: skip
    assert whole["items"][4]["montantEstime"] == "420000.50"
    read: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await local.get(f"{BASE}/agenda", params={**query, "limit": "3", **cursor})).json()
        read += page["items"]
        assert page["total"] == 8
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert read == whole["items"]


async def test_the_workload_is_by_portfolio_and_the_file_says_the_same(client: AsyncClient, known: Services) -> None:
    planned(known)
    planned(known, reference="2026-DM-018")
    planned(known, reference="2026-DM-019", strategie="UniHA", portefeuille=None, procedure=None)
    params = {"annee": "2026", "capacite": "10"}
    found = (await client.get(f"{BASE}/charge", params=params)).json()
    assert (found["annee"], found["auJour"], found["capacite"]) == (2026, "2026-03-02", "10.00")
    first, last = found["portefeuilles"]
    assert (first["portefeuille"], first["total"], first["annee"], first["avant"]) == (
        "Dispositifs médicaux", "68.00", "68.00", "0.00",
    )  # fmt: skip
    assert (last["portefeuille"], last["total"]) == (None, "4.50")
    assert [(one["mois"], one["jours"], one["projets"], one["pic"]) for one in first["mois"][:4]] == [
        ("2026-01", "8.82", 2, False),
        ("2026-02", "5.42", 2, False),
        ("2026-03", "21.76", 2, True),
        ("2026-04", "3.00", 2, False),
    ]
    assert sum(float(one["jours"]) for one in found["bareme"]) == 57.0
    assert "hypothèse" in found["source"]
    answer = await client.get(f"{BASE}/agenda.xlsx", params=params)
    assert answer.status_code == 200, answer.text
    assert "spreadsheetml" in answer.headers["content-type"]
    assert answer.headers["content-disposition"] == 'attachment; filename="agenda.xlsx"'
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_name("Charge").to_python()
    assert rows[1][:6] == ["FIC-01", "Dispositifs médicaux", 8.82, 5.42, 21.76, 3.0]
    assert rows[1][14:] == [68.0, 0.0, 0.0, 68.0]
    assert rows[2][:2] == ["FIC-01", "(sans portefeuille)"]


async def test_nobody_sees_the_projects_of_another_ght(embedded: Services) -> None:
    planned(embedded)
    living(embedded, date(2026, 8, 31))
    agenda = embedded.agenda
    with embedded.database.read() as connection:
        for caller, count in ((VOISIN, 0), (LOCAL, 9)):
            page = agenda.jalons(connection, caller, Filtres(), None, None, limit=50, after=None)
            assert len(page.items) == count
        assert b"VEVENT" not in agenda.calendrier(connection, VOISIN, Filtres(), None, None).octets
        assert agenda.charge(connection, VOISIN, Filtres(), None, Decimal(18)).portefeuilles == ()


def test_a_calendar_too_long_to_be_read_is_refused(embedded: Services) -> None:
    for rank in range(3):
        planned(embedded, reference=f"2026-{rank}")
    with embedded.database.read() as connection:
        assert len(projets_suivis(connection, LOCAL, Filtres(), limite=3)) == 3
        with pytest.raises(RuleBroken) as refused:
            projets_suivis(connection, LOCAL, Filtres(), limite=2)
    assert refused.value.problems[0].rule == "PLA-AGENDA-TAILLE"


@pytest.mark.parametrize(
    ("path", "status", "where"),
    [
        ("agenda?du=2026-05-02&au=2026-05-01", 409, "query.au"),
        ("agenda.ics?au=2020-01-01", 409, "query.au"),
        ("agenda.ics?jalons=autre", 422, "query.jalons"),
        ("agenda.ics?jalons=dce,", 422, "query.jalons"),
        ("agenda.ics?du=01/05/2026", 422, "query.du"),
        ("agenda?cursor=12", 422, "query.cursor"),
        ("agenda.xlsx?annee=26", 422, "query.annee"),
        ("charge?capacite=0", 422, "query.capacite"),
        ("charge?portfolio=x", 422, "query.portfolio"),
    ],
)
async def test_what_cannot_be_answered_says_where(local: AsyncClient, path: str, status: int, where: str) -> None:
    answer = await local.get(f"{BASE}/{path}")
    assert (answer.status_code, [one["path"] for one in answer.json()["errors"]]) == (status, [where])


async def test_milestones_at_both_ends_of_the_calendar_are_answered(local: AsyncClient, embedded: Services) -> None:
    planned(embedded, {"debut": "9999-12-31"}, {"recensement": "0001-01-01"})
    planned(embedded, {"debut": "9999-12-31"}, {"recensement": "0001-01-01"}, reference="2026-DM-018")
    for name in ("agenda?", "agenda.ics?", "agenda?limit=1&"):
        answer = await local.get(f"{BASE}/{name}du=0001-01-01&au=9999-12-31")
        assert answer.status_code == 200, answer.text
    first = answer.json()
    assert (first["total"], first["items"][0]["jour"]) == (4, "0001-01-01")
    following = await local.get(f"{BASE}/agenda?du=0001-01-01&au=9999-12-31&cursor={first['next']}")
    assert [one["jour"] for one in following.json()["items"]] == ["0001-01-01", "9999-12-31", "9999-12-31"]
    charge = (await local.get(f"{BASE}/charge")).json()
    assert charge["total"] == "68.00"
    assert (await local.get(f"{BASE}/agenda.xlsx")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({"procedure": "procédure adaptée"}, "14.50"),
        ({"procedure": None, "montant_estime_cents": 21_599_999}, "14.50"),
        ({"procedure": None, "montant_estime_cents": 21_600_000}, "34.00"),
        ({"procedure": None, "montant_estime_cents": 5_999_999}, "4.00"),
        # No threshold is known in 2040: as for the backward planning, the longest procedure.
        ({"procedure": None, "jalons": [{"code": "publication", "prevu": "2040-04-02", "realise": None}]}, "34.00"),
        ({"strategie": "RESAH", "procedure": "adhésion à une centrale d'achat"}, "4.50"),
    ],
)
def test_before_the_strategy_is_validated_the_estimate_says_the_procedure(
    embedded: Services, changes: dict[str, Any], total: str
) -> None:
    planned(embedded, **changes)
    with embedded.database.read() as connection:
        found = embedded.agenda.charge(connection, LOCAL, Filtres(), None, Decimal(18))
    assert str(found.total) == total


def test_a_milestone_before_one_that_was_reached_is_not_late() -> None:
    projet = suivi({"recensement": "2026-01-05", "dce": "2026-02-01"}, {"strategie": "2026-01-20"})
    late = [jalon.code for jalon in projet.jalons if projet.en_retard(jalon, date(2026, 3, 2))]
    assert late == ["dce"]
