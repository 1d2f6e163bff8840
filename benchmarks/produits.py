"""``produits``: a catalogue of 1,000,000 lines, checked then loaded, by its rate and its peak memory.

Baselines on the same file: polars that only reads it as texts; csv and pydantic that check it row by row (on a sample,
its rate). Each figure comes from a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import BaseModel, Field
from stdnum import ean

from benchmarks import databases
from benchmarks.measure import Result, Sample, compared
from contracts.rules.keys import siret_is_valid
from contracts.rules.produits_table import columns
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, UnitOfWork
from semaphore_hub.modules.marches.produits.control import FirstPass
from semaphore_hub.modules.marches.produits.reader import BLOCK_BYTES
from semaphore_hub.modules.marches.produits.report import Rapport
from semaphore_hub.modules.marches.produits.schemas import DemandeImport
from semaphore_hub.modules.marches.produits.service import ProduitsService
from semaphore_hub.ports.events import Event

LINES = int(os.environ.get("SEMAPHORE_BENCH_PRODUITS", "1000000"))
SAMPLE, PAIRS = 20_000, 3
_WRITTEN_AT_ONCE = 100_000
MIB_MAX, CHECKED_MIN, LOADED_MIN = 700, 400_000, 100_000


def run(kinds: Sequence[str]) -> list[Result]:
    """Check beside its baselines in turns, then one load per kind of database."""
    with tempfile.TemporaryDirectory(prefix="semaphore-bench-") as folder:
        path = Path(folder) / "produits.csv"
        write(path, LINES)
        results = _checked(path)
        for kind in kinds:
            with databases.fresh(kind) as url:
                figures = _apart("load", path, url)
            results.append(_absolute("produits: whole import", kind, figures["rate"]))
            target = LOADED_MIN if kind == databases.SQLITE else None
            results.append(_absolute("produits: loading alone", kind, figures["loading"], target))
            results.append(_memory("produits: peak of an import", kind, figures["mib"]))
    return results


def _checked(path: Path) -> list[Result]:
    pairs: dict[str, list[tuple[Sample, Sample]]] = {"polars": [], "pydantic": []}
    rates, peak = [], 0.0
    for _ in range(PAIRS):
        ours = _apart("check", path)
        rates.append(ours["rate"])
        peak = max(peak, ours["mib"])
        for name, measured in pairs.items():
            other = _apart(name, path)
            measured.append((_sample(ours), _sample(other)))
    return [
        _absolute("produits: checked", "-", sorted(rates)[len(rates) // 2], CHECKED_MIN),
        compared("produits: checked / polars read", "-", "lines/s", pairs["polars"]),
        compared("produits: checked / csv+pydantic", "-", "lines/s", pairs["pydantic"]),
        _memory("produits: peak of a check", "-", peak),
    ]


def _sample(figures: dict[str, float]) -> Sample:
    return Sample(figures["rate"], figures["cpu_rate"])


def _absolute(name: str, database: str, rate: float, at_least: int | None = None) -> Result:
    target = None if at_least is None else f"≥ {at_least}"
    return Result(name, database, "lines/s", rate, target=target, met=None if at_least is None else rate >= at_least)


def _memory(name: str, database: str, mib: float) -> Result:
    return Result(name, database, "MiB", mib, target=f"< {MIB_MAX}", met=mib < MIB_MAX)


def _apart(what: str, *arguments: object) -> dict[str, float]:
    """What one measure says, from a process of its own."""
    command = [sys.executable, "-m", "benchmarks.produits", what, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(ended.stdout)
    return figures


# --- in the process apart ---------------------------------------------------------------------------------------------


def check(path: Path) -> tuple[int, dict[str, float]]:
    """Every rule of the file, without a database."""
    with Rapport() as rapport:
        found = FirstPass(path, BLOCK_BYTES, rapport, lambda *_: None).run()
    assert not rapport.errors
    return found.lines, {}


def read_by_polars(path: Path) -> tuple[int, dict[str, float]]:
    """The baseline that checks nothing."""
    return pl.read_csv(path, separator=";", infer_schema=False).height, {}


class Line(BaseModel):
    """What somebody would write first: one model per row (only the main rules)."""

    fournisseur_siret: str
    gtin: str
    libelle_produit: Annotated[str, Field(min_length=1, max_length=300)]
    prix_unitaire_ht: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=6)]
    taux_tva: Decimal
    date_debut: date
    date_fin: date


def check_by_rows(path: Path) -> tuple[int, dict[str, float]]:
    """The baseline row by row, on a sample."""
    rates = {Decimal(rate) for rate in ("0", "2.1", "5.5", "10", "20")}
    count = 0
    with path.open(encoding="utf-8", newline="") as file:
        for cells in islice(csv.DictReader(file, delimiter=";"), SAMPLE):
            for name in ("prix_unitaire_ht", "taux_tva"):
                cells[name] = cells[name].replace(",", ".")
            line = Line.model_validate(cells)
            assert line.date_fin >= line.date_debut
            assert line.taux_tva in rates
            assert siret_is_valid(line.fournisseur_siret)
            assert not line.gtin or ean.is_valid(line.gtin)
            count += 1
    return count, {}


class _NoEvents:
    """Events are not what is measured."""

    def append(self, unit: UnitOfWork, event: Event) -> None:
        """Forget it."""


def load(path: Path, url: str) -> tuple[int, dict[str, float]]:
    """A whole import: digest, check, chunks."""
    database = Database(url)
    service = ProduitsService(database, ManualClock(datetime(2026, 3, 2, tzinfo=UTC)), _NoEvents())
    checked = started = time.perf_counter()

    def progress(phase: str, _done: int, _total: int) -> None:
        nonlocal checked
        if phase == "controle":
            checked = time.perf_counter()

    vue = service.importer(LOCAL, DemandeImport(path, progress=progress))
    assert vue.creees == vue.lignes > 0
    assert checked > started
    database.close()
    return vue.lignes, {"loading": vue.lignes / (time.perf_counter() - checked)}


def write(path: Path, lines: int) -> None:
    """A catalogue of that many lines, always the same: a third of drugs, the rest of devices, 400 products a lot."""
    names = tuple(columns().cells)
    with path.open("w", encoding="utf-8") as file:
        file.write(";".join(names) + "\n")
        for start in range(0, lines, _WRITTEN_AT_ONCE):
            cells = _cells(pl.int_range(start, min(start + _WRITTEN_AT_ONCE, lines), eager=True))
            part = pl.select(cells.get(name, pl.lit("")).alias(name) for name in names)
            file.write(part.write_csv(separator=";", include_header=False, quote_style="never"))


def _cells(ranks: pl.Series) -> dict[str, pl.Expr]:
    rank = pl.lit(ranks)
    lot, price, drug = rank // 400, (rank * 37) % 900_000 + 10_000, rank % 3 == 0
    full = price * 12

    def for_drugs(drugs: str | pl.Expr, devices: str | pl.Expr) -> pl.Expr:
        one, other = (pl.lit(value) if isinstance(value, str) else value for value in (drugs, devices))
        return pl.when(drug).then(one).otherwise(other)

    return {
        "operateur": pl.lit("CENTRALE FICTIVE"),
        "numero_marche": pl.concat_str(pl.lit("2026M"), _padded(lot // 10, 5)),
        "numero_lot": _padded(lot % 10 + 1, 1),
        "libelle_lot": pl.concat_str(pl.lit("Lot "), lot % 10 + 1, pl.lit(" des consommables")),
        "fournisseur_siret": pl.lit("99988801900018"),
        "fournisseur_nom": pl.lit("MEDICAL FICTIF SAS"),
        "reference_fournisseur": pl.concat_str(pl.lit("REF-"), _padded(rank, 8)),
        "libelle_produit": pl.concat_str(pl.lit("Produit fictif stérile n° "), rank),
        "famille": pl.lit("Consommables"),
        "type_produit": for_drugs("MED", "DM"),
        "code_cip13": for_drugs(_with_key(rank + 340_090_000_000), ""),
        "gtin": for_drugs("", _with_key(rank + 376_000_000_000)),
        "code_atc": for_drugs("N02BE01", ""),
        "classe_dm": for_drugs("", "IIa"),
        "unite_prix": pl.lit("UNITE"),
        "prix_unitaire_ht": pl.concat_str(price // 10_000, pl.lit(","), _padded(price % 10_000, 4)),
        "taux_tva": for_drugs("2,1", "20"),
        "prix_unitaire_ttc": for_drugs("", pl.concat_str(full // 100_000, pl.lit(","), _padded(full % 100_000, 5))),
        "conditionnement_libelle": pl.lit("Boîte de 100"),
        "quantite_par_conditionnement": pl.lit("100"),
        "date_debut": pl.lit("2026-01-01"),
        "date_fin": pl.lit("2027-12-31"),
        "date_maj": pl.lit("2026-01-15"),
        "code_mouvement": pl.lit("C"),
        "marque": pl.lit("FICTA"),
        "statut": pl.lit("actif"),
    }


def _padded(number: pl.Expr, width: int) -> pl.Expr:
    return number.cast(pl.String).str.zfill(width)


def _with_key(digits: pl.Expr) -> pl.Expr:
    """Twelve digits and their EAN key."""
    total = pl.sum_horizontal(digits // 10**place % 10 * (1 if place % 2 else 3) for place in range(12))
    return pl.concat_str(digits, -total % 10)


_APART: dict[str, Callable[..., tuple[int, dict[str, float]]]] = {
    "check": check,
    "polars": read_by_polars,
    "pydantic": check_by_rows,
    "load": load,
}

if __name__ == "__main__":
    wall, cpu = time.perf_counter(), time.process_time()
    units, more = _APART[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rate": units / wall, "cpu_rate": units / cpu, "mib": mib, **more}))
