"""Reads what one question needs (sums, references, consolidated tables) and makes its table of figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import cast

import structlog
from sqlalchemy import Connection

from semaphore_hub.kernel.access import Caller
from semaphore_hub.modules.indicateurs import calcul_consolide
from semaphore_hub.modules.indicateurs.calcul import SANS_DONNEE, Ligne, Tableau, tableau
from semaphore_hub.modules.indicateurs.colonnes.manifeste import InstantaneIndisponible
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.indicateurs.faits_sql import Selection, agreger_sql
from semaphore_hub.modules.indicateurs.formules.chiffre import Chiffre, Sommes
from semaphore_hub.modules.indicateurs.indicateur import COLONNE_DU_NIVEAU, COLONNES, Indicateur, Niveau
from semaphore_hub.modules.indicateurs.moteur import Dimension, Fait, Groupe
from semaphore_hub.modules.indicateurs.moteur_sql import MoteurSql
from semaphore_hub.modules.indicateurs.moteurs import NomMoteur, choisir_moteur
from semaphore_hub.modules.indicateurs.references import (
    Cle,
    consolidations,
    objectifs,
    regions_entieres,
    volumes,
)
from semaphore_hub.modules.referentiel.regions import SIGLES

log = structlog.get_logger(__name__)


class Lecture:
    """One question put to the database.

    Args:
        connection: everything is read on it.
        caller: whose perimeter bounds the answer.
        indicateur: what is asked.
        demande: how; already checked (see :func:`.demande.verifier`).
        jour: today.
        colonnes: folder of the columnar snapshot, if there is one.
        seuil: lines from which it serves.
    """

    def __init__(
        self,
        connection: Connection,
        caller: Caller,
        indicateur: Indicateur,
        demande: Demande,
        jour: date,
        colonnes: Path | None,
        seuil: int,
    ) -> None:
        self._connection = connection
        self._indicateur = indicateur
        self._demande = demande
        self._jour = jour
        self._colonnes = colonnes
        self._seuil = seuil
        self._filtre = demande.filtre(caller, indicateur.cumul)
        self._regions = regions_entieres(connection, caller)
        # What is divided by a target or a volume is known by region: the country is added up from those.
        folded = indicateur.reference is not None and demande.niveau == "national"
        self._niveau: Niveau = "region" if folded else demande.niveau

    def tableau(self) -> tuple[Tableau, NomMoteur]:
        """The figures, and the engine that added the facts up."""
        if self._demande.source == "consolidation":
            return self._consolide(), "sql"
        sums, engine = self._sommes()
        national = self._demande.niveau == "national"
        table = tableau(self._indicateur, self._demande.annees, sums, self._references(), national=national)
        if self._indicateur.nature == "echeance" and self._jour.year not in self._demande.annees:
            said = f"Sans valeur : cet indicateur se lit à ce jour ; demandez l'année {self._jour.year}."
            table = Tableau((), Chiffre(None, None, None, said))
        if self._demande.source is None and self._indicateur.consolide is not None and self._demande.consolidable:
            if not national:
                table = calcul_consolide.completer(self._indicateur, table, self._lignes_consolidees())
            elif not table.lignes:
                table = self._consolide()
        return table, engine

    def _sommes(self) -> tuple[dict[Cle, Sommes], NomMoteur]:
        """Sums by key, and the engine that made them."""
        par = self._demande.par
        level = () if self._niveau == "national" else (COLONNE_DU_NIVEAU[self._niveau],)
        columns = (*level, *(() if par is None else (COLONNES.get(par, par),)))
        engine: NomMoteur = "sql"
        match self._indicateur.nature:
            case "objectif":
                return {}, engine
            case "action" | "depense" as fait:
                groups, engine = self._agreger(fait, cast(tuple[Dimension, ...], ("annee", *columns)))
            case selection:
                groups = self._agreger_sql(selection, columns)
        return {self._cle(group, has_entity=bool(level)): group.sommes for group in groups}, engine

    def _agreger(self, fait: Fait, par: tuple[Dimension, ...]) -> tuple[list[Groupe], NomMoteur]:
        mesures = self._indicateur.mesures
        choice = choisir_moteur(self._connection, self._colonnes, fait, self._filtre, self._seuil)
        try:
            return choice.moteur.agreger(fait, mesures, par, self._filtre), choice.nom
        except InstantaneIndisponible as error:
            log.warning("the columnar snapshot cannot be read; SQL answers", error=str(error))
            return MoteurSql(self._connection).agreger(fait, mesures, par, self._filtre), "sql"

    def _agreger_sql(self, nature: Selection, columns: tuple[str, ...]) -> list[Groupe]:
        mesures = self._indicateur.mesures
        groups = agreger_sql(self._connection, nature, mesures, columns, self._filtre, self._jour)
        if not groups and not columns and nature == "echeance" and self._jour.year in self._demande.annees:
            # No marché ends soon: a count of zero, not an unknown one.
            return [Groupe((self._jour.year,), dict.fromkeys((mesure.nom for mesure in mesures), 0))]
        return groups

    def _cle(self, group: Groupe, *, has_entity: bool) -> Cle:
        year, *rest = group.cle
        entity = cast(str | None, rest.pop(0)) if has_entity else None
        return Cle(cast(int, year), entity, rest[0] if rest else None)

    def _references(self) -> Mapping[Cle, int]:
        match self._indicateur.reference:
            case "objectif":
                return objectifs(self._connection, self._filtre, self._niveau, self._regions)
            case "volume":
                by_family = self._demande.par == "famille"
                return volumes(self._connection, self._filtre, self._niveau, self._regions, par_famille=by_family)
            case None:
                return {}

    def _lignes_consolidees(self, *, pays: bool = False) -> list[Ligne]:
        regions = self._regions
        if pays and regions is not None and not regions >= set(SIGLES):
            return []
        tables = consolidations(
            self._connection,
            self._filtre.annees,
            self._demande.region,
            None if pays else regions,
            national=pays,
        )
        known = {} if self._indicateur.reference != "objectif" else self._references()
        return calcul_consolide.lignes_consolidees(self._indicateur, self._demande.annees, tables, known)

    def _consolide(self) -> Tableau:
        """Consolidated figures alone."""
        regions = self._lignes_consolidees()
        if self._demande.niveau == "region":
            return Tableau(tuple(regions), calcul_consolide.total_consolide(self._indicateur, regions))
        country = [] if self._demande.region is not None else self._lignes_consolidees(pays=True)
        lines = country or calcul_consolide.national(self._indicateur, self._demande.annees, regions)
        total = calcul_consolide.total_consolide(self._indicateur, lines or regions)
        return Tableau(tuple(lines), total if lines or regions else Chiffre(None, None, None, SANS_DONNEE))
