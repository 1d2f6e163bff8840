"""Control bounds as they are received and answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from semaphore_hub.modules.paat.champs import Borne, Libelle200
from semaphore_hub.modules.referentiel.champs import Entree, Sortie


class BorneFamilleEntree(Entree):
    """The bound of one family."""

    famille: Libelle200 = Field(description="code, libellé ou synonyme", examples=["Médicaments"])
    borne: Borne


class BornesEntree(Entree):
    """Every bound of a year; what is left out falls back to the default."""

    source: Libelle200 = Field(description="d'où viennent ces bornes", examples=["hypothèse de travail"])
    defaut: Borne | None = Field(default=None, description="absente : 20 %, hypothèse")
    familles: Annotated[tuple[BorneFamilleEntree, ...], Field(max_length=200)] = ()


class BorneFamilleVue(Sortie):
    """The bound of one family, and who says so."""

    famille: str
    libelle: str | None
    borne: Borne
    source: str


class BornesVue(Sortie):
    """The bounds of a year: the default one, and those of families."""

    annee: int
    defaut: Borne = Field(description="en % du montant de référence")
    source: str = Field(description="d'où vient la borne par défaut")
    familles: tuple[BorneFamilleVue, ...]


class BornesFixees(Sortie):
    """The bounds as they now are, and what was controlled again with them."""

    bornes: BornesVue
    plans: int = Field(
        description="PAAT non clos de l'année dont une action au moins a été contrôlée avec une autre borne"
    )
    actions: int = Field(description="actions contrôlées à nouveau, avec une autre borne")
