"""Thresholds by date: the golden vectors of the domain, the limits to the cent and to the day, the dates outside."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Literal, cast

import pytest

from semaphore_hub.modules.referentiel.seuils import (
    PERIODES,
    Acheteur,
    Procedure,
    SeuilInconnu,
    TypeAchat,
    procedure_lot,
    procedure_requise,
    seuil_europeen,
)

TABLE = [
    (2020, 139_000, 214_000, 428_000, 5_350_000),
    (2022, 140_000, 215_000, 431_000, 5_382_000),
    (2024, 143_000, 221_000, 443_000, 5_538_000),
    (2026, 140_000, 216_000, 432_000, 5_404_000),
]


@pytest.mark.parametrize(("year", "etat", "hopital", "entite", "travaux"), TABLE)
def test_each_line_of_the_table_holds_for_two_whole_years(
    year: int, etat: int, hopital: int, entite: int, travaux: int
) -> None:
    supplies: tuple[TypeAchat, ...] = ("fournitures", "services")
    works: tuple[Literal["travaux", "concession"], ...] = ("travaux", "concession")
    for jour in (date(year, 1, 1), date(year + 1, 12, 31)):
        for kind in supplies:
            assert seuil_europeen(kind, jour) == hopital
            assert seuil_europeen(kind, jour, Acheteur.ETAT) == etat
            assert seuil_europeen(kind, jour, Acheteur.ENTITE_ADJUDICATRICE) == entite
        for work in works:
            for acheteur in Acheteur:
                assert seuil_europeen(work, jour, acheteur) == travaux


def test_the_periods_follow_each_other_and_each_has_a_source() -> None:
    for earlier, later in pairwise(PERIODES):
        assert later.debut == earlier.fin + timedelta(days=1)
    assert all(one.source for one in PERIODES)


GOLDEN = [
    ("39999", date(2022, 6, 1), Procedure.DISPENSE, False),
    ("39999.99", date(2022, 6, 1), Procedure.DISPENSE, False),
    ("40000", date(2022, 6, 1), Procedure.ADAPTEE, False),
    ("89999.99", date(2022, 6, 1), Procedure.ADAPTEE, False),
    ("90000", date(2022, 6, 1), Procedure.ADAPTEE, True),
    ("214999", date(2022, 6, 1), Procedure.ADAPTEE, True),
    ("214999.99", date(2022, 6, 1), Procedure.ADAPTEE, True),
    ("215000", date(2022, 6, 1), Procedure.FORMALISEE, True),
    ("218000", date(2022, 1, 1), Procedure.FORMALISEE, True),
    ("218000", date(2023, 12, 31), Procedure.FORMALISEE, True),
    ("218000", date(2024, 1, 1), Procedure.ADAPTEE, True),
    ("218000", date(2025, 12, 31), Procedure.ADAPTEE, True),
    ("218000", date(2026, 1, 1), Procedure.FORMALISEE, True),
    ("218000", date(2027, 12, 31), Procedure.FORMALISEE, True),
    ("50000", date(2026, 3, 31), Procedure.ADAPTEE, False),
    ("50000", date(2026, 4, 1), Procedure.DISPENSE, False),
    ("60000", date(2026, 4, 1), Procedure.ADAPTEE, False),
]


@pytest.mark.parametrize(("montant", "jour", "procedure", "publicite"), GOLDEN)
def test_the_procedure_of_supplies_and_services(
    montant: str, jour: date, procedure: Procedure, publicite: bool
) -> None:
    found = procedure_requise(Decimal(montant), "services", jour)
    assert (found.procedure, found.publicite) == (procedure, publicite)


@pytest.mark.parametrize(
    ("montant", "jour", "procedure"),
    [
        ("99999.99", date(2026, 1, 1), Procedure.DISPENSE),
        ("100000", date(2026, 1, 1), Procedure.ADAPTEE),
        ("99999.99", date(2020, 12, 9), Procedure.DISPENSE),
        ("70000", date(2020, 12, 8), Procedure.ADAPTEE),
        ("69999.99", date(2020, 7, 24), Procedure.DISPENSE),
        ("40000", date(2020, 7, 23), Procedure.ADAPTEE),
        ("5403999.99", date(2026, 4, 1), Procedure.ADAPTEE),
        ("5404000", date(2026, 4, 1), Procedure.FORMALISEE),
    ],
)
def test_the_procedure_of_works(montant: str, jour: date, procedure: Procedure) -> None:
    assert procedure_requise(Decimal(montant), "travaux", jour).procedure is procedure


def test_the_arithmetic_is_written_with_the_threshold_and_the_day() -> None:
    words = procedure_requise(Decimal("215000"), "fournitures", date(2022, 6, 1)).calcul
    assert words == "215 000,00 € ≥ 215 000,00 €, seuil européen au 01/06/2022"
    words = procedure_requise(Decimal("90000"), "fournitures", date(2022, 6, 1)).calcul
    assert "40 000,00 € ≤ 90 000,00 € < 215 000,00 €" in words
    assert "BOAMP" in words


@pytest.mark.parametrize(
    ("jour", "words"),
    [
        (date(2019, 12, 31), "au 31/12/2019, avant le 01/01/2020"),
        (date(2028, 1, 1), "au 01/01/2028, après le 31/12/2027"),
    ],
)
def test_a_date_outside_the_table_is_refused_and_the_sentence_says_which(jour: date, words: str) -> None:
    with pytest.raises(SeuilInconnu, match=words) as refusal:
        procedure_requise(Decimal(1), "services", jour)
    assert [problem.rule for problem in refusal.value.problems] == ["MAR-SEUIL-DATE"]


@pytest.mark.parametrize(
    ("lot", "small", "need", "kind", "procedure"),
    [
        ("79999.99", "79999.99", "500000", "services", Procedure.ADAPTEE),
        ("80000", "80000", "500000", "services", Procedure.FORMALISEE),
        ("79999", "100000", "500000", "services", Procedure.ADAPTEE),
        ("79999", "100000.01", "500000", "services", Procedure.FORMALISEE),
        ("59999.99", "59999.99", "500000", "services", Procedure.DISPENSE),
        ("999999.99", "999999.99", "6000000", "travaux", Procedure.ADAPTEE),
        ("1000000", "1000000", "6000000", "travaux", Procedure.FORMALISEE),
        ("99999", "99999", "6000000", "travaux", Procedure.DISPENSE),
        ("99999", "1200000.01", "6000000", "travaux", Procedure.FORMALISEE),
        ("70000", "70000", "200000", "services", Procedure.ADAPTEE),
    ],
)
def test_a_small_lot_leaves_the_procedure_of_the_need_within_twenty_per_cent(
    lot: str, small: str, need: str, kind: str, procedure: Procedure
) -> None:
    jour = date(2026, 5, 1)
    found = procedure_lot(Decimal(lot), Decimal(small), Decimal(need), cast(TypeAchat, kind), jour)
    assert found.procedure is procedure
