"""Facts written as the module that owns them does: lines, and the revision of their partition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, update

from semaphore_hub.kernel.db import Database, table_of
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.indicateurs.colonnes.colonnes import TABLES
from semaphore_hub.modules.indicateurs.models import IndicateurPartition
from semaphore_hub.modules.indicateurs.moteur import Fait

_partitions = table_of(IndicateurPartition)

Ligne = dict[str, Any]
DEPENSE: Ligne = {
    "source": "import",
    "annee": 2025,
    "date": date(2025, 3, 1),
    "region": "ARA",
    "ght": "FIC-01",
    "etablissement_siret": "26750045200011",
    "role": "support",
    "famille": "MED",
    "compte": "60211",
    "operateur": "ght",
    "mutualise": False,
    "numero_marche": None,
    "marche_uid": None,
    "hors_marche": None,
    "reference": "M-1",
    "montant_ht_cents": 10_000,
    "montant_ttc_cents": 12_000,
}
ACTION: Ligne = {
    "source": "hub",
    "sujet": "paat/1",
    "annee": 2025,
    "region": "ARA",
    "ght": "FIC-01",
    "etablissement_siret": "26750045200011",
    "role": "support",
    "libelle": "Action fictive",
    "famille": "MED",
    "domaine": None,
    "levier": "prix",
    "operateur": "uniha",
    "effet_budgetaire": None,
    "report": False,
    "reference_cents": 100_000,
    "perimetre_cents": None,
    "gain_cents": -5_000,
    "gain_annee_cents": None,
    "gain_retenu_cents": -5_000,
    "controle": None,
    "exclue": False,
}
_MODELES: dict[Fait, Ligne] = {"action": ACTION, "depense": DEPENSE}


class Faits:
    """Writes facts into a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def ajouter(self, fait: Fait, *lignes: Ligne) -> None:
        """Lines that differ from the sample as told; their partitions change."""
        rows = [{"uid": new_id(), **_MODELES[fait], **ligne} for ligne in lignes]
        with self.database.write() as unit:
            if rows:
                unit.connection.execute(TABLES[fait].insert(), rows)
        self.changer(fait, *{(row["annee"], row["ght"] or "") for row in rows})

    def changer(self, fait: Fait, *cles: tuple[int, str]) -> None:
        """Another revision of these partitions."""
        insert = self.database.insert(_partitions)
        upsert = insert.on_conflict_do_update(
            index_elements=["fait", "annee", "ght"], set_={"revision": _partitions.c.revision + 1}
        )
        with self.database.write() as unit:
            for annee, ght in cles:
                unit.connection.execute(upsert, {"fait": fait, "annee": annee, "ght": ght, "revision": 1})

    def corriger(self, fait: Fait, annee: int, ght: str, **valeurs: object) -> None:
        """The lines of a partition take other values."""
        table = TABLES[fait]
        with self.database.write() as unit:
            statement = update(table).where(table.c.annee == annee, table.c.ght == ght)
            unit.connection.execute(statement.values(**valeurs))
        self.changer(fait, (annee, ght))

    def oublier(self, fait: Fait, annee: int, ght: str) -> None:
        """The partition vanishes, with its lines."""
        table = TABLES[fait]
        with self.database.write() as unit:
            unit.connection.execute(delete(table).where(table.c.annee == annee, table.c.ght == ght))
            gone = (_partitions.c.fait == fait, _partitions.c.annee == annee, _partitions.c.ght == ght)
            unit.connection.execute(delete(_partitions).where(*gone))

    def remplacer(self, fait: Fait, lignes: Sequence[Ligne]) -> None:
        """Every fact of that kind, and nothing of what was there."""
        with self.database.write() as unit:
            unit.connection.execute(delete(TABLES[fait]))
        with self.database.write() as unit:
            unit.connection.execute(delete(_partitions).where(_partitions.c.fait == fait))
        self.ajouter(fait, *lignes)


@pytest.fixture
def faits(database: Database) -> Faits:
    """Facts, on both databases."""
    return Faits(database)


@pytest.fixture
def faits_embarques(sqlite_url: str) -> Iterator[Faits]:
    """Facts, on SQLite."""
    database = Database(sqlite_url)
    yield Faits(database)
    database.close()
