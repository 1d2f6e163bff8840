"""The trame of a PAAT: the Excel file, out and in.

An import is atomic: one error anywhere and nothing is written. It is read, put over what the plan knows, recorded by
:class:`PaatService` like any other change, then compared with what the hub computed. A simulation, and a file with
errors, go the same way inside a savepoint that is given up, so that their report is the one of a real import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from semaphore_hub.kernel.access import WRITERS, Caller
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.paat.codes import StatutPaat
from semaphore_hub.modules.paat.models import PaatAction
from semaphore_hub.modules.paat.reading import action_vue, totaux
from semaphore_hub.modules.paat.schemas import ActionEntree, ActionVue, NouveauPaat
from semaphore_hub.modules.paat.service import PaatService
from semaphore_hub.modules.paat.store import PlanStore
from semaphore_hub.modules.paat.trame import rules
from semaphore_hub.modules.paat.trame.cellules import absente, ligne
from semaphore_hub.modules.paat.trame.classeur import FICHIER
from semaphore_hub.modules.paat.trame.colonnes import Col
from semaphore_hub.modules.paat.trame.constats import Constat
from semaphore_hub.modules.paat.trame.contexte import contexte_de, region_du
from semaphore_hub.modules.paat.trame.controles import comparer, controler
from semaphore_hub.modules.paat.trame.ecriture import ecrire
from semaphore_hub.modules.paat.trame.interpretation import ActionLue, interpreter
from semaphore_hub.modules.paat.trame.lecture import TrameLue, lire
from semaphore_hub.modules.paat.trame.rapport import Plan, TrameRefusee, dresser
from semaphore_hub.modules.paat.trame.schemas import RapportTrame
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.familles import familles
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.ports.events import EventLog

_action = table_of(PaatAction)
_PATH = re.compile(r"\$\.actions\[([0-9]+)\](?:\.([A-Za-z]+))?.*")
_NOMMEES = 10
"""Numbers of actions said in a sentence."""
_ANNEE = re.compile("[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Fichier:
    """A file to be saved: its name, its bytes."""

    nom: str
    contenu: bytes


class TrameService:
    """Operations of trame. Each takes the unit of work of its request; none commits.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
        paat: records the actions that a trame describes.
    """

    def __init__(self, clock: Clock, event_log: EventLog, paat: PaatService) -> None:
        self._clock = clock
        self._plans = PlanStore(clock, event_log)
        self._paat = paat

    def importer(
        self, unit: UnitOfWork, caller: Caller, paat_uid: str, version: int, contenu: bytes, *, simulation: bool = False
    ) -> RapportTrame:
        """Record the actions of a workbook in a draft plan (``paat.actions_enregistrees``, unless nothing changes).

        Args:
            contenu: bytes of the .xlsx.
            simulation: only report what would become of it, errors included.

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: the plan is not a draft.
            RuleBroken: no trame could be read in the file.
            TrameRefusee: at least one error, and it is not a simulation; the caller's transaction must not commit.
        """
        caller.require(*WRITERS)
        self._plans.for_change(unit, caller, paat_uid, (StatutPaat.BROUILLON,), "importer une trame", version=version)
        return self._imported(unit, caller, paat_uid, version, lire(contenu), simulation=simulation)

    def creer_et_importer(
        self,
        unit: UnitOfWork,
        caller: Caller,
        contenu: bytes,
        *,
        ght: str | None = None,
        annee: int | None = None,
        simulation: bool = False,
    ) -> RapportTrame:
        """Open the plan that a trame is about (``paat.cree``), and import it there.

        Args:
            ght, annee: of the plan; what is absent is read in the file, which must then say it with one voice.

        Raises:
            Forbidden: the caller's role does not write.
            AlreadyExists: the GHT has a plan for that year.
            RuleBroken, TrameRefusee: see :meth:`importer`; or GHT and year cannot be told from the file.
        """
        caller.require(*WRITERS)
        trame = lire(contenu)
        code = ght or _unique(trame, Col.GHT, "le GHT")
        year = annee or int(_unique(trame, Col.ANNEE, "l'année"))
        if not simulation:
            plan = self._paat.creer(unit, caller, NouveauPaat(ght=code, annee=year))
            return self._imported(unit, caller, plan.uid, plan.version, trame, simulation=False)
        with unit.connection.begin_nested() as savepoint:
            # Callbacks of what is given up must never run: the scratch unit of work keeps them to itself.
            scratch = UnitOfWork(unit.connection)
            plan = self._paat.creer(scratch, caller, NouveauPaat(ght=code, annee=year))
            report = self._imported(scratch, caller, plan.uid, plan.version, trame, simulation=True)
            savepoint.rollback()
        return report.model_copy(update={"paat": None, "version": None})

    def exporter(self, connection: Connection, caller: Caller, paat_uid: str) -> Fichier:
        """A plan of the caller's perimeter as a workbook; imported again, it changes nothing.

        Raises:
            NotFound: no such plan there.
        """
        plan = self._plans.found(connection, caller, paat_uid)
        content = ecrire(
            list(_vues(connection, paat_uid).values()),
            totaux(connection, paat_uid),
            familles(connection),
            ght=plan["ght"],
            region=region_du(connection, plan["ght"]),
            annee=plan["annee"],
            cree=self._clock.now(),
        )
        return Fichier(f"trame-paat-{plan['ght']}-{plan['annee']}.xlsx", content)

    def vierge(self, connection: Connection) -> Fichier:
        """The trame to fill in."""
        content = ecrire((), None, familles(connection), ght=None, region=None, annee=None, cree=self._clock.now())
        return Fichier("trame-paat.xlsx", content)

    def _imported(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, trame: TrameLue, *, simulation: bool
    ) -> RapportTrame:
        row = self._plans.found(unit.connection, caller, uid)
        plan = Plan(uid, row["ght"], row["annee"])
        before = {numero: _telle_quelle(vue) for numero, vue in _vues(unit.connection, uid).items()}
        context = contexte_de(unit.connection, plan.ght, plan.annee, before)
        actions, read = interpreter(trame, context)
        found = [*trame.constats, *read, *controler(trame, actions), *_absentes(trame, actions, before)]
        refused = any(one.gravite == "erreur" for one in found)
        changed = [one for one in actions if one.entree is not None and not one.inchangee]
        if simulation or refused:
            with unit.connection.begin_nested() as savepoint:
                scratch = UnitOfWork(unit.connection)
                _, wrong = self._record(scratch, caller, plan, version, trame, changed)
                seen = {} if wrong else _vues(unit.connection, uid)
                savepoint.rollback()
            after = version
        else:
            after, wrong = self._record(unit, caller, plan, version, trame, changed)
            seen = {} if wrong else _vues(unit.connection, uid)
        found += wrong
        for one in actions:
            if one.numero in seen and one.entree is not None:
                found += comparer(trame, one, seen[one.numero])
        of_file = {one.numero: seen[one.numero] for one in actions if one.numero in seen}
        report = dresser(plan, trame, actions, of_file, before, found, version=after, simulation=simulation)
        if report.erreurs and not simulation:
            raise TrameRefusee(report)
        return report

    def _record(
        self, unit: UnitOfWork, caller: Caller, plan: Plan, version: int, trame: TrameLue, changed: Sequence[ActionLue]
    ) -> tuple[int, list[Constat]]:
        """Record what changes; the plan's version after it, and the rules of actions that lines break."""
        assert plan.uid is not None
        # A number given twice is already said, at its own line.
        once = {one.numero: one for one in reversed(changed)}
        kept = [one for one in changed if once[one.numero] is one]
        if not kept:
            return version, []
        try:
            entries = [one.entree for one in kept if one.entree is not None]
            said = self._paat.enregistrer(unit, caller, plan.uid, version, entries, origine="trame")
        except RuleBroken as error:
            return version, [
                _situe(trame, kept, problem.path, problem.rule, problem.message) for problem in error.problems
            ]
        return said.version, []


