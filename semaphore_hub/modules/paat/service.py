"""Plans and their actions.

The structure and the figures of a plan change while it is a ``brouillon`` only; after that, and until it is ``clos``,
an action only advances: status, stage, realised gain, number of its marché, comment (hypothèse).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, Select, Table, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from semaphore_hub.kernel.access import WRITERS, Caller, Role, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import AlreadyExists, NotFound
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.paat import rules
from semaphore_hub.modules.paat.avancement import avancer
from semaphore_hub.modules.paat.bornes import remplacer_bornes, voir_bornes
from semaphore_hub.modules.paat.bornes_schemas import BornesEntree, BornesFixees, BornesVue
from semaphore_hub.modules.paat.codes import Origine, StatutPaat
from semaphore_hub.modules.paat.demonstration import detailler
from semaphore_hub.modules.paat.enregistrement import ecrire
from semaphore_hub.modules.paat.models import Paat, PaatAction, PaatEtape
from semaphore_hub.modules.paat.reading import action_vue, plan_vue, totaux, totaux_de
from semaphore_hub.modules.paat.recontrole import colonnes_de_controle, recontroler
from semaphore_hub.modules.paat.schemas import (
    ActionDetail,
    ActionEntree,
    ActionVue,
    AvancementAction,
    EnregistrementActions,
    NouveauPaat,
    PaatVue,
)
from semaphore_hub.modules.paat.store import PlanStore
from semaphore_hub.modules.referentiel.models import Ght
from semaphore_hub.modules.referentiel.rows import page_of, require_version
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.ports import events
from semaphore_hub.ports.events import EventLog

_paat = table_of(Paat)
_action = table_of(PaatAction)
_etape = table_of(PaatEtape)
_ght = table_of(Ght)
_BROUILLON = (StatutPaat.BROUILLON,)
_NON_CLOS = tuple(statut for statut in StatutPaat if statut is not StatutPaat.CLOS)


class PaatService:
    """Operations on plans and actions. Each takes the unit of work of its request; none commits.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, clock: Clock, event_log: EventLog) -> None:
        self._store = PlanStore(clock, event_log)

    def creer(self, unit: UnitOfWork, caller: Caller, nouveau: NouveauPaat) -> PaatVue:
        """Open the plan of a GHT for a year, empty (``paat.cree``).

        Raises:
            Forbidden: the caller's role does not write.
            RuleBroken: the GHT is not known, or not in the caller's perimeter.
            AlreadyExists: the GHT has a plan for that year.
        """
        caller.require(*WRITERS)
        known = within(select(_ght.c.code).where(_ght.c.code == nouveau.ght), _ght.c.code, caller)
        if unit.connection.execute(known).first() is None:
            refuse([rules.GHT.broken("$.ght", ght=nouveau.ght)])
        row: dict[str, Any] = {
            "uid": new_id(),
            "version": 1,
            "ght": nouveau.ght,
            "annee": nouveau.annee,
            "statut": StatutPaat.BROUILLON.value,
            "created_ms": self._now_ms(),
        }
        try:
            unit.connection.execute(insert(_paat), row)
        except IntegrityError as error:
            raise AlreadyExists(f"Le GHT {nouveau.ght} a déjà un PAAT pour {nouveau.annee} : modifiez-le.") from error
        return self._store.say(unit, events.PAAT_CREE, row)

    def lister(
        self, connection: Connection, caller: Caller, filtres: Mapping[str, Any], *, limit: int, after: str | None
    ) -> tuple[list[PaatVue], str | None]:
        """A page of plans, newest first, and the uid of its last item when there are more.

        Args:
            filtres: wanted value by column (``ght``, ``annee``, ``statut``).
        """
        statement = _filtered(within(select(_paat), _paat.c.ght, caller), _paat, filtres)
        rows, last = page_of(connection, statement, _paat.c.uid, limit, after, newest_first=True)
        amounts = totaux_de(connection, [row["uid"] for row in rows])
        return [plan_vue(row, amounts[row["uid"]]) for row in rows], last

    def lire(self, connection: Connection, caller: Caller, uid: str) -> PaatVue:
        """One plan of the caller's perimeter, with its totals.

        Raises:
            NotFound: no such plan there.
        """
        return plan_vue(self._store.found(connection, caller, uid), totaux(connection, uid))

    def enregistrer(
        self,
        unit: UnitOfWork,
        caller: Caller,
        paat_uid: str,
        version: int,
        actions: Sequence[ActionEntree],
        *,
        origine: Literal["saisie", "trame", "report"] = "saisie",
    ) -> EnregistrementActions:
        """Create or replace actions of a draft by their ``numero``, all or none (``paat.actions_enregistrees``).

        An action that is given as it stands does not change; one that exists keeps its origin. A trame says nothing of
        the detail of a computation nor of the action a report is from: those known stay.

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: the plan is not a draft.
            RuleBroken: with every problem of every action, at ``$.actions[i].champ``.
        """
        caller.require(*WRITERS)
        plan = self._store.for_change(unit, caller, paat_uid, _BROUILLON, "enregistrer des actions", version=version)
        written = ecrire(unit, plan, actions, Origine(origine), self._now_ms(), path="$.actions[{}]")
        said = self._store.advance(unit, plan, events.PAAT_ACTIONS_ENREGISTREES)
        return EnregistrementActions(
            paat=paat_uid,
            version=said.version,
            creees=written.creees,
            modifiees=written.modifiees,
            exclues=written.exclues,
            inchangees=written.inchangees,
            totaux=said.totaux,
        )

    def creer_action(self, unit: UnitOfWork, caller: Caller, paat_uid: str, action: ActionEntree) -> ActionVue:
        """Add one action to a draft (``paat.actions_enregistrees``).

        Raises:
            Forbidden, NotFound: see the errors of the kernel.
            WrongState: the plan is not a draft.
            RuleBroken: its number is taken, or any rule of actions.
        """
        caller.require(*WRITERS)
        plan = self._store.for_change(unit, caller, paat_uid, _BROUILLON, "ajouter une action")
        taken = select(_action.c.uid).where(_action.c.paat_uid == paat_uid, _action.c.numero == action.numero)
        if unit.connection.execute(taken).first() is not None:
            refuse([rules.NUMERO.broken("$.numero", numero=action.numero)])
        written = ecrire(unit, plan, [action], Origine.SAISIE, self._now_ms(), path="$")
        self._store.advance(unit, plan, events.PAAT_ACTIONS_ENREGISTREES)
        return action_vue(self._action(unit.connection, paat_uid, written.uids[0]))

    def remplacer_action(
        self, unit: UnitOfWork, caller: Caller, paat_uid: str, uid: str, version: int, action: ActionEntree
    ) -> ActionVue:
        """Give an action of a draft anew, whole; its number does not change (``paat.actions_enregistrees``).

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel; the version is the action's.
            WrongState: the plan is not a draft.
            RuleBroken: another number, or any rule of actions.
        """
        caller.require(*WRITERS)
        plan, row = self._for_change(unit, caller, paat_uid, uid, version, _BROUILLON, "modifier une action")
        if action.numero != row["numero"]:
            refuse([rules.NUMERO_FIXE.broken("$.numero", numero=row["numero"])])
        ecrire(unit, plan, [action], Origine.SAISIE, self._now_ms(), path="$")
        self._store.advance(unit, plan, events.PAAT_ACTIONS_ENREGISTREES)
        return action_vue(self._action(unit.connection, paat_uid, uid))

    def avancer_action(
        self, unit: UnitOfWork, caller: Caller, paat_uid: str, uid: str, version: int, avancement: AvancementAction
    ) -> ActionVue:
        """Record how an action advances, until its plan is closed (``paat.actions_enregistrees``).

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel; the version is the action's.
            WrongState: the plan is closed.
            RuleBroken: a step that cannot follow, or nothing new.
        """
        caller.require(*WRITERS)
        plan, row = self._for_change(unit, caller, paat_uid, uid, version, _NON_CLOS, "faire avancer une action")
        values = avancer(row, avancement)
        changed = {**row, **values}
        values |= {"version": version + 1, **colonnes_de_controle(changed, row["borne_pour_mille"])}
        unit.connection.execute(update(_action).where(_action.c.uid == uid).values(values))
        self._store.advance(unit, plan, events.PAAT_ACTIONS_ENREGISTREES)
        return action_vue({**changed, **values})

    def supprimer_action(self, unit: UnitOfWork, caller: Caller, paat_uid: str, uid: str, version: int) -> PaatVue:
        """Take an action out of a plan that was never submitted (``paat.actions_enregistrees``).

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel; the version is the action's.
            WrongState: the plan is not a draft.
            RuleBroken: the plan was submitted once: its actions keep their trace.
        """
        caller.require(*WRITERS)
        plan, _ = self._for_change(unit, caller, paat_uid, uid, version, _BROUILLON, "supprimer une action")
        if unit.connection.execute(select(exists().where(_etape.c.paat_uid == paat_uid))).scalar_one():
            refuse([rules.SUPPRESSION.broken("$")])
        unit.connection.execute(delete(_action).where(_action.c.uid == uid))
        return self._store.advance(unit, plan, events.PAAT_ACTIONS_ENREGISTREES)

    def lister_actions(
        self,
        connection: Connection,
        caller: Caller,
        paat_uid: str,
        filtres: Mapping[str, Any],
        *,
        limit: int,
        after: str | None,
    ) -> tuple[list[ActionVue], str | None]:
        """A page of the actions of a plan, in the order of their creation, and the uid of its last item if any more.

        Args:
            filtres: wanted value by column (``famille``, ``operateur``, ``statut``, ``controle``, ``exclue``…).

        Raises:
            NotFound: no such plan in the caller's perimeter.
        """
        self._store.found(connection, caller, paat_uid)
        statement = _filtered(select(_action).where(_action.c.paat_uid == paat_uid), _action, filtres)
        rows, last = page_of(connection, statement, _action.c.uid, limit, after)
        return [action_vue(row) for row in rows], last

    def lire_action(self, connection: Connection, caller: Caller, paat_uid: str, uid: str) -> ActionDetail:
        """One action with the arithmetic of its figures.

        Raises:
            NotFound: no such action in a plan of the caller's perimeter.
        """
        self._store.found(connection, caller, paat_uid)
        row = self._action(connection, paat_uid, uid)
        return detailler(row, totaux(connection, paat_uid).gainDeclare)

    def lire_bornes(self, connection: Connection, annee: int) -> BornesVue:
        """The control bounds of a year; common to every GHT."""
        return voir_bornes(connection, annee)

    def fixer_bornes(self, unit: UnitOfWork, caller: Caller, annee: int, entree: BornesEntree) -> BornesFixees:
        """Replace the bounds of a year and control again, at once, the plans of that year that are not closed.

        A plan in which a bound or a control changes gets one version more, and says it (``paat.actions_enregistrees``).

        Raises:
            Forbidden: only the DGOS, or an integrator, may.
            RuleBroken: a family is not known, or is given twice.
        """
        caller.require(Role.DGOS, Role.INTEGRATEUR)
        remplacer_bornes(unit, annee, entree)
        open_plans = (
            select(_paat)
            .where(_paat.c.annee == annee, _paat.c.statut != StatutPaat.CLOS.value)
            .order_by(_paat.c.uid)
            .with_for_update()
        )
        plans = actions = 0
        for plan in unit.connection.execute(open_plans).mappings().all():
            if changed := recontroler(unit, plan["uid"]):
                motif = f"Les bornes de contrôle de {annee} ont changé."
                self._store.advance(unit, plan, events.PAAT_ACTIONS_ENREGISTREES, motif=motif)
                plans, actions = plans + 1, actions + changed
        return BornesFixees(bornes=voir_bornes(unit.connection, annee), plans=plans, actions=actions)

    def _for_change(
        self,
        unit: UnitOfWork,
        caller: Caller,
        paat_uid: str,
        uid: str,
        version: int,
        statuts: Sequence[StatutPaat],
        operation: str,
    ) -> tuple[RowMapping, RowMapping]:
        plan = self._store.for_change(unit, caller, paat_uid, statuts, operation)
        row = self._action(unit.connection, paat_uid, uid)
        require_version(row, version)
        return plan, row

    def _action(self, connection: Connection, paat_uid: str, uid: str) -> RowMapping:
        statement = select(_action).where(_action.c.paat_uid == paat_uid, _action.c.uid == uid)
        row = connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound(f"L'action {uid} n'existe pas dans le PAAT {paat_uid}.")
        return row

    def _now_ms(self) -> int:
        return int(self._store.clock.now().timestamp() * 1000)


def _filtered(statement: Select[Any], table: Table, filtres: Mapping[str, Any]) -> Select[Any]:
    for column, value in filtres.items():
        if value is not None:
            statement = statement.where(table.c[column] == value)
    return statement
