"""The first pass on a file: everything that is wrong with it, before anything is written."""

from __future__ import annotations

from collections import Counter

import polars as pl
from sqlalchemy import select

from semaphore_hub.kernel.db import Database
from semaphore_hub.modules.indicateurs.faits.imports import rules
from semaphore_hub.modules.indicateurs.faits.imports.controle import Controleur, d_avance, doublons
from semaphore_hub.modules.indicateurs.faits.imports.conversion import Cible
from semaphore_hub.modules.indicateurs.faits.imports.journal import PREMIERS, Journal
from semaphore_hub.modules.indicateurs.faits.imports.lecture import LIGNE, Lecteur
from semaphore_hub.modules.indicateurs.faits.imports.schemas import Constat


def controler_fichier(
    database: Database,
    lecteur: Lecteur,
    controleur: Controleur,
    cible: Cible,
    journal: Journal,
    remplace: str | None,
) -> None:
    """Check a file.

    Args:
        database: where the rows that may not come back are.
        lecteur: the file.
        controleur: checks its blocks.
        cible: where its lines go.
        journal: takes the findings.
        remplace: import whose rows are about to go.

    Raises:
        FichierIllisible: the file cannot be read to its end.
    """
    if lecteur.problemes:
        journal.fichier(lecteur.problemes)
        return
    known = _connues(database, cible, remplace)
    keys: list[pl.DataFrame] = []
    for block in d_avance(controleur.controler, lecteur.blocs()):
        journal.lues += block.lues
        journal.noter(block.constats, block.par_regle, block.refusees)
        keys.append(block.cles)
        if known is not None:
            _existantes(block.rows, cible, known, journal)
    if not journal.lues:
        journal.fichier([rules.VIDE.broken("fichier")])
    _doubles(keys, journal)


def _connues(database: Database, cible: Cible, remplace: str | None) -> pl.DataFrame | None:
    """Keys already in the table, with their source; None when the table takes what comes."""
    if not cible.cle or cible.remplacante is not None:
        return None
    table = cible.table
    columns = [table.c[name] for name in (*cible.cle, "source")]
    with database.read() as connection:
        rows = connection.execute(select(*columns).where(table.c.source != (remplace or ""))).all()
    schema = {name: pl.Int32 if name in ("annee", "edition") else pl.String for name in (*cible.cle, "source")}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row") if rows else None


def _existantes(rows: pl.DataFrame, cible: Cible, known: pl.DataFrame, journal: Journal) -> None:
    found = rows.join(known, on=list(cible.cle), how="inner").select(LIGNE, "source").sort(LIGNE)
    constats = [
        Constat(
            ligne=line,
            colonne=None,
            valeur=None,
            regle=rules.EXISTE.id,
            message=rules.EXISTE.message.format(source=source),
        )
        for line, source in found.head(PREMIERS).iter_rows()
    ]
    journal.noter(constats, Counter({rules.EXISTE.id: found.height} if found.height else {}), found[LIGNE])


def _doubles(keys: list[pl.DataFrame], journal: Journal) -> None:
    found = doublons(keys)
    constats = [
        Constat(
            ligne=line,
            colonne=None,
            valeur=None,
            regle=rules.DOUBLON.id,
            message=rules.DOUBLON.message.format(autre=first),
        )
        for line, first in found.head(PREMIERS).iter_rows()
    ]
    journal.noter(constats, Counter({rules.DOUBLON.id: found.height} if found.height else {}), found[LIGNE])
