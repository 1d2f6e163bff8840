"""Actions recorded together: all or none, by their number, whatever their count."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import Forbidden, Outdated, RuleBroken
from semaphore_hub.modules.paat.codes import EffetBudgetaire
from semaphore_hub.modules.paat.schemas import ActionVue
from semaphore_hub.modules.referentiel.lookups import etablissements_by_siret
from semaphore_hub.modules.referentiel.schemas import NouveauRattachement
from semaphore_hub.ports import events as ev
from tests.modules.fakes import RecordedEvents
from tests.modules.paat.exemples import action, enregistrees, entree, ouvert, ouvre, rules_of
from tests.modules.samples import PARTIE
from tests.shared import shared_path

T5 = "lignes_rejetees"
RECURRENT = {"methode": "recurrent", "prixReference": "10", "prixNouveau": "8.80", "quantiteAnnuelle": "10000"}


def lues(services: Services, plan: str) -> dict[str, ActionVue]:
    with services.database.read() as connection:
        found, _ = services.paat.lister_actions(connection, LOCAL, plan, {}, limit=200, after=None)
    return {one.numero: one for one in found}


async def test_several_actions_are_one_event_and_one_version(client: AsyncClient, events: RecordedEvents) -> None:
    plan = await ouvre(client)
    address = f"/v1/paat/{plan['uid']}/actions"
    body = {"actions": [action(numero=str(index)) for index in range(3)]}
    answer = await client.patch(address, json=body, headers={"If-Match": '"1"', "Idempotency-Key": "lot-1"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    told = answer.json()
    assert (told["creees"], told["modifiees"], told["inchangees"], told["version"]) == (3, 0, 0, 2)
    assert told["totaux"]["gainDeclare"] == "36000.00"
    again = await client.patch(address, json=body, headers={"If-Match": '"1"', "Idempotency-Key": "lot-1"})
    assert again.headers["Idempotency-Replayed"] == "true"
    body["actions"][1]["gain"] = "13000.00"
    body["actions"].append(action(numero="3", gain="100000.00"))
    changed = (await client.patch(address, json=body, headers={"If-Match": '"2"'})).json()
    assert (changed["creees"], changed["modifiees"], changed["inchangees"], changed["exclues"]) == (1, 1, 2, 1)
    assert (changed["totaux"]["gainDeclare"], changed["totaux"]["gainRetenu"]) == ("137000.00", "37000.00")
    assert [(event.type, event.version) for event in events[1:]] == [
        (ev.PAAT_ACTIONS_ENREGISTREES, 2),
        (ev.PAAT_ACTIONS_ENREGISTREES, 3),
    ]


async def test_one_wrong_action_refuses_them_all_each_located(
    local_client: AsyncClient, events: RecordedEvents
) -> None:
    plan = await ouvre(local_client)
    actions = [
        action(numero="1"),
        action(numero="2", famille="Produits lunaires"),
        action(numero="1", moisEffet=1),
        action(numero="4", calcul=RECURRENT, gain="1.00"),
    ]
    answer = await local_client.patch(
        f"/v1/paat/{plan['uid']}/actions", json={"actions": actions}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 409
    assert rules_of(answer) == [
        ("PAA-FAMILLE", "$.actions[1].famille"),
        ("PAA-DOUBLON", "$.actions[2].numero"),
        ("PAA-EFFET", "$.actions[2].moisEffet"),
        ("PAA-GAIN", "$.actions[3].gain"),
    ]
    told = {problem["rule"]: problem["message"] for problem in answer.json()["errors"]}
    assert "« Produits lunaires »" in told["PAA-FAMILLE"]
    assert "Médicaments" in told["PAA-FAMILLE"]
    assert "(déjà en $.actions[0])" in told["PAA-DOUBLON"]
    assert "(1,00 €) n'est pas celui du calcul (12 000,00 €)" in told["PAA-GAIN"]
    assert (await local_client.get(f"/v1/paat/{plan['uid']}/actions")).json()["items"] == []
    assert len(events) == 1


async def test_the_lines_that_the_dgos_shows_come_out_of_the_api(client: AsyncClient) -> None:
    """Table T5 (DGOS 2022, l. 1407-1413), from its labels and amounts; it has no perimeter: the reference is it."""
    rows = json.loads(shared_path("seeds", "tables.json").read_text("utf-8"))["tables"][T5]["rows"]
    plan = await ouvre(client, annee=2021)
    lines = []
    for row in rows:
        famille, domaine, categorie, reference, _, _, effet, calcul, gain, *_ = row["cells"]
        lines.append(
            {
                "numero": str(row["line"]),
                "libelle": f"Ligne {row['line']} de la source",
                "famille": famille,
                "domaine": domaine,
                "categorie": categorie or None,
                "montantReference": reference.replace(" ", ""),
                "perimetre": reference.replace(" ", ""),
                "effetBudgetaire": EffetBudgetaire.lire(effet),
                "calculGains": calcul or None,
                "gain": gain.replace(" ", ""),
            }
        )
    address = f"/v1/paat/{plan['uid']}/actions"
    told = (await client.patch(address, json={"actions": lines}, headers={"If-Match": '"1"'})).json()
    found = (await client.get(address)).json()["items"]
    assert [one["performance"].replace(".", ",") + "%" for one in found] == [row["cells"][4] for row in rows]
    assert [one["commentaireDGOS"] for one in found] == [row["cells"][-1] for row in rows]
    assert [one["famille"] for one in found] == ["SYN-01"] * 3 + ["SYN-07"] + ["SYN-01"] * 3
    assert {one["effetBudgetaire"] for one in found} == {"effet_prix_induit"}
    totals = told["totaux"]
    assert (totals["montantReference"], totals["gainDeclare"], totals["gainRetenu"], totals["performance"]) == (
        "672548.00",
        "1890368.00",
        "0.00",
        None,
    )


def test_version_and_role_are_asked(embedded: Services) -> None:
    plan = ouvert(embedded)
    with embedded.database.write() as unit:
        with pytest.raises(Outdated):
            embedded.paat.enregistrer(unit, LOCAL, plan.uid, 2, [entree()])
        with pytest.raises(Forbidden):
            embedded.paat.enregistrer(unit, Caller("d", Role.DGOS, None), plan.uid, 1, [entree()])


def test_a_trame_keeps_what_it_cannot_say(embedded: Services) -> None:
    plan = ouvert(embedded)
    enregistrees(embedded, plan.uid, 1, [entree(calcul=RECURRENT), entree(numero="2", calcul=RECURRENT)])
    same, other = entree(libelle="Autre libellé"), entree(numero="2", gain="9000.00")
    enregistrees(embedded, plan.uid, 2, [same, other, entree(numero="3")], origine="trame")
    found = lues(embedded, plan.uid)
    assert (found["A-001"].libelle, found["A-001"].methode, found["A-001"].origine) == (
        "Autre libellé",
        "recurrent",
        "saisie",
    )
    assert found["A-001"].calcul is not None
    assert (found["2"].calcul, str(found["2"].gain)) == (None, "9000.00")
    assert found["3"].origine == "trame"
    enregistrees(embedded, plan.uid, 3, [entree()])
    assert lues(embedded, plan.uid)["A-001"].calcul is None


def test_a_report_names_an_action_of_an_earlier_plan_and_replaces_no_other(embedded: Services) -> None:
    former, plan, elsewhere = ouvert(embedded, annee=2025), ouvert(embedded), ouvert(embedded, "FIC-02", 2025)
    enregistrees(embedded, former.uid, 1, [entree(dateEffet="2025-09-01")])
    enregistrees(embedded, elsewhere.uid, 1, [entree()])
    origin, foreign = lues(embedded, former.uid)["A-001"], lues(embedded, elsewhere.uid)["A-001"]
    carried = entree(numero="R-1", gain=str(origin.report), dateEffet=None, moisEffet=12, actionOrigine=origin.uid)
    enregistrees(embedded, plan.uid, 1, [carried, entree(numero="2")], origine="report")
    enregistrees(embedded, plan.uid, 2, [entree(numero="3"), carried])
    found = lues(embedded, plan.uid)
    assert (found["R-1"].origine, found["R-1"].actionOrigine, found["3"].origine) == ("report", origin.uid, "saisie")
    assert (str(found["R-1"].gainAnnee), str(found["R-1"].report)) == ("8000.00", "0.00")
    # By a trame, which does not say it, the link stays.
    enregistrees(embedded, plan.uid, 3, [entree(numero="R-1")], origine="trame")
    assert lues(embedded, plan.uid)["R-1"].actionOrigine == origin.uid
    with pytest.raises(RuleBroken) as refused:
        enregistrees(
            embedded, plan.uid, 4, [entree(numero="3"), entree(numero="4", actionOrigine=foreign.uid)], origine="report"
        )
    assert [(one.rule, one.path) for one in refused.value.problems] == [
        ("PAA-REPORT", "$.actions[0].numero"),
        ("PAA-ORIGINE", "$.actions[1].actionOrigine"),
    ]


def test_membership_counts_by_year(embedded: Services) -> None:
    """An établissement that changes GHT during a year belongs to both that year, then to the new one only."""
    with embedded.database.write() as unit:
        uid = etablissements_by_siret(unit.connection, LOCAL, {PARTIE}, date(2026, 1, 1))[PARTIE].uid
        moved = NouveauRattachement.model_validate({"ght": "FIC-02", "role": "support", "dateDebut": "2026-11-14"})
        embedded.referentiel.rattacher(unit, LOCAL, uid, 1, moved)
    line = [entree(etablissement=PARTIE, dateEffet=None)]
    for ght, annee, role in (("FIC-01", 2026, "partie"), ("FIC-02", 2026, "support"), ("FIC-02", 2027, "support")):
        plan = ouvert(embedded, ght, annee)
        enregistrees(embedded, plan.uid, 1, line)
        assert lues(embedded, plan.uid)["A-001"].role == role
    for ght, annee in (("FIC-01", 2027), ("FIC-02", 2025), ("FIC-01", 2023)):
        plan = ouvert(embedded, ght, annee)
        with pytest.raises(RuleBroken) as refused:
            enregistrees(embedded, plan.uid, 1, line)
        assert refused.value.problems[0].rule == "PAA-ETABLISSEMENT"


def test_two_thousand_actions_take_a_few_statements(services: Services, known: Services) -> None:
    plan = ouvert(services)
    lines = [entree(numero=str(index), gain=f"{index}.25") for index in range(2000)]
    started = time.process_time()
    first = enregistrees(services, plan.uid, 1, lines)
    again = enregistrees(services, plan.uid, 2, [entree(numero="0", gain="1.00"), *lines[1:]])
    assert time.process_time() - started < 4
    assert (first.creees, again.modifiees, again.inchangees) == (2000, 1, 1999)
    assert str(again.totaux.gainDeclare) == "1999500.75"
