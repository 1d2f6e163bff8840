"""The whole table of the life of a marché: each pair (status, operation) works, or is refused and changes nothing.

Operations of the projets, of the transitions and of the marché itself are asked of their services. Those that only
happen during the execution share one gate, :meth:`MarcheStore.for_change`: the gate is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.errors import WrongState
from semaphore_hub.modules.marches.lifecycle import TRANSITIONS, Statut
from semaphore_hub.modules.marches.models import Marche, MarcheProjet
from semaphore_hub.modules.marches.projets import schemas as projets
from semaphore_hub.modules.marches.projets.service import ProjetsService
from semaphore_hub.modules.marches.schemas import CorrectionMarche, NotificationMarche, NouveauMarche
from semaphore_hub.modules.marches.service import MarchesService
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.marches.transitions import schemas as transitions
from semaphore_hub.modules.marches.transitions.service import TransitionsService
from semaphore_hub.ports.events import Event
from tests.modules.marches.projets.life import LANCEMENT, NOTIFICATION, OUVERTURE, SIGNATURE, attribution, projet
from tests.modules.samples import marche

_TABLES = (table_of(MarcheProjet), table_of(Marche))
BEGINNINGS = {"projeter", "creer"}
AT_THE_GATE = {
    "modifier",
    "reconduire",
    "ne_pas_reconduire",
    "affermir",
    "reviser_prix",
    "declarer_sous_traitance",
    "modifier_sous_traitance",
    "rattacher",
    "joindre",
    "consommer",
}
PATHS: dict[str, list[str]] = {
    "projet": [],
    "consultation": ["lancer"],
    "analyse": ["lancer", "analyser"],
    "infructueux": ["lancer", "analyser", "declarer_infructueux"],
    "sans_suite": ["declarer_sans_suite"],
    "attribue": ["lancer", "analyser", "attribuer"],
    "sans_suite after the attribution": ["lancer", "analyser", "attribuer", "declarer_sans_suite"],
    "attribue without a projet": [],
    "signe": ["lancer", "analyser", "attribuer", "signer"],
    "notifie": ["lancer", "analyser", "attribuer", "signer", "notifier"],
    "en_execution": ["lancer", "analyser", "attribuer", "signer", "notifier", "demarrer"],
    "suspendu": ["lancer", "analyser", "attribuer", "signer", "notifier", "demarrer", "suspendre"],
    "echu": ["lancer", "analyser", "attribuer", "signer", "notifier", "constater_echeance"],
    "resilie": ["lancer", "analyser", "attribuer", "signer", "notifier", "resilier"],
    "solde": ["lancer", "analyser", "attribuer", "signer", "notifier", "resilier", "solder"],
}
"""How each status is reached."""
DIRECT = "attribue without a projet"


class Said(list[Event]):
    """Remembers every event at once, so that one transaction can be looked at before its end."""

    def append(self, unit: UnitOfWork, event: Event) -> None:  # type: ignore[override]  # the port's signature
        """Remember the event."""
        self.insert(len(self), event)


class Undone(Exception):
    """Ends a transaction whose effect has been seen."""


class World:
    """The services, and one operation asked of them by its name in the table."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.said = database, Said()
        self.store = MarcheStore(clock, self.said)
        self.marches = MarchesService(self.store)
        self.projets = ProjetsService(self.store)
        self.transitions = TransitionsService(self.store)
        body = {"date": "2026-12-31", "motif": "offres irrégulières"}
        ended = {"motif": "accord", "dateEffet": "2027-01-01", "explication": "Fermeture"}
        self._asked: dict[str, tuple[Callable[..., Any], Any]] = {
            "reviser_projet": (self.projets.reviser, projets.RevisionProjet(objet="Autre objet")),
            "lancer": (self.projets.lancer, projets.Lancement.model_validate(LANCEMENT)),
            "analyser": (self.projets.ouvrir, projets.Ouverture.model_validate(OUVERTURE)),
            "attribuer": (self.projets.attribuer, projets.Attribution.model_validate(attribution())),
            "declarer_infructueux": (self.projets.declarer_infructueux, body),
            "signer": (self.transitions.signer, transitions.SignatureMarche.model_validate(SIGNATURE)),
            "notifier": (self.marches.notifier, NotificationMarche.model_validate(NOTIFICATION)),
            "corriger": (self.marches.corriger, CorrectionMarche(motif="Erreur", objet="Autre objet")),
            "demarrer": (
                self.transitions.demarrer,
                transitions.DemarrageMarche.model_validate({"dateDebut": "2026-04-01"}),
            ),
            "suspendre": (
                self.transitions.suspendre,
                transitions.SuspensionMarche.model_validate({"date": "2026-07-01", "motif": "Travaux"}),
            ),
            "reprendre": (
                self.transitions.reprendre,
                transitions.RepriseMarche.model_validate({"date": "2026-08-01"}),
            ),
            "resilier": (self.transitions.resilier, transitions.ResiliationMarche.model_validate(ended)),
            "solder": (self.transitions.solder, transitions.SoldeMarche.model_validate({"date": "2029-01-01"})),
        }

    def begin(self, marche_id: str, *, by_projet: bool = True) -> str:
        """A new projet, or a new marché."""
        with self.database.write() as unit:
            if not by_projet:
                body = marche(id=marche_id, complements={"dateSignature": None})
                return self.marches.creer(unit, LOCAL, NouveauMarche.model_validate(body)).uid
            return self.projets.creer(unit, LOCAL, projets.NouveauProjet.model_validate(projet(id=marche_id))).uid

    def ask(self, unit: UnitOfWork, uid: str, operation: str, *, attributed: bool) -> None:
        """Ask for an operation under the present version."""
        version = max(row["version"] for row in self.rows(unit, uid))
        if operation == "constater_echeance":
            self.transitions.constater_echeance(unit, LOCAL, uid, version)
        elif operation == "declarer_sans_suite":
            service = self.transitions if attributed else self.projets
            reason = projets.SansSuite.model_validate({"date": "2027-01-01", "motif": "Abandon"})
            service.declarer_sans_suite(unit, LOCAL, uid, version, reason)
        elif operation in AT_THE_GATE:
            self.store.for_change(unit, LOCAL, uid, version, operation)
        else:
            method, body = self._asked[operation]
            if operation == "declarer_infructueux":
                body = self._failure(unit, uid, body)
            method(unit, LOCAL, uid, version, body)

    def _failure(self, unit: UnitOfWork, uid: str, body: dict[str, str]) -> projets.Infructuosite:
        """The reason that fits the offers received so far."""
        received = any("offresRecues" in row["donnees"] for row in self.rows(unit, uid))
        motif = body["motif"] if received else "aucune offre"
        return projets.Infructuosite.model_validate({**body, "motif": motif})

    def rows(self, unit: UnitOfWork, uid: str) -> list[dict[str, Any]]:
        """The rows of the projet and of the marché."""
        return [
            dict(row)
            for table in _TABLES
            for row in unit.connection.execute(select(table).where(table.c.uid == uid)).mappings()
        ]


