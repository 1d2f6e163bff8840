"""What is answered about the facts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from semaphore_hub.modules.indicateurs.faits.imports.schemas import BilanImport
from semaphore_hub.modules.referentiel.champs import Sortie

NomFait = Literal["action", "depense", "marche", "projet", "objectif", "volume", "consolidation", "entreprise"]


class ActualisationVue(Sortie):
    """What one round did."""

    traites: int = Field(ge=0, description="sujets relus")
    echecs: int = Field(ge=0, description="sujets qui n'ont pas pu être relus ; ils seront repris")
    restants: int = Field(ge=0, description="sujets encore en attente")


class ReconstructionVue(Sortie):
    """How many facts the hub has of its own, after a rebuild."""

    actions: int = Field(ge=0)
    marches: int = Field(ge=0)
    projets: int = Field(ge=0)
    depenses: int = Field(ge=0)


class NombreFaits(Sortie):
    """How many facts of a kind a year has; ``annee`` is null for those of no year."""

    fait: NomFait
    annee: int | None
    nombre: int = Field(ge=0)
    importes: int = Field(ge=0, description="dont venus de fichiers")


class EtatFaits(Sortie):
    """What the indicators are computed from."""

    faits: tuple[NombreFaits, ...]
    enAttente: int = Field(ge=0, description="sujets dont les faits sont à relire")
    derniersImports: tuple[BilanImport, ...]
