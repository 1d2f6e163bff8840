"""The lead times in force: the hub's defaults, unless they were replaced; whole kinds of procedure at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from pydantic import Field
from sqlalchemy import Connection, delete, insert, select

from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.planification import rules
from semaphore_hub.modules.planification.champs import Jours, Ligne
from semaphore_hub.modules.planification.codes import CodeJalon, Filiere
from semaphore_hub.modules.planification.jalons import DEFAUTS, HYPOTHESE, MINIMA
from semaphore_hub.modules.planification.models import PlanDelai
from semaphore_hub.modules.referentiel.champs import Entree, Sortie, listed
from semaphore_hub.modules.referentiel.rules import refuse

_delai = table_of(PlanDelai)


@dataclass(frozen=True, slots=True)
class Delais:
    """Days before the start by milestone, in order, and where they come from."""

    jours: Mapping[CodeJalon, int]
    source: str


class DelaiJalon(Entree):
    """The lead time of a milestone."""

    jalon: CodeJalon
    jours: Jours = Field(description="jours calendaires entre l'entrée dans l'étape et le début du marché")


class DelaisFiliere(Entree):
    """The lead times of a kind of procedure: all its milestones, the last one at 0."""

    filiere: Filiere
    source: Ligne = Field(description="qui les a fixés, ou d'où ils viennent", examples=["Guide des achats du GHT"])
    jalons: Annotated[tuple[DelaiJalon, ...], Field(min_length=1, max_length=9)]


class DelaisDonnes(Entree):
    """Kinds of procedure whose lead times are replaced; the others keep theirs."""

    filieres: Annotated[tuple[DelaisFiliere, ...], Field(min_length=1, max_length=4)]


class MinimumVue(Sortie):
    """A minimum delay that no lead time shortens."""

    avant: CodeJalon
    apres: CodeJalon
    jours: int
    source: str


class DelaisVue(Sortie):
    """The lead times of a kind of procedure."""

    filiere: Filiere
    source: str
    jalons: tuple[DelaiJalon, ...]
    minima: tuple[MinimumVue, ...]


class TousDelais(Sortie):
    """The lead times of every kind of procedure."""

    filieres: tuple[DelaisVue, ...]


def en_vigueur(connection: Connection) -> dict[Filiere, Delais]:
    """The lead times in force."""
    found = {filiere: Delais(jours, HYPOTHESE) for filiere, jours in DEFAUTS.items()}
    replaced: dict[Filiere, dict[CodeJalon, int]] = {}
    sources: dict[Filiere, str] = {}
    for row in connection.execute(select(_delai)).mappings():
        filiere = Filiere(row["filiere"])
        replaced.setdefault(filiere, {})[CodeJalon(row["jalon"])] = row["jours"]
        sources[filiere] = row["source"]
    for filiere, jours in replaced.items():
        found[filiere] = Delais({code: jours[code] for code in DEFAUTS[filiere]}, sources[filiere])
    return found


def lire_delais(connection: Connection) -> TousDelais:
    """The lead times in force, as the API shows them."""
    return TousDelais(
        filieres=tuple(
            DelaisVue(
                filiere=filiere,
                source=delais.source,
                jalons=tuple(DelaiJalon(jalon=code, jours=jours) for code, jours in delais.jours.items()),
                minima=tuple(
                    MinimumVue(avant=one.avant, apres=one.apres, jours=one.jours, source=one.source)
                    for one in MINIMA[filiere]
                ),
            )
            for filiere, delais in en_vigueur(connection).items()
        )
    )


def remplacer_delais(unit: UnitOfWork, caller: Caller, donnes: DelaisDonnes) -> TousDelais:
    """Replace the lead times of kinds of procedure; plans already made keep theirs until they are revised.

    They are settings common to every GHT: no event is written, and the last who writes is right.

    Raises:
        Forbidden: only an integrator may.
        RuleBroken: milestones missing or foreign, lead times that do not decrease to 0.
    """
    caller.require(Role.INTEGRATEUR)
    refuse([problem for rank, one in enumerate(donnes.filieres) for problem in _problems(rank, one)])
    for one in donnes.filieres:
        unit.connection.execute(delete(_delai).where(_delai.c.filiere == one.filiere))
        rows = [
            {"filiere": one.filiere.value, "jalon": step.jalon.value, "jours": step.jours, "source": one.source}
            for step in one.jalons
        ]
        unit.connection.execute(insert(_delai), rows)
    return lire_delais(unit.connection)


def _problems(rank: int, given: DelaisFiliere) -> list[Problem]:
    place, expected = f"$.filieres[{rank}].jalons", tuple(DEFAUTS[given.filiere])
    if tuple(one.jalon for one in given.jalons) != expected:
        return [rules.DELAIS_JALONS.broken(place, filiere=given.filiere, jalons=listed(expected))]
    found = [
        rules.DELAIS_ORDRE.broken(f"{place}[{step}]", jalon=after.jalon, jours=after.jours, precedents=before.jours)
        for step, (before, after) in enumerate(pairwise(given.jalons), 1)
        if after.jours > before.jours
    ]
    if given.jalons[-1].jours:
        found.append(rules.DELAIS_FIN.broken(f"{place}[{len(given.jalons) - 1}]"))
    return found
