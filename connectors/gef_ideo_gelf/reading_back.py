"""What a frozen message tells IDEO GELF about a marché, under the common field names; read from the bytes alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

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
}
_CELLS = {
    "numero": "marche_numero",
    "idContrat": "marche_id_contrat",
    "idAccordCadre": "marche_id_accord_cadre",
    "objet": "marche_objet",
    "nature": "marche_nature",
    "procedure": "marche_procedure",
    "codeCPV": "marche_code_cpv",
    "formePrix": "marche_forme_prix",
    "dateNotification": "marche_date_notification",
    "dateFin": "marche_date_fin",
    "dureeMois": "marche_duree_mois",
    "montantHT": "marche_montant_ht",
    "montantTVA": "marche_montant_tva",
}
_CHANGE_CELLS = {
    "numero": "modification_numero",
    "objet": "modification_objet",
    "dateNotification": "modification_date_notification",
    "montantHT": "modification_montant_ht",
    "dureeMois": "modification_duree_mois",
}


def tells(body: bytes) -> Champs:
    """The fields a message about a marché tells; empty when it is about a supplier.

    Args:
        body: JSON or CSV that satisfies its interface contract.
    """
    text = body.decode("utf-8-sig")
    document = json.loads(text) if text.startswith("{") else _document(text)
    if "marche" not in document:
        return {}
    return present(_said(document))


def _said(document: Mapping[str, Any]) -> Pairs:
    marche, lines = document["marche"], document["lignes"]
    for name, key in _FIELDS.items():
        yield name, marche.get(key)
    yield "acheteur.id", marche["acheteur"]["siret"]
    yield "acheteur.nom", marche["acheteur"]["nom"]
    yield "beneficiaires", labels(one["siret"] for one in marche["beneficiaires"])
    yield "dureeMois", str(marche["dureeMois"])
    yield "montant", amount(Decimal(marche["montantHT"]))
    yield "complements.montantTVA", amount(Decimal(marche.get("montantTVA") or 0))
    holders = {f"{line['titulaire']['typeIdentifiant']} {line['titulaire']['id']}": line for line in lines}
    yield "titulaires", labels(holders)
    for holder, line in holders.items():
        place = f"titulaires[{holder}]"
        yield f"{place}.denominationSociale", line["titulaire"]["denominationSociale"]
        yield f"{place}.role", line["titulaire"]["role"]
        yield f"{place}.montant", amount(Decimal(line.get("montantHT") or 0))
    change = document.get("modification")
    if change is not None:
        place = f"modifications[{change['numero']}]"
        yield f"{place}.objet", change["objet"]
        yield f"{place}.dateNotificationModification", change["dateNotification"]
        yield f"{place}.montant", amount(Decimal(change.get("montantHT") or 0))
        yield f"{place}.dureeMois", str(change["dureeMois"]) if change.get("dureeMois") else None


def _document(text: str) -> dict[str, Any]:
    """A CSV message in the form of its JSON twin."""
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    first = rows[0]
    if not first["marche_numero"]:
        return {}
    marche: dict[str, Any] = {name: _number(name, first[cell]) for name, cell in _CELLS.items() if first[cell]}
    marche["acheteur"] = {"siret": first["acheteur_siret"], "nom": first["acheteur_nom"]}
    marche["beneficiaires"] = [{"siret": one.split("/")[0]} for one in first["beneficiaires"].split("|")]
    document: dict[str, Any] = {"marche": marche, "lignes": [_line(row) for row in rows]}
    if first["modification_numero"]:
        change = {name: _number(name, first[cell]) for name, cell in _CHANGE_CELLS.items() if first[cell]}
        document["modification"] = change
    return document


def _line(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        "titulaire": {
            "typeIdentifiant": row["tiers_type_identifiant"],
            "id": row["tiers_id"],
            "denominationSociale": row["tiers_denomination"],
            "role": row["tiers_role"],
        },
        "montantHT": row["ligne_montant_ht"].replace(",", "."),
    }


def _number(name: str, value: str) -> str:
    """A cell's value; amounts have a decimal comma."""
    return value.replace(",", ".") if name.startswith("montant") else value
