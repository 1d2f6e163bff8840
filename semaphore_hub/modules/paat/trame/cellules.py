"""What people write in cells, as values: amounts, percentages, days, months. Pure; a cell that cannot be read says why.

Two readings are never guessed between: "1.234" may be a thousand or a decimal, so it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from semaphore_hub.modules.paat.trame.classeur import Valeur
from semaphore_hub.modules.referentiel.ecriture import jour_ecrit
from semaphore_hub.modules.referentiel.libelles import cle_de

_T = TypeVar("_T")
CENT = Decimal("0.01")
MAX_EUROS = Decimal(10) ** 12
"""Amounts have at most twelve digits before the decimal mark, as everywhere in the hub."""
_NOISE = Decimal("0.000001")
"""What a computation in binary leaves beyond the cent (165380.99999999997): not a rounding worth saying."""
_ABSENT = frozenset({"", "-", "--", "—", "–", "n.c.", "nc", "n.c", "n/a", "na", "n.d.", "nd", "s.o.", "so", "néant", "neant", "?", "/", "."})  # fmt: skip # noqa: E501
_LONG = 40
"""Characters from which a cell cannot be one of those: most are, and every cell is asked."""
_BLANKS = re.compile(r"[\s\u00a0\u2007\u2009\u202f\ufeff\u200b'’]+")
_EUROS = re.compile(
    r"(?P<open>\()?(?P<before>[-+])?(?:€|eur)?(?P<digits>[0-9.,]+)(?P<after>-)?"
    r"(?:€|eur|euros?)?(?:ttc)?(?P<end>-)?(?P<close>\))?"
)
"""An amount without blanks: sign or parentheses, currency."""
_MULTIPLE = re.compile(r"[0-9](?:k|m|md|millions?|milliers?|milliards?)")
_DIGITS = re.compile(r"[0-9]+")
_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})+")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_DECIMAL = re.compile(r"([0-9]*)[.,]([0-9]+)")
_BOTH = (re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+"), re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+"))
_DMY = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4}|[0-9]{2})")
_YMD = re.compile(r"([0-9]{4})[/.\-]([0-9]{1,2})[/.\-]([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_MY = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{4})")
_YM = re.compile(r"([0-9]{4})[/.\-]([0-9]{1,2})")
_NAMED = re.compile(r"(?:([0-9]{1,2})(?:er)? )?([a-z]+)(?: ([0-9]{4}))?")
_MONTHS = ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre", "decembre")  # fmt: skip # noqa: E501
_SHORT = {"janv": 1, "jan": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "jul": 7, "sept": 9, "sep": 9, "oct": 10, "nov": 11, "dec": 12}  # fmt: skip # noqa: E501
_EPOCH = date(1899, 12, 30)
_SERIALS = range(36526, 73051)
"""Excel's count of days for 2000 to 2099."""
_COUNT = re.compile(r"([0-9]{1,3})(?: mois)?")


class IllisibleError(Exception):
    """The cell cannot be read; the message says why, in French, without a final stop."""


