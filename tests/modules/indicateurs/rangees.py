"""Rows of facts for tests: what is not said is plausible and neutral."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlmodel import SQLModel

from semaphore_hub.kernel.db import Database, table_of
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.indicateurs.models import (
    IndicateurAction,
    IndicateurDepense,
    IndicateurMarche,
    IndicateurObjectif,
    IndicateurProjet,
    IndicateurVolume,
)
from tests.modules.samples import PARTIE, SUPPORT


def _ecrire(database: Database, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    with database.write() as unit:
        unit.connection.execute(insert(table_of(model)), rows)


def actions(database: Database, *rows: dict[str, Any]) -> None:
    """Lines of PAAT, amounts in cents: 1,000.00 € of gain, retained and in the year, on 20,000.00 € treated."""
    base: dict[str, Any] = {
        "source": "hub",
        "sujet": "paat/019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f",
        "annee": 2026,
        "region": "BRE",
        "ght": "FIC-01",
        "etablissement_siret": SUPPORT,
        "role": "support",
        "libelle": "Action fictive",
        "famille": "SYN-01",
        "domaine": None,
        "levier": "massification",
        "operateur": "ght",
        "effet_budgetaire": "effet_prix_induit",
        "report": False,
        "reference_cents": 2_000_000,
        "perimetre_cents": None,
        "gain_cents": 100_000,
        "gain_retenu_cents": 100_000,
        "controle": None,
        "exclue": False,
    }
    full = [{"uid": new_id(), **base, **row} for row in rows]
    _ecrire(database, IndicateurAction, [{"gain_annee_cents": row["gain_retenu_cents"], **row} for row in full])


def depenses(database: Database, *rows: dict[str, Any]) -> None:
    """Lines of spending: 100.00 € HT on a marché of the GHT alone."""
    base: dict[str, Any] = {
        "source": "hub",
        "annee": 2026,
        "date": date(2026, 1, 15),
        "region": "BRE",
        "ght": "FIC-01",
        "etablissement_siret": SUPPORT,
        "role": "support",
        "famille": "SYN-01",
        "compte": "60211",
        "operateur": "ght",
        "mutualise": False,
        "numero_marche": "DM001",
        "marche_uid": "019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f",
        "hors_marche": None,
        "reference": "M-1/1",
        "montant_ht_cents": 10_000,
        "montant_ttc_cents": 12_000,
    }
    _ecrire(database, IndicateurDepense, [{"uid": new_id(), **base, **row} for row in rows])


def marches(database: Database, *rows: dict[str, Any]) -> None:
    """Marchés of 100,000.00 € HT notified on 10 February 2026, nothing consumed, nothing known beside."""
    base: dict[str, Any] = {
        "version": 1,
        "annee": 2026,
        "region": "BRE",
        "ght": "FIC-01",
        "etablissement_siret": SUPPORT,
        "id": "DM001",
        "objet": "Fournitures fictives",
        "famille": "SYN-02",
        "operateur": "ght",
        "statut": "notifie",
        "procedure": "Appel d'offres ouvert",
        "date_lancement": None,
        "date_attribution": None,
        "date_notification": date(2026, 2, 10),
        "date_fin": None,
        "montant_cents": 10_000_000,
        "montant_max_cents": None,
        "consomme_cents": 0,
        "offres_recues": None,
        "pme": None,
        "environnement": None,
        "social": None,
        "beneficiaires": 1,
    }
    _ecrire(database, IndicateurMarche, [{"uid": new_id(), **base, **row} for row in rows])


def projets(database: Database, *rows: dict[str, Any]) -> None:
    """Projects created on 1 January 2026, not launched."""
    base: dict[str, Any] = {
        "version": 1,
        "ght": "FIC-01",
        "region": "BRE",
        "intitule": "Projet fictif",
        "statut": "identifie",
        "strategie": "GHT",
        "famille": "SYN-02",
        "marche_renouvele_uid": None,
        "date_creation": date(2026, 1, 1),
        "date_lancement": None,
        "date_attribution": None,
        "date_debut_prevue": None,
        "date_notification": None,
    }
    _ecrire(database, IndicateurProjet, [{"uid": new_id(), **base, **row} for row in rows])


def objectifs(database: Database, *rows: dict[str, Any]) -> None:
    """Targets of a region for 2026."""
    base = {"source": "hub", "annee": 2026, "region": "BRE", "ght": "", "edition": 1, "libelle": "Objectif"}
    _ecrire(database, IndicateurObjectif, [{"uid": new_id(), **base, **row} for row in rows])


def volumes(database: Database, *rows: dict[str, Any]) -> None:
    """Volumes of purchases of a region for 2026."""
    base = {"source": "hub", "annee": 2026, "region": "BRE", "ght": "", "etablissement_siret": "", "famille": ""}
    _ecrire(database, IndicateurVolume, [{"uid": new_id(), **base, **row} for row in rows])


AUTRE_ETABLISSEMENT = PARTIE
