"""Carry-over: the plan of the next year takes what a validated plan leaves to it, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from semaphore_hub.kernel.access import WRITERS, Caller
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.paat.contexte import membres
from semaphore_hub.modules.paat.models import Paat, PaatAction
from semaphore_hub.modules.paat.reading import Row
from semaphore_hub.modules.paat.schemas import ActionEntree, NouveauPaat
from semaphore_hub.modules.paat.service import PaatService
from semaphore_hub.modules.paat.store import PlanStore
from semaphore_hub.modules.paat.validation import rules
from semaphore_hub.modules.paat.validation.etats import REPORTABLES
from semaphore_hub.modules.paat.validation.report import ecart_de_report, est_a_reporter, reprise
from semaphore_hub.modules.paat.validation.schemas import ActionReportee, DemandeReport, ReportPaat
from semaphore_hub.modules.referentiel.familles import Familles, familles
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.modules.referentiel.schemas import Avertissement

_paat, _action = table_of(Paat), table_of(PaatAction)


class ExerciceSuivant:
    """Carries plans over.

    Args:
        store: rows of plans.
        paat: what opens a plan and records its actions.
    """

    def __init__(self, store: PlanStore, paat: PaatService) -> None:
        self._store = store
        self._paat = paat

    def reporter(self, unit: UnitOfWork, caller: Caller, uid: str, demande: DemandeReport) -> ReportPaat:
        """Create the plan of the next year, or complete its brouillon (``paat.actions_enregistrees``).

        An action is known by the one it comes from: called again, nothing is added twice, nothing changes.

        Raises:
            Forbidden: the caller's role does not write.
            NotFound: no such plan in the perimeter.
            WrongState: the directeur des achats has not validated it, or the next plan is submitted already.
            RuleBroken: not the next year, or nothing to carry over.
        """
        caller.require(*WRITERS)
        source = self._store.for_change(unit, caller, uid, REPORTABLES, "le reporter")
        if demande.annee != source["annee"] + 1:
            told = {"annee": source["annee"], "suivante": source["annee"] + 1, "demandee": demande.annee}
            refuse([rules.REPORT_ANNEE.broken("$.annee", **told)])
        candidates = [row for row in _actions(unit.connection, uid) if est_a_reporter(row)]
        members = membres(unit.connection, source["ght"], demande.annee)
        judged = [(row, ecart_de_report(row, members)) for row in candidates]
        dropped = [problem for _, problem in judged if problem is not None]
        kept = [row for row, problem in judged if problem is None]
        if not kept:
            refuse([rules.REPORT_VIDE.broken("$.annee", annee=source["annee"]), *dropped])
        target = _plan(unit.connection, source["ght"], demande.annee)
        known = _reprises(unit.connection, target)
        new = [row for row in kept if row["uid"] not in known]
        taken = {numero for numeros in known.values() for numero in numeros}
        entries, warnings = _entries(new, taken, familles(unit.connection))
        uid_suivant, version = self._record(unit, caller, source["ght"], demande.annee, target, entries)
        return ReportPaat(
            uid=uid_suivant,
            version=version,
            ght=source["ght"],
            annee=demande.annee,
            cree=target is None,
            reportees=tuple(
                ActionReportee(numero=row["numero"], reportee=entry.numero, gain=entry.gain or from_cents(0))
                for row, entry in zip(new, entries, strict=True)
            ),
            dejaReportees=len(kept) - len(new),
            ecartees=_avertissements(dropped),
            avertissements=_avertissements(warnings),
        )

    def _record(
        self,
        unit: UnitOfWork,
        caller: Caller,
        ght: str,
        annee: int,
        target: Row | None,
        entries: Sequence[ActionEntree],
    ) -> tuple[str, int]:
        """Uid and version of the next plan once it has these actions."""
        if target is not None and not entries:
            return target["uid"], target["version"]
        if target is None:
            created = self._paat.creer(unit, caller, NouveauPaat(ght=ght, annee=annee))
            uid, version = created.uid, created.version
        else:
            uid, version = target["uid"], target["version"]
        return uid, self._paat.enregistrer(unit, caller, uid, version, entries, origine="report").version


def _plan(connection: Connection, ght: str, annee: int) -> Row | None:
    statement = select(_paat).where(_paat.c.ght == ght, _paat.c.annee == annee).with_for_update()
    return connection.execute(statement).mappings().first()


def _actions(connection: Connection, paat_uid: str) -> Sequence[Row]:
    statement = select(_action).where(_action.c.paat_uid == paat_uid).order_by(_action.c.numero)
    return connection.execute(statement).mappings().all()


def _reprises(connection: Connection, target: Row | None) -> Mapping[str | None, Sequence[str]]:
    """Numbers of the actions of the next plan by the action they come from (None: those of its own)."""
    found: dict[str | None, list[str]] = {}
    for row in [] if target is None else _actions(connection, target["uid"]):
        found.setdefault(row["action_origine_uid"], []).append(row["numero"])
    return found


def _entries(rows: Sequence[Row], taken: set[str], nomenclature: Familles) -> tuple[list[ActionEntree], list[Problem]]:
    """Actions for the next plan, and those whose family is to be given again."""
    entries: list[ActionEntree] = []
    problems: list[Problem] = []
    for row in rows:
        written = [one for one in (row["famille"], row["famille_ecrite"]) if one is not None]
        code = next((found for one in written if (found := nomenclature.trouver(one)) is not None), None)
        if written and code is None:
            told = {"famille": written[-1], "numero": row["numero"], "suivante": row["annee"] + 1}
            problems.append(rules.REPORT_FAMILLE.broken(f"actions.{row['numero']}.famille", **told))
        entry = reprise(row, taken, code)
        taken.add(entry.numero)
        entries.append(entry)
    return entries, problems


def _avertissements(problems: Sequence[Problem]) -> tuple[Avertissement, ...]:
    return tuple(Avertissement(regle=one.rule, champ=one.path, message=one.message) for one in problems)
