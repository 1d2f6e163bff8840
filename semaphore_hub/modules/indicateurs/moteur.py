"""What every indicator is computed from: exact sums of facts, grouped by dimensions, on any engine.

Two engines give the same integers: SQL on the tables (:mod:`.moteur_sql`), columns on the Parquet snapshot
(:mod:`.colonnes.moteur`). Formulas never see rows, only these sums, so a figure cannot depend on the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Fait = Literal["action", "depense"]
"""The facts that exist in both engines; the others (marchés, projects) stay in SQL."""

Dimension = Literal[
    "annee",
    "region",
    "ght",
    "etablissement_siret",
    "role",
    "famille",
    "domaine",
    "operateur",
    "levier",
    "effet_budgetaire",
    "controle",
    "report",
    "hors_marche",
    "mutualise",
    "compte",
]
"""Columns facts are grouped by; each fact has its own subset."""

Operation = Literal["egal", "different", "nul", "non_nul", "positif"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a column of a fact; ``valeur`` serves "egal" and "different" only."""

    colonne: str
    operation: Operation
    valeur: str | int | bool | None = None


@dataclass(frozen=True, slots=True)
class Mesure:
    """A sum of a column of integer cents, or a count of lines (``colonne`` is None), of the lines that meet ``si``."""

    nom: str
    colonne: str | None = None
    si: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Filtre:
    """Which facts are looked at; an empty tuple or None restricts nothing.

    Attributes:
        annees: years.
        perimetre: GHT the caller may see (None: all); facts of no GHT are then left out.
        region, ght, etablissement, famille, operateur, role: wanted value.
    """

    annees: tuple[int, ...] = ()
    perimetre: frozenset[str] | None = None
    region: str | None = None
    ght: str | None = None
    etablissement: str | None = None
    famille: str | None = None
    operateur: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Groupe:
    """One group: its values of the dimensions, in the order asked, and the sum of each measure by name."""

    cle: tuple[str | int | bool | None, ...]
    sommes: dict[str, int]


class Moteur(Protocol):
    """An engine."""

    def agreger(self, fait: Fait, mesures: Sequence[Mesure], par: Sequence[Dimension], filtre: Filtre) -> list[Groupe]:
        """Sums by group, ordered by key (nulls first); no group when no fact meets the filter, whatever ``par``."""
        ...
