"""Logistics gains: the figures the source gives, both sides of each limit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.modules.indicateurs.formules.arrondi import afficher
from semaphore_hub.modules.indicateurs.logistique.impact import AILLEURS, SUPPORT_SANS, Assiette, impact
from semaphore_hub.modules.indicateurs.logistique.retour import Declare, Gains, gains, mutualisation, roi, statut
from semaphore_hub.modules.indicateurs.logistique.stocks import Lieu, annualise, gain_ponctuel, reduction

D = Decimal
SUPPORT = Assiette("Support fictif", D(20_000_000), support=True, plateforme=True)
PARTIE = Assiette("Partie fictive", D(10_000_000), support=False, plateforme=False)


def test_one_platform_at_the_support_is_the_vector_of_the_source() -> None:
    """L2: 1.5 % of 10 M€ and 0.5 % of 20 M€."""
    found = impact([SUPPORT, PARTIE])
    assert found.gain == D("250000.00")
    assert [(part.taux, part.assiette, part.gain) for part in found.parts] == [
        (D("0.015"), D(10_000_000), D("150000.00")),
        (D("0.005"), D(20_000_000), D("100000.00")),
    ]
    assert found.hypotheses == ()
    assert found.calcul == (
        "1,5 % × 10 000 000,00 € + 0,5 % × 20 000 000,00 € = 150 000,00 € + 100 000,00 € = 250 000,00 €"
    )


def test_with_several_platforms_each_site_that_has_one_counts_for_half_a_percent() -> None:
    other = Assiette("Autre site fictif", D(4_000_000), support=False, plateforme=True)
    found = impact([SUPPORT, PARTIE, other])
    assert found.gain == D("150000.00") + D("100000.00") + D("20000.00")
    assert found.parts[1].etablissements == ("Support fictif", "Autre site fictif")
    assert found.hypotheses == ()


@pytest.mark.parametrize(
    ("elsewhere", "said"), [((True, False), AILLEURS), ((True, True), SUPPORT_SANS)], ids=["one", "several"]
)
def test_platforms_away_from_the_support_are_a_hypothesis_and_say_so(elsewhere: tuple[bool, bool], said: str) -> None:
    others = [
        Assiette(f"Site fictif {rank}", D(1_000_000), support=False, plateforme=has)
        for rank, has in enumerate(elsewhere)
    ]
    found = impact([Assiette("Support fictif", D(2_000_000), support=True, plateforme=False), *others])
    with_platform = D(1_000_000) * sum(elsewhere)
    assert found.gain == D("0.005") * with_platform + D("0.015") * (4_000_000 - with_platform)
    assert found.hypotheses == (said,)


@pytest.mark.parametrize(
    ("semaines", "attendu"),
    [("6.65", "39,8 %"), ("8.97", "55,4 %"), ("6.44", "37,9 %"), ("25.05", "84,0 %"), ("8.26", "51,6 %")],
)
def test_stocks_of_the_pilots_come_down_to_four_weeks(semaines: str, attendu: str) -> None:
    """L1: drugs, devices and solutes, general store; pharmacy and store outside MCO."""
    assert afficher(reduction(D(semaines), "central"), "taux", 1) == attendu


@pytest.mark.parametrize(
    ("lieu", "semaines", "gain"),
    [
        ("central", "8", "50000.00"),
        ("central", "4", "0.00"),
        ("central", "4.01", "249.38"),
        ("central", "0", "0.00"),
        ("service", "4", "50000.00"),
        ("service", "2", "0.00"),
        ("service", "3", "33333.33"),
    ],
)
def test_what_is_above_the_target_comes_back_once(lieu: Lieu, semaines: str, gain: str) -> None:
    assert gain_ponctuel(D(100_000), D(semaines), lieu) == D(gain)


def test_a_one_off_gain_counts_each_year_for_its_rate() -> None:
    assert annualise(D("100000.10"), D("0.05")) == D("5000.01")
    assert gains([("profondeur_stock", D(100_000)), ("surface_cession", D(60_000))], D("0.05")) == Gains(
        D(0), D(160_000), D("8000.00")
    )


def test_recurring_and_one_off_gains_are_kept_apart() -> None:
    found = gains(
        [
            ("rh_hors_soignants", D(80_000)),
            ("impact_marches", D(250_000)),
            ("surface_amortissement", D(12_000)),
            ("charges", D(-42_000)),
            ("profondeur_stock", D(400_000)),
        ],
        None,
    )
    assert found == Gains(D(300_000), D(400_000), D(0))
    assert found is not None
    assert found.nets == D(300_000)
    assert gains([], D("0.1")) is None


@pytest.mark.parametrize(
    ("investissement", "nets", "annees", "jugement"),
    [
        (6_000_000, 600_000, Fraction(10), "viable"),
        (2_000_000, 100_000, Fraction(20), "viable"),
        (2_000_001, 100_000, Fraction(2_000_001, 100_000), "non_viable"),
        (0, 1, Fraction(0), "viable"),
        (100, 0, None, "non_viable"),
        (100, -5, None, "non_viable"),
        (None, 5, None, "non_chiffre"),
        (5, None, None, "non_chiffre"),
    ],
)
def test_a_scenario_is_viable_up_to_twenty_years(
    investissement: int | None, nets: int | None, annees: Fraction | None, jugement: str
) -> None:
    amounts = [None if value is None else D(value) for value in (investissement, nets)]
    assert roi(*amounts) == annees
    assert statut(*amounts, declare=None) == jugement


def test_the_declared_roi_wins_over_the_computed_one() -> None:
    assert statut(D(13_134_000), D(573_000), Declare.lu("17.3")) == "viable"
    assert statut(D(100), D(100), Declare.lu(">20")) == "non_viable"
    assert statut(D(100), D(100), Declare.lu("20.01")) == "non_viable"
    assert statut(None, None, Declare.lu("9")) == "non_chiffre"
    assert statut(D(1_500_000), D(100_000), None, seuil=14) == "non_viable"


@pytest.mark.parametrize(
    ("texte", "calcul", "egale"),
    [
        ("10.0", Fraction(10), True),
        ("10.0", Fraction(1004, 100), True),
        ("10.0", Fraction(1005, 100), False),
        ("12.82", Fraction(1282, 100), True),
        ("12.82", Fraction(1405, 100), False),
        (">20", Fraction(206), True),
        (">20", Fraction(20), False),
    ],
)
def test_a_computed_roi_is_compared_at_the_decimals_that_are_printed(texte: str, calcul: Fraction, egale: bool) -> None:
    assert Declare.lu(texte).egale(calcul) is egale


@pytest.mark.parametrize(
    ("part", "niveau"),
    [("30.2", "faible"), ("46", "faible"), ("56.5", "faible"), ("70", "faible"), ("70.01", "forte"), ("86", "forte"),
     ("90.7", "forte")],
)  # fmt: skip
def test_initial_mutualisation_is_strong_above_seventy_percent(part: str, niveau: str) -> None:
    """DGOS 2022, l. 1133: Versailles, Villefranche, Saint-Quentin are weak, Toulouse and Dieppe strong."""
    assert mutualisation(D(part), D(100)) == (Fraction(part) / 100, niveau)


@settings(max_examples=50)
@given(
    achats=st.lists(st.tuples(st.integers(0, 10**13), st.booleans()), min_size=1, max_size=12),
)
def test_the_impact_lies_between_the_two_rates_of_the_whole(achats: list[tuple[int, bool]]) -> None:
    sites = [
        Assiette(str(rank), D(cents) / 100, support=rank == 0, plateforme=has)
        for rank, (cents, has) in enumerate(achats)
    ]
    total = sum((site.achats for site in sites), D(0))
    gain = impact(sites).gain
    assert D("0.005") * total - D("0.01") <= gain <= D("0.015") * total + D("0.01")
