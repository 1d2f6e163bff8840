"""Writes checked lines, one chunk of the file in one transaction: new ones in bulk, known ones when they differ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, bindparam, update

from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.errors import WrongState
from semaphore_hub.modules.marches.produits.conversion import CONTENT, SEPARATOR, rows_of
from semaphore_hub.modules.marches.produits.matching import Matched, Matching
from semaphore_hub.modules.marches.produits.models import EtatImport, EtatProduit, Produit, ProduitImport, ProduitLot
from semaphore_hub.modules.marches.produits.reader import LIGNE, Block

_produit = table_of(Produit)
_import = table_of(ProduitImport)
_lot = table_of(ProduitLot)
_COLUMNS = (*CONTENT, "etat", "import_id")
_SLICE = 1_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines of one block that no rule refuses, ready to be written.

    Attributes:
        heads: what :class:`Matching` looks at, line for line with ``rows``.
        rows: made by :func:`~.conversion.rows_of`.
    """

    block: Block
    heads: pl.DataFrame
    rows: pl.DataFrame


def chunk_of(block: Block, refused: pl.Series, ght: str | None) -> Chunk:
    """The lines of a block, but those refused (line numbers, sorted)."""
    frame = block.lines().frame
    here = refused.filter((refused >= block.first_line) & (refused < block.line))
    if len(here):
        frame = frame.filter(~frame[LIGNE].is_in(here.implode()))
    rows = rows_of(frame, ght)
    return Chunk(block, rows.drop("donnees").with_columns(frame[LIGNE], frame["code_mouvement"]), rows)


