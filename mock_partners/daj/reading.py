"""Reads a DECP file, JSON or XML, into records that are then judged one by one.

The ministry turns XML into the form of the JSON before it does anything else; so does this. A record that its schema
refuses carries why, and the others of the file are not touched by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

import contracts
from contracts import json
from contracts.refusal import Refused
from contracts.xml import local_name, parse

MARCHE, CONCESSION = "marche", "contrat-concession"
KINDS = (MARCHE, CONCESSION)
JSON_CONTRACT, XML_CONTRACT = "daj/decp-json/2.0.4", "daj/decp-xml/2.0.2"
# The ministry's own words, spelling included.
LIST_EXPECTED = {MARCHE: "Une liste de marchés est attendue", CONCESSION: "Une liste de concessions est attendue"}
NOTHING_FOUND = "Aucun marchés ni concessions n'ont été retrouvé dans le fichier"

_NAME = re.compile(r"decp-(?P<siret>[0-9]{14})-(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})-[0-9]{2,6}\.(json|xml)")
_FLAGS = frozenset({"marcheInnovant", "attributionAvance", "sousTraitanceDeclaree"})
_NUMBERS = frozenset(
    {
        "offresRecues",
        "tauxAvance",
        "dureeMois",
        "montant",
        "origineUE",
        "origineFrance",
        "valeurGlobale",
        "montantSubventionPublique",
        "depensesInvestissement",
    }
)
_LISTS = frozenset(
    {
        "titulaires",
        "concessionnaires",
        "modifications",
        "actesSousTraitance",
        "modificationsActesSousTraitance",
        "donneesExecution",
        "tarifs",
    }
)
_LABELS = frozenset(
    {"techniques", "modalitesExecution", "typesPrix", "considerationsSociales", "considerationsEnvironnementales"}
)
# Objects whose "id" is a rank rather than a text.
_RANKED = frozenset({"modification", "acteSousTraitance", "modificationActeSousTraitance"})
_JSON_NAMES = {"modificationActesSousTraitance": "modificationActeSousTraitance"}


class NotAFile(Exception):
    """The document cannot be taken as a DECP file at all; the sentence is French."""


@dataclass(frozen=True, slots=True)
class Given:
    """One record as deposited.

    Attributes:
        kind: :data:`MARCHE` or :data:`CONCESSION`.
        rank: 1, 2, 3… among the records of its kind in the file.
        value: the record in the form of the JSON format, decimal numbers as Decimal; anything when it is not a record.
        source: the platform the record names as its source, a property the ministry takes off before the schema.
        refused: why its schema refuses it; empty when it does not.
    """

    kind: str
    rank: int
    value: Any
    source: str | None
    refused: tuple[str, ...]


def day_of(name: str, today: date) -> date:
    """The day of a file, said by its name (``decp-<SIRET>-AAAA-MM-JJ-NN``), else the day it was received."""
    found = _NAME.fullmatch(name)
    try:
        return date.fromisoformat(found["day"]) if found else today
    except ValueError:
        return today


def read_file(body: bytes) -> list[Given]:
    """The records of a file, marchés first.

    Raises:
        NotAFile: neither JSON nor XML, without the envelope ``marches``, or without any record.
    """
    try:
        given = list(_xml_records(body) if body.lstrip()[:1] == b"<" else _json_records(body))
    except Refused as refusal:
        raise NotAFile(refusal.message) from refusal
    if not given:
        raise NotAFile(NOTHING_FOUND)
    return given


def _json_records(body: bytes) -> Iterator[Given]:
    document, _ = json.parse(body)
    envelope = document.get("marches") if isinstance(document, dict) else None
    if not isinstance(envelope, dict):
        raise NotAFile("Le document n'a pas d'enveloppe « marches ».")
    schema = contracts.get(JSON_CONTRACT).schema
    assert schema is not None
    for kind in KINDS:
        if kind not in envelope:
            continue
        if not isinstance(envelope[kind], list):
            yield Given(kind, 1, envelope[kind], None, (LIST_EXPECTED[kind],))
            continue
        for rank, value in enumerate(envelope[kind], start=1):
            source = str(value.pop("source")) if isinstance(value, dict) and "source" in value else None
            errors = json.errors(schema, {"marches": {kind: [value]}})
            yield Given(kind, rank, value, source, tuple(error.message for error in errors))


def _xml_records(body: bytes) -> Iterator[Given]:
    root = parse(body).getroot()
    elements = [root] if local_name(root) in KINDS else list(root.iterchildren(etree.Element))
    if local_name(root) not in ("marches", *KINDS):
        raise NotAFile(f"La racine du document est « {local_name(root)} », « marches » est attendu.")
    ranks = dict.fromkeys(KINDS, 0)
    for kind in KINDS:
        for element in elements:
            if local_name(element) == kind:
                ranks[kind] += 1
                source = element.find("source")
                if source is not None:
                    element.remove(source)
                yield Given(
                    kind,
                    ranks[kind],
                    _object(element),
                    None if source is None else source.text,
                    tuple(_xsd_errors(element)),
                )


def _xsd_errors(element: etree._Element) -> Iterator[str]:
    alone = etree.Element("marches")
    alone.append(etree.fromstring(etree.tostring(element, with_tail=False)))
    report = contracts.validate(XML_CONTRACT, etree.tostring(alone, encoding="UTF-8", xml_declaration=True))
    for finding in report.findings:
        if finding.severity == "error":
            yield finding.message


def _object(element: etree._Element) -> dict[str, Any]:
    """An element with children, in the form of the JSON format."""
    made: dict[str, Any] = {}
    ranked = _name(element) in _RANKED
    for child in element.iterchildren(etree.Element):
        name, inner = _name(child), list(child.iterchildren(etree.Element))
        if name in _LISTS:
            made[name] = [{_name(one): _object(one)} for one in inner]
        elif name in _LABELS and inner:
            made[name] = {_name(inner[0]): [one.text or "" for one in inner]}
        elif inner:
            made[name] = _object(child)
        elif (value := _value(name, child.text or "", ranked=ranked)) is not None:
            made[name] = value
    return made


def _name(element: etree._Element) -> str:
    name = local_name(element)
    return _JSON_NAMES.get(name, name)


def _value(name: str, text: str, *, ranked: bool) -> Any:
    """A value typed as in JSON; text that is not of its type stays text, an empty number is absent."""
    if name in _FLAGS:
        return {"oui": True, "true": True, "1": True, "non": False, "false": False, "0": False}.get(text, text)
    if name in _NUMBERS or name == "tarif" or (name == "id" and ranked):
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        return int(number) if number.is_finite() and number == number.to_integral_value() else number
    return text
