"""Facts the indicators are computed from, kept apart from the modules that own them. Amounts are integer cents.

``source`` says where a fact comes from: "hub" (read again whenever its subject changes) or the uid of an import.
``region``, ``ght``, ``etablissement_siret`` and ``role`` are those of the day of the fact, so that a figure of a past
year does not move when an établissement changes GHT. ``operateur`` is a code of the PAAT, whatever the fact: "ght",
"uniha", "resah", "ugap", "gcs_regional", "autre". The uid of an imported line is not a UUID: it begins with "i", the
end of the uid of its import, and ":".
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import semaphore_hub.kernel.db  # noqa: F401  # names the constraints: must be imported before any table is defined


class IndicateurAction(SQLModel, table=True):
    """A line of a PAAT, amounts TTC."""

    __tablename__: ClassVar[Any] = "indicateur_action"
    __table_args__ = (Index("ix_indicateur_action_partition", "annee", "ght", "uid"),)

    uid: str = Field(primary_key=True, max_length=48)
    source: str = Field(max_length=36)
    sujet: str | None = Field(default=None, max_length=80, index=True)
    annee: int
    region: str | None = Field(default=None, max_length=12)
    ght: str | None = Field(default=None, max_length=20)
    etablissement_siret: str | None = Field(default=None, max_length=14)
    role: str | None = Field(default=None, max_length=10)
    libelle: str = Field(max_length=500)
    famille: str | None = Field(default=None, max_length=20)
    domaine: str | None = Field(default=None, max_length=200)
    levier: str | None = Field(default=None, max_length=40)
    operateur: str = Field(max_length=20)
    effet_budgetaire: str | None = Field(default=None, max_length=40)
    report: bool
    reference_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    perimetre_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    gain_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    gain_annee_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    gain_retenu_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    controle: str | None = Field(default=None, max_length=2)
    exclue: bool


class IndicateurDepense(SQLModel, table=True):
    """A line of spending (mandat), HT and TTC; ``hors_marche`` says why it is on no marché, when it is on none."""

    __tablename__: ClassVar[Any] = "indicateur_depense"
    __table_args__ = (Index("ix_indicateur_depense_partition", "annee", "ght", "uid"),)

    uid: str = Field(primary_key=True, max_length=48)
    source: str = Field(max_length=36)
    annee: int
    date: date
    region: str | None = Field(default=None, max_length=12)
    ght: str | None = Field(default=None, max_length=20)
    etablissement_siret: str = Field(max_length=14)
    role: str | None = Field(default=None, max_length=10)
    famille: str | None = Field(default=None, max_length=20)
    compte: str | None = Field(default=None, max_length=20)
    operateur: str = Field(max_length=20)
    mutualise: bool
    numero_marche: str | None = Field(default=None, max_length=50)
    marche_uid: str | None = Field(default=None, max_length=36)
    hors_marche: str | None = Field(default=None, max_length=12)
    reference: str = Field(max_length=80)
    montant_ht_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    montant_ttc_cents: int = Field(sa_column=Column(BigInteger, nullable=False))


class IndicateurMarche(SQLModel, table=True):
    """A marché as its last event said it, HT; a share known by nobody is null, never false."""

    __tablename__: ClassVar[Any] = "indicateur_marche"
    __table_args__ = (Index("ix_indicateur_marche_partition", "annee", "ght", "uid"),)

    uid: str = Field(primary_key=True, max_length=48)
    version: int
    annee: int | None = None
    region: str | None = Field(default=None, max_length=12)
    ght: str = Field(max_length=20)
    etablissement_siret: str = Field(max_length=14)
    id: str = Field(max_length=16)
    objet: str = Field(max_length=1000)
    famille: str | None = Field(default=None, max_length=20)
    operateur: str = Field(max_length=20)
    statut: str = Field(max_length=12)
    procedure: str | None = Field(default=None, max_length=60)
    date_lancement: date | None = None
    date_attribution: date | None = None
    date_notification: date | None = None
    date_fin: date | None = None
    montant_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    montant_max_cents: int | None = Field(default=None, sa_column=Column(BigInteger))
    consomme_cents: int = Field(sa_column=Column(BigInteger, nullable=False))
    offres_recues: int | None = None
    pme: bool | None = None
    environnement: bool | None = None
    social: bool | None = None
    beneficiaires: int


class IndicateurProjet(SQLModel, table=True):
    """A purchase project as its last event said it."""

    __tablename__: ClassVar[Any] = "indicateur_projet"
    __table_args__ = (Index("ix_indicateur_projet_renouvele", "marche_renouvele_uid"),)

    uid: str = Field(primary_key=True, max_length=48)
    version: int
    ght: str = Field(max_length=20)
    region: str | None = Field(default=None, max_length=12)
    intitule: str = Field(max_length=1000)
    statut: str = Field(max_length=20)
    strategie: str = Field(max_length=10)
    famille: str | None = Field(default=None, max_length=20)
    marche_renouvele_uid: str | None = Field(default=None, max_length=36)
    date_creation: date
    date_lancement: date | None = None
    date_attribution: date | None = None
    date_debut_prevue: date | None = None
    date_notification: date | None = None


class IndicateurObjectif(SQLModel, table=True):
    """The target of gains of a region, or of a GHT, for a year; the last ``edition`` counts."""

    __tablename__: ClassVar[Any] = "indicateur_objectif"
    __table_args__ = (UniqueConstraint("annee", "region", "ght", "edition"),)

    uid: str = Field(primary_key=True, max_length=48)
    source: str = Field(max_length=36)
    annee: int
    region: str = Field(max_length=12)
    ght: str = Field(default="", max_length=20)
    edition: int
    libelle: str = Field(max_length=100)
    montant_cents: int = Field(sa_column=Column(BigInteger, nullable=False))


class IndicateurVolume(SQLModel, table=True):
    """The volume of purchases of a year, TTC, that coverage is measured against; "" means the whole."""

    __tablename__: ClassVar[Any] = "indicateur_volume"
    __table_args__ = (UniqueConstraint("annee", "region", "ght", "etablissement_siret", "famille"),)

    uid: str = Field(primary_key=True, max_length=48)
    source: str = Field(max_length=36)
    annee: int
    region: str = Field(max_length=12)
    ght: str = Field(default="", max_length=20)
    etablissement_siret: str = Field(default="", max_length=14)
    famille: str = Field(default="", max_length=20)
    montant_cents: int = Field(sa_column=Column(BigInteger, nullable=False))


class IndicateurConsolidation(SQLModel, table=True):
    """A figure that is only known consolidated (a national or regional table): never added to lines.

    ``mesure`` names it ("performance", "objectif", "taux_couverture", "lignes_retenues"…), ``valeur`` is its decimal
    text, in the unit the source prints, with the decimals it prints.
    """

    __tablename__: ClassVar[Any] = "indicateur_consolidation"
    __table_args__ = (UniqueConstraint("annee", "region", "mesure"),)

    uid: str = Field(primary_key=True, max_length=48)
    source: str = Field(max_length=36)
    annee: int
    region: str = Field(max_length=12)
    mesure: str = Field(max_length=30)
    valeur: str = Field(max_length=30)
    unite: str = Field(max_length=10)


class IndicateurEntreprise(SQLModel, table=True):
    """The size of a company as an imported file says it (INSEE: PME, ETI, GE); needed for the share of SMEs."""

    __tablename__: ClassVar[Any] = "indicateur_entreprise"

    siren: str = Field(primary_key=True, max_length=9)
    categorie: str = Field(max_length=3)
    source: str = Field(max_length=36)


class IndicateurImport(SQLModel, table=True):
    """A file of facts that was imported; the same bytes are not imported twice.

    ``etat``: "charge", or "remplace" or "retire" when its lines count no more; ``bilan`` has its counts and findings.
    """

    __tablename__: ClassVar[Any] = "indicateur_import"
    __table_args__ = (UniqueConstraint("type", "sha256"),)

    uid: str = Field(primary_key=True, max_length=36)
    type: str = Field(max_length=20)
    nom: str = Field(max_length=255)
    sha256: str = Field(max_length=64)
    remplace: str | None = Field(default=None, max_length=36)
    etat: str = Field(max_length=10)
    lignes: int
    bilan: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    auteur: str = Field(max_length=100)
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


class IndicateurAttente(SQLModel, table=True):
    """A subject whose facts must be read again: written with its event, taken away once they were."""

    __tablename__: ClassVar[Any] = "indicateur_attente"

    sujet: str = Field(primary_key=True, max_length=180)
    marque: str = Field(max_length=36)


class IndicateurPartition(SQLModel, table=True):
    """How many times the facts of a year and GHT changed: what a columnar snapshot compares itself with.

    ``fait`` is "action" or "depense"; ``ght`` is "" for the facts of no GHT.
    """

    __tablename__: ClassVar[Any] = "indicateur_partition"

    fait: str = Field(primary_key=True, max_length=10)
    annee: int = Field(primary_key=True)
    ght: str = Field(primary_key=True, max_length=20)
    revision: int


class IndicateurRegion(SQLModel, table=True):
    """Under which region the facts of a GHT are counted: compared with the référentiel, which says it anew at times."""

    __tablename__: ClassVar[Any] = "indicateur_region"

    ght: str = Field(primary_key=True, max_length=20)
    region: str | None = Field(default=None, max_length=12)
