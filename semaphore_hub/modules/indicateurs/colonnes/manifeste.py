"""The manifest: which files are the snapshot. Replaced in one step, so a reader sees all of one generation or another.

A file is never changed: its name holds the beginning of its sha256. What a generation no longer names is deleted only
when the one after it is written, so a query that began on the former manifest ends on its files.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from semaphore_hub.modules.indicateurs.colonnes.colonnes import EMPREINTE
from semaphore_hub.modules.indicateurs.colonnes.revisions import Etat
from semaphore_hub.modules.indicateurs.moteur import Fait

NOM = "manifeste.json"
Cle = tuple[Fait, int, str]
"""Fact, year, code of the GHT ("" for facts of no GHT)."""


class InstantaneIndisponible(Exception):
    """No snapshot that can answer (none, damaged, or sums beyond 64 bits): compute in SQL, and refresh it."""


class _Ferme(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fichier(_Ferme):
    """One Parquet file."""

    nom: str = Field(pattern=r"^[^/\\]+\.parquet$")
    octets: int
    sha256: str
    lignes: int


class Partition(_Ferme):
    """The facts of a year and a GHT, as they were at a revision.

    Attributes:
        derniere: uid of the last line (see :mod:`.revisions`).
        sommes: sum of each column of cents.
        borne: no sum of cents over any of these lines can exceed it, in absolute value.
        resume: the file of its summary (see :data:`.colonnes.RESUMES`); None when it has no line.
    """

    fait: Fait
    annee: int
    ght: str
    revision: int
    derniere: str | None
    lignes: int
    sommes: dict[str, int]
    borne: int
    fichiers: tuple[Fichier, ...]
    resume: Fichier | None

    @property
    def tous(self) -> tuple[Fichier, ...]:
        """Every file of it."""
        return self.fichiers if self.resume is None else (*self.fichiers, self.resume)

    @property
    def cle(self) -> Cle:
        """What distinguishes it from the others."""
        return self.fait, self.annee, self.ght

    @property
    def etat(self) -> Etat:
        """What the database said of it."""
        return Etat(self.revision, self.derniere)


class Manifeste(_Ferme):
    """One generation of the snapshot."""

    empreinte: str
    generation: int
    ecrit_ms: int
    partitions: tuple[Partition, ...]

    def fichiers(self) -> frozenset[str]:
        """Names of its files."""
        return frozenset(fichier.nom for partition in self.partitions for fichier in partition.tous)


def lire(dossier: Path) -> Manifeste:
    """The present generation.

    Raises:
        InstantaneIndisponible: none was written yet, it cannot be read, or other columns were wanted when it was.
    """
    try:
        text = (dossier / NOM).read_bytes()
        manifest = Manifeste.model_validate_json(text)
    except FileNotFoundError as error:
        raise InstantaneIndisponible(f"no snapshot in {dossier}") from error
    except (OSError, ValidationError) as error:
        raise InstantaneIndisponible(f"{dossier / NOM} cannot be read: {error}") from error
    if manifest.empreinte != EMPREINTE:
        raise InstantaneIndisponible(f"{dossier / NOM} was written for other columns")
    return manifest


def ecrire(dossier: Path, manifest: Manifeste) -> None:
    """Make this generation the present one, durably."""
    temporary = dossier / f".{NOM}.tmp"
    with temporary.open("wb") as file:
        file.write(manifest.model_dump_json().encode())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(dossier / NOM)


def defaut(dossier: Path, fichier: Fichier, *, en_profondeur: bool = False) -> str | None:
    """What is wrong with a file, if anything.

    Args:
        en_profondeur: also read it and compare its sha256.
    """
    path = dossier / fichier.nom
    try:
        size = path.stat().st_size
        if size != fichier.octets:
            return f"{fichier.nom}: {size} bytes instead of {fichier.octets}"
        if en_profondeur and empreinte_de(path) != fichier.sha256:
            return f"{fichier.nom}: its bytes have changed"
    except OSError as error:
        return f"{fichier.nom}: {error.strerror}"
    return None


def empreinte_de(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
