"""Checks on one line of the « produits en marché » file, each driven by its entry in the contract's table of rules.

An empty cell, or one whose form the Table Schema already refuses, breaks none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from stdnum import ean, luhn

from contracts.report import Violation
from contracts.rules.keys import siret_is_valid
from contracts.rules.produits_table import Predicate, RowRule, rule_of
from contracts.tabular import Row

NUMBER_PATTERN = r"-?[0-9]{1,8}([.,][0-9]{1,6})?"
"""A number of the file: decimal comma or point, eight digits before it and six after at most."""
DATE_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_NUMBER = re.compile(NUMBER_PATTERN)
_DATE = re.compile(DATE_PATTERN)
_DIGITS = re.compile(r"[0-9]+")
_FINESS = re.compile(r"[0-9][0-9AB][0-9]{7}")

Values = Mapping[str, str]


def number(text: str) -> Decimal | None:
    """The number written, ``None`` when it is not one."""
    return Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def day(text: str) -> date | None:
    """The day written AAAA-MM-JJ, ``None`` when it is not one."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def finess_list_is_right(text: str) -> bool:
    """Whether every FINESS of a list has a right key; Corsican ones (2A, 2B) are taken as they are."""
    return all("A" in code or "B" in code or luhn.is_valid(code) for code in _FINESS.findall(text))


def _siret(_rule: RowRule, text: str) -> bool:
    return siret_is_valid(text)


def _gtin(rule: RowRule, text: str) -> bool:
    return len(text) in rule.parameters["lengths"] and _DIGITS.fullmatch(text) is not None and bool(ean.is_valid(text))


def _code13(rule: RowRule, text: str) -> bool:
    excluded = rule.parameters["except_prefix"]
    if len(text) != 13 or not _DIGITS.fullmatch(text) or not text.startswith(rule.parameters["prefix"]):
        return False
    return not (excluded and text.startswith(excluded)) and bool(ean.is_valid(text))


def _pattern(rule: RowRule, text: str) -> bool:
    return re.fullmatch(rule.parameters["pattern"], text) is not None


def _number_fits(rule: RowRule, text: str) -> bool:
    value = number(text)
    if value is None:
        return True
    limits = rule.parameters
    if "one_of" in limits:
        return value in {Decimal(choice) for choice in limits["one_of"]}
    return (
        ("more_than" not in limits or value > Decimal(limits["more_than"]))
        and ("at_least" not in limits or value >= Decimal(limits["at_least"]))
        and ("at_most" not in limits or value <= Decimal(limits["at_most"]))
    )


def _finess_keys(_rule: RowRule, text: str) -> bool:
    return finess_list_is_right(text)


def _tax_included(rule: RowRule, values: Values) -> bool:
    bare, rate, full = (number(values.get(name, "")) for name in rule.columns)
    if bare is None or rate is None or full is None:
        return True
    # A rate above 100 or with more than two decimals is refused by its own rule.
    if not 0 <= rate <= 100 or (rate * 100) % 1:
        return True
    return abs(full - bare * (1 + rate / 100)) <= Decimal(rule.parameters["tolerance"])


def _date_order(rule: RowRule, values: Values) -> bool:
    start, end = (day(values.get(name, "")) for name in rule.columns)
    return start is None or end is None or end >= start


ON_ONE_VALUE: Mapping[Predicate, Callable[[RowRule, str], bool]] = {
    "siret": _siret,
    "gtin": _gtin,
    "code13": _code13,
    "pattern": _pattern,
    "number": _number_fits,
    "finess_keys": _finess_keys,
}
"""Predicates that look at each of their columns on its own; true when the value is right."""
_ON_THE_LINE: Mapping[Predicate, Callable[[RowRule, Values], bool]] = {
    "tax_included": _tax_included,
    "date_order": _date_order,
}


def violations(rule: RowRule, row: Row) -> Iterator[Violation]:
    """What this line breaks of this rule: nothing, or one violation per column at fault."""
    whole = _ON_THE_LINE.get(rule.predicate)
    if whole is not None:
        if not whole(rule, row.values):
            yield Violation(rule.columns[-1], row.line, row.values.get(rule.columns[-1], ""))
        return
    holds = ON_ONE_VALUE[rule.predicate]
    for name in rule.columns:
        text = row.values.get(name, "")
        if text and not holds(rule, text):
            yield Violation(name, row.line, text)


def _check(rule_id: str) -> Callable[[Row], Iterator[Violation]]:
    rule = lru_cache(maxsize=1)(lambda: rule_of(rule_id))
    return lambda row: violations(rule(), row)


siret_fournisseur = _check("PEM-SIRET")
gtin = _check("PEM-GTIN")
cip13 = _check("PEM-CIP")
ucd13 = _check("PEM-UCD")
code_atc = _check("PEM-ATC")
code_lpp = _check("PEM-LPP")
code_cladimed = _check("PEM-CLADIMED")
prix = _check("PEM-PRIX")
taux_tva = _check("PEM-TVA")
prix_ttc = _check("PEM-TTC")
quantites = _check("PEM-QUANTITE")
remise = _check("PEM-REMISE")
dates = _check("PEM-DATES")
finess_forme = _check("PEM-FINESS")
finess_cles = _check("PEM-FINESS-CLE")
