"""Carry-over: what is left of each action, to the cent, once; performance of N = report of N-1 + actions of N."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import Forbidden, NotFound, RuleBroken, WrongState
from semaphore_hub.kernel.money import from_cents, to_cents
from semaphore_hub.modules.paat.codes import StatutPaat
from semaphore_hub.modules.paat.gains import prorata
from semaphore_hub.modules.paat.models import PaatAction
from semaphore_hub.modules.paat.schemas import ActionVue
from semaphore_hub.modules.paat.validation.report import ecart_de_report, est_a_reporter, numero_reporte, reprise
from semaphore_hub.modules.paat.validation.schemas import DemandeReport, PerformancePaat, ReportPaat
from semaphore_hub.modules.referentiel.models import Etablissement
from semaphore_hub.modules.referentiel.schemas import NouveauRattachement
from tests.modules.fakes import RecordedEvents
from tests.modules.paat.validation.plans import (
    ACHETEUR,
    AILLEURS,
    ARS,
    DGOS,
    action,
    decide,
    lu,
    mene,
    plan,
    soumis,
)
from tests.modules.samples import PARTIE, SUPPORT

UID = "019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f"


def ligne(**changes: Any) -> dict[str, Any]:
    """A row of paat_action: 120 000 € a year from September 2026."""
    return {
        **dict.fromkeys(
            ("famille", "famille_ecrite", "domaine", "categorie", "segment", "levier", "etablissement_siret",
             "numero_marche", "effet_budgetaire", "date_effet", "calcul_gains", "acheteur", "commentaire",
             "explication", "controle")
        ),
        "uid": UID,
        "ght": "FIC-01",
        "annee": 2026,
        "numero": "A-001",
        "libelle": "Action fictive",
        "statut": "en_cours",
        "stade": "notifie",
        "operateur": "ght",
        "section": "exploitation",
        "montant_reference_cents": 100_000_000,
        "perimetre_cents": 100_000_000,
        "gain_cents": 12_000_000,
        "mois_effet": 4,
        "gain_annee_cents": 4_000_000,
        "report_cents": 8_000_000,
        "origine": "saisie",
        "exclue": False,
        **changes,
    }  # fmt: skip


SANS_EFFET = {"mois_effet": None, "gain_annee_cents": None, "report_cents": None}
ANNEE_PLEINE = {"mois_effet": 12, "gain_annee_cents": 12_000_000, "report_cents": 0}
A_VENIR = {"mois_effet": 0, "gain_annee_cents": 0, "report_cents": 12_000_000, "exclue": True, "controle": "Q4"}


@pytest.mark.parametrize(
    ("changes", "gain", "mois", "statut"),
    [
        ({}, "80000.00", 12, "en_cours"),
        ({"statut": "realisee"}, "80000.00", 12, "realisee"),
        (ANNEE_PLEINE, "0.00", 12, "en_cours"),
        ({**SANS_EFFET, "statut": "idee"}, "120000.00", None, "idee"),
        ({**SANS_EFFET, "gain_cents": None}, None, None, "en_cours"),
        ({"statut": "reportee"}, "120000.00", None, "validee"),
        ({**A_VENIR, "statut": "validee"}, "120000.00", None, "validee"),
    ],
)
def test_what_is_left_of_an_action(changes: dict[str, Any], gain: str | None, mois: int | None, statut: str) -> None:
    row = ligne(**changes)
    assert est_a_reporter(row)
    assert ecart_de_report(row, ()) is None
    entry = reprise(row, (), None)
    assert (entry.gain, entry.moisEffet, entry.statut) == (None if gain is None else Decimal(gain), mois, statut)
    assert (entry.numero, entry.actionOrigine, entry.montantReference) == ("R26-A-001", UID, Decimal("1000000.00"))


def test_the_computation_of_a_report_is_written_down() -> None:
    assert reprise(ligne(), (), None).calculGains == (
        "Report de l'action A-001 de 2026 : 120 000,00 € par an, dont 40 000,00 € en 2026 ; reste 80 000,00 €."
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"statut": "abandonnee"},
        {"statut": "realisee", **ANNEE_PLEINE},
        {"statut": "realisee", **SANS_EFFET},
    ],
)
def test_what_is_over_is_not_carried_over(changes: dict[str, Any]) -> None:
    assert not est_a_reporter(ligne(**changes))


def test_the_rest_of_an_excluded_gain_is_dropped() -> None:
    found = ecart_de_report(ligne(exclue=True, controle="Q2"), ())
    assert found is not None
    assert (found.rule, found.path) == ("PAA-REPORT-EXCLUE", "actions.A-001")
    assert "(Q2) : le reste de son gain (80 000,00 €)" in found.message


@pytest.mark.parametrize(
    ("changes", "pris", "numero"),
    [
        ({}, (), "R26-A-001"),
        ({"numero": "R25-A-001", "origine": "report"}, (), "R25-A-001"),
        ({"numero": "R25-A-001"}, (), "R26-R25-A-001"),
        ({"numero": "X" * 16}, (), "R26-" + "X" * 16),
        ({"numero": "X" * 17}, (), "R26-2a6b9c0d1e3f"),
        ({}, ("R26-A-001",), "R26-2a6b9c0d1e3f"),
    ],
)
def test_the_number_names_the_year_the_action_is_from(
    changes: dict[str, Any], pris: tuple[str, ...], numero: str
) -> None:
    assert numero_reporte(ligne(**changes), pris) == numero


@given(cents=st.integers(1, 10**12), mois=st.integers(1, 11))
def test_the_year_and_its_report_are_the_whole_gain(cents: int, mois: int) -> None:
    share = prorata(from_cents(cents), mois)
    row = ligne(gain_cents=cents, gain_annee_cents=to_cents(share.annee), report_cents=to_cents(share.report))
    taken = reprise(row, (), None).gain
    assert taken is not None
    counted = share.annee if share.annee else Decimal(0)
    assert counted + taken == from_cents(cents)


def reporte(services: Services, uid: str, annee: int = 2027, caller: Caller = ACHETEUR) -> ReportPaat:
    with services.database.write() as unit:
        return services.validation.reporter(unit, caller, uid, DemandeReport(annee=annee))


def actions(services: Services, uid: str) -> dict[str, ActionVue]:
    with services.database.read() as connection:
        found, _ = services.paat.lister_actions(connection, LOCAL, uid, {}, limit=200, after=None)
    return {one.numero: one for one in found}


def performance(services: Services, uid: str) -> PerformancePaat:
    with services.database.read() as connection:
        return services.validation.performance(connection, LOCAL, uid)


def test_a_plan_is_carried_over_once_to_the_cent(known: Services, events: RecordedEvents) -> None:
    source = plan(
        known,
        action(
            "A-001", gain="120000.00", montantReference="1000000.00", perimetre="1000000.00", dateEffet="2026-09-01"
        ),
        action("A-002", gain="10000.01", dateEffet="2026-08-15", statut="realisee"),
        action("A-003", statut="abandonnee"),
        action("A-004", statut="reportee"),
        action("A-005", gain="150000.00", dateEffet="2026-07-01"),
        action("A-006", statut="realisee", moisEffet=12),
    )
    mene(known, source.uid, StatutPaat.VALIDE_DIRECTEUR)
    events.clear()
    done = reporte(known, source.uid)
    # 10 000,01 × 5/12 = 4 166,67 in 2026, the rest in 2027.
    assert [(one.numero, one.reportee, str(one.gain)) for one in done.reportees] == [
        ("A-001", "R26-A-001", "80000.00"),
        ("A-002", "R26-A-002", "5833.34"),
        ("A-004", "R26-A-004", "12000.00"),
    ]
    assert [one.champ for one in done.ecartees] == ["actions.A-005"]
    assert (done.cree, done.dejaReportees, done.version, done.annee) == (True, 0, 2, 2027)
    assert [event.type.split(".")[-2] for event in events] == ["cree", "actions_enregistrees"]
    carried = actions(known, done.uid)
    first, origin = carried["R26-A-001"], actions(known, source.uid)["A-001"]
    assert (first.origine, first.actionOrigine) == ("report", origin.uid)
    assert (str(first.gainAnnee), str(first.report), first.exclue) == ("80000.00", "0.00", False)
    assert (carried["R26-A-004"].statut, carried["R26-A-004"].gainAnnee) == ("validee", None)

    again = reporte(known, source.uid)
    assert (again.reportees, again.dejaReportees, again.cree) == ((), 3, False)
    assert (again.uid, again.version, len(events)) == (done.uid, done.version, 2)


def test_performance_is_report_of_the_year_before_plus_actions_of_the_year(embedded: Services) -> None:
    source = plan(
        embedded,
        action("A-001", gain="12000.00", dateEffet="2026-09-01"),
        action("A-002", statut="idee"),
    )
    mene(embedded, source.uid, StatutPaat.VALIDE_DIRECTEUR)
    target = plan(
        embedded,
        action("A-001", gain="18000.00", dateEffet="2027-05-01"),
        action("A-002", gain="150000.00", moisEffet=12),
        action("A-003", statut="abandonnee", moisEffet=12),
        annee=2027,
    )
    done = reporte(embedded, source.uid)
    assert (done.uid, done.cree) == (target.uid, False)
    found = performance(embedded, target.uid)
    reports, new, whole = (
        (one.actions, str(one.gainDeclare), str(one.gainRetenu), str(one.gainRetenuAnnee))
        for one in (found.reports, found.nouvelles, found.total)
    )
    assert reports == (2, "20000.00", "20000.00", "20000.00")
    assert new == (2, "168000.00", "18000.00", "12000.00")
    assert whole == (4, "188000.00", "38000.00", "32000.00")
    assert str(found.partReports) == "62.5"
    assert performance(embedded, source.uid).partReports == 0


def test_what_is_new_in_the_source_completes_the_brouillon(embedded: Services) -> None:
    source = plan(embedded, action("A-001", dateEffet="2026-09-01"))
    suite = mene(embedded, source.uid, StatutPaat.VALIDE_DIRECTEUR)
    first = reporte(embedded, source.uid)
    back = decide(embedded, ARS, suite, "refusee", "Une action manque")
    with embedded.database.write() as unit:
        embedded.paat.enregistrer(unit, ACHETEUR, source.uid, back.version, [action("A-002", dateEffet="2026-07-01")])
    with pytest.raises(WrongState):
        reporte(embedded, source.uid)
    mene(embedded, source.uid, StatutPaat.VALIDE_DIRECTEUR)
    second = reporte(embedded, source.uid)
    assert [(one.reportee, str(one.gain)) for one in second.reportees] == [("R26-A-002", "6000.00")]
    assert (second.dejaReportees, second.uid) == (1, first.uid)
    assert sorted(actions(embedded, first.uid)) == ["R26-A-001", "R26-A-002"]


def test_carried_over_again_an_action_keeps_its_number(embedded: Services) -> None:
    source = plan(embedded, action("A-001", statut="idee"))
    mene(embedded, source.uid, StatutPaat.VALIDE_DIRECTEUR)
    next_year = reporte(embedded, source.uid)
    mene(embedded, next_year.uid, StatutPaat.VALIDE_DIRECTEUR)
    assert [one.reportee for one in reporte(embedded, next_year.uid, 2028).reportees] == ["R26-A-001"]


def test_an_action_of_the_next_plan_is_never_replaced(embedded: Services) -> None:
    source = plan(embedded, action("A-001", dateEffet="2026-09-01"))
    mene(embedded, source.uid, StatutPaat.VALIDE_DIRECTEUR)
    target = plan(embedded, action("R26-A-001", gain="1.00"), annee=2027)
    (carried,) = reporte(embedded, source.uid).reportees
    assert carried.reportee != "R26-A-001"
    found = actions(embedded, target.uid)
    assert (str(found["R26-A-001"].gain), str(found[carried.reportee].gain)) == ("1.00", "8000.00")


def test_what_cannot_be_carried_over_says_why(embedded: Services) -> None:
    source = plan(embedded, action("A-001", dateEffet="2026-09-01"))
    with pytest.raises(WrongState, match="Brouillon"):
        reporte(embedded, source.uid)
    mene(embedded, source.uid, StatutPaat.VALIDE_DIRECTEUR)
    with pytest.raises(RuleBroken) as wrong_year:
        reporte(embedded, source.uid, 2028)
    assert wrong_year.value.problems[0].rule == "PAA-REPORT-ANNEE"
    for caller in (ARS, DGOS):
        with pytest.raises(Forbidden):
            reporte(embedded, source.uid, caller=caller)
    with pytest.raises(NotFound):
        reporte(embedded, source.uid, caller=AILLEURS)
    target = plan(embedded, action("A-001"), annee=2027)
    soumis(embedded, target.uid)
    with pytest.raises(WrongState):
        reporte(embedded, source.uid)
    assert len(actions(embedded, target.uid)) == 1


def test_an_action_of_an_etablissement_that_left_is_not_carried_over(embedded: Services) -> None:
    source = plan(
        embedded,
        action("A-001", dateEffet="2026-09-01", etablissement=PARTIE),
        action("A-002", dateEffet="2026-09-01", etablissement=SUPPORT),
    )
    mene(embedded, source.uid, StatutPaat.VALIDE_DIRECTEUR)
    with embedded.database.write() as unit:
        left = table_of(Etablissement)
        uid = unit.connection.execute(select(left.c.uid).where(left.c.siret == PARTIE)).scalar_one()
        moved = NouveauRattachement(ght="FIC-02", role="partie", dateDebut=date(2027, 1, 1))
        embedded.referentiel.rattacher(unit, LOCAL, uid, 1, moved)
    done = reporte(embedded, source.uid)
    assert [one.numero for one in done.reportees] == ["A-002"]
    assert [(one.regle, one.champ) for one in done.ecartees] == [("PAA-REPORT-ETABLISSEMENT", "actions.A-001")]


def test_a_family_that_is_no_longer_known_is_to_be_given_again(embedded: Services) -> None:
    source = plan(
        embedded,
        action("A-001", dateEffet="2026-09-01", famille="Médicaments"),
        action("A-002", dateEffet="2026-09-01", famille="Médicaments"),
    )
    mene(embedded, source.uid, StatutPaat.VALIDE_DIRECTEUR)
    table = table_of(PaatAction)
    with embedded.database.write() as unit:
        # As if the nomenclature had been replaced since.
        gone = {"famille": "SYN-99", "famille_ecrite": "Famille fictive disparue"}
        unit.connection.execute(update(table).where(table.c.numero == "A-002").values(gone))
    done = reporte(embedded, source.uid)
    assert [(one.regle, one.champ) for one in done.avertissements] == [("PAA-REPORT-FAMILLE", "actions.A-002.famille")]
    carried = actions(embedded, done.uid)
    assert (carried["R26-A-001"].famille, carried["R26-A-002"].famille) == (
        actions(embedded, source.uid)["A-001"].famille,
        None,
    )


def test_nothing_to_carry_over_creates_no_plan(embedded: Services) -> None:
    source = plan(embedded, action("A-001", gain="150000.00", dateEffet="2026-09-01"))
    mene(embedded, source.uid, StatutPaat.CLOS)
    with pytest.raises(RuleBroken) as refused:
        reporte(embedded, source.uid)
    assert [one.rule for one in refused.value.problems] == ["PAA-REPORT-VIDE", "PAA-REPORT-EXCLUE"]
    with embedded.database.read() as connection:
        found, _ = embedded.paat.lister(connection, LOCAL, {"annee": 2027}, limit=5, after=None)
    assert (found, lu(embedded, source.uid).statut) == ([], "clos")
