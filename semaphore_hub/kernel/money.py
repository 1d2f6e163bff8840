"""Money: Decimal in code, integer cents in storage, a text with at most two decimals in JSON. Never float."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

CENT = Decimal("0.01")
MONTANT_PATTERN = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"
_is_montant = re.compile(MONTANT_PATTERN).fullmatch


def to_cents(amount: Decimal) -> int:
    """Amount in euros to integer cents.

    Raises:
        ValueError: the amount has more than two decimals (nothing is rounded silently).
    """
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} has more than two decimals")
    return int(cents)


def from_cents(cents: int) -> Decimal:
    """Integer cents to an amount in euros with two decimals."""
    return (Decimal(cents) / 100).quantize(CENT)


def _only_text(value: Any) -> Any:
    """JSON numbers are binary floats for most clients, so amounts travel as text; Decimal comes from our own code."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _is_montant(value):
        raise ValueError('un montant est un texte de la forme "1234.56" (euros, deux décimales au plus)')
    return Decimal(value)


Montant = Annotated[
    Decimal,
    BeforeValidator(_only_text),
    PlainSerializer(lambda amount: format(amount.quantize(CENT), "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": MONTANT_PATTERN, "examples": ["200000.00"]}),
]
"""Euros, at least 0, at most 12 digits before the point and two after (the width of PES amounts)."""
