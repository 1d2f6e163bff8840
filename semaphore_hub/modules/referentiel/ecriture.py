"""How amounts, percentages and days are written in a computation that a person reads."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_DOWN, Decimal


def euros(montant: Decimal) -> str:
    """An amount in euros as French accounts write it: ``1 234,50 €``."""
    return f"{montant:,.2f} €".replace(",", " ").replace(".", ",")


def difference(montant: Decimal) -> str:
    """A signed amount: ``+15 000,00 €``."""
    return f"+{euros(montant)}" if montant > 0 else euros(montant)


def pourcentage(part: Decimal, base: Decimal) -> str:
    """Part of a base, in per cent, cut at two decimals so that what is under a limit never reads as the limit."""
    if not base:
        return "part incalculable"
    rate = (part * 100 / base).quantize(Decimal("0.01"), ROUND_DOWN)
    return f"{rate:.2f} %".replace(".", ",")


def jour_ecrit(jour: date) -> str:
    """A day: ``01/04/2026``."""
    return f"{jour:%d/%m}/{jour.year:04d}"
