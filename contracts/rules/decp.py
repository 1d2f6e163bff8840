"""Business checks on DECP documents that the schema lets through.

Most are those that the ministry's consolidation applies after the schema, contract by contract, with its own wording:
a contract that fails one is set aside and never published. Source: 139bercy/decp-arr2022, ``augmente/nettoyage.py``,
and, where a check says so, the text of the arrêtés of 22 December 2022.
The ministry also sets aside a date later than the day of the file: only who knows that day can check it
(``dates_after``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from itertools import count, pairwise
from typing import Any

from contracts.records import RecordCheck, across_records, per_record
from contracts.report import Violation
from contracts.rules.decp_view import CONCESSION, MARCHE, Node, contracts_of, marches, number_of, place, text_of
from contracts.rules.keys import siret_is_valid, siret_passes_luhn

_ID = re.compile(r"[A-Za-z0-9/\-_ .#]{1,16}")
_DATE = re.compile(r"20[1-3][0-9]-[0-1][0-9]-[0-3][0-9]")
_OPERATOR_IDS = {
    "TAHITI": re.compile(r"[a-zA-Z0-9]{9}"),
    "RIDET": re.compile(r"[a-zA-Z0-9]{10}"),
    "FRWF": re.compile(r"FRWF[a-zA-Z0-9]{14}"),
    "IREP": re.compile(r"[0-9]{5}[a-zA-Z0-9]*"),
    "HORS-UE": re.compile(r"[A-Z]{2}[a-zA-Z0-9]{0,16}"),
}
_AUTHORITY = {MARCHE: "acheteur", CONCESSION: "autoriteConcedante"}
_OPERATORS = {MARCHE: ("titulaires", "titulaire"), CONCESSION: ("concessionnaires", "concessionnaire")}
_AMOUNT = {MARCHE: ("montant", Decimal(3_000_000_000)), CONCESSION: ("valeurGlobale", Decimal(15_000_000_000))}
_LONGEST = {MARCHE: 180, CONCESSION: 360}
_DATES = ("dateNotification", "datePublicationDonnees")
# Food, vehicles, health products and clothing: first and last CPV of each range annexed to the arrêté.
_ORIGIN_RANGES = (
    ("15100000", "15982200"),
    ("18100000", "18453000"),
    ("18800000", "18843000"),
    ("33100000", "33198200"),
    ("33600000", "33698300"),
    ("34100000", "34144910"),
    ("34510000", "34522700"),
    ("34600000", "34622500"),
    ("34710000", "34722200"),
)
_NO_CONSIDERATION = {
    ("considerationsSociales", "considerationSociale"): "Pas de considération sociale",
    ("considerationsEnvironnementales", "considerationEnvironnementale"): "Pas de considération environnementale",
}


_about_marches = per_record(contracts_of, MARCHE)
_about_contracts = per_record(contracts_of, MARCHE, CONCESSION)


@_about_contracts
def identifiant(_kind: str, contract: Node) -> Iterable[Violation]:
    """The internal number keeps to letters, digits and ``/ - _ . #`` and space."""
    text = text_of(contract, "id")
    return () if text is None or _ID.fullmatch(text) else (_at(contract, ("id",), text),)


@_about_contracts
def siret_acheteur(kind: str, contract: Node) -> Iterable[Violation]:
    """The buyer's SIRET has a right Luhn key; the ministry knows no exception for La Poste."""
    name = _AUTHORITY[kind]
    text = text_of(contract, name, "id")
    if text is None or siret_passes_luhn(text):
        return ()
    return (_at(contract, (name, "id"), f"{name}.id{_la_poste(text)}"),)


@_about_contracts
def operateur(kind: str, contract: Node) -> Iterator[Violation]:
    """The identifiers of the first three operators have the form of their type; the SIRET has a right Luhn key."""
    for rank, operator in enumerate(_operators(kind, contract), start=1):
        nature, text = text_of(operator, "typeIdentifiant"), text_of(operator, "id")
        if not text or nature is None:
            continue
        pattern = _OPERATOR_IDS.get(nature)
        if not pattern.fullmatch(text) if pattern else nature == "SIRET" and not siret_passes_luhn(text):
            name = _OPERATORS[kind][1]
            yield _at(operator, ("id",), f"{nature} erroné pour le champ {name} N°{rank}{_la_poste(text)}")


@_about_contracts
def champ_vide(kind: str, contract: Node) -> Iterator[Violation]:
    """The first operator's identifier is there, and a concession's object is not empty."""
    for first in _operators(kind, contract)[:1]:
        if text_of(first, "id") == "":
            yield _at(first, ("id",), f"{_OPERATORS[kind][1]}_id_1")
    if kind == CONCESSION and text_of(contract, "objet") == "":
        yield _at(contract, ("objet",), "objet")


@_about_contracts
def montant_eleve(kind: str, contract: Node) -> Iterable[Violation]:
    """At most 3 billion euros for a marché, 15 for a concession."""
    name, highest = _AMOUNT[kind]
    amount = number_of(contract, name)
    return () if amount is None or amount <= highest else (_at(contract, (name,), name),)


@_about_contracts
def montant_douteux(kind: str, contract: Node) -> Iterable[Violation]:
    """Above 100 million euros, a digit other than 0 and 6 seen more than six times, or a start with 123456789."""
    name, _ = _AMOUNT[kind]
    amount = number_of(contract, name)
    if amount is None or not 100_000_000 < amount < 10**30:
        return ()
    digits = format(amount, "f")
    if digits.startswith("123456789") or any(digits.count(digit) > 6 for digit in "12345789"):
        return (_at(contract, (name,), name),)
    return ()


