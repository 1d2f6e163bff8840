"""Reads a message that satisfies its interface contract, from JSON or CSV, as the financial system understands it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

API_CONTRACT = "gef_ideo_gelf/marches-api/1"
FILE_CONTRACT = "gef_ideo_gelf/marches-csv/1"


@dataclass(frozen=True, slots=True)
class LineRead:
    """One line to judge. ``amount`` in euros without tax, when the holder's share is given."""

    number: int
    supplier: str
    establishment: str
    unit: str
    account: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class MessageRead:
    """One message. For a supplier there are no lines, for a marché there is no supplier."""

    kind: str
    id: str
    establishment: str
    supplier: str | None = None
    supplier_name: str | None = None
    marche: str | None = None
    subject: str | None = None
    amount: Decimal = Decimal(0)
    months: int = 0
    ends_on: str | None = None
    change: int | None = None
    lines: tuple[LineRead, ...] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the lines to answer; a supplier is one line."""
        return tuple(line.number for line in self.lines) or (1,)


class Incomplete(Exception):
    """A file whose lines are not those it announces; the message says which, in French."""


def read_json(body: bytes) -> MessageRead:
    """A message posted to the API; the body satisfies its contract."""
    document = json.loads(body.decode("utf-8-sig"))
    common: dict[str, Any] = {
        "kind": document["typeMessage"],
        "id": document["idMessage"],
        "establishment": document["etablissement"],
    }
    supplier = document.get("fournisseur")
    if supplier is not None:
        return MessageRead(**common, supplier=supplier["id"], supplier_name=supplier["denominationSociale"])
    marche = document["marche"]
    return MessageRead(
        **common,
        marche=marche["numero"],
        subject=marche["objet"],
        amount=Decimal(marche["montantHT"]),
        months=marche["dureeMois"],
        ends_on=marche.get("dateFin"),
        change=document.get("modification", {}).get("numero"),
        lines=tuple(_json_line(line) for line in document["lignes"]),
    )


def read_csv(body: bytes) -> MessageRead:
    """A dropped file; the body satisfies its contract, which says nothing about the lines together.

    Raises:
        Incomplete: no line, several messages, or not the lines announced.
    """
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";", strict=True))
    if not rows:
        raise Incomplete("Le fichier ne contient aucune ligne.")
    first = rows[0]
    if any(_heading(row) != _heading(first) for row in rows):
        raise Incomplete("Les lignes du fichier n'ont pas toutes le même entête : un fichier porte un seul message.")
    numbers = sorted(int(row["ligne"]) for row in rows)
    announced = int(first["nombre_lignes"])
    if numbers != list(range(1, announced + 1)):
        raise Incomplete(f"Le fichier annonce {announced} ligne(s) et en contient {len(rows)} : il est coupé.")
    common: dict[str, Any] = {
        "kind": first["type_message"],
        "id": first["id_message"],
        "establishment": first["etablissement"],
    }
    if first["type_message"] == "fournisseur":
        return MessageRead(**common, supplier=first["tiers_id"], supplier_name=first["tiers_denomination"])
    change = first["modification_numero"]
    return MessageRead(
        **common,
        marche=first["marche_numero"],
        subject=first["marche_objet"],
        amount=_decimal(first["marche_montant_ht"]),
        months=int(first["marche_duree_mois"]),
        ends_on=first["marche_date_fin"] or None,
        change=int(change) if change else None,
        lines=tuple(_csv_line(row) for row in sorted(rows, key=lambda row: int(row["ligne"]))),
    )


def _json_line(line: dict[str, Any]) -> LineRead:
    share = line.get("montantHT")
    return LineRead(
        number=line["ligne"],
        supplier=line["titulaire"]["id"],
        establishment=line["beneficiaire"],
        unit=line["uf"],
        account=line["compte"],
        amount=None if share is None else Decimal(share),
    )


def _csv_line(row: dict[str, str]) -> LineRead:
    share = row["ligne_montant_ht"]
    return LineRead(
        number=int(row["ligne"]),
        supplier=row["tiers_id"],
        establishment=row["ligne_beneficiaire"],
        unit=row["ligne_uf"],
        account=row["ligne_compte"],
        amount=_decimal(share) if share else None,
    )


def _heading(row: dict[str, str]) -> list[tuple[str, str]]:
    """Everything that is said of the message rather than of one of its lines."""
    return sorted(
        (name, value) for name, value in row.items() if name != "ligne" and not name.startswith(("ligne_", "tiers_"))
    )


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
