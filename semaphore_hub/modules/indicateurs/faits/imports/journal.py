"""What is found in a file: the first findings, counts by rule, and which lines are refused. Memory stays bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.indicateurs.faits.imports.schemas import Constat

PREMIERS = 1_000
"""Findings that are kept and shown; the others are counted."""
_VALUE = 200


@dataclass
class Journal:
    """Collects findings, block after block.

    Attributes:
        constats: the first ones.
        par_regle: how many, by rule.
        lues: data lines read.
        refusees: lines refused, one series for each block.
        bloquant: the file as a whole is refused, whatever its lines.
    """

    constats: list[Constat] = field(default_factory=list)
    par_regle: Counter[str] = field(default_factory=Counter)
    lues: int = 0
    refusees: list[pl.Series] = field(default_factory=list)
    bloquant: bool = False

    def noter(self, constats: Iterable[Constat], par_regle: Counter[str], refusees: pl.Series) -> None:
        """Take the findings of a block, in the order given; those beyond the first ones are only counted."""
        for one in constats:
            if len(self.constats) >= PREMIERS:
                break
            self.constats.append(one)
        self.par_regle += par_regle
        if len(refusees):
            self.refusees.append(refusees)

    def fichier(self, problems: Iterable[Problem]) -> None:
        """What refuses the file as a whole; said before what its lines have."""
        for rank, problem in enumerate(problems):
            found = Constat(ligne=None, colonne=None, valeur=None, regle=problem.rule, message=problem.message)
            self.constats.insert(rank, found)
            self.par_regle[problem.rule] += 1
        del self.constats[PREMIERS:]
        self.bloquant = True

    def lignes_refusees(self) -> pl.Series:
        """Numbers of the lines that are refused, each once, sorted."""
        if not self.refusees:
            return pl.Series([], dtype=pl.Int64)
        return pl.concat(self.refusees).unique().sort()


def probleme(constat: Constat) -> Problem:
    """A finding as a refusal says it."""
    where = "fichier" if constat.ligne is None else f"ligne {constat.ligne}"
    if constat.colonne is not None:
        where = f"{where}, colonne {constat.colonne}"
    return Problem(where, constat.regle, constat.message)


def montree(valeur: str | None) -> str | None:
    """A value as a finding shows it: cut when it is long."""
    return valeur if valeur is None or len(valeur) <= _VALUE else valeur[:_VALUE] + "…"
