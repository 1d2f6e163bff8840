"""A marché being built from a record of a file, and what is said about it on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from semaphore_hub.imports import rules
from semaphore_hub.imports.report import Completed
from semaphore_hub.imports.source import Beyond
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import CENT

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]+")


@dataclass(slots=True)
class Draft:
    """The marché being built.

    Attributes:
        data: what the module will be given, in the names of the neutral form until each field is settled.
        beyond: what the file says beyond the neutral form.
        completed: fields completed so far.
        warnings: what deserves a look.
        problems: why it cannot be taken over; all of them are reported.
    """

    data: dict[str, Any]
    beyond: Beyond
    completed: list[Completed] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def cleaned(text: str) -> str:
    """A text without control characters nor blanks at its ends."""
    return _CONTROL.sub(" ", text).strip()


def amount_of(value: Any, path: str, problems: list[Problem]) -> Decimal:
    """An exact amount; nothing is rounded."""
    amount = Decimal(value)
    if amount >= Decimal(10) ** 12:
        problems.append(rules.MONTANT_LARGEUR.broken(path, valeur=_plain(amount)))
    elif amount != amount.quantize(CENT):
        problems.append(rules.MONTANT_DECIMALES.broken(path, valeur=_plain(amount)))
    return amount


def _plain(amount: Decimal) -> str:
    return format(amount, "f") if amount.adjusted() < 30 else str(amount)


def whole(value: Any) -> Any:
    """An integer that JSON may write ``12.0``."""
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
