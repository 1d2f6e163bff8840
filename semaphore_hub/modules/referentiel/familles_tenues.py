"""Changing the purchasing families: an official file may replace the synthetic ones the hub starts with."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import Field, StrictBool
from sqlalchemy import Connection

from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.referentiel import rules
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, LISTE_UNIQUE, Distinct, Entree, Sortie
from semaphore_hub.modules.referentiel.familles import SYNTHETIQUE, nomenclature
from semaphore_hub.modules.referentiel.libelles import cle_de
from semaphore_hub.modules.referentiel.models import FamilleAchat
from semaphore_hub.modules.referentiel.rules import refuse

_famille = table_of(FamilleAchat)

Niveau = Literal["famille", "domaine", "categorie"]
_DESSUS: dict[str, Niveau] = {"domaine": "famille", "categorie": "domaine"}
Code = Annotated[str, Field(max_length=20, pattern=r"^[A-Z0-9][A-Z0-9.\-]*$", examples=["SYN-01"])]
Libelle = Annotated[str, Field(max_length=200, pattern=LIGNE_PATTERN, examples=["Médicaments"])]


class FamilleEntree(Entree):
    """An entry to create or replace."""

    code: Code
    parent: Code | None = Field(default=None, description="absent pour une famille")
    niveau: Niveau = Field(examples=["famille"])
    libelle: Libelle
    synonymes: Annotated[tuple[Libelle, ...], Field(max_length=50, json_schema_extra=LISTE_UNIQUE), Distinct] = Field(
        default=(), examples=[["médicament"]]
    )
    actif: StrictBool = Field(default=True, description="false : l'entrée n'est plus utilisée")


class FamillesEntree(Entree):
    """Entries to create or replace; those left out stay as they are."""

    source: Annotated[str, Field(max_length=200, pattern=LIGNE_PATTERN)] = Field(
        description="d'où viennent ces codes ; « synthetique » s'ils sont inventés", examples=["synthetique"]
    )
    familles: Annotated[tuple[FamilleEntree, ...], Field(min_length=1, max_length=2000)]


class FamilleVue(Sortie):
    """An entry of the nomenclature."""

    code: str
    parent: str | None
    niveau: Niveau
    libelle: str
    synonymes: tuple[str, ...] = Field(description="sans accents ni majuscules, tels qu'ils sont comparés")
    source: str = Field(description="« synthetique » : ce code n'est pas officiel")
    actif: bool


class FamillesVue(Sortie):
    """The whole nomenclature, by code."""

    items: tuple[FamilleVue, ...]


def lister_familles(connection: Connection) -> FamillesVue:
    """Every entry, inactive ones included."""
    return FamillesVue(
        items=tuple(
            FamilleVue.model_validate(
                {
                    "code": one.code,
                    "parent": one.parent,
                    "niveau": one.niveau,
                    "libelle": one.libelle,
                    "synonymes": sorted(one.cles - {cle_de(one.libelle)}),
                    "source": one.source,
                    "actif": one.actif,
                }
            )
            for one in nomenclature(connection)
        )
    )


def enregistrer_familles(database: Database, unit: UnitOfWork, caller: Caller, donnees: FamillesEntree) -> FamillesVue:
    """Create or replace entries.

    Raises:
        Forbidden: only an integrator may, since the nomenclature is common to every GHT.
        RuleBroken: a code is given twice, a parent is unknown or not of the level above, a label names two families.
    """
    caller.require(Role.INTEGRATEUR)
    refuse(_problems(unit.connection, donnees))
    insert = database.insert(_famille)
    said = ("parent", "niveau", "libelle", "cle", "synonymes", "source", "actif")
    upsert = insert.on_conflict_do_update(
        index_elements=["code"], set_={column: insert.excluded[column] for column in said}
    )
    unit.connection.execute(
        upsert,
        [
            {
                "code": one.code,
                "parent": one.parent,
                "niveau": one.niveau,
                "libelle": one.libelle,
                "cle": cle_de(one.libelle),
                "synonymes": sorted({cle_de(synonym) for synonym in one.synonymes}),
                "source": donnees.source,
                "actif": one.actif,
            }
            for one in donnees.familles
        ],
    )
    return lister_familles(unit.connection)


def _problems(connection: Connection, donnees: FamillesEntree) -> list[Problem]:
    counts = Counter(one.code for one in donnees.familles)
    problems = [rules.CODE_DOUBLE.broken("$.familles", code=code) for code, count in counts.items() if count > 1]
    present = {one.code: one for one in nomenclature(connection)}
    levels = {code: one.niveau for code, one in present.items()} | {one.code: one.niveau for one in donnees.familles}
    keys = {
        key: one.code
        for one in present.values()
        if one.niveau == "famille" and one.actif and one.code not in counts
        for key in one.cles
    }
    for rank, one in enumerate(donnees.familles):
        path, above = f"$.familles[{rank}]", _DESSUS.get(one.niveau)
        if (one.parent is None) != (above is None) or (one.parent is not None and levels.get(one.parent) != above):
            problems.append(
                rules.FAMILLE_PARENT.broken(f"{path}.parent", code=one.code, niveau=one.niveau, dessus=above or "rien")
            )
        if one.niveau != "famille" or not one.actif:
            continue
        for label in (one.libelle, *one.synonymes):
            other = keys.setdefault(cle_de(label), one.code)
            if other != one.code:
                problems.append(rules.FAMILLE_LIBELLE.broken(path, libelle=label, autre=other))
    if donnees.source != SYNTHETIQUE:
        problems += [
            rules.FAMILLE_SOURCE.broken(f"$.familles[{rank}].code", code=one.code)
            for rank, one in enumerate(donnees.familles)
            if one.code.startswith("SYN-") and one.actif
        ]
    return problems
