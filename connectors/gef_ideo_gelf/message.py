"""What is said to an IDEO GELF, before it is written as JSON or as CSV: both are made from the same values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from semaphore_hub.ports.payloads import Adresse


@dataclass(frozen=True, slots=True)
class Supplier:
    """A request to create or update a supplier; ``kind`` is "creation" or "modification"."""

    kind: str
    identifier_type: str
    identifier: str
    name: str
    address: Adresse | None
    category: str | None
    legal_nature: str | None


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """An establishment that may order on the marché."""

    siret: str
    finess: str | None


@dataclass(frozen=True, slots=True)
class MarcheState:
    """The whole marché after the fact; amounts in euros without tax, ``vat`` in euros."""

    number: str
    contract_id: str | None
    framework_id: str | None
    subject: str
    nature: str
    procedure: str
    cpv: str
    price_form: str
    notified_on: date
    starts_on: date
    ends_on: date
    months: int
    amount: Decimal
    vat: Decimal | None
    buyer_siret: str
    buyer_name: str
    buyer_finess: str | None
    beneficiaries: tuple[Beneficiary, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One holder charged to one unit and account of the establishment; ``amount`` (HT) is its share, if known."""

    number: int
    identifier_type: str
    identifier: str
    name: str
    role: str
    beneficiary_finess: str
    unit: str
    account: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Change:
    """The modification just notified: its new totals and the differences they make (euros HT, months)."""

    number: int
    subject: str
    notified_on: date
    amount: Decimal | None
    amount_delta: Decimal | None
    months: int | None
    months_delta: int | None


@dataclass(frozen=True, slots=True)
class GefMessage:
    """One message; ``kind`` is the manifest's message type and says which parts are there."""

    kind: str
    id: str
    issued_at: datetime
    sender: str
    establishment: str
    supplier: Supplier | None = None
    marche: MarcheState | None = None
    lines: tuple[Line, ...] = ()
    change: Change | None = None
    motive: str | None = None
