"""The engine on columns gives what the engine on SQL gives: same groups, same order, same cents."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semaphore_hub.kernel.db import Database
from semaphore_hub.modules.indicateurs.colonnes.colonnes import COLONNES, montants
from semaphore_hub.modules.indicateurs.colonnes.instantane import actualiser
from semaphore_hub.modules.indicateurs.colonnes.moteur import MoteurColonnes
from semaphore_hub.modules.indicateurs.moteur import Condition, Dimension, Fait, Filtre, Groupe, Mesure
from semaphore_hub.modules.indicateurs.moteur_sql import MoteurSql
from tests.modules.indicateurs.colonnes.conftest import Faits, Ligne

GHTS, REGIONS, OPERATEURS = ("FIC-01", "FIC-02"), ("ARA", "GE"), ("ght", "uniha")
_CENTS = st.integers(-(10**14), 10**14)
_VALEURS: dict[str, st.SearchStrategy[Any]] = {
    "annee": st.sampled_from((2024, 2025)),
    "region": st.sampled_from((*REGIONS, None)),
    "ght": st.sampled_from((*GHTS, None)),
    "etablissement_siret": st.sampled_from(("26750045200011", "26750045200029")),
    "role": st.sampled_from(("support", "partie", None)),
    "famille": st.sampled_from(("MED", "É", "a", None)),
    "operateur": st.sampled_from(OPERATEURS),
}
_PROPRES: dict[Fait, dict[str, st.SearchStrategy[Any]]] = {
    "depense": {
        "compte": st.sampled_from(("602", None)),
        "mutualise": st.booleans(),
        "hors_marche": st.sampled_from(("inconnu", None)),
        "montant_ht_cents": _CENTS,
        "montant_ttc_cents": _CENTS,
    },
    "action": {
        "domaine": st.sampled_from(("Bio", None)),
        "levier": st.sampled_from(("prix", None)),
        "effet_budgetaire": st.sampled_from(("oui", None)),
        "controle": st.sampled_from(("Q1", "Q2", None)),
        "report": st.booleans(),
        "exclue": st.booleans(),
        "reference_cents": st.none() | _CENTS,
        "perimetre_cents": st.none() | _CENTS,
        "gain_cents": st.none() | _CENTS,
        "gain_annee_cents": st.none() | _CENTS,
        "gain_retenu_cents": _CENTS,
    },
}


def lignes(fait: Fait) -> st.SearchStrategy[list[Ligne]]:
    """Facts; none at all as well."""
    return st.lists(st.fixed_dictionaries({**_VALEURS, **_PROPRES[fait]}), max_size=25)


@st.composite
def conditions(draw: st.DrawFn, fait: Fait) -> Condition:
    """A condition on any column, of each operation."""
    colonne = draw(st.sampled_from(sorted(COLONNES[fait])))
    if colonne.endswith("_cents"):
        return Condition(colonne, draw(st.sampled_from(("positif", "nul", "non_nul"))))
    operation = draw(st.sampled_from(("egal", "different", "nul", "non_nul")))
    if operation in ("nul", "non_nul"):
        return Condition(colonne, operation)
    known = {**_VALEURS, **_PROPRES[fait]}[colonne].filter(lambda value: value is not None)
    return Condition(colonne, operation, draw(known))


@st.composite
def questions(draw: st.DrawFn) -> tuple[Fait, list[Ligne], list[Mesure], tuple[Dimension, ...], Filtre]:
    """Facts, and what is asked of them."""
    fait = draw(st.sampled_from(get_args(Fait)))
    columns = [None, *montants(fait)]
    mesures = [
        Mesure(f"m{rank}", draw(st.sampled_from(columns)), tuple(draw(st.lists(conditions(fait), max_size=2))))
        for rank in range(draw(st.integers(1, 4)))
    ]
    dimensions = sorted(set(get_args(Dimension)) & set(COLONNES[fait]))
    filtre = Filtre(
        annees=draw(st.sampled_from(((), (2024,), (2024, 2025), (2030,)))),
        perimetre=draw(st.sampled_from((None, frozenset(), frozenset(GHTS[:1]), frozenset(GHTS)))),
        region=draw(st.sampled_from((None, *REGIONS))),
        ght=draw(st.sampled_from((None, *GHTS))),
        etablissement=draw(st.sampled_from((None, "26750045200011"))),
        famille=draw(st.sampled_from((None, "MED", "É"))),
        operateur=draw(st.sampled_from((None, *OPERATEURS))),
        role=draw(st.sampled_from((None, "support"))),
    )
    par = tuple(draw(st.lists(st.sampled_from(dimensions), unique=True, max_size=3)))
    return fait, draw(lignes(fait)), mesures, par, filtre


@pytest.fixture(scope="module")
def base(sqlite_template: Path) -> Iterator[Database]:
    """One database for every example."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hub.db"
        path.write_bytes(sqlite_template.read_bytes())
        database = Database(f"sqlite:///{path}")
        yield database
        database.close()


