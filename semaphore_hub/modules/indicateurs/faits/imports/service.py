"""Imports a file of facts, of any size: checked whole first, then loaded in one transaction.

One transaction rather than lines that would be hidden until the end: whoever reads facts needs no filter, a process
that dies leaves nothing, and what is replaced goes at the very moment its replacement comes. On PostgreSQL nobody waits
for it; on SQLite the other writers wait while it loads (ten seconds for a million lines), readers never do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, RowMapping, delete, insert, select, text

from semaphore_hub.kernel.access import WRITERS, Caller, Role
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork
from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.kernel.ids import is_id, new_id
from semaphore_hub.modules.indicateurs.faits.ecriture import FAITS, Partition, avancer
from semaphore_hub.modules.indicateurs.faits.imports import rules
from semaphore_hub.modules.indicateurs.faits.imports.chargement import Chargeur, sparing
from semaphore_hub.modules.indicateurs.faits.imports.colonnes import COLONNES
from semaphore_hub.modules.indicateurs.faits.imports.contexte import Contexte
from semaphore_hub.modules.indicateurs.faits.imports.controle import Controleur, d_avance
from semaphore_hub.modules.indicateurs.faits.imports.conversion import CIBLES
from semaphore_hub.modules.indicateurs.faits.imports.journal import Journal, probleme
from semaphore_hub.modules.indicateurs.faits.imports.lecture import (
    LIGNE,
    Empreinte,
    FichierIllisible,
    Lecteur,
    empreinte,
)
from semaphore_hub.modules.indicateurs.faits.imports.premiere_passe import controler_fichier
from semaphore_hub.modules.indicateurs.faits.imports.registre import (
    CHARGE,
    IMPORT,
    bilan,
    effacer,
    noter_etat,
    relire_marches,
)
from semaphore_hub.modules.indicateurs.faits.imports.schemas import TYPES, BilanImport, Constat, TypeImport
from semaphore_hub.modules.referentiel.rules import refuse

_LOCK = 0x5345_4D41_494D_5054
"""Key of the advisory lock of those who load files of facts."""
_NOM = 255


class ImportRefuse(RuleBroken):
    """The whole file is refused, and nothing of it is kept.

    Attributes:
        constats: the first findings.
        par_regle: all of them, counted.
    """

    def __init__(self, nom: str, journal: Journal) -> None:
        total = sum(journal.par_regle.values())
        first = journal.constats[0]
        detail = f"Le fichier {nom} est refusé ({total} constat(s)) : {first.message}"
        super().__init__(detail, [probleme(one) for one in journal.constats])
        self.constats: tuple[Constat, ...] = tuple(journal.constats)
        self.par_regle: dict[str, int] = dict(journal.par_regle)


def importer_fichier(
    database: Database,
    caller: Caller,
    clock: Clock,
    chemin: Path,
    type_: str,
    *,
    nom: str | None = None,
    partiel: bool = False,
    remplace: str | None = None,
    progres: Callable[[int], None] | None = None,
) -> BilanImport:
    """Check a file, then load it in one transaction; the same bytes again change nothing, and the answer says so.

    Args:
        database: where the facts are.
        caller: in whose name; targets, consolidations and companies are for the DGOS and the integrator.
        clock: business clock.
        chemin: a CSV file; its columns are in :data:`~.colonnes.COLONNES`.
        type_: kind of file, one of :data:`~.schemas.TYPES`.
        nom: name to keep, that of ``chemin`` by default.
        partiel: keep the lines that are right; else one wrong line refuses the file.
        remplace: uid of an import of the same kind, whose lines go when these come.
        progres: told how many lines are loaded, now and then.

    Raises:
        ValueError: no such kind of file.
        Forbidden: the caller's role does not import this kind.
        ImportRefuse: the file is refused; the findings say where and why.
        RuleBroken: ``remplace`` names nothing that can be replaced.
    """
    if type_ not in TYPES:
        raise ValueError(f"unknown kind of file: {type_}")
    kind = type_
    caller.require(*((Role.DGOS, Role.INTEGRATEUR) if CIBLES[kind].national else WRITERS))
    asked = _Demande(database, caller, clock, chemin, kind, (nom or chemin.name)[:_NOM], partiel, remplace)
    return asked.importer(progres or (lambda _lines: None))


@dataclass(frozen=True, slots=True)
class _Demande:
    """One import under way."""

    database: Database
    caller: Caller
    clock: Clock
    chemin: Path
    type_: TypeImport
    nom: str
    partiel: bool
    remplace: str | None

    def importer(self, progres: Callable[[int], None]) -> BilanImport:
        journal = Journal()
        try:
            mark = empreinte(self.chemin)
            with self.database.read() as connection:
                known = self._known(connection, mark)
                if known is not None:
                    return bilan(known, deja=True)
                contexte = Contexte.lu(connection, self.caller)
            lecteur = Lecteur(self.chemin, mark.encodage, COLONNES[self.type_])
            controleur = Controleur(self.type_, contexte)
            controler_fichier(self.database, lecteur, controleur, CIBLES[self.type_], journal, self.remplace)
        except FichierIllisible as error:
            journal.fichier([error.problem])
            raise ImportRefuse(self.nom, journal) from error
        refused = journal.lignes_refusees()
        if journal.bloquant or (len(refused) and not self.partiel) or len(refused) == journal.lues:
            raise ImportRefuse(self.nom, journal)
        with self.database.write() as unit, sparing(self.database, unit.connection):
            return self._charger(unit, mark, lecteur, controleur, journal, refused, progres)

    def _known(self, connection: Connection, mark: Empreinte) -> RowMapping | None:
        """The import of these very bytes, when its lines count; and whether what is to be replaced can be."""
        same = select(IMPORT).where(
            IMPORT.c.type == self.type_, IMPORT.c.sha256 == mark.sha256, IMPORT.c.etat == CHARGE
        )
        known = connection.execute(same).mappings().first()
        if self.remplace is None or (known is not None and known["uid"] == self.remplace):
            return known
        if known is not None:
            refuse([rules.CONNU.broken("query.remplace", uid=known["uid"])])
        former = select(IMPORT.c.auteur).where(
            IMPORT.c.uid == self.remplace, IMPORT.c.type == self.type_, IMPORT.c.etat == CHARGE
        )
        author = connection.execute(former).scalar_one_or_none() if is_id(self.remplace) else None
        if author is None or (self.caller.ghts is not None and author != self.caller.name):
            refuse([rules.REMPLACE.broken("query.remplace", uid=self.remplace, type=self.type_)])
        return None

    def _charger(
        self,
        unit: UnitOfWork,
        mark: Empreinte,
        lecteur: Lecteur,
        controleur: Controleur,
        journal: Journal,
        refused: pl.Series,
        progres: Callable[[int], None],
    ) -> BilanImport:
        connection = unit.connection
        if not self.database.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        known = self._known(connection, mark)
        if known is not None:
            return bilan(known, deja=True)
        uid = new_id()
        touched: set[Partition] = set()
        if self.remplace is not None:
            touched |= effacer(self.database, connection, self.type_, self.remplace)
            noter_etat(connection, self.remplace, "remplace")
        # The trace of the same bytes withdrawn since gives way to this one.
        connection.execute(delete(IMPORT).where(IMPORT.c.type == self.type_, IMPORT.c.sha256 == mark.sha256))
        cible = CIBLES[self.type_]
        loader = Chargeur(self.database, connection, cible.table.name, cible.remplacante)
        loaded = 0
        for block in d_avance(controleur.controler, lecteur.blocs()):
            rows = block.rows
            if len(refused):
                rows = rows.filter(~rows[LIGNE].is_in(refused.implode()))
            loader.charger(_identified(rows, uid, cible.remplacante))
            if cible.table in FAITS.values():
                fait = "action" if cible.table is FAITS["action"] else "depense"
                touched |= {(fait, year, ght or "") for year, ght in rows.select("annee", "ght").unique().iter_rows()}
            loaded += rows.height
            progres(loaded)
        if self.type_ == "entreprises":
            relire_marches(self.database, connection, uid)
        avancer(self.database, connection, touched)
        row = self._row(uid, mark, lecteur, journal, loaded)
        connection.execute(insert(IMPORT), row)
        return bilan(row)

    def _row(self, uid: str, mark: Empreinte, lecteur: Lecteur, journal: Journal, loaded: int) -> dict[str, Any]:
        return {
            "uid": uid,
            "type": self.type_,
            "nom": self.nom,
            "sha256": mark.sha256,
            "remplace": self.remplace,
            "etat": CHARGE,
            "lignes": loaded,
            "bilan": {
                "partiel": self.partiel,
                "lues": journal.lues,
                "refusees": journal.lues - loaded,
                "parRegle": dict(journal.par_regle),
                "constats": [one.model_dump() for one in journal.constats],
                "colonnesIgnorees": list(lecteur.ignorees),
            },
            "auteur": self.caller.name,
            "created_ms": int(self.clock.now().timestamp() * 1000),
        }


def _identified(rows: pl.DataFrame, uid: str, cle: str | None) -> pl.DataFrame:
    """Rows with their source, and with a uid that follows the order of the file: an index then grows at its end."""
    line = pl.col(LIGNE).cast(pl.String).str.zfill(8)
    own = [] if cle is not None else [pl.concat_str(pl.lit(f"i{uid[-12:]}:"), line).alias("uid")]
    return rows.select(*own, pl.lit(uid).alias("source"), pl.exclude(LIGNE))
