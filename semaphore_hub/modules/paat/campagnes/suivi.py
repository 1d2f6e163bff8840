"""How far a campaign is: who answered, who is missing, and what the last answers amount to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, and_, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.paat.campagnes.schemas import Avancement, AvancementGht, AvancementRegion, ChiffresFiges
from semaphore_hub.modules.paat.models import Paat, PaatRemontee
from semaphore_hub.modules.paat.reading import Row
from semaphore_hub.modules.referentiel.models import Ght

_ght, _paat, _remontee = table_of(Ght), table_of(Paat), table_of(PaatRemontee)
_ZERO = Decimal(0)


def avancement(connection: Connection, caller: Caller, campagne: Row) -> Avancement:
    """Every GHT of the perimeter is expected to answer: those that have a plan of the year, and the others.

    Args:
        campagne: its row.
    """
    statement = (
        select(_ght.c.code, _ght.c.nom, _ght.c.region, _paat.c.uid, _paat.c.statut)
        .outerjoin(_paat, and_(_paat.c.ght == _ght.c.code, _paat.c.annee == campagne["annee"]))
        .order_by(_ght.c.code)
    )
    last = _dernieres(connection, campagne["uid"])
    rows = connection.execute(within(statement, _ght.c.code, caller)).mappings()
    ghts = [_ght_vue(row, last.get(row["code"])) for row in rows]
    regions = sorted({one.region for one in ghts}, key=lambda region: (region is None, region))
    return Avancement(
        campagne=campagne["uid"],
        annee=campagne["annee"],
        moment=campagne["moment"],
        attendus=len(ghts),
        remontes=sum(one.remontee is not None for one in ghts),
        gainDeclare=_somme(one.gainDeclare for one in ghts),
        gainRetenu=_somme(one.gainRetenu for one in ghts),
        regions=tuple(_region_vue(region, [one for one in ghts if one.region == region]) for region in regions),
        ghts=tuple(ghts),
    )


def _dernieres(connection: Connection, campagne_uid: str) -> dict[str, RowMapping]:
    """The last answer of each GHT, without its lines."""
    columns = select(_remontee.c.uid, _remontee.c.ght, _remontee.c.deposee_ms, _remontee.c.chiffres)
    statement = columns.where(_remontee.c.campagne_uid == campagne_uid).order_by(_remontee.c.uid)
    return {row["ght"]: row for row in connection.execute(statement).mappings()}


def _ght_vue(row: RowMapping, remontee: RowMapping | None) -> AvancementGht:
    figures = None if remontee is None else ChiffresFiges.model_validate(remontee["chiffres"])
    return AvancementGht(
        ght=row["code"],
        nom=row["nom"],
        region=row["region"],
        paat=row["uid"],
        statut=row["statut"],
        remontee=None if remontee is None else remontee["uid"],
        deposeeLe=None if remontee is None else datetime.fromtimestamp(remontee["deposee_ms"] / 1000, UTC),
        gainDeclare=None if figures is None else figures.gainDeclare,
        gainRetenu=None if figures is None else figures.gainRetenu,
    )


def _region_vue(region: str | None, ghts: Sequence[AvancementGht]) -> AvancementRegion:
    return AvancementRegion(
        region=region,
        attendus=len(ghts),
        remontes=sum(one.remontee is not None for one in ghts),
        manquants=tuple(one.ght for one in ghts if one.remontee is None),
        gainDeclare=_somme(one.gainDeclare for one in ghts),
        gainRetenu=_somme(one.gainRetenu for one in ghts),
    )


def _somme(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), _ZERO)
