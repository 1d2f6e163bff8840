"""The life of a project: the table of operations both ways, one event each, order of milestones, adhesions, lots."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select, update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Forbidden, NotFound, Outdated, RuleBroken, WrongState
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.planification import schemas
from semaphore_hub.modules.planification.codes import TRANSITIONS, Statut
from semaphore_hub.modules.planification.models import PlanProjet
from semaphore_hub.ports import events as types
from semaphore_hub.ports.payloads.achats import ProjetAchatPayload
from tests.modules.fakes import RecordedEvents
from tests.modules.planification.samples import BASE, planned, projet, step
from tests.modules.samples import SUPPORT

ACHETEUR = Caller("acheteur-fictif", Role.ACHETEUR, frozenset({"FIC-01"}))
DIRECTEUR = Caller("directeur-fictif", Role.DIRECTEUR_ACHATS, frozenset({"FIC-01"}))
VOISIN = Caller("voisin-fictif", Role.ACHETEUR, frozenset({"FIC-02"}))
JOUR = date(2026, 12, 1)
_projet = table_of(PlanProjet)

Operation = Callable[[UnitOfWork, Services, str, int], schemas.ProjetAchatVue]


def _on_etapes(name: str, body: object) -> Operation:
    return lambda unit, services, uid, version: getattr(services.planification.etapes, name)(
        unit, LOCAL, uid, version, body
    )


OPERATIONS: dict[str, Operation] = {
    "reviser": lambda unit, services, uid, version: services.planification.reviser(
        unit, LOCAL, uid, version, schemas.RevisionProjetAchat(portefeuille="Pharmacie")
    ),
    "recenser": _on_etapes("recenser", schemas.EtapeProjet(date=JOUR)),
    "valider_strategie": _on_etapes("valider_strategie", schemas.ValidationStrategie(date=JOUR, dateLancement=JOUR)),
    "rediger_dce": _on_etapes("rediger_dce", schemas.EtapeProjet(date=JOUR)),
    "publier": _on_etapes("publier", schemas.EtapeProjet(date=JOUR)),
    "analyser": _on_etapes("analyser", schemas.OuvertureOffres(dateRemise=JOUR, date=JOUR)),
    "adherer": _on_etapes("adherer", schemas.EtapeProjet(date=JOUR)),
    "noter_marche": lambda unit, services, uid, version: services.planification.noter_marche(
        unit, LOCAL, uid, version, 1, new_id(), JOUR
    ),
    "conclure": _on_etapes("conclure", schemas.ConclusionAttribution(date=JOUR, lotsSansSuite=(1,))),
    "terminer": _on_etapes("terminer", schemas.FinProjet(dateNotification=JOUR, date=JOUR)),
    "declarer_infructueux": _on_etapes("declarer_infructueux", schemas.SortieDuProjet(date=JOUR, motif="Aucune offre")),
    "relancer": _on_etapes("relancer", schemas.Relance(date=JOUR)),
    "abandonner": _on_etapes("abandonner", schemas.SortieDuProjet(date=JOUR, motif="Besoin disparu")),
}
NOTE = "019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f"
LOTS = [
    {"numero": 1, "intitule": "Perfuseurs", "montantEstime": "300000"},
    {"numero": 2, "intitule": "Prolongateurs", "montantEstime": "100000"},
]


def at(services: Services, statut: Statut, strategie: str, **columns: Any) -> str:
    """A project of two lots put at a status; lot 2 has its marché."""
    found = planned(services, strategie=strategie, lots=LOTS)
    with services.database.write() as unit:
        values = {"statut": statut.value, "marches": {"2": new_id()}, **columns}
        unit.connection.execute(update(_projet).where(_projet.c.uid == found.uid).values(values))
    return found.uid


def test_every_operation_is_tried() -> None:
    assert set(OPERATIONS) == set(TRANSITIONS) - {"planifier"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_possible_where_the_table_says_and_nowhere_else(
    embedded: Services, events: RecordedEvents, operation: str
) -> None:
    transition = TRANSITIONS[operation]
    strategie = "UniHA" if transition.par_adhesion else "GHT"
    uid = at(embedded, Statut.IDENTIFIE, strategie)
    with embedded.database.read() as connection:
        former = dict(connection.execute(select(_projet).where(_projet.c.uid == uid)).mappings().one())
    for statut in Statut:
        with embedded.database.write() as unit:
            values = {**former, "statut": statut.value}
            unit.connection.execute(update(_projet).where(_projet.c.uid == uid).values(values))
        events.clear()
        if statut not in transition.depuis:
            with pytest.raises(WrongState, match=operation), embedded.database.write() as unit:
                OPERATIONS[operation](unit, embedded, uid, 1)
            assert events == []
            continue
        with embedded.database.write() as unit:
            found = OPERATIONS[operation](unit, embedded, uid, 1)
        # The last lot moves the project, whatever the table says of the others.
        expected = Statut.ATTRIBUTION if operation == "noter_marche" else transition.vers or statut
        assert (found.statut, found.version) == (expected, 2)
        assert [(event.type, event.subject, event.version) for event in events] == [
            (transition.event, f"planification/{uid}", 2)
        ]


@pytest.mark.parametrize(
    ("operation", "statut", "strategie"),
    [
        ("rediger_dce", Statut.STRATEGIE_VALIDEE, "RESAH"),
        ("publier", Statut.DCE, "UGAP"),
        ("adherer", Statut.STRATEGIE_VALIDEE, "GHT"),
    ],
)
def test_consultations_are_for_the_ght_and_adhesions_for_the_others(
    embedded: Services, operation: str, statut: Statut, strategie: str
) -> None:
    uid = at(embedded, statut, strategie)
    with pytest.raises(RuleBroken) as refused, embedded.database.write() as unit:
        OPERATIONS[operation](unit, embedded, uid, 1)
    assert [one.rule for one in refused.value.problems] == ["PLA-STRATEGIE-VOIE"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_who_reads_only_or_is_elsewhere_or_is_late_changes_nothing(embedded: Services, operation: str) -> None:
    uid = planned(embedded).uid
    etapes = embedded.planification.etapes
    body = schemas.SortieDuProjet(date=JOUR, motif="Besoin disparu")
    ars = Caller("ars-fictive", Role.ARS, None)
    with embedded.database.write() as unit:
        for caller, version, error in ((ars, 1, Forbidden), (VOISIN, 1, NotFound), (ACHETEUR, 2, Outdated)):
            with pytest.raises(error):
                etapes.abandonner(unit, caller, uid, version, body)
        with pytest.raises(Outdated):
            OPERATIONS[operation](unit, embedded, uid, 9)


def test_only_the_purchasing_director_validates_a_strategy(embedded: Services) -> None:
    uid = at(embedded, Statut.RECENSEMENT, "GHT")
    body = schemas.ValidationStrategie(date=date(2026, 3, 2))
    with embedded.database.write() as unit:
        with pytest.raises(Forbidden, match="directeur_achats"):
            embedded.planification.etapes.valider_strategie(unit, ACHETEUR, uid, 1, body)
        found = embedded.planification.etapes.valider_strategie(unit, DIRECTEUR, uid, 1, body)
    assert (found.statut, found.procedure) == (Statut.STRATEGIE_VALIDEE, "procédure formalisée")
    assert found.calcul is not None
    assert found.calcul.dateLancement == found.dateLancement == date(2026, 8, 4)


async def test_a_consultation_from_the_idea_to_the_end_leaves_one_event_a_step(
    client: AsyncClient, known: Services, events: RecordedEvents
) -> None:
    answer = await client.post(f"{BASE}/projets", json=projet(lots=LOTS))
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{BASE}/projets/{answer.json()['uid']}"
    for name, body, statut in (
        ("recensement", {"date": "2026-03-02"}, "recensement"),
        ("strategie", {"date": "2026-03-10", "dateLancement": "2026-08-03"}, "strategie_validee"),
        ("dce", {"date": "2026-04-01"}, "dce"),
        ("publication", {"date": "2026-08-03"}, "consultation"),
        ("analyse", {"dateRemise": "2026-09-10", "date": "2026-09-11"}, "analyse"),
    ):
        answer = await step(client, answer.json(), name, body)
        assert (answer.status_code, answer.json()["statut"]) == (200, statut), answer.text
    found, marches = answer.json(), [new_id(), new_id()]
    with known.database.write() as unit:
        half = known.planification.noter_marche(
            unit, ACHETEUR, found["uid"], found["version"], 2, marches[1], date(2026, 11, 12)
        )
        whole = known.planification.noter_marche(
            unit, ACHETEUR, found["uid"], half.version, 1, marches[0], date(2026, 11, 13)
        )
    assert (half.statut, whole.statut) == (Statut.ANALYSE, Statut.ATTRIBUTION)
    assert [one.marche for one in whole.lots] == marches
    end = {"dateNotification": "2026-12-01", "date": "2027-01-01"}
    answer = await step(client, {"uid": whole.uid, "version": whole.version}, "fin", end)
    assert answer.json()["statut"] == "termine", answer.text
    assert [one["realise"] for one in answer.json()["jalons"]] == [
        "2026-03-02", "2026-03-10", "2026-04-01", "2026-08-03", "2026-09-10", "2026-09-11", "2026-11-13", "2026-12-01",
        "2027-01-01",
    ]  # fmt: skip
    assert [event.type for event in events] == [types.PROJET_ACHAT_PLANIFIE, *[types.PROJET_ACHAT_AVANCE] * 8]
    assert [event.version for event in events] == list(range(1, 10))
    told = ProjetAchatPayload.model_validate(events[-1].data)
    assert (told.statut, told.marches, told.acheteur) == ("termine", (marches[1], marches[0]), SUPPORT)
    read = await client.get(f"{BASE}/projets/{whole.uid}")
    assert (read.headers["etag"], read.json()) == ('"9"', answer.json())


async def test_an_adhesion_skips_the_consultation(local: AsyncClient) -> None:
    answer = await local.post(f"{BASE}/projets", json=projet(strategie="UniHA"))
    assert [one["code"] for one in answer.json()["jalons"]] == [
        "recensement", "strategie", "attribution", "notification", "debut",
    ]  # fmt: skip
    for name, body in (
        ("recensement", {"date": "2026-03-02"}),
        ("strategie", {"date": "2026-03-10"}),
        ("adhesion", {"date": "2026-04-01"}),
    ):
        answer = await step(local, answer.json(), name, body)
        assert answer.status_code == 200, answer.text
    assert (answer.json()["statut"], answer.json()["procedure"]) == ("attribution", "adhésion à une centrale d'achat")


@pytest.mark.parametrize(
    ("statut", "name", "body", "path"),
    [
        ("recensement", "strategie", {"date": "2026-03-01"}, "$.date"),
        ("recensement", "strategie", {"date": "2026-03-03", "dateLancement": "2026-03-02"}, "$.dateLancement"),
        ("consultation", "analyse", {"dateRemise": "2026-03-05", "date": "2026-03-04"}, "$.date"),
        ("consultation", "analyse", {"dateRemise": "2026-03-01", "date": "2026-03-04"}, "$.dateRemise"),
        ("attribution", "fin", {"dateNotification": "2026-03-01", "date": "2026-03-04"}, "$.dateNotification"),
        ("consultation", "infructueux", {"date": "2026-03-01", "motif": "Aucune offre"}, "$.date"),
        ("dce", "abandon", {"date": "2026-03-01", "motif": "Besoin disparu"}, "$.date"),
    ],
)
async def test_milestones_follow_each_other(
    local: AsyncClient, embedded: Services, statut: str, name: str, body: dict[str, str], path: str
) -> None:
    found = {"uid": at(embedded, Statut.IDENTIFIE, "GHT"), "version": 1}
    moved = await step(local, found, "recensement", {"date": "2026-03-02"})
    with embedded.database.write() as unit:
        unit.connection.execute(update(_projet).where(_projet.c.uid == found["uid"]).values(statut=statut))
    refused = await step(local, moved.json(), name, body)
    assert refused.status_code == 409, refused.text
    assert [(one["rule"], one["path"]) for one in refused.json()["errors"]] == [("PLA-JALON-ORDRE", path)]


def test_a_failed_consultation_starts_again_from_its_documents(embedded: Services) -> None:
    uid = at(embedded, Statut.DCE, "GHT", marches={})
    etapes = embedded.planification.etapes
    with embedded.database.write() as unit:
        etapes.publier(unit, LOCAL, uid, 1, schemas.EtapeProjet(date=date(2026, 8, 3)))
        etapes.declarer_infructueux(
            unit, LOCAL, uid, 2, schemas.SortieDuProjet(date=date(2026, 9, 10), motif="Aucune offre")
        )
        with pytest.raises(RuleBroken, match="se suivent"):
            etapes.relancer(unit, LOCAL, uid, 3, schemas.Relance(date=date(2026, 8, 2)))
        again = etapes.relancer(
            unit, LOCAL, uid, 3, schemas.Relance(date=date(2026, 9, 11), dateDebutPrevue=date(2027, 6, 1))
        )
    assert (again.statut, again.dateDebutPrevue, again.dateLancement, again.motif) == (
        Statut.DCE,
        date(2027, 6, 1),
        None,
        None,
    )
    by_code = {one.code.value: one for one in again.jalons}
    assert by_code["dce"].realise == date(2026, 9, 11)
    assert (by_code["publication"].realise, by_code["debut"].prevu) == (None, date(2027, 6, 1))


def test_a_strategy_validated_again_takes_the_later_steps_back(embedded: Services) -> None:
    uid = at(embedded, Statut.RECENSEMENT, "GHT")
    etapes = embedded.planification.etapes
    with embedded.database.write() as unit:
        etapes.valider_strategie(unit, LOCAL, uid, 1, schemas.ValidationStrategie(date=date(2026, 3, 10)))
        etapes.rediger_dce(unit, LOCAL, uid, 2, schemas.EtapeProjet(date=date(2026, 4, 1)))
        again = etapes.valider_strategie(
            unit, LOCAL, uid, 3, schemas.ValidationStrategie(date=date(2026, 3, 20), strategie="RESAH")
        )
    assert (again.statut, again.strategie, again.procedure) == (
        Statut.STRATEGIE_VALIDEE,
        "RESAH",
        "adhésion à une centrale d'achat",
    )
    assert {one.code.value: one.realise for one in again.jalons if one.realise} == {"strategie": date(2026, 3, 20)}


@pytest.mark.parametrize(
    ("lot", "rule"),
    [(None, "PLA-LOT-REQUIS"), (3, "PLA-LOT-INCONNU"), (2, "PLA-LOT-ATTRIBUE")],
)
def test_a_marche_is_noted_once_for_a_lot_of_the_project(embedded: Services, lot: int | None, rule: str) -> None:
    uid = at(embedded, Statut.ANALYSE, "GHT")
    with pytest.raises(RuleBroken) as refused, embedded.database.write() as unit:
        embedded.planification.noter_marche(unit, LOCAL, uid, 1, lot, new_id(), JOUR)
    assert [one.rule for one in refused.value.problems] == [rule]


def test_a_project_without_lots_has_one_marche(embedded: Services) -> None:
    uid = at(embedded, Statut.ANALYSE, "GHT", lots=[], marches={})
    noted = new_id()
    with embedded.database.write() as unit:
        with pytest.raises(RuleBroken, match="pas de lot 1"):
            embedded.planification.noter_marche(unit, LOCAL, uid, 1, 1, noted, JOUR)
        found = embedded.planification.noter_marche(unit, LOCAL, uid, 1, None, noted, JOUR)
    assert (found.statut, found.marches) == (Statut.ATTRIBUTION, (noted,))


@pytest.mark.parametrize(
    ("marches", "lots", "rules"),
    [
        ({"2": NOTE}, [1], []),
        ({}, [1, 2], ["PLA-AUCUN-MARCHE"]),
        ({"2": NOTE}, [2], ["PLA-LOT-ATTRIBUE", "PLA-LOTS-RESTANTS"]),
        ({"2": NOTE}, [1, 7], ["PLA-LOT-INCONNU"]),
    ],
)
async def test_lots_left_without_a_marche_are_named(
    local: AsyncClient, embedded: Services, marches: dict[str, str], lots: list[int], rules: list[str]
) -> None:
    found: dict[str, Any] = {"uid": at(embedded, Statut.ANALYSE, "GHT", marches=marches), "version": 1}
    answer = await step(local, found, "conclusion", {"date": "2026-11-12", "lotsSansSuite": lots})
    if rules:
        assert [one["rule"] for one in answer.json()["errors"]] == rules
        return
    assert (answer.status_code, answer.json()["statut"]) == (200, "attribution"), answer.text
    assert [one["sansSuite"] for one in answer.json()["lots"]] == [True, False]
    with pytest.raises(RuleBroken, match="laissé sans marché"), embedded.database.write() as unit:
        embedded.planification.noter_marche(unit, LOCAL, found["uid"], 2, 1, new_id(), JOUR)
