"""What is answered about a file of facts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import Field

from semaphore_hub.modules.referentiel.champs import Sortie, Uid
from semaphore_hub.modules.referentiel.schemas import Suivant

TypeImport = Literal["depenses", "actions", "objectifs", "volumes", "consolidations", "entreprises"]
TYPES: tuple[TypeImport, ...] = get_args(TypeImport)
Etat = Literal["charge", "remplace", "retire"]


class Constat(Sortie):
    """What is wrong with a cell, a line or the file."""

    ligne: int | None = Field(description="ligne du fichier, à partir de 1 (l'en-tête) ; null : le fichier")
    colonne: str | None
    valeur: str | None
    regle: str = Field(examples=["IND-IMPORT-MONTANT"])
    message: str


class BilanImport(Sortie):
    """A file that was imported: what it gave, and what was left out of it."""

    uid: Uid
    type: TypeImport
    nom: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    etat: Etat = Field(description="remplace, retire : ses lignes ne comptent plus")
    dejaImporte: bool = Field(description="true : ces mêmes octets étaient déjà importés, rien n'a changé")
    partiel: bool = Field(description="les lignes justes ont été gardées, les autres laissées")
    remplace: Uid | None = Field(description="import que celui-ci a remplacé")
    lues: int = Field(ge=0, description="lignes de données du fichier")
    lignes: int = Field(ge=0, description="lignes prises en compte")
    refusees: int = Field(ge=0, description="lignes laissées")
    parRegle: dict[str, int] = Field(description="nombre de constats par règle")
    constats: tuple[Constat, ...] = Field(description="les 1 000 premiers")
    colonnesIgnorees: tuple[str, ...] = Field(description="colonnes du fichier que le hub ne connaît pas")
    auteur: str
    creeLe: datetime


class PageImports(Sortie):
    """A page of imports, newest first."""

    items: tuple[BilanImport, ...]
    next: Suivant


class ColonneFormat(Sortie):
    """A column of a kind of file."""

    nom: str = Field(description="écrit comme on veut : casse, accents, espaces et ponctuation ne comptent pas")
    obligatoire: bool
    type: str
    description: str
    valeurs: tuple[str, ...] = Field(description="valeurs gardées, quand la liste est fermée")
    autresNoms: tuple[str, ...]


class FormatFichier(Sortie):
    """A kind of file and its columns."""

    type: TypeImport
    colonnes: tuple[ColonneFormat, ...]


class Formats(Sortie):
    """Every kind of file."""

    formats: tuple[FormatFichier, ...]
