"""Validation of plans: submission, decisions of each role, closing, carry-over."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from semaphore_hub.kernel.access import WRITERS, Caller, Role
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import RuleBroken, WrongState
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.paat.codes import SANS_GAIN, StatutPaat
from semaphore_hub.modules.paat.models import PaatAction
from semaphore_hub.modules.paat.reading import Row, totaux
from semaphore_hub.modules.paat.recontrole import recontroler
from semaphore_hub.modules.paat.schemas import PaatVue
from semaphore_hub.modules.paat.service import PaatService
from semaphore_hub.modules.paat.store import PlanStore
from semaphore_hub.modules.paat.validation import etapes, rules
from semaphore_hub.modules.paat.validation.etats import SOUMISSION, Activite, activite_suivante
from semaphore_hub.modules.paat.validation.exercice_suivant import ExerciceSuivant
from semaphore_hub.modules.paat.validation.performance import performance
from semaphore_hub.modules.paat.validation.schemas import (
    DecisionEtape,
    DemandeReport,
    HistoriqueEtapes,
    PerformancePaat,
    ReportPaat,
    SuiteValidation,
    ValidationEnAttente,
)
from semaphore_hub.modules.referentiel.ecriture import euros
from semaphore_hub.modules.referentiel.rows import require_version
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.modules.referentiel.schemas import Avertissement
from semaphore_hub.ports import events

_action = table_of(PaatAction)


class ValidationService:
    """Operations of validation. Each takes the unit of work of its request; none commits.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, clock: Clock, event_log: events.EventLog) -> None:
        self._store = PlanStore(clock, event_log)
        self._clock = clock
        self._suivant = ExerciceSuivant(self._store, PaatService(clock, event_log))

    def soumettre(self, unit: UnitOfWork, caller: Caller, uid: str, version: int) -> SuiteValidation:
        """Submit a brouillon (``paat.soumis``): its actions are controlled once more, then do not change.

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: it is submitted already.
            RuleBroken: it has no action.
        """
        caller.require(*WRITERS)
        paat = self._store.for_change(unit, caller, uid, {StatutPaat.BROUILLON}, "soumettre", version=version)
        if not totaux(unit.connection, uid).parStatut:
            refuse([rules.SOUMISSION_VIDE.broken("$.actions")])
        recontroler(unit, uid)
        step = etapes.ouvrir(unit, paat, SOUMISSION, self._now_ms())
        return self._accept(unit, caller, paat, step, SOUMISSION, None)

    def decider(
        self, unit: UnitOfWork, caller: Caller, uid: str, etape: str, version: int, decision: DecisionEtape
    ) -> SuiteValidation:
        """Decide an open step: accepted, the next one opens; sent back, the plan is a brouillon again.

        Raises:
            NotFound: no such plan in the perimeter, or no such step of it.
            Forbidden: it is another role's turn.
            Outdated: the plan has changed since it was read.
            WrongState: the step is decided already.
            RuleBroken: sent back without a reason.
        """
        paat = self._store.found(unit.connection, caller, uid, lock=True)
        step = etapes.lire(unit.connection, uid, etape)
        caller.require(Role(step["role"]), Role.INTEGRATEUR)
        require_version(paat, version)
        activite = activite_suivante(StatutPaat(paat["statut"]))
        if step["statut"] != "ouverte" or activite is None:
            raise WrongState(f"L'étape « {step['activite']} » est déjà décidée ({step['statut']}) : relisez le plan.")
        if decision.decision == "acceptee":
            return self._accept(unit, caller, paat, step, activite, decision.motif)
        if decision.motif is None:
            broken = rules.RENVOI_MOTIF.broken("$.motif")
            raise RuleBroken(broken.message, [broken])
        return self._send_back(unit, caller, paat, step, activite, decision.motif)

    def historique(self, connection: Connection, caller: Caller, uid: str) -> HistoriqueEtapes:
        """Every step of a plan, oldest first.

        Raises:
            NotFound: no such plan in the perimeter.
        """
        paat = self._store.found(connection, caller, uid)
        return HistoriqueEtapes(
            paat=uid,
            version=paat["version"],
            ght=paat["ght"],
            annee=paat["annee"],
            statut=paat["statut"],
            etapes=tuple(etapes.historique(connection, uid)),
        )

    def en_attente(
        self, connection: Connection, caller: Caller, *, limit: int, after: str | None
    ) -> tuple[int, list[ValidationEnAttente], str | None]:
        """« Mes validations en attente »: how many in all, a page of them, the uid of its last one if any follow."""
        return etapes.en_attente(connection, caller, limit=limit, after=after)

    def performance(self, connection: Connection, caller: Caller, uid: str) -> PerformancePaat:
        """What the report of the year before and the actions of the year bring to a plan.

        Raises:
            NotFound: no such plan in the perimeter.
        """
        return performance(connection, self._store.found(connection, caller, uid))

    def reporter(self, unit: UnitOfWork, caller: Caller, uid: str, demande: DemandeReport) -> ReportPaat:
        """Carry over to the plan of the next year; see :meth:`ExerciceSuivant.reporter`."""
        return self._suivant.reporter(unit, caller, uid, demande)

    def _accept(
        self, unit: UnitOfWork, caller: Caller, paat: Row, step: Row, activite: Activite, motif: str | None
    ) -> SuiteValidation:
        now = self._now_ms()
        decided = etapes.decider(unit, step, "acceptee", caller.name, motif, now)
        following = activite_suivante(activite.apres)
        opened = None if following is None else etapes.ouvrir(unit, paat, following, now)
        said = self._store.advance(
            unit, paat, activite.evenement, statut=activite.apres, activite=activite.libelle, motif=motif
        )
        return _suite(unit.connection, said, decided, opened)

    def _send_back(
        self, unit: UnitOfWork, caller: Caller, paat: Row, step: Row, activite: Activite, motif: str
    ) -> SuiteValidation:
        decided = etapes.decider(unit, step, "refusee", caller.name, motif, self._now_ms())
        said = self._store.advance(
            unit, paat, events.PAAT_RENVOYE, statut=StatutPaat.BROUILLON, activite=activite.libelle, motif=motif
        )
        return _suite(unit.connection, said, decided, None)

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


def _suite(connection: Connection, paat: PaatVue, decided: Row, opened: Row | None) -> SuiteValidation:
    return SuiteValidation(
        uid=paat.uid,
        version=paat.version,
        ght=paat.ght,
        annee=paat.annee,
        statut=paat.statut,
        etape=etapes.etape_vue(decided),
        suivante=None if opened is None else etapes.etape_vue(opened),
        avertissements=tuple(_excluded(connection, paat.uid)),
    )


def _excluded(connection: Connection, paat_uid: str) -> Iterator[Avertissement]:
    """The lines that count for nothing, so that whoever submits or validates sees them."""
    statement = (
        select(_action)
        .where(_action.c.paat_uid == paat_uid, _action.c.exclue.is_(True), _action.c.statut.not_in(SANS_GAIN))
        .order_by(_action.c.numero)
    )
    for row in connection.execute(statement).mappings():
        found = rules.LIGNE_EXCLUE.broken(
            f"actions.{row['numero']}",
            numero=row["numero"],
            controle=row["controle"],
            commentaire=row["commentaire_dgos"],
            gain=euros(from_cents(row["gain_cents"] or 0)),
        )
        yield Avertissement(regle=found.rule, champ=found.path, message=found.message)
