"""The facts behind a figure, a page at a time, each with the values the figure uses and a link to its origin."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, false, or_, select

from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.indicateurs.faits_sql import colonnes_de, conditions_de
from semaphore_hub.modules.indicateurs.indicateur import Indicateur
from semaphore_hub.modules.indicateurs.liens import origine
from semaphore_hub.modules.indicateurs.moteur import Filtre
from semaphore_hub.modules.indicateurs.moteur_sql import TABLES, Colonnes, restriction
from semaphore_hub.modules.indicateurs.schemas import Fait
from semaphore_hub.modules.referentiel.rows import page_of

_COMMUNES = ("uid", "annee", "region", "ght", "etablissement_siret", "famille", "operateur")
_LIBELLES = {"action": "libelle", "depense": "reference", "projet": "intitule"}
_UNDERSCORE = re.compile(r"_([a-z])")


def lire_faits(
    connection: Connection, indicateur: Indicateur, filtre: Filtre, jour: date, *, limit: int, after: str | None
) -> tuple[list[Fait], str | None]:
    """A page of facts in the order of their uid, and the uid of the last one when there are more.

    Args:
        filtre: as for the figure.
        jour: today, for what ends soon.
    """
    columns, conditions = _selection(connection, indicateur, filtre, jour)
    used = _utiles(indicateur)
    origin = [name for name in ("source", "sujet", "marche_uid") if name in columns]
    label = _LIBELLES.get(indicateur.nature, "objet")
    wanted = dict.fromkeys([*(name for name in _COMMUNES if name in columns), label, *origin, *used])
    statement = select(*(columns[name].label(name) for name in wanted)).where(*conditions)
    rows, last = page_of(connection, statement, columns["uid"], limit, after)
    return [_fait(indicateur, row, label, used) for row in rows], last


def _selection(
    connection: Connection, indicateur: Indicateur, filtre: Filtre, jour: date
) -> tuple[Colonnes, list[ColumnElement[bool]]]:
    match indicateur.nature:
        case "action" | "depense" as fait:
            columns: Colonnes = dict(TABLES[fait].columns)
            return columns, restriction(columns, filtre)
        case "notifie" | "projet" as selection:
            columns = colonnes_de(connection, selection)
            return columns, [*conditions_de(selection, jour, 0), *restriction(columns, filtre)]
        case "en_cours" | "echeance" as selection:
            columns = colonnes_de(connection, selection)
            years = filtre.annees if selection == "en_cours" else [year for year in filtre.annees if year == jour.year]
            kept = or_(false(), *(and_(*conditions_de(selection, jour, year)) for year in years))
            return columns, [kept, *restriction(columns, replace(filtre, annees=()))]
        case "objectif":
            raise ValueError("a target has no facts behind it")


def _utiles(indicateur: Indicateur) -> list[str]:
    """Columns that the sums of the indicator look at."""
    names: dict[str, None] = {}
    for mesure in indicateur.mesures:
        for name in (mesure.colonne, *(condition.colonne for condition in mesure.si)):
            if name is not None and name not in _COMMUNES:
                names[name] = None
    return list(names)


def _fait(indicateur: Indicateur, row: RowMapping, label: str, used: list[str]) -> Fait:
    return Fait(
        uid=row["uid"],
        annee=row["annee"],
        region=row["region"],
        ght=row["ght"],
        etablissement=row.get("etablissement_siret"),
        famille=row["famille"],
        operateur=row.get("operateur"),
        libelle=row[label],
        valeurs={_champ(name): _valeur(name, row[name]) for name in used},
        origine=origine(indicateur.nature, row),
    )


def _champ(colonne: str) -> str:
    return _UNDERSCORE.sub(lambda found: found[1].upper(), colonne.removesuffix("_cents"))


def _valeur(colonne: str, valeur: Any) -> str | int | bool | None:
    if valeur is not None and colonne.endswith("_cents"):
        return format(from_cents(valeur), "f")
    found: str | int | bool | None = valeur
    return found
