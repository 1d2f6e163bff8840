"""What actions are checked against, read once for a whole set: families, bounds, members of the GHT, origins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, RowMapping, or_, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.paat.bornes import Bornes, lire_bornes
from semaphore_hub.modules.paat.models import PaatAction
from semaphore_hub.modules.paat.reading import Row
from semaphore_hub.modules.paat.schemas import ActionEntree
from semaphore_hub.modules.referentiel.familles import Familles, familles
from semaphore_hub.modules.referentiel.models import Etablissement, Rattachement

_action = table_of(PaatAction)
_etablissement = table_of(Etablissement)
_rattachement = table_of(Rattachement)
_BLOC = 500
"""Values in one IN: SQLite and PostgreSQL both limit parameters."""


@dataclass(frozen=True, slots=True)
class Contexte:
    """The plan of a set of actions, and what they may name.

    Attributes:
        roles: role by SIRET of the établissements that belong to the GHT on at least one day of the year; the last
            one when it changes during the year.
        origines: those of the actions named as origins that are of an earlier plan of this GHT.
        existantes: actions the plan already has, by number.
    """

    uid: str
    ght: str
    annee: int
    familles: Familles
    bornes: Bornes
    roles: Mapping[str, str]
    origines: Collection[str]
    existantes: Mapping[str, RowMapping]


def lire_contexte(connection: Connection, plan: Row, actions: Collection[ActionEntree]) -> Contexte:
    """Read what a set of actions of a plan is checked against."""
    ght, annee = plan["ght"], plan["annee"]
    numeros = [action.numero for action in actions]
    return Contexte(
        uid=plan["uid"],
        ght=ght,
        annee=annee,
        familles=familles(connection),
        bornes=lire_bornes(connection, annee),
        roles=membres(connection, ght, annee),
        origines=_origines(connection, plan, {action.actionOrigine for action in actions if action.actionOrigine}),
        existantes=_existantes(connection, plan["uid"], numeros),
    )


def membres(connection: Connection, ght: str, annee: int) -> dict[str, str]:
    """Role by SIRET of the établissements of a GHT on at least one day of a year."""
    statement = (
        select(_etablissement.c.siret, _rattachement.c.role)
        .join(_rattachement, _rattachement.c.etablissement_uid == _etablissement.c.uid)
        .where(
            _rattachement.c.ght_code == ght,
            _rattachement.c.date_debut <= date(annee, 12, 31),
            or_(_rattachement.c.date_fin.is_(None), _rattachement.c.date_fin >= date(annee, 1, 1)),
        )
        .order_by(_rattachement.c.date_debut)
    )
    return {row.siret: row.role for row in connection.execute(statement)}


def _origines(connection: Connection, plan: Row, uids: Collection[str]) -> set[str]:
    earlier = select(_action.c.uid).where(_action.c.ght == plan["ght"], _action.c.annee < plan["annee"])
    found: set[str] = set()
    for block in _blocs(sorted(uids)):
        found.update(connection.execute(earlier.where(_action.c.uid.in_(block))).scalars())
    return found


def _existantes(connection: Connection, paat_uid: str, numeros: list[str]) -> dict[str, RowMapping]:
    of_plan = select(_action).where(_action.c.paat_uid == paat_uid)
    found: dict[str, RowMapping] = {}
    for block in _blocs(numeros):
        rows = connection.execute(of_plan.where(_action.c.numero.in_(block))).mappings()
        found.update({row["numero"]: row for row in rows})
    return found


def _blocs(values: list[str]) -> Iterable[list[str]]:
    return (values[start : start + _BLOC] for start in range(0, len(values), _BLOC))
