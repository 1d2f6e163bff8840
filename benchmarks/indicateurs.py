"""``indicateurs``: 5,000,000 lines of spending, from their file to the indicator by region and family.

The indicator goes through the product (``IndicateursService``, from the database's revisions to the JSON answer); its
baseline is bare polars, the same sums grouped on the Parquet of the lines. The product reads the summaries of that
snapshot; the engine made to read every line, as other questions need, stands beside the same baseline. Loading,
snapshot and answer run in processes of their own, so that each peak of memory is its own.

``SEMAPHORE_BENCH_INDICATEURS`` gives another number of lines; the target of the ratio holds for all of them only.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import update

from benchmarks import databases, indicateurs_lignes
from benchmarks.indicateurs_lignes import ANNEES
from benchmarks.measure import Result, Sample, Spread, in_turns
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database
from semaphore_hub.modules.indicateurs.colonnes import manifeste
from semaphore_hub.modules.indicateurs.colonnes.instantane import actualiser
from semaphore_hub.modules.indicateurs.colonnes.moteur import MoteurColonnes
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.indicateurs.faits.ecriture import DEPENSE, avancer
from semaphore_hub.modules.indicateurs.faits.imports.service import importer_fichier
from semaphore_hub.modules.indicateurs.formules.depenses import MUTUALISATION
from semaphore_hub.modules.indicateurs.moteurs import SEUIL_COLONNES
from semaphore_hub.modules.indicateurs.service import IndicateursService

ALL_LINES = 5_000_000
LINES = int(os.environ.get("SEMAPHORE_BENCH_INDICATEURS", ALL_LINES))
CODE = "mutualisation"
MIB_MAX, RATIO_MAX = 1024, 2.0
_SECONDS, _SQL_ANSWERS = 8.0, 3
_CLOCK = ManualClock(datetime(2026, 3, 2, tzinfo=UTC))
Times = tuple[float, float]
"""Seconds of the clock, and of processor."""
_QUESTION = Demande(annees=ANNEES, niveau="region", par="famille")


def run(kinds: Sequence[str]) -> list[Result]:
    """One file, loaded in each kind of database; a snapshot of each; then the indicator by every way."""
    with tempfile.TemporaryDirectory(prefix="semaphore-bench-") as folder:
        path = Path(folder) / "depenses.csv"
        indicateurs_lignes.write(path, LINES)
        return [result for kind in kinds for result in _measured(kind, path, Path(folder) / kind)]


def _measured(kind: str, path: Path, columns: Path) -> list[Result]:
    with databases.fresh(kind) as url:
        loaded = _apart("load", url, path)
        built = _apart("snapshot", url, columns)
        changed = _apart("change", url, columns)
        answer = _apart("answer", url, columns)
        by_sql = _apart("sql", url, columns)
    sql_ratio = Spread.of([one / _median(answer["ours"]) for one, _ in by_sql["times"]])
    return [
        Result("indicateurs: ingestion", kind, "lines/s", LINES / loaded["seconds"]),
        _memory("indicateurs: peak of the ingestion", kind, loaded["mib"]),
        Result("indicateurs: snapshot from nothing", kind, "s", built["seconds"]),
        Result("indicateurs: size of the snapshot", kind, "MiB", built["size"]),
        Result("indicateurs: peak of the snapshot", kind, "MiB", built["mib"]),
        Result("indicateurs: one year of one GHT changed", kind, "s", changed["seconds"]),
        _against("indicateurs: region × family / bare polars", kind, answer["ours"], answer["bare"]),
        _against("indicateurs: engine on every line / bare polars", kind, answer["lines"], answer["bare_again"]),
        Result("indicateurs: peak of the answer", kind, "MiB", answer["mib"]),
        Result(
            "indicateurs: the same by SQL / by columns",
            kind,
            "s",
            _median(by_sql["times"]),
            _median(answer["ours"]),
            sql_ratio,
        ),
    ]


def _against(name: str, database: str, ours: Sequence[Times], bare: Sequence[Times]) -> Result:
    ratio, cpu_ratio = (
        Spread.of([one[by] / other[by] for one, other in zip(ours, bare, strict=True)]) for by in (0, 1)
    )
    judged = LINES >= ALL_LINES
    target, met = (f"ratio ≤ {RATIO_MAX:g}", ratio.median <= RATIO_MAX) if judged else (None, None)
    return Result(name, database, "s", _median(ours), _median(bare), ratio, cpu_ratio, target, met)


def _median(times: Sequence[Times]) -> float:
    return statistics.median(wall for wall, _ in times)


def _memory(name: str, database: str, mib: float) -> Result:
    return Result(name, database, "MiB", mib, target=f"< {MIB_MAX}", met=mib < MIB_MAX)


def _apart(what: str, *arguments: object) -> dict[str, Any]:
    """What one measure says, from a process of its own."""
    command = [sys.executable, "-m", "benchmarks.indicateurs", what, *map(str, arguments)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return figures


# --- in the process apart ---------------------------------------------------------------------------------------------


def load(database: Database, path: str) -> dict[str, Any]:
    """The file into the tables: digest, check, load."""
    done = importer_fichier(database, LOCAL, _CLOCK, Path(path), "depenses")
    assert done.lignes == done.lues > 0, done.constats[:3]
    return {}


def snapshot(database: Database, columns: str) -> dict[str, Any]:
    """Every partition, from an empty folder."""
    said = actualiser(database, Path(columns))
    assert said.gardees == 0 < said.lignes
    return {"size": said.octets / 2**20}


def change(database: Database, columns: str) -> dict[str, Any]:
    """The refresh after one GHT changed one year (the change itself is not counted)."""
    code, year = indicateurs_lignes.ght(7), ANNEES[1]
    with database.write() as unit:
        statement = update(DEPENSE).where(DEPENSE.c.annee == year, DEPENSE.c.ght == code)
        unit.connection.execute(statement.values(montant_ht_cents=DEPENSE.c.montant_ht_cents + 1))
        avancer(database, unit.connection, {("depense", year, code)})
    started = time.perf_counter()
    assert actualiser(database, Path(columns)).ecrites == 1
    return {"seconds": time.perf_counter() - started}


def answer(database: Database, columns: str) -> dict[str, Any]:
    """The product and bare polars in turns, on figures first shown to be the same."""
    folder = Path(columns)
    service = _service(database, folder)
    said = json.loads(_asked(database, service))
    mib = _peak()
    assert said["moteur"] == "colonnes"
    assert len(said["lignes"]) == _bare(folder).height
    assert said["total"]["denominateur"] == format(Decimal(_bare(folder)["montant_ht_cents"].sum()) / 100, ".2f")
    every_line = MoteurColonnes(folder, resumes=False)
    filtre = _QUESTION.filtre(LOCAL, 1)

    def bare() -> Sample:
        return _timed(lambda: _bare(folder))

    whole = in_turns(lambda: _timed(lambda: _asked(database, service)), bare, _SECONDS)
    lines = in_turns(
        lambda: _timed(lambda: every_line.agreger("depense", MUTUALISATION, ("annee", "region", "famille"), filtre)),
        bare,
        _SECONDS,
    )
    ours, beside = zip(*whole, strict=True)
    engine, again = zip(*lines, strict=True)
    sides = {"ours": ours, "bare": beside, "lines": engine, "bare_again": again}
    times = {name: [(1 / one.rate, 1 / one.cpu_rate) for one in samples] for name, samples in sides.items()}
    return {**times, "mib": mib}


def sql(database: Database, columns: str) -> dict[str, Any]:
    """The same question to SQL: the same lines, to the cent."""
    by_sql, by_columns = (_service(database, folder) for folder in (None, Path(columns)))
    one, other = (json.loads(_asked(database, service)) for service in (by_sql, by_columns))
    assert (one.pop("moteur"), other.pop("moteur")) == ("sql", "colonnes")
    assert one == other
    samples = [_timed(lambda: _asked(database, by_sql)) for _ in range(_SQL_ANSWERS)]
    return {"times": [(1 / one.rate, 1 / one.cpu_rate) for one in samples]}


def _service(database: Database, folder: Path | None) -> IndicateursService:
    return IndicateursService(database, _CLOCK, folder, min(SEUIL_COLONNES, LINES // 2))


def _asked(database: Database, service: IndicateursService) -> str:
    with database.read() as connection:
        return service.lire(connection, LOCAL, CODE, _QUESTION).model_dump_json()


def _bare(folder: Path) -> pl.DataFrame:
    """What somebody would write on these files by hand: the same sums, nothing around them."""
    own = pl.col("operateur") == "ght"
    amount = pl.col("montant_ht_cents")
    return (
        pl.scan_parquet([folder / file.nom for one in manifeste.lire(folder).partitions for file in one.fichiers])
        .group_by("annee", "region", "famille")
        .agg(
            amount.sum(),
            amount.filter(~own).sum().alias("operateurs"),
            amount.filter(own, pl.col("mutualise")).sum().alias("partagee"),
            amount.filter(own, ~pl.col("mutualise")).sum().alias("seule"),
        )
        .collect()
    )


def _timed(run: Callable[[], object]) -> Sample:
    started, cpu = time.perf_counter(), time.process_time()
    run()
    return Sample(1 / (time.perf_counter() - started), 1 / max(time.process_time() - cpu, 1e-9))


def _peak() -> float:
    """MiB. Not ``ru_maxrss``, which a new process begins with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


_APART: dict[str, Callable[[Database, str], dict[str, Any]]] = {
    "load": load,
    "snapshot": snapshot,
    "change": change,
    "answer": answer,
    "sql": sql,
}

if __name__ == "__main__":
    opened = Database(sys.argv[2])
    began = time.perf_counter()
    figures = _APART[sys.argv[1]](opened, sys.argv[3])
    print(json.dumps({"seconds": time.perf_counter() - began, "mib": _peak(), **figures}))
    opened.close()
