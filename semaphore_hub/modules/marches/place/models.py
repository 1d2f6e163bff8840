"""Tables of what PLACE says: nothing of the hub is in them, links and divergences are worked out when read."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import semaphore_hub.kernel.db  # noqa: F401  # names the constraints: must be imported before any table is defined


class PlaceConsultation(SQLModel, table=True):
    """A consultation as PLACE last said it; ``contenu`` is all that was said."""

    __tablename__: ClassVar[Any] = "place_consultation"
    __table_args__ = (
        UniqueConstraint("partenaire", "reference"),
        Index("ix_place_consultation_ght", "ght", "uid"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    ght: str | None = Field(default=None, max_length=20)
    partenaire: str = Field(max_length=64)
    reference: str = Field(max_length=40)
    acheteur: str | None = Field(default=None, max_length=14)
    statut: str = Field(max_length=20)
    modifiee_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    recu_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    contenu: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class PlaceContrat(SQLModel, table=True):
    """A contract of the essential data of PLACE; ``periode`` is that of the last document that lists it."""

    __tablename__: ClassVar[Any] = "place_contrat"
    __table_args__ = (
        UniqueConstraint("partenaire", "acheteur", "id"),
        Index("ix_place_contrat_ght", "ght", "uid"),
        Index("ix_place_contrat_acheteur", "acheteur"),
        Index("ix_place_contrat_periode", "partenaire", "periode"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    ght: str | None = Field(default=None, max_length=20)
    partenaire: str = Field(max_length=64)
    acheteur: str = Field(max_length=30)
    id: str = Field(max_length=50)
    periode: str | None = Field(default=None, max_length=7)
    date_notification: date | None = None
    document: str = Field(max_length=200)
    canal: str = Field(max_length=20)
    recu_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    contenu: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class PlacePeriode(SQLModel, table=True):
    """A month or a year that PLACE said in full: what it does not list, PLACE does not have."""

    __tablename__: ClassVar[Any] = "place_periode"

    partenaire: str = Field(primary_key=True, max_length=64)
    periode: str = Field(primary_key=True, max_length=7)
    ght: str | None = Field(default=None, max_length=20)
    debut: date
    fin: date
    document: str = Field(max_length=200)
    lu_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
