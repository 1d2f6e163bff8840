"""A catalogue on a fresh database, and files for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Integer, select
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from semaphore_hub.kernel.access import LOCAL, Caller
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, table_of
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.produits.models import Produit
from semaphore_hub.modules.marches.produits.schemas import DemandeImport, ImportProduitsVue
from semaphore_hub.modules.marches.produits.service import ProduitsRefuses, ProduitsService
from semaphore_hub.modules.referentiel.models import Etablissement, Ght
from tests.contracts.produits_samples import text_of
from tests.modules.fakes import RecordedEvents

CHUNK = 4000
"""Size of a chunk of a few lines, in bytes."""


@dataclass
class Catalogue:
    """The service and shortcuts around it."""

    database: Database
    clock: ManualClock
    folder: Path
    events: RecordedEvents = field(default_factory=RecordedEvents)

    def __post_init__(self) -> None:
        self.service = ProduitsService(self.database, self.clock, self.events)

    def file(self, *lines: dict[str, str], name: str = "produits.csv") -> Path:
        """A file of these lines."""
        path = self.folder / name
        path.write_text(text_of(*lines), "utf-8")
        return path

    def load(self, *lines: dict[str, str], name: str = "produits.csv", **options: Any) -> ImportProduitsVue:
        """Import a file of these lines."""
        return self.run(self.file(*lines, name=name), **options)

    def run(self, path: Path, caller: Caller = LOCAL, **options: Any) -> ImportProduitsVue:
        """Import a file; ``block_bytes=CHUNK`` cuts it in several chunks."""
        return self.service.importer(caller, DemandeImport(path, **options))

    def refused(self, *lines: dict[str, str], **options: Any) -> ImportProduitsVue:
        """Import a file that is refused; the import as it is kept."""
        with pytest.raises(ProduitsRefuses) as refusal:
            self.load(*lines, **options)
        return refusal.value.vue

    def rows(self, *names: str) -> list[tuple[Any, ...]]:
        """Columns of the products, in the order they were loaded."""
        table = table_of(Produit)
        with self.database.read() as connection:
            found = connection.execute(select(*(table.c[name] for name in names)).order_by(table.c.id)).all()
        return [tuple(row) for row in found]


@pytest.fixture
def catalogue(database: Database, clock: ManualClock, tmp_path: Path) -> Catalogue:
    """An empty catalogue, on SQLite and on PostgreSQL; the day is 2 March 2026."""
    return Catalogue(database, clock, tmp_path)


@pytest.fixture
def embedded(sqlite_url: str, clock: ManualClock, tmp_path: Path) -> Iterator[Catalogue]:
    """The same on SQLite only, for what is decided before the database is met."""
    database = Database(sqlite_url)
    yield Catalogue(database, clock, tmp_path)
    database.close()


def lines(base: dict[str, str], count: int, **changes: str) -> list[dict[str, str]]:
    """Copies of a line with references R-0001, R-0002…"""
    return [{**base, "reference_fournisseur": f"R-{rank:04d}", **changes} for rank in range(1, count + 1)]


def _blank(kind: TypeEngine[Any]) -> Any:
    if isinstance(kind, JSON):
        return {}
    return True if isinstance(kind, Boolean) else 0 if isinstance(kind, Integer) else ""


def known_marche(catalogue: Catalogue, numero: str, statut: str, siret: str = "26999901700016") -> None:
    """A marché of the hub, with the little that products look at."""
    rows: list[tuple[type[SQLModel], dict[str, Any]]] = [
        (Ght, {"code": "FIC-01", "uid": "0" * 36}),
        (Etablissement, {"uid": "1" * 36, "siret": siret}),
        (Marche, {"uid": f"m-{numero}", "id": numero, "statut": statut, "ght": "FIC-01", "acheteur_siret": siret}),
    ]
    with catalogue.database.write() as unit:
        for model, values in rows:
            table = table_of(model)
            rest = {c.name: _blank(c.type) for c in table.c if not c.nullable and c.name not in values}
            insert = catalogue.database.insert(table).values({**rest, **values})
            unit.connection.execute(insert.on_conflict_do_nothing())
