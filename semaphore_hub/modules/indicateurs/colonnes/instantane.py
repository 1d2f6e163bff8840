"""The columnar snapshot of the facts: refreshed where the database changed, rebuilt from it at any time.

One Parquet file per fact, year and GHT (more beyond 500,000 lines), and one of its lines added up by the columns of few
values: a change of one GHT writes some thousand lines, a query for a GHT opens its files only. The database stays the
truth; the folder may be deleted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Connection

from semaphore_hub.kernel.db import Database
from semaphore_hub.modules.indicateurs.colonnes import manifeste
from semaphore_hub.modules.indicateurs.colonnes.colonnes import EMPREINTE, TABLES
from semaphore_hub.modules.indicateurs.colonnes.manifeste import (
    Cle,
    InstantaneIndisponible,
    Manifeste,
    Partition,
    defaut,
)
from semaphore_hub.modules.indicateurs.colonnes.partition import TEMPORAIRE, extraire
from semaphore_hub.modules.indicateurs.colonnes.revisions import Etat, etats
from semaphore_hub.modules.indicateurs.colonnes.verrou import verrou
from semaphore_hub.modules.indicateurs.moteur import Fait

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bilan:
    """What a refresh did.

    Attributes:
        ecrites, gardees, retirees: partitions written again, left as they were, and taken away.
        lignes: lines of the whole snapshot.
        octets: size of the whole snapshot.
        defauts: damaged or missing files that were found (and rebuilt), a sentence each.
        occupe: another process was at it, so nothing was done.
    """

    ecrites: int = 0
    gardees: int = 0
    retirees: int = 0
    lignes: int = 0
    octets: int = 0
    defauts: tuple[str, ...] = ()
    occupe: bool = False


def actualiser(database: Database, dossier: Path) -> Bilan:
    """Write again the partitions whose revision differs, or whose files are damaged; take away those that vanished.

    Memory does not grow with the number of lines. Safe in several processes at once: the second one does nothing.

    Raises:
        OSError: the folder cannot be written.
        OverflowError: see :func:`.partition.extraire`.
    """
    return _avec_verrou(database, dossier, _Facon(tout=False, en_profondeur=True))


def rafraichir(database: Database, dossier: Path) -> Bilan:
    """As :func:`actualiser`, for a process that does it every minute: files are checked by their size only.

    Raises:
        OSError, OverflowError: see :func:`actualiser`.
    """
    done = _avec_verrou(database, dossier, _Facon(tout=False, en_profondeur=False))
    if done.ecrites or done.retirees:
        log.info("columnar snapshot refreshed", folder=str(dossier), written=done.ecrites, removed=done.retirees)
    return done


def reconstruire(database: Database, dossier: Path) -> Bilan:
    """Write every partition from the database, whatever is there; readers keep the former snapshot until the end.

    Raises:
        OSError, OverflowError: see :func:`actualiser`.
    """
    return _avec_verrou(database, dossier, _Facon(tout=True, en_profondeur=False))


def est_a_jour(
    connection: Connection,
    dossier: Path,
    fait: Fait,
    annees: Collection[int] = (),
    perimetre: Collection[str] | None = None,
) -> bool:
    """Whether the snapshot says of these facts what the database says, and its files are there, whole by their size.

    What a disk changed without changing a size is found by the next :func:`actualiser`, which reads every byte.

    Args:
        annees: years; empty: all of them.
        perimetre: GHT; None: all of them, and facts of no GHT.
    """
    try:
        present = manifeste.lire(dossier)
    except InstantaneIndisponible:
        return False
    kept = [one for one in present.partitions if one.fait == fait and _visee(one, annees, perimetre)]
    if {(one.annee, one.ght): one.etat for one in kept} != etats(connection, fait, annees, perimetre):
        return False
    return not any(_defauts(dossier, one, en_profondeur=False) for one in kept)


def volume(dossier: Path, fait: Fait, annees: Collection[int] = (), perimetre: Collection[str] | None = None) -> int:
    """How many lines the snapshot has of these facts, 0 when there is none: what an answer in SQL would have to read.

    Args:
        annees, perimetre: see :func:`est_a_jour`.
    """
    try:
        present = manifeste.lire(dossier)
    except InstantaneIndisponible:
        return 0
    return sum(one.lignes for one in present.partitions if one.fait == fait and _visee(one, annees, perimetre))


def _visee(partition: Partition, annees: Collection[int], perimetre: Collection[str] | None) -> bool:
    return (not annees or partition.annee in annees) and (perimetre is None or partition.ght in perimetre)


@dataclass(frozen=True, slots=True)
class _Facon:
    """How to refresh: write everything again; read every byte of what is kept."""

    tout: bool
    en_profondeur: bool


def _avec_verrou(database: Database, dossier: Path, facon: _Facon) -> Bilan:
    dossier.mkdir(parents=True, exist_ok=True)
    with verrou(dossier) as held:
        if not held:
            log.info("the columnar snapshot is being refreshed by another process", folder=str(dossier))
            return Bilan(occupe=True)
        return _actualiser(database, dossier, facon)


def _actualiser(database: Database, dossier: Path, facon: _Facon) -> Bilan:
    former, defects = _ancien(dossier)
    known = {} if facon.tout else {one.cle: one for one in former.partitions}
    with database.read() as connection:
        now_ms = database.read_now(connection)
        wanted: dict[Cle, Etat] = {
            (fait, *cle): state for fait in TABLES for cle, state in etats(connection, fait).items()
        }
    kept: list[Partition] = []
    written: list[Partition] = []
    for cle, state in sorted(wanted.items()):
        partition = known.get(cle)
        if partition is not None and partition.etat == state:
            found = _defauts(dossier, partition, en_profondeur=facon.en_profondeur)
            if not found:
                kept.append(partition)
                continue
            defects += found
        if (fresh := extraire(database, dossier, cle)) is not None:
            written.append(fresh)
    for text in defects:
        log.warning("damaged columnar snapshot, written again", folder=str(dossier), defect=text)
    present = Manifeste(
        empreinte=EMPREINTE,
        generation=former.generation + 1,
        ecrit_ms=now_ms,
        partitions=tuple(sorted([*kept, *written], key=lambda one: one.cle)),
    )
    removed = {one.cle for one in former.partitions} - {one.cle for one in present.partitions}
    if written or removed or defects or not former.generation:
        manifeste.ecrire(dossier, present)
        _menage(dossier, former.fichiers() | present.fichiers())
    return Bilan(
        ecrites=len(written),
        gardees=len(kept),
        retirees=len(removed),
        lignes=sum(one.lignes for one in present.partitions),
        octets=sum(file.octets for one in present.partitions for file in one.tous),
        defauts=tuple(defects),
    )


def _defauts(dossier: Path, partition: Partition, *, en_profondeur: bool) -> list[str]:
    return [text for file in partition.tous if (text := defaut(dossier, file, en_profondeur=en_profondeur))]


def _ancien(dossier: Path) -> tuple[Manifeste, list[str]]:
    """The present generation, or an empty one before the first; and what is wrong with the manifest."""
    empty = Manifeste(empreinte=EMPREINTE, generation=0, ecrit_ms=0, partitions=())
    if not (dossier / manifeste.NOM).exists():
        return empty, []
    try:
        return manifeste.lire(dossier), []
    except InstantaneIndisponible as error:
        return empty, [str(error)]


def _menage(dossier: Path, named: frozenset[str]) -> None:
    """Delete what neither this generation nor the one before it names, and what a crash left half written."""
    for path in dossier.glob("*.parquet"):
        if path.name not in named:
            path.unlink(missing_ok=True)
    for path in dossier.glob(f"{TEMPORAIRE}*"):
        path.unlink(missing_ok=True)
