"""Performance of a year: report of the actions of N-1 + actions of N (DGOS 2022, l. 1216: 21 % + 94 % = 115 %)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, case, func, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.paat.codes import SANS_GAIN, Origine
from semaphore_hub.modules.paat.gains import pourcent
from semaphore_hub.modules.paat.models import PaatAction
from semaphore_hub.modules.paat.reading import Row
from semaphore_hub.modules.paat.validation.schemas import PartPerformance, PerformancePaat

_action = table_of(PaatAction)
_SOMMES = ("actions", "declare", "retenu", "retenu_annee")
_RIEN = dict.fromkeys(_SOMMES, 0)


def performance(connection: Connection, paat: Row) -> PerformancePaat:
    """What reports and actions of the year bring to a plan.

    An action is a report when it was carried over from the plan of the year before, begun or not.

    Args:
        paat: row of the plan.
    """
    report = case((_action.c.origine == Origine.REPORT, 1), else_=0)
    # Without a month of effect nothing is prorated: the whole gain is the year's, as in the indicators.
    kept = case((_action.c.exclue, 0), else_=func.coalesce(_action.c.gain_annee_cents, _action.c.gain_retenu_cents))
    statement = (
        select(
            report.label("report"),
            func.count().label("actions"),
            func.coalesce(func.sum(_action.c.gain_cents), 0).label("declare"),
            func.sum(_action.c.gain_retenu_cents).label("retenu"),
            func.sum(kept).label("retenu_annee"),
        )
        .where(_action.c.paat_uid == paat["uid"], _action.c.statut.not_in(SANS_GAIN))
        .group_by(report)
    )
    sums = {
        row["report"]: {name: int(row[name]) for name in _SOMMES} for row in connection.execute(statement).mappings()
    }
    reports, new = sums.get(1, _RIEN), sums.get(0, _RIEN)
    whole = {name: reports[name] + new[name] for name in _SOMMES}
    return PerformancePaat(
        paat=paat["uid"],
        ght=paat["ght"],
        annee=paat["annee"],
        reports=_part(reports),
        nouvelles=_part(new),
        total=_part(whole),
        partReports=pourcent(from_cents(reports["retenu_annee"]), from_cents(whole["retenu_annee"])),
    )


def _part(sums: Mapping[str, int]) -> PartPerformance:
    return PartPerformance(
        actions=sums["actions"],
        gainDeclare=from_cents(sums["declare"]),
        gainRetenu=from_cents(sums["retenu"]),
        gainRetenuAnnee=from_cents(sums["retenu_annee"]),
    )
