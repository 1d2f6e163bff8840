"""A catalogue on a fresh database, and files for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from semaphore_hub.kernel.access import LOCAL, Caller
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, table_of
from semaphore_hub.modules.marches.produits.models import Produit
from semaphore_hub.modules.marches.produits.schemas import DemandeImport, ImportProduitsVue
from semaphore_hub.modules.marches.produits.service import ProduitsRefuses, ProduitsService
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


def lines(base: dict[str, str], count: int, **changes: str) -> list[dict[str, str]]:
    """Copies of a line with references R-0001, R-0002…"""
    return [{**base, "reference_fournisseur": f"R-{rank:04d}", **changes} for rank in range(1, count + 1)]
