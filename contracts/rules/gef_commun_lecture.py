"""Reading documents of the common GEF model without trusting their shape: what is not as the schema says is absent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

from contracts.rules.keys import siret_is_valid
from contracts.rules.produits import ON_ONE_VALUE, finess_list_is_right
from contracts.rules.produits_table import rule_of

Pointer = tuple[str | int, ...]
Part = dict[str, Any]

BLANKS = " \t\r\n"
"""What XML Schema takes away around a number; in JSON and CSV the schema refuses it."""

_SIRET = re.compile(r"[0-9]{14}")
_FINESS = re.compile(r"[0-9]{9}")
_ACCOUNT = re.compile(r"[0-9]{3,10}")
_NUMBER = re.compile(r"-?[0-9]{1,12}([.,][0-9]{1,6})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOTHING: Part = {}


def part(parent: Any, name: str) -> Part:
    """The object of this name, an empty one when there is none. Not to be changed."""
    value = parent.get(name) if type(parent) is dict else None
    return value if type(value) is dict else _NOTHING


def items(parent: Any, name: str) -> list[Part]:
    """The objects of a list, an empty one in the place of what is not one: ranks stay true."""
    value = parent.get(name) if type(parent) is dict else None
    if type(value) is not list:
        return []
    return value if all(type(item) is dict for item in value) else [i if type(i) is dict else _NOTHING for i in value]


def parties(document: Any) -> Iterator[tuple[Pointer, Part]]:
    """Everyone named by a type of identifier and an identifier, in messages and in flux."""
    if supplier := part(document, "fournisseur"):
        yield ("fournisseur",), supplier
    marche = part(document, "marche")
    for name in ("titulaires", "sousTraitants"):
        for index, one in enumerate(items(marche, name)):
            yield ("marche", name, index), one
    for index, one in enumerate(items(document, "imputations")):
        yield ("imputations", index, "titulaire"), part(one, "titulaire")
    for index, one in enumerate(items(part(document, "produits"), "lignes")):
        yield ("produits", "lignes", index, "fournisseur"), part(one, "fournisseur")
    for index, one in enumerate(items(document, "lignes")):
        if "typeIdentifiant" in one:
            yield ("lignes", index), one
        elif supplier := part(one, "fournisseur"):
            yield ("lignes", index, "fournisseur"), supplier


def number(value: Any) -> Decimal | None:
    """The number written, decimal point or comma; None when it is not one."""
    text = value.strip(BLANKS) if isinstance(value, str) else ""
    return Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def shown_day(text: str) -> str:
    """A day as it is read: JJ/MM/AAAA."""
    return "/".join(reversed(text.split("-")))


def is_before(end: Any, start: Any) -> bool:
    """Whether two days are written, and the first comes before the second."""
    if not isinstance(end, str) or not isinstance(start, str) or end >= start:
        return False
    return _DAY.fullmatch(end) is not None and _DAY.fullmatch(start) is not None


# The same identifiers come back in every document, and their keys are the slow part of a small one.
@lru_cache(maxsize=20_000)
def _siret_key_is_wrong(text: str) -> bool:
    return _SIRET.fullmatch(text) is not None and not siret_is_valid(text)


@lru_cache(maxsize=20_000)
def _finess_key_is_wrong(text: str) -> bool:
    return _FINESS.fullmatch(text) is not None and not finess_list_is_right(text)


def has_wrong_siret_key(value: Any) -> bool:
    """Fourteen digits whose key is wrong; La Poste's own key is right."""
    return isinstance(value, str) and _siret_key_is_wrong(value)


def has_wrong_finess_key(value: Any) -> bool:
    """Nine digits whose Luhn key is wrong; Corsican numbers (2A, 2B) are taken as they are."""
    return isinstance(value, str) and _finess_key_is_wrong(value)


def is_no_siret(value: Any) -> bool:
    """A text that is not made of fourteen digits."""
    return isinstance(value, str) and value != "" and _SIRET.fullmatch(value) is None


def is_odd_account(value: Any) -> bool:
    """An M21 account that is neither of class 2 nor of class 6."""
    return isinstance(value, str) and value[:1] not in ("2", "6") and _ACCOUNT.fullmatch(value) is not None


@lru_cache(maxsize=20_000)
def breaks_product_rule(rule_id: str, text: str) -> bool:
    """Whether a value breaks this rule of the « produits en marché » file (``PEM-GTIN``…)."""
    rule = rule_of(rule_id)
    return not ON_ONE_VALUE[rule.predicate](rule, text)
