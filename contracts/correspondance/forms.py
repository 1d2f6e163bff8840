"""The common form of a contract, and how each DECP format writes it.

The common form is the DECP 2.0.4 object with its lists unwrapped: ``techniques`` is a list of texts, ``titulaires`` a
list of ``{typeIdentifiant, id}``. The former versions, whose JSON lists had no envelope, are read in the same way and
keep their own names of fields until they are converted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from contracts.xml import local_name

COLLECTIONS: Mapping[str, str] = {
    "techniques": "technique",
    "modalitesExecution": "modaliteExecution",
    "typesPrix": "typePrix",
    "considerationsSociales": "considerationSociale",
    "considerationsEnvironnementales": "considerationEnvironnementale",
    "titulaires": "titulaire",
    "modifications": "modification",
    "actesSousTraitance": "acteSousTraitance",
    "modificationsActesSousTraitance": "modificationActeSousTraitance",
    "concessionnaires": "concessionnaire",
    "donneesExecution": "donneesAnnuelles",
    "tarifs": "tarif",
}
"""Lists of a contract and the name of their items."""

CODED_LISTS = (
    "techniques",
    "modalitesExecution",
    "typesPrix",
    "considerationsSociales",
    "considerationsEnvironnementales",
)
"""Lists of codes: one object around the list; the others have one around each item."""

# Lists that 2.0.0 named in the singular, in XML an element of the same name inside the other.
_FORMER_COLLECTIONS = {"technique", "modaliteExecution", "typePrix"}
# The XML of 2.0.1 and later names this item in the plural where the JSON does not.
_XML_ITEMS = {**COLLECTIONS, "modificationsActesSousTraitance": "modificationActesSousTraitance"}
_TRUTHS = {"oui": True, "true": True, "1": True, "non": False, "false": False, "0": False}


def _truth(text: str) -> Any:
    return _TRUTHS.get(text, text)


def _integer(text: str) -> Any:
    return int(text) if text.lstrip("+-").isascii() and text.lstrip("+-").isdigit() else text


def _number(text: str) -> Any:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


_READ: Mapping[str, Callable[[str], Any]] = {
    "marcheInnovant": _truth,
    "attributionAvance": _truth,
    "sousTraitanceDeclaree": _truth,
    "offresRecues": _integer,
    "dureeMois": _integer,
    "montant": _number,
    "valeurGlobale": _number,
    "montantSubventionPublique": _number,
    "depensesInvestissement": _number,
    "tarif": _number,
    "tauxAvance": _number,
    "origineUE": _number,
    "origineFrance": _number,
}
"""How the text of an element reads; every other one is a text. What does not read stays a text ("NC")."""
# Empty, they mean "none" or "not concerned"; any other empty element is an empty text.
_MAY_BE_EMPTY = {"origineUE", "origineFrance", "idAccordCadre", "ccag", "typeGroupementOperateurs"}
_WHOLE = {"dureeMois", "offresRecues", "id"}
_NUMBERED = {"modification", "acteSousTraitance", "modificationActeSousTraitance", "modificationActesSousTraitance"}


def unwrapped(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A contract of a JSON document, valid against its schema, with its lists as plain lists."""
    return {name: _items(name, value) if name in COLLECTIONS else value for name, value in fields.items()}


def _items(name: str, value: Any) -> Any:
    item = COLLECTIONS[name]
    if isinstance(value, dict):
        return list(value[item])
    if not isinstance(value, list):
        return value
    return [_item(entry, item) for entry in value]


def _item(entry: Any, item: str) -> Any:
    if not isinstance(entry, dict):
        return entry
    # The envelope is an object around an object: a tarif without envelope holds an amount of the same name.
    held = entry.get(item)
    return unwrapped(held if isinstance(held, dict) else entry)


_PARTIES = ("acheteur", "autoriteConcedante", "lieuExecution", "sousTraitant")


def shapeless(data: Mapping[str, Any], place: str = "$") -> Iterator[str]:
    """Places of an unwrapped JSON contract that hold no object where one is meant.

    The official schemas let some through: a list of operators may hold a number, a buyer of 1.5.0 may be a text.
    """
    for name in _PARTIES:
        if not isinstance(data.get(name, {}), dict):
            yield f"{place}.{name}"
    for name in COLLECTIONS.keys() - set(CODED_LISTS):
        for rank, entry in enumerate(data.get(name) or ()):
            if isinstance(entry, dict):
                yield from shapeless(entry, f"{place}.{name}[{rank}]")
            else:
                yield f"{place}.{name}[{rank}]"


def wrapped(data: Mapping[str, Any]) -> dict[str, Any]:
    """The contract as the JSON of 2.0.1 and later writes it."""
    made: dict[str, Any] = {}
    for name, value in data.items():
        if name in CODED_LISTS:
            made[name] = {COLLECTIONS[name]: list(value)}
        elif name in COLLECTIONS:
            made[name] = [{COLLECTIONS[name]: wrapped(entry)} for entry in value]
        else:
            made[name] = value
    return made


def as_json(data: Mapping[str, Any]) -> str:
    """One contract as JSON text; amounts of up to 15 digits are exact."""
    return json.dumps(wrapped(data), ensure_ascii=False, indent=2, default=plain)


def plain(value: Any) -> Any:
    """An exact number as JSON writes it; for ``json.dumps``."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is no value of a contract")


def of_element(element: etree._Element) -> dict[str, Any]:
    """A contract of an XML document, valid against its schema, in the common form; the namespace is left out."""
    found: dict[str, Any] = {}
    for child in element.iterchildren(tag=etree.Element):
        name = local_name(child)
        if name in COLLECTIONS or name in _FORMER_COLLECTIONS:
            found[name] = [_value(item) for item in child.iterchildren(tag=etree.Element)]
        elif len(child) or name not in _MAY_BE_EMPTY or text_of(child) is not None:
            found[name] = _value(child)
    return found


def _value(element: etree._Element) -> Any:
    if len(element):
        made = of_element(element)
        if local_name(element) in _NUMBERED and "id" in made:
            made["id"] = _integer(str(made["id"]))
        return made
    text = text_of(element) or ""
    read = _READ.get(local_name(element))
    return text if read is None else read(text)


def text_of(element: etree._Element | None) -> str | None:
    """The trimmed text of an element; ``None`` when there is none (an empty origineUE means "not concerned")."""
    if element is None:
        return None
    # Only a leaf that holds a comment has its text in pieces.
    text = "".join(map(str, element.itertext(with_tail=False))) if len(element) else element.text or ""
    return text.strip() or None


def as_element(kind: str, data: Mapping[str, Any]) -> etree._Element:
    """The contract as the XML of 2.0.2 writes it."""
    element = etree.Element(kind)
    for name, value in data.items():
        _write(element, name, value)
    return element


def _write(parent: etree._Element, name: str, value: Any) -> None:
    element = etree.SubElement(parent, name)
    if isinstance(value, Mapping):
        for key, held in value.items():
            _write(element, key, held)
    elif isinstance(value, list):
        for entry in value:
            _write(element, _XML_ITEMS[name], entry)
    elif isinstance(value, bool):
        element.text = "oui" if value else "non"
    elif isinstance(value, (Decimal, float)):
        # No exponent: xs:decimal has none. JSON may write a whole number 12.0.
        exact = Decimal(str(value))
        element.text = str(int(exact)) if name in _WHOLE else format(exact, "f")
    else:
        element.text = str(value)
