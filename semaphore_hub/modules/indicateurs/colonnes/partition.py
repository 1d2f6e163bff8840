"""One partition out of the database: its revision and its lines in the same transaction, by pages, into Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import polars as pl
from sqlalchemy import Connection, select

from semaphore_hub.kernel.db import Database
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.indicateurs.colonnes.colonnes import (
    COLONNES,
    LIGNES,
    RESUMES,
    TABLES,
    dimensions_du_resume,
    montants,
)
from semaphore_hub.modules.indicateurs.colonnes.manifeste import Cle, Fichier, Partition, empreinte_de
from semaphore_hub.modules.indicateurs.colonnes.revisions import etats
from semaphore_hub.modules.indicateurs.moteur import Fait

PAGE, LIGNES_PAR_FICHIER = 5_000, 500_000
"""A page keeps the interpreter busy for some 15 ms: no request of the same process waits longer."""
TEMPORAIRE = ".tmp-"
"""How the name of a file being written begins."""


@contextmanager
def lecture(database: Database) -> Iterator[Connection]:
    """A transaction that sees one state of the database from its first statement to its last."""
    with database.read() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def extraire(database: Database, dossier: Path, cle: Cle) -> Partition | None:
    """Write the files of a partition as it stands; None when the database no longer has it.

    Raises:
        OverflowError: the amounts are so large that a sum could exceed 64 bits.
    """
    fait, annee, ght = cle
    name = f"{fait}-{annee}-{quote(ght, safe='') or 'aucun'}"
    files: list[Fichier] = []
    summaries: list[pl.DataFrame] = []
    sums, bound = dict.fromkeys(montants(fait), 0), 0
    with lecture(database) as connection:
        state = etats(connection, fait, {annee}, {ght}).get((annee, ght))
        if state is None:
            return None
        for frame in _parts(connection, cle):
            bound += _borne(frame, fait)
            for column, total in frame.select(pl.col(list(sums)).sum()).row(0, named=True).items():
                sums[column] += total
            files.append(_ecrire(frame, dossier, name))
            summaries.append(_resumer(frame.with_columns(pl.lit(1, pl.Int64).alias(LIGNES)), fait))
    return Partition(
        fait=fait,
        annee=annee,
        ght=ght,
        revision=state.revision,
        derniere=state.derniere,
        lignes=sum(one.lignes for one in files),
        sommes=sums,
        borne=bound,
        fichiers=tuple(files),
        resume=_ecrire(_resumer(pl.concat(summaries), fait), dossier, f"resume-{name}") if summaries else None,
    )


def _parts(connection: Connection, cle: Cle) -> Iterator[pl.DataFrame]:
    """The lines of a partition, at most so many at a time whatever their number."""
    fait, annee, ght = cle
    table, types = TABLES[fait], COLONNES[fait]
    statement = select(*(table.c[name] for name in types)).where(
        table.c.annee == annee, table.c.ght.is_(None) if ght == "" else table.c.ght == ght
    )
    pages: list[pl.DataFrame] = []
    for rows in connection.execution_options(yield_per=PAGE).execute(statement).partitions():
        pages.append(pl.DataFrame(rows, schema=dict(types), orient="row"))
        if sum(page.height for page in pages) >= LIGNES_PAR_FICHIER:
            yield pl.concat(pages)
            pages.clear()
    if pages:
        yield pl.concat(pages)


def _resumer(frame: pl.DataFrame, fait: Fait) -> pl.DataFrame:
    groups = frame.group_by(dimensions_du_resume(fait), maintain_order=True)
    return groups.agg(pl.col(LIGNES, *montants(fait)).sum()).select(*RESUMES[fait])


def _borne(frame: pl.DataFrame, fait: Fait) -> int:
    largest = frame.select(pl.max_horizontal(pl.col(name).abs().max().fill_null(0) for name in montants(fait))).item()
    bound = int(largest) * frame.height
    if bound >= 2**63:
        raise OverflowError(f"{frame.height} amounts of up to {largest} cents may not fit a sum of 64 bits")
    return bound


def _ecrire(frame: pl.DataFrame, dossier: Path, nom: str) -> Fichier:
    """Under a temporary name first, so that a file with its own name is whole; its sha256 tells of a power cut."""
    temporary = dossier / f"{TEMPORAIRE}{new_id()}.parquet"
    frame.write_parquet(temporary, compression="lz4")
    digest = empreinte_de(temporary)
    path = dossier / f"{nom}-{digest[:12]}.parquet"
    size = temporary.stat().st_size
    temporary.replace(path)
    return Fichier(nom=path.name, octets=size, sha256=digest, lignes=frame.height)
