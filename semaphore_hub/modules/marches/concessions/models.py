"""Table of concessions. Values are integer cents, excluding tax."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import semaphore_hub.kernel.db  # noqa: F401  # names the constraints: must be imported before any table is defined


class Concession(SQLModel, table=True):
    """A concession: what is searched on has a column, the rest is in ``donnees`` with its amendments and years."""

    __tablename__: ClassVar[Any] = "concession"
    __table_args__ = (
        UniqueConstraint("autorite_siret", "id"),
        UniqueConstraint("autorite_siret", "id_contrat"),
        Index("ix_concession_ght", "ght", "uid"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    ght: str = Field(max_length=20)
    autorite_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    id: str = Field(max_length=16)
    id_contrat: str = Field(max_length=14)
    objet: str = Field(max_length=1000)
    date_signature: date
    duree_mois: int
    valeur_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    donnees: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
