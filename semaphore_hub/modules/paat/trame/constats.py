"""A finding on a file: where exactly, which rule, how grave, and what to do; and the report made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.paat.trame.classeur import Valeur, lettre
from semaphore_hub.modules.referentiel.champs import Sortie
from semaphore_hub.modules.referentiel.rules import Rule

Gravite = Literal["erreur", "avertissement"]
MAX_CONSTATS = 1000
"""Findings given in an answer, errors first; all are counted."""
_VALEUR = 200


class Constat(Sortie):
    """One finding."""

    feuille: str | None = Field(description="nom de la feuille")
    ligne: int | None = Field(description="n° de ligne dans Excel")
    colonne: str | None = Field(description="lettre de la colonne dans Excel")
    intitule: str | None = Field(description="intitulé de la colonne")
    valeur: str | None = Field(description="ce que dit la cellule")
    regle: str
    gravite: Gravite
    phrase: str

    @staticmethod
    def de(
        rule: Rule,
        gravite: Gravite,
        feuille: str,
        rang: int | None,
        place: int | None,
        intitule: str | None,
        brute: Valeur | None,
        **values: object,
    ) -> Constat:
        """A finding at a cell whose row and column count from 0; ``values`` fill the rule's sentence."""
        return Constat(
            feuille=feuille,
            ligne=None if rang is None else rang + 1,
            colonne=None if place is None else lettre(place),
            intitule=intitule,
            valeur=None if brute is None else str(brute)[:_VALEUR],
            regle=rule.id,
            gravite=gravite,
            phrase=rule.message.format(**values),
        )

    def probleme(self) -> Problem:
        """As a refusal says it: the path is the cell, as Excel writes it."""
        cell = f"{self.colonne or ''}{self.ligne or ''}"
        title = f"« {self.intitule} » : " if self.intitule else ""
        return Problem(f"{self.feuille}!{cell}" if cell else str(self.feuille), self.regle, title + self.phrase)


def bornes(constats: Sequence[Constat]) -> tuple[tuple[Constat, ...], int]:
    """The findings an answer gives, errors first then by place, and how many it leaves out."""
    ordered = sorted(constats, key=lambda one: (one.gravite != "erreur", one.ligne or 0))
    return tuple(ordered[:MAX_CONSTATS]), max(0, len(ordered) - MAX_CONSTATS)


def par_regle(constats: Sequence[Constat]) -> dict[str, int]:
    """How many times each rule was met."""
    return dict(sorted(Counter(one.regle for one in constats).items()))
