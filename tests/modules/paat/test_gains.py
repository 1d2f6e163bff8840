"""Gains: golden vectors, identities, and the arithmetic as it is told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.modules.paat import gains
from semaphore_hub.modules.paat.calcul_schemas import CalculCoutComplet, CalculPonctuel, CalculRecurrent
from semaphore_hub.modules.paat.calculs import calculer, demontrer, problemes
from semaphore_hub.modules.paat.codes import Section

D = Decimal
PRICES = st.decimals(0, 999_999_999, places=6)
QUANTITIES = st.decimals(0, 999_999_999, places=3)
GAINS = st.decimals(-999_999_999_999, 999_999_999_999, places=2)


def test_recurrent_is_the_fall_of_the_price_on_a_year() -> None:
    found = gains.recurrent(D("12.50"), D("11.00"), D(1200))
    assert found.montant == D("1800.00")
    assert found.arithmetique == (
        "Gain = (prix de référence − prix nouveau) × quantité annuelle = (12,50 € − 11,00 €) × 1 200 = 1 800,00 €",
    )


def test_a_price_that_rose_less_than_the_market_is_a_gain_and_without_index_a_loss() -> None:
    prices = (D("10"), D("10.30"), D(1000))
    assert gains.recurrent(*prices).montant == D("-300.00")
    indexed = gains.recurrent(*prices, indices=(D("100"), D("105.2")))
    assert indexed.montant == D("220.00")
    assert indexed.arithmetique[0].startswith("Prix de référence indexé = 10,00 € × 105,2 / 100 = 10,520000 €")


def test_an_indexed_price_is_not_rounded_on_the_way() -> None:
    # 1 x 1/3 is not a decimal: (1/3 - 0.333333) x 3 000 000 = 1.
    found = gains.recurrent(D(1), D("0.333333"), D(3_000_000), indices=(D(3), D(1)))
    assert found.montant == D("1.00")


def test_ponctuel_is_against_the_mean_of_the_offers_or_the_estimate() -> None:
    found = gains.ponctuel(D("90000"), [D("90000"), D("100000"), D("110001")])
    assert found.montant == D("10000.33")
    assert found.arithmetique == (
        "Moyenne des offres recevables = (90 000,00 € + 100 000,00 € + 110 001,00 €) / 3 = 100 000,33 €",
        "Gain = moyenne des offres recevables − offre retenue = 100 000,33 € − 90 000,00 € = 10 000,33 €",
    )
    assert gains.ponctuel(D("90000"), [], D("85000.50")).montant == D("-4999.50")
    with pytest.raises(ValueError, match="neither"):
        gains.ponctuel(D(1), [])


def test_a_lease_with_purchase_option_is_brought_to_the_year() -> None:
    found = gains.location(D("300000"), [D("300000"), D("330000"), D("360000")], 5)
    assert found.montant == D("6000.00")
    assert found.arithmetique[-1].endswith("= (330 000,00 € − 300 000,00 €) / 5 ans = 6 000,00 €")


def test_full_cost_adds_its_parts() -> None:
    found = gains.cout_complet(
        [("Achat", D("50000"), D("58000")), ("Maintenance", D("20000"), D("9500.50"))],
    )
    assert found.montant == D("2499.50")
    assert found.arithmetique[0] == "Achat : 50 000,00 € − 58 000,00 € = -8 000,00 €"
    assert found.arithmetique[-1].endswith("= 70 000,00 € − 67 500,50 € = 2 499,50 €")


@pytest.mark.parametrize(
    ("gain", "mois", "annee", "report"),
    [
        ("120000", 4, "40000.00", "80000.00"),  # effect on 1 September
        ("120000", 12, "120000.00", "0.00"),
        ("120000", 0, "0.00", "120000.00"),
        ("100.06", 6, "50.03", "50.03"),
        ("0.06", 1, "0.01", "0.05"),  # 0.005 rounds up
        ("-0.06", 1, "-0.01", "-0.05"),
        ("1000", 7, "583.33", "416.67"),
    ],
)
def test_prorata_by_whole_months(gain: str, mois: int, annee: str, report: str) -> None:
    found = gains.prorata(D(gain), mois)
    assert (found.annee, found.report) == (D(annee), D(report))


def test_the_prorata_of_the_reference_vector_is_told() -> None:
    assert gains.prorata(D("120000"), gains.mois_d_effet(date(2026, 9, 1), 2026)).arithmetique == (
        "Gain de l'année = 120 000,00 € × 4/12 = 40 000,00 € ; report sur l'année suivante = "
        "120 000,00 € − 40 000,00 € = 80 000,00 €"
    )


@pytest.mark.parametrize(
    ("day", "months"),
    [
        (date(2026, 1, 1), 12),
        (date(2026, 1, 31), 12),
        (date(2026, 9, 30), 4),
        (date(2026, 12, 31), 1),
        (date(2025, 12, 31), 12),
        (date(2027, 1, 1), 0),
    ],
)
def test_months_of_effect(day: date, months: int) -> None:
    assert gains.mois_d_effet(day, 2026) == months


@settings(max_examples=50)
@given(GAINS, st.integers(0, 12))
def test_what_the_year_keeps_and_what_it_leaves_make_the_gain(gain: Decimal, mois: int) -> None:
    found = gains.prorata(gain, mois)
    assert found.annee + found.report == gain
    assert abs(Fraction(found.annee) - Fraction(gain) * mois / 12) <= Fraction(1, 200)


@settings(max_examples=50)
@given(PRICES, QUANTITIES, PRICES, QUANTITIES)
def test_price_effect_and_volume_effect_make_the_change_of_spending(
    p0: Decimal, q0: Decimal, p1: Decimal, q1: Decimal
) -> None:
    found = gains.effets(p0, q0, p1, q1)
    assert Fraction(found.prix) + Fraction(found.volume) == Fraction(found.total)
    assert Fraction(found.total) == Fraction(p0) * Fraction(q0) - Fraction(p1) * Fraction(q1)


@settings(max_examples=50)
@given(PRICES, PRICES, QUANTITIES)
def test_at_constant_volume_the_gain_is_the_price_effect(p0: Decimal, p1: Decimal, q: Decimal) -> None:
    found = gains.effets(p0, q, p1, q)
    assert not found.volume
    assert gains.recurrent(p0, p1, q).montant == gains.arrondi(found.prix)


@pytest.mark.parametrize(
    ("value", "unit", "rounded"),
    [("0.005", "0.01", "0.01"), ("-0.005", "0.01", "-0.01"), ("0.0049", "0.01", "0.00"), ("2.45", "0.1", "2.5")],
)
def test_halves_go_away_from_zero(value: str, unit: str, rounded: str) -> None:
    assert str(gains.arrondi(D(value), D(unit))) == rounded


@pytest.mark.parametrize(
    ("part", "base", "rate"),
    [
        ("165381", "49747", "332.4"),
        ("1", "0", None),
        ("1", "-5", None),
        ("-50", "1000", "-5.0"),
        ("0.5", "1000", "0.1"),
    ],
)
def test_percentages_are_to_a_tenth_of_a_point(part: str, base: str, rate: str | None) -> None:
    found = gains.pourcent(D(part), D(base))
    assert (None if found is None else str(found)) == rate


def test_penalties_are_taken_out_of_the_gain() -> None:
    calcul = CalculRecurrent(
        methode="recurrent",
        prixReference=D(10),
        prixNouveau=D(8),
        quantiteAnnuelle=D(1000),
        penalites=D("350.50"),
    )
    assert calculer(calcul).montant == D("1649.50")
    assert demontrer(calcul)[-1] == "Pénalités contractuelles retirées : 2 000,00 € − 350,50 € = 1 649,50 €"


def test_both_quantities_show_price_and_volume_effects() -> None:
    calcul = CalculRecurrent(
        methode="recurrent",
        prixReference=D("10"),
        prixNouveau=D("8.1234"),
        quantiteAnnuelle=D(1000),
        quantiteReference=D(1200),
    )
    assert demontrer(calcul)[1:] == (
        "Effet prix = (10,00 € − 8,1234 €) × 1 000 = 1 876,60 €",
        "Effet volume = (1 200 − 1 000) × 10,00 € = 2 000,00 €",
        "Effet prix + effet volume = variation de la dépense = 3 876,60 €",
    )


@pytest.mark.parametrize(
    ("calcul", "section", "broken"),
    [
        ({"prixRetenu": "1", "offresRecevables": ["2"]}, "exploitation", []),
        ({"prixRetenu": "1", "estimation": "2"}, "exploitation", []),
        ({"prixRetenu": "1"}, "exploitation", [("PAA-BASE", "$.calcul.offresRecevables")]),
        (
            {"prixRetenu": "1", "offresRecevables": ["2"], "estimation": "2"},
            "exploitation",
            [("PAA-BASE", "$.calcul.offresRecevables")],
        ),
        ({"prixRetenu": "1", "offresRecevables": ["2"], "dureeLocationAnnees": 5}, "exploitation", []),
        (
            {"prixRetenu": "1", "offresRecevables": ["2"], "dureeLocationAnnees": 5},
            "investissement",
            [("PAA-LOCATION", "$.section")],
        ),
        (
            {"prixRetenu": "1", "estimation": "2", "dureeLocationAnnees": 5},
            "exploitation",
            [("PAA-LOCATION", "$.calcul.offresRecevables"), ("PAA-LOCATION", "$.calcul.estimation")],
        ),
    ],
)
def test_a_one_off_purchase_has_one_base_and_a_lease_is_in_exploitation(
    calcul: dict[str, object], section: str, broken: list[tuple[str, str]]
) -> None:
    given = CalculPonctuel.model_validate({"methode": "ponctuel", **calcul})
    assert [(one.rule, one.path) for one in problemes(given, Section(section), "$.calcul")] == broken


def test_a_new_perimeter_forbids_the_recurrent_method_only() -> None:
    same = {"methode": "recurrent", "prixReference": "2", "prixNouveau": "1", "quantiteAnnuelle": "1"}
    new = CalculRecurrent.model_validate({**same, "nouveauPerimetre": True})
    assert [one.rule for one in problemes(new, Section.EXPLOITATION, "$.calcul")] == ["PAA-PERIMETRE-NOUVEAU"]
    assert problemes(CalculRecurrent.model_validate(same), Section.EXPLOITATION, "$.calcul") == []
    costs = {"methode": "process", "postes": [{"libelle": "Temps", "reference": "2", "nouveau": "1"}]}
    assert problemes(CalculCoutComplet.model_validate(costs), Section.INVESTISSEMENT, "$.calcul") == []