def _vues(connection: Connection, paat_uid: str) -> dict[str, ActionVue]:
    """The actions of a plan by number, in the order of their creation."""
    statement = select(_action).where(_action.c.paat_uid == paat_uid).order_by(_action.c.uid)
    return {row["numero"]: action_vue(row) for row in connection.execute(statement).mappings()}


def _telle_quelle(vue: ActionVue) -> ActionEntree:
    """An action as it would be given again by a trame, which has no detail of computation nor origin."""
    return ActionEntree(
        numero=vue.numero,
        libelle=vue.libelle,
        statut=vue.statut,
        stade=vue.stade,
        famille=vue.familleEcrite or vue.famille,
        domaine=vue.domaine,
        categorie=vue.categorie,
        segment=vue.segment,
        levier=vue.levier,
        operateur=vue.operateur,
        etablissement=vue.etablissement,
        numeroMarche=vue.numeroMarche,
        methode=vue.methode,
        section=vue.section,
        effetBudgetaire=vue.effetBudgetaire,
        montantReference=vue.montantReference,
        perimetre=vue.perimetre,
        gain=vue.gain,
        dateEffet=vue.dateEffet,
        moisEffet=vue.moisEffet,
        calculGains=vue.calculGains,
        acheteur=vue.acheteur,
        commentaire=vue.commentaire,
        explication=vue.explication,
    )


def _situe(trame: TrameLue, actions: Sequence[ActionLue], path: str, rule: str, message: str) -> Constat:
    """The finding for a rule of actions: in the cell it is about, or on the line when no column has that field."""
    found = _PATH.fullmatch(path)
    rank = actions[int(found.group(1))].ligne if found else None
    name = found.group(2) if found else None
    col = Col(name) if name is not None and name in set(Col) else None
    raw = rank.cellules.get(col) if rank is not None and col is not None else None
    told = trame.constat(rules.ACTION, "erreur", None if rank is None else rank.rang, col, raw, phrase=message)
    return told.model_copy(update={"regle": rule})


def _absentes(trame: TrameLue, actions: Sequence[ActionLue], before: Mapping[str, ActionEntree]) -> list[Constat]:
    """Says which actions of the plan the file leaves out."""
    missing = sorted(set(before) - {one.numero for one in actions})
    if not missing:
        return []
    more = "…" if len(missing) > _NOMMEES else ""
    told = {"nombre": len(missing), "numeros": listed(missing[:_NOMMEES]) + more}
    return [trame.constat(rules.ABSENTES, "avertissement", None, None, None, **told)]


def _unique(trame: TrameLue, col: Col, manque: str) -> str:
    """The value that every line of the file gives to a column."""
    values = {ligne(one.cellules.get(col, "")) for one in trame.lignes if not absente(one.cellules.get(col, ""))}
    if len(values) != 1 or (col is Col.ANNEE and not _ANNEE.fullmatch(next(iter(values)))):
        said = listed(sorted(values)) or "aucune valeur"
        refuse([rules.PLAN.broken(FICHIER, manque=manque, valeurs=said)])
    return values.pop()
