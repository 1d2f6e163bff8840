"""Shares that add up to the cent: Hélios refuses a marché whose breakdown does not give its total (XSD 5.17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from semaphore_hub.kernel.money import CENT
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Marche


@dataclass(frozen=True, slots=True)
class Shares:
    """Amounts HT in the order of the holders, and whether they had to be estimated."""

    amounts: tuple[Decimal, ...]
    estimated: bool


def euros(amount: Decimal) -> str:
    """An amount as the PES writes it: a point and two decimals."""
    return format(amount.quantize(CENT), "f")


def split(total: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """A total in parts proportional to the weights, to the cent; the first part takes what rounding leaves."""
    whole = sum(weights, Decimal(0))
    if whole == 0:
        return split(total, [Decimal(1)] * len(weights))
    parts = [(total * weight / whole).quantize(CENT, ROUND_DOWN) for weight in weights]
    parts[0] += total - sum(parts, Decimal(0))
    return tuple(parts)


def shares_of(marche: Marche) -> Shares:
    """The share HT of each holder of the marché; their sum is its amount.

    Unknown shares divide equally what the known ones leave; after an amendment, shares that still add up to the former
    total follow the new one pro rata (hypothèse: the event does not say which holder gains or loses).

    Raises:
        Unsupported: the known shares contradict the amount.
    """
    total = marche.montant
    known = [holder.montant for holder in marche.titulaires]
    given = [amount for amount in known if amount is not None]
    if len(known) == 1:
        return Shares((total,), estimated=False)
    spent = sum(given, Decimal(0))
    missing = len(known) - len(given)
    if not missing and spent == total:
        return Shares(tuple(given), estimated=False)
    if missing and spent < total:
        rest = iter(split(total - spent, [Decimal(1)] * missing))
        return Shares(tuple(next(rest) if amount is None else amount for amount in known), estimated=True)
    if not missing and marche.modifications:
        return Shares(split(total, given), estimated=True)
    raise Unsupported(
        f"Les parts connues des titulaires totalisent {euros(spent)} € alors que le marché est de {euros(total)} € : "
        "corrigez les parts, leur somme doit être égale au montant du marché."
    )
