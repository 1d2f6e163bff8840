"""Business checks on DECP documents that the schema lets through.

Most are those that the ministry's consolidation applies after the schema, contract by contract, with its own wording:
a contract that fails one is set aside and never published. Source: 139bercy/decp-arr2022, ``augmente/nettoyage.py``,
and, where a check says so, the text of the arrêtés of 22 December 2022.
The ministry also sets aside a date later than the day of the file: only who knows that day can check it
(``dates_after``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import chain, pairwise
from typing import Any

from contracts.report import Violation
from contracts.rules.decp_view import Node, concessions, marches, number_of, place, text_of
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
_HIGHEST = {"montant": Decimal(3_000_000_000), "valeurGlobale": Decimal(15_000_000_000)}
_LONGEST = {"montant": 180, "valeurGlobale": 360}
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


def identifiant(document: Any) -> Iterator[Violation]:
    """The internal number keeps to letters, digits and ``/ - _ . #`` and space."""
    for contract in chain(marches(document), concessions(document)):
        found = contract.child("id")
        if found is not None and found.text is not None and not _ID.fullmatch(found.text):
            yield found.violation(found.text)


def siret_acheteur(document: Any) -> Iterator[Violation]:
    """The buyer's SIRET has a right Luhn key; the ministry knows no exception for La Poste."""
    for contract, name in _with_authority(document):
        found = place(contract, name, "id")
        if found is not None and found.text is not None and not siret_passes_luhn(found.text):
            yield found.violation(f"{name}.id{_la_poste(found.text)}")


def operateur(document: Any) -> Iterator[Violation]:
    """The identifiers of the first three operators have the form of their type; the SIRET has a right Luhn key."""
    for rank, name, operator in _operators(document):
        kind = text_of(operator, "typeIdentifiant")
        found = operator.child("id")
        if found is None or found.text is None or kind is None or found.text == "":
            continue
        pattern = _OPERATOR_IDS.get(kind)
        if pattern is not None:
            wrong = not pattern.fullmatch(found.text)
        else:
            wrong = kind == "SIRET" and not siret_passes_luhn(found.text)
        if wrong:
            yield found.violation(f"{kind} erroné pour le champ {name} N°{rank}{_la_poste(found.text)}")


def champ_vide(document: Any) -> Iterator[Violation]:
    """The first operator's identifier is there, and a concession's object is not empty."""
    for rank, name, operator in _operators(document):
        found = operator.child("id")
        if rank == 1 and found is not None and found.text == "":
            yield found.violation(f"{name}_id_1")
    for concession in concessions(document):
        found = concession.child("objet")
        if found is not None and found.text == "":
            yield found.violation("objet")


def montant_eleve(document: Any) -> Iterator[Violation]:
    """At most 3 billion euros for a marché, 15 for a concession."""
    for contract, name in _with_amount(document):
        amount = number_of(contract, name)
        if amount is not None and amount > _HIGHEST[name]:
            yield _at(contract, name)


def montant_douteux(document: Any) -> Iterator[Violation]:
    """Above 100 million euros, a digit other than 0 and 6 seen more than six times, or a start with 123456789."""
    for contract, name in _with_amount(document):
        amount = number_of(contract, name)
        if amount is None or not 100_000_000 < amount < 10**30:
            continue
        digits = format(amount, "f")
        if digits.startswith("123456789") or any(digits.count(digit) > 6 for digit in "12345789"):
            yield _at(contract, name)


def duree(document: Any) -> Iterator[Violation]:
    """At most 180 months for a marché, 360 for a concession."""
    for contract, name in _with_amount(document):
        months = number_of(contract, "dureeMois")
        if months is not None and months > _LONGEST[name]:
            yield _at(contract, "dureeMois")


def dates(document: Any) -> Iterator[Violation]:
    """Notification and publication are days of the calendar, from 2010 to 2039, with nothing after them."""
    for marche in marches(document):
        for name in ("dateNotification", "datePublicationDonnees"):
            text = text_of(marche, name)
            if text is not None and _day(text) is None:
                yield _at(marche, name)


def dates_after(document: Any, day: date) -> Iterator[Violation]:
    """Notification or publication later than the day of the file, which the caller knows; detail is the ministry's."""
    for marche in marches(document):
        for name in ("dateNotification", "datePublicationDonnees"):
            written = _day(text_of(marche, name) or "")
            found = marche.child(name)
            if found is not None and written is not None and written > day:
                yield found.violation(f"Champ {name} postérieur à la date du fichier")


def considerations(document: Any) -> Iterator[Violation]:
    """« Pas de considération … » stands alone."""
    for marche in marches(document):
        for (collection, item), none in _NO_CONSIDERATION.items():
            values = [node.text for node in marche.items(collection, item)]
            if none in values and any(value != none for value in values):
                found = marche.child(collection)
                if found is not None:
                    yield found.violation(f"{collection} contient à la fois la valeur {none}")


