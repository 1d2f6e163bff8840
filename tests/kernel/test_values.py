"""Money, clock and identifiers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.ids import is_id, new_id
from semaphore_hub.kernel.money import Montant, from_cents, to_cents

AMOUNT: TypeAdapter[Decimal] = TypeAdapter(Montant)


@pytest.mark.parametrize(
    ("text", "cents"), [("0", 0), ("0.01", 1), ("200000", 20_000_000), ("999999999999.99", 99999999999999)]
)
def test_amounts_survive_the_way_to_storage_and_back(text: str, cents: int) -> None:
    amount = AMOUNT.validate_python(text)
    assert to_cents(amount) == cents
    assert from_cents(cents) == amount
    assert AMOUNT.dump_json(amount) == f'"{amount:.2f}"'.encode()


@pytest.mark.parametrize(
    "wrong", ["1.234", "-1", "1e3", "01", "", " 1", "1,5", "1000000000000", 12.5, 12, True, None, "١"]
)
def test_anything_but_a_plain_amount_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        AMOUNT.validate_python(wrong)


def test_a_third_decimal_is_never_rounded_away() -> None:
    with pytest.raises(ValueError, match="two decimals"):
        to_cents(Decimal("1.005"))


def test_the_manual_clock_only_moves_forward() -> None:
    clock = ManualClock(datetime(2026, 3, 2, tzinfo=UTC))
    clock.advance(timedelta(days=1))
    assert clock.today().isoformat() == "2026-03-03"
    with pytest.raises(ValueError, match="cannot go back"):
        clock.set(datetime(2026, 3, 1, tzinfo=UTC))


def test_identifiers_sort_by_creation() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(made)
    assert all(is_id(one) for one in made)
    assert not is_id("../etc/passwd")
