"""The consolidated data: every record the schema let through, duplicates removed, then those that pass the checks.

The order is the ministry's: it removes duplicates **before** it checks, so a new version that fails a check takes the
place of the good one it replaces, and nothing of that contract is published any more. Two marchés are one contract
when id, buyer, first holder, amount and notification date are the same (for a concession: id, authority, first holder,
value, start of execution). Kept: the latest datePublicationDonnees, then the most complete, then the last one.

(The ministry's documentation says so. Its published code sorts by date alone and keeps any of the equals.)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from contracts.rules.decp_view import JsonNode, number_of, text_of
from mock_partners.daj.checks import authority_of, first_operator, uid_of
from mock_partners.daj.reading import MARCHE


@dataclass(slots=True)
class Stored:
    """A record that its schema let through, in the order of arrival; ``errors`` keep it out of the publication."""

    kind: str
    uid: str
    authority: str
    key: str
    published_on: str
    score: int
    source: str
    errors: list[str]
    value: dict[str, Any]
    withdrawn: bool = False


@dataclass(slots=True)
class Consolidation:
    """All records, and what is published of them."""

    records: list[Stored] = field(default_factory=list)

    def add(self, kind: str, value: Mapping[str, Any], errors: list[str], source: str, *, replaces: bool) -> Stored:
        """Take one record; ``replaces`` withdraws the earlier ones of its contract when it can be published."""
        uid = uid_of(kind, value) or ""
        if replaces and not errors:
            for earlier in self.records:
                earlier.withdrawn = earlier.withdrawn or earlier.uid == uid
        stored = Stored(
            kind=kind,
            uid=uid,
            authority=authority_of(kind, value) or "",
            key=_key(kind, value),
            published_on=str(value.get("datePublicationDonnees", "")),
            score=score(value),
            source=source,
            errors=errors,
            value=json.loads(json.dumps(value, default=_plain)),
        )
        self.records.append(stored)
        return stored

    def winners(self) -> dict[str, Stored]:
        """The record that stands for each contract, by what makes it one."""
        best: dict[str, Stored] = {}
        for record in self.records:
            held = best.get(record.key)
            later = held is None or (record.published_on, record.score) >= (held.published_on, held.score)
            if later and not record.withdrawn:
                best[record.key] = record
        return best

    def published(self, kind: str, authority: str | None = None) -> Iterator[Stored]:
        """What anybody can read, in the order of arrival."""
        best = self.winners()
        for record in self.records:
            shown = record.kind == kind and authority in (None, record.authority) and not record.errors
            if shown and best.get(record.key) is record:
                yield record

    def versions(self) -> dict[str, dict[str, Any]]:
        """By national identifier: how many versions came, the first and the last one, and how many are published."""
        found: dict[str, dict[str, Any]] = {}
        best = self.winners()
        for record in self.records:
            entry = found.setdefault(record.uid, {"versions": 0, "initiale": record.value, "publies": 0})
            entry["versions"] += 1
            entry["derniere"] = record.value
            entry["publies"] += best.get(record.key) is record and not record.errors
        return found

    def to_list(self) -> list[dict[str, Any]]:
        """As JSON."""
        return [asdict(record) for record in self.records]

    def load(self, records: list[Mapping[str, Any]]) -> None:
        """Take records given by :meth:`to_list`. Raises TypeError when they are not such."""
        self.records = [Stored(**record) for record in records]


def score(value: Any) -> int:
    """Completeness: how many variables are filled, a list counting for one whatever its length."""
    if isinstance(value, dict):
        return sum(score(inner) for inner in value.values())
    return 0 if value is None or value in ("", []) else 1


def _plain(number: Decimal) -> float | str:
    """A number as JSON can show it; one too big for that as the text that was deposited."""
    return float(number) if abs(number) < 10**300 else str(number)


def _key(kind: str, value: Mapping[str, Any]) -> str:
    """What makes two records one contract; amounts are compared as numbers."""
    node = JsonNode(value, ())
    amount, day = ("montant", "dateNotification") if kind == MARCHE else ("valeurGlobale", "dateDebutExecution")
    money = number_of(node, amount)
    return json.dumps(
        [
            kind,
            text_of(node, "id"),
            authority_of(kind, value),
            first_operator(kind, value).get("id"),
            None if money is None else str(money.normalize()),
            text_of(node, day),
        ],
        ensure_ascii=False,
    )
