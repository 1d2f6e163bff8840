"""Amounts that add up to the cent: Hélios refuses a marché whose breakdown does not give its totals (XSD 5.17).

Everything is counted in whole cents, so that sums are exact, and in the order given, so that results never vary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from semaphore_hub.kernel.money import CENT, to_cents
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Titulaire


class Shares(NamedTuple):
    """Amounts HT in cents in the order of those who share, and whether they had to be estimated."""

    amounts: tuple[int, ...]
    estimated: bool


def euros(amount: Decimal) -> str:
    """An amount as the PES writes it: a point and two decimals."""
    return format(amount.quantize(CENT), "f")


def cents_text(cents: int) -> str:
    """Cents as the PES writes an amount."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def split(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """A total in parts proportional to the weights; the first part takes what rounding down leaves."""
    whole = sum(weights)
    if whole == 0:
        return split(total, [1] * len(weights))
    parts = [total * weight // whole for weight in weights]
    parts[0] += total - sum(parts)
    return tuple(parts)


def allocate(rows: Sequence[int], columns: Sequence[int]) -> list[tuple[int, ...]]:
    """A table of whole numbers, none negative, with these sums of rows and of columns (their totals must be equal).

    Each row takes its part of what the rows before left of every column, rounded down; the units that are missing go
    to the largest remainders, the first columns first. What a column is given never exceeds what it has left, because
    a row is never more than all that is left: the last row therefore takes exactly the rest.
    """
    left, remaining, table = list(columns), sum(columns), []
    for row in rows:
        if remaining == 0:
            table.append(tuple(0 for _ in columns))
            continue
        given = [row * column // remaining for column in left]
        by_remainder = sorted(range(len(left)), key=lambda rank: (-(row * left[rank] % remaining), rank))
        for rank in by_remainder[: row - sum(given)]:
            given[rank] += 1
        left = [column - part for column, part in zip(left, given, strict=True)]
        remaining -= row
        table.append(tuple(given))
    return table


def shares_of(total: int, holders: Sequence[Titulaire], reserved: Mapping[int, int], *, amended: bool) -> Shares:
    """The share HT of each holder, subcontracting included; their sum is the total.

    Unknown shares divide equally what the known ones leave; after an amendment, shares that still add up to the former
    total follow the new one pro rata (hypothèse: nothing says which holder gains or loses).

    Args:
        total: amount of the marché, cents.
        holders: in their order.
        reserved: by rank of the holder, cents paid directly to its subcontractors: its share is at least that.
        amended: whether known shares may be those of a former total.

    Raises:
        Unsupported: the known shares contradict the total, or the subcontractors take more than there is.
    """
    known = [None if one.montant is None else to_cents(one.montant) for one in holders]
    if len(known) == 1:
        return _checked(Shares((total,), estimated=False), holders, reserved)
    given = [amount for amount in known if amount is not None]
    spent, missing = sum(given), [rank for rank, amount in enumerate(known) if amount is None]
    if not missing and spent == total:
        return _checked(Shares(tuple(given), estimated=False), holders, reserved)
    if missing and spent < total:
        rest = split(total - spent - sum(reserved.get(rank, 0) for rank in missing), [1] * len(missing))
        found = dict(zip(missing, rest, strict=True))
        amounts = [found[rank] + reserved.get(rank, 0) if one is None else one for rank, one in enumerate(known)]
        return _checked(Shares(tuple(amounts), estimated=True), holders, reserved)
    if not missing and amended:
        own = [max(amount - reserved.get(rank, 0), 0) for rank, amount in enumerate(given)]
        rest = split(total - sum(reserved.values()), own)
        amounts = [part + reserved.get(rank, 0) for rank, part in enumerate(rest)]
        return _checked(Shares(tuple(amounts), estimated=True), holders, reserved)
    raise Unsupported(
        f"Les parts connues des titulaires totalisent {cents_text(spent)} € alors que le marché est de "
        f"{cents_text(total)} € : corrigez les parts, leur somme doit être égale au montant du marché."
    )


def _checked(shares: Shares, holders: Sequence[Titulaire], reserved: Mapping[int, int]) -> Shares:
    for rank, share in enumerate(shares.amounts):
        if share < reserved.get(rank, 0):
            raise Unsupported(
                f"Les sous-traitants payés directement du titulaire {holders[rank].fournisseur.denominationSociale} "
                f"reçoivent {cents_text(reserved.get(rank, 0))} €, plus que sa part ({cents_text(share)} €) : corrigez "
                "sa part, ou le montant des actes de sous-traitance."
            )
    return shares
