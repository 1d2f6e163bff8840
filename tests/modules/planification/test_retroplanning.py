"""Backward planning: milestones in order up to the day after the expiry, minimum delays, weekends, how late."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.modules.planification.codes import CodeJalon, Filiere
from semaphore_hub.modules.planification.delais import Delais
from semaphore_hub.modules.planification.donnees import Jalon
from semaphore_hub.modules.planification.jalons import DEFAUTS, HYPOTHESE, MINIMA
from semaphore_hub.modules.planification.planning import plan_pour
from semaphore_hub.modules.planification.retroplanning import lendemain, retard, retroplanning
from semaphore_hub.modules.referentiel.seuils import Procedure, SeuilInconnu

EN_VIGUEUR = {filiere: Delais(jours, HYPOTHESE) for filiere, jours in DEFAUTS.items()}
FILIERES = st.sampled_from(tuple(Filiere))
DAYS = st.dates(date(2020, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("filiere", "jours"),
    [(Filiere.FORMALISEE, 270), (Filiere.ADAPTEE, 150), (Filiere.ADHESION, 90), (Filiere.DISPENSE, 60)],
)
def test_the_default_lead_times_are_nine_five_and_three_months_of_thirty_days(filiere: Filiere, jours: int) -> None:
    plan = retroplanning(date(2027, 1, 1), filiere, DEFAUTS[filiere])
    assert (date(2027, 1, 1) - plan.lancement).days == jours


def test_a_formalised_procedure_day_by_day() -> None:
    plan = retroplanning(date(2027, 1, 1), Filiere.FORMALISEE, DEFAUTS[Filiere.FORMALISEE])
    assert {code.value: str(day) for code, day in plan.jalons.items()} == {
        "recensement": "2026-04-06",
        "strategie": "2026-05-21",
        "dce": "2026-06-20",
        "publication": "2026-08-04",
        "remise": "2026-09-08",
        "analyse": "2026-09-13",
        "attribution": "2026-11-12",
        "notification": "2026-12-02",
        "debut": "2027-01-01",
    }


@given(debut=DAYS, filiere=FILIERES, data=st.data())
@settings(max_examples=50)
def test_milestones_are_ordered_keep_the_minima_and_end_on_the_start(
    debut: date, filiere: Filiere, data: st.DataObject
) -> None:
    steps = data.draw(st.lists(st.integers(0, 60), min_size=len(DEFAUTS[filiere]) - 1, max_size=8))
    days = [0]
    for step in steps[: len(DEFAUTS[filiere]) - 1]:
        days.append(days[-1] + step)
    delais = dict(zip(DEFAUTS[filiere], reversed(days), strict=True))
    expiry = debut - timedelta(days=1)
    plan = retroplanning(lendemain(expiry), filiere, delais)
    planned = list(plan.jalons.values())
    assert all(earlier <= later for earlier, later in pairwise(planned))
    assert planned[-1] == expiry + timedelta(days=1)
    assert tuple(plan.jalons) == tuple(DEFAUTS[filiere])
    for one in MINIMA[filiere]:
        assert (plan.jalons[one.apres] - plan.jalons[one.avant]).days >= one.jours
    if CodeJalon.PUBLICATION in plan.jalons:
        assert plan.jalons[CodeJalon.PUBLICATION].weekday() < 5


def test_a_notice_of_the_weekend_leaves_on_friday_and_says_so() -> None:
    # 1 March 2027 less 150 days is Friday 2 October 2026; a day later in the year, Saturday the 3rd.
    assert retroplanning(date(2027, 3, 1), Filiere.FORMALISEE, DEFAUTS[Filiere.FORMALISEE]).ajustements == ()
    for debut in (date(2027, 3, 2), date(2027, 3, 3)):
        plan = retroplanning(debut, Filiere.FORMALISEE, DEFAUTS[Filiere.FORMALISEE])
        assert plan.publication == date(2026, 10, 2)
        assert "avancé" in plan.ajustements[0]
        assert "vendredi 02/10/2026" in plan.ajustements[0]


def test_too_short_lead_times_are_stretched_to_the_minimum_with_its_source() -> None:
    short = {**DEFAUTS[Filiere.FORMALISEE], CodeJalon.PUBLICATION: 130, CodeJalon.ATTRIBUTION: 35}
    plan = retroplanning(date(2027, 1, 1), Filiere.FORMALISEE, short)
    assert plan.jalons[CodeJalon.ATTRIBUTION] == plan.jalons[CodeJalon.NOTIFICATION] - timedelta(days=11)
    assert plan.jalons[CodeJalon.PUBLICATION] <= plan.jalons[CodeJalon.REMISE] - timedelta(days=30)
    assert [
        text for text in ("R2161-3", "vendredi 07/08/2026", "R2182-1") if any(text in one for one in plan.ajustements)
    ] == [
        "R2161-3",
        "vendredi 07/08/2026",
        "R2182-1",
    ]
    assert "R2161-3" in plan.ajustements[0]


def test_the_first_days_of_the_calendar_hold() -> None:
    plan = retroplanning(date(1, 1, 5), Filiere.FORMALISEE, DEFAUTS[Filiere.FORMALISEE])
    assert plan.lancement == date.min
    assert lendemain(date.max) == date.max


def jalons(filiere: Filiere, debut: date, *done: CodeJalon) -> list[Jalon]:
    """Planned milestones; those done were reached on 20 February 2026."""
    plan = retroplanning(debut, filiere, DEFAUTS[filiere])
    return [Jalon(code, day, date(2026, 2, 20) if code in done else None) for code, day in plan.jalons.items()]


def test_a_project_late_says_how_many_days_are_without_a_marche() -> None:
    debut, echeance = date(2026, 11, 1), date(2026, 10, 31)
    planned = jalons(Filiere.FORMALISEE, debut)
    assert planned[0].prevu == date(2026, 2, 4)
    assert retard(planned, debut, echeance, date(2026, 2, 4)) is None
    late = retard(planned, debut, echeance, date(2026, 3, 2))
    assert late is not None
    assert (late.jours, late.jalon, late.debut_realiste, late.jours_sans_marche) == (
        26,
        CodeJalon.RECENSEMENT,
        date(2026, 11, 27),
        26,
    )
    assert "26 jours sans marché" in late.consequence
    assert "marché de transition" in late.consequence


def test_the_next_milestone_is_the_one_that_counts() -> None:
    debut = date(2026, 11, 1)
    planned = jalons(Filiere.FORMALISEE, debut, CodeJalon.RECENSEMENT)
    assert retard(planned, debut, date(2026, 10, 31), date(2026, 3, 2)) is None
    late = retard(planned, debut, None, date(2026, 3, 22))
    assert late is not None
    assert (late.jours, late.jalon, late.jours_sans_marche) == (1, CodeJalon.STRATEGIE, 0)
    assert "1 jour de retard" in late.consequence
    assert "transition" not in late.consequence


def test_a_late_project_may_still_leave_no_day_without_a_marche() -> None:
    debut = date(2026, 11, 1)
    late = retard(jalons(Filiere.FORMALISEE, debut), debut, date(2026, 12, 31), date(2026, 3, 2))
    assert late is not None
    assert late.jours_sans_marche == 0
    assert "aucun jour ne reste sans marché" in late.consequence


def test_a_project_whose_milestones_are_all_reached_is_never_late() -> None:
    debut = date(2026, 1, 1)
    assert retard(jalons(Filiere.ADAPTEE, debut, *CodeJalon), debut, None, date(2026, 3, 2)) is None
    assert retard(jalons(Filiere.ADAPTEE, debut), debut, None, date(2026, 3, 2)) is not None


@pytest.mark.parametrize(
    ("longest", "shorter", "planned"),
    [
        (Procedure.FORMALISEE, Procedure.FORMALISEE, Filiere.FORMALISEE),
        (Procedure.ADAPTEE, Procedure.ADAPTEE, Filiere.ADAPTEE),
        (Procedure.ADAPTEE, Procedure.FORMALISEE, Filiere.FORMALISEE),
        (Procedure.ADAPTEE, Procedure.DISPENSE, Filiere.ADAPTEE),
    ],
)
def test_the_stricter_procedure_of_both_launches_is_planned(
    longest: Procedure, shorter: Procedure, planned: Filiere
) -> None:
    # The formalised launch is 4 August 2026, the adapted one 8 October 2026.
    foreseen = plan_pour(date(2027, 1, 1), EN_VIGUEUR, lambda jour: longest if jour < date(2026, 9, 1) else shorter)
    assert (foreseen.plan.filiere, foreseen.seuils_inconnus) == (planned, None)


def test_where_no_threshold_is_known_the_longest_lead_times_are_planned() -> None:
    def unknown(jour: date) -> str:
        raise SeuilInconnu("inconnu")

    foreseen = plan_pour(date(2029, 1, 1), EN_VIGUEUR, unknown)
    assert (foreseen.plan.filiere, foreseen.seuils_inconnus) == (Filiere.FORMALISEE, foreseen.plan.publication)
