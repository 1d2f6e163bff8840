"""The pages of a publication of products as one « produits en marché » file, so that the hub imports one form only."""

from __future__ import annotations

import csv
import io
from typing import Any

from connectors.centrale.model import PRODUIT_COLUMNS, Document


def enclosed(pages: list[bytes], key: str) -> bytes:
    """The pages of one publication as one document, each byte for byte as the cooperative gave it."""
    return b'{"%s":"1","pages":[%s]}' % (key.encode(), b",".join(pages))


def to_csv(pages: list[Document]) -> str:
    """Every line of the pages, in their order, in the columns of commun/produits-en-marche/1."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(PRODUIT_COLUMNS)
    for page in pages:
        for line in page["lignes"]:
            writer.writerow([_cell(line.get(key, "")) for key in PRODUIT_COLUMNS.values()])
    return text.getvalue()


def is_complete(pages: list[Document]) -> bool:
    """Whether every line that the publication announces is there."""
    announced: int = pages[0]["nombreLignes"]
    return announced == sum(len(page["lignes"]) for page in pages)


def decoded(body: bytes) -> str:
    """The text of a file of products: UTF-8 with or without mark, else Windows-1252, which its contract accepts.

    Raises:
        UnicodeDecodeError: it is neither.
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252")


def _cell(value: Any) -> str:
    return "|".join(value) if isinstance(value, list) else str(value)
