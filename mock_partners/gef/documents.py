"""The documents of the common model as plain data: the form of their JSON syntax, whatever syntax carried them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

Document = dict[str, Any]
"""A message, a compte rendu or a flux, keys and texts as in ``contracts/gef/*-json/1``."""

CENT = Decimal("0.01")
MARCHE_KINDS = frozenset({"marche", "modification", "correction", "evenement"})
LOST_IN_CSV = ("sousTraitants", "tranches", "reconductions")
"""Lists of a marché that the CSV syntax does not carry (declared loss "executionCsv")."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_NUMBERS = re.compile(r"[0-9]+")


def as_json(document: Document) -> bytes:
    """The JSON syntax."""
    return _ENCODER.encode(document).encode("utf-8")


def instant(moment: datetime) -> str:
    """An instant as the model writes it, in UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def euros(amount: Decimal) -> str:
    """An amount in euros, two decimals."""
    return format(amount.quantize(CENT), "f")


def numbers_of(version: str) -> tuple[int, ...]:
    """The numbers of a version, for comparison; a version that is not known ("NC") is lower than any."""
    return tuple(int(number) for number in _NUMBERS.findall(version))


def marche_of(message: Mapping[str, Any]) -> str | None:
    """Number of the marché a message speaks of; ``None`` for a supplier or a nomenclature."""
    if "produits" in message:
        return str(message["produits"]["numeroMarche"])
    return str(message["marche"]["numero"]) if "marche" in message else None


def lines_of(message: Mapping[str, Any]) -> tuple[int, ...]:
    """Numbers of the lines the receiver answers."""
    kind = message["typeMessage"]
    if kind in MARCHE_KINDS:
        return tuple(line["ligne"] for line in message["imputations"])
    if kind == "produits":
        return tuple(line["ligne"] for line in message["produits"]["lignes"])
    return tuple(range(1, len(message["codes"]) + 1)) if kind == "nomenclature" else (1,)


def suppliers_of(message: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """The supplier that each line names: the holder of an imputation, the supplier of a product."""
    for line in message.get("imputations", ()):
        yield line["ligne"], line["titulaire"]["id"]
    for line in message.get("produits", {}).get("lignes", ()):
        yield line["ligne"], line["fournisseur"]["id"]
