"""Indicators: catalogue, figures, drill-down to the facts, key figures, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, func, select

from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, table_of
from semaphore_hub.modules.indicateurs import rules, vues
from semaphore_hub.modules.indicateurs.calcul import Tableau
from semaphore_hub.modules.indicateurs.catalogue import INDICATEURS, TABLEAU_DE_BORD, indicateur
from semaphore_hub.modules.indicateurs.demande import Demande, verifier
from semaphore_hub.modules.indicateurs.etiquettes import etiquettes, perimetre_en_mots
from semaphore_hub.modules.indicateurs.indicateur import Indicateur, Niveau
from semaphore_hub.modules.indicateurs.lecture import Lecture
from semaphore_hub.modules.indicateurs.lignes import lire_faits
from semaphore_hub.modules.indicateurs.models import IndicateurAttente
from semaphore_hub.modules.indicateurs.moteurs import SEUIL_COLONNES, NomMoteur
from semaphore_hub.modules.indicateurs.non_reproductibles import NON_CALCULABLES, NON_REPRODUCTIBLES
from semaphore_hub.modules.indicateurs.schemas import (
    Catalogue,
    ChiffreCle,
    ChiffreNonReproductible,
    Fait,
    IndicateurCalcule,
    IndicateurNonCalculable,
    Limites,
    TableauDeBord,
)
from semaphore_hub.modules.referentiel.rules import refuse

_attente = table_of(IndicateurAttente)
LECTEURS = (Role.ACHETEUR, Role.DIRECTEUR_ACHATS, Role.ARS, Role.DGOS, Role.INTEGRATEUR)
"""Who reads figures: everybody but a partner's system."""


class IndicateursService:
    """Reads indicators.

    Args:
        database: where the facts are.
        clock: business clock.
        colonnes: folder of the columnar snapshot; None: everything is read in SQL.
        seuil_colonnes: the snapshot serves from one line more than this.
    """

    def __init__(
        self, database: Database, clock: Clock, colonnes: Path | None, seuil_colonnes: int = SEUIL_COLONNES
    ) -> None:
        self._database = database
        self._clock = clock
        self._colonnes = colonnes
        self._seuil = seuil_colonnes

    def catalogue(self) -> Catalogue:
        """Every indicator, with its formula, its source and what it may be asked."""
        return Catalogue(items=tuple(vues.decrire(one) for one in INDICATEURS))

    def limites(self) -> Limites:
        """What is not computed, and why."""
        return Limites(
            document="DGOS, présentation du 17/06/2022",
            dateDocument=date(2022, 6, 17),
            nonReproductibles=tuple(
                ChiffreNonReproductible(
                    chiffre=one.chiffre, lignes=one.lignes, raison=one.raison, indicateur=one.indicateur
                )
                for one in NON_REPRODUCTIBLES
            ),
            nonCalculables=tuple(
                IndicateurNonCalculable(libelle=one.libelle, raison=one.raison) for one in NON_CALCULABLES
            ),
        )

    def lire(self, connection: Connection, caller: Caller, code: str, demande: Demande) -> IndicateurCalcule:
        """An indicator with its lines and its total, within the caller's perimeter.

        Raises:
            Forbidden: the caller's role does not read figures.
            NotFound: no such indicator, or a GHT outside the perimeter.
            RuleBroken: the indicator does not have what is asked.
        """
        caller.require(*LECTEURS)
        wanted = indicateur(code)
        table, engine = self._tableau(connection, caller, wanted, demande)
        keys = {line.cle.entite for line in table.lignes if line.cle.entite is not None}
        labels = etiquettes(connection, demande.niveau, keys, self._clock.today())
        return IndicateurCalcule(
            code=wanted.code,
            libelle=wanted.libelle,
            formule=wanted.formule,
            unite=wanted.unite,
            source=wanted.source,
            atteste=wanted.atteste,
            arrondi=wanted.arrondi,
            perimetre=f"{wanted.perimetre} ; {perimetre_en_mots(demande, caller.ghts)}",
            annees=demande.annees,
            niveau=demande.niveau,
            par=demande.par,
            lignes=tuple(vues.ligne(wanted, demande, line, labels) for line in table.lignes),
            total=vues.resultat(wanted, table.total),
            avertissements=table.avertissements,
            arreteLe=self._clock.now(),
            sujetsEnAttente=_en_attente(connection),
            moteur=engine,
        )

    def lignes(
        self,
        connection: Connection,
        caller: Caller,
        code: str,
        demande: Demande,
        *,
        limit: int,
        after: str | None,
    ) -> tuple[list[Fait], str | None]:
        """A page of the facts behind a figure, and the uid of its last one when there are more.

        Raises:
            Forbidden, NotFound, RuleBroken: see :meth:`lire`.
        """
        caller.require(*LECTEURS)
        wanted = indicateur(code)
        if wanted.nature == "objectif":
            refuse([rules.SANS_LIGNES.broken("path.code", code=code)])
        # The finest level is the one at which every condition has a meaning.
        verifier(wanted, replace(demande, niveau=wanted.niveaux[-1]), caller)
        filtre = demande.filtre(caller, wanted.cumul)
        return lire_faits(connection, wanted, filtre, self._clock.today(), limit=limit, after=after)

    def tableau_de_bord(self, connection: Connection, caller: Caller, demande: Demande) -> TableauDeBord:
        """The key figures of a year, of the country, a region or a GHT, within the caller's perimeter.

        Raises:
            Forbidden, NotFound, RuleBroken: see :meth:`lire`.
        """
        caller.require(*LECTEURS)
        items = [self._chiffre_cle(connection, caller, indicateur(code), demande) for code in TABLEAU_DE_BORD]
        return TableauDeBord(
            annee=demande.annees[0],
            perimetre=perimetre_en_mots(demande, caller.ghts),
            items=tuple(items),
            arreteLe=self._clock.now(),
            sujetsEnAttente=_en_attente(connection),
        )

    def _chiffre_cle(self, connection: Connection, caller: Caller, wanted: Indicateur, demande: Demande) -> ChiffreCle:
        level: Niveau = "region" if demande.region is not None else "national"
        if demande.ght is not None or (caller.ghts is not None and wanted.reference is not None):
            # Targets of whole regions are not for those who see a part of them.
            level = "ght"
        asked = replace(demande, niveau=level)
        table, _ = self._tableau(connection, caller, wanted, asked)
        query = "&".join(f"{name}={value}" for name, value in asked.filtres().items())
        return ChiffreCle(
            **dict(vues.resultat(wanted, table.total)),
            code=wanted.code,
            libelle=wanted.libelle,
            unite=wanted.unite,
            source=wanted.source,
            atteste=wanted.atteste,
            avertissements=table.avertissements,
            lien=f"/v1/indicateurs/{wanted.code}?annee={asked.annees[0]}&niveau={level}{'&' if query else ''}{query}",
        )

    def _tableau(
        self, connection: Connection, caller: Caller, wanted: Indicateur, demande: Demande
    ) -> tuple[Tableau, NomMoteur]:
        verifier(wanted, demande, caller)
        return Lecture(connection, caller, wanted, demande, self._clock.today(), self._colonnes, self._seuil).tableau()


def _en_attente(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(_attente)).scalar_one()
