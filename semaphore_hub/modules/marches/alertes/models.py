"""Table of alerts: one row for each thing to look at, ever; the key makes it said once."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import semaphore_hub.kernel.db  # noqa: F401  # names the constraints: must be imported before any table is defined


class MarcheAlerte(SQLModel, table=True):
    """An alert about a marché; ``cle`` says which fact it is about, so that the same fact is never said twice."""

    __tablename__: ClassVar[Any] = "marche_alerte"
    __table_args__ = (UniqueConstraint("marche_uid", "code", "cle"), Index("ix_marche_alerte_ght", "ght", "uid"))

    uid: str = Field(primary_key=True, max_length=36)
    marche_uid: str = Field(sa_column=Column(ForeignKey("marche.uid"), nullable=False))
    ght: str = Field(max_length=20)
    code: str = Field(max_length=24)
    cle: str = Field(max_length=60)
    jour: date
    echeance: date | None = None
    message: str = Field(max_length=500)
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    acquittee_par: str | None = Field(default=None, max_length=200)
    acquittee_ms: int | None = Field(default=None, sa_column=Column(BigInteger))
    commentaire: str | None = Field(default=None, max_length=1000)
