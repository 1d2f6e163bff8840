"""Which engine answers, and that it does not change the figure."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.indicateurs.colonnes.instantane import actualiser
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.indicateurs.models import IndicateurPartition
from semaphore_hub.modules.indicateurs.moteur import Filtre
from semaphore_hub.modules.indicateurs.moteurs import choisir_moteur
from semaphore_hub.modules.indicateurs.service import IndicateursService
from tests.modules.indicateurs.rangees import actions

_partition = table_of(IndicateurPartition)
TOUT = Filtre(annees=(2026,))


@pytest.fixture
def rempli(embedded: Services, tmp_path: Path) -> Services:
    """Four lines in two GHT, and their snapshot."""
    actions(
        embedded.database,
        {"gain_retenu_cents": 100, "report": True},
        {"gain_retenu_cents": 20, "famille": None},
        {"gain_retenu_cents": -3, "ght": "FIC-02", "famille": "SYN-02"},
        {"gain_retenu_cents": 0, "exclue": True, "gain_annee_cents": None, "region": "ARA"},
    )
    with embedded.database.write() as unit:
        rows = [{"fait": "action", "annee": 2026, "ght": ght, "revision": 1} for ght in ("FIC-01", "FIC-02")]
        unit.connection.execute(insert(_partition), rows)
    actualiser(embedded.database, tmp_path)
    return embedded


def nom(services: Services, folder: Path | None, threshold: int, filtre: Filtre = TOUT) -> str:
    with services.database.read() as connection:
        return choisir_moteur(connection, folder, "action", filtre, threshold).nom


def test_columns_serve_many_lines_of_a_current_snapshot(rempli: Services, tmp_path: Path) -> None:
    assert nom(rempli, tmp_path, 3) == "colonnes"
    assert nom(rempli, tmp_path, 4) == "sql"
    assert nom(rempli, None, 0) == "sql"
    assert nom(rempli, tmp_path / "absent", 0) == "sql"


def test_only_the_partitions_asked_for_must_be_current(rempli: Services, tmp_path: Path) -> None:
    with rempli.database.write() as unit:
        unit.connection.execute(update(_partition).where(_partition.c.ght == "FIC-02").values(revision=2))
    assert nom(rempli, tmp_path, 0) == "sql"
    assert nom(rempli, tmp_path, 0, Filtre(annees=(2026,), ght="FIC-01")) == "colonnes"
    assert nom(rempli, tmp_path, 0, Filtre(annees=(2026,), perimetre=frozenset({"FIC-01"}))) == "colonnes"
    assert nom(rempli, tmp_path, 0, Filtre(annees=(2026,), perimetre=frozenset({"FIC-01"}), ght="FIC-02")) == "sql"


@pytest.mark.parametrize("code", ["gains", "taux-performance", "taux-qualite", "taux-qualite-valeur"])
def test_both_engines_give_the_same_answer(rempli: Services, clock: ManualClock, tmp_path: Path, code: str) -> None:
    columns = IndicateursService(rempli.database, clock, tmp_path, seuil_colonnes=0)
    for asked in (
        Demande(annees=(2026,)),
        Demande(annees=(2026,), niveau="region", par="famille"),
        Demande(annees=(2025, 2026), niveau="etablissement", par="report", ght="FIC-01"),
    ):
        with rempli.database.read() as connection:
            by_sql = rempli.indicateurs.lire(connection, LOCAL, code, asked)
            by_columns = columns.lire(connection, LOCAL, code, asked)
        assert (by_sql.moteur, by_columns.moteur) == ("sql", "colonnes")
        assert by_columns.model_copy(update={"moteur": "sql"}) == by_sql


def test_a_damaged_snapshot_is_passed_over(
    rempli: Services, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("semaphore_hub.modules.indicateurs.moteurs.est_a_jour", lambda *_: True)
    for file in tmp_path.rglob("*.parquet"):
        file.write_bytes(b"not a parquet file")
    columns = IndicateursService(rempli.database, clock, tmp_path, seuil_colonnes=0)
    with rempli.database.read() as connection:
        found = columns.lire(connection, LOCAL, "gains", Demande(annees=(2026,)))
    assert (found.moteur, found.total.valeur) == ("sql", "1.17")
