"""Reading what PLACE says: a consultation, a file exported by hand, essential data; each becomes commands."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import contracts
from connectors.place import essential_data
from semaphore_hub.ports.connector import Command, Inbound, Interpretation
from semaphore_hub.ports.outcomes import Unreadable

CONSULTATION = "place.consultation"
ONE, EXPORT, TABLE = "place/consultation/2", "place/export-consultations-json/1", "place/export-consultations-csv/1"

_LOT = ("numero", "intitule", "identifiantExterne", "statut", "nombreOffres", "motif")
_SAID = (
    "reference",
    "organisme",
    "acheteur",
    "objet",
    "statut",
    "identifiantExterne",
    "dateMiseEnLigne",
    "dateLimiteRemisePlis",
    "dateOuverturePlis",
    "nombreOffres",
    "motif",
    "dateModification",
)
# Where a consultation stands, from the least to the most advanced of its lots.
_PROGRESS = ("preparation", "en_ligne", "cloturee", "analyse", "attribuee", "infructueuse", "sans_suite")


def interpret(document: Inbound) -> Interpretation:
    """The commands of a document.

    Raises:
        Unreadable: a web page, something else, or a document that breaks its interface contract.
    """
    start = document.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if essential_data.is_page(start):
        raise Unreadable(f"PLACE a répondu une page web à la place de « {document.name} » : relancez la relève.")
    if start.startswith(b"<"):
        return essential_data.interpret(document)
    if start.startswith(b"{"):
        return _json(document)
    return _table(document)


def _json(document: Inbound) -> Interpretation:
    contract = EXPORT if document.channel == "file" else ONE
    warnings = _checked(document, contract)
    content = json.loads(document.body.removeprefix(b"\xef\xbb\xbf"))
    listed = content["consultations"] if contract == EXPORT else [content]
    if contract == EXPORT:
        listed = [
            {"organisme": content["organisme"], "dateModification": content["exporteLe"], **one} for one in listed
        ]
    commands = tuple(Command(CONSULTATION, _consultation(one, document)) for one in listed)
    return Interpretation(commands=commands, warnings=warnings)


def _table(document: Inbound) -> Interpretation:
    warnings = _checked(document, TABLE)
    by_reference: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(document.body.decode("utf-8-sig"), newline=""), delimiter=";"):
        by_reference.setdefault(row["reference"], []).append(row)
    commands = tuple(Command(CONSULTATION, _of_rows(rows, document)) for rows in by_reference.values())
    return Interpretation(commands=commands, warnings=warnings)


def _checked(document: Inbound, contract: str) -> tuple[str, ...]:
    """The warnings of a document that satisfies its contract."""
    report = contracts.validate(contract, document.body)
    if not report.valid:
        raise Unreadable(
            f"Le document « {document.name} » ne respecte pas sa forme : exportez-le de nouveau, ou corrigez les "
            "lignes citées.",
            report.findings,
        )
    return tuple(f"{finding.path} : {finding.message}" for finding in report.findings)


def _consultation(one: Mapping[str, Any], document: Inbound) -> dict[str, Any]:
    said = {name: one[name] for name in _SAID if name in one}
    lots = [{**{name: lot[name] for name in _LOT if name in lot}, **_contract(lot)} for lot in one["lots"]]
    late = sum(offer["horsDelai"] for offer in one.get("offres", ()))
    return {**said, **_contract(one), "lots": lots, "offresHorsDelai": late, "canal": document.channel}


def _contract(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"attribution": one["attribution"]} if "attribution" in one else {}


def _of_rows(rows: list[dict[str, str]], document: Inbound) -> dict[str, Any]:
    """The rows of a consultation in the form of its JSON twin."""
    first = rows[0]
    lots = [_lot_of(row) for row in rows if row["numero_lot"]]
    whole = {
        "reference": first["reference"],
        "organisme": first["organisme"],
        "acheteur": first["acheteur_siret"],
        "objet": first["objet"],
        "statut": min((row["etat"] for row in rows), key=_PROGRESS.index),
        "dateMiseEnLigne": _day(first["date_mise_en_ligne"]),
        "dateLimiteRemisePlis": _day(first["date_limite_plis"]),
        "dateOuverturePlis": _day(first["date_ouverture_plis"]),
        # An offer may answer several lots, so rows do not add up: this many at least were received.
        "nombreOffres": max(int(row["nombre_offres"]) for row in rows),
        "dateModification": max(filter(None, (_day(row["date_modification"]) for row in rows))),
    }
    if not lots:
        whole |= {"identifiantExterne": first["identifiant_externe"], "motif": first["motif"], **_contract_of(first)}
    return {**{name: value for name, value in whole.items() if value}, "lots": lots, "canal": document.channel} | {
        "nombreOffres": whole["nombreOffres"]
    }


def _lot_of(row: Mapping[str, str]) -> dict[str, Any]:
    lot = {
        "numero": int(row["numero_lot"]),
        "intitule": row["intitule_lot"],
        "identifiantExterne": row["identifiant_externe"],
        "statut": row["etat"],
        "motif": row["motif"],
        **_contract_of(row),
    }
    return {name: value for name, value in lot.items() if value} | {"nombreOffres": int(row["nombre_offres"])}


def _contract_of(row: Mapping[str, str]) -> dict[str, Any]:
    if not row["numero_marche"]:
        return {}
    holders = [_holder(text) for text in row["titulaires"].split("|") if text]
    contract = {"numero": row["numero_marche"], "montantHT": row["montant_ht"].replace(",", "."), "titulaires": holders}
    return {"attribution": {name: value for name, value in contract.items() if value}}


def _holder(text: str) -> dict[str, str]:
    kind, identifier, *name = text.split(":")
    return {"typeIdentifiant": kind, "id": identifier} | ({"denominationSociale": name[0]} if name else {})


def _day(text: str) -> str | None:
    return datetime.strptime(text, "%d/%m/%Y").date().isoformat() if text else None  # noqa: DTZ007 - a day has no zone
