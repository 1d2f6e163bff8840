"""Tables of the référentiel."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from semaphore_hub.kernel.db import UtcDateTime


class Ght(SQLModel, table=True):
    """A groupement hospitalier de territoire."""

    __tablename__: ClassVar[Any] = "ght"

    code: str = Field(primary_key=True, max_length=20)
    uid: str = Field(unique=True, max_length=36)  # position in lists
    nom: str = Field(max_length=200)
    region: str | None = Field(default=None, max_length=12)  # sigle, see regions.py


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


# --- nomenclatures kept in the hub


class Nomenclature(SQLModel, table=True):
    """A code list kept in the hub; ``version`` goes up with every change, and is that of its event."""

    __tablename__: ClassVar[Any] = "nomenclature"

    code: str = Field(primary_key=True, max_length=20)
    version: int


class NomenclatureCode(SQLModel, table=True):
    """A code of such a list; a code no longer used stays, inactive."""

    __tablename__: ClassVar[Any] = "nomenclature_code"
    __table_args__ = (UniqueConstraint("nomenclature", "code"),)

    uid: str = Field(primary_key=True, max_length=36)
    nomenclature: str = Field(sa_column=Column(ForeignKey("nomenclature.code"), nullable=False))
    code: str = Field(max_length=20)
    libelle: str = Field(max_length=200)
    actif: bool


class FamilleAchat(SQLModel, table=True):
    """A purchasing family, or a domaine or catégorie under its ``parent``, that was imported; ``source`` is its file.

    Rows come over the synthetic families of :mod:`.familles`: the same code replaces one of those.

    ``cle`` is the label as it is compared (no accents, no case, no punctuation), ``synonymes`` other such keys.
    """

    __tablename__: ClassVar[Any] = "famille_achat"
    __table_args__ = (Index("ix_famille_achat_cle", "niveau", "cle"),)

    code: str = Field(primary_key=True, max_length=20)
    parent: str | None = Field(default=None, max_length=20)
    niveau: str = Field(max_length=10)
    libelle: str = Field(max_length=200)
    cle: str = Field(max_length=200)
    synonymes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    source: str = Field(max_length=200)
    actif: bool


# --- what a GEF keeps the truth of, for one legal entity (EJ)
#
# A row is active from ``actif_depuis`` on, and no longer so from ``inactif_depuis`` on; ``emis_le`` is the instant of
# the flow that last said it, so that a flow that comes late undoes nothing.


class GefStructure(SQLModel, table=True):
    """A functional unit (UF), with the pole and the centre of responsibility it belongs to."""

    __tablename__: ClassVar[Any] = "gef_structure"
    __table_args__ = (
        UniqueConstraint("etablissement_siret", "code_uf"),
        Index("ix_gef_structure_page", "etablissement_siret", "uid"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    etablissement_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    code_uf: str = Field(max_length=20)
    libelle: str = Field(max_length=500)
    finess_geographique: str | None = Field(default=None, max_length=9)
    pole: str | None = Field(default=None, max_length=100)
    centre_responsabilite: str | None = Field(default=None, max_length=100)
    actif_depuis: date | None = None
    inactif_depuis: date | None = None
    emis_le: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    id_flux: str = Field(max_length=100)


class GefCompte(SQLModel, table=True):
    """An account of one budget (letter of the M21) in one year."""

    __tablename__: ClassVar[Any] = "gef_compte"
    __table_args__ = (
        UniqueConstraint("etablissement_siret", "exercice", "compte", "budget"),
        Index("ix_gef_compte_page", "etablissement_siret", "uid"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    etablissement_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    exercice: int
    budget: str = Field(max_length=1)
    compte: str = Field(max_length=20)
    libelle: str = Field(max_length=500)
    actif_depuis: date | None = None
    inactif_depuis: date | None = None
    emis_le: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    id_flux: str = Field(max_length=100)


class GefTiers(SQLModel, table=True):
    """A third party under the code its GEF gives it. Its bank account stays in the GEF, never here.

    The supplier it is, if the référentiel has one, is found by the identifier: recorded later, it is linked by itself.
    """

    __tablename__: ClassVar[Any] = "gef_tiers"
    __table_args__ = (
        UniqueConstraint("etablissement_siret", "code_tiers"),
        Index("ix_gef_tiers_page", "etablissement_siret", "uid"),
        Index("ix_gef_tiers_identifiant", "identifiant"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    etablissement_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    code_tiers: str = Field(max_length=40)
    type_identifiant: str = Field(max_length=10)
    identifiant: str = Field(max_length=80)
    denomination_sociale: str = Field(max_length=200)
    actif_depuis: date | None = None
    inactif_depuis: date | None = None
    emis_le: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    id_flux: str = Field(max_length=100)
