"""What a DECP file tells about a marché, read back from its bytes under the common names of ``ports/champs.py``.

JSON and XML give the same names and values. The present state (amount, duration, holders) is what the initial data and
the modifications, in the order of their numbers, lead to: that is how a reader of open data understands a record.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from lxml import etree

from connectors.daj.mapping import Record
from connectors.daj.writer import MARCHE, XML_NAMES
from connectors.transports.xml import local_name, parse
from semaphore_hub.ports.champs import Champs, amount, labels, present, rate, text

_TEXTS = ("nature", "objet", "codeCPV", "idAccordCadre", "ccag", "procedure", "formePrix")
_FLAGS = ("marcheInnovant", "attributionAvance", "sousTraitanceDeclaree")
_RATES = ("tauxAvance", "origineUE", "origineFrance")
_SETS = {
    "techniques": "technique",
    "modalitesExecution": "modaliteExecution",
    "typesPrix": "typePrix",
    "considerationsSociales": "considerationSociale",
    "considerationsEnvironnementales": "considerationEnvironnementale",
}
_LISTS = {
    "titulaires": "titulaire",
    "modifications": "modification",
    "actesSousTraitance": "acteSousTraitance",
    "modificationsActesSousTraitance": "modificationActeSousTraitance",
}
_JSON_NAMES = {xml: name for name, xml in XML_NAMES.items()}
_NUMBERS = frozenset({*_RATES, "montant", "dureeMois", "offresRecues"})
# Among lists, "id" is a number: the rank of a modification or an act.
_RANKED = frozenset({"modification", "acteSousTraitance", "modificationActeSousTraitance"})


def tells(body: bytes) -> Champs:
    """The fields a file tells about its marché; empty for a file that holds a concession.

    Args:
        body: bytes that satisfy the contract of their format, as the engine froze them.
    """
    record = _xml_record(body) if body.lstrip()[:1] == b"<" else _json_record(body)
    return {} if record is None else told(record)


def told(record: Record) -> dict[str, str]:
    """The same for a record already in hand."""
    return present((*_description(record), *_states(record), *_history(record)))


def _description(record: Record) -> Iterator[tuple[str, str | None]]:
    yield "id", record["id"]
    yield "acheteur.id", record["acheteur"]["id"]
    for name in (*_TEXTS, *_FLAGS):
        yield name, text(record.get(name))
    for name, item in _SETS.items():
        yield name, labels(record[name][item])
    for name in _RATES:
        yield name, rate(_decimal(record.get(name)))
    yield "offresRecues", str(record["offresRecues"])
    yield "lieuExecution.code", record["lieuExecution"]["code"]
    yield "lieuExecution.typeCode", record["lieuExecution"]["typeCode"]
    yield "dateNotification", record["dateNotification"]
    yield "datePublicationDonnees", record["datePublicationDonnees"]


def _states(record: Record) -> Iterator[tuple[str, str | None]]:
    """Initial state, then the one that the modifications lead to."""
    start = {name: record[name] for name in ("montant", "dureeMois", "titulaires")}
    now = dict(start)
    for change in sorted(_items(record, "modifications"), key=lambda one: int(one["id"])):
        now |= {name: change[name] for name in start if name in change}
    for prefix, state in (("initial.", start), ("", now)):
        yield f"{prefix}montant", amount(_decimal(state["montant"]))
        yield f"{prefix}dureeMois", str(state["dureeMois"])
        yield f"{prefix}titulaires", _holders(state)
    yield "typeGroupementOperateurs", record["typeGroupementOperateurs"]


def _history(record: Record) -> Iterator[tuple[str, str | None]]:
    for change in _items(record, "modifications"):
        place = f"modifications[{change['id']}]"
        for name in ("dateNotificationModification", "datePublicationDonneesModification"):
            yield f"{place}.{name}", change[name]
        yield f"{place}.montant", amount(_decimal(change.get("montant")))
        yield f"{place}.dureeMois", text(change.get("dureeMois"))
        yield f"{place}.titulaires", _holders(change)
    for act in _items(record, "actesSousTraitance"):
        place = f"actesSousTraitance[{act['id']}]"
        yield f"{place}.sousTraitant", _operator(act["sousTraitant"])
        for name in ("dateNotification", "datePublicationDonnees", "variationPrix"):
            yield f"{place}.{name}", act[name]
        yield f"{place}.dureeMois", str(act["dureeMois"])
        yield f"{place}.montant", amount(_decimal(act["montant"]))
    for rank, change in enumerate(_items(record, "modificationsActesSousTraitance"), start=1):
        place = f"modificationsActesSousTraitance[{rank}]"
        yield f"{place}.id", str(change["id"])
        for name in ("dateNotificationModificationSousTraitance", "datePublicationDonnees"):
            yield f"{place}.{name}", change[name]
        yield f"{place}.dureeMois", text(change.get("dureeMois"))
        yield f"{place}.montant", amount(_decimal(change.get("montant")))


def _items(record: Record, collection: str) -> list[Record]:
    return [wrapper[_LISTS[collection]] for wrapper in record.get(collection, ())]


def _holders(record: Mapping[str, Any]) -> str | None:
    return labels(_operator(wrapper["titulaire"]) for wrapper in record.get("titulaires", ()))


def _operator(operator: Mapping[str, str]) -> str:
    return f"{operator['typeIdentifiant']} {operator['id']}"


def _decimal(value: Decimal | int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _json_record(body: bytes) -> Record | None:
    marches: Sequence[Record] = json.loads(body, parse_float=Decimal)["marches"].get(MARCHE, ())
    return marches[0] if marches else None


def _xml_record(body: bytes) -> Record | None:
    marche = parse(body).getroot().find(MARCHE)
    return None if marche is None else _xml_object(marche)


def _xml_object(element: etree._Element) -> Record:
    """An element as the JSON format nests it: lists wrapped, booleans and numbers typed."""
    record: Record = {}
    name = _name(element)
    for child in element.iterchildren(etree.Element):
        field = _name(child)
        if field in _LISTS:
            record[field] = [{_name(one): _xml_object(one)} for one in child.iterchildren(etree.Element)]
        elif field in _SETS:
            record[field] = {_SETS[field]: [one.text or "" for one in child.iterchildren(etree.Element)]}
        elif len(child):
            record[field] = _xml_object(child)
        else:
            record[field] = _xml_value(field, child.text or "", ranked=name in _RANKED)
    return record


def _name(element: etree._Element) -> str:
    name = local_name(element)
    return _JSON_NAMES.get(name, name)


def _xml_value(name: str, written: str, *, ranked: bool) -> Any:
    if name in _FLAGS:
        return written in ("oui", "true", "1")
    if name in _NUMBERS or (name == "id" and ranked):
        if not written:
            return None  # origineUE and origineFrance may be empty
        value = Decimal(written)
        return int(value) if value == value.to_integral_value() and name != "montant" else value
    return written
