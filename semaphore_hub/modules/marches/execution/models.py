"""Tables of what was ordered, received and paid. Amounts are integer cents; unit prices millionths of a euro."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from semaphore_hub.kernel.db import UtcDateTime


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


class GefCommande(SQLModel, table=True):
    """One line of an order as the GEF of a legal entity says it; ``hors_marche`` says why it names no marché."""

    __tablename__: ClassVar[Any] = "gef_commande"
    __table_args__ = (
        UniqueConstraint("etablissement_siret", "numero_commande", "ligne_commande"),
        Index("ix_gef_commande_marche", "marche_uid", "uid"),
        Index("ix_gef_commande_hors_marche", "hors_marche", "uid"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    etablissement_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    ght: str = Field(max_length=20)
    numero_commande: str = Field(max_length=40)
    ligne_commande: int
    date: date
    uf: str = Field(max_length=20)
    compte: str = Field(max_length=20)
    numero_marche: str | None = Field(default=None, max_length=50)
    lot: int | None = None
    marche_uid: str | None = Field(default=None, sa_column=Column(ForeignKey("marche.uid")))
    hors_marche: str | None = Field(default=None, max_length=12)
    reference: str | None = Field(default=None, max_length=100)
    libelle: str = Field(max_length=500)
    quantite: str = Field(max_length=20)
    prix_unitaire_ht: int = Field(sa_column=Column(BigInteger, nullable=False))
    montant_ht_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    montant_ttc_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    emis_le: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    id_flux: str = Field(max_length=100)
    partenaire: str = Field(max_length=63)


class GefReception(SQLModel, table=True):
    """One line received, of a line ordered."""

    __tablename__: ClassVar[Any] = "gef_reception"
    __table_args__ = (
        UniqueConstraint("etablissement_siret", "numero_reception", "ligne_reception"),
        Index("ix_gef_reception_commande", "commande_uid", "uid"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    etablissement_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    ght: str = Field(max_length=20)
    numero_reception: str = Field(max_length=40)
    ligne_reception: int
    commande_uid: str = Field(sa_column=Column(ForeignKey("gef_commande.uid"), nullable=False))
    numero_commande: str = Field(max_length=40)
    ligne_commande: int
    date: date
    quantite: str = Field(max_length=20)
    emis_le: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    id_flux: str = Field(max_length=100)
    partenaire: str = Field(max_length=63)


class GefMandat(SQLModel, table=True):
    """One line of a payment order; ``hors_marche`` says why it is reconciled with no marché."""

    __tablename__: ClassVar[Any] = "gef_mandat"
    __table_args__ = (
        UniqueConstraint("etablissement_siret", "exercice", "numero_mandat", "ligne_mandat"),
        Index("ix_gef_mandat_marche", "marche_uid", "uid"),
        Index("ix_gef_mandat_hors_marche", "hors_marche", "uid"),
        Index("ix_gef_mandat_flux", "partenaire", "id_flux", "uid"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    etablissement_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    ght: str = Field(max_length=20)
    exercice: int
    numero_mandat: str = Field(max_length=30)
    ligne_mandat: int
    date: date
    compte: str = Field(max_length=20)
    numero_marche: str | None = Field(default=None, max_length=50)
    numero_commande: str | None = Field(default=None, max_length=40)
    type_identifiant: str | None = Field(default=None, max_length=10)
    identifiant: str | None = Field(default=None, max_length=80)
    marche_uid: str | None = Field(default=None, sa_column=Column(ForeignKey("marche.uid")))
    hors_marche: str | None = Field(default=None, max_length=12)
    montant_ht_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    montant_tva_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    montant_ttc_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    emis_le: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    id_flux: str = Field(max_length=100)
    partenaire: str = Field(max_length=63)


class GefLigneAnterieure(SQLModel, table=True):
    """What a line of an order, a receipt or a payment said before another flow changed it; rows are only ever added."""

    __tablename__: ClassVar[Any] = "gef_ligne_anterieure"

    ligne_uid: str = Field(primary_key=True, max_length=36)
    version: int = Field(primary_key=True)
    contenu: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    id_flux: str = Field(max_length=100)
    remplacee_par: str = Field(max_length=100)
    remplacee_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
