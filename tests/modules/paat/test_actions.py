"""Actions one by one: recorded, changed, advanced, removed; what is wrong is located."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import insert, update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.paat.avancement import SUITES
from semaphore_hub.modules.paat.codes import StatutAction
from semaphore_hub.modules.paat.models import Paat, PaatEtape
from semaphore_hub.ports import events as ev
from tests.modules.fakes import RecordedEvents
from tests.modules.paat.exemples import action, ajoute, change, enregistrees, entree, ouvert, ouvre, rules_of
from tests.modules.samples import PARTIE, SUPPORT, siret

RECURRENT = {"methode": "recurrent", "prixReference": "10", "prixNouveau": "8.80", "quantiteAnnuelle": "10000"}


def put_in(services: Services, plan: str, statut: str) -> None:
    """Put a plan in a status, as the validation does."""
    paat = table_of(Paat)
    with services.database.write() as unit:
        unit.connection.execute(update(paat).where(paat.c.uid == plan).values(statut=statut))


async def test_an_action_is_computed_and_shown_with_its_arithmetic(client: AsyncClient, events: RecordedEvents) -> None:
    plan = await ouvre(client)
    one = await ajoute(client, plan["uid"], gain=None, calcul=RECURRENT, etablissement=PARTIE)
    await ajoute(client, plan["uid"], numero="A-002", gain="36000.00", explication="Fin de brevet au 1er mars")
    assert (one["gain"], one["methode"], one["famille"], one["familleEcrite"], one["role"]) == (
        "12000.00",
        "recurrent",
        "SYN-01",
        "MEDICAMENTS",
        "partie",
    )
    assert (one["moisEffet"], one["gainAnnee"], one["report"], one["performance"]) == (
        4,
        "4000.00",
        "8000.00",
        "12.0",
    )
    assert (one["controle"], one["exclue"], one["gainRetenu"], one["origine"]) == (None, False, "12000.00", "saisie")
    read = await client.get(f"/v1/paat/{plan['uid']}/actions/{one['uid']}")
    assert (read.status_code, read.headers["ETag"]) == (200, '"1"')
    detail = read.json()
    assert detail["poids"] == "25.00"
    assert detail["demonstration"] == {
        "gain": [
            "Gain = (prix de référence − prix nouveau) × quantité annuelle = (10,00 € − 8,80 €) × 10 000 = 12 000,00 €"
        ],
        "performance": "Performance = gain / montant de référence = 12 000,00 € / 100 000,00 € = 12,0 %",
        "poids": "Poids = 12 000,00 € / 48 000,00 € = 25,00 %",
        "prorata": "Gain de l'année = 12 000,00 € × 4/12 = 4 000,00 € ; report sur l'année suivante = "
        "12 000,00 € − 4 000,00 € = 8 000,00 €",
        "controle": ["Aucun contrôle rencontré : 12 000,00 € / 100 000,00 € = 12,0 %"],
    }
    assert [(event.type, event.version) for event in events] == [
        (ev.PAAT_CREE, 1),
        (ev.PAAT_ACTIONS_ENREGISTREES, 2),
        (ev.PAAT_ACTIONS_ENREGISTREES, 3),
    ]
    assert events[-1].data == {
        "uid": plan["uid"],
        "ght": "FIC-01",
        "annee": 2026,
        "statut": "brouillon",
        "actions": 2,
        "gainDeclare": "48000.00",
        "gainRetenu": "48000.00",
    }


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"famille": "Produits lunaires"}, [("PAA-FAMILLE", "$.famille")]),
        ({"etablissement": siret("26999909")}, [("PAA-ETABLISSEMENT", "$.etablissement")]),
        ({"calcul": RECURRENT, "gain": "12000.01"}, [("PAA-GAIN", "$.gain")]),
        ({"calcul": RECURRENT, "methode": "ponctuel"}, [("PAA-METHODE", "$.methode")]),
        (
            {"calcul": {**RECURRENT, "prixReference": "999999999", "quantiteAnnuelle": "999999999"}, "gain": None},
            [("PAA-GAIN-TAILLE", "$.calcul")],
        ),
        (
            {"calcul": {**RECURRENT, "nouveauPerimetre": True}},
            [("PAA-PERIMETRE-NOUVEAU", "$.calcul.nouveauPerimetre")],
        ),
        ({"moisEffet": 5}, [("PAA-EFFET", "$.moisEffet")]),
        ({"actionOrigine": new_id()}, [("PAA-ORIGINE", "$.actionOrigine")]),
        (
            {"famille": "?", "moisEffet": 12},
            [("PAA-FAMILLE", "$.famille"), ("PAA-EFFET", "$.moisEffet")],
        ),
    ],
)
async def test_what_is_wrong_is_located_and_nothing_is_written(
    local_client: AsyncClient, changes: dict[str, Any], broken: list[tuple[str, str]]
) -> None:
    plan = await ouvre(local_client)
    answer = await local_client.post(f"/v1/paat/{plan['uid']}/actions", json=action(**changes))
    assert answer.status_code == 409, answer.text
    assert rules_of(answer) == broken
    assert (await local_client.get(f"/v1/paat/{plan['uid']}")).json() == plan


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"gain": 12}, "$.gain"),
        ({"gain": "12,5"}, "$.gain"),
        ({"montantReference": "-1"}, "$.montantReference"),
        ({"moisEffet": 13}, "$.moisEffet"),
        ({"levier": "magie"}, "$.levier"),
        ({"calcul": {"methode": "montant"}}, "$.calcul"),
        ({"inconnu": "x"}, "$.inconnu"),
    ],
)
async def test_a_wrong_shape_is_a_422(local_client: AsyncClient, changes: dict[str, Any], path: str) -> None:
    answer = await local_client.post(f"/v1/paat/{new_id()}/actions", json=action(**changes))
    assert (answer.status_code, [one["path"] for one in answer.json()["errors"]]) == (422, [path])


def test_without_effect_date_there_is_no_prorata_and_without_method_a_declared_amount(embedded: Services) -> None:
    plan = ouvert(embedded)
    enregistrees(embedded, plan.uid, 1, [entree(dateEffet=None), entree(numero="2", moisEffet=4)])
    with embedded.database.read() as connection:
        first, second = embedded.paat.lister_actions(connection, LOCAL, plan.uid, {}, limit=9, after=None)[0]
    assert (first.moisEffet, first.gainAnnee, first.report, first.methode) == (None, None, None, "montant")
    assert (second.moisEffet, str(second.gainAnnee)) == (4, "4000.00")


async def test_a_number_is_taken_once(local_client: AsyncClient) -> None:
    plan = await ouvre(local_client)
    await ajoute(local_client, plan["uid"])
    again = await local_client.post(f"/v1/paat/{plan['uid']}/actions", json=action())
    assert (again.status_code, rules_of(again)) == (409, [("PAA-NUMERO", "$.numero")])


async def test_an_action_of_a_draft_is_replaced_at_its_version(local_client: AsyncClient) -> None:
    plan = await ouvre(local_client)
    one = await ajoute(local_client, plan["uid"], etablissement=SUPPORT)
    answer = await change(local_client, one, "PUT", action(gain="30000.00", perimetre=None))
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["version"], changed["gain"], changed["perimetre"], changed["etablissement"]) == (
        2,
        "30000.00",
        None,
        None,
    )
    assert (changed["controle"], changed["commentaireDGOS"]) == (
        "Q1",
        "Pas de montant de référence / Pas de périmètre / Pas de performance",
    )
    assert (await change(local_client, one, "PUT", action())).status_code == 412
    other = await change(local_client, changed, "PUT", action(numero="A-009"))
    assert rules_of(other) == [("PAA-NUMERO-FIXE", "$.numero")]
    totals = (await local_client.get(f"/v1/paat/{plan['uid']}")).json()
    assert (totals["version"], totals["totaux"]["gainDeclare"], totals["totaux"]["gainRetenu"]) == (
        3,
        "30000.00",
        "0.00",
    )


@pytest.mark.parametrize("statut", ["soumis", "valide_directeur", "transmis_ars", "analyse_dgos", "clos"])
async def test_the_figures_of_a_submitted_plan_no_longer_change(
    local_client: AsyncClient, embedded: Services, statut: str
) -> None:
    plan = await ouvre(local_client)
    one = await ajoute(local_client, plan["uid"])
    put_in(embedded, plan["uid"], statut)
    before = (await local_client.get(f"/v1/paat/{plan['uid']}")).json()
    bulk = await local_client.patch(
        f"/v1/paat/{plan['uid']}/actions", json={"actions": [action()]}, headers={"If-Match": '"2"'}
    )
    refused = [
        await change(local_client, one, "PUT", action(gain="1.00")),
        await change(local_client, one, "DELETE"),
        await local_client.post(f"/v1/paat/{plan['uid']}/actions", json=action(numero="9")),
        bulk,
    ]
    assert [answer.status_code for answer in refused] == [409] * 4
    assert "à l'état « Brouillon »" in refused[0].json()["detail"]
    assert (await local_client.get(f"/v1/paat/{plan['uid']}")).json() == before
    advanced = await change(local_client, one, "PATCH", {"statut": "validee"})
    assert advanced.status_code == (409 if statut == "clos" else 200)


async def test_an_action_advances_to_its_realised_gain(client: AsyncClient, known: Services) -> None:
    plan = await ouvre(client)
    one = await ajoute(client, plan["uid"])
    put_in(known, plan["uid"], "soumis")
    for body in (
        {"statut": "validee"},
        {"statut": "en_cours", "stade": "notifie", "numeroMarche": "2026DM001"},
        {"statut": "realisee", "stade": "realise", "gainRealise": "11500.00"},
    ):
        answer = await change(client, one, "PATCH", body)
        assert answer.status_code == 200, answer.text
        one = answer.json()
    assert (one["version"], one["gain"], one["gainRealise"], one["numeroMarche"]) == (
        4,
        "12000.00",
        "11500.00",
        "2026DM001",
    )
    totals = (await client.get(f"/v1/paat/{plan['uid']}")).json()
    assert (totals["version"], totals["statut"], totals["totaux"]["gainRealise"]) == (5, "soumis", "11500.00")


@pytest.mark.parametrize(
    ("start", "body", "broken"),
    [
        ({}, {"statut": "realisee"}, [("PAA-SUITE", "$.statut")]),
        ({"statut": "abandonnee"}, {"statut": "idee"}, [("PAA-SUITE", "$.statut")]),
        ({"stade": "notifie"}, {"stade": "potentiel"}, [("PAA-STADE", "$.stade")]),
        ({}, {"gainRealise": "1.00"}, [("PAA-REALISE", "$.gainRealise")]),
        ({}, {}, [("PAA-VIDE", "$")]),
        ({"stade": "notifie"}, {"stade": "notifie", "statut": "idee"}, [("PAA-VIDE", "$")]),
    ],
)
async def test_a_step_that_cannot_follow_is_refused(
    local_client: AsyncClient, start: dict[str, Any], body: dict[str, Any], broken: list[tuple[str, str]]
) -> None:
    plan = await ouvre(local_client)
    one = await ajoute(local_client, plan["uid"], **start)
    headers = {"If-Match": '"1"'}
    answer = await local_client.patch(f"/v1/paat/{plan['uid']}/actions/{one['uid']}", json=body, headers=headers)
    assert (answer.status_code, rules_of(answer)) == (409, broken)


def test_every_status_has_its_suites_and_ends() -> None:
    assert set(SUITES) == set(StatutAction)
    assert {one for one in SUITES if not SUITES[one]} == {StatutAction.REALISEE, StatutAction.ABANDONNEE}


async def test_an_abandoned_action_keeps_its_trace_and_brings_nothing(
    local_client: AsyncClient, embedded: Services
) -> None:
    plan = await ouvre(local_client)
    one = await ajoute(local_client, plan["uid"])
    put_in(embedded, plan["uid"], "analyse_dgos")
    gone = (await change(local_client, one, "PATCH", {"statut": "abandonnee", "commentaire": "Produit retiré"})).json()
    assert (gone["gain"], gone["gainRetenu"], gone["exclue"], gone["commentaire"]) == (
        "12000.00",
        "0.00",
        False,
        "Produit retiré",
    )
    totals = (await local_client.get(f"/v1/paat/{plan['uid']}")).json()["totaux"]
    assert (totals["actions"], totals["gainDeclare"], totals["gainRetenu"]) == (0, "0.00", "0.00")
    detail = (await local_client.get(f"/v1/paat/{plan['uid']}/actions/{one['uid']}")).json()
    assert detail["demonstration"]["controle"][-1] == ("Action « Abandonnée » : elle n'apporte aucun gain à l'année.")
    assert detail["poids"] is None


async def test_an_action_is_removed_until_its_plan_was_once_submitted(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    plan = await ouvre(client)
    one = await ajoute(client, plan["uid"])
    two = await ajoute(client, plan["uid"], numero="2", gain="1.00")
    gone = await change(client, one, "DELETE")
    assert (gone.status_code, gone.headers["ETag"]) == (200, '"4"')
    assert (gone.json()["totaux"]["actions"], gone.json()["totaux"]["gainDeclare"]) == (1, "1.00")
    assert events[-1].data["gainDeclare"] == "1.00"
    assert (await change(client, one, "DELETE")).status_code == 404
    step = {
        "uid": new_id(),
        "paat_uid": plan["uid"],
        "ght": "FIC-01",
        "activite": "Validation Directeur Achats",
        "role": "directeur_achats",
        "statut": "renvoyee",
        "ouverte_ms": 1,
    }
    with known.database.write() as unit:
        unit.connection.execute(insert(table_of(PaatEtape)), step)
    kept = await change(client, two, "DELETE")
    assert (kept.status_code, rules_of(kept)) == (409, [("PAA-SUPPRESSION", "$")])


async def test_actions_are_filtered_and_paged(client: AsyncClient) -> None:
    plan = await ouvre(client)
    uids = [
        (await ajoute(client, plan["uid"], numero="1", etablissement=PARTIE))["uid"],
        (await ajoute(client, plan["uid"], numero="2", operateur="resah", gain="99999.99"))["uid"],
        (await ajoute(client, plan["uid"], numero="3", famille="Imagerie", statut="en_cours", gain=None))["uid"],
    ]

    async def found(**params: str) -> list[int]:
        answer = await client.get(f"/v1/paat/{plan['uid']}/actions", params=params)
        assert answer.status_code == 200, answer.text
        return [uids.index(one["uid"]) for one in answer.json()["items"]]

    assert await found() == [0, 1, 2]
    assert await found(famille="SYN-01") == [0, 1]
    assert await found(operateur="resah") == [1]
    assert await found(statut="en_cours") == [2]
    assert await found(controle="Q3") == [1]
    assert await found(exclue="true") == [1, 2]
    assert await found(exclue="false") == [0]
    assert await found(etablissement=PARTIE) == [0]
    assert await found(origine="report") == []
    first = (await client.get(f"/v1/paat/{plan['uid']}/actions", params={"limit": "2"})).json()
    assert await found(cursor=first["next"]) == [2]
    assert (await client.get(f"/v1/paat/{new_id()}/actions")).status_code == 404
