"""Tables of marchés. Amounts are integer cents, excluding tax."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import semaphore_hub.kernel.db  # noqa: F401  # names the constraints: must be imported before any table is defined


class Marche(SQLModel, table=True):
    """A marché: what is searched on has a column, the descriptive rest is in ``donnees``, what happened in ``vie``.

    ``date_fin`` is its last day, with the renewals taken; ``consomme_cents`` what was ordered on it or, on a framework,
    what its subsequent marchés commit.
    """

    __tablename__: ClassVar[Any] = "marche"
    __table_args__ = (
        UniqueConstraint("acheteur_siret", "id"),
        UniqueConstraint("acheteur_siret", "id_contrat"),
        Index("ix_marche_ght", "ght", "uid"),
        Index("ix_marche_statut", "statut", "uid"),
        Index("ix_marche_date_notification", "date_notification"),
        Index("ix_marche_date_fin", "date_fin"),
        Index("ix_marche_accord_cadre", "accord_cadre_uid"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    statut: str = Field(max_length=12)
    ght: str = Field(max_length=20)
    acheteur_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    id: str = Field(max_length=16)
    id_contrat: str | None = Field(default=None, max_length=14)
    objet: str = Field(max_length=1000)
    code_cpv: str = Field(max_length=10)
    montant_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    duree_mois: int
    date_notification: date | None = None
    date_publication: date | None = None
    date_fin: date | None = None
    type_achat: str = Field(max_length=11)
    consultation: str | None = Field(default=None, max_length=40)
    numero_lot: int | None = None
    accord_cadre_uid: str | None = Field(default=None, sa_column=Column(ForeignKey("marche.uid")))
    consomme_cents: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    donnees: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    vie: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    importe: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class MarcheTitulaire(SQLModel, table=True):
    """A holder of a marché, in the order given; its share when there are several."""

    __tablename__: ClassVar[Any] = "marche_titulaire"

    marche_uid: str = Field(sa_column=Column(ForeignKey("marche.uid"), primary_key=True))
    rang: int = Field(primary_key=True)
    fournisseur_uid: str = Field(sa_column=Column(ForeignKey("fournisseur.uid"), nullable=False, index=True))
    role: str = Field(max_length=12)
    montant_cents: int | None = Field(default=None, sa_column=Column(BigInteger))


class MarcheBeneficiaire(SQLModel, table=True):
    """An établissement that may order on the marché, in the order given."""

    __tablename__: ClassVar[Any] = "marche_beneficiaire"

    marche_uid: str = Field(sa_column=Column(ForeignKey("marche.uid"), primary_key=True))
    rang: int = Field(primary_key=True)
    etablissement_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False, index=True))


class MarcheModification(SQLModel, table=True):
    """A notified amendment; rows are only ever added."""

    __tablename__: ClassVar[Any] = "marche_modification"

    marche_uid: str = Field(sa_column=Column(ForeignKey("marche.uid"), primary_key=True))
    id: int = Field(primary_key=True)
    objet: str = Field(max_length=256)
    date_notification: date
    date_publication: date
    montant_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    delta_montant_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    montant_estime_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    delta_montant_estime_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    duree_mois: int | None = None
    delta_duree_mois: int | None = None
    titulaires: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    groupement: str | None = Field(default=None, max_length=20)
    fondement: str | None = Field(default=None, max_length=30)
    article: str | None = Field(default=None, max_length=10)
    evenement: str | None = Field(default=None, max_length=256)
    calcul: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class MarcheProjet(SQLModel, table=True):
    """A need before its attribution; the marché it becomes has the same uid."""

    __tablename__: ClassVar[Any] = "marche_projet"
    __table_args__ = (
        UniqueConstraint("acheteur_siret", "id"),
        Index("ix_marche_projet_ght", "ght", "uid"),
        Index("ix_marche_projet_consultation", "acheteur_siret", "consultation"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    statut: str = Field(max_length=12)
    ght: str = Field(max_length=20)
    acheteur_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    id: str = Field(max_length=16)
    objet: str = Field(max_length=1000)
    code_cpv: str = Field(max_length=10)
    montant_estime_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    consultation: str | None = Field(default=None, max_length=40)
    numero_lot: int | None = None
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    donnees: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
