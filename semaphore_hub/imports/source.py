"""What the readers of files hand over: one record of the file, its findings, and its data in one neutral form.

The neutral form is the DECP 2.0.4 marché with its lists unwrapped (:mod:`contracts.correspondance.forms`):
``techniques`` is a list of texts, ``titulaires`` a list of ``{typeIdentifiant, id}``. Amounts are Decimal, dates are
texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts import Finding, InterfaceContract
from contracts.refusal import Refused
from semaphore_hub.imports.errors import ImportRefused
from semaphore_hub.imports.report import Completed, Reason

MAX_BYTES = 200 * 1024 * 1024
"""Largest file read: the consolidated files of a whole year are below it."""

MARCHE, CONCESSION = "marche", "contrat-concession"


@dataclass(frozen=True, slots=True)
class Beyond:
    """What a file says that the neutral form has no place for: nothing of it is then completed.

    Attributes:
        complements: complements of the marché, by name of field.
        amendments: by rank of the amendment, its other fields (``objet``, ``montantEstime``, ``holders`` with their
            roles and parts).
        acts: by number of the act of subcontracting, its other fields (``objet``, ``titulaire``, ``paiementDirect``).
        act_changes: subjects of the modifications of acts, in their order.
        holders: by (type, identifier), the role of a holder and its part.
        suppliers: by (type, identifier), what the référentiel may record of a supplier.
    """

    complements: Mapping[str, Any] = field(default_factory=dict)
    amendments: tuple[Mapping[str, Any], ...] = ()
    acts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    act_changes: tuple[str | None, ...] = ()
    holders: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    suppliers: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record of a file.

    Attributes:
        place: where it stands, as shown to the reader.
        line: its first line, from 1.
        kind: "marche" or "contrat-concession".
        id: the buyer's number, as far as it could be read.
        buyer: the buyer's SIRET, as far as it could be read.
        data: the marché in the neutral form; ``None`` when its form is refused.
        reasons: why its form is refused.
        warnings: what its form says that deserves a look.
        completed: fields the reader completed because the format does not carry them.
        names: names given by the file, by identifier of buyer or holder.
        lines: data lines it takes in a CSV.
        beyond: what the file says beyond the neutral form.
    """

    place: str
    line: int | None
    kind: str
    id: str | None
    buyer: str | None
    data: Mapping[str, Any] | None
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[str, ...] = ()
    completed: tuple[Completed, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    lines: int = 1
    beyond: Beyond = field(default_factory=Beyond)


def split(findings: Iterable[Finding]) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """Findings of a contract as reasons to refuse (errors) and warnings."""
    found = list(findings)
    reasons = [Reason(item.rule, item.path, item.line, item.message) for item in found if item.severity == "error"]
    warnings = [f"{item.rule} : {item.message}" for item in found if item.severity == "warning"]
    return tuple(reasons), tuple(dict.fromkeys(warnings))


def unreadable(contract: InterfaceContract, refusal: Refused) -> ImportRefused:
    """The refusal of a whole file that cannot be read, as the contract's own validation would say it."""
    rule = contract.rule(f"{contract.prefix}-{refusal.rule}")
    return ImportRefused([Finding(rule.id, "error", "fichier", refusal.line, refusal.message)])
