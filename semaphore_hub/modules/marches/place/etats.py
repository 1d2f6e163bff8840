"""Where a consultation stands at PLACE and in the hub, as a table: which pairs agree, and who is behind otherwise.

Stages of PLACE are a hypothesis (its interface is not public); those of the hub are in :mod:`~..lifecycle`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from semaphore_hub.modules.marches.lifecycle import AVANT_ATTRIBUTION, Statut
from semaphore_hub.modules.marches.place.dits import StatutPlace

_ATTRIBUES = frozenset(Statut) - AVANT_ATTRIBUTION

ACCORDS: Mapping[StatutPlace, frozenset[Statut]] = {
    "preparation": frozenset({Statut.PROJET}),
    "en_ligne": frozenset({Statut.CONSULTATION}),
    # Closed at its deadline: the hub has nothing to record until the offers are opened.
    "cloturee": frozenset({Statut.CONSULTATION}),
    "analyse": frozenset({Statut.ANALYSE}),
    "attribuee": _ATTRIBUES,
    "infructueuse": frozenset({Statut.INFRUCTUEUX}),
    "sans_suite": frozenset({Statut.SANS_SUITE}),
}
"""Statuses of the hub that say the same."""

_RANG_PLACE: Mapping[StatutPlace, int] = {
    "preparation": 0,
    "en_ligne": 1,
    "cloturee": 1,
    "analyse": 2,
    "attribuee": 3,
    "infructueuse": 3,
    "sans_suite": 3,
}
_RANG_HUB = {Statut.PROJET: 0, Statut.CONSULTATION: 1, Statut.ANALYSE: 2}
_FINI = 3

SUITES_HUB: Mapping[StatutPlace, str] = {
    "en_ligne": "à lancer",
    "cloturee": "à lancer",
    "analyse": "offres à ouvrir",
    "attribuee": "à attribuer",
    "infructueuse": "à déclarer infructueux",
    "sans_suite": "à déclarer sans suite",
}
"""What is left to do in the hub when PLACE is ahead."""

_SUITES_PLACE = {
    Statut.CONSULTATION: "à mettre en ligne",
    Statut.ANALYSE: "plis à ouvrir",
    Statut.INFRUCTUEUX: "à déclarer infructueux",
    Statut.SANS_SUITE: "à déclarer sans suite",
}

Retard = Literal["hub", "place"]


def retard(place: StatutPlace, hub: Statut) -> Retard | None:
    """Who is behind; ``None`` when both are as far and yet differ."""
    ranks = _RANG_HUB.get(hub, _FINI), _RANG_PLACE[place]
    if ranks[0] == ranks[1]:
        return None
    return "hub" if ranks[0] < ranks[1] else "place"


def suite_place(hub: Statut) -> str:
    """What is left to do at PLACE when the hub is ahead."""
    return _SUITES_PLACE.get(hub, "à attribuer")
