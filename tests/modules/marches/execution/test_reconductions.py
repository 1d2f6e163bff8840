"""Renewals: tacit and express, taken, refused, recorded."""

from __future__ import annotations

from datetime import date
from typing import Any

from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.ports.events import MARCHE_NON_RECONDUIT, MARCHE_RECONDUIT
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.execution.lives import PERIODS, done, notified, refused
from tests.modules.world import change

TAKEN = {"decision": "reconduite", "dateDecision": "2027-02-28"}
REFUSED = {"decision": "non reconduite", "dateDecision": "2026-12-01"}
EXPRESS = {"complements": {"reconductibilite": "03"}}
FIRST, SECOND = "reconductions/1/decision", "reconductions/2/decision"


async def test_an_express_renewal_moves_the_end(client: AsyncClient, events: RecordedEvents) -> None:
    uid = await notified(client, reconductions=PERIODS, **EXPRESS)
    assert (await client.get(f"/v1/marches/{uid}")).json()["dateFin"] == "2027-02-28"
    after = await done(client, uid, FIRST, TAKEN)
    assert (after["dateFin"], after["reconductions"][0]["decision"]) == ("2027-08-31", "reconduite")
    said = MarchePayload.model_validate(events[-1].data)
    assert (events[-1].type, events[-1].version) == (MARCHE_RECONDUIT, 3)
    assert (said.numero, said.dateEffet, said.marche.dateFin) == (1, date(2027, 3, 1), date(2027, 8, 31))
    last = await done(client, uid, SECOND, {**REFUSED, "dateDecision": "2027-08-31", "motif": "Besoin disparu"}, 3)
    assert (last["dateFin"], last["reconductions"][1]["decision"]) == ("2027-08-31", "non reconduite")
    said = MarchePayload.model_validate(events[-1].data)
    assert events[-1].type == MARCHE_NON_RECONDUIT
    assert (said.numero, said.dateEffet, said.motif) == (2, date(2027, 8, 31), "Besoin disparu")


TACIT_REFUSALS: list[tuple[str, str, str, dict[str, Any]]] = [
    (FIRST, "MAR-RECONDUCTION-PREAVIS", "$.dateDecision", {**REFUSED, "dateDecision": "2026-12-02"}),
    (FIRST, "MAR-RECONDUCTION-PREAVIS", "$.dateDecision", {**REFUSED, "preavisMois": 6}),
    (FIRST, "MAR-RECONDUCTION-TARDIVE", "$.dateDecision", {**REFUSED, "dateDecision": "2027-03-01"}),
    (FIRST, "MAR-RECONDUCTION-TARDIVE", "$.dateDecision", {**TAKEN, "dateDecision": "2027-03-01"}),
    (FIRST, "MAR-RECONDUCTION-TITULAIRE", "$.auteur", {**REFUSED, "auteur": "titulaire"}),
    (FIRST, "MAR-EXECUTION-AVANT", "$.dateDecision", {**TAKEN, "dateDecision": "2026-02-28"}),
    (SECOND, "MAR-RECONDUCTION-ORDRE", "$", TAKEN),
]


async def test_what_a_tacit_marche_refuses(client: AsyncClient) -> None:
    uid = await notified(client, reconductions=PERIODS)
    for operation, rule, path, body in TACIT_REFUSALS:
        assert await refused(client, uid, operation, body) == {(rule, path)}, body
    early = {**TAKEN, "dateDecision": "2009-12-31"}
    assert ("MAR-DATE-PERIODE", "$.dateDecision") in await refused(client, uid, FIRST, early)
    assert (await change(client, uid, "reconductions/3/decision", TAKEN, 2)).status_code == 404
    await done(client, uid, FIRST, REFUSED)
    assert await refused(client, uid, FIRST, TAKEN, 3) == {("MAR-RECONDUCTION-DECIDEE", "$")}
    assert await refused(client, uid, SECOND, TAKEN, 3) == {("MAR-RECONDUCTION-ORDRE", "$")}


async def test_what_the_clauses_of_a_marche_allow(client: AsyncClient) -> None:
    for number, body in enumerate(
        (
            {**REFUSED, "dateDecision": "2027-01-31", "preavisMois": 1},
            {**REFUSED, "auteur": "titulaire", "refusTitulairePermis": True},
            TAKEN,
        )
    ):
        uid = await notified(client, id=f"T{number}", reconductions=PERIODS)
        await done(client, uid, FIRST, body)
    # An express renewal has no notice: without a decision it does not happen.
    express = await notified(client, id="E", reconductions=PERIODS, **EXPRESS)
    await done(client, express, FIRST, {**REFUSED, "dateDecision": "2027-02-28"})


async def test_tacit_renewals_are_recorded_once_and_only_they(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    tacit = await notified(client, id="A", reconductions=PERIODS)
    for other in ({"id": "B", "reconductions": PERIODS, **EXPRESS}, {"id": "C"}):
        await notified(client, **other)
    stopped = await notified(client, id="D", reconductions=PERIODS)
    await done(client, stopped, FIRST, REFUSED)
    events.clear()

    def record(day: date) -> tuple[str, ...]:
        with known.database.write() as unit:
            return known.execution.constater_tacites(unit, day)

    assert record(date(2027, 2, 28)) == ()
    assert record(date(2027, 3, 1)) == (tacit,)
    assert record(date(2027, 3, 1)) == ()
    assert record(date(2029, 1, 1)) == (tacit,)
    assert [(event.type, event.version, event.data["numero"]) for event in events] == [
        (MARCHE_RECONDUIT, 3, 1),
        (MARCHE_RECONDUIT, 4, 2),
    ]
    read = (await client.get(f"/v1/marches/{tacit}")).json()
    assert (read["dateFin"], read["version"]) == ("2028-02-29", 4)
    assert [period["dateDecision"] for period in read["reconductions"]] == ["2027-03-01", "2027-09-01"]


async def test_both_periods_of_a_hub_that_was_stopped_are_recorded_in_order(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    uid = await notified(client, reconductions=PERIODS)
    with known.database.write() as unit:
        assert known.execution.constater_tacites(unit, date(2028, 1, 1)) == (uid,)
    assert [event.data["numero"] for event in events if event.type == MARCHE_RECONDUIT] == [1, 2]