@dataclass(frozen=True, slots=True)
class Lu:
    """An amount as read: to the cent, and as written when that rounded it."""

    montant: Decimal
    arrondi_de: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A ratio as read.

    Attributes:
        valeur: 3.324 for 332,4 %.
        pas: the ratio worth one unit of the last digit written.
    """

    valeur: Decimal
    pas: Decimal


def absente(valeur: Valeur) -> bool:
    """Whether a cell says nothing: empty, "-", "n.c."…"""
    if not isinstance(valeur, str):
        return False
    return not valeur or (len(valeur) < _LONG and valeur.strip(" \t\r\n\u00a0\u202f").lower() in _ABSENT)


def montant(valeur: Valeur) -> Lu:
    """An amount in euros.

    Raises:
        IllisibleError: not an amount, in thousands, excluding tax, or written in a way that has two readings.
    """
    if isinstance(valeur, bool) or not isinstance(valeur, int | float | str):
        raise IllisibleError("un nombre d'euros est attendu")
    exact = _number(valeur) if isinstance(valeur, str) else _decimal(valeur)
    if abs(exact) >= MAX_EUROS:
        raise IllisibleError("le montant a plus de douze chiffres avant la virgule")
    rounded = exact.quantize(CENT, ROUND_HALF_UP)
    return Lu(rounded, exact if abs(exact - rounded) > _NOISE else None)


def part(valeur: Valeur) -> Part:
    """A percentage, as a ratio. A number is a ratio, as Excel stores what it shows with "%".

    Raises:
        IllisibleError: not a number, or one that no gain can give.
    """
    if isinstance(valeur, bool) or not isinstance(valeur, int | float | str):
        raise IllisibleError("un pourcentage est attendu")
    text = _BLANKS.sub("", valeur) if isinstance(valeur, str) else ""
    ratio = _decimal(valeur) if not isinstance(valeur, str) else _plain(text.removesuffix("%"))
    if abs(ratio) >= MAX_EUROS:
        raise IllisibleError("le nombre a plus de douze chiffres avant la virgule")
    if text.endswith("%"):
        return Part(ratio / 100, _step(ratio) / 100)
    return Part(ratio, _step(ratio))


def jour(valeur: Valeur, annee: int | None = None) -> date:
    """A day; a month alone is its first day, a month without a year is one of ``annee``.

    Raises:
        IllisibleError: not a day, or one that does not exist.
    """
    if isinstance(valeur, datetime):
        return valeur.date()
    if isinstance(valeur, date):
        return valeur
    if isinstance(valeur, bool) or not isinstance(valeur, int | float | str):
        raise IllisibleError("une date est attendue, comme 01/09/2026")
    if isinstance(valeur, str) and not _DIGITS.fullmatch(valeur.strip()):
        return _written_day(valeur.strip(), annee)
    serial = Decimal(str(valeur).strip())
    if int(serial) not in _SERIALS:
        raise IllisibleError("ce nombre n'est pas une date d'Excel")
    return _EPOCH + timedelta(days=int(serial))


def mois(valeur: Valeur) -> tuple[int, bool]:
    """A number of months, 0 to 12, and whether it was deduced from the name of the first month of effect.

    Raises:
        IllisibleError: neither a number of months nor a month.
    """
    if isinstance(valeur, int | float) and not isinstance(valeur, bool) and valeur == int(valeur):
        return _months(int(valeur)), False
    if isinstance(valeur, str):
        key = cle_de(valeur)
        if counted := _COUNT.fullmatch(key):
            return _months(int(counted.group(1))), False
        if (month := _month(key)) is not None:
            return 13 - month, True
    raise IllisibleError("un nombre de mois de 0 à 12 est attendu")


def texte(valeur: Valeur) -> str:
    """What a cell shows: blanks at both ends removed, a whole number without ".0", a day as in French."""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, float):
        return str(int(valeur)) if valeur.is_integer() and abs(valeur) < 1e15 else repr(valeur).replace(".", ",")
    if isinstance(valeur, datetime | date):
        return jour_ecrit(valeur.date() if isinstance(valeur, datetime) else valeur)
    return str(valeur).replace("\u00a0", " ").replace("\u202f", " ").replace("\r\n", "\n").strip()


def ligne(valeur: Valeur) -> str:
    """The same on one line."""
    return " ".join(texte(valeur).split())


def lue(lire: Callable[[Valeur], _T], valeur: Valeur) -> _T | None:
    """What a reader makes of a cell, None when the cell says nothing.

    Raises:
        IllisibleError: see the reader.
    """
    return None if absente(valeur) else lire(valeur)


def _decimal(valeur: float) -> Decimal:
    exact = Decimal(repr(valeur))
    if not exact.is_finite():
        raise IllisibleError("ce n'est pas un nombre fini")
    return exact


def _number(written: str) -> Decimal:
    text = _BLANKS.sub("", written).replace("−", "-").lower()
    if text.endswith(("ht", "ht)")):
        raise IllisibleError("il est dit hors taxes, la trame demande des euros TTC")
    if "%" in text:
        raise IllisibleError("c'est un pourcentage")
    if _MULTIPLE.search(text):
        raise IllisibleError("écrivez-le en euros, sans k€ ni M€")
    found = _EUROS.fullmatch(text)
    if found is None or (found["open"] is None) != (found["close"] is None):
        raise IllisibleError("un nombre d'euros est attendu")
    negative = found["open"] is not None or "-" in (found["before"], found["after"], found["end"])
    amount = _unsigned(found["digits"])
    return -amount if negative else amount


def _plain(written: str) -> Decimal:
    text = written.replace("−", "-")
    negative = text.startswith("-")
    digits = text.removeprefix("-").removeprefix("+")
    simple = _DECIMAL.fullmatch(digits)
    if simple:
        whole, decimals = simple.groups()
        return Decimal(f"{'-' if negative else ''}{whole or '0'}.{decimals}")
    return -_unsigned(digits) if negative else _unsigned(digits)


def _unsigned(digits: str) -> Decimal:
    if _DIGITS.fullmatch(digits):
        return Decimal(digits)
    if _GROUPS.fullmatch(digits):
        return Decimal(re.sub("[.,]", "", digits))
    if _AMBIGUOUS.fullmatch(digits):
        raise IllisibleError("le point ou la virgule peut séparer les milliers ou les décimales, écrivez 1234 ou 1,23")
    if _BOTH[0].fullmatch(digits):
        return Decimal(digits.replace(".", "").replace(",", "."))
    if _BOTH[1].fullmatch(digits):
        return Decimal(digits.replace(",", ""))
    if simple := _DECIMAL.fullmatch(digits):
        return Decimal(f"{simple.group(1) or '0'}.{simple.group(2)}")
    raise IllisibleError("un nombre est attendu")


def _step(number: Decimal) -> Decimal:
    exponent = number.as_tuple().exponent
    return Decimal(1).scaleb(min(exponent, 0)) if isinstance(exponent, int) else Decimal(1)


def _written_day(written: str, annee: int | None) -> date:
    text = _BLANKS.sub(" ", written)
    if found := _YMD.fullmatch(text):
        return _day(*map(int, found.groups()))
    if found := _DMY.fullmatch(text):
        day, month, year = map(int, found.groups())
        return _day(year if year >= 100 else 2000 + year, month, day)
    if found := _MY.fullmatch(text):
        return _day(int(found.group(2)), int(found.group(1)), 1)
    if found := _YM.fullmatch(text):
        return _day(int(found.group(1)), int(found.group(2)), 1)
    if (found := _NAMED.fullmatch(cle_de(text))) and (named := _month(found.group(2))) is not None:
        year_written = int(found.group(3)) if found.group(3) else annee
        if year_written is None:
            raise IllisibleError("l'année manque")
        return _day(year_written, named, int(found.group(1) or 1))
    raise IllisibleError("une date est attendue, comme 01/09/2026")


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise IllisibleError("cette date n'existe pas dans le calendrier") from None
    if not 2000 <= found.year < 2100:
        raise IllisibleError("l'année n'est pas entre 2000 et 2099")
    return found


def _month(key: str) -> int | None:
    return _MONTHS.index(key) + 1 if key in _MONTHS else _SHORT.get(key)


def _months(count: int) -> int:
    if not 0 <= count <= 12:
        raise IllisibleError("un nombre de mois de 0 à 12 est attendu")
    return count
