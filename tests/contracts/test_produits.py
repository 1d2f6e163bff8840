"""The « produits en marché » contract: each rule has its example, and its table of rules is whole."""

from __future__ import annotations

from decimal import Decimal

import pytest
from stdnum import ean

import contracts
from contracts.rules.produits import ON_ONE_VALUE, day, number
from contracts.rules.produits_table import CONTRACT, fields, identity, row_rules, rule_of
from tests.contracts.produits_samples import BREAKING, DRUG, LINE, text_of


def found(text: str | bytes) -> list[tuple[str, int | None]]:
    body = text.encode() if isinstance(text, str) else text
    return [(one.rule, one.line) for one in contracts.validate(CONTRACT, body).findings]


def test_every_rule_has_an_example_that_breaks_it() -> None:
    contract = contracts.get(CONTRACT)
    shown = {example.rule for example in contract.examples}
    assert {rule.id for rule in contract.rules} - shown == {"PEM-TAILLE"}
    assert contract.status == "assumed"


@pytest.mark.parametrize(("rule", "change"), [(rule, change) for rule in BREAKING for _, change in BREAKING[rule]])
def test_a_line_that_breaks_one_rule_breaks_only_it(rule: str, change: dict[str, str]) -> None:
    assert found(text_of(DRUG, {**LINE, **change})) == [(rule, 3)]


@pytest.mark.parametrize(
    "change",
    [
        {"fournisseur_siret": "35600000049837"},  # La Poste: the digits add up to a multiple of five
        {"fournisseur_siret": "35600000000048"},
        {"gtin": "96385074"},
        {"gtin": "036000291452"},
        {"gtin": ""},
        {"prix_unitaire_ttc": "0,115"},  # one cent away
        {"remise_pct": "0"},
        {"remise_pct": "100"},
        {"taux_tva": "5.5", "prix_unitaire_ttc": ""},
        {"taux_tva": "0", "prix_unitaire_ttc": "0.0875"},
        {"date_fin": "2026-01-01"},
        {"beneficiaires": "2A0780009 | 990780009"},
        {"prix_unitaire_ht": "99999999,999999", "prix_unitaire_ttc": ""},
        {"code_cladimed": "K"},
    ],
)
def test_values_at_the_limit_are_right(change: dict[str, str]) -> None:
    assert found(text_of({**LINE, **change})) == []


def test_the_file_is_read_in_either_encoding_with_either_end_of_line() -> None:
    text = text_of(LINE, DRUG, end="\r\n")
    assert found(b"\xef\xbb\xbf" + text.encode()) == []
    assert found(text.encode("cp1252")) == []


def test_a_file_is_recognised_by_its_header() -> None:
    assert contracts.recognise(text_of(LINE).encode("cp1252"), "produits.csv") == CONTRACT


def test_the_table_of_rules_is_data_that_names_known_columns_and_predicates() -> None:
    known = {field["name"] for field in fields()}
    assert {rule.id for rule in row_rules()} == set(BREAKING) - {"PEM-SCHEMA"}
    for rule in row_rules():
        assert set(rule.columns) <= known
        assert rule.predicate in {*ON_ONE_VALUE, "tax_included", "date_order"}
        assert rule.source
        assert rule_of(rule.id) is rule
    assert identity() == ("numero_marche", "numero_lot", "reference_fournisseur", "date_debut")
    with pytest.raises(KeyError):
        rule_of("PEM-INCONNUE")


def test_numbers_and_days_are_read_exactly_or_not_at_all() -> None:
    assert number("0,0875") == number("0.0875") == Decimal("0.0875")
    assert [number(text) for text in ("1 234", "1e3", "+1", ".5", "5,", "", "1,2,3")] == [None] * 7
    assert day("2024-02-29") is not None
    assert [day(text) for text in ("2026-02-29", "2026-2-01", "20260201", "0000-01-01")] == [None] * 4


def test_cip_and_ucd_follow_the_published_derivation() -> None:
    # UCD13 = 34008 + UCD7 + key: 9261104 gives 3400892611044.
    start = "34008" + "9261104"[:7]
    assert start + ean.calc_check_digit(start) == "3400892611044"
