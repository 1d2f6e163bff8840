"""The figures a gain is computed from, one schema for each method. Amounts are in euros TTC."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.paat.champs import Indice, Libelle200, Prix, Quantite
from semaphore_hub.modules.referentiel.champs import Entier, Entree


class Indexation(Entree):
    """How the market moved since the price of reference: the buyer's gain is counted against the market."""

    indiceReference: Indice = Field(description="indice du marché à la date du prix de référence")
    indiceNouveau: Indice = Field(description="indice du marché à la date du prix nouveau")


class _Calcul(Entree):
    """What every computation may hold."""

    penalites: Montant | None = Field(
        default=None,
        description="pénalités contractuelles comprises dans le résultat, euros TTC : elles ne sont pas un gain "
        "d'achat et en sont retirées",
    )


class CalculRecurrent(_Calcul):
    """A need bought again: last price against new price, over a year."""

    methode: Literal["recurrent"]
    prixReference: Prix = Field(description="dernier prix unitaire du marché, euros TTC")
    prixNouveau: Prix = Field(description="prix unitaire nouveau, euros TTC")
    quantiteAnnuelle: Quantite
    quantiteReference: Quantite | None = Field(
        default=None, description="quantité de l'année de référence : donne l'effet prix et l'effet volume"
    )
    indexation: Indexation | None = None
    nouveauPerimetre: bool = Field(
        default=False, description="vrai si le besoin a changé : la méthode ponctuelle s'impose alors"
    )


class CalculPonctuel(_Calcul):
    """A need that is new, or bought once: mean of the admissible offers, or estimate, against the price."""

    methode: Literal["ponctuel"]
    prixRetenu: Montant = Field(description="offre retenue, euros TTC")
    offresRecevables: Annotated[tuple[Montant, ...], Field(max_length=50)] = Field(
        default=(), description="toutes les offres recevables, la retenue comprise, euros TTC"
    )
    estimation: Montant | None = Field(default=None, description="à défaut d'offres : estimation, euros TTC")
    dureeLocationAnnees: Annotated[int, Field(strict=True, ge=1, le=30), Entier] | None = Field(
        default=None,
        description="location avec option d'achat : durée en années ; les montants sont alors des coûts complets sur "
        "cette durée, ramenés à l'année",
    )


class Poste(Entree):
    """One part of a full cost, at the same need."""

    libelle: Libelle200 = Field(examples=["Maintenance"])
    reference: Montant = Field(description="coût annuel de référence, euros TTC")
    nouveau: Montant = Field(description="coût annuel nouveau, euros TTC")


class CalculCoutComplet(_Calcul):
    """Full cost, or cost of a process, before and after."""

    methode: Literal["cout_complet", "process"]
    postes: Annotated[tuple[Poste, ...], Field(min_length=1, max_length=30)]


Calcul = Annotated[CalculRecurrent | CalculPonctuel | CalculCoutComplet, Field(discriminator="methode")]
"""The figures a gain is computed from."""
