"""Tables of the PAAT. Amounts are integer cents, tax included (TTC), as the trame asks; a gain may be a loss."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import semaphore_hub.kernel.db  # noqa: F401  # names the constraints: must be imported before any table is defined


class Paat(SQLModel, table=True):
    """The plan of one GHT for one year."""

    __tablename__: ClassVar[Any] = "paat"
    __table_args__ = (UniqueConstraint("ght", "annee"),)

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    ght: str = Field(sa_column=Column(ForeignKey("ght.code"), nullable=False))
    annee: int
    statut: str = Field(max_length=20)
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


class PaatAction(SQLModel, table=True):
    """One line of a plan. ``famille`` is a code of the purchasing families; what was written of it is beside.

    ``detail`` has the figures a gain was computed from; ``borne_pour_mille`` the bound it was last controlled with,
    ``controle`` the DGOS check it meets, ``exclue`` whether its gain is then left out (``gain_retenu_cents`` is 0).
    """

    __tablename__: ClassVar[Any] = "paat_action"
    __table_args__ = (
        UniqueConstraint("paat_uid", "numero"),
        Index("ix_paat_action_page", "paat_uid", "uid"),
        Index("ix_paat_action_ght", "ght", "annee"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    paat_uid: str = Field(sa_column=Column(ForeignKey("paat.uid"), nullable=False))
    ght: str = Field(max_length=20)
    annee: int
    numero: str = Field(max_length=20)
    libelle: str = Field(max_length=500)
    statut: str = Field(max_length=12)
    stade: str = Field(max_length=10)
    famille: str | None = Field(default=None, max_length=20)
    famille_ecrite: str | None = Field(default=None, max_length=200)
    domaine: str | None = Field(default=None, max_length=200)
    categorie: str | None = Field(default=None, max_length=200)
    segment: str | None = Field(default=None, max_length=200)
    levier: str | None = Field(default=None, max_length=40)
    operateur: str = Field(max_length=20)
    etablissement_siret: str | None = Field(default=None, sa_column=Column(ForeignKey("etablissement.siret")))
    role: str | None = Field(default=None, max_length=10)
    numero_marche: str | None = Field(default=None, max_length=50)
    methode: str = Field(max_length=20)
    section: str = Field(max_length=14)
    effet_budgetaire: str | None = Field(default=None, max_length=40)
    montant_reference_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    perimetre_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    gain_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    date_effet: date | None = None
    mois_effet: int | None = None
    gain_annee_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    report_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    gain_realise_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    calcul_gains: str | None = Field(default=None, max_length=4000)
    detail: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    acheteur: str | None = Field(default=None, max_length=100)
    commentaire: str | None = Field(default=None, max_length=2000)
    explication: str | None = Field(default=None, max_length=2000)
    origine: str = Field(max_length=10)
    action_origine_uid: str | None = Field(default=None, max_length=36)
    borne_pour_mille: int
    controle: str | None = Field(default=None, max_length=2)
    commentaire_dgos: str | None = Field(default=None, max_length=200)
    exclue: bool = False
    gain_retenu_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


class PaatEtape(SQLModel, table=True):
    """One step of the validation of a plan: open until somebody of its role decides."""

    __tablename__: ClassVar[Any] = "paat_etape"
    __table_args__ = (
        Index("ix_paat_etape_paat", "paat_uid", "uid"),
        Index("ix_paat_etape_role", "role", "statut", "uid"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    paat_uid: str = Field(sa_column=Column(ForeignKey("paat.uid"), nullable=False))
    ght: str = Field(max_length=20)
    activite: str = Field(max_length=60)
    role: str = Field(max_length=20)
    statut: str = Field(max_length=10)
    ouverte_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    decidee_ms: int | None = Field(default=None, sa_column=Column(BigInteger))
    auteur: str | None = Field(default=None, max_length=200)
    motif: str | None = Field(default=None, max_length=2000)


class PaatBorne(SQLModel, table=True):
    """Control bound of the performance of a family in a year, in thousandths; family "*" is the default."""

    __tablename__: ClassVar[Any] = "paat_borne"

    annee: int = Field(primary_key=True)
    famille: str = Field(primary_key=True, max_length=20)
    borne_pour_mille: int
    source: str = Field(max_length=200)


class PaatCampagne(SQLModel, table=True):
    """A campaign that collects the figures of every plan of a year, at mid-year or at the end."""

    __tablename__: ClassVar[Any] = "paat_campagne"
    __table_args__ = (UniqueConstraint("annee", "moment"),)

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    annee: int
    moment: str = Field(max_length=10)
    date_donnees: date
    ouverture: date
    cloture: date
    rappels_jours: list[int] = Field(sa_column=Column(JSON, nullable=False))
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


class PaatRemontee(SQLModel, table=True):
    """What a plan said in a campaign, frozen: totals and lines. A second one replaces nothing, the last counts."""

    __tablename__: ClassVar[Any] = "paat_remontee"
    __table_args__ = (Index("ix_paat_remontee_campagne", "campagne_uid", "ght", "uid"),)

    uid: str = Field(primary_key=True, max_length=36)
    campagne_uid: str = Field(sa_column=Column(ForeignKey("paat_campagne.uid"), nullable=False))
    paat_uid: str = Field(sa_column=Column(ForeignKey("paat.uid"), nullable=False))
    ght: str = Field(max_length=20)
    deposee_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    auteur: str = Field(max_length=200)
    chiffres: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    lignes: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))


class PaatRappel(SQLModel, table=True):
    """A reminder that was said, once, to a GHT that had not answered a campaign."""

    __tablename__: ClassVar[Any] = "paat_rappel"
    __table_args__ = (UniqueConstraint("campagne_uid", "ght", "jours"),)

    uid: str = Field(primary_key=True, max_length=36)
    campagne_uid: str = Field(sa_column=Column(ForeignKey("paat_campagne.uid"), nullable=False))
    ght: str = Field(max_length=20)
    jours: int
    jour: date
    message: str = Field(max_length=500)


class PaatGainOperateur(SQLModel, table=True):
    """A gain as an operator (buying cooperative) declares it for a GHT, or one établissement of it."""

    __tablename__: ClassVar[Any] = "paat_gain_operateur"
    __table_args__ = (
        UniqueConstraint("operateur", "annee", "reference"),
        Index("ix_paat_gain_operateur_ght", "ght", "annee", "uid"),
    )

    uid: str = Field(primary_key=True, max_length=36)
    version: int
    annee: int
    ght: str = Field(sa_column=Column(ForeignKey("ght.code"), nullable=False))
    operateur: str = Field(max_length=20)
    reference: str = Field(max_length=60)
    famille: str | None = Field(default=None, max_length=20)
    numero_marche: str | None = Field(default=None, max_length=50)
    etablissement_siret: str | None = Field(default=None, sa_column=Column(ForeignKey("etablissement.siret")))
    montant_reference_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    gain_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    source: str = Field(max_length=200)
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
