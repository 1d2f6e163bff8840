"""Bounds: an assumption by default, the DGOS's when it says them; open plans are controlled again at once."""

from __future__ import annotations

import pytest
from httpx import AsyncClient
from sqlalchemy import update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import Forbidden
from semaphore_hub.modules.paat.bornes_schemas import BornesEntree
from semaphore_hub.modules.paat.models import Paat
from semaphore_hub.ports import events as ev
from tests.modules.fakes import RecordedEvents
from tests.modules.paat.exemples import enregistrees, entree, ouvert, rules_of

DGOS = Caller("dgos", Role.DGOS, None)
BORNES = {
    "source": "note fictive du 2 mars",
    "defaut": "15",
    "familles": [{"famille": "Médicaments", "borne": "30.5"}, {"famille": "SYN-05", "borne": "5.0"}],
}


async def test_bounds_are_an_assumption_until_they_are_given(client: AsyncClient) -> None:
    assert (await client.get("/v1/paat/bornes/2026")).json() == {
        "annee": 2026,
        "defaut": "20.0",
        "source": "hypothèse : bornes non publiées",
        "familles": [],
    }
    given = await client.put("/v1/paat/bornes/2026", json=BORNES)
    assert given.status_code == 200, given.text
    source = "note fictive du 2 mars"
    assert given.json() == {
        "bornes": {
            "annee": 2026,
            "defaut": "15.0",
            "source": source,
            "familles": [
                {"famille": "SYN-01", "libelle": "Médicaments", "borne": "30.5", "source": source},
                {"famille": "SYN-05", "libelle": "Imagerie", "borne": "5.0", "source": source},
            ],
        },
        "plans": 0,
        "actions": 0,
    }
    assert (await client.get("/v1/paat/bornes/2026")).json() == given.json()["bornes"]
    assert (await client.get("/v1/paat/bornes/2027")).json()["defaut"] == "20.0"
    back = await client.put("/v1/paat/bornes/2026", json={"source": "retour"})
    assert (back.json()["bornes"]["source"], back.json()["bornes"]["familles"]) == (
        "hypothèse : bornes non publiées",
        [],
    )


async def test_wrong_bounds_are_located(local_client: AsyncClient) -> None:
    families = [{"famille": "Médicaments", "borne": "1"}, {"famille": "?", "borne": "1"}, BORNES["familles"][0]]  # type: ignore[index]  # a list
    answer = await local_client.put("/v1/paat/bornes/2026", json={"source": "x", "familles": families})
    assert rules_of(answer) == [
        ("PAA-FAMILLE", "$.familles[1].famille"),
        ("PAA-BORNE-DOUBLE", "$.familles[2].famille"),
    ]
    for wrong in ("100", "-1", "1.25"):
        body = {"source": "x", "defaut": wrong}
        assert (await local_client.put("/v1/paat/bornes/2026", json=body)).status_code == 422
    assert (await local_client.get("/v1/paat/bornes/1999")).status_code == 422


@pytest.mark.parametrize("role", [Role.ACHETEUR, Role.DIRECTEUR_ACHATS, Role.ARS, Role.PARTENAIRE])
def test_only_the_dgos_fixes_bounds(embedded: Services, role: Role) -> None:
    with embedded.database.write() as unit, pytest.raises(Forbidden):
        embedded.paat.fixer_bornes(unit, Caller("x", role, None), 2026, BornesEntree.model_validate(BORNES))


def test_open_plans_of_the_year_are_controlled_again(
    services: Services, known: Services, events: RecordedEvents
) -> None:
    opened, closed, other = ouvert(services), ouvert(services, "FIC-02"), ouvert(services, annee=2027)
    lines = [
        entree(numero="1", gain="25000.00"),  # 25 %: above 20 %, under 30,5 %
        entree(numero="2", gain="12000.00", famille="Imagerie"),  # 12 %: above 5 %
        entree(numero="3", gain="12000.00"),
    ]
    for plan in (opened, closed, other):
        enregistrees(services, plan.uid, 1, lines)
    paat = table_of(Paat)
    with services.database.write() as unit:
        unit.connection.execute(update(paat).where(paat.c.uid == closed.uid).values(statut="clos"))
    events.clear()
    with services.database.write() as unit:
        done = services.paat.fixer_bornes(unit, DGOS, 2026, BornesEntree.model_validate(BORNES))
    assert (done.plans, done.actions) == (1, 3)
    assert [(event.type, event.subject, event.version) for event in events] == [
        (ev.PAAT_ACTIONS_ENREGISTREES, f"paat/{opened.uid}", 3)
    ]
    assert events[0].data["motif"] == "Les bornes de contrôle de 2026 ont changé."
    with services.database.read() as connection:
        found, _ = services.paat.lister_actions(connection, LOCAL, opened.uid, {}, limit=9, after=None)
        retained = {
            plan.uid: str(services.paat.lire(connection, LOCAL, plan.uid).totaux.gainRetenu)
            for plan in (opened, closed, other)
        }
        told = services.paat.lire_action(connection, LOCAL, opened.uid, found[1].uid).demonstration.controle[0]
    assert [(one.numero, one.version, one.controle, one.exclue) for one in found] == [
        ("1", 2, None, False),
        ("2", 2, "Q3", True),
        ("3", 2, None, False),
    ]
    assert [str(one.borne) for one in found] == ["30.5", "5", "30.5"]
    assert retained == {opened.uid: "37000.00", closed.uid: "24000.00", other.uid: "24000.00"}
    assert "au-dessus de la borne de 5,0 % (5 000,00 € de gain)" in told
    with services.database.write() as unit:
        again = services.paat.fixer_bornes(unit, DGOS, 2026, BornesEntree.model_validate(BORNES))
    assert (again.plans, again.actions) == (0, 0)
    assert len(events) == 1
