"""What a validation says: findings in French, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]

# A broken export of a million lines must not become a million findings in memory, in a log or on a screen.
MAX_FINDINGS = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to fix: which rule, where (path in the document, line counted from 1 when known), and what to do."""

    rule: str
    severity: Severity
    path: str
    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Violation:
    """What a coded rule yields: where it is broken, and the detail that fills ``{detail}`` in the rule's message.

    In JSON documents ``path`` is the tuple of keys and indexes down to the value: the validator turns it into a path
    and finds its line in the source text. In XML and CSV documents it is the text to show, and ``line`` is known.
    ``rule`` is the id of the broken rule, needed only from a check that serves several rules of a contract.
    """

    path: str | tuple[str | int, ...]
    line: int | None = None
    detail: str = ""
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on one document against one interface contract."""

    contract: str
    findings: tuple[Finding, ...] = ()

    @property
    def valid(self) -> bool:
        """True when no finding is an error; warnings do not make a document invalid."""
        return all(finding.severity != "error" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, in the form printed by ``semaphore-hub validate --json``."""
        return {
            "contract": self.contract,
            "valid": self.valid,
            "findings": [
                {"rule": f.rule, "severity": f.severity, "path": f.path, "line": f.line, "message": f.message}
                for f in self.findings
            ],
        }


def bounded(findings: Iterable[Finding], overflow_rule: str, limit: int = MAX_FINDINGS) -> tuple[Finding, ...]:
    """The first findings, then one that says there are more and keeps their verdict.

    Reading stops at the first error past the limit: nothing after it can change the verdict.
    """
    kept: list[Finding] = []
    more: Severity | None = None
    for finding in findings:
        if len(kept) < limit:
            kept.append(finding)
            continue
        more = finding.severity
        if more == "error":
            break
    if more is not None:
        message = f"Seules les {limit} premières anomalies sont listées : corrigez-les puis validez de nouveau."
        kept.append(Finding(overflow_rule, more, "", None, message))
    return tuple(kept)
