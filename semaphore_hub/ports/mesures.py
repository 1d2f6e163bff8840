"""What the indicators ask of the modules that own the facts: the lines of one subject, as they stand now.

Amounts are integer cents. The modules implement these ports in their ``mesures.py``; ``app.py`` joins them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class ActionMesuree:
    """An action of a PAAT, amounts TTC; ``report`` is true when it was carried over from the year before."""

    uid: str
    annee: int
    ght: str
    etablissement_siret: str | None
    role: str | None
    libelle: str
    famille: str | None
    domaine: str | None
    levier: str | None
    operateur: str
    effet_budgetaire: str | None
    report: bool
    reference_cents: int | None
    perimetre_cents: int | None
    gain_cents: int | None
    gain_annee_cents: int | None
    gain_retenu_cents: int
    controle: str | None
    exclue: bool


@dataclass(frozen=True, slots=True)
class DepenseMesuree:
    """A line of a payment order (mandat); ``code_cpv``, ``operateur`` and ``mutualise`` are those of its marché."""

    uid: str
    annee: int
    date: date
    ght: str
    etablissement_siret: str
    compte: str | None
    numero_marche: str | None
    marche_uid: str | None
    code_cpv: str | None
    operateur: str
    mutualise: bool
    hors_marche: str | None
    reference: str
    montant_ht_cents: int
    montant_ttc_cents: int


@dataclass(frozen=True, slots=True)
class MarcheMesure:
    """A marché, amounts HT; ``None`` where the hub does not know.

    ``sirens`` are those of its holders in order, "" for one that has none; ``operateur`` is a code of the PAAT ("ght",
    "uniha"…).
    """

    uid: str
    version: int
    ght: str
    etablissement_siret: str
    id: str
    objet: str
    code_cpv: str
    operateur: str
    statut: str
    procedure: str | None
    date_lancement: date | None
    date_attribution: date | None
    date_notification: date | None
    date_fin: date | None
    montant_cents: int
    montant_max_cents: int | None
    consomme_cents: int
    offres_recues: int | None
    sirens: tuple[str, ...]
    environnement: bool | None
    social: bool | None
    beneficiaires: int


@dataclass(frozen=True, slots=True)
class ProjetMesure:
    """A purchase project of the planning."""

    uid: str
    version: int
    ght: str
    intitule: str
    statut: str
    strategie: str
    famille: str | None
    marche_renouvele_uid: str | None
    date_creation: date
    date_lancement: date | None
    date_attribution: date | None
    date_debut_prevue: date | None
    date_notification: date | None = None


class SourceActions(Protocol):
    """The module PAAT."""

    def plans(self, connection: Connection) -> Sequence[str]:
        """Uids of every plan."""
        ...

    def actions(self, connection: Connection, paat_uid: str) -> Sequence[ActionMesuree]:
        """Every action of a plan; empty when there is no such plan."""
        ...


class SourceMarches(Protocol):
    """The module marchés: the marchés themselves, and what was paid."""

    def uids(self, connection: Connection) -> Sequence[str]:
        """Uids of every marché, from the attribution on."""
        ...

    def marche(self, connection: Connection, uid: str) -> MarcheMesure | None:
        """One marché, from its attribution on."""
        ...

    def marches(self, connection: Connection, uids: Sequence[str]) -> Sequence[MarcheMesure]:
        """Those marchés, from their attribution on, by uid."""
        ...

    def depenses_du_flux(self, connection: Connection, partenaire: str, id_flux: str) -> Sequence[DepenseMesuree]:
        """The lines of mandats that a flow of a partner last wrote."""
        ...

    def depenses_du_marche(self, connection: Connection, uid: str) -> Sequence[DepenseMesuree]:
        """The lines of mandats reconciled with a marché."""
        ...

    def depenses(self, connection: Connection, apres: str, limite: int) -> Sequence[DepenseMesuree]:
        """A page of every line of mandats, in the order of their uid, after one ("" for the first page)."""
        ...


class SourceProjets(Protocol):
    """The module planification."""

    def uids(self, connection: Connection) -> Sequence[str]:
        """Uids of every project."""
        ...

    def projet(self, connection: Connection, uid: str) -> ProjetMesure | None:
        """One project."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the facts of the indicators are read."""

    actions: SourceActions
    marches: SourceMarches
    projets: SourceProjets
