"""Which engine computes: columns when their snapshot is current and there is much to add up, else SQL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from semaphore_hub.modules.indicateurs.colonnes.instantane import est_a_jour, volume
from semaphore_hub.modules.indicateurs.colonnes.moteur import MoteurColonnes
from semaphore_hub.modules.indicateurs.moteur import Fait, Filtre, Moteur
from semaphore_hub.modules.indicateurs.moteur_sql import MoteurSql

NomMoteur = Literal["sql", "colonnes"]
SEUIL_COLONNES = 200_000
"""Lines from which columns are worth opening files for."""


@dataclass(frozen=True, slots=True)
class Choix:
    """An engine, and its name for the answer."""

    moteur: Moteur
    nom: NomMoteur


def choisir_moteur(
    connection: Connection, colonnes: Path | None, fait: Fait, filtre: Filtre, seuil: int = SEUIL_COLONNES
) -> Choix:
    """The engine for one question.

    Args:
        colonnes: folder of the snapshot; None: there is none.
        filtre: which facts are asked for.
        seuil: columns serve from one line more than this.
    """
    sql = Choix(MoteurSql(connection), "sql")
    ghts = filtre.perimetre if filtre.ght is None else frozenset({filtre.ght})
    # The snapshot knows how many lines it has of those years and GHT: counting them in SQL would read them all.
    if colonnes is None or volume(colonnes, fait, filtre.annees, ghts) <= seuil:
        return sql
    if not est_a_jour(connection, colonnes, fait, filtre.annees, ghts):
        return sql
    return Choix(MoteurColonnes(colonnes), "colonnes")
