"""The two forms of a message, from the same values: JSON-LD for the API, one CSV row for the person who imports it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.place.mapping import Said, Value
from semaphore_hub.kernel.money import CENT

COLUMNS = {
    "identifiantExterne": "identifiant_externe",
    "reference": "reference",
    "organisme": "organisme",
    "acheteur": "acheteur_siret",
    "numeroLot": "numero_lot",
    "intituleLot": "intitule_lot",
    "objet": "objet",
    "etape": "etape",
    "codeCPV": "code_cpv",
    "procedure": "procedure",
    "dureeMois": "duree_mois",
    "montantEstimeHT": "montant_estime_ht",
    "dateLancement": "date_lancement",
    "dateLimiteRemisePlis": "date_limite_plis",
    "dateOuverturePlis": "date_ouverture_plis",
    "nombreOffres": "nombre_offres",
    "numero": "numero_marche",
    "montantHT": "montant_ht",
    "dateAttribution": "date_attribution",
    "titulaires": "titulaires",
    "decision": "decision",
    "motif": "motif",
}
"""CSV column of each value, in the order of the file; the type of the message comes first."""


def to_json(said: Said) -> bytes:
    """The message as JSON-LD; the lot of a consultation is an object of its own."""
    document = {name: _plain(value) for name, value in said.values.items() if value is not None}
    if said.kind == "consultation" and "numeroLot" in document:
        document["lot"] = {"numero": document.pop("numeroLot"), "intitule": document.pop("intituleLot")}
    return json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8")


def to_csv(said: Said) -> bytes:
    """The message as one row: ``;``, decimal comma, days JJ/MM/AAAA, UTF-8, CRLF."""
    row = {"type_message": said.kind}
    row |= {COLUMNS[name]: _cell(value) for name, value in said.values.items() if name in COLUMNS}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["type_message", *COLUMNS.values()], restval="", delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerow(row)
    return text.getvalue().encode("utf-8")


def _plain(value: Value) -> Any:
    if isinstance(value, Decimal):
        return format(value.quantize(CENT), "f")
    return value.isoformat() if isinstance(value, date) else value


def _cell(value: Value) -> str:
    if isinstance(value, tuple):
        return "|".join(":".join(_unmarked(part) for part in holder.values()) for holder in value)
    if isinstance(value, Decimal):
        return str(_plain(value)).replace(".", ",")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def _unmarked(part: str) -> str:
    """A part of a cell of holders, without the marks that separate them."""
    return part.replace(":", " ").replace("|", " ")
