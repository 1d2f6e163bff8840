"""What the readers of files hand over: one record of the file, its findings, and its data in one neutral form.

The neutral form is the DECP 2.0.4 marché with its lists unwrapped: ``techniques`` is a list of texts, ``titulaires`` a
list of ``{typeIdentifiant, id}``. Amounts are Decimal, dates are texts.
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

COLLECTIONS: Mapping[str, str] = {
    "techniques": "technique",
    "modalitesExecution": "modaliteExecution",
    "typesPrix": "typePrix",
    "considerationsSociales": "considerationSociale",
    "considerationsEnvironnementales": "considerationEnvironnementale",
    "titulaires": "titulaire",
    "modifications": "modification",
    "actesSousTraitance": "acteSousTraitance",
    "modificationsActesSousTraitance": "modificationActeSousTraitance",
}
"""Lists of a DECP marché and the name of their items."""

MARCHE, CONCESSION = "marche", "contrat-concession"


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


def text_or_none(value: object) -> str | None:
    """A text to show, ``None`` when the value is anything else."""
    return value if isinstance(value, str) and value else None
