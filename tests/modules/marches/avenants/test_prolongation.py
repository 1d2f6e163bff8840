"""A marché made longer: its end, its limits, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.ports.events import MARCHE_MODIFIE
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import NOTIFICATION, changed
from tests.modules.world import change, recorded

PROLONGATION: dict[str, Any] = {
    "objet": "Prolongation dans l'attente du nouveau marché",
    "dateNotificationModification": "2027-11-01",
    "datePublicationDonneesModification": "2027-11-05",
    "mois": 6,
    "fondement": "CLAUSE_REEXAMEN",
    "justification": {"clause": "CCAP, article 3.4"},
}


async def test_a_prolongation_is_an_amendment_of_the_duration_alone(
    client: AsyncClient, events: RecordedEvents, uid: str
) -> None:
    answer = await change(client, uid, "prolongation", PROLONGATION, 2)
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert (found["dureeMois"], found["dateFin"], found["montant"]) == (30, "2028-08-31", "200000.00")
    assert found["modifications"][0]["article"] == "R2194-1"
    assert answer.headers["etag"] == '"3"'
    assert [event.type for event in events][-1] == MARCHE_MODIFIE
    said = MarchePayload.model_validate(events[-1].data).modification
    assert said is not None
    assert (said.dureeMois, said.deltaDureeMois, said.montant) == (30, 6, None)


async def test_a_new_end_gives_the_months_rounded_up_and_stays_the_end(client: AsyncClient, uid: str) -> None:
    body = changed(PROLONGATION, mois=None, nouvelleFin="2028-04-15")
    found = (await change(client, uid, "prolongation", body, 2)).json()
    assert (found["dureeMois"], found["dateFin"]) == (26, "2028-04-15")
    later = changed(
        PROLONGATION, mois=2, dateNotificationModification="2028-01-10", datePublicationDonneesModification="2028-01-11"
    )
    found = (await change(client, uid, "prolongation", later, 3)).json()
    assert (found["dureeMois"], found["dateFin"]) == (28, "2028-06-15")


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("MAR-PROLONGATION-CHOIX", {"mois": None}),
    ("MAR-PROLONGATION-CHOIX", {"nouvelleFin": "2028-08-31"}),
    ("MAR-PROLONGATION-DATE", {"mois": None, "nouvelleFin": "2028-02-29"}),
    ("MAR-PROLONGATION-DUREE", {"mois": 976}),
    ("MAR-PROLONGATION-DUREE", {"mois": None, "nouvelleFin": "9999-12-31"}),
    ("MAR-DUREE-ACCORD-CADRE", {"mois": 25}),
    ("MAR-R2194-1", {"justification": None}),
    (
        "MAR-PROLONGATION-ECHU",
        {"dateNotificationModification": "2028-03-01", "datePublicationDonneesModification": "2028-03-02"},
    ),
]


async def test_a_prolongation_that_breaks_a_rule_is_refused(client: AsyncClient, known: Services, uid: str) -> None:
    for rule, changes in REFUSED:
        answer = await change(client, uid, "prolongation", changed(PROLONGATION, **changes), 2)
        assert answer.status_code == 409, answer.text
        assert [item["rule"] for item in answer.json()["errors"]] == [rule], changes
    # A case is named, always; and what has ended is not prolonged.
    silent = await change(client, uid, "prolongation", changed(PROLONGATION, fondement=None), 2)
    assert silent.status_code == 422
    whole = table_of(Marche)
    with known.database.write() as unit:
        unit.connection.execute(whole.update().where(whole.c.uid == uid).values(statut="echu"))
    ended = await change(client, uid, "prolongation", PROLONGATION, 2)
    assert (ended.status_code, ended.json()["errors"][0]["rule"]) == (409, "MAR-ETAT")


async def test_the_last_day_is_still_in_time_and_a_framework_may_pass_four_years_with_a_reason(
    client: AsyncClient, uid: str
) -> None:
    body = changed(
        PROLONGATION,
        mois=25,
        justificationDuree="Amortissement des automates",
        dateNotificationModification="2028-02-29",
        datePublicationDonneesModification="2028-03-01",
    )
    answer = await change(client, uid, "prolongation", body, 2)
    assert answer.status_code == 201, answer.text
    assert answer.json()["justificationDuree"] == "Amortissement des automates"


async def test_an_undecided_renewal_comes_first(client: AsyncClient, known: Services) -> None:
    renewal = {"numero": 1, "debut": "2027-03-01", "fin": "2028-02-29", "montant": "100000.00"}
    created = await recorded(client, reconductions=[renewal])
    uid = created.json()["uid"]
    assert (await change(client, uid, "notification", NOTIFICATION)).status_code == 200
    answer = await change(
        client, uid, "prolongation", changed(PROLONGATION, dateNotificationModification="2026-11-01"), 2
    )
    assert [item["rule"] for item in answer.json()["errors"]] == ["MAR-PROLONGATION-RECONDUCTION"]
    # Once it is taken, the months are added to the end it gave.
    whole = table_of(Marche)
    taken = {**renewal, "decision": "reconduite", "dateDecision": "2026-12-01"}
    with known.database.write() as unit:
        unit.connection.execute(
            whole.update().where(whole.c.uid == uid).values(vie={"reconductions": [taken]}, date_fin=date(2028, 2, 29))
        )
    found = (await change(client, uid, "prolongation", PROLONGATION, 2)).json()
    assert (found["dureeMois"], found["dateFin"]) == (30, "2028-08-31")


async def test_a_replayed_prolongation_happens_once(client: AsyncClient, uid: str) -> None:
    headers = {"If-Match": '"2"', "Idempotency-Key": "prolongation-1"}
    first = await client.post(f"/v1/marches/{uid}/prolongation", json=PROLONGATION, headers=headers)
    again = await client.post(f"/v1/marches/{uid}/prolongation", json=PROLONGATION, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    outdated = await change(client, uid, "prolongation", PROLONGATION, 2)
    assert outdated.status_code == 412
