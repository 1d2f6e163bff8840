"""Checks on the former DECP formats (1.5.0, 2.0.0) and on what the DGFiP published from the PES Marché.

These formats list contracts and operators without the envelopes of 2.0.1 and later, and the DGFiP's have a namespace:
hence a way of their own to walk them. The checks are those of the ministry's consolidation that had a meaning before
2024 (139bercy/decp-arr2022, ``augmente/nettoyage.py``), and what the arrêté of 22 March 2019 says of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import Any

from lxml import etree

from contracts.report import Violation
from contracts.rules.decp_view import JsonNode, Node, XmlNode, place, text_of
from contracts.rules.keys import siret_passes_luhn
from contracts.xml import local_name

# Year of notification, 1 to 10 letters or digits, two digits for the modification.
_NUMBER = re.compile(r"[0-9]{4}[A-Z0-9]{1,10}[0-9]{2}")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([+-][0-9]{2}:[0-9]{2}Z?)?")
_MARCHE = ("acheteur", "titulaires", "titulaire")
_CONCESSION = ("autoriteConcedante", "concessionnaires", "concessionnaire")
_DATES = ("dateNotification", "dateSignature", "datePublicationDonnees", "dateDebutExecution")
_OPERATOR_IDS = {
    "TAHITI": re.compile(r"[a-zA-Z0-9]{9}"),
    "RIDET": re.compile(r"[a-zA-Z0-9]{9,10}"),
    "FRWF": re.compile(r"FRWF[a-zA-Z0-9]{14}"),
    "HORS-UE": re.compile(r"[A-Z]{2}[a-zA-Z0-9]{0,16}"),
}


class _PlainJson(JsonNode):
    """A JSON value whose lists hold their items without an envelope."""

    __slots__ = ()

    def child(self, name: str) -> Node | None:
        """See ``Node``."""
        if isinstance(self._value, dict) and name in self._value:
            return _PlainJson(self._value[name], (*self._pointer, name))
        return None

    def items(self, collection: str, item: str) -> list[Node]:  # noqa: ARG002 - the items have no name here
        """See ``Node``."""
        held = self._value.get(collection) if isinstance(self._value, dict) else None
        pointer = (*self._pointer, collection)
        entries = held if isinstance(held, list) else []
        return [_PlainJson(entry, (*pointer, rank)) for rank, entry in enumerate(entries)]


class _AnyNamespace(XmlNode):
    """An element read by local names."""

    __slots__ = ()

    def child(self, name: str) -> Node | None:
        """See ``Node``."""
        found = self._element.find(f"{{*}}{name}")
        return None if found is None else _AnyNamespace(found)

    def items(self, collection: str, item: str) -> list[Node]:
        """See ``Node``."""
        found = self._element.find(f"{{*}}{collection}")
        return [] if found is None else [_AnyNamespace(one) for one in found.iterchildren(f"{{*}}{item}")]


def numero(document: Any) -> Iterator[Violation]:
    """The number begins with the year and ends with the two digits of the modification (arrêté, annex)."""
    for contract, _ in _contracts(document):
        found = contract.child("id")
        if found is not None and found.text is not None and not _NUMBER.fullmatch(found.text):
            yield found.violation(found.text)


def uid(document: Any) -> Iterator[Violation]:
    """The national identifier is the buyer's SIRET followed by the number."""
    for contract, (authority, *_) in _contracts(document):
        found = contract.child("uid")
        buyer, number = text_of(contract, authority, "id"), text_of(contract, "id")
        if found is not None and found.text is not None and buyer and number and found.text != buyer + number:
            yield found.violation(buyer + number)


def siret_acheteur(document: Any) -> Iterator[Violation]:
    """The buyer's SIRET has a right Luhn key."""
    for contract, (authority, *_) in _contracts(document):
        found = place(contract, authority, "id")
        if found is not None and found.text is not None and not siret_passes_luhn(found.text):
            yield found.violation(f"{authority}.id")


def operateur(document: Any) -> Iterator[Violation]:
    """The identifier of each operator has the form of its type; a SIRET has a right Luhn key."""
    for contract, (_, collection, item) in _contracts(document):
        for rank, operator in enumerate(contract.items(collection, item), start=1):
            found, kind = operator.child("id"), text_of(operator, "typeIdentifiant")
            if found is None or not found.text or kind is None:
                continue
            pattern = _OPERATOR_IDS.get(kind)
            if pattern is not None:
                wrong = not pattern.fullmatch(found.text)
            else:
                wrong = kind == "SIRET" and not siret_passes_luhn(found.text)
            if wrong:
                yield found.violation(f"{kind} erroné pour le champ {item} N°{rank}")


def dates(document: Any) -> Iterator[Violation]:
    """Each date is a day of the calendar; the JSON patterns let a 39th of the month through."""
    for contract, _ in _contracts(document):
        for name in _DATES:
            found = contract.child(name)
            if found is not None and found.text is not None and day_of(found.text) is None:
                yield found.violation(name)


def day_of(text: str) -> str | None:
    """The day of a date of the former formats, without its offset from universal time; ``None`` when it is no day."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return date.fromisoformat(found[1]).isoformat()
    except ValueError:
        return None


def _contracts(document: Any) -> Iterator[tuple[Node, tuple[str, str, str]]]:
    """Each contract, with the names of its authority, its list of operators and their item."""
    if isinstance(document, etree._ElementTree):
        root = document.getroot()
        every = chain([root], root.iterchildren(etree.Element))
        for element in every:
            name = local_name(element)
            if name in ("marche", "contrat-concession"):
                yield _AnyNamespace(element), _CONCESSION if name == "contrat-concession" else _MARCHE
        return
    held = document.get("marches") if isinstance(document, dict) else None
    for rank, value in enumerate(held if isinstance(held, list) else ()):
        concession = isinstance(value, dict) and "autoriteConcedante" in value
        yield _PlainJson(value, ("marches", rank)), _CONCESSION if concession else _MARCHE
