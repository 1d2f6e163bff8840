"""Every operation of the execution on one marché, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import date

from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.ports import events as said
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.execution.lives import PERIODS, TRANCHES, done, notified
from tests.modules.marches.execution.test_consommation import ORDER, PAYMENT
from tests.modules.marches.execution.test_etablissements import JOINED, PIECE
from tests.modules.marches.execution.test_prix import REVISION
from tests.modules.marches.execution.test_sous_traitance import ACT, MORE


async def test_one_marche_through_every_operation(client: AsyncClient, known: Services, events: RecordedEvents) -> None:
    uid = await notified(
        client,
        modalitesExecution=["Bons de commande", "Tranches"],
        tranches=TRANCHES,
        reconductions=PERIODS,
        complements={"montantTVA": "40000"},
    )
    operations = (
        ("beneficiaires", JOINED),
        ("pieces", PIECE),
        ("sous-traitances", ACT),
        ("sous-traitances/1/modifications", MORE),
        ("tranches/1/affermissement", {"dateAffermissement": "2026-09-30"}),
        ("revisions", {**REVISION, "date": "2026-12-01"}),
        ("reconductions/1/decision", {"decision": "reconduite", "dateDecision": "2026-12-15"}),
    )
    for version, (operation, body) in enumerate(operations, start=2):
        await done(client, uid, operation, body, version)
    for body in (ORDER, PAYMENT, ORDER):
        answer = await client.post(f"/v1/marches/{uid}/consommations", json=body)
        assert answer.status_code in (200, 201), answer.text
    with known.database.write() as unit:
        assert known.execution.constater_tacites(unit, date(2027, 9, 1)) == (uid,)
    read = (await client.get(f"/v1/marches/{uid}")).json()
    assert (read["version"], read["dateFin"], read["consomme"]) == (12, "2028-02-29", "50000.00")
    page = (await client.get(f"/v1/marches/{uid}/consommations?limit=1")).json()
    assert (page["totaux"]["mandats"], page["totaux"]["pourcentage"]) == ("50000.00", "25.00")
    assert page["next"] is not None
    assert [(event.type, event.version) for event in events[1:]] == [
        (kind, version)
        for version, kind in enumerate(
            (
                said.MARCHE_NOTIFIE,
                said.MARCHE_ETABLISSEMENT_RATTACHE,
                said.MARCHE_PIECE_AJOUTEE,
                said.MARCHE_SOUS_TRAITANCE_DECLAREE,
                said.MARCHE_SOUS_TRAITANCE_MODIFIEE,
                said.MARCHE_TRANCHE_AFFERMIE,
                said.MARCHE_PRIX_REVISE,
                said.MARCHE_RECONDUIT,
                said.MARCHE_CONSOMME,
                said.MARCHE_CONSOMME,
                said.MARCHE_RECONDUIT,
            ),
            start=2,
        )
    ]
