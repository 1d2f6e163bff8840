"""Tables of the référentiel."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import semaphore_hub.kernel.db  # noqa: F401  # names the constraints: must be imported before any table is defined


class Ght(SQLModel, table=True):
    """A groupement hospitalier de territoire."""

    __tablename__: ClassVar[Any] = "ght"

    code: str = Field(primary_key=True, max_length=20)
    uid: str = Field(unique=True, max_length=36)  # position in lists
    nom: str = Field(max_length=200)


class Etablissement(SQLModel, table=True):
    """A hospital. Its GHT is not here: membership is dated, see :class:`Rattachement`."""

    __tablename__: ClassVar[Any] = "etablissement"

    uid: str = Field(primary_key=True, max_length=36)
    siret: str = Field(unique=True, max_length=14)
    finess_juridique: str | None = Field(default=None, max_length=9)
    finess_geographique: str | None = Field(default=None, max_length=9)
    nom: str = Field(max_length=200)
    cle_valide: bool = True
    version: int = 1


class Rattachement(SQLModel, table=True):
    """Membership of an établissement in a GHT, from a day to a day (included); open when ``date_fin`` is null."""

    __tablename__: ClassVar[Any] = "etablissement_rattachement"
    __table_args__ = (
        UniqueConstraint("etablissement_uid", "date_debut"),
        Index("ix_etablissement_rattachement_ght", "ght_code", "date_debut"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    etablissement_uid: str = Field(sa_column=Column(ForeignKey("etablissement.uid"), nullable=False))
    ght_code: str = Field(sa_column=Column(ForeignKey("ght.code"), nullable=False))
    role: str = Field(max_length=10)
    date_debut: date
    date_fin: date | None = None


class Fournisseur(SQLModel, table=True):
    """A supplier, common to every GHT."""

    __tablename__: ClassVar[Any] = "fournisseur"
    __table_args__ = (UniqueConstraint("type_identifiant", "identifiant"),)

    uid: str = Field(primary_key=True, max_length=36)
    type_identifiant: str = Field(max_length=10)
    identifiant: str = Field(max_length=80)
    denomination_sociale: str = Field(max_length=200)
    adresse: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    compte_bancaire: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    categorie_tiers: str = Field(max_length=2)
    nature_juridique: str = Field(max_length=2)
    cle_valide: bool = True
    version: int = 1