def objet(document: Any) -> Iterator[Violation]:
    """A CPV without its key needs an object of at least 5 characters."""
    for marche in marches(document):
        cpv, found = text_of(marche, "codeCPV"), marche.child("objet")
        if cpv is not None and len(cpv) < 10 and found is not None and found.text is not None and len(found.text) < 5:
            yield found.violation()


def origine_requise(document: Any) -> Iterator[Violation]:
    """Food, vehicles, health products and clothing say the share of European and French products (arrêté, annex)."""
    for marche in marches(document):
        found = marche.child("codeCPV")
        root = (found.text or "")[:8] if found is not None else ""
        if found is None or not any(first <= root <= last for first, last in _ORIGIN_RANGES):
            continue
        missing = [name for name in ("origineUE", "origineFrance") if not text_of(marche, name)]
        if missing:
            yield found.violation(" et ".join(missing))


def origine_ordre(document: Any) -> Iterator[Violation]:
    """The French share is part of the European share (arrêté)."""
    for marche in marches(document):
        france, union = number_of(marche, "origineFrance"), number_of(marche, "origineUE")
        if france is not None and union is not None and france > union:
            yield _at(marche, "origineFrance")


def taux_avance(document: Any) -> Iterator[Violation]:
    """An advance's rate goes with an advance: the ministry marks it unusable otherwise."""
    for marche in marches(document):
        rate = number_of(marche, "tauxAvance")
        if rate and text_of(marche, "attributionAvance") in ("false", "non", "0"):
            yield _at(marche, "tauxAvance")


def doublon(document: Any) -> Iterator[Violation]:
    """Two contracts with the same number, buyer, first operator, amount and date are one for the ministry."""
    seen: dict[tuple[str | Decimal | None, ...], int] = {}
    for rank, marche in enumerate(marches(document), start=1):
        first = next(iter(marche.items("titulaires", "titulaire")), None)
        key = (
            text_of(marche, "id"),
            text_of(marche, "acheteur", "id"),
            text_of(first, "id") if first is not None else None,
            number_of(marche, "montant"),
            text_of(marche, "dateNotification"),
        )
        earlier = seen.setdefault(key, rank)
        if earlier != rank and None not in key:
            yield marche.violation(f"n° {earlier}")


def rangs(document: Any) -> Iterator[Violation]:
    """Modifications and acts of subcontracting are numbered upwards, each number once (arrêté)."""
    for contract in chain(marches(document), concessions(document)):
        for collection, item in (("modifications", "modification"), ("actesSousTraitance", "acteSousTraitance")):
            for before, after in pairwise(contract.items(collection, item)):
                first, second = number_of(before, "id"), number_of(after, "id")
                if first is not None and second is not None and second <= first:
                    yield _at(after, "id", f"{second} après {first}")


def acte_modifie(document: Any) -> Iterator[Violation]:
    """The modification of an act of subcontracting bears the number of an act of the same marché (arrêté)."""
    for marche in marches(document):
        known = {text_of(acte, "id") for acte in marche.items("actesSousTraitance", "acteSousTraitance")}
        for change in marche.items("modificationsActesSousTraitance", "modificationActeSousTraitance"):
            number = text_of(change, "id")
            if number is not None and number not in known:
                yield _at(change, "id", number)


def _at(contract: Node, name: str, detail: str | None = None) -> Violation:
    found = contract.child(name)
    return (found or contract).violation(name if detail is None else detail)


def _with_authority(document: Any) -> Iterator[tuple[Node, str]]:
    yield from ((marche, "acheteur") for marche in marches(document))
    yield from ((concession, "autoriteConcedante") for concession in concessions(document))


def _with_amount(document: Any) -> Iterator[tuple[Node, str]]:
    yield from ((marche, "montant") for marche in marches(document))
    yield from ((concession, "valeurGlobale") for concession in concessions(document))


def _operators(document: Any) -> Iterator[tuple[int, str, Node]]:
    """Rank, name and place of the first three operators of each contract: the ministry reads no further."""
    for contract in marches(document):
        for rank, operator in enumerate(contract.items("titulaires", "titulaire")[:3], start=1):
            yield rank, "titulaire", operator
    for contract in concessions(document):
        for rank, operator in enumerate(contract.items("concessionnaires", "concessionnaire")[:3], start=1):
            yield rank, "concessionnaire", operator


def _la_poste(siret: str) -> str:
    known = siret_is_valid(siret)
    return " (SIRET exact de La Poste, que le contrôle du ministère ne reconnaît pas)" if known else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