@pytest.fixture
def world(known: Services, clock: ManualClock) -> World:
    """Services whose clock is past the end of every marché of the test."""
    clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    return World(known.database, clock)


def test_every_status_and_operation_of_the_table(world: World) -> None:
    uids: dict[str, str] = {}
    for number, (name, path) in enumerate(PATHS.items()):
        uid = uids[name] = world.begin(f"M{number}", by_projet=name != DIRECT)
        for step in path:
            with world.database.write() as unit:
                world.ask(unit, uid, step, attributed="attribuer" in path and step != "attribuer")
    assert {name.split()[0] for name in uids} == set(Statut)
    pairs = [(name, operation) for name in uids for operation in TRANSITIONS if operation not in BEGINNINGS]
    assert len(pairs) == 15 * 25
    for name, operation in pairs:
        status, attributed = Statut(name.split()[0]), name == DIRECT or "attribuer" in PATHS[name]
        if (name, operation) == ("attribue", "notifier"):
            continue  # a marché that was a projet is signed first: a rule, see the tests of the transitions
        if status in TRANSITIONS[operation].depuis:
            _is_done(world, uids[name], operation, status, attributed=attributed)
        else:
            _is_refused(world, uids[name], operation, attributed=attributed)


def _is_done(world: World, uid: str, operation: str, status: Statut, *, attributed: bool) -> None:
    transition = TRANSITIONS[operation]
    world.said.clear()
    with pytest.raises(Undone), world.database.write() as unit:
        before = world.rows(unit, uid)[-1]
        assert before["statut"] == status
        world.ask(unit, uid, operation, attributed=attributed)
        after = world.rows(unit, uid)[-1]
        if operation not in AT_THE_GATE:
            assert after["statut"] == (transition.vers or status), operation
            assert after["version"] == before["version"] + 1
            assert [(event.type, event.version) for event in world.said] == [(transition.event, after["version"])]
            assert world.said[0].data.get("marche", {}).get("statut", after["statut"]) == after["statut"]
        raise Undone


def _is_refused(world: World, uid: str, operation: str, *, attributed: bool) -> None:
    world.said.clear()
    with world.database.write() as unit:
        before = world.rows(unit, uid)
        with pytest.raises(WrongState) as refusal:
            world.ask(unit, uid, operation, attributed=attributed)
        assert [problem.rule for problem in refusal.value.problems] == ["MAR-ETAT"]
        assert world.rows(unit, uid) == before
    assert world.said == []


def test_a_life_begins_by_a_projet_or_by_a_marche(world: World) -> None:
    assert {name for name, transition in TRANSITIONS.items() if not transition.depuis} == BEGINNINGS
    world.begin("M1")
    world.begin("M2", by_projet=False)
    assert [(event.type, event.version) for event in world.said] == [
        (TRANSITIONS["projeter"].event, 1),
        (TRANSITIONS["creer"].event, 1),
    ]


def test_every_status_but_the_last_ones_leads_somewhere() -> None:
    final = {Statut.INFRUCTUEUX, Statut.SANS_SUITE, Statut.SOLDE}
    leaving = {
        status for transition in TRANSITIONS.values() if transition.vers is not None for status in transition.depuis
    }
    assert set(Statut) - leaving == final
    assert {transition.vers for transition in TRANSITIONS.values()} >= set(Statut)
