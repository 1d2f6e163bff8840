"""Control bounds of performance, by year and family. Those of the DGOS are not published: 20 % unless it gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, delete, insert, select

from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.paat import rules
from semaphore_hub.modules.paat.bornes_schemas import BorneFamilleVue, BornesEntree, BornesVue
from semaphore_hub.modules.paat.models import PaatBorne
from semaphore_hub.modules.referentiel.familles import familles
from semaphore_hub.modules.referentiel.rules import refuse

_borne = table_of(PaatBorne)
TOUTES = "*"
DEFAUT_POUR_MILLE = 200
SOURCE_DEFAUT = "hypothèse : bornes non publiées"


@dataclass(frozen=True, slots=True)
class Bornes:
    """The bounds of a year, in thousandths of the reference amount."""

    defaut: int
    familles: Mapping[str, int]

    def de(self, famille: str | None) -> int:
        """The bound of a family, or the default one (as well when the family is not known)."""
        return self.defaut if famille is None else self.familles.get(famille, self.defaut)


def lire_bornes(connection: Connection, annee: int) -> Bornes:
    """The bounds in force for the plans of a year."""
    known = {code: row["borne_pour_mille"] for code, row in _rows(connection, annee).items()}
    return Bornes(known.pop(TOUTES, DEFAUT_POUR_MILLE), known)


def voir_bornes(connection: Connection, annee: int) -> BornesVue:
    """The bounds of a year, each with its source."""
    rows = _rows(connection, annee)
    labels = familles(connection).libelles
    default = rows.pop(TOUTES, None)
    return BornesVue(
        annee=annee,
        defaut=_pourcent(DEFAUT_POUR_MILLE if default is None else default["borne_pour_mille"]),
        source=SOURCE_DEFAUT if default is None else default["source"],
        familles=tuple(
            BorneFamilleVue(
                famille=code,
                libelle=labels.get(code),
                borne=_pourcent(row["borne_pour_mille"]),
                source=row["source"],
            )
            for code, row in rows.items()
        ),
    )


def remplacer_bornes(unit: UnitOfWork, annee: int, entree: BornesEntree) -> None:
    """Put the bounds of a year in the place of those it had.

    Raises:
        RuleBroken: a family is not known, or is given twice.
    """
    known = familles(unit.connection)
    problems: list[Problem] = []
    values: dict[str, int] = {}
    first: dict[str, str] = {}
    for index, one in enumerate(entree.familles):
        path = f"$.familles[{index}].famille"
        code = known.trouver(one.famille)
        if code is None:
            problems.append(famille_inconnue(path, one.famille, known.libelles))
        elif code in values:
            problems.append(rules.BORNE_DOUBLE.broken(path, famille=code, premiere=first[code]))
        else:
            values[code], first[code] = int(one.borne * 10), path
    refuse(problems)
    if entree.defaut is not None:
        values[TOUTES] = int(entree.defaut * 10)
    unit.connection.execute(delete(_borne).where(_borne.c.annee == annee))
    if values:
        unit.connection.execute(
            insert(_borne),
            [
                {"annee": annee, "famille": code, "borne_pour_mille": value, "source": entree.source}
                for code, value in values.items()
            ],
        )


def famille_inconnue(path: str, ecrite: str, libelles: Mapping[str, str]) -> Problem:
    """The problem of a family that the nomenclature does not have, with the labels it has."""
    return rules.FAMILLE.broken(path, famille=ecrite, exemples=", ".join(libelles.values()))


def _rows(connection: Connection, annee: int) -> dict[str, RowMapping]:
    statement = select(_borne).where(_borne.c.annee == annee).order_by(_borne.c.famille)
    return {row["famille"]: row for row in connection.execute(statement).mappings()}


def _pourcent(pour_mille: int) -> Decimal:
    return Decimal(pour_mille) / 10
