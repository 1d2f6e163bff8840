"""Table of what was ordered and paid on a marché. Amounts are integer cents, excluding tax."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import semaphore_hub.kernel.db  # noqa: F401  # names the constraints: must be imported before any table is defined


class MarcheConsommation(SQLModel, table=True):
    """One order or payment as its source numbers it, or a subsequent marché on its framework (source "hub")."""

    __tablename__: ClassVar[Any] = "marche_consommation"
    __table_args__ = (
        UniqueConstraint("marche_uid", "source", "reference"),
        Index("ix_marche_consommation_page", "marche_uid", "uid"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    marche_uid: str = Field(sa_column=Column(ForeignKey("marche.uid"), nullable=False))
    source: str = Field(max_length=40)
    reference: str = Field(max_length=60)
    type: str = Field(max_length=17)
    date: date
    montant_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    etablissement_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
