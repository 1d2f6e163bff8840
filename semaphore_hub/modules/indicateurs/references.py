"""What figures are measured against: targets of gains, volumes of purchases, consolidated tables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.indicateurs.consolides import NATIONAL, Imprime, imprime
from semaphore_hub.modules.indicateurs.indicateur import COLONNE_DU_NIVEAU, Niveau
from semaphore_hub.modules.indicateurs.models import IndicateurConsolidation, IndicateurObjectif, IndicateurVolume
from semaphore_hub.modules.indicateurs.moteur import Filtre
from semaphore_hub.modules.referentiel.models import Ght
from semaphore_hub.modules.referentiel.regions import region_du_ght

_objectif, _volume = table_of(IndicateurObjectif), table_of(IndicateurVolume)
_consolidation, _ght = table_of(IndicateurConsolidation), table_of(Ght)


@dataclass(frozen=True, slots=True)
class Cle:
    """What a line stands for: a year, an entity of the level asked (None: the country, or unknown), a breakdown."""

    annee: int
    entite: str | None = None
    valeur: str | int | bool | None = None


def regions_entieres(connection: Connection, caller: Caller) -> frozenset[str] | None:
    """Regions of which the caller sees every GHT, hence the figures of the region itself; None: all of them."""
    if caller.ghts is None:
        return None
    members: dict[str, set[str]] = {}
    for code, region in connection.execute(select(_ght.c.code, _ght.c.region)):
        known = region or region_du_ght(code)
        if known is not None:
            members.setdefault(known, set()).add(code)
    return frozenset(region for region, codes in members.items() if codes <= caller.ghts)


def objectifs(
    connection: Connection, filtre: Filtre, niveau: Niveau, regions: Collection[str] | None
) -> dict[Cle, int]:
    """Target of each region, or of each GHT, in its last edition, in cents.

    Args:
        regions: regions whose own targets may be shown (see :func:`regions_entieres`).
    """
    table = _objectif.c
    statement = select(table.annee, table.region, table.ght, table.montant_cents).order_by(table.edition)
    statement = statement.where(table.annee.in_(filtre.annees))
    if filtre.region is not None:
        statement = statement.where(table.region == filtre.region)
    found: dict[Cle, int] = {}
    for annee, region, ght, cents in connection.execute(_au_niveau(statement, niveau, filtre, regions, _objectif)):
        found[Cle(annee, ght if niveau == "ght" else region)] = cents
    return found


def volumes(
    connection: Connection, filtre: Filtre, niveau: Niveau, regions: Collection[str] | None, *, par_famille: bool
) -> dict[Cle, int]:
    """Volume of purchases of each region, GHT or établissement, whole or by family, in cents.

    Args:
        regions: see :func:`objectifs`.
        par_famille: one volume for each family.
    """
    table = _volume.c
    statement = select(
        table.annee, table.region, table.ght, table.etablissement_siret, table.famille, table.montant_cents
    )
    statement = statement.where(table.annee.in_(filtre.annees))
    if filtre.region is not None:
        statement = statement.where(table.region == filtre.region)
    if filtre.etablissement is not None:
        statement = statement.where(table.etablissement_siret == filtre.etablissement)
    if par_famille and filtre.famille is None:
        statement = statement.where(table.famille != "")
    else:
        statement = statement.where(table.famille == (filtre.famille or ""))
    single = table.etablissement_siret != "" if niveau == "etablissement" else table.etablissement_siret == ""
    statement = _au_niveau(statement.where(single), niveau, filtre, regions, _volume)
    found: dict[Cle, int] = {}
    for row in connection.execute(statement).mappings():
        key = Cle(row["annee"], row[COLONNE_DU_NIVEAU[niveau]], row["famille"] if par_famille else None)
        found[key] = found.get(key, 0) + row["montant_cents"]
    return found


def _au_niveau(
    statement: Select[Any], niveau: Niveau, filtre: Filtre, regions: Collection[str] | None, table: Table
) -> Select[Any]:
    """Rows of a level, within what the caller may see of it."""
    if niveau == "region":
        statement = statement.where(table.c.ght == "")
        return statement if regions is None else statement.where(table.c.region.in_(sorted(regions)))
    if niveau == "ght":
        statement = statement.where(table.c.ght != "")
    if filtre.ght is not None:
        statement = statement.where(table.c.ght == filtre.ght)
    return statement if filtre.perimetre is None else statement.where(table.c.ght.in_(sorted(filtre.perimetre)))


def consolidations(
    connection: Connection,
    annees: Collection[int],
    region: str | None,
    regions: Collection[str] | None,
    *,
    national: bool,
) -> dict[tuple[int, str], dict[str, Imprime]]:
    """Printed figures by measure, of each year and region (or of the country), within what may be shown.

    Args:
        region: this one only.
        regions: see :func:`objectifs`; the country is shown to those alone who see every region.
        national: the country instead of the regions.
    """
    table = _consolidation.c
    statement = select(table.annee, table.region, table.mesure, table.valeur, table.unite).where(
        table.annee.in_(annees), (table.region == NATIONAL) if national else (table.region != NATIONAL)
    )
    if region is not None:
        statement = statement.where(table.region == region)
    if regions is not None:
        statement = statement.where(table.region.in_(sorted(regions)))
    found: dict[tuple[int, str], dict[str, Imprime]] = {}
    for annee, where, mesure, valeur, unite in connection.execute(statement):
        found.setdefault((annee, where), {})[mesure] = imprime(valeur, unite)
    return found
