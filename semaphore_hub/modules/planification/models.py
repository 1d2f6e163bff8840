"""Tables of the planning. Amounts are integer cents, excluding tax (HT), as thresholds are."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import semaphore_hub.kernel.db  # noqa: F401  # names the constraints: must be imported before any table is defined


class PlanRecensement(SQLModel, table=True):
    """A census of the needs of a GHT."""

    __tablename__: ClassVar[Any] = "plan_recensement"
    __table_args__ = (Index("ix_plan_recensement_ght", "ght", "uid"),)

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    ght: str = Field(sa_column=Column(ForeignKey("ght.code"), nullable=False))
    annee: int
    intitule: str = Field(max_length=200)
    ouverture: date
    cloture: date
    statut: str = Field(max_length=10)
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


class PlanBesoin(SQLModel, table=True):
    """A need that one établissement states in a census; ``projet_uid`` is the project that takes it."""

    __tablename__: ClassVar[Any] = "plan_besoin"
    __table_args__ = (
        UniqueConstraint("recensement_uid", "etablissement_siret", "reference"),
        Index("ix_plan_besoin_page", "recensement_uid", "uid"),
        Index("ix_plan_besoin_projet", "projet_uid"),
        Index("ix_plan_besoin_categorie", "ght", "code_nchfs"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    recensement_uid: str = Field(sa_column=Column(ForeignKey("plan_recensement.uid"), nullable=False))
    ght: str = Field(max_length=20)
    etablissement_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    reference: str = Field(max_length=40)
    libelle: str = Field(max_length=200)
    type_achat: str = Field(max_length=11)
    recurrent: bool
    famille: str | None = Field(default=None, max_length=20)
    code_nchfs: str | None = Field(default=None, max_length=20)
    code_cpv: str | None = Field(default=None, max_length=10)
    quantite: str | None = Field(default=None, max_length=20)
    unite: str | None = Field(default=None, max_length=40)
    montant_annuel_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    commentaire: str | None = Field(default=None, max_length=2000)
    projet_uid: str | None = Field(default=None, sa_column=Column(ForeignKey("plan_projet.uid")))
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


class PlanProjet(SQLModel, table=True):
    """A purchase project, from the idea to its marchés.

    ``lots``: list of {numero, intitule, montantEstime, deroge}; ``jalons``: list of {code, prevu, realise};
    ``calcul``: the computation of the procedure as it was last made; ``marches``: uids it opened, by lot number.
    """

    __tablename__: ClassVar[Any] = "plan_projet"
    __table_args__ = (
        UniqueConstraint("ght", "reference"),
        Index("ix_plan_projet_page", "ght", "uid"),
        Index("ix_plan_projet_categorie", "ght", "code_nchfs"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    ght: str = Field(sa_column=Column(ForeignKey("ght.code"), nullable=False))
    reference: str = Field(max_length=16)
    intitule: str = Field(max_length=1000)
    statut: str = Field(max_length=20)
    type: str = Field(max_length=15)
    type_achat: str = Field(max_length=11)
    acheteur_siret: str = Field(sa_column=Column(ForeignKey("etablissement.siret"), nullable=False))
    beneficiaires: list[str] = Field(sa_column=Column(JSON, nullable=False))
    famille: str | None = Field(default=None, max_length=20)
    code_nchfs: str | None = Field(default=None, max_length=20)
    code_cpv: str = Field(max_length=10)
    strategie: str = Field(max_length=10)
    portefeuille: str | None = Field(default=None, max_length=100)
    prescripteurs: list[str] = Field(sa_column=Column(JSON, nullable=False))
    considerations: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    duree_mois: int
    montant_estime_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    marche_renouvele_uid: str | None = Field(default=None, max_length=36)
    echeance_renouvelee: date | None = None
    date_debut_prevue: date
    date_lancement: date | None = None
    lots: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    jalons: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    calcul: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    procedure: str | None = Field(default=None, max_length=60)
    action_paat_uid: str | None = Field(default=None, max_length=36)
    marches: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    motif: str | None = Field(default=None, max_length=2000)
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


class PlanDelai(SQLModel, table=True):
    """Days between a milestone and the start of the marché, for a procedure or strategy; ``source`` labels it."""

    __tablename__: ClassVar[Any] = "plan_delai"

    filiere: str = Field(primary_key=True, max_length=20)
    jalon: str = Field(primary_key=True, max_length=20)
    jours: int
    source: str = Field(max_length=200)
