"""Alerts are said once, whoever looks and however often, and stay inside the perimeter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from httpx import AsyncClient
from sqlalchemy import Connection

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.modules.marches.alertes.service import AlertesService
from semaphore_hub.ports.events import MARCHE_ALERTE
from semaphore_hub.ports.facts import MissingAnswer, Publication
from semaphore_hub.ports.payloads import AlertePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import MODIFICATION, NOTIFICATION
from tests.modules.world import change, recorded

TERME = date(2028, 2, 29)


async def notified(client: AsyncClient) -> str:
    uid: str = (await recorded(client)).json()["uid"]
    assert (await change(client, uid, "notification", NOTIFICATION)).status_code == 200
    return uid


async def test_each_alert_is_said_once(client: AsyncClient, events: RecordedEvents) -> None:
    uid = await notified(client)
    events.clear()
    for expected in (1, 0):
        answer = await client.post("/v1/marches/alertes/evaluation", json={"jour": "2027-03-01"})
        assert answer.json() == {"jour": "2027-03-01", "marches": 1, "nouvelles": expected}
    [event] = events
    said = AlertePayload.model_validate(event.data)
    assert (event.type, event.version, said.code, said.marche) == (MARCHE_ALERTE, 1, "echeance", uid)
    [alert] = (await client.get("/v1/marches/alertes", params={"marche": uid})).json()["items"]
    assert (alert["idMarche"], alert["echeance"], alert["jour"]) == ("DM001", "2028-02-29", "2027-03-01")
    assert event.subject == f"alerte/{alert['uid']}"


async def test_the_next_threshold_is_another_alert(client: AsyncClient) -> None:
    await notified(client)
    for day, new in (("2027-03-01", 1), ("2027-03-02", 0), ("2027-09-02", 1), ("2028-02-29", 1)):
        answer = await client.post("/v1/marches/alertes/evaluation", json={"jour": day})
        assert answer.json()["nouvelles"] == new, day


async def test_an_alert_is_acknowledged_with_a_comment(client: AsyncClient) -> None:
    await notified(client)
    await client.post("/v1/marches/alertes/evaluation", json={"jour": "2027-03-01"})
    [alert] = (await client.get("/v1/marches/alertes", params={"ouvertes": "true"})).json()["items"]
    answer = await client.post(f"/v1/marches/alertes/{alert['uid']}/acquittement", json={"commentaire": "Vu"})
    assert (answer.status_code, answer.json()["acquitteePar"]) == (200, "local")
    assert (await client.get("/v1/marches/alertes", params={"ouvertes": "true"})).json()["items"] == []
    assert (await client.get("/v1/marches/alertes", params={"code": "echeance"})).json()["items"][0][
        "commentaire"
    ] == "Vu"


async def test_another_ght_sees_and_evaluates_nothing(client: AsyncClient, known: Services) -> None:
    await notified(client)
    stranger = Caller("autre", Role.ACHETEUR, frozenset({"FIC-02"}))
    assert known.alertes.evaluer(stranger, TERME).marches == 0
    assert known.alertes.evaluer(LOCAL, TERME).marches == 1


class Published:
    """Open data that have the marché but not its amendment 1; a partner that has not answered."""

    def publishes(self, connection: Connection) -> bool:
        return True

    def publications(self, connection: Connection, subjects: Collection[str]) -> Mapping[str, Publication]:
        return {subject: Publication(published=True, pending=frozenset({1})) for subject in subjects}

    def unanswered(self, connection: Connection, subjects: Collection[str]) -> Mapping[str, list[MissingAnswer]]:
        return {subject: [MissingAnswer("d1", "dgfip", "pes_marche")] for subject in subjects}


async def test_what_partners_answered_counts(client: AsyncClient, known: Services, events: RecordedEvents) -> None:
    uid = await notified(client)
    assert (await change(client, uid, "modifications", MODIFICATION, 2)).status_code == 201
    service = AlertesService(known.database, known.clock, events, Published())
    assert service.evaluer(LOCAL, date(2026, 11, 1)).nouvelles == 1
    assert service.evaluer(LOCAL, date(2026, 11, 2)).nouvelles == 1
    found = (await client.get("/v1/marches/alertes")).json()["items"]
    assert [one["code"] for one in found] == ["publication", "accuse_manquant"]
    assert "modification 1" in found[0]["message"]