def par_les_deux(
    database: Database, dossier: Path, fait: Fait, mesures: list[Mesure], par: tuple[Dimension, ...], filtre: Filtre
) -> tuple[list[Groupe], list[Groupe]]:
    """By columns, by SQL."""
    by_columns = MoteurColonnes(dossier).agreger(fait, mesures, par, filtre)
    assert MoteurColonnes(dossier, resumes=False).agreger(fait, mesures, par, filtre) == by_columns
    with database.read() as connection:
        return by_columns, MoteurSql(connection).agreger(fait, mesures, par, filtre)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(question=questions())
def test_both_engines_agree_on_any_facts(
    base: Database, question: tuple[Fait, list[Ligne], list[Mesure], tuple[Dimension, ...], Filtre]
) -> None:
    fait, facts, mesures, par, filtre = question
    Faits(base).remplacer(fait, facts)
    with tempfile.TemporaryDirectory() as folder:
        actualiser(base, Path(folder))
        # What a narrow filter hides, the same question without it shows.
        for asked in (filtre, replace(filtre, annees=(), region=None, famille=None), Filtre()):
            columns, sql = par_les_deux(base, Path(folder), fait, mesures, par, asked)
            assert columns == sql


def test_both_engines_agree_on_both_databases(faits: Faits, tmp_path: Path) -> None:
    chance = random.Random(5)
    faits.ajouter(
        "depense",
        *(
            {
                "annee": chance.choice((2024, 2025)),
                "region": chance.choice((*REGIONS, None)),
                "ght": chance.choice((*GHTS, None)),
                "famille": chance.choice(("MED", "a", "É", "Z", None)),
                "mutualise": chance.random() < 0.5,
                "hors_marche": chance.choice((None, "inconnu")),
                "montant_ht_cents": chance.randrange(-(10**13), 10**13),
            }
            for _ in range(200)
        ),
    )
    actualiser(faits.database, tmp_path)
    mesures = [
        Mesure("ht", "montant_ht_cents"),
        Mesure("partage", "montant_ht_cents", (Condition("mutualise", "egal", True),)),
        Mesure("hors", None, (Condition("hors_marche", "non_nul"),)),
    ]
    columns, sql = par_les_deux(faits.database, tmp_path, "depense", mesures, ("region", "famille"), Filtre((2025,)))
    assert columns == sql
    assert len(columns) == 15
    assert columns[0].cle == (None, None)


def test_the_figures_of_one_question(faits_embarques: Faits, tmp_path: Path) -> None:
    faits_embarques.ajouter(
        "action",
        {"gain_retenu_cents": -5, "report": True},
        {"gain_retenu_cents": 12, "exclue": True, "perimetre_cents": 0},
        {"gain_retenu_cents": 30, "region": None, "perimetre_cents": 1},
    )
    actualiser(faits_embarques.database, tmp_path)
    mesures = [
        Mesure("gains", "gain_retenu_cents", (Condition("exclue", "egal", False),)),
        Mesure("positifs", None, (Condition("perimetre_cents", "positif"),)),
        Mesure("perimetre", "perimetre_cents"),
        Mesure("lignes"),
    ]
    groups = MoteurColonnes(tmp_path).agreger("action", mesures, ("region", "report"), Filtre())
    assert groups == [
        Groupe((None, False), {"gains": 30, "positifs": 1, "perimetre": 1, "lignes": 1}),
        Groupe(("ARA", False), {"gains": 0, "positifs": 0, "perimetre": 0, "lignes": 1}),
        Groupe(("ARA", True), {"gains": -5, "positifs": 0, "perimetre": 0, "lignes": 1}),
    ]
    assert all(type(group.cle[1]) is bool for group in groups)
