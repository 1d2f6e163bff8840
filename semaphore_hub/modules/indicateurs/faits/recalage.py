"""Moves the facts of a GHT to the region that the référentiel says, when it says it after they were written.

The référentiel tells nobody: what it says is compared with what the facts were last counted under, one row for each
GHT.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, or_, select, update

from semaphore_hub.kernel.db import Database, table_of
from semaphore_hub.modules.indicateurs.faits.ecriture import FAITS, Partition
from semaphore_hub.modules.indicateurs.models import (
    IndicateurMarche,
    IndicateurObjectif,
    IndicateurPartition,
    IndicateurProjet,
    IndicateurRegion,
    IndicateurVolume,
)
from semaphore_hub.modules.referentiel.models import Ght

_ght, _region, _partition = table_of(Ght), table_of(IndicateurRegion), table_of(IndicateurPartition)
_ENTIERES = (
    table_of(IndicateurMarche),
    table_of(IndicateurProjet),
    table_of(IndicateurObjectif),
    table_of(IndicateurVolume),
)
"""Facts that are cut in no partition."""
_ECARTS = (
    select(_ght.c.code, _ght.c.region)
    .outerjoin(_region, _region.c.ght == _ght.c.code)
    .where(or_(_region.c.ght.is_(None), _region.c.region.is_distinct_from(_ght.c.region)))
    .order_by(_ght.c.code)
)


def ecarts(connection: Connection) -> list[tuple[str, str | None]]:
    """GHT whose facts may be under another region than theirs, with their region."""
    return [(row.code, row.region) for row in connection.execute(_ECARTS)]


def recaler(database: Database, connection: Connection) -> set[Partition]:
    """Move the facts of those GHT; the partitions that changed."""
    touched: set[Partition] = set()
    for code, region in ecarts(connection):
        if region is not None:
            for table in _ENTIERES:
                connection.execute(update(table).where(table.c.ght == code).values(region=region))
            for fait, table in FAITS.items():
                touched |= _moved(connection, fait, table, code, region)
        insert = database.insert(_region)
        connection.execute(
            insert.on_conflict_do_update(index_elements=["ght"], set_={"region": insert.excluded.region}),
            {"ght": code, "region": region},
        )
    return touched


def _moved(connection: Connection, fait: str, table: Table, code: str, region: str) -> set[Partition]:
    """Year by year, as the facts of a year and GHT are found at once."""
    years = select(_partition.c.annee).where(_partition.c.fait == fait, _partition.c.ght == code)
    touched: set[Partition] = set()
    for year in connection.scalars(years).all():
        elsewhere = (table.c.annee == year, table.c.ght == code, table.c.region.is_distinct_from(region))
        if connection.execute(update(table).where(*elsewhere).values(region=region)).rowcount:
            touched.add((fait, year, code))
    return touched
