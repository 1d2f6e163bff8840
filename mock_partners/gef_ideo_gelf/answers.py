"""Writes an acknowledgement as the API gives it (JSON) or as a report file (CSV)."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

COLUMNS = (
    "id_acquittement",
    "id_message",
    "numero_marche",
    "emis_le",
    "verdict",
    "ligne",
    "statut",
    "code",
    "libelle",
)


def as_json(document: dict[str, Any]) -> bytes:
    """The acknowledgement of the API (gef_ideo_gelf/acquittement-json/1)."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8")


def as_csv(document: dict[str, Any]) -> bytes:
    """The report file (gef_ideo_gelf/acquittement-csv/1); line 0 carries a reason that bars the whole message."""
    common = {
        "id_acquittement": document["idAcquittement"],
        "id_message": document["idMessage"],
        "numero_marche": document.get("numeroMarche", ""),
        "emis_le": document["emisLe"],
        "verdict": document["verdict"],
    }
    rows = [{**common, **line} for line in document["lignes"]]
    if "motif" in document:
        rows.insert(0, {**common, "ligne": 0, "statut": "rejete", **document["motif"]})
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
