"""The two states of a plan that are compared: the last answer to a campaign, or the plan as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from sqlalchemy import Connection, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import NotFound, Problem, RuleBroken
from semaphore_hub.modules.paat.campagnes import rules
from semaphore_hub.modules.paat.campagnes.calendrier import LIBELLES
from semaphore_hub.modules.paat.campagnes.ecarts import comparer
from semaphore_hub.modules.paat.campagnes.figer import chiffres, lignes
from semaphore_hub.modules.paat.campagnes.schemas import ChiffresFiges, Ecarts, EtatApres, EtatCompare, LigneFigee
from semaphore_hub.modules.paat.models import Paat, PaatCampagne, PaatRemontee
from semaphore_hub.modules.referentiel.models import Ght
from semaphore_hub.ports.payloads.achats import Moment

_paat, _campagne = table_of(Paat), table_of(PaatCampagne)
_remontee, _ght = table_of(PaatRemontee), table_of(Ght)


@dataclass(frozen=True, slots=True)
class _Etat:
    vue: EtatCompare
    lignes: Sequence[LigneFigee]


def ecarts(connection: Connection, caller: Caller, ght: str, annee: int, avant: Moment, apres: EtatApres) -> Ecarts:
    """What changed in the plan of a GHT, line by line.

    Raises:
        NotFound: no such GHT in the caller's perimeter.
        RuleBroken: there is no answer (or no plan) to compare.
    """
    known = within(select(_ght.c.code).where(_ght.c.code == ght), _ght.c.code, caller)
    if connection.execute(known).first() is None:
        raise NotFound(f"Le GHT {ght} n'existe pas.")
    before = _remonte(connection, ght, annee, avant, "query.avant")
    after = (
        _present(connection, ght, annee) if apres == "plan" else _remonte(connection, ght, annee, apres, "query.apres")
    )
    return Ecarts(
        ght=ght,
        annee=annee,
        avant=before.vue,
        apres=after.vue,
        differenceGainDeclare=after.vue.gainDeclare - before.vue.gainDeclare,
        differenceGainRetenu=after.vue.gainRetenu - before.vue.gainRetenu,
        lignes=tuple(comparer(before.lignes, after.lignes)),
    )


def _remonte(connection: Connection, ght: str, annee: int, moment: Moment, path: str) -> _Etat:
    """The last answer of a GHT to a campaign."""
    statement = (
        select(_remontee)
        .join(_campagne, _campagne.c.uid == _remontee.c.campagne_uid)
        .where(_remontee.c.ght == ght, _campagne.c.annee == annee, _campagne.c.moment == moment)
        .order_by(_remontee.c.uid.desc())
        .limit(1)
    )
    row = connection.execute(statement).mappings().first()
    if row is None:
        _absent(rules.ECARTS_ABSENTE.broken(path, ght=ght, moment=LIBELLES[moment], annee=annee))
    lines = [LigneFigee.model_validate(line) for line in row["lignes"]]
    deposited = datetime.fromtimestamp(row["deposee_ms"] / 1000, UTC)
    return _etat(ChiffresFiges.model_validate(row["chiffres"]), lines, row["uid"], deposited)


def _present(connection: Connection, ght: str, annee: int) -> _Etat:
    plan = connection.execute(select(_paat).where(_paat.c.ght == ght, _paat.c.annee == annee)).mappings().first()
    if plan is None:
        _absent(rules.ECARTS_PLAN.broken("query.apres", ght=ght, annee=annee))
    return _etat(chiffres(connection, plan), lignes(connection, plan["uid"]), None, None)


def _etat(
    figures: ChiffresFiges, lines: Sequence[LigneFigee], remontee: str | None, deposee_le: datetime | None
) -> _Etat:
    return _Etat(
        EtatCompare(
            remontee=remontee,
            deposeeLe=deposee_le,
            actions=figures.actions,
            gainDeclare=figures.gainDeclare,
            gainRetenu=figures.gainRetenu,
        ),
        lines,
    )


def _absent(problem: Problem) -> NoReturn:
    raise RuleBroken(problem.message, [problem])