class Loader:
    """Loads the chunks of one import, in order.

    Args:
        database: where.
        matching: compares lines with what is loaded; its import is the one that progresses.
    """

    def __init__(self, database: Database, matching: Matching) -> None:
        self._database = database
        self._matching = matching
        self._id = matching.import_id

    def load(self, unit: UnitOfWork, chunk: Chunk, offset: int) -> None:
        """Write one chunk and move the import past it, in the caller's transaction.

        Raises:
            WrongState: another process moved this import meanwhile: ``offset`` is no longer where it stands.
        """
        block = chunk.block
        matched = self._matching.examine(unit.connection, chunk.heads)
        counts = self._write(unit.connection, chunk.rows, matched)
        self._write_lots(unit.connection, chunk.rows, matched)
        moved = unit.connection.execute(
            update(_import)
            .where(_import.c.id == self._id, _import.c.octet == offset, _import.c.etat == EtatImport.EN_COURS.value)
            .values(
                octet=block.offset,
                ligne=block.line,
                morceaux=_import.c.morceaux + 1,
                **{name: _import.c[name] + count for name, count in counts.items()},
            )
        )
        if moved.rowcount != 1:
            raise WrongState("Un autre processus charge ce même fichier : laissez-le finir, puis relisez l'import.")

    def _write(self, connection: Connection, rows: pl.DataFrame, matched: Matched) -> dict[str, int]:
        """Insert and update; how many lines were created, changed, left as they are, closed and left waiting."""
        new = rows.with_columns(matched.etat, pl.lit(self._id).alias("import_id")).select(_COLUMNS)
        changed = new.clear()
        unchanged = 0
        if matched.known.height:
            beside = new.join(matched.known, on=["cle", "date_debut"], how="left", maintain_order="left")
            known = beside["etat_charge"].is_not_null()
            same = (beside["empreinte"] == beside["empreinte_chargee"]) & (beside["etat"] == beside["etat_charge"])
            unchanged = int(same.sum())
            changed = new.filter(known & ~same)
            new = new.filter(~known)
        self._insert(connection, new)
        for part in changed.iter_slices(_SLICE):
            connection.execute(_UPDATE, [_named(row) for row in part.iter_rows()])
        waiting = int((matched.etat == EtatProduit.EN_ATTENTE.value).sum())
        closed = int((changed["etat"] == EtatProduit.CLOS.value).sum())
        return {
            "creees": new.height,
            "modifiees": changed.height - closed,
            "inchangees": unchanged,
            "closes": closed,
            "en_attente": waiting,
        }

    def _insert(self, connection: Connection, rows: pl.DataFrame) -> None:
        raw = connection.connection.driver_connection
        assert raw is not None
        names = ", ".join(_COLUMNS)
        if self._database.is_sqlite:
            if not rows.height:
                return
            # What all lines share (GHT, import, state, often operator and days) is written in the statement once:
            # each value handed over line by line costs a hundredth of the speed.
            shared = {name: rows[name][0] for name in _COLUMNS if _is_shared(rows[name])}
            quoted = {name: raw.execute("SELECT quote(?)", (value,)).fetchone()[0] for name, value in shared.items()}
            marks = ", ".join(quoted.get(name, "?") for name in _COLUMNS)
            statement = f"INSERT INTO produit ({names}) VALUES ({marks})"  # noqa: S608 - our columns, values by quote()
            own = rows.drop(shared)
            for part in own.iter_slices(_SLICE):
                raw.executemany(statement, part.rows())
            return
        with raw.cursor() as cursor, cursor.copy(f"COPY produit ({names}) FROM STDIN (FORMAT csv)") as copy:
            for part in rows.iter_slices(_SLICE):
                copy.write(part.write_csv(include_header=False).encode())

    def _write_lots(self, connection: Connection, rows: pl.DataFrame, matched: Matched) -> None:
        """Keep the lots and suppliers of these lines, and which wait for their marché."""
        lots = (
            rows.select("ght", "operateur", "numero_marche", "numero_lot", "fournisseur_siret", matched.etat)
            .filter(pl.col("etat") != EtatProduit.CLOS.value)
            .unique()
            # In one order, so that two imports at once never wait for each other.
            .sort("operateur", "numero_marche", "numero_lot", "fournisseur_siret")
        )
        if not lots.height:
            return
        values = [
            {
                "ght": ght,
                "operateur": operateur,
                "numero_marche": marche,
                "debut": SEPARATOR.join((marche, lot, "")),
                "fin": SEPARATOR.join(("", operateur, ght or "")),
                "fournisseur_siret": siret,
                "en_attente": etat == EtatProduit.EN_ATTENTE.value,
            }
            for ght, operateur, marche, lot, siret, etat in lots.iter_rows()
        ]
        known = self._database.insert(_lot)
        connection.execute(
            known.on_conflict_do_update(
                index_elements=["debut", "fin", "fournisseur_siret"], set_={"en_attente": known.excluded.en_attente}
            ),
            values,
        )


def _is_shared(values: pl.Series) -> bool:
    if values.null_count():
        return values.null_count() == len(values)
    return bool((values == values[0]).all())


@contextmanager
def sparing(database: Database, connection: Connection) -> Iterator[None]:
    """Spare this process memory while a connection works on the catalogue: SQLite maps no page of the file.

    Mapped pages count as its own, a quarter of a GiB at most.
    """
    raw = connection.connection.driver_connection
    if not database.is_sqlite or raw is None:
        yield
        return
    (mapped,) = raw.execute("PRAGMA mmap_size").fetchone()
    raw.execute("PRAGMA mmap_size=0")
    try:
        yield
    finally:
        raw.execute(f"PRAGMA mmap_size={mapped}")


_UPDATE = (
    update(_produit)
    .where(_produit.c.cle == bindparam("k_cle"), _produit.c.date_debut == bindparam("k_debut"))
    .values({name: bindparam(name) for name in _COLUMNS if name not in {"cle", "date_debut"}})
)


def _named(row: tuple[Any, ...]) -> dict[str, Any]:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["k_cle"], values["k_debut"] = values.pop("cle"), _day(values.pop("date_debut"))
    values["date_fin"] = _day(values["date_fin"])
    return values


def _day(text: str) -> date:
    return date.fromisoformat(text)
