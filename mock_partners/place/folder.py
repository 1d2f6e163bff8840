"""The buyer at work with files: what lies to be imported, read into messages, and the exports put back. Blocking."""

from __future__ import annotations

import csv
import io
import os
import re
from pathlib import Path

from mock_partners.place.state import Message

FILE_NAME = re.compile(r"PLACE_[a-z0-9]{3}_[0-9]{8}_[0-9]{5}\.csv")
IMPORTED, REFUSED = "importes", "refuses"
_TYPES = {"consultation": "Consultation", "attribution": "Contrat", "abandon": "Abandon"}
_TEXTS = {
    "identifiant_externe": "identifiantExterne",
    "reference": "reference",
    "organisme": "organisme",
    "acheteur_siret": "acheteur",
    "objet": "objet",
    "etape": "etape",
    "code_cpv": "codeCPV",
    "procedure": "procedure",
    "numero_marche": "numero",
    "decision": "decision",
    "motif": "motif",
}
_AMOUNTS = {"montant_estime_ht": "montantEstimeHT", "montant_ht": "montantHT"}
_NUMBERS = {"duree_mois": "dureeMois", "nombre_offres": "nombreOffres"}
_DAYS = {
    "date_lancement": "dateLancement",
    "date_limite_plis": "dateLimiteRemisePlis",
    "date_ouverture_plis": "dateOuverturePlis",
    "date_attribution": "dateAttribution",
}


def waiting(folder: Path) -> list[tuple[str, bytes]]:
    """Files to import, oldest first."""
    found = [path for path in folder.iterdir() if path.is_file() and path.name.endswith(".csv") and path.name[0] != "."]
    found.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
    return [(path.name, path.read_bytes()) for path in found]


def settle(folder: Path, name: str, outcome: str) -> None:
    """Move a file out of the way."""
    target = folder / outcome
    target.mkdir(exist_ok=True)
    (folder / name).replace(target / name)


def put(folder: Path, name: str, body: bytes) -> None:
    """Make an export appear complete under its name."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{name}.tmp"
    with temporary.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / name)


def messages(body: bytes) -> list[Message]:
    """The rows of a file that satisfies its contract, each as the message of the API."""
    text = body.decode("utf-8-sig")
    return [_message(row) for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";")]


def _message(row: dict[str, str]) -> Message:
    message: Message = {"@type": _TYPES[row["type_message"]]}
    message |= {name: row[column] for column, name in _TEXTS.items() if row[column]}
    message |= {name: row[column].replace(",", ".") for column, name in _AMOUNTS.items() if row[column]}
    message |= {name: int(row[column]) for column, name in _NUMBERS.items() if row[column]}
    message |= {name: "-".join(reversed(row[column].split("/"))) for column, name in _DAYS.items() if row[column]}
    if row["numero_lot"] and row["type_message"] == "consultation":
        message["lot"] = {"numero": int(row["numero_lot"]), "intitule": row["intitule_lot"]}
    elif row["numero_lot"]:
        message["numeroLot"] = int(row["numero_lot"])
    if row["titulaires"]:
        names = ("typeIdentifiant", "id", "denominationSociale")
        message["titulaires"] = [dict(zip(names, one.split(":"), strict=False)) for one in row["titulaires"].split("|")]
    return message
