"""Product lines of a marché, as those who order on it are told them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer

from semaphore_hub.ports.payloads.base import Etablissement, Payload, TypeIdentifiant

PrixUnitaire = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")]
"""A unit price, euros HT, up to six decimals."""


class LigneProduit(Payload):
    """One price line: product, price and period."""

    mouvement: Literal["C", "M", "S"] = Field(description="created, modified, or withdrawn (supprimé)")
    reference: str = Field(description="the supplier's reference")
    libelle: str
    typeIdentifiant: TypeIdentifiant
    fournisseur: str = Field(description="identifier of the supplier")
    prixUnitaireHT: PrixUnitaire
    tauxTVA: Decimal = Field(description="percent")
    unitePrix: str
    uniteCommande: str | None = None
    quantiteParConditionnement: int | None = None
    minimumCommande: int | None = None
    codeNomenclature: str | None = None
    gtin: str | None = None
    codeUCD: str | None = None
    codeCIP13: str | None = None
    dateDebut: date
    dateFin: date


class MarcheDesProduits(Payload):
    """The marché the lines belong to, and who hears them."""

    numero: str = Field(description="number of the marché, as its operator writes it")
    lot: int | None = Field(default=None, ge=1, description="absent when the marché has no lots")
    uid: str | None = Field(default=None, description="identifier in the hub, when the hub knows the marché")
    acheteur: Etablissement
    beneficiaires: tuple[Etablissement, ...]


class ProduitsPayload(Payload):
    """Data of ``produits.publies``: one part of the lines of a marché, at most 1,000."""

    marche: MarcheDesProduits
    partie: int = Field(ge=1)
    parties: int = Field(ge=1)
    lignes: tuple[LigneProduit, ...] = Field(min_length=1, max_length=1000)
