"""Sums over the facts that stay in SQL: marchés and projects, by what of them an indicator counts."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Connection, Integer, and_, case, cast, extract, func, or_, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.indicateurs.models import IndicateurMarche, IndicateurProjet
from semaphore_hub.modules.indicateurs.moteur import Filtre, Groupe, Mesure
from semaphore_hub.modules.indicateurs.moteur_sql import Colonnes, agreger_colonnes, restriction

_marche, _projet = table_of(IndicateurMarche), table_of(IndicateurProjet)

Selection = Literal["notifie", "en_cours", "echeance", "projet"]
_VIVANTS = ("notifie", "en_execution", "suspendu")
_SANS_RESULTAT = ("abandonne", "infructueux")
"""Statuses of a project that renews nothing."""
MOIS_ECHEANCE = 6


def dans_six_mois(jour: date) -> date:
    """The same day six months later, or the last one of that month."""
    year, month = divmod(jour.year * 12 + jour.month - 1 + MOIS_ECHEANCE, 12)
    return date(year, month + 1, min(jour.day, calendar.monthrange(year, month + 1)[1]))


def agreger_sql(
    connection: Connection,
    selection: Selection,
    mesures: Sequence[Mesure],
    par: Sequence[str],
    filtre: Filtre,
    jour: date,
) -> list[Groupe]:
    """Sums by year and group, of the marchés or projects that a selection keeps; the year is the first of each key.

    What is in force or ends soon has no year of its own: it is counted in every year it is in force, or in today's.

    Args:
        jour: today, for what ends soon.
    """
    table = _projet if selection == "projet" else _marche
    columns = colonnes_de(connection, selection)
    if selection in ("notifie", "projet"):
        conditions = [*conditions_de(selection, jour, 0), *restriction(columns, filtre)]
        return agreger_colonnes(connection, table, columns, mesures, ("annee", *par), conditions)
    years = filtre.annees if selection == "en_cours" else [year for year in filtre.annees if year == jour.year]
    without_year = restriction(columns, replace(filtre, annees=()))
    return [
        Groupe((year, *group.cle), group.sommes)
        for year in years
        for group in agreger_colonnes(
            connection, table, columns, mesures, par, [*conditions_de(selection, jour, year), *without_year]
        )
    ]


def colonnes_de(connection: Connection, selection: Selection) -> Colonnes:
    """The columns of what a selection counts, computed ones included; ``annee`` is the year of the notification."""
    if selection == "projet":
        projet = _projet.c
        return {
            **projet,
            "annee": cast(extract("year", projet.date_notification), Integer),
            "jours_projet": _jours(connection, projet.date_creation, projet.date_notification),
        }
    marche = _marche.c
    ceiling = func.coalesce(marche.montant_max_cents, marche.montant_cents)
    renewed = select(_projet.c.uid).where(
        _projet.c.marche_renouvele_uid == marche.uid, _projet.c.statut.not_in(_SANS_RESULTAT)
    )
    return {
        **marche,
        "annee": cast(extract("year", marche.date_notification), Integer),
        "jours_attribution": _jours(connection, marche.date_lancement, marche.date_attribution),
        "depasse": case((marche.consomme_cents > ceiling, True), else_=False),
        "sans_successeur": case((renewed.exists(), False), else_=True),
    }


def conditions_de(selection: Selection, jour: date, annee: int) -> list[ColumnElement[bool]]:
    """What a selection keeps.

    Args:
        jour: today, for ``echeance``.
        annee: the year, for ``en_cours``.
    """
    marche = _marche.c
    if selection == "projet":
        return [_projet.c.date_notification.is_not(None)]
    if selection == "notifie":
        return [marche.date_notification.is_not(None)]
    if selection == "echeance":
        return [marche.statut.in_(_VIVANTS), marche.date_fin >= jour, marche.date_fin <= dans_six_mois(jour)]
    begun = and_(marche.date_notification.is_not(None), marche.date_notification <= date(annee, 12, 31))
    return [begun, or_(marche.date_fin.is_(None), marche.date_fin >= date(annee, 1, 1))]


def _jours(connection: Connection, debut: Column[Any], fin: Column[Any]) -> ColumnElement[int]:
    """Days from one date to another."""
    if connection.dialect.name == "sqlite":
        return cast(func.julianday(fin) - func.julianday(debut), Integer)
    return cast(fin - debut, Integer)
