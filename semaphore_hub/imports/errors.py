"""A file that cannot be imported at all; what is wrong in one marché is in the report instead."""

from __future__ import annotations

from collections.abc import Sequence

from contracts import Finding
from semaphore_hub.kernel.errors import Problem, Refused
from semaphore_hub.modules.referentiel.rules import Rule


class ImportRefused(Refused):
    """The whole file is refused and nothing was changed; ``findings`` say why, with lines where they are known."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings[0].message, [Problem(item.path, item.rule, item.message) for item in findings])
        self.findings = tuple(findings)


def file_refused(rule: Rule, path: str = "fichier", line: int | None = None, **values: object) -> ImportRefused:
    """The refusal of a whole file by one of our own rules."""
    problem = rule.broken(path, **values)
    return ImportRefused([Finding(problem.rule, "error", path, line, problem.message)])
