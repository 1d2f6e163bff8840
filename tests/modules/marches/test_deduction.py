"""What the PES codes and the contract number are when only the DECP fields are given."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semaphore_hub.modules.marches.deduction import id_contrat, may_have_id_contrat, resolved
from semaphore_hub.modules.marches.echeances import months_after
from semaphore_hub.modules.marches.schemas import NouveauMarche
from tests.modules.samples import marche


@pytest.mark.parametrize(
    ("marche_id", "expected"),
    [
        ("DM001", "2026DM001"),
        ("2026DM001", "2026DM001"),
        ("2025-DM/001", "20262025DM001"),
        ("A_B.C#D E", "2026ABCDE"),
        ("ABCDEFGHIJ", "2026ABCDEFGHIJ"),
        ("ABCDEFGHIJK", None),
        ("2026", "20262026"),
        ("---", None),
    ],
)
def test_the_contract_number_is_the_year_then_what_is_left_of_the_id(marche_id: str, expected: str | None) -> None:
    assert id_contrat(marche_id, 2026) == expected


@given(st.text("ABC019-_ ./", min_size=1, max_size=16), st.integers(2010, 2039))
def test_a_contract_number_always_has_the_form_of_the_pes(marche_id: str, year: int) -> None:
    contract = id_contrat(marche_id, year)
    if contract is None:
        assert not may_have_id_contrat(marche_id) or re.match("20[0-4]", re.sub("[^A-Z0-9]", "", marche_id))
    else:
        assert re.fullmatch("20[0-4][0-9][A-Za-z0-9]{1,10}", contract)
        assert contract.startswith(str(year))
        assert may_have_id_contrat(marche_id)


@pytest.mark.parametrize(
    ("changes", "nature", "procedure", "regime"),
    [
        ({}, "03", "02", "02"),
        ({"modalitesExecution": ["Bons de commande", "Marchés subséquents"]}, "04", "02", "02"),
        ({"idAccordCadre": "AC1", "techniques": ["Sans objet"]}, "05", "02", "02"),
        ({"techniques": ["Sans objet"], "procedure": "Procédure adaptée"}, "01", "01", "02"),
        ({"techniques": ["Concours"], "attributionAvance": False}, "01", "08", "01"),
        ({"techniques": ["Système d'acquisition dynamique"]}, "01", "09", "02"),
        ({"nature": "Marché de partenariat", "techniques": ["Sans objet"]}, "02", "02", "02"),
        ({"complements": {"natureMarche": "07", "procedureMarche": "10", "regimeAvance": "03"}}, "07", "10", "03"),
    ],
)
def test_codes_of_the_pes_are_deduced_and_those_given_win(
    changes: dict[str, Any], nature: str, procedure: str, regime: str
) -> None:
    complements = resolved(NouveauMarche.model_validate(marche(**changes)), "2026X")
    assert (complements.natureMarche, complements.procedureMarche, complements.regimeAvance) == (
        nature,
        procedure,
        regime,
    )
    assert complements.idContrat == "2026X"


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 3, 1), date(2026, 5, 1)),
        (date(2026, 11, 30), date(2027, 1, 30)),
        (date(2026, 12, 31), date(2027, 2, 28)),
        (date(2027, 12, 31), date(2028, 2, 29)),
    ],
)
def test_two_months_later_is_the_same_day_or_the_last_of_the_month(day: date, later: date) -> None:
    assert months_after(day, 2) == later
