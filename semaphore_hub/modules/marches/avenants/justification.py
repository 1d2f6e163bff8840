"""On what an amendment rests: the six cases of art. L2194-1 CCP, and the facts that each one asks to be declared."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field, StrictBool

from semaphore_hub.modules.marches.fields import CodeCPV, Phrase
from semaphore_hub.modules.referentiel.champs import Entree


class Fondement(StrEnum):
    """Case in which a marché may be modified without a new competition (the words are ours, the cases the code's)."""

    CLAUSE_REEXAMEN = "CLAUSE_REEXAMEN"  #: foreseen by a clear, precise and unequivocal clause
    PRESTATIONS_SUPPLEMENTAIRES = "PRESTATIONS_SUPPLEMENTAIRES"  #: became necessary, holder cannot be changed
    CIRCONSTANCES_IMPREVUES = "CIRCONSTANCES_IMPREVUES"  #: a diligent buyer could not foresee them
    NOUVEAU_TITULAIRE = "NOUVEAU_TITULAIRE"  #: transfer by a clause or after a restructuring
    NON_SUBSTANTIELLE = "NON_SUBSTANTIELLE"  #: changes nothing that would have changed the competition
    FAIBLE_MONTANT = "FAIBLE_MONTANT"  #: under 10 % (works: 15 %) and under the European threshold


ARTICLES: Mapping[Fondement, str] = {
    Fondement.CLAUSE_REEXAMEN: "R2194-1",
    Fondement.PRESTATIONS_SUPPLEMENTAIRES: "R2194-2",
    Fondement.CIRCONSTANCES_IMPREVUES: "R2194-5",
    Fondement.NOUVEAU_TITULAIRE: "R2194-6",
    Fondement.NON_SUBSTANTIELLE: "R2194-7",
    Fondement.FAIBLE_MONTANT: "R2194-8",
}
"""Article each case rests on."""


class ReponsesSubstantielles(Entree):
    """The four questions of art. R2194-7: a single yes makes the modification substantial."""

    autresCandidats: StrictBool = Field(
        description="connue au départ, elle aurait attiré d'autres opérateurs ou fait retenir une autre offre"
    )
    equilibreFavorable: StrictBool = Field(
        description="elle change l'équilibre économique en faveur du titulaire, sans que le marché l'ait prévu"
    )
    objetModifie: StrictBool = Field(description="elle modifie considérablement l'objet du marché")
    titulaireRemplace: StrictBool = Field(description="elle remplace le titulaire hors des cas de l'article R2194-6")


class Justification(Entree):
    """What the buyer declares; each case asks for its own fields (see :mod:`.faits`)."""

    clause: Phrase | None = Field(
        default=None,
        description="R2194-1, R2194-6 : référence de la clause de réexamen",
        examples=["CCAP, article 4.2"],
    )
    impossibiliteChangementTitulaire: Phrase | None = Field(
        default=None, description="R2194-2 : raison économique ou technique qui empêche de changer de titulaire"
    )
    imprevisibilite: Phrase | None = Field(
        default=None, description="R2194-5 : pourquoi un acheteur diligent ne pouvait le prévoir"
    )
    causeCession: Literal["clause de réexamen", "restructuration du titulaire"] | None = Field(
        default=None, description="R2194-6 : ce qui permet la cession"
    )
    reponses: ReponsesSubstantielles | None = Field(default=None, description="R2194-7 : les quatre questions")
    codeCPV: CodeCPV | None = Field(
        default=None, description="CPV de ce que la modification ajoute ou remplace ; sa division est celle du marché"
    )
    texte: Phrase | None = Field(default=None, description="explication libre, gardée avec le calcul")
