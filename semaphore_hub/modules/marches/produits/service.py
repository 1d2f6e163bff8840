"""Operations on the catalogue of products under contract."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from semaphore_hub.kernel.access import WRITERS, Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound, Problem, RuleBroken, WrongState
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.marches.produits import rules
from semaphore_hub.modules.marches.produits.check import Constat, ahead
from semaphore_hub.modules.marches.produits.control import Control, FirstPass
from semaphore_hub.modules.marches.produits.loading import Loader, chunk_of, sparing
from semaphore_hub.modules.marches.produits.matching import Matching
from semaphore_hub.modules.marches.produits.models import EtatImport, ProduitImport
from semaphore_hub.modules.marches.produits.publication import Publication
from semaphore_hub.modules.marches.produits.report import Rapport
from semaphore_hub.modules.marches.produits.schemas import (
    DemandeImport,
    FiltresProduits,
    ImportProduitsVue,
    ProduitVue,
    PublicationVue,
    import_vue,
    produit_vue,
)
from semaphore_hub.modules.marches.produits.search import search
from semaphore_hub.modules.referentiel.models import Ght
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.modules.referentiel.rules import GHT_INCONNU, refuse
from semaphore_hub.ports import events

_import = table_of(ProduitImport)
_ght = table_of(Ght)
_COUNTS = ("lignes", "refusees", "avertissements", "creees", "modifiees", "inchangees", "closes", "en_attente")
_SHA256_BYTES = 64


class ProduitsRefuses(RuleBroken):
    """The whole file is refused and none of its lines is loaded; ``vue`` is the import as it is kept."""

    def __init__(self, vue: ImportProduitsVue) -> None:
        first = [one for one in vue.constats if one.gravite == "error"]
        total = sum(vue.parRegle.values()) - vue.avertissements
        detail = f"Le fichier {vue.nom} est refusé ({total} erreur(s)) : {first[0].message}"
        super().__init__(detail, [Problem(_place(one.ligne, one.colonne), one.regle, one.message) for one in first])
        self.vue = vue


class ProduitsService:
    """The catalogue. Reading takes a connection of the caller; an import runs its own transactions, one per chunk.

    Args:
        database: where products are.
        clock: business clock.
        event_log: where the event of a finished import is written, in its last transaction.
    """

    def __init__(self, database: Database, clock: Clock, event_log: events.EventLog) -> None:
        self._database = database
        self._clock = clock
        self._events = event_log

    def importer(self, caller: Caller, demande: DemandeImport) -> ImportProduitsVue:
        """Check a file, then load it chunk by chunk (``produits.importes`` at the end).

        The same file for the same GHT is the same import: loaded once, it changes nothing; interrupted, it resumes at
        the chunk where it stopped, with the choices it began with; refused, it is checked anew.

        Raises:
            Forbidden: the caller's role does not write.
            RuleBroken: the GHT is not the caller's, or the file cannot be read from the disk.
            ProduitsRefuses: an error refuses the file (any error, unless ``partiel``; else what makes it unreadable).
            WrongState: another process is loading this file.
        """
        caller.require(*WRITERS)
        ght = self._ght_of(caller, demande.ght)
        digest = _digest(demande.path)
        row = self._opened(demande, ght, digest)
        if row["etat"] == EtatImport.TERMINE:
            return import_vue(row, deja_charge=True)
        matching = Matching(row["id"], ght, row["jour"], demande.seuil_prix)
        with Rapport(demande.rapport) as rapport:
            announced = demande.sha256 or _companion(demande.path)
            if announced is not None and announced != digest:
                problem = rules.SHA256.broken("fichier", annoncee=announced)
                rapport.add([Constat(None, None, problem.rule, "error", None, problem.message)])
                self._refuse(row, rapport, 0, 0)
            check = FirstPass(
                demande.path, demande.block_bytes, rapport, demande.progress, self._database, matching
            ).run()
            if row["etat"] == EtatImport.EN_COURS:
                # Resumed: what is loaded stays; what is found now is what the lines that are left are held to.
                row = self._updated(row["id"], EtatImport.EN_COURS, _found(rapport))
            else:
                if not check.readable or (rapport.errors and not demande.partiel):
                    self._refuse(row, rapport, check.lines, len(check.refused))
                row = self._begin(row, demande, rapport, check)
        self._load(row, demande, matching, check)
        return self._finish(row["id"], matching)

    def publier(self, unit: UnitOfWork, caller: Caller, numero: str, lot: int | None = None) -> PublicationVue:
        """Say to the buyer and the beneficiaries of a marché what changed in its products since it was last said.

        ``produits.publies``, by parts of 1,000 lines at most; said again, nothing is new. An establishment that joined
        the beneficiaries since is told everything. An import publishes nothing by itself.

        Args:
            unit: the transaction.
            caller: who asks; the catalogues and marchés of its perimeter are looked at.
            numero: the marché, as its operator writes it in the catalogue.
            lot: one of its lots; ``None``: every lot.

        Raises:
            Forbidden: the caller's role does not write.
            NotFound: no product of that marché is loaded.
            RuleBroken: the marché is not alive, or nobody is known to tell.
        """
        caller.require(*WRITERS)
        return Publication(self._database, unit, caller, self._clock, self._events).publier(numero, lot)

    def lister(
        self, connection: Connection, caller: Caller, filtres: FiltresProduits, *, limit: int, after: int
    ) -> tuple[list[ProduitVue], int | None]:
        """A page of products, oldest first, and the id of its last item when there are more."""
        rows, last = search(connection, caller, filtres, limit, after)
        return [produit_vue(row) for row in rows], last

    def lister_imports(
        self, connection: Connection, caller: Caller, *, limit: int, after: str | None
    ) -> tuple[list[ImportProduitsVue], str | None]:
        """A page of imports, newest first, and the id of its last item when there are more."""
        statement = within(select(_import, _import.c.id.label("uid")), _import.c.ght, caller)
        rows, last = page_of(connection, statement, _import.c.id, limit, after, newest_first=True)
        return [import_vue(row) for row in rows], last

    def lire_import(self, connection: Connection, caller: Caller, import_id: str) -> ImportProduitsVue:
        """One import of the caller's perimeter.

        Raises:
            NotFound: no such import there.
        """
        statement = within(select(_import).where(_import.c.id == import_id), _import.c.ght, caller)
        row = connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound(f"L'import {import_id} n'existe pas.")
        return import_vue(row)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _ght_of(self, caller: Caller, asked: str | None) -> str | None:
        """The GHT of the catalogue: the one asked for, the caller's only one, or none (common to all)."""
        if asked is None and caller.ghts is not None and len(caller.ghts) == 1:
            (asked,) = caller.ghts
        if caller.ghts is not None and (asked is None or asked not in caller.ghts):
            refuse([rules.GHT.broken("query.ght")])
        if asked is not None:
            with self._database.read() as connection:
                if connection.execute(select(_ght.c.code).where(_ght.c.code == asked)).first() is None:
                    refuse([GHT_INCONNU.broken("query.ght", ght=asked)])
        return asked

    def _opened(self, demande: DemandeImport, ght: str | None, digest: str) -> RowMapping:
        """The import of these bytes, new or as an earlier call left it."""
        now = self._clock.now()
        values: dict[str, Any] = {
            "id": new_id(),
            "cle": f"{ght or ''}:{digest}",
            "nom": (demande.nom or demande.path.name)[:255],
            "sha256": digest,
            "taille": demande.path.stat().st_size,
            "ght": ght,
            "partiel": demande.partiel,
            "etat": EtatImport.CONTROLE.value,
            "jour": self._clock.today(),
            "cree_le": now,
            "octet": 0,
            "ligne": 0,
            "morceaux": 0,
            **dict.fromkeys(_COUNTS, 0),
            "par_regle": {},
            "constats": [],
        }
        with self._database.write() as unit:
            unit.connection.execute(
                self._database.insert(_import).values(values).on_conflict_do_nothing(index_elements=["cle"])
            )
            known = select(_import).where(_import.c.cle == values["cle"])
            row = unit.connection.execute(known).mappings().one()
            if row["etat"] not in (EtatImport.TERMINE, EtatImport.EN_COURS):
                # Checked anew, on the day of this call: what was wrong yesterday may be right today.
                fresh = {name: values[name] for name in ("nom", "partiel", "jour", "etat")}
                unit.connection.execute(update(_import).where(_import.c.id == row["id"]).values(fresh))
                row = unit.connection.execute(known).mappings().one()
        return row

    def _refuse(self, row: RowMapping, rapport: Rapport, lines: int, refused: int) -> None:
        values = {**_found(rapport), "etat": EtatImport.REFUSE.value, "lignes": lines, "refusees": refused}
        raise ProduitsRefuses(import_vue(self._updated(row["id"], EtatImport.CONTROLE, values)))

    def _begin(self, row: RowMapping, demande: DemandeImport, rapport: Rapport, check: Control) -> RowMapping:
        values = {
            **_found(rapport),
            "etat": EtatImport.EN_COURS.value,
            "partiel": demande.partiel,
            "lignes": check.lines,
            "refusees": len(check.refused),
        }
        return self._updated(row["id"], EtatImport.CONTROLE, values)

    def _load(self, row: RowMapping, demande: DemandeImport, matching: Matching, check: Control) -> None:
        if check.reader is None:
            return
        loader, offset = Loader(self._database, matching), int(row["octet"])
        chunks = ahead(
            partial(chunk_of, refused=check.refused, ght=matching.ght), check.reader.blocks(offset, int(row["ligne"]))
        )
        for chunk in chunks:
            with self._database.write() as unit, sparing(self._database, unit.connection):
                loader.load(unit, chunk, offset)
            offset = chunk.block.offset
            demande.progress("chargement", offset, int(row["taille"]))

    def _finish(self, import_id: str, matching: Matching) -> ImportProduitsVue:
        now = self._clock.now()
        with self._database.write() as unit:
            matching.activate(unit.connection)
            done = {
                "etat": EtatImport.TERMINE.value,
                "termine_le": now,
                # What is not loaded was refused, by this call or by one that was interrupted.
                "refusees": _import.c.lignes
                - _import.c.creees
                - _import.c.modifiees
                - _import.c.inchangees
                - _import.c.closes,
            }
            row = _change(unit.connection, import_id, EtatImport.EN_COURS, done)
            self._events.append(
                unit,
                events.Event(
                    id=new_id(),
                    type=events.PRODUITS_IMPORTES,
                    subject=f"produits/{import_id}",
                    version=1,
                    time=now,
                    ght=row["ght"],
                    data={
                        "importId": import_id,
                        "nom": row["nom"],
                        "sha256": row["sha256"],
                        "partiel": row["partiel"],
                        "compteurs": {name: row[name] for name in _COUNTS},
                    },
                ),
            )
        return import_vue(row)

    def _updated(self, import_id: str, expected: EtatImport, values: Mapping[str, Any]) -> RowMapping:
        with self._database.write() as unit:
            return _change(unit.connection, import_id, expected, values)


