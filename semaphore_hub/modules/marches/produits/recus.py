"""Catalogues that partners send: kept with the inbox's transaction, then imported and published apart.

An import runs transactions of its own, one per chunk, so it cannot run inside the one that stores the document. What a
crash interrupts is taken again: the import resumes where it stopped, and publishing the same lines again says nothing.
"""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, LargeBinary, RowMapping, Text, insert, or_, select, update
from sqlmodel import Field, SQLModel

from semaphore_hub.kernel.access import LOCAL, Caller
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.errors import HubError
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.marches.produits.schemas import DemandeImport
from semaphore_hub.modules.marches.produits.service import ProduitsService

REPRISE = timedelta(minutes=10)
"""After that, a catalogue being imported is taken to be abandoned by a process that stopped."""


class EtatCatalogue(StrEnum):
    """Where a received catalogue stands."""

    A_IMPORTER = "a_importer"  #: kept, nothing is done yet
    EN_COURS = "en_cours"  #: a process imports it
    IMPORTE = "importe"  #: imported; ``motif`` says which marchés could not be published, if any
    REFUSE = "refuse"  #: none of it was loaded, ``motif`` says why


class CatalogueRecu(SQLModel, table=True):
    """One file of products as a partner sent it."""

    __tablename__: ClassVar[Any] = "catalogue_recu"
    __table_args__ = (Index("ix_catalogue_recu_etat", "etat", "id"),)

    id: str = Field(primary_key=True, max_length=36)
    partenaire: str = Field(max_length=64)
    ght: str | None = Field(default=None, max_length=20)
    nom: str = Field(max_length=255)
    contenu: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    etat: str = Field(max_length=12)
    motif: str | None = Field(default=None, sa_column=Column(Text))
    import_id: str | None = Field(default=None, max_length=36)
    pris_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


_recu = table_of(CatalogueRecu)


@dataclass(frozen=True, slots=True)
class Traite:
    """What became of one catalogue; ``publies`` counts the marchés whose lines were said to those who order on them."""

    id: str
    etat: EtatCatalogue
    publies: int = 0


class CataloguesRecus:
    """Keeps received catalogues, and imports them.

    Args:
        database: where they are kept.
        clock: business clock.
        produits: what imports and publishes.
    """

    def __init__(self, database: Database, clock: Clock, produits: ProduitsService) -> None:
        self._database = database
        self._clock = clock
        self._produits = produits

    def deposer(self, unit: UnitOfWork, partenaire: str, ght: str | None, nom: str, contenu: bytes) -> str:
        """Keep a catalogue; it is imported once the caller's transaction is durable.

        Returns:
            Its id.
        """
        identifier = new_id()
        values = {
            "id": identifier,
            "partenaire": partenaire,
            "ght": ght,
            "nom": nom[:255],
            "contenu": contenu,
            "etat": EtatCatalogue.A_IMPORTER.value,
            "pris_ms": 0,
        }
        unit.connection.execute(insert(_recu), values)
        return identifier

    def traiter(self) -> list[Traite]:
        """Import every catalogue that waits, oldest first; several processes share the work."""
        treated = []
        while (row := self._take()) is not None:
            treated.append(self._import(row))
        return treated

    def _take(self) -> RowMapping | None:
        now = int(self._clock.now().timestamp() * 1000)
        abandoned = now - int(REPRISE.total_seconds() * 1000)
        waiting = or_(
            _recu.c.etat == EtatCatalogue.A_IMPORTER.value,
            (_recu.c.etat == EtatCatalogue.EN_COURS.value) & (_recu.c.pris_ms < abandoned),
        )
        with self._database.read() as connection:
            if connection.execute(select(_recu.c.id).where(waiting).limit(1)).first() is None:
                return None
        with self._database.write() as unit:
            query = select(_recu).where(waiting).order_by(_recu.c.id).limit(1).with_for_update(skip_locked=True)
            row = unit.connection.execute(query).mappings().first()
            if row is not None:
                taken = {"etat": EtatCatalogue.EN_COURS.value, "pris_ms": now}
                unit.connection.execute(update(_recu).where(_recu.c.id == row["id"]).values(taken))
        return row

    def _import(self, row: RowMapping) -> Traite:
        caller = LOCAL if row["ght"] is None else replace(LOCAL, ghts=frozenset({row["ght"]}))
        try:
            with tempfile.TemporaryDirectory(prefix="semaphore-catalogue-") as folder:
                path = Path(folder) / "produits.csv"
                path.write_bytes(row["contenu"])
                demande = DemandeImport(path=path, nom=row["nom"], ght=row["ght"], partiel=True)
                imported = self._produits.importer(caller, demande)
        except HubError as refusal:
            self._end(row, EtatCatalogue.REFUSE, motif=refusal.detail)
            return Traite(row["id"], EtatCatalogue.REFUSE)
        published, problems = 0, []
        for numero, lot in _marches(row["contenu"]):
            problem = self._publish(caller, numero, lot)
            if problem is None:
                published += 1
            else:
                problems.append(problem)
        self._end(row, EtatCatalogue.IMPORTE, motif="\n".join(problems) or None, import_id=imported.id)
        return Traite(row["id"], EtatCatalogue.IMPORTE, published)

    def _publish(self, caller: Caller, numero: str, lot: int | None) -> str | None:
        """Publish one marché; why it could not be, if so (the hub does not know it yet, nobody orders on it)."""
        try:
            with self._database.write() as unit:
                self._produits.publier(unit, caller, numero, lot)
        except HubError as refusal:
            return f"{numero} : {refusal.detail}"
        return None

    def _end(self, row: RowMapping, etat: EtatCatalogue, **values: str | None) -> None:
        with self._database.write() as unit:
            # The bytes stay readable in the inbox: they are not kept twice.
            done = {"etat": etat.value, "contenu": b"", **values}
            unit.connection.execute(update(_recu).where(_recu.c.id == row["id"]).values(done))


def _marches(contenu: bytes) -> list[tuple[str, int | None]]:
    """The marchés and lots a catalogue names, each once, in its order; a lot that is no number stands for every lot."""
    try:
        text = contenu.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = contenu.decode("cp1252", "replace")
    found: dict[tuple[str, int | None], None] = {}
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";"):
        numero, lot = (row.get("numero_marche") or "").strip(), (row.get("numero_lot") or "").strip()
        if numero:
            found[numero, int(lot) if lot.isdecimal() else None] = None
    return list(found)
