"""Usual patterns are said in words; others are shown as they are."""

from __future__ import annotations

import pytest

from contracts.patterns import describe


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("^[0-9]{14}$", "14 chiffres"),
        ("([0-9]{14})", "14 chiffres"),
        (r"\d{3,10}", "3 à 10 chiffres"),
        ("[0-9]{8}(-[0-9])?", "8 chiffres, suivis ou non de la clé « -N »"),
        ("^([0-9]{2}|2[AB])[0-9]{7}$", "un FINESS de 9 caractères"),
        ("^[A-Z]x$", "(^[A-Z]x$)"),
    ],
)
def test_a_pattern_is_described(pattern: str, words: str) -> None:
    assert describe(pattern) == words
