"""Writes an adhesion as JSON or as a CSV of one row: the same values in both."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.centrale.model import ADHESION_COLUMNS, VERSION, Document, format_column


def to_json(document: Document, _centrale: str) -> bytes:
    """JSON, UTF-8."""
    return json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8")


def to_csv(document: Document, centrale: str) -> bytes:
    """CSV: ``;``, decimal point, UTF-8 without mark, CRLF."""
    row: dict[str, Any] = {format_column(centrale): VERSION}
    for column, place in ADHESION_COLUMNS.items():
        value: Any = document
        for step in place:
            value = value.get(step, {})
        row[column] = "" if value == {} else value
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(row), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerow(row)
    return text.getvalue().encode("utf-8")


@dataclass(frozen=True, slots=True)
class Syntax:
    """A way to write an adhesion."""

    suffix: str
    media_type: str
    write: Callable[[Document, str], bytes]


JSON = Syntax("json", "application/json", to_json)
CSV = Syntax("csv", "text/csv; charset=utf-8", to_csv)
SYNTAXES = {"api": JSON, "file": CSV}
"""By channel."""
