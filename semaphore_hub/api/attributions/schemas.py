"""What the attribution of a purchase project receives and answers. Amounts are euros HT."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, WithJsonSchema

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.marches.fields import IdMarche, NumeroLot, ReferenceConsultation
from semaphore_hub.modules.marches.lifecycle import Statut as StatutMarche
from semaphore_hub.modules.marches.projets.schemas import Attribution, Infructuosite, SansSuite
from semaphore_hub.modules.planification.codes import Statut, Strategie
from semaphore_hub.modules.referentiel.champs import CodeGht, Entier, Entree, Jour, Siret, Sortie, Uid

Ecart = Annotated[
    Decimal,
    PlainSerializer(lambda amount: format(amount, ".2f"), return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,11})\.[0-9]{2}$", "examples": ["-12500.00"]},
    ),
]
"""Amount attributed less estimate, euros HT; negative when the marché costs less than was foreseen."""


class LotTraite(Entree):
    """What becomes of a lot: exactly one of ``attribution``, ``infructueux``, ``sansSuite``."""

    numero: NumeroLot | None = Field(
        default=None, description="lot du projet ; absent quand le projet n'est pas alloti"
    )
    id: IdMarche = Field(
        description="numéro du marché ; d'un lot sans marché, numéro sous lequel sa procédure est gardée"
    )
    attribution: Attribution | None = None
    infructueux: Infructuosite | None = None
    sansSuite: SansSuite | None = None
    offresRecues: Annotated[int, Field(strict=True, ge=0, le=9999, examples=[0]), Entier] = Field(
        default=0,
        description="offres ouvertes pour un lot sans marché ; celles d'un lot attribué sont dans l'attribution",
    )


class AttributionProjet(Entree):
    """The attribution of lots of a project: what they have in common is said once, here or by its milestones."""

    acheteur: Siret | None = Field(default=None, description="absent : l'acheteur du projet")
    consultation: ReferenceConsultation | None = Field(
        default=None, description="absente : la référence du projet, s'il est alloti"
    )
    dateLancement: Jour | None = Field(
        default=None, description="celle du jalon « publication » réalisé du projet, que l'absence reprend"
    )
    dateLimiteOffres: Jour | None = Field(
        default=None,
        description="celle du jalon « remise » réalisé du projet, que l'absence reprend",
        examples=["2026-04-03"],
    )
    dateOuverture: Jour | None = Field(
        default=None, description="absente : jalon « analyse » réalisé du projet", examples=["2026-04-03"]
    )
    lots: Annotated[tuple[LotTraite, ...], Field(min_length=1, max_length=200)]


class LotOuvert(Sortie):
    """A lot after the attribution."""

    numero: int | None
    id: str
    uid: Uid = Field(description="marché, ou projet de marché d'un lot resté sans marché")
    statut: StatutMarche
    montantEstime: Montant = Field(description="euros HT")
    montant: Montant | None = Field(description="euros HT ; null : le lot n'a pas de marché")
    motif: str | None = Field(description="pourquoi le lot n'a pas de marché")


class AttributionVue(Sortie):
    """A project after the attribution; ``uid`` and ``version`` are the project's."""

    uid: Uid
    version: int
    statut: Statut
    lots: tuple[LotOuvert, ...]
    marches: tuple[Uid, ...] = Field(description="tous les marchés du projet")


class MarcheDuLot(Sortie):
    """What became of a lot, up to now."""

    numero: int | None
    intitule: str
    issue: Literal["marche", "sans_suite", "en_cours"]
    montantEstime: Montant = Field(description="euros HT")
    marche: Uid | None
    id: str | None
    statut: StatutMarche | None
    dateNotification: date | None
    dateFin: date | None
    montant: Montant | None = Field(description="euros HT, avenants compris")
    ecart: Ecart | None = Field(description="montant moins estimation")


class MarchesDuProjet(Sortie):
    """What became of a project; the totals are those of the lots that have a marché, given up ones left out."""

    uid: Uid
    ght: CodeGht
    reference: str
    statut: Statut
    strategie: Strategie
    lots: tuple[MarcheDuLot, ...]
    montantEstime: Montant
    montant: Montant
    ecart: Ecart
