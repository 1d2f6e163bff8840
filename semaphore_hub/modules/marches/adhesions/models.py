"""Table of adhesions. Amounts are integer cents, tax included."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

import semaphore_hub.kernel.db  # noqa: F401  # names the constraints: must be imported before any table is defined


class Adhesion(SQLModel, table=True):
    """One établissement and one marché (or lot) of a cooperative."""

    __tablename__: ClassVar[Any] = "adhesion"
    __table_args__ = (
        Index("ix_adhesion_ght", "ght", "uid"),
        Index("ix_adhesion_marche", "centrale", "numero_marche", "etablissement_siret"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    ght: str = Field(max_length=20)
    centrale: str = Field(max_length=64)
    numero_marche: str = Field(max_length=50)
    lot: int | None = None
    etablissement_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    statut: str = Field(max_length=30)
    date_entree: date
    date_fin: date | None = None
    besoin_ttc_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    etablissement_facture: str | None = Field(default=None, max_length=14)
    signataire: str | None = Field(default=None, max_length=200)
    motif: str | None = Field(default=None, max_length=500)
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
