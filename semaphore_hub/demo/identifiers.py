"""Identifiers of organisations that do not exist, with right keys, so that every control applies to them."""

from __future__ import annotations

from stdnum import luhn


def siret(start: str, nic: str = "0001") -> str:
    """A SIRET whose two keys are right.

    Args:
        start: the first eight digits of the SIREN.
        nic: the four digits of the establishment, before the last key.
    """
    siren = start + str(luhn.calc_check_digit(start))
    return siren + nic + str(luhn.calc_check_digit(siren + nic))


def finess(start: str) -> str:
    """A FINESS whose key is right, from its first eight digits (a département 99 does not exist)."""
    return start + str(luhn.calc_check_digit(start))


def iban(number: int) -> str:
    """A French IBAN with right keys, at bank 00000 and counter 00000, which nobody holds.

    Args:
        number: the account number.
    """
    account = f"{number:011d}"
    rib_key = 97 - int(f"{'0' * 10}{account}00") % 97
    bban = f"{'0' * 10}{account}{rib_key:02d}"
    # ISO 13616: the country's letters become 15 (F) and 27 (R), the key is what is missing to 98 modulo 97.
    return f"FR{98 - int(f'{bban}152700') % 97:02d}{bban}"
