"""Actions of a plan written together: every one checked first, then a few statements whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, update

from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.paat import rules
from semaphore_hub.modules.paat.codes import Origine
from semaphore_hub.modules.paat.contexte import lire_contexte
from semaphore_hub.modules.paat.models import PaatAction
from semaphore_hub.modules.paat.reading import Row
from semaphore_hub.modules.paat.redaction import rediger
from semaphore_hub.modules.paat.schemas import ActionEntree
from semaphore_hub.modules.referentiel.rules import refuse

_action = table_of(PaatAction)
_FIXES = frozenset({"uid", "paat_uid", "ght", "annee", "numero", "origine", "gain_realise_cents", "created_ms"})
"""Columns that a recording of an action that exists leaves alone."""
_MODIFIER = (
    update(_action)
    .where(_action.c.uid == bindparam("of_uid"))
    .values({column.name: bindparam(column.name) for column in _action.columns if column.name not in _FIXES})
)


@dataclass(frozen=True, slots=True)
class Ecrites:
    """What became of the actions given: uid of each in their order, and how many of each fate."""

    uids: tuple[str, ...]
    creees: int
    modifiees: int
    exclues: int

    @property
    def inchangees(self) -> int:
        """Those that were given as they stood."""
        return len(self.uids) - self.creees - self.modifiees


def ecrire(
    unit: UnitOfWork, plan: Row, actions: Sequence[ActionEntree], origine: Origine, created_ms: int, *, path: str
) -> Ecrites:
    """Create or replace actions of a locked plan by their number.

    Args:
        path: where the actions are in the request, with ``{}`` for the index: "$.actions[{}]", or "$" for one alone.

    Raises:
        RuleBroken: with every problem of every action; nothing is written.
    """
    context = lire_contexte(unit.connection, plan, actions)
    problems: list[Problem] = []
    first: dict[str, str] = {}
    inserted: list[dict[str, Any]] = []
    updated: list[dict[str, Any]] = []
    uids: list[str] = []
    excluded = 0
    for index, action in enumerate(actions):
        place = path.format(index)
        if action.numero in first:
            told = {"numero": action.numero, "premiere": first[action.numero]}
            problems.append(rules.DOUBLON.broken(f"{place}.numero", **told))
        first.setdefault(action.numero, place)
        written = rediger(context, action, place, origine)
        problems += written.problemes
        values = written.valeurs
        excluded += values["exclue"]
        existing = context.existantes.get(action.numero)
        if existing is None:
            row = {
                **values,
                "uid": new_id(),
                "version": 1,
                "paat_uid": context.uid,
                "ght": context.ght,
                "annee": context.annee,
                "numero": action.numero,
                "origine": origine.value,
                "gain_realise_cents": None,
                "created_ms": created_ms,
            }
            inserted.append(row)
            uids.append(row["uid"])
            continue
        uids.append(existing["uid"])
        if any(existing[name] != value for name, value in values.items()):
            updated.append({**values, "version": existing["version"] + 1, "of_uid": existing["uid"]})
    refuse(problems)
    if inserted:
        unit.connection.execute(insert(_action), inserted)
    if updated:
        unit.connection.execute(_MODIFIER, updated)
    return Ecrites(tuple(uids), len(inserted), len(updated), excluded)
