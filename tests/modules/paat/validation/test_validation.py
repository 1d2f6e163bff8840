"""Validation: each role in its turn and within its perimeter, sent back with a reason, nothing forgotten."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import Forbidden, NotFound, Outdated, RuleBroken, WrongState
from semaphore_hub.modules.paat.codes import StatutPaat
from semaphore_hub.modules.paat.models import PaatAction
from semaphore_hub.modules.paat.validation.etats import ACTIVITES, SOUMISSION, activite_suivante
from semaphore_hub.modules.paat.validation.schemas import HistoriqueEtapes, ValidationEnAttente
from semaphore_hub.ports.payloads import PaatPayload
from tests.modules.fakes import RecordedEvents
from tests.modules.paat.validation.plans import (
    ACHETEUR,
    AILLEURS,
    ARS,
    DECIDEURS,
    DGOS,
    DIRECTEUR,
    PARTENAIRE,
    TOUS,
    action,
    decide,
    lu,
    mene,
    plan,
    soumis,
)

ATTENTES = [activite.avant for activite in ACTIVITES]


def attente(services: Services, caller: Caller, limit: int = 50, after: str | None = None) -> list[ValidationEnAttente]:
    with services.database.read() as connection:
        return services.validation.en_attente(connection, caller, limit=limit, after=after)[1]


def histoire(services: Services, uid: str) -> HistoriqueEtapes:
    with services.database.read() as connection:
        return services.validation.historique(connection, LOCAL, uid)


def test_the_table_leads_every_status_to_the_next_one() -> None:
    chain = [SOUMISSION, *ACTIVITES]
    assert [one.apres for one in chain] == list(StatutPaat)[1:]
    assert [one.avant for one in chain] == list(StatutPaat)[:-1]
    assert activite_suivante(StatutPaat.BROUILLON) is None
    assert activite_suivante(StatutPaat.CLOS) is None


def test_the_whole_workflow_says_each_step_once(known: Services, events: RecordedEvents) -> None:
    created = plan(known, action("A-001"))
    events.clear()
    suite = soumis(known, created.uid)
    for waiting in ATTENTES:
        assert suite.statut == waiting
        suite = decide(known, DECIDEURS[waiting], suite)
    assert (suite.statut, suite.suivante, suite.version) == ("clos", None, created.version + 5)
    assert [event.type.split(".")[-2] for event in events] == ["soumis", "valide", "transmis", "analyse", "clos"]
    assert [event.version for event in events] == list(range(3, 8))
    told = PaatPayload.model_validate(events[1].data)
    assert (told.activite, told.statut, str(told.gainRetenu)) == (
        "Validation Directeur Achats",
        "valide_directeur",
        "12000.00",
    )
    steps = histoire(known, created.uid).etapes
    assert [(one.activite, one.statut, one.auteur) for one in steps] == [
        ("Soumission du PAAT", "acceptee", "acheteur-fictif"),
        ("Validation Directeur Achats", "acceptee", "directeur-fictif"),
        ("Transmission ARS", "acceptee", "ars-fictive"),
        ("DGOS - Validation d'une Analyse", "acceptee", "dgos-fictive"),
        ("Clôture du PAAT", "acceptee", "dgos-fictive"),
    ]
    assert all(one.decideeLe is not None for one in steps)


@pytest.mark.parametrize("statut", ATTENTES)
def test_only_the_role_whose_turn_it_is_decides(embedded: Services, statut: StatutPaat) -> None:
    suite = mene(embedded, plan(embedded, action("A-001")).uid, statut)
    for caller in TOUS:
        if caller.role is not DECIDEURS[statut].role:
            for decision in ("acceptee", "refusee"):
                with pytest.raises(Forbidden):
                    decide(embedded, caller, suite, decision, "Motif fictif")
    assert (lu(embedded, suite.uid).statut, lu(embedded, suite.uid).version) == (statut, suite.version)


@pytest.mark.parametrize("statut", ATTENTES)
def test_the_integrateur_may_act_for_any_role(embedded: Services, statut: StatutPaat) -> None:
    suite = mene(embedded, plan(embedded, action("A-001")).uid, statut)
    assert decide(embedded, LOCAL, suite).statut != statut


@pytest.mark.parametrize("statut", ATTENTES)
def test_every_role_may_send_back_with_a_reason(embedded: Services, events: RecordedEvents, statut: StatutPaat) -> None:
    suite = mene(embedded, plan(embedded, action("A-001")).uid, statut)
    with pytest.raises(RuleBroken) as refused:
        decide(embedded, DECIDEURS[statut], suite, "refusee")
    assert [(one.rule, one.path) for one in refused.value.problems] == [("PAA-RENVOI-MOTIF", "$.motif")]
    back = decide(embedded, DECIDEURS[statut], suite, "refusee", "Gain de l'action A-001 à justifier")
    assert (back.statut, back.suivante, back.etape.statut) == ("brouillon", None, "refusee")
    assert (events[-1].type, events[-1].data["motif"]) == (
        "fr.semaphore.paat.renvoye.v1",
        "Gain de l'action A-001 à justifier",
    )
    again = mene(embedded, suite.uid, statut)
    assert again.statut == statut
    steps = histoire(embedded, suite.uid).etapes
    rank = ATTENTES.index(statut) + 2
    assert [one.statut for one in steps] == ["acceptee"] * (rank - 1) + ["refusee"] + ["acceptee"] * (rank - 1) + [
        "ouverte"
    ]
    assert steps[rank - 1].motif == "Gain de l'action A-001 à justifier"


def test_nobody_decides_outside_its_perimeter(embedded: Services) -> None:
    suite = soumis(embedded, plan(embedded, action("A-001")).uid)
    with pytest.raises(NotFound):
        decide(embedded, AILLEURS, suite)
    with pytest.raises(NotFound), embedded.database.read() as connection:
        embedded.validation.historique(connection, AILLEURS, suite.uid)
    assert lu(embedded, suite.uid).statut == "soumis"


@pytest.mark.parametrize("caller", [ARS, DGOS, PARTENAIRE])
def test_only_those_who_write_submit(embedded: Services, caller: Caller) -> None:
    created = plan(embedded, action("A-001"))
    with pytest.raises(Forbidden):
        soumis(embedded, created.uid, caller)
    assert soumis(embedded, created.uid, DIRECTEUR).statut == "soumis"


def test_a_step_is_decided_once_on_the_version_that_was_read(embedded: Services) -> None:
    suite = soumis(embedded, plan(embedded, action("A-001")).uid)
    with pytest.raises(Outdated):
        decide(embedded, DIRECTEUR, suite.model_copy(update={"version": suite.version - 1}))
    after = decide(embedded, DIRECTEUR, suite)
    with pytest.raises(WrongState, match="déjà décidée"):
        decide(embedded, DIRECTEUR, suite.model_copy(update={"version": after.version}))
    with pytest.raises(WrongState):
        soumis(embedded, suite.uid)
    other = soumis(embedded, plan(embedded, action("A-001"), annee=2027).uid)
    with pytest.raises(NotFound):
        decide(embedded, DIRECTEUR, other.model_copy(update={"suivante": after.suivante}))


def test_a_plan_without_an_action_is_not_submitted(embedded: Services) -> None:
    created = plan(embedded)
    with pytest.raises(RuleBroken) as refused:
        soumis(embedded, created.uid)
    assert refused.value.problems[0].rule == "PAA-SOUMISSION-VIDE"
    assert histoire(embedded, created.uid).etapes == ()


def test_submitting_controls_again_and_warns_of_excluded_lines(embedded: Services) -> None:
    created = plan(embedded, action("A-001"), action("A-002", gain="150000.00"), action("A-003", gain=None))
    table = table_of(PaatAction)
    with embedded.database.write() as unit:
        # As if the controls had been made with other bounds.
        stale = {"exclue": False, "controle": None, "commentaire_dgos": None, "gain_retenu_cents": 15_000_000}
        unit.connection.execute(update(table).where(table.c.numero == "A-002").values(stale))
    suite = soumis(embedded, created.uid)
    assert [(one.regle, one.champ) for one in suite.avertissements] == [
        ("PAA-LIGNE-EXCLUE", "actions.A-002"),
        ("PAA-LIGNE-EXCLUE", "actions.A-003"),
    ]
    assert "Q2 : Performance supérieure ou égale à 100% - Calcul erroné" in suite.avertissements[0].message
    assert "150 000,00 €" in suite.avertissements[0].message
    found = lu(embedded, created.uid).totaux
    assert (found.actions, found.exclues, str(found.gainRetenu)) == (3, 2, "12000.00")


@pytest.mark.parametrize("statut", [*ATTENTES, StatutPaat.CLOS])
def test_figures_do_not_change_once_submitted(embedded: Services, statut: StatutPaat) -> None:
    suite = mene(embedded, plan(embedded, action("A-001")).uid, statut)
    with pytest.raises(WrongState), embedded.database.write() as unit:
        embedded.paat.enregistrer(unit, LOCAL, suite.uid, suite.version, [action("A-001", gain="1.00")])


def test_each_role_sees_what_waits_for_it_in_its_perimeter(known: Services) -> None:
    here, there = plan(known, action("A-001")), plan(known, action("A-001"), ght="FIC-02")
    first = soumis(known, here.uid)
    soumis(known, there.uid, LOCAL)
    (line,) = attente(known, DIRECTEUR)
    assert (line.objet, line.activite, line.ght, line.paat, line.version) == (
        "PAAT FIC-01 2026",
        "Validation Directeur Achats",
        "FIC-01",
        here.uid,
        first.version,
    )
    assert first.suivante is not None
    assert (line.etape, line.depuis) == (first.suivante.uid, first.suivante.ouverteLe)
    assert [one.ght for one in attente(known, AILLEURS)] == ["FIC-02"]
    assert [one.ght for one in attente(known, LOCAL)] == ["FIC-01", "FIC-02"]
    assert attente(known, ACHETEUR) == attente(known, ARS) == attente(known, DGOS) == []
    decide(known, DIRECTEUR, first)
    assert attente(known, DIRECTEUR) == []
    assert [one.activite for one in attente(known, ARS)] == ["Transmission ARS"]


def test_what_waits_is_paged_longest_waiting_first_with_its_total(embedded: Services) -> None:
    for annee in (2025, 2026, 2027):
        soumis(embedded, plan(embedded, action("A-001"), annee=annee).uid)
    with embedded.database.read() as connection:
        total, items, last = embedded.validation.en_attente(connection, DIRECTEUR, limit=2, after=None)
        rest = embedded.validation.en_attente(connection, DIRECTEUR, limit=2, after=last)
    assert (total, [one.annee for one in items]) == (3, [2025, 2026])
    assert (rest[0], [one.annee for one in rest[1]], rest[2]) == (3, [2027], None)
