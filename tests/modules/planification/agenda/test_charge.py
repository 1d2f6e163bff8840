"""Days of work: spread over the months without losing any, and late work counted from today."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.modules.planification.agenda.charge import (
    JALONS,
    PHASES,
    Charge,
    Travail,
    charges,
    mois_de,
    mois_suivant,
    pics,
    travaux,
)
from semaphore_hub.modules.planification.agenda.vues import charge_vue
from semaphore_hub.modules.planification.codes import JALONS_ADHESION, CodeJalon, Filiere, Statut
from tests.modules.planification.agenda.samples import PREVUS, jalons, suivi

JOUR = date(2026, 3, 2)
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


def work(jours: str, debut: date, fin: date) -> Travail:
    return Travail(PHASES[0], Decimal(jours), debut, fin)


def test_the_phases_follow_the_milestones_and_every_kind_of_procedure_has_its_days() -> None:
    assert tuple(CodeJalon) == JALONS
    sums = {filiere: sum(phase.jours[filiere] for phase in PHASES) for filiere in Filiere}
    assert sums == {
        Filiere.FORMALISEE: Decimal("34.00"),
        Filiere.ADAPTEE: Decimal("14.50"),
        Filiere.DISPENSE: Decimal("4.00"),
        Filiere.ADHESION: Decimal("4.50"),
    }
    # The cooperative runs the consultation: there is only the adhesion between the strategy and the attribution.
    assert {phase.fin for phase in PHASES if not phase.jours[Filiere.ADHESION]}.isdisjoint(JALONS_ADHESION)


@pytest.mark.parametrize(
    ("jours", "debut", "fin", "expected"),
    [
        ("10.00", date(2026, 1, 22), date(2026, 2, 11), {1: "5.00", 2: "5.00"}),
        # 31, 28 and 31 days of 90: 3.444…, 3.111…, 3.444…; each rounding is taken back by the next month.
        ("10.00", date(2026, 1, 1), date(2026, 4, 1), {1: "3.44", 2: "3.12", 3: "3.44"}),
        ("6.00", date(2026, 5, 4), date(2026, 5, 4), {5: "6.00"}),
        ("6.00", date(2026, 5, 4), date(2026, 6, 1), {5: "6.00"}),
        ("0.00", date(2026, 5, 4), date(2026, 7, 1), {5: "0.00", 6: "0.00"}),
    ],
)
def test_days_are_spread_by_calendar_days(jours: str, debut: date, fin: date, expected: dict[int, str]) -> None:
    found = work(jours, debut, fin).etale()
    assert found == {date(2026, month, 1): Decimal(days) for month, days in expected.items()}


@settings(max_examples=50)
@given(st.integers(0, 100_000), DAYS, st.integers(0, 900))
def test_no_day_is_lost_nor_made_by_the_spreading(cents: int, debut: date, length: int) -> None:
    jours = Decimal(cents) / 100
    shares = work(str(jours), debut, debut + timedelta(days=length)).etale()
    assert sum(shares.values()) == jours
    assert all(share >= 0 for share in shares.values())
    assert list(shares) == sorted(shares)


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(Filiere),
            st.sampled_from(Statut),
            st.sampled_from(["A", "B", None]),
            st.lists(st.none() | DAYS, min_size=9, max_size=9),
            st.lists(st.none() | DAYS, min_size=9, max_size=9),
        ),
        max_size=5,
    ),
    st.integers(2024, 2028),
)
def test_months_phases_and_portfolios_all_add_up(projets: list[tuple], annee: int) -> None:
    followed = [
        suivi(
            {code: day.isoformat() for code, day in zip(CodeJalon, prevus, strict=True) if day},
            {code: day.isoformat() for code, day in zip(CodeJalon, realises, strict=True) if day},
            filiere=filiere,
            statut=statut,
            portefeuille=portefeuille,
        )
        for filiere, statut, portefeuille, prevus, realises in projets
    ]
    vue = charge_vue(charges(followed, JOUR), annee, Decimal(18), JOUR)
    for one in vue.portefeuilles:
        assert one.avant + one.annee + one.apres == one.total == sum(phase.jours for phase in one.phases)
        assert one.annee == sum(month.jours for month in one.mois)
    works = [work for projet in followed for work in travaux(projet, JOUR)]
    assert vue.total == sum((one.jours for one in works), Decimal(0))
    assert all(one.debut <= one.fin for one in works)
    living = [one for one in followed if not one.abandonne and any(jalon.jour for jalon in one.jalons)]
    whole = sum((phase.jours[one.filiere] for one in living for phase in PHASES), Decimal(0))
    assert sum((one.jours for one in works), Decimal(0)) >= whole


def periods(projet, jour: date = JOUR) -> dict[str, tuple[date, date]]:
    return {one.phase.code: (one.debut, one.fin) for one in travaux(projet, jour)}


def test_a_phase_lasts_between_the_real_days_and_what_is_late_counts_from_today() -> None:
    found = periods(suivi(), date(2026, 3, 20))
    assert found["strategie"] == (date(2026, 1, 7), date(2026, 2, 10))
    # The tender documents should have been begun on 16 March: they will be today at the earliest.
    assert found["preparation"] == (date(2026, 2, 10), date(2026, 3, 20))
    assert found["dce"] == (date(2026, 3, 20), date(2026, 4, 1))
    assert found["demarrage"] == (date(2026, 7, 20), date(2026, 9, 1))
    assert periods(suivi())["preparation"] == (date(2026, 2, 10), date(2026, 3, 16))


def test_a_milestone_nobody_said_is_reached_with_the_next_one() -> None:
    found = periods(suivi(realises={"strategie": "2026-01-03"}))
    assert found["strategie"] == (date(2026, 1, 3), date(2026, 1, 3))


def test_a_milestone_the_project_does_not_have_takes_no_time() -> None:
    adhesion = suivi({code: PREVUS[code] for code in JALONS_ADHESION}, {}, filiere=Filiere.ADHESION)
    found = periods(adhesion, date(2026, 1, 1))
    assert found["dce"] == found["ouverture"] == (date(2026, 2, 2), date(2026, 2, 2))
    assert found["analyse"] == (date(2026, 2, 2), date(2026, 7, 1))


@pytest.mark.parametrize("statut", [Statut.ABANDONNE, Statut.INFRUCTUEUX])
def test_of_a_project_given_up_only_the_work_done_counts(statut: Statut) -> None:
    assert periods(suivi(statut=statut)) == {"strategie": (date(2026, 1, 7), date(2026, 2, 10))}
    assert periods(suivi(realises={}, statut=statut)) == {}
    assert len(periods(suivi(statut=Statut.TERMINE))) == len(PHASES)


def test_a_project_without_any_date_does_not_count_and_is_said() -> None:
    [charge] = charges([suivi({}, {}), suivi()], JOUR)
    assert (charge.sans_date, charge.total) == (1, Decimal("34.00"))


def test_projects_in_progress_and_peaks_are_by_month() -> None:
    other = suivi(portefeuille=None, reference="2026-DM-018")
    [first, last] = charges([other, suivi(), suivi(reference="2026-DM-019")], JOUR)
    assert (first.portefeuille, last.portefeuille) == ("Dispositifs médicaux", None)
    assert [first.projets[month] for month in mois_de(2026)] == [2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0]
    assert last.projets[date(2026, 3, 1)] == 1
    march = first.mois[date(2026, 3, 1)]
    # Two projects: 15 of the 34 days of the preparation (2 days of work), and all the writing (10 days of work).
    assert march == 2 * (Decimal("0.88") + Decimal("10.00"))
    assert pics(first, mois_de(2026), march) == [month for month in mois_de(2026) if first.mois[month] > march]
    assert date(2026, 3, 1) in pics(first, mois_de(2026), march - Decimal("0.01"))
    assert date(2026, 3, 1) not in pics(first, mois_de(2026), march)


def test_the_month_after_december_is_january() -> None:
    assert mois_suivant(date(2026, 12, 1)) == date(2027, 1, 1)
    assert mois_suivant(date(2026, 1, 31)) == date(2026, 2, 1)
    assert Charge("FIC-01", None).total == 0
    assert jalons({}, {}) == ()
