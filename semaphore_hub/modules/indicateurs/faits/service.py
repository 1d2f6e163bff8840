"""Facts: read again when their subject changes, imported from files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, case, func, select

from semaphore_hub.kernel.access import WRITERS, Caller, Role, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.modules.indicateurs.faits.alimentation import Actualisation, Alimentation, en_attente
from semaphore_hub.modules.indicateurs.faits.ecriture import FAITS
from semaphore_hub.modules.indicateurs.faits.imports.registre import Registre
from semaphore_hub.modules.indicateurs.faits.imports.schemas import BilanImport, TypeImport
from semaphore_hub.modules.indicateurs.faits.imports.service import importer_fichier
from semaphore_hub.modules.indicateurs.faits.lignes import HUB
from semaphore_hub.modules.indicateurs.faits.reconstruction import Reconstructeur, Reconstruction
from semaphore_hub.modules.indicateurs.faits.relecture import MARCHE, PROJET
from semaphore_hub.modules.indicateurs.faits.schemas import EtatFaits, NombreFaits
from semaphore_hub.modules.indicateurs.models import (
    IndicateurConsolidation,
    IndicateurEntreprise,
    IndicateurObjectif,
    IndicateurVolume,
)
from semaphore_hub.ports.mesures import Sources

_DERNIERS = 5
_ANNUELS = {
    **FAITS,
    "marche": MARCHE,
    "objectif": table_of(IndicateurObjectif),
    "volume": table_of(IndicateurVolume),
    "consolidation": table_of(IndicateurConsolidation),
}
_SANS_ANNEE = {"projet": PROJET, "entreprise": table_of(IndicateurEntreprise)}


class FaitsService:
    """Operations on facts. A feeding, a rebuild and an import run their own transactions.

    Args:
        database: where the facts are.
        clock: business clock.
        sources: where the facts of the hub are read.
    """

    def __init__(self, database: Database, clock: Clock, sources: Sources) -> None:
        self._database = database
        self._clock = clock
        self._sources = sources
        self._alimentation = Alimentation(database, sources)
        self._registre = Registre(database)

    def actualiser(self, limite: int = 500) -> Actualisation:
        """Read again the subjects that wait; see :class:`.alimentation.Alimentation`."""
        return self._alimentation.actualiser(limite)

    def demander_actualisation(self, caller: Caller, limite: int) -> Actualisation:
        """The same, asked by a person: those that failed a short while ago are tried as well.

        Raises:
            Forbidden: the caller's role does not write.
        """
        caller.require(*WRITERS)
        return self._alimentation.actualiser(limite, insister=True)

    def reconstruire(self, caller: Caller) -> Reconstruction:
        """Read all the facts of the hub again, those of imported files left alone.

        Raises:
            Forbidden: only an integrator may.
        """
        caller.require(Role.INTEGRATEUR)
        return Reconstructeur(self._database, self._sources).reconstruire()

    def etat(self, connection: Connection, caller: Caller) -> EtatFaits:
        """How many facts there are in the caller's perimeter, how many subjects wait, the last imports."""
        found: list[NombreFaits] = []
        for fait, table in _ANNUELS.items():
            imported = func.sum(case((table.c.source != HUB, 1), else_=0)) if "source" in table.c else func.sum(0)
            counts = select(table.c.annee, func.count().label("nombre"), imported.label("importes"))
            if "ght" in table.c:
                counts = within(counts, table.c.ght, caller)
            for row in connection.execute(counts.group_by(table.c.annee).order_by(table.c.annee)):
                nombre = {"annee": row.annee, "nombre": row.nombre, "importes": int(row.importes or 0)}
                found.append(NombreFaits.model_validate({"fait": fait, **nombre}))
        for fait, table in _SANS_ANNEE.items():
            counts = select(func.count()).select_from(table)
            if "ght" in table.c:
                counts = within(counts, table.c.ght, caller)
            if nombre := connection.execute(counts).scalar_one():
                importes = nombre if "source" in table.c else 0
                values = {"fait": fait, "annee": None, "nombre": nombre, "importes": importes}
                found.append(NombreFaits.model_validate(values))
        imports, _ = self._registre.lister(connection, caller, None, limit=_DERNIERS, after=None)
        return EtatFaits(faits=tuple(found), enAttente=en_attente(connection), derniersImports=tuple(imports))

    def importer(
        self,
        caller: Caller,
        chemin: Path,
        type_: TypeImport,
        *,
        nom: str | None = None,
        partiel: bool = False,
        remplace: str | None = None,
        progres: Callable[[int], None] | None = None,
    ) -> BilanImport:
        """Import a file of facts; see :func:`.imports.service.importer_fichier`."""
        return importer_fichier(
            self._database,
            caller,
            self._clock,
            chemin,
            type_,
            nom=nom,
            partiel=partiel,
            remplace=remplace,
            progres=progres,
        )

    def lister_imports(
        self, connection: Connection, caller: Caller, type_: TypeImport | None, *, limit: int, after: str | None
    ) -> tuple[list[BilanImport], str | None]:
        """A page of the imports the caller may see, newest first, and the uid of its last item when there are more."""
        return self._registre.lister(connection, caller, type_, limit=limit, after=after)

    def lire_import(self, connection: Connection, caller: Caller, uid: str) -> BilanImport:
        """One import the caller may see.

        Raises:
            NotFound: no such import there.
        """
        return self._registre.lire(connection, caller, uid)

    def retirer_import(self, unit: UnitOfWork, caller: Caller, uid: str) -> BilanImport:
        """Withdraw the facts of a file; its trace stays, and the same bytes may be imported again.

        Raises:
            Forbidden: only an integrator may.
            NotFound: no such import.
            WrongState: it was withdrawn or replaced already.
        """
        caller.require(Role.INTEGRATEUR)
        return self._registre.retirer(unit, caller, uid)
