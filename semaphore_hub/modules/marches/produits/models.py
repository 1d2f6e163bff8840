"""Tables of products under contract. Unit prices are whole millionths of a euro, rates hundredths of a percent."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import VARCHAR
from sqlmodel import Field, SQLModel

from semaphore_hub.kernel.db import UtcDateTime

# Keys are searched by how they begin, which takes the order of their bytes: SQLite's own, to be said to PostgreSQL.
_KEY = String(200).with_variant(VARCHAR(200, collation="C"), "postgresql")
_BIG = BigInteger().with_variant(Integer(), "sqlite")


class EtatProduit(StrEnum):
    """What the hub makes of a line."""

    ACTIF = "actif"  #: its marché is known to the hub
    EN_ATTENTE = "en_attente"  #: its marché is not known yet; the line is kept for when it is
    CLOS = "clos"  #: withdrawn by the operator (mouvement S)


class EtatImport(StrEnum):
    """Where an import stands."""

    CONTROLE = "controle"  #: the file is being checked, nothing is loaded
    EN_COURS = "en_cours"  #: checked, loading chunk by chunk; sent again, the same file resumes where it stopped
    TERMINE = "termine"  #: loaded; sent again, the same file changes nothing
    REFUSE = "refuse"  #: nothing was loaded, the findings say why


def _filled(column: str) -> dict[str, Any]:
    """An index of the lines that have this code only: most have one of the three."""
    return {"sqlite_where": text(f"{column} IS NOT NULL"), "postgresql_where": text(f"{column} IS NOT NULL")}


class Produit(SQLModel, table=True):
    """One product of one lot at one price, from a day to a day.

    Its marché is named by (operateur, numero_marche, numero_lot): no foreign key, since it may not be known yet.
    ``cle`` joins what names the product (marché, lot, reference, operateur, GHT), the same in every price period; its
    index also serves the searches by marché. Every index more costs a tenth of the speed of an import.
    ``empreinte`` is a hash of the line, to tell whether another file says the same. ``donnees`` holds the columns of
    the file that have none here, packed (see ``conversion.unpacked``).
    """

    __tablename__: ClassVar[Any] = "produit"
    __table_args__ = (
        UniqueConstraint("cle", "date_debut"),
        Index("ix_produit_gtin", "gtin", **_filled("gtin")),
        Index("ix_produit_cip13", "code_cip13", **_filled("code_cip13")),
        Index("ix_produit_ucd", "code_ucd", **_filled("code_ucd")),
    )

    id: int | None = Field(default=None, sa_column=Column(_BIG, primary_key=True, autoincrement=True))
    ght: str | None = Field(default=None, max_length=20)
    cle: str = Field(sa_column=Column(_KEY, nullable=False))
    operateur: str = Field(max_length=50)
    numero_marche: str = Field(max_length=30)
    numero_lot: str = Field(max_length=20)
    fournisseur_siret: str = Field(max_length=20)
    reference_fournisseur: str = Field(max_length=60)
    libelle_produit: str = Field(max_length=300)
    code_ucd: str | None = Field(default=None, max_length=20)
    code_cip13: str | None = Field(default=None, max_length=20)
    gtin: str | None = Field(default=None, max_length=20)
    prix_unitaire_ht: int = Field(sa_column=Column(BigInteger, nullable=False))
    date_debut: date
    date_fin: date
    etat: str = Field(max_length=10)
    import_id: str = Field(max_length=36)
    empreinte: int = Field(sa_column=Column(BigInteger, nullable=False))
    donnees: str = Field(sa_column=Column(Text, nullable=False))


class ProduitLot(SQLModel, table=True):
    """A lot of the catalogue and one supplier in it: some thousands of rows, to find products without an index each.

    The key of a product in the lot is ``debut``, its reference, ``fin``. ``en_attente``: the hub did not know the
    marché when its products were loaded; the next import of the same catalogue looks again.
    """

    __tablename__: ClassVar[Any] = "produit_lot"
    __table_args__ = (
        UniqueConstraint("debut", "fin", "fournisseur_siret"),
        Index("ix_produit_lot_fournisseur", "fournisseur_siret"),
    )

    id: int | None = Field(default=None, sa_column=Column(_BIG, primary_key=True, autoincrement=True))
    ght: str | None = Field(default=None, max_length=20)
    operateur: str = Field(max_length=50)
    numero_marche: str = Field(max_length=30)
    debut: str = Field(sa_column=Column(_KEY, nullable=False))
    fin: str = Field(sa_column=Column(_KEY, nullable=False))
    fournisseur_siret: str = Field(max_length=20)
    en_attente: bool


class ProduitImport(SQLModel, table=True):
    """One file imported, or being so; the same bytes for the same GHT are the same import.

    ``octet`` and ``ligne`` are where the next chunk begins: they move in the transaction that loads the one before.
    """

    __tablename__: ClassVar[Any] = "produit_import"
    __table_args__ = (Index("ix_produit_import_ght", "ght", "id"),)

    id: str = Field(primary_key=True, max_length=36)
    cle: str = Field(unique=True, max_length=100)
    nom: str = Field(max_length=255)
    sha256: str = Field(max_length=64)
    taille: int = Field(sa_column=Column(BigInteger, nullable=False))
    ght: str | None = Field(default=None, max_length=20)
    partiel: bool
    etat: str = Field(max_length=10)
    jour: date
    cree_le: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    termine_le: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    octet: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    ligne: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    morceaux: int = 0
    lignes: int = 0
    refusees: int = 0
    avertissements: int = 0
    creees: int = 0
    modifiees: int = 0
    inchangees: int = 0
    closes: int = 0
    en_attente: int = 0
    par_regle: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    constats: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))


class ProduitPublication(SQLModel, table=True):
    """What was last said of a lot to those who order on it.

    ``cible`` is the marché (uid) whose parties are told or, while the hub does not know it, the GHT ("" for all);
    ``version`` counts the events of a marché that is not known.
    """

    __tablename__: ClassVar[Any] = "produit_publication"
    __table_args__ = (UniqueConstraint("operateur", "numero_marche", "numero_lot", "cible"),)

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    operateur: str = Field(max_length=50)
    numero_marche: str = Field(max_length=30)
    numero_lot: str = Field(max_length=20)
    cible: str = Field(max_length=36)
    beneficiaires: list[str] = Field(sa_column=Column(JSON, nullable=False))


class ProduitPublie(SQLModel, table=True):
    """A line as it was last said; ``retire`` when what was said is that it is withdrawn."""

    __tablename__: ClassVar[Any] = "produit_publie"

    publication_uid: str = Field(sa_column=Column(ForeignKey("produit_publication.uid"), primary_key=True))
    cle: str = Field(sa_column=Column(_KEY, primary_key=True))
    date_debut: date = Field(primary_key=True)
    empreinte: int = Field(sa_column=Column(BigInteger, nullable=False))
    retire: bool
