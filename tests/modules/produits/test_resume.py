"""An import that dies in the middle is finished by the next one: nothing doubled, nothing lost, said once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from semaphore_hub.delivery.event_log import SqlEventLog
from semaphore_hub.delivery.tables import event as event_table
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, table_of
from semaphore_hub.modules.marches.produits.models import EtatImport, ProduitImport
from semaphore_hub.modules.marches.produits.schemas import DemandeImport
from semaphore_hub.modules.marches.produits.service import ProduitsService
from tests.contracts.produits_samples import DRUG, LINE, text_of
from tests.modules.produits.conftest import CHUNK, Catalogue, known_marche, lines

_CHILD = """
import os, signal, sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from semaphore_hub.delivery.event_log import SqlEventLog
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, UnitOfWork
from semaphore_hub.modules.marches.produits import loading
from semaphore_hub.modules.marches.produits.schemas import DemandeImport
from semaphore_hub.modules.marches.produits.service import ProduitsService

url, path, chunks, partiel = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "partiel"
load, done = loading.Loader.load, 0

def die_inside(self, unit, chunk, offset):
    global done
    load(self, unit, chunk, offset)
    done += 1
    if done > chunks:
        os.kill(os.getpid(), signal.SIGKILL)

loading.Loader.load = die_inside
database = Database(url)
service = ProduitsService(database, ManualClock(datetime(2026, 3, 2, tzinfo=UTC)), SqlEventLog(database))
service.importer(LOCAL, DemandeImport(path, partiel=partiel, block_bytes=3000))
"""


def killed(url: str, path: Path, chunks: int, *, partiel: bool = False) -> None:
    """Import in a process that is killed in the transaction after so many chunks."""
    command = [sys.executable, "-c", _CHILD, url, str(path), str(chunks), "partiel" if partiel else "entier"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def test_a_killed_import_resumes_at_the_chunk_where_it_stopped(
    database_url: str, database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    good = [*lines(LINE, 100), *lines(DRUG, 3, numero_lot="9")]
    bad = [{**LINE, "reference_fournisseur": "FAUX", "gtin": "1"}, good[0]]
    path = tmp_path / "produits.csv"
    path.write_text(text_of(*good[:50], *bad, *good[50:]), "utf-8")
    killed(database_url, path, 3, partiel=True)
    table = table_of(ProduitImport)
    with database.read() as connection:
        stopped = connection.execute(select(table)).one()
    catalogue = Catalogue(database, clock, tmp_path)
    loaded = len(catalogue.rows("id"))
    assert (stopped.etat, stopped.morceaux, stopped.creees) == (EtatImport.EN_COURS, 3, loaded)
    assert 0 < loaded < len(good)

    service = ProduitsService(database, clock, SqlEventLog(database))
    vue = service.importer(LOCAL, DemandeImport(path, partiel=True, block_bytes=3000))

    assert (vue.id, vue.etat, vue.creees, vue.refusees) == (stopped.id, EtatImport.TERMINE, len(good), len(bad))
    assert vue.lignes == len(good) + len(bad)
    references = catalogue.rows("numero_lot", "reference_fournisseur")
    assert references == [(one["numero_lot"], one["reference_fournisseur"]) for one in good]
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(event_table)).scalar_one() == 1


def test_a_whole_import_killed_before_its_first_chunk_is_done_by_the_next_one(
    sqlite_url: str, clock: ManualClock, tmp_path: Path
) -> None:
    path = tmp_path / "produits.csv"
    path.write_text(text_of(*lines(LINE, 40)), "utf-8")
    killed(sqlite_url, path, 0)
    database = Database(sqlite_url)
    catalogue = Catalogue(database, clock, tmp_path)
    assert catalogue.rows("id") == []
    assert catalogue.run(path).creees == len(catalogue.rows("id")) == 40
    database.close()


def test_what_is_wrong_since_the_interruption_is_counted_when_resumed(embedded: Catalogue) -> None:
    good = [*lines(LINE, 60), *lines(DRUG, 20, numero_marche="FINI")]
    path = embedded.file(*good)

    def stop(phase: str, _done: int, _total: int) -> None:
        if phase == "chargement":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embedded.run(path, progress=stop, block_bytes=CHUNK)
    known_marche(embedded, "FINI", "resilie")
    vue = embedded.run(path, block_bytes=CHUNK)
    assert (vue.etat, vue.creees, vue.refusees) == (EtatImport.TERMINE, 60, 20)
    assert vue.parRegle["PRO-LOT-ECHU"] == 20
