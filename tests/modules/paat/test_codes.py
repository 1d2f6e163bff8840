"""Enumerations: tolerant reading, and every value says whether it is attested."""

from __future__ import annotations

from itertools import combinations

import pytest

from semaphore_hub.modules.paat import codes
from tests.shared import shared_path

KINDS = (
    codes.StatutPaat,
    codes.StatutAction,
    codes.Stade,
    codes.Levier,
    codes.Operateur,
    codes.EffetBudgetaire,
    codes.Methode,
    codes.Section,
    codes.Controle,
    codes.Origine,
)


@pytest.mark.parametrize(
    ("kind", "written", "found"),
    [
        (codes.EffetBudgetaire, "Effet prix induit", "effet_prix_induit"),
        (codes.EffetBudgetaire, "  EFFET-PRIX  induit ", "effet_prix_induit"),
        (codes.Levier, "Standardisation / substitution", "standardisation"),
        (codes.Levier, "négociation", "negociation"),
        (codes.Operateur, "UNIHA", "uniha"),
        (codes.Operateur, "Gcs Regional", "gcs_regional"),
        (codes.Operateur, "gcs_regional", "gcs_regional"),
        (codes.StatutAction, "Réalisé", "realisee"),
        (codes.Methode, "RECURRENT", "recurrent"),
        (codes.Section, "Fonctionnement", "exploitation"),
        (codes.Operateur, "Uni", None),
        (codes.Levier, "", None),
        (codes.Levier, " - ", None),
    ],
)
def test_a_label_is_read_whatever_its_accents_and_case(kind: type[codes.Code], written: str, found: str | None) -> None:
    read = kind.lire(written)
    assert (None if read is None else read.value) == found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_value_says_its_mark_and_is_named_without_ambiguity(kind: type[codes.Code]) -> None:
    for one in kind:
        assert one.libelle
        assert one.marque.startswith(("attesté", "hypothèse", "texte attesté"))
        assert kind.lire(one.libelle) is one
    for one, other in combinations(kind, 2):
        assert not one.cles() & other.cles(), (one, other)


def test_comments_of_controls_are_those_of_the_source() -> None:
    source = (shared_path("seeds") / "icra_2022-06-17.txt").read_text("utf-8").splitlines()
    assert {line.removeprefix("- ") for line in source[1416:1420]} == {one.libelle for one in codes.Controle}
