"""Where a consultation stands on both sides: every pair either agrees, or says who is behind, or contradicts itself."""

from __future__ import annotations

from typing import get_args

import pytest

from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.modules.marches.place.dits import StatutPlace
from semaphore_hub.modules.marches.place.etats import ACCORDS, SUITES_HUB, retard, suite_place


@pytest.mark.parametrize(
    ("place", "hub", "behind", "todo"),
    [
        ("preparation", Statut.CONSULTATION, "place", "à mettre en ligne"),
        ("en_ligne", Statut.PROJET, "hub", "à lancer"),
        ("en_ligne", Statut.ANALYSE, "place", "plis à ouvrir"),
        ("cloturee", Statut.ANALYSE, "place", "plis à ouvrir"),
        ("cloturee", Statut.PROJET, "hub", "à lancer"),
        ("analyse", Statut.CONSULTATION, "hub", "offres à ouvrir"),
        ("analyse", Statut.EN_EXECUTION, "place", "à attribuer"),
        ("analyse", Statut.INFRUCTUEUX, "place", "à déclarer infructueux"),
        ("en_ligne", Statut.SANS_SUITE, "place", "à déclarer sans suite"),
        ("attribuee", Statut.CONSULTATION, "hub", "à attribuer"),
        ("attribuee", Statut.ANALYSE, "hub", "à attribuer"),
        ("infructueuse", Statut.ANALYSE, "hub", "à déclarer infructueux"),
        ("sans_suite", Statut.PROJET, "hub", "à déclarer sans suite"),
        ("attribuee", Statut.SANS_SUITE, None, None),
        ("sans_suite", Statut.NOTIFIE, None, None),
        ("infructueuse", Statut.SANS_SUITE, None, None),
    ],
)
def test_who_is_behind_and_what_is_left_to_do(
    place: StatutPlace, hub: Statut, behind: str | None, todo: str | None
) -> None:
    assert hub not in ACCORDS[place]
    assert retard(place, hub) == behind
    if behind is not None:
        assert (SUITES_HUB[place] if behind == "hub" else suite_place(hub)) == todo


def test_every_other_pair_is_decided_too() -> None:
    agreeing = {(place, hub) for place, statuses in ACCORDS.items() for hub in statuses}
    assert set(ACCORDS) == set(get_args(StatutPlace))
    # A status of the hub agrees with one stage of PLACE, except the consultation: online, then closed.
    assert {hub for _, hub in agreeing} == set(Statut)
    assert len(agreeing) == len(Statut) + 1
    for place in get_args(StatutPlace):
        for hub in Statut:
            if (place, hub) not in agreeing and retard(place, hub) == "hub":
                assert place in SUITES_HUB
