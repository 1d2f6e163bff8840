"""The data of the demo: right keys, known names, a calendar that goes forward."""

from __future__ import annotations

from itertools import pairwise

import pytest
from stdnum import iban as standard_iban
from stdnum import luhn
from stdnum.fr import siret as standard_siret

from mock_partners import MOCKS
from semaphore_hub.demo import ght
from semaphore_hub.demo.identifiers import finess, iban, siret
from semaphore_hub.demo.marches import MARCHES
from semaphore_hub.demo.partners import PARTNERS
from semaphore_hub.demo.steps import Amend, Correct, Notify
from semaphore_hub.demo.story import SCENARIO


@pytest.mark.parametrize("rank", [1, 42, 97, 99_999])
def test_computed_keys_are_right(rank: int) -> None:
    assert standard_siret.is_valid(siret(f"{rank:08d}"))
    assert luhn.is_valid(finess(f"{rank:08d}"))
    assert standard_iban.is_valid(iban(rank))
    bban = iban(rank)[4:]
    # The French RIB key: 89 × bank + 15 × counter + 3 × account + key is a multiple of 97.
    assert (89 * int(bban[:5]) + 15 * int(bban[5:10]) + 3 * int(bban[10:21]) + int(bban[21:])) % 97 == 0


def test_the_ght_has_one_support_and_five_parties_that_are_visibly_fictitious() -> None:
    assert [item["role"] for item in ght.ETABLISSEMENTS] == ["support", *["partie"] * 5]
    assert all("Fictif" in item["nom"] for item in ght.ETABLISSEMENTS)
    assert all("Ficti" in item["denominationSociale"] for item in ght.FOURNISSEURS.values())


def test_the_calendar_goes_forward() -> None:
    assert all(before.instant <= after.instant for before, after in pairwise(SCENARIO))


def test_every_marche_is_notified_once_and_before_it_changes() -> None:
    notified: list[str] = []
    for step in SCENARIO:
        for action in step.actions:
            if isinstance(action, Notify):
                notified.append(action.marche)
            elif isinstance(action, Amend | Correct):
                assert action.marche in notified
    assert sorted(notified) == sorted(MARCHES)


def test_every_mock_is_declared() -> None:
    assert [partner.id for partner in PARTNERS] == list(MOCKS)
