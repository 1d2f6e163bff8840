"""The engine on SQL: exact sums on both databases, whatever is null, filtered or out of the perimeter."""

from __future__ import annotations

from typing import Any

import pytest

from semaphore_hub.kernel.db import Database
from semaphore_hub.modules.indicateurs.moteur import Condition, Dimension, Fait, Filtre, Groupe, Mesure
from semaphore_hub.modules.indicateurs.moteur_sql import MoteurSql
from tests.modules.indicateurs.rangees import AUTRE_ETABLISSEMENT, actions, depenses

GAIN = Mesure("gain", "gain_retenu_cents")
LIGNES = Mesure("lignes")
TOUT = Filtre(annees=(2026,))
GRAND = 9_007_199_254_740_993
"""Above 2**53: an engine that adds binary floats loses the last cent."""


def agreger(
    database: Database, fait: Fait, mesures: list[Mesure], par: tuple[Dimension, ...], filtre: Filtre
) -> list[Groupe]:
    with database.read() as connection:
        return MoteurSql(connection).agreger(fait, mesures, par, filtre)


def test_sums_are_exact_and_nulls_come_first(database: Database) -> None:
    actions(
        database,
        {"famille": "b", "gain_retenu_cents": GRAND},
        {"famille": None, "gain_retenu_cents": -250},
        {"famille": "B", "gain_retenu_cents": 1},
        {"famille": "b", "gain_retenu_cents": 2},
        {"famille": "é", "gain_retenu_cents": 4},
        {"annee": 2025, "gain_retenu_cents": 8},
    )
    found = agreger(database, "action", [GAIN, LIGNES], ("famille",), TOUT)
    assert found == [
        Groupe((None,), {"gain": -250, "lignes": 1}),
        Groupe(("B",), {"gain": 1, "lignes": 1}),
        Groupe(("b",), {"gain": GRAND + 2, "lignes": 2}),
        Groupe(("é",), {"gain": 4, "lignes": 1}),
    ]
    assert all(type(value) is int for group in found for value in group.sommes.values())


def test_without_a_fact_there_is_no_group(database: Database) -> None:
    assert agreger(database, "action", [GAIN], (), TOUT) == []
    assert agreger(database, "depense", [LIGNES], ("famille",), Filtre()) == []
    actions(database, {"gain_retenu_cents": 0})
    assert agreger(database, "action", [GAIN], (), TOUT) == [Groupe((), {"gain": 0})]


CONDITIONS = (
    (Condition("exclue", "egal", True), 1),
    (Condition("exclue", "egal", False), 2 + 4 + 8),
    (Condition("levier", "different", "massification"), 2),
    (Condition("levier", "egal", "massification"), 1 + 8),
    (Condition("levier", "nul"), 4),
    (Condition("levier", "non_nul"), 1 + 2 + 8),
    (Condition("reference_cents", "positif"), 1 + 2 + 8),
)


def test_each_condition(database: Database) -> None:
    actions(
        database,
        {"gain_retenu_cents": 1, "exclue": True},
        {"gain_retenu_cents": 2, "levier": "logistique"},
        {"gain_retenu_cents": 4, "levier": None, "reference_cents": 0},
        {"gain_retenu_cents": 8, "reference_cents": 1},
    )
    wanted = [Mesure(str(index), "gain_retenu_cents", (one,)) for index, (one, _) in enumerate(CONDITIONS)]
    both = Mesure("both", "gain_retenu_cents", (CONDITIONS[1][0], CONDITIONS[5][0]))
    (group,) = agreger(database, "action", [*wanted, both], (), TOUT)
    assert [group.sommes[str(index)] for index in range(len(wanted))] == [expected for _, expected in CONDITIONS]
    assert group.sommes["both"] == 2 + 8


def test_a_measure_nobody_meets_is_zero(database: Database) -> None:
    actions(database, {"perimetre_cents": None})
    none = (Condition("levier", "egal", "absent"),)
    wanted = [Mesure("s", "gain_cents", none), Mesure("n", None, none), Mesure("p", "perimetre_cents")]
    assert agreger(database, "action", wanted, (), TOUT) == [Groupe((), {"s": 0, "n": 0, "p": 0})]


FILTRES: tuple[tuple[dict[str, Any], int], ...] = (
    ({}, 1 + 2 + 4 + 8),
    ({"region": "BRE"}, 1 + 4),
    ({"ght": "FIC-02"}, 2),
    ({"etablissement": AUTRE_ETABLISSEMENT}, 4),
    ({"operateur": "uniha"}, 2),
    ({"role": "partie"}, 4),
    ({"famille": "SYN-02"}, 2),
    ({"perimetre": frozenset({"FIC-01"})}, 1 + 4),
    ({"perimetre": frozenset({"FIC-01", "FIC-02"})}, 1 + 2 + 4),
    ({"perimetre": frozenset()}, 0),
    ({"annees": (2025, 2026)}, 1 + 2 + 4 + 8 + 16),
    ({"annees": ()}, 1 + 2 + 4 + 8 + 16),
)


def test_each_filter(database: Database) -> None:
    depenses(
        database,
        {"montant_ht_cents": 1},
        {"montant_ht_cents": 2, "ght": "FIC-02", "region": "ARA", "operateur": "uniha", "famille": "SYN-02"},
        {"montant_ht_cents": 4, "etablissement_siret": AUTRE_ETABLISSEMENT, "role": "partie"},
        {"montant_ht_cents": 8, "ght": None, "region": None},
        {"montant_ht_cents": 16, "annee": 2025, "region": None},
    )
    for filtre, expected in FILTRES:
        wanted = Filtre(**{"annees": (2026,), **filtre})
        found = agreger(database, "depense", [Mesure("m", "montant_ht_cents")], (), wanted)
        assert sum(group.sommes["m"] for group in found) == expected, filtre


def test_groups_keep_the_type_of_their_key(database: Database) -> None:
    actions(database, {"report": True}, {"report": False}, {"report": False})
    found = agreger(database, "action", [LIGNES], ("annee", "report"), TOUT)
    assert [(group.cle, group.sommes["lignes"]) for group in found] == [((2026, False), 2), ((2026, True), 1)]
    assert type(found[0].cle[1]) is bool


def test_a_column_of_another_fact_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="levier"):
        agreger(database, "depense", [LIGNES], ("levier",), TOUT)