@_about_contracts
def duree(kind: str, contract: Node) -> Iterable[Violation]:
    """At most 180 months for a marché, 360 for a concession."""
    months = number_of(contract, "dureeMois")
    return () if months is None or months <= _LONGEST[kind] else (_at(contract, ("dureeMois",), "dureeMois"),)


@_about_marches
def dates(_kind: str, marche: Node) -> Iterator[Violation]:
    """Notification and publication are days of the calendar, from 2010 to 2039, with nothing after them."""
    for name in _DATES:
        text = text_of(marche, name)
        if text is not None and _day(text) is None:
            yield _at(marche, (name,), name)


def dates_after(document: Any, day: date) -> Iterator[Violation]:
    """Notification or publication later than the day of the file, which the caller knows; detail is the ministry's."""
    for marche in marches(document):
        for name in _DATES:
            written = _day(text_of(marche, name) or "")
            if written is not None and written > day:
                yield _at(marche, (name,), f"Champ {name} postérieur à la date du fichier")


@_about_marches
def considerations(_kind: str, marche: Node) -> Iterator[Violation]:
    """« Pas de considération … » stands alone."""
    for (collection, item), none in _NO_CONSIDERATION.items():
        nodes = marche.items(collection, item)
        if len(nodes) < 2:
            continue
        values = [node.text for node in nodes]
        if none in values and any(value != none for value in values):
            yield _at(marche, (collection,), f"{collection} contient à la fois la valeur {none}")


@_about_marches
def objet(_kind: str, marche: Node) -> Iterable[Violation]:
    """A CPV without its key needs an object of at least 5 characters."""
    cpv, text = text_of(marche, "codeCPV"), text_of(marche, "objet")
    if cpv is None or len(cpv) >= 10 or text is None or len(text) >= 5:
        return ()
    return (_at(marche, ("objet",)),)


@_about_marches
def origine_requise(_kind: str, marche: Node) -> Iterable[Violation]:
    """Food, vehicles, health products and clothing say the share of European and French products (arrêté, annex)."""
    root = (text_of(marche, "codeCPV") or "")[:8]
    if not any(first <= root <= last for first, last in _ORIGIN_RANGES):
        return ()
    missing = [name for name in ("origineUE", "origineFrance") if not text_of(marche, name)]
    return (_at(marche, ("codeCPV",), " et ".join(missing)),) if missing else ()


@_about_marches
def origine_ordre(_kind: str, marche: Node) -> Iterable[Violation]:
    """The French share is part of the European share (arrêté)."""
    france, union = number_of(marche, "origineFrance"), number_of(marche, "origineUE")
    if france is None or union is None or france <= union:
        return ()
    return (_at(marche, ("origineFrance",), "origineFrance"),)


@_about_marches
def taux_avance(_kind: str, marche: Node) -> Iterable[Violation]:
    """An advance's rate goes with an advance: the ministry marks it unusable otherwise."""
    if number_of(marche, "tauxAvance") and text_of(marche, "attributionAvance") in ("false", "non", "0"):
        return (_at(marche, ("tauxAvance",), "tauxAvance"),)
    return ()


@across_records(contracts_of, MARCHE)
def doublon() -> RecordCheck:
    """Two contracts with the same number, buyer, first operator, amount and date are one for the ministry."""
    seen: dict[bytes, int] = {}
    ranks = count(1)

    def check(kind: str, marche: Node) -> Iterable[Violation]:
        rank = next(ranks)
        first = next(iter(_operators(kind, marche)), None)
        amount = number_of(marche, "montant")
        key = (
            text_of(marche, "id"),
            text_of(marche, "acheteur", "id"),
            text_of(first, "id") if first is not None else None,
            # Equal amounts have equal hashes, however they are written.
            None if amount is None else hash(amount),
            text_of(marche, "dateNotification"),
        )
        if None in key:
            return ()
        # Sixteen bytes for each contract: what is remembered of a long file.
        earlier = seen.setdefault(_digest(key), rank)
        return () if earlier == rank else (marche.violation(f"n° {earlier}"),)

    return check


@_about_contracts
def rangs(_kind: str, contract: Node) -> Iterator[Violation]:
    """Modifications and acts of subcontracting are numbered upwards, each number once (arrêté)."""
    for collection, item in (("modifications", "modification"), ("actesSousTraitance", "acteSousTraitance")):
        for before, after in pairwise(contract.items(collection, item)):
            first, second = number_of(before, "id"), number_of(after, "id")
            if first is not None and second is not None and second <= first:
                yield _at(after, ("id",), f"{second} après {first}")


@_about_marches
def acte_modifie(_kind: str, marche: Node) -> Iterator[Violation]:
    """The modification of an act of subcontracting bears the number of an act of the same marché (arrêté)."""
    changes = marche.items("modificationsActesSousTraitance", "modificationActeSousTraitance")
    if not changes:
        return
    known = {text_of(acte, "id") for acte in marche.items("actesSousTraitance", "acteSousTraitance")}
    for change in changes:
        number = text_of(change, "id")
        if number is not None and number not in known:
            yield _at(change, ("id",), number)


def _at(node: Node, names: tuple[str, ...], detail: str = "") -> Violation:
    return (place(node, *names) or node).violation(detail)


def _operators(kind: str, contract: Node) -> list[Node]:
    """The first three operators: the ministry reads no further."""
    return contract.items(*_OPERATORS[kind])[:3]


def _digest(key: tuple[object, ...]) -> bytes:
    return blake2b(repr(key).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _la_poste(siret: str) -> str:
    known = siret_is_valid(siret)
    return " (SIRET exact de La Poste, que le contrôle du ministère ne reconnaît pas)" if known else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
