"""What a frozen message tells a GEF about a marché, under the common field names; read from the bytes alone."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from connectors.gef.model import MARCHE_KINDS, Document
from connectors.gef.reading import read_document
from semaphore_hub.ports.champs import Champs, amount, labels, present

Pairs = Iterator[tuple[str, str | None]]

_FIELDS = {
    "id": "numero",
    "objet": "objet",
    "nature": "nature",
    "procedure": "procedure",
    "codeCPV": "codeCPV",
    "formePrix": "formePrix",
    "idAccordCadre": "idAccordCadre",
    "dateNotification": "dateNotification",
    "dateFin": "dateFin",
    "complements.idContrat": "idContrat",
    "complements.dateDebutExecution": "dateDebut",
}


def tells(message: str, body: bytes) -> Champs:
    """The fields a message about a marché tells; empty when it is about something else.

    Args:
        message: its type in the manifest.
        body: JSON, XML or CSV that satisfies its interface contract.
    """
    if message not in MARCHE_KINDS:
        return {}
    document = read_document(body)
    return present((*_state(document["marche"]), *_fact(document)))


def _state(marche: Document) -> Pairs:
    for name, key in _FIELDS.items():
        yield name, marche.get(key)
    yield "acheteur.id", marche["acheteur"]["siret"]
    yield "acheteur.nom", marche["acheteur"]["nom"]
    yield "beneficiaires", labels(one["siret"] for one in marche["beneficiaires"])
    if "lot" in marche:
        yield "lot.consultation", marche["lot"]["consultation"]
        yield "lot.numero", str(marche["lot"]["numero"])
    yield "dureeMois", str(marche["dureeMois"])
    yield "montant", _amount(marche, "montantHT")
    yield "complements.montantTVA", _amount(marche, "montantTVA")
    yield "titulaires", labels(f"{one['typeIdentifiant']} {one['id']}" for one in marche["titulaires"])
    for one in marche["titulaires"]:
        place = f"titulaires[{one['typeIdentifiant']} {one['id']}]"
        yield f"{place}.denominationSociale", one["denominationSociale"]
        yield f"{place}.role", one["role"]
        yield f"{place}.montant", _amount(one, "montantHT")
    yield from _execution(marche)


def _execution(marche: Document) -> Pairs:
    for one in marche.get("sousTraitants", ()):
        place = f"actesSousTraitance[{one['acte']}]"
        yield f"{place}.sousTraitant", f"{one['typeIdentifiant']} {one['id']}"
        yield f"{place}.dateNotification", one["dateNotification"]
        yield f"{place}.montant", _amount(one, "montantHT")
    for one in marche.get("tranches", ()):
        place = f"tranches[{one['numero']}]"
        yield f"{place}.montant", _amount(one, "montantHT")
        yield f"{place}.type", one["type"]
        yield f"{place}.dateAffermissement", one.get("dateAffermissement")
    for one in marche.get("reconductions", ()):
        place = f"reconductions[{one['numero']}]"
        yield f"{place}.debut", one["debut"]
        yield f"{place}.fin", one["fin"]
        yield f"{place}.montant", _amount(one, "montantHT")


def _fact(document: Document) -> Pairs:
    change = document.get("modification")
    if change is not None:
        place = f"modifications[{change['numero']}]"
        yield f"{place}.objet", change["objet"]
        yield f"{place}.dateNotificationModification", change["dateNotification"]
        yield f"{place}.montant", _amount(change, "montantHT")
        yield f"{place}.dureeMois", str(change["dureeMois"]) if "dureeMois" in change else None
    happened = document.get("evenement")
    if happened is not None and happened["type"] == "resiliation":
        yield "resiliation.dateEffet", happened["dateEffet"]


def _amount(values: Document, key: str) -> str | None:
    return amount(Decimal(values[key])) if key in values else None
