"""Facts follow their subjects: read again once they changed, as a whole, by whoever comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import insert, select, update
from structlog.testing import capture_logs

from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, table_of
from semaphore_hub.modules.indicateurs.attente import sujet_de
from semaphore_hub.modules.indicateurs.faits.alimentation import exclusive
from semaphore_hub.modules.indicateurs.models import IndicateurEntreprise
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.referentiel.models import Etablissement
from semaphore_hub.modules.referentiel.schemas import NouveauRattachement, RegionGht
from semaphore_hub.ports.events import Event
from tests.modules.flux import MANDAT, lines, prepare
from tests.modules.indicateurs.faits.situations import ACTION, OFF, PROJET, Monde, monde_de, put, read
from tests.modules.marches.execution.lives import notified
from tests.modules.samples import FICTIMED, MODIFICATION, PARTIE, SUPPORT
from tests.modules.world import change


async def test_a_marche_becomes_a_fact_and_follows_its_amendments(monde: Monde, api: AsyncClient) -> None:
    uid = await notified(api)
    assert set(monde.attendus()) == {f"marche/{uid}"}
    with monde.database.write() as unit:
        row = {"siren": FICTIMED[:9], "categorie": "PME", "source": "x"}
        unit.connection.execute(insert(table_of(IndicateurEntreprise)).values(row))
    read(monde)
    (fact,) = monde.table("marche")
    assert fact == {
        "uid": uid,
        "version": 2,
        "annee": 2026,
        "region": "HDF",
        "ght": "FIC-01",
        "etablissement_siret": SUPPORT,
        "id": "DM001",
        "objet": "Fourniture de dispositifs médicaux stériles",
        "famille": "SYN-02",
        "operateur": "ght",
        "statut": "notifie",
        "procedure": "Appel d'offres ouvert",
        "date_lancement": None,
        "date_attribution": None,
        "date_notification": date(2026, 3, 1),
        "date_fin": date(2028, 2, 29),
        "montant_cents": 20_000_000,
        "montant_max_cents": 20_000_000,
        "consomme_cents": 0,
        "offres_recues": 4,
        "pme": True,
        "environnement": True,
        "social": True,
        "beneficiaires": fact["beneficiaires"],
    }
    answer = await change(api, uid, "modifications", MODIFICATION, 2)
    assert answer.status_code == 201, answer.text
    assert monde.table("marche") == [fact]
    read(monde)
    assert monde.table("marche") == [
        {**fact, "version": 3, "montant_cents": 21_500_000, "montant_max_cents": 21_500_000}
    ]
    # Marchés are cut in no partition.
    assert monde.revisions() == {}


async def test_mandats_follow_their_flow_and_their_marche(monde: Monde, api: AsyncClient) -> None:
    uid = await notified(api)
    prepare(monde.services)
    monde.mandats(lines(MANDAT, {}, OFF), "GEF-1")
    read(monde)
    on, off = sorted(monde.table("depense"), key=lambda one: one["reference"])
    assert on == {
        "uid": on["uid"],
        "source": "hub",
        "annee": 2026,
        "date": date(2026, 5, 20),
        "region": "HDF",
        "ght": "FIC-01",
        "etablissement_siret": SUPPORT,
        "role": "support",
        "famille": "SYN-02",
        "compte": "60221",
        "operateur": "ght",
        "mutualise": False,
        "numero_marche": "2026-DM001-00",
        "marche_uid": uid,
        "hors_marche": None,
        "reference": "8812/1",
        "montant_ht_cents": 8_750,
        "montant_ttc_cents": 10_500,
    }
    assert (off["hors_marche"], off["famille"], off["montant_ht_cents"]) == ("sans_numero", "SYN-02", 1_000)
    assert monde.revisions() == {("depense", 2026, "FIC-01"): 1}
    # Sent again with another amount, by another flow: the line is replaced, the other one left alone.
    monde.mandats(
        lines(MANDAT, {"montantHT": "100.00", "montantTVA": "20.00", "montantTTC": "120.00"}),
        "GEF-2",
        emisLe="2026-06-01T10:00:00Z",
    )
    read(monde)
    again = {one["uid"]: one for one in monde.table("depense")}
    assert again == {
        on["uid"]: {**on, "montant_ht_cents": 10_000, "montant_ttc_cents": 12_000},
        off["uid"]: off,
    }
    assert monde.revisions() == {("depense", 2026, "FIC-01"): 2}
    # The marché is corrected: what its mandats take from it follows.
    table = table_of(Marche)
    with monde.database.write() as unit:
        unit.connection.execute(update(table).where(table.c.uid == uid).values(code_cpv="33600000-6"))
    monde.noter(f"marche/{uid}")
    read(monde)
    assert {one["uid"]: one["famille"] for one in monde.table("depense")} == {on["uid"]: "SYN-01", off["uid"]: "SYN-02"}
    # Nothing it gives its mandats changed: they are not read again, and no partition moves.
    monde.noter(f"marche/{uid}")
    read(monde)
    assert monde.revisions() == {("depense", 2026, "FIC-01"): 3}


def test_a_figure_stays_in_the_ght_of_its_day(monde: Monde) -> None:
    prepare(monde.services)
    monde.mandats(lines(MANDAT, {**OFF, "date": "2026-05-31"}), "GEF-1")
    table = table_of(Etablissement)
    with monde.database.write() as unit:
        partie = unit.connection.execute(select(table.c.uid).where(table.c.siret == PARTIE)).scalar_one()
        moved = NouveauRattachement.model_validate({"ght": "FIC-02", "role": "support", "dateDebut": "2026-06-01"})
        monde.services.referentiel.rattacher(unit, LOCAL, partie, 1, moved)
        support = unit.connection.execute(select(table.c.uid).where(table.c.siret == SUPPORT)).scalar_one()
        leaving = NouveauRattachement.model_validate({"ght": "FIC-02", "role": "partie", "dateDebut": "2026-06-01"})
        monde.services.referentiel.rattacher(unit, LOCAL, support, 1, leaving)
    monde.mandats(
        lines(MANDAT, {**OFF, "numeroMandat": "9002", "date": "2026-06-01"}), "GEF-2", emisLe="2026-06-02T10:00:00Z"
    )
    put(
        monde,
        "p",
        replace(ACTION, uid="a", annee=2026),
        replace(ACTION, uid="b", annee=2027),
        replace(ACTION, uid="c", annee=2027, role="partie"),
    )
    read(monde)
    found = {one["date"]: (one["ght"], one["role"], one["region"]) for one in monde.table("depense")}
    assert found == {
        date(2026, 5, 31): ("FIC-01", "support", "HDF"),
        date(2026, 6, 1): ("FIC-02", "partie", None),
    }
    # The plan keeps its GHT; a role is deduced only for an établissement that is of that GHT that year.
    assert {one["uid"]: (one["ght"], one["role"]) for one in monde.table("action")} == {
        "a": ("FIC-01", "partie"),
        "b": ("FIC-01", None),
        "c": ("FIC-01", "partie"),
    }
    assert set(monde.revisions()) == {
        ("depense", 2026, "FIC-01"),
        ("depense", 2026, "FIC-02"),
        ("action", 2026, "FIC-01"),
        ("action", 2027, "FIC-01"),
    }


def test_the_facts_of_a_ght_follow_its_region(monde: Monde) -> None:
    prepare(monde.services)
    monde.mandats(lines(MANDAT, OFF), "GEF-1")
    put(monde, "p", replace(ACTION, uid="a"), replace(ACTION, uid="b", ght="FIC-02"))
    monde.projets.held["q"] = replace(PROJET, uid="q")
    monde.noter("planification/q")
    read(monde)
    before, revisions = monde.tout(), monde.revisions()
    read(monde)
    assert (monde.tout(), monde.revisions()) == (before, revisions)
    with monde.database.write() as unit:
        monde.services.referentiel.situer_ght(unit, LOCAL, "FIC-01", RegionGht(region="ARA"))
    read(monde)
    moved = {
        name: [{**row, "region": "ARA"} if row["ght"] == "FIC-01" else row for row in rows]
        for name, rows in before.items()
    }
    assert [row["region"] for row in moved["indicateur_action"]] == ["ARA", None]
    assert monde.tout() == moved
    assert monde.revisions() == {
        ("action", 2026, "FIC-01"): 2,
        ("action", 2026, "FIC-02"): 1,
        ("depense", 2026, "FIC-01"): 2,
    }


def test_an_action_that_goes_takes_its_fact_away_and_moves_its_partition(embarque: Monde) -> None:
    one, two = replace(ACTION, uid="a"), replace(ACTION, uid="b", annee=2027)
    put(embarque, "p", one, two)
    read(embarque)
    assert [(fact["uid"], fact["sujet"], fact["gain_retenu_cents"]) for fact in embarque.table("action")] == [
        ("a", "paat/p", 500_000),
        ("b", "paat/p", 500_000),
    ]
    put(embarque, "p", one)
    read(embarque)
    assert [fact["uid"] for fact in embarque.table("action")] == ["a"]
    # The partition left is counted, the one that did not change is not.
    assert embarque.revisions() == {("action", 2026, "FIC-01"): 1, ("action", 2027, "FIC-01"): 2}
    put(embarque, "p", replace(one, annee=2025))
    read(embarque)
    assert embarque.revisions() == {
        ("action", 2025, "FIC-01"): 1,
        ("action", 2026, "FIC-01"): 2,
        ("action", 2027, "FIC-01"): 2,
    }
    # A plan that is no more has no facts.
    del embarque.plans.held["p"]
    embarque.noter("paat/p")
    read(embarque)
    assert embarque.table("action") == []


def test_a_project_comes_changes_and_goes(embarque: Monde) -> None:
    embarque.projets.held["q"] = replace(PROJET, uid="q")
    embarque.noter("planification/q")
    read(embarque)
    assert [(one["uid"], one["region"], one["statut"]) for one in embarque.table("projet")] == [
        ("q", "HDF", "identifie")
    ]
    embarque.projets.held["q"] = replace(PROJET, uid="q", statut="dce", version=2)
    embarque.noter("planification/q")
    read(embarque)
    assert [(one["version"], one["statut"]) for one in embarque.table("projet")] == [(2, "dce")]
    embarque.projets.held.clear()
    embarque.noter("planification/q")
    read(embarque)
    assert embarque.table("projet") == []


def test_a_change_that_comes_during_the_reading_is_read_next_time(
    embarque: Monde, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(embarque, "p", replace(ACTION, uid="a"))
    plain = type(embarque.plans).actions

    def changed_meanwhile(plans: Any, connection: Any, uid: str) -> Any:
        found = plain(plans, connection, uid)
        # As a request of another process would, between this reading and the end of the batch.
        connection.exec_driver_sql("UPDATE indicateur_attente SET marque = 'later' WHERE sujet = 'paat/p'")
        return found

    monkeypatch.setattr(type(embarque.plans), "actions", changed_meanwhile)
    done = embarque.faits.actualiser()
    assert (done.traites, done.restants) == (1, 1)
    assert embarque.attendus() == {"paat/p": "later"}
    monkeypatch.undo()
    read(embarque)
    assert embarque.attendus() == {}


def test_what_cannot_be_read_is_left_for_later_and_stops_nobody(monde: Monde) -> None:
    for plan in ("a", "b", "c"):
        put(monde, plan, replace(ACTION, uid=plan))
    monde.noter("mystere/x")
    monde.plans.broken = "b"
    with capture_logs() as logs:
        done = monde.faits.actualiser()
    assert (done.traites, done.echecs, done.restants) == (2, 2, 2)
    assert [(one["log_level"], one["sujet"]) for one in logs] == [("error", "paat/b"), ("error", "mystere/x")]
    assert [fact["uid"] for fact in monde.table("action")] == ["a", "c"]
    assert set(monde.attendus()) == {"paat/b", "mystere/x"}
    # Not tried again at every turn, unless it changes or somebody asks.
    assert monde.faits.actualiser().echecs == 0
    monde.plans.broken = None
    assert monde.faits.actualiser().traites == 0
    with capture_logs():
        assert monde.faits.demander_actualisation(LOCAL, 10).traites == 1
    assert [fact["uid"] for fact in monde.table("action")] == ["a", "b", "c"]


def test_a_subject_that_failed_is_read_as_soon_as_it_changes(embarque: Monde) -> None:
    put(embarque, "p", replace(ACTION, uid="a"))
    embarque.plans.broken = "p"
    with capture_logs():
        assert embarque.faits.actualiser().echecs == 1
    embarque.plans.broken = None
    embarque.noter("paat/p")
    read(embarque)
    assert [fact["uid"] for fact in embarque.table("action")] == ["a"]


def test_no_more_subjects_than_asked_for_are_read(embarque: Monde) -> None:
    for rank in range(120):
        put(embarque, f"{rank:03d}", replace(ACTION, uid=f"{rank:03d}"))
    done = embarque.faits.actualiser(110)
    assert (done.traites, done.restants) == (110, 10)
    done = embarque.faits.actualiser(110)
    assert (done.traites, done.restants) == (10, 0)
    assert len(embarque.table("action")) == 120


@pytest.mark.postgres
def test_one_process_reads_at_a_time(postgres_url: str, clock: ManualClock) -> None:
    first = Database(postgres_url)
    monde = monde_de(first, clock)
    put(monde, "p", replace(ACTION, uid="a"))
    second = Database(postgres_url)
    with second.write() as unit:
        assert exclusive(second, unit, wait=False)
        assert monde.faits.actualiser().traites == 0
    read(monde)
    first.close()
    second.close()


@pytest.mark.parametrize(
    ("kind", "subject", "data", "expected"),
    [
        ("x", "paat/1", {}, "paat/1"),
        ("x", "marche/1", {}, "marche/1"),
        ("x", "planification/1", {}, "planification/1"),
        ("x", "fournisseur/1", {}, None),
        (
            "fr.semaphore.flux.traite.v1",
            "flux/1",
            {"typeFlux": "mandats", "destinataire": "gef", "idFlux": "a/b"},
            "mandats/gef/a/b",
        ),
        (
            "fr.semaphore.flux.traite.v1",
            "flux/1",
            {"typeFlux": "commandes", "destinataire": "gef", "idFlux": "a"},
            None,
        ),
    ],
)
def test_which_subject_an_event_makes_wait(
    kind: str, subject: str, data: dict[str, Any], expected: str | None, clock: ManualClock
) -> None:
    event = Event(id="1", type=kind, subject=subject, version=1, time=clock.now(), ght=None, data=data)
    assert sujet_de(event) == expected
