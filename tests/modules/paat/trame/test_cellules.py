"""What people write in cells: read exactly, or refused with the reason; never guessed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.modules.paat.trame import cellules
from semaphore_hub.modules.paat.trame.cellules import IllisibleError
from semaphore_hub.modules.paat.trame.classeur import lettre


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("49 747", "49747.00"),
        ("49\u00a0747", "49747.00"),
        ("49\u202f747,50 €", "49747.50"),
        ("49\u2009747,5\n", "49747.50"),
        ("49'747.50", "49747.50"),
        ("1 191 155", "1191155.00"),
        ("1.234.567", "1234567.00"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1234,5", "1234.50"),
        ("1234.5", "1234.50"),
        (",5", "0.50"),
        ("0,01", "0.01"),
        ("(1 200)", "-1200.00"),
        ("(1 200,50 €)", "-1200.50"),
        ("-1 200", "-1200.00"),
        ("− 1 200", "-1200.00"),
        ("1 200-", "-1200.00"),
        ("1 200 € -", "-1200.00"),
        ("+ 1 200", "1200.00"),
        ("12 € TTC", "12.00"),
        ("12 EUR", "12.00"),
        ("12 euros TTC", "12.00"),
        ("€ 12", "12.00"),
        (49747.0, "49747.00"),
        (165380.99999999997, "165381.00"),
        (-12.34, "-12.34"),
        (5, "5.00"),
    ],
)
def test_amounts(written: Any, read: str) -> None:
    found = cellules.montant(written)
    assert (str(found.montant), found.arrondi_de) == (read, None)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("12,5k€", "écrivez-le en euros, sans k€ ni M€"),
        ("1,2 M€", "écrivez-le en euros, sans k€ ni M€"),
        ("3 millions d'euros", "écrivez-le en euros"),
        ("1.234", "le point ou la virgule peut séparer les milliers ou les décimales"),
        ("1,234", "le point ou la virgule peut séparer les milliers ou les décimales"),
        ("1 200 € HT", "il est dit hors taxes"),
        ("12 %", "c'est un pourcentage"),
        ("env. 1 200", "un nombre d'euros est attendu"),
        ("1 200 ou 1 300", "un nombre d'euros est attendu"),
        ("(1 200", "un nombre d'euros est attendu"),
        ("1,2,3", "un nombre est attendu"),
        ("1.2.3,4", "un nombre est attendu"),
        (True, "un nombre d'euros est attendu"),
        (date(2026, 9, 1), "un nombre d'euros est attendu"),
        (float("inf"), "ce n'est pas un nombre fini"),
        (1e300, "plus de douze chiffres"),
        ("1000000000000", "plus de douze chiffres"),
    ],
)
def test_amounts_that_are_refused(written: Any, reason: str) -> None:
    with pytest.raises(IllisibleError) as refused:
        cellules.montant(written)
    assert reason in str(refused.value)


def test_an_amount_beyond_the_cent_says_what_it_was() -> None:
    found = cellules.montant(1234.5678)
    assert (str(found.montant), str(found.arrondi_de)) == ("1234.57", "1234.5678")
    assert str(cellules.montant("0,005").montant) == "0.01"


@settings(max_examples=50, deadline=None)
@given(st.integers(-(10**13), 10**13))
def test_any_amount_as_a_french_sheet_shows_it_is_read_to_the_cent(cents: int) -> None:
    amount = Decimal(cents) / 100
    shown = f"{amount:,.2f} €".replace(",", "\u202f").replace(".", ",")
    assert cellules.montant(shown).montant == amount
    assert cellules.montant(float(amount)).montant == amount


@pytest.mark.parametrize(
    ("written", "ratio", "step"),
    [
        ("332,4 %", "3.324", "0.001"),
        ("332%", "3.32", "0.01"),
        ("-5,25 %", "-0.0525", "0.0001"),
        ("0,125 %", "0.00125", "0.00001"),
        (3.324, "3.324", "0.001"),
        (1, "1", "1"),
        ("332,4", "332.4", "0.1"),
    ],
)
def test_percentages(written: Any, ratio: str, step: str) -> None:
    found = cellules.part(written)
    assert (found.valeur, found.pas) == (Decimal(ratio), Decimal(step))


@pytest.mark.parametrize("written", ["voir note", "%", True, date(2026, 1, 1), 1e24, "9" * 13])
def test_percentages_that_are_refused(written: Any) -> None:
    with pytest.raises(IllisibleError):
        cellules.part(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("01/09/2026", date(2026, 9, 1)),
        ("1/9/26", date(2026, 9, 1)),
        ("01.09.2026", date(2026, 9, 1)),
        ("01-09-2026", date(2026, 9, 1)),
        ("2026-09-15", date(2026, 9, 15)),
        ("2026-09-15 00:00:00", date(2026, 9, 15)),
        ("2026-09", date(2026, 9, 1)),
        ("09/2026", date(2026, 9, 1)),
        ("sept. 2026", date(2026, 9, 1)),
        ("Septembre\u00a02026", date(2026, 9, 1)),
        ("1er septembre 2026", date(2026, 9, 1)),
        ("15 févr. 2026", date(2026, 2, 15)),
        ("août", date(2026, 8, 1)),
        (46266, date(2026, 9, 1)),
        (46266.0, date(2026, 9, 1)),
        ("46266", date(2026, 9, 1)),
        (date(2026, 9, 1), date(2026, 9, 1)),
        (datetime(2026, 9, 1, 8, 30), date(2026, 9, 1)),  # noqa: DTZ001  # Excel has no time zones
    ],
)
def test_days(written: Any, read: date) -> None:
    assert cellules.jour(written, 2026) == read


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("31/02/2026", "n'existe pas"),
        ("01/09/1926", "2000 et 2099"),
        ("T3 2026", "une date est attendue"),
        ("bientôt", "une date est attendue"),
        (9, "n'est pas une date d'Excel"),
        (True, "une date est attendue"),
    ],
)
def test_days_that_are_refused(written: Any, reason: str) -> None:
    with pytest.raises(IllisibleError) as refused:
        cellules.jour(written, 2026)
    assert reason in str(refused.value)


def test_a_month_without_a_year_needs_the_one_of_the_plan() -> None:
    with pytest.raises(IllisibleError, match="l'année manque"):
        cellules.jour("septembre")


@pytest.mark.parametrize(
    ("written", "read"),
    [(9, (9, False)), ("9", (9, False)), ("9 mois", (9, False)), (0.0, (0, False)), ("septembre", (4, True)), ("Sept.", (4, True))],  # noqa: E501
)  # fmt: skip
def test_months(written: Any, read: tuple[int, bool]) -> None:
    assert cellules.mois(written) == read


@pytest.mark.parametrize("written", [13, "13", -1, 4.5, "quelques", True])
def test_months_that_are_refused(written: Any) -> None:
    with pytest.raises(IllisibleError, match="de 0 à 12"):
        cellules.mois(written)


@pytest.mark.parametrize("written", ["", " ", "-", "—", "n.c.", "N.C.", "nc", "n/a", "s.o.", "\u00a0"])
def test_what_says_nothing(written: str) -> None:
    assert cellules.absente(written)


@pytest.mark.parametrize("written", [0, 0.0, False, "0", "non"])
def test_what_says_something(written: Any) -> None:
    assert not cellules.absente(written)


@pytest.mark.parametrize(("place", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_letters(place: int, letters: str) -> None:
    assert lettre(place) == letters
