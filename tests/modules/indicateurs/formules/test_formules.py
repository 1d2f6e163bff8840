"""Formulas from sums alone: values, roundings, and the reasons when there is no value."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.modules.indicateurs.calcul import cumuler
from semaphore_hub.modules.indicateurs.catalogue import INDICATEURS
from semaphore_hub.modules.indicateurs.consolides import imprime, intervalle
from semaphore_hub.modules.indicateurs.formules import actions, depenses, marches
from semaphore_hub.modules.indicateurs.formules.arrondi import afficher, demi_superieur, ecrire
from semaphore_hub.modules.indicateurs.formules.chiffre import REFERENCE, Chiffre, Sommes

GAINS = {"annee": 10_000, "annee_pleine": 1_500, "report_annee": 2_000, "report_plein": 100, "retenus": 0, "lignes": 2}
"""115.00 € in the year, of which 21.00 € carried over."""


@pytest.mark.parametrize(
    ("valeur", "decimales", "attendu"),
    [
        (Fraction(229, 2), 0, "115"),
        (Fraction(1149, 10), 0, "115"),
        (Fraction(1144999, 10000), 0, "114"),
        (Fraction(-1, 2), 0, "-1"),
        (Fraction(-4, 10), 0, "0"),
        (Fraction(5, 100), 1, "0.1"),
        (Fraction(1, 3), 4, "0.3333"),
        (Fraction(0), 2, "0.00"),
    ],
)
def test_half_goes_up_from_the_exact_value(valeur: Fraction, decimales: int, attendu: str) -> None:
    assert str(demi_superieur(valeur, decimales)) == attendu


@settings(max_examples=50, deadline=None)
@given(st.fractions(min_value=-1000, max_value=1000), st.integers(0, 4))
def test_rounding_never_moves_by_more_than_a_half_unit(valeur: Fraction, decimales: int) -> None:
    assert abs(Fraction(demi_superieur(valeur, decimales)) - valeur) <= Fraction(1, 2 * 10**decimales)


def test_a_rate_is_not_rounded_twice() -> None:
    # 0.84995 is 85.00 % with two decimals, 0.8500 with four; shown without decimals it is 85, and 84.4995 is 84.
    assert afficher(Fraction(844995, 1_000_000), "taux", 0) == "84 %"
    assert ecrire(Fraction(844995, 1_000_000), "taux") == "0.8450"


@pytest.mark.parametrize(
    ("valeur", "unite", "decimales", "attendu"),
    [
        (Fraction(108, 100), "taux", 0, "108 %"),
        (Fraction(53, 1000), "taux", 1, "5,3 %"),
        (Fraction(123456789, 100), "euros", 2, "1 234 567,89 €"),
        (Fraction(-5), "euros", 2, "-5,00 €"),
        (Fraction(25, 2), "jours", 1, "12,5 jours"),
        (Fraction(7), "nombre", 0, "7"),
    ],
)
def test_how_figures_read(valeur: Fraction, unite: str, decimales: int, attendu: str) -> None:
    assert afficher(valeur, unite, decimales) == attendu  # type: ignore[arg-type]  # the units of the table


def test_attainment_adds_what_was_carried_over_and_what_is_new() -> None:
    # DGOS 2022, l. 1216: 21 % carried over + 94 % new = 115 %.
    found = actions.atteinte({**GAINS, REFERENCE: 10_000})
    assert found.valeur == Fraction(115, 100)
    shares = {one.code: one.valeur for one in found.composantes}
    assert (shares["partReport"], shares["partNouvelles"]) == (Fraction(21, 100), Fraction(94, 100))
    carried = actions.part_report({**GAINS, REFERENCE: 10_000})
    assert carried.valeur == Fraction(21, 100)


def test_the_treated_amount_is_the_perimeter_else_the_reference() -> None:
    sums = {"retenus": 530, "traite_perimetre": 4_000,
            "traite_reference": 6_000, "lignes_traitees": 2}  # fmt: skip
    assert actions.taux_performance(sums).valeur == Fraction(53, 1000)
    assert actions.taux_couverture({**sums, REFERENCE: 40_000}).valeur == Fraction(1, 4)


def test_quality_by_count_and_by_value() -> None:
    assert actions.qualite({"lignes": 100, "retenues": 92}).valeur == Fraction(92, 100)
    # The public totals: 363.1 kept and 39.6 withdrawn are 90.2 %, not the 92 % printed.
    value = actions.qualite_valeur(
        {"declare_annee": 40_270, "declare_gain": 0, "retenu_annee": 36_310, "retenu_gain": 0}
    )
    assert value.valeur is not None
    assert afficher(value.valeur, "taux", 1) == "90,2 %"


def test_spending() -> None:
    sums = {"depense": 1_000, "operateurs": 300, "partagee": 200, "seule": 500}
    assert depenses.mutualisation(sums).valeur == Fraction(1, 2)
    off = depenses.hors_marche(
        {"depense": 1_000, "hors": 250, "lignes": 2, "sans_numero": 200, "inconnu": 50, "ambigu": 0}
    )
    assert off.valeur == Fraction(1, 4)
    assert [(one.code, one.valeur) for one in off.composantes] == [
        ("sans_numero", Fraction(2)), ("inconnu", Fraction(1, 2)), ("ambigu", Fraction(0)),
    ]  # fmt: skip


def test_a_share_is_over_the_known_and_counts_the_unknown() -> None:
    found = marches.part_connue("les marchés", Fraction(3, 10))({"marches": 10, "connus": 8, "oui": 2})
    assert (found.valeur, found.denominateur) == (Fraction(1, 4), Fraction(8))
    assert {one.code: one.valeur for one in found.composantes} == {"inconnus": 2, "cible": Fraction(3, 10)}


def test_consumption_and_what_ends_without_a_successor() -> None:
    sums = {"marches": 2, "consomme": 750, "maximum": 400, "montant": 600, "depasses": 1}
    assert marches.consommation(sums).valeur == Fraction(3, 4)
    none = marches.echeances({"marches": 0, "sans_successeur": 0, "montant": 0})
    assert (none.valeur, none.motif) == (0, None)
    assert none.composantes[0].valeur is None


@pytest.mark.parametrize(
    ("formule", "sommes", "dit"),
    [
        (actions.atteinte, GAINS, "objectif de gains n'est pas connu"),
        (actions.atteinte, {**GAINS, REFERENCE: 0}, "est nul"),
        (actions.objectif, {}, "n'est pas connu"),
        (actions.taux_couverture, {"traite_perimetre": 1, "traite_reference": 0}, "le volume d'achats n'est pas connu"),
        (
            actions.taux_performance,
            {"retenus": 5, "traite_perimetre": 0, "traite_reference": 0, "lignes_traitees": 0},
            "le montant traité est nul",
        ),
        (
            actions.qualite_valeur,
            {"declare_annee": -5, "declare_gain": 0, "retenu_annee": 0, "retenu_gain": 0},
            "le gain déclaré est négatif",
        ),
        (marches.part_connue("le nombre connu"), {"marches": 3, "connus": 0, "oui": 0}, "le nombre connu est nul"),
        (marches.moyenne("le nombre connu"), {"marches": 3, "connus": 0, "somme": 0}, "le nombre connu est nul"),
        (depenses.mutualisation, {"depense": 0, "operateurs": 0, "partagee": 0, "seule": 0}, "est nul"),
    ],
)  # fmt: skip
def test_without_a_denominator_there_is_a_reason_and_no_zero(
    formule: Callable[[Sommes], Chiffre], sommes: dict[str, int], dit: str
) -> None:
    found = formule(sommes)
    assert found.valeur is None
    assert found.motif is not None
    assert dit in found.motif


def test_a_cumul_adds_rates_and_needs_each_year() -> None:
    rates = {year: Chiffre(None, None, Fraction(rate, 100)) for year, rate in ((2019, 47), (2020, 32), (2021, 37))}
    assert cumuler(rates).valeur == Fraction(116, 100)
    missing = cumuler({**rates, 2020: None})
    assert missing.valeur is None
    assert missing.motif == "Sans valeur : le taux de 2020 manque à la somme des années."


@pytest.mark.parametrize(
    ("perf", "objectif", "minimum", "maximum"),
    [("0.9", "4.1", "0.2048", "0.2346"), ("3.4", "2.6", "1.2642", "1.3529"), ("0.0", "1.2", "-0.0400", "0.0435")],
)
def test_the_interval_of_two_printed_amounts(perf: str, objectif: str, minimum: str, maximum: str) -> None:
    bounds = intervalle(imprime(perf, "M€"), imprime(objectif, "M€"))
    assert bounds.maximum is not None
    assert (ecrire(bounds.minimum, "taux"), ecrire(bounds.maximum, "taux")) == (minimum, maximum)


def test_a_printed_rate_is_compared_as_printed() -> None:
    # 31.4 / 36.8: the interval begins at 85.07 %, and 85 % is still what such a rate prints.
    bounds = intervalle(imprime("31.4", "M€"), imprime("36.8", "M€"))
    assert bounds.contient(Fraction(85, 100))
    assert not bounds.contient(Fraction(84, 100))
    assert not bounds.contient(Fraction(87, 100))
    without_limit = intervalle(imprime("1", "M€"), imprime("0.0", "M€"))
    assert without_limit.maximum is None
    assert without_limit.contient(Fraction(10**6))


def test_printed_units() -> None:
    assert imprime("31.4", "M€").valeur == 31_400_000
    assert imprime("31.4", "M€").demi_pas == 50_000
    assert imprime("85", "%").valeur == Fraction(Decimal("0.85"))
    assert imprime("124", "").valeur == 124


def test_the_catalogue_says_everything_of_each_indicator() -> None:
    codes = [one.code for one in INDICATEURS]
    assert len(codes) == len(set(codes)) == 19
    for one in INDICATEURS:
        assert one.formule, one.code
        assert one.perimetre, one.code
        assert one.atteste or "hypothèse" in one.source, one.code
        assert not one.atteste or "DGOS 2022" in one.source, one.code
