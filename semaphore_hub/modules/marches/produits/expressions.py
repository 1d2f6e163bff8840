"""The table of rules as operations on whole columns: the twin, on polars, of the row check in ``contracts.rules``.

A *check* takes the values of a column (texts, null when empty) and says which are wrong. Columns where a few values
come back often are checked on their distinct values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from contracts.rules.produits import DATE_PATTERN, NUMBER_PATTERN, finess_list_is_right
from contracts.rules.produits_table import Predicate, RowRule

Check = Callable[[pl.Series], pl.Series]

MICRO = 1_000_000
"""Numbers are read as whole millionths: a unit price has up to six decimals."""
_SAMPLE = 2000


def faults(values: pl.Series, check: Check) -> pl.Series | None:
    """Which non-empty values are wrong (booleans), ``None`` when all are right."""
    if values.null_count() == len(values):
        return None
    if _comes_back(values):
        distinct = values.unique().drop_nulls()
        bad = distinct.filter(check(distinct))
        return values.is_in(bad.implode()).fill_null(value=False) if len(bad) else None
    wrong = check(values).fill_null(value=False) & values.is_not_null()
    return wrong if wrong.any() else None


def _comes_back(values: pl.Series) -> bool:
    return len(values) > 2 * _SAMPLE and values.head(_SAMPLE).n_unique() < _SAMPLE // 8


def matches(values: pl.Series, pattern: str) -> pl.Series:
    """Whether the whole value follows the pattern."""
    return values.str.contains(f"^(?:{pattern})$")


def micros(values: pl.Series, *, known: bool = False) -> pl.Series:
    """Numbers of the file in whole millionths, null where it is not one (``known``: they all are).

    At most 14 digits: the nearest binary float, times a million, rounds to the exact integer.
    """
    if _comes_back(values):
        distinct = values.unique().drop_nulls()
        return values.replace_strict(distinct, _micros(distinct, known), default=None, return_dtype=pl.Int64)
    return _micros(values, known)


def _micros(values: pl.Series, known: bool) -> pl.Series:
    plain = values.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    exact = (plain * MICRO).round().cast(pl.Int64, strict=False)
    return exact if known else exact.set(~matches(values, NUMBER_PATTERN).fill_null(value=False), None)


def days(values: pl.Series) -> pl.Series:
    """Dates AAAA-MM-JJ, null where it is not one."""
    wrong = faults(values, lambda some: ~matches(some, DATE_PATTERN) | (some < "0001"))
    plain = values if wrong is None else values.set(wrong, None)
    return plain.str.to_date("%Y-%m-%d", strict=False)


def form_check(field: Mapping[str, Any]) -> Check | None:
    """What the Table Schema asks of a non-empty value; ``None`` when anything goes."""
    limits = field.get("constraints", {})
    checks: list[Check] = []
    if field["type"] == "date":
        checks.append(lambda values: days(values).is_null() & values.is_not_null())
    if "pattern" in limits:
        checks.append(lambda values: ~matches(values, limits["pattern"]))
    if "enum" in limits:
        checks.append(lambda values: ~values.is_in(pl.Series(limits["enum"]).implode()))
    if "maxLength" in limits:
        checks.append(lambda values: values.str.len_chars() > limits["maxLength"])
    if not checks:
        return None

    def wrong(values: pl.Series) -> pl.Series:
        found = checks[0](values)
        for check in checks[1:]:
            found = found | check(values)
        return found

    return wrong


def _table(weigh: Callable[[int, int], int]) -> pl.Series:
    """For each group of four digits, the sum of what its digits weigh by their rank from the right."""
    return pl.Series(
        [sum(weigh(number // 10**rank % 10, rank) for rank in range(4)) for number in range(10_000)], dtype=pl.UInt32
    )


_EAN = _table(lambda digit, rank: digit * (3 if rank % 2 else 1))
_LUHN = _table(lambda digit, rank: sum(divmod(digit * 2, 10)) if rank % 2 else digit)
_SUM = _table(lambda digit, _rank: digit)


def _weight(numbers: pl.Series, table: pl.Series) -> pl.Series:
    """Sum over the digits (14 at most) of each number; ranks are even at the start of every group."""
    total = table.gather(numbers % 10_000)
    for power in (4, 8, 12):
        total = total + table.gather(numbers // 10**power % 10_000)
    return total


def _digits(values: pl.Series) -> pl.Series:
    """Values made of digits only, as numbers; null otherwise. The cast alone would also read a leading sign."""
    return values.set(values.str.contains_any(["+", "-"]).fill_null(value=False), None).cast(pl.UInt64, strict=False)


def _siret(_rule: RowRule, values: pl.Series) -> pl.Series:
    numbers = _digits(values)
    siren = numbers // 100_000
    key = _weight(numbers, _LUHN) % 10 == 0
    poste = (siren == 356_000_000) & (numbers != 35_600_000_000_048) & (_weight(numbers, _SUM) % 5 == 0)
    right = (values.str.len_bytes() == 14) & (key | poste) & (_weight(siren, _LUHN) % 10 == 0)
    return ~right.fill_null(value=False)


def _gtin(rule: RowRule, values: pl.Series) -> pl.Series:
    form = values.str.len_bytes().is_in(pl.Series(rule.parameters["lengths"], dtype=pl.UInt32).implode())
    return ~(form & (_weight(_digits(values), _EAN) % 10 == 0)).fill_null(value=False)


def _code13(rule: RowRule, values: pl.Series) -> pl.Series:
    form = (values.str.len_bytes() == 13) & values.str.starts_with(rule.parameters["prefix"])
    if excluded := rule.parameters["except_prefix"]:
        form = form & ~values.str.starts_with(excluded)
    return ~(form & (_weight(_digits(values), _EAN) % 10 == 0)).fill_null(value=False)


def _pattern(rule: RowRule, values: pl.Series) -> pl.Series:
    return ~matches(values, rule.parameters["pattern"])


def number(rule: RowRule, found: pl.Series) -> pl.Series:
    """Which numbers, in millionths, the rule refuses."""
    limits = rule.parameters
    if "one_of" in limits:
        return ~found.is_in(pl.Series([_scaled(choice) for choice in limits["one_of"]]).implode())
    wrong = pl.Series([False]).new_from_index(0, len(found))
    if "more_than" in limits:
        wrong = wrong | (found <= _scaled(limits["more_than"]))
    if "at_least" in limits:
        wrong = wrong | (found < _scaled(limits["at_least"]))
    if "at_most" in limits:
        wrong = wrong | (found > _scaled(limits["at_most"]))
    return wrong


def _number(rule: RowRule, values: pl.Series) -> pl.Series:
    return number(rule, micros(values))


def _scaled(text: str) -> int:
    return int(Decimal(text) * MICRO)


def _finess_keys(_rule: RowRule, values: pl.Series) -> pl.Series:
    # Lists come back from line to line: the row check itself, on distinct lists.
    return values.map_elements(lambda text: not finess_list_is_right(text), return_dtype=pl.Boolean)


ON_ONE_VALUE: Mapping[Predicate, Callable[[RowRule, pl.Series], pl.Series]] = {
    "siret": _siret,
    "gtin": _gtin,
    "code13": _code13,
    "pattern": _pattern,
    "number": _number,
    "finess_keys": _finess_keys,
}
"""Predicates that look at each of their columns on its own; true (or null) when the value is wrong (or empty)."""


def tax_included(rule: RowRule, bare: pl.Series, rate: pl.Series, full: pl.Series) -> pl.Series:
    """Lines whose price with tax is not the price plus its tax; all three in millionths."""
    tolerance = _scaled(rule.parameters["tolerance"]) * 10_000
    basis = rate // 10_000
    usable = (rate >= 0) & (rate <= 100 * MICRO) & (rate % 10_000 == 0)
    basis = basis.set(~usable.fill_null(value=False), None)
    return ((full * 10_000 - bare * (basis + 10_000)).abs() > tolerance).fill_null(value=False)


def date_order(start: pl.Series, end: pl.Series) -> pl.Series:
    """Lines that end before they begin."""
    return (end < start).fill_null(value=False)
