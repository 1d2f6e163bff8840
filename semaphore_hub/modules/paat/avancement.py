"""What may still happen to an action once its plan is submitted: its status, how sure its gain is, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.modules.paat import rules
from semaphore_hub.modules.paat.codes import Stade, StatutAction
from semaphore_hub.modules.paat.reading import Row
from semaphore_hub.modules.paat.schemas import AvancementAction
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.rules import refuse

_SORTIES = frozenset({StatutAction.ABANDONNEE, StatutAction.REPORTEE})
SUITES: Mapping[StatutAction, frozenset[StatutAction]] = {
    StatutAction.IDEE: frozenset({StatutAction.VALIDEE}) | _SORTIES,
    StatutAction.VALIDEE: frozenset({StatutAction.EN_COURS}) | _SORTIES,
    StatutAction.EN_COURS: frozenset({StatutAction.REALISEE}) | _SORTIES,
    StatutAction.REALISEE: frozenset(),
    StatutAction.REPORTEE: frozenset({StatutAction.VALIDEE, StatutAction.ABANDONNEE}),
    StatutAction.ABANDONNEE: frozenset(),
}
"""What may follow a status (hypothèse). In a draft, an action may be recorded in any status."""
_STADES = tuple(Stade)


def avancer(row: Row, avancement: AvancementAction) -> dict[str, Any]:
    """The columns that an advance changes, controls left aside.

    Raises:
        RuleBroken: a step that the status or the stage does not allow, a realised gain too early, or nothing new.
    """
    before, stage = StatutAction(row["statut"]), Stade(row["stade"])
    after, reached = avancement.statut or before, avancement.stade or stage
    problems: list[Problem] = []
    if after is not before and after not in SUITES[before]:
        said = listed(f"« {one} »" for one in StatutAction if one in SUITES[before]) or "aucune"
        problems.append(rules.SUITE.broken("$.statut", avant=before, apres=after, suites=said))
    if _STADES.index(reached) < _STADES.index(stage):
        problems.append(rules.STADE.broken("$.stade", avant=stage, apres=reached))
    if avancement.gainRealise is not None and reached is not Stade.REALISE:
        problems.append(rules.REALISE.broken("$.gainRealise", stade=reached))
    values: dict[str, Any] = {"statut": after.value, "stade": reached.value}
    if avancement.gainRealise is not None:
        values["gain_realise_cents"] = to_cents(avancement.gainRealise)
    if avancement.numeroMarche is not None:
        values["numero_marche"] = avancement.numeroMarche
    if avancement.commentaire is not None:
        values["commentaire"] = avancement.commentaire
    if all(row[name] == value for name, value in values.items()):
        problems.append(rules.VIDE.broken("$"))
    refuse(problems)
    return values
