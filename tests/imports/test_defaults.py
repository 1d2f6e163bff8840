"""The table of defaults: complete, documented, and the only source of completed values."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import correspondance
from semaphore_hub.imports.defaults import DEFAULTS, completed

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "import-defaults.md"


def test_the_document_is_the_table_of_the_code() -> None:
    lines = DOCUMENT.read_text("utf-8").splitlines()
    start = lines.index("| field | value | why | formats |")
    written = [line for line in lines[start + 2 :] if line.startswith("|")]
    assert written == [
        f"| `{default.champ}` | {default.valeur} | {default.justification} | {default.formats} |"
        for default in DEFAULTS
    ]


def test_each_field_has_one_default() -> None:
    fields = [default.champ for default in DEFAULTS]
    assert len(fields) == len(set(fields))


@pytest.mark.parametrize(
    "champ", ["montant", "dateNotification", "dureeMois", "titulaires[0].montant", "titulaires[0].adresse"]
)
def test_what_must_not_be_invented_cannot_be_completed(champ: str) -> None:
    with pytest.raises(KeyError):
        completed(champ, "1")


def test_a_rank_does_not_hide_a_field_of_the_table() -> None:
    assert completed("titulaires[12].role", "co-traitant").champ == "titulaires[12].role"


def test_whatever_a_conversion_may_complete_is_in_the_table() -> None:
    for champ in correspondance.table().defaults:
        assert completed(champ, "x").justification


def test_the_same_completion_is_the_same_object() -> None:
    assert completed("ccag", "Pas de CCAG") is completed("ccag", "Pas de CCAG")
