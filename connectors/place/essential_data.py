"""Reading the essential data that PLACE gives (DECP XML, former or present form, plain or « étendu »).

Lenient on purpose: what matters is which marchés PLACE has, and their main data, so that the hub compares them with its
own. Internal data of the platform (agents' names and addresses) are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from connectors.transports.xml import XmlRefused, local_name, parse
from semaphore_hub.ports.connector import Command, Inbound, Interpretation
from semaphore_hub.ports.outcomes import Unreadable

DECP = "place.decp"
EMPTY_BELOW_BYTES = 60
"""A shorter answer holds no marché (publicly documented calls)."""

_FIELDS = (
    "uid",
    "nature",
    "objet",
    "codeCPV",
    "procedure",
    "dureeMois",
    "dateNotification",
    "datePublicationDonnees",
    "montant",
    "formePrix",
    "offresRecues",
)
# Former numbering (arrêté of 22 March 2019): year, internal number, two digits for the modification.
_FORMER_ID = re.compile(r"([0-9]{4}([A-Z0-9]{1,10}))[0-9]{2}")
_PERIOD = re.compile(r"contrats-([0-9]{4})(?:-([0-9]{2}))?[-.]")


def is_page(start: bytes) -> bool:
    """Whether a document that begins so (in lower case) is a web page."""
    return start.startswith((b"<!doctype html", b"<html"))


def interpret(document: Inbound) -> Interpretation:
    """One command that carries every marché of the document.

    Raises:
        Unreadable: not XML, or not essential data, or no marché of it can be told from another.
    """
    try:
        root = parse(document.body).getroot()
    except XmlRefused as refusal:
        raise Unreadable(f"Le document « {document.name} » est illisible : {refusal}") from refusal
    if local_name(root) != "marches":
        raise Unreadable(
            f"Le document « {document.name} » n'est pas fait de données essentielles (racine « {local_name(root)} »)."
        )
    warnings: list[str] = []
    marches = list(_marches(root, warnings))
    if warnings and not marches:
        raise Unreadable(f"Aucun marché de « {document.name} » n'a de numéro et d'acheteur : signalez-le à PLACE.")
    data = {"document": document.name, "canal": document.channel, **_period(document.name), "marches": marches}
    return Interpretation(commands=(Command(DECP, data),), warnings=tuple(warnings))


def _marches(root: etree._Element, warnings: list[str]) -> Iterator[dict[str, Any]]:
    for rank, element in enumerate(_children(root, "marche"), start=1):
        buyer = next(_children(element, "acheteur"), None)
        identifier, siret = _text(element, "id"), None if buyer is None else _text(buyer, "id")
        if not identifier or not siret:
            warnings.append(f"Le marché n° {rank} du document n'a pas de numéro ou d'acheteur : il n'est pas comparé.")
            continue
        former = _FORMER_ID.fullmatch(identifier)
        yield {
            "id": identifier,
            # Under which the hub may know it: as written, without the modification, without the year either.
            "numeros": [identifier, *(former.groups() if former else ())],
            "acheteur": siret,
            **{name: _short(name, value) for name in _FIELDS if (value := _text(element, name))},
            "titulaires": list(_holders(element)),
            "modifications": sum(1 for held in _children(element, "modifications") for _ in held.iterchildren("{*}*")),
        }


def _holders(element: etree._Element) -> Iterator[dict[str, str]]:
    """Holders, whether each has an envelope (present form) or not."""
    for held in _children(element, "titulaires"):
        for holder in _children(held, "titulaire"):
            names = ("typeIdentifiant", "id", "denominationSociale")
            yield {name: value for name in names if (value := _text(holder, name))}


def _period(name: str) -> dict[str, str]:
    """The month or year a pulled document covers, from its name; a file exported by hand does not say."""
    found = _PERIOD.match(name)
    return {} if found is None else {"periode": "-".join(part for part in found.groups() if part)}


def _short(name: str, value: str) -> str:
    """A day without the time zone that former documents append."""
    return value[:10] if name.startswith("date") else value


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return element.iterchildren(f"{{*}}{name}")


def _text(element: etree._Element, name: str) -> str | None:
    found = element.find(f"{{*}}{name}")
    return None if found is None or not found.text or not found.text.strip() else found.text.strip()