def _change(connection: Connection, import_id: str, expected: EtatImport, values: Mapping[str, Any]) -> RowMapping:
    changed = update(_import).where(_import.c.id == import_id, _import.c.etat == expected.value).values(values)
    if connection.execute(changed).rowcount != 1:
        raise WrongState("Un autre processus traite ce même fichier : laissez-le finir, puis relisez l'import.")
    return connection.execute(select(_import).where(_import.c.id == import_id)).mappings().one()


def _found(rapport: Rapport) -> dict[str, Any]:
    return {
        "par_regle": dict(rapport.by_rule),
        "constats": [asdict(one) for one in rapport.first],
        "avertissements": rapport.warnings,
    }


def _place(line: int | None, column: str | None) -> str:
    where = "fichier" if line is None else f"ligne {line}"
    return where if column is None else f"{where}, colonne {column}"


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        problem = rules.LECTURE.broken("fichier", nom=path.name)
        raise RuleBroken(problem.message, [problem]) from error


def _companion(path: Path) -> str | None:
    """The digest that the file ``<name>.sha256`` beside it announces, in the form of sha256sum."""
    companion = path.with_name(path.name + ".sha256")
    if not companion.is_file():
        return None
    return companion.read_text("utf-8", errors="replace")[:_SHA256_BYTES].strip().lower()
