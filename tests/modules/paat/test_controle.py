"""Quality controls: order, limits, the source's seven lines, and the prudence of what is retained."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.modules.paat.codes import Controle
from semaphore_hub.modules.paat.controle import EXPLICATION_MINIMALE, Ligne, controler
from semaphore_hub.modules.paat.gains import pourcent

SAINE = Ligne(
    reference_cents=100_000_00,
    perimetre_cents=80_000_00,
    gain_cents=10_000_00,
    mois_effet=6,
    explication=None,
    borne_pour_mille=200,
)
PRECISE = "Fin de brevet au 1er mars"

T5 = (
    (49_747, 165_381, "332.4"),
    (30_738, 102_063, "332.0"),
    (5_374, 33_600, "625.2"),
    (4_502, 31_654, "703.1"),
    (89_909, 333_572, "371.0"),
    (26_989, 32_943, "122.1"),
    (465_289, 1_191_155, "256.0"),
)
"""DGOS 2022, l. 1407-1413: reference amount, gain, performance as printed to 0.1 point."""


@pytest.mark.parametrize(("reference", "gain", "performance"), T5)
def test_the_seven_lines_the_dgos_leaves_out(reference: int, gain: int, performance: str) -> None:
    assert str(pourcent(Decimal(gain), Decimal(reference))) == performance
    verdict = controler(
        replace(SAINE, reference_cents=reference * 100, perimetre_cents=reference * 100, gain_cents=gain * 100)
    )
    assert verdict.commentaire == "Performance supérieure ou égale à 100% - Calcul erroné"
    assert (verdict.exclue, verdict.gain_retenu_cents) == (True, 0)


@pytest.mark.parametrize(
    ("changes", "controle", "exclue"),
    [
        ({}, None, False),
        ({"reference_cents": None}, "Q1", True),
        ({"reference_cents": 0}, "Q1", True),
        ({"perimetre_cents": None}, "Q1", True),
        ({"perimetre_cents": 0}, "Q1", True),
        ({"gain_cents": None}, "Q1", True),
        ({"gain_cents": 0}, "Q1", True),
        ({"gain_cents": -1}, "Q1", True),
        ({"gain_cents": 100_000_00}, "Q2", True),
        ({"gain_cents": 99_999_99}, "Q3", True),
        ({"gain_cents": 20_000_00}, None, False),
        ({"gain_cents": 20_000_01}, "Q3", True),
        ({"gain_cents": 20_000_01, "explication": PRECISE}, "Q3", False),
        ({"gain_cents": 20_000_01, "explication": " " * 30}, "Q3", True),
        ({"gain_cents": 20_000_01, "explication": "x" * (EXPLICATION_MINIMALE - 1)}, "Q3", True),
        ({"gain_cents": 20_000_01, "explication": "x" * EXPLICATION_MINIMALE}, "Q3", False),
        ({"gain_cents": 20_000_01, "borne_pour_mille": 201}, None, False),
        ({"perimetre_cents": 10_000_00}, None, False),
        ({"perimetre_cents": 9_999_99}, "Q4", True),
        ({"mois_effet": 0}, "Q4", True),
        ({"mois_effet": None}, None, False),
        # The first control met is the comment.
        ({"gain_cents": 100_000_00, "perimetre_cents": None, "mois_effet": 0}, "Q1", True),
        ({"gain_cents": 150_000_00, "mois_effet": 0}, "Q2", True),
        ({"gain_cents": 30_000_00, "mois_effet": 0}, "Q3", True),
        # Explained, yet out of reach: flagged Q3, and not kept.
        ({"gain_cents": 30_000_00, "mois_effet": 0, "explication": PRECISE}, "Q3", True),
        ({"gain_cents": 30_000_00, "perimetre_cents": 29_999_99, "explication": PRECISE}, "Q3", True),
    ],
)
def test_controls_in_their_order(changes: dict[str, object], controle: str | None, exclue: bool) -> None:
    ligne = replace(SAINE, **changes)  # type: ignore[arg-type]  # each field by its name
    verdict = controler(ligne)
    assert (verdict.controle, verdict.exclue) == (controle, exclue)
    assert verdict.gain_retenu_cents == (0 if exclue else ligne.gain_cents)
    assert verdict.commentaire == (None if controle is None else Controle(controle).libelle)


def test_reasons_show_the_arithmetic() -> None:
    assert controler(SAINE).raisons == ("Aucun contrôle rencontré : 10 000,00 € / 100 000,00 € = 10,0 %",)
    above = "Q3 : 20 000,01 € / 100 000,00 € = 20,0 %, au-dessus de la borne de 20,0 % (20 000,00 € de gain)"
    assert controler(replace(SAINE, gain_cents=20_000_01)).raisons == (
        f"{above}, sans explication précise (20 caractères au moins)",
        "Ligne exclue : gain retenu 0,00 €",
    )
    assert controler(replace(SAINE, gain_cents=-500, perimetre_cents=None)).raisons[0] == (
        "Q1 : périmètre absent ; gain de -5,00 € : une perte n'est pas une performance"
    )
    assert controler(replace(SAINE, gain_cents=30_000_00, mois_effet=0, explication=PRECISE)).raisons[1] == (
        "Q4 : aucun mois d'effet dans l'année du plan"
    )


AMOUNTS = st.none() | st.integers(-10_000, 10_000)


@settings(max_examples=50)
@given(AMOUNTS, AMOUNTS, AMOUNTS, st.none() | st.integers(0, 12), st.none() | st.text(max_size=30), st.integers(0, 999))
def test_what_is_retained_is_never_more_than_what_is_declared(
    reference: int | None,
    perimetre: int | None,
    gain: int | None,
    mois: int | None,
    explication: str | None,
    borne: int,
) -> None:
    verdict = controler(Ligne(reference, perimetre, gain, mois, explication, borne))
    assert verdict.gain_retenu_cents in ({0} if verdict.exclue else {gain})
    assert verdict.raisons
    if not verdict.exclue:
        assert gain is not None
        assert reference is not None
        assert perimetre is not None
        assert 0 < gain < reference
        assert gain <= perimetre
