"""The projects and the log of their events: lock, check, write, say; used by every operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, insert, update

from semaphore_hub.kernel.access import WRITERS, Caller, Role
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import WrongState
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.planification import rules
from semaphore_hub.modules.planification.codes import TRANSITIONS
from semaphore_hub.modules.planification.donnees import Projet
from semaphore_hub.modules.planification.models import PlanProjet
from semaphore_hub.modules.planification.reading import trouve
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.rows import require_version
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.ports import events
from semaphore_hub.ports.payloads.achats import JalonPayload, ProjetAchatPayload

_projet = table_of(PlanProjet)


class ProjetStore:
    """Where projects are kept.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, clock: Clock, event_log: events.EventLog) -> None:
        self.clock = clock
        self._events = event_log

    def for_change(
        self,
        unit: UnitOfWork,
        caller: Caller,
        uid: str,
        version: int,
        operation: str,
        roles: tuple[Role, ...] = WRITERS,
    ) -> Projet:
        """The project, locked until the end of the transaction, after the checks common to every change.

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: the operation is not possible in the present status.
            RuleBroken: it is not for projects of this strategy.
        """
        caller.require(*roles)
        projet = trouve(unit.connection, caller, uid, lock=True)
        assert isinstance(projet.row, RowMapping)
        require_version(projet.row, version)
        transition = TRANSITIONS[operation]
        if projet.statut not in transition.depuis:
            raise WrongState(
                f"Le projet est à l'état « {projet.statut} » : « {operation} » n'est possible qu'à l'état "
                f"{listed(sorted(transition.depuis))}."
            )
        if transition.par_adhesion is not None and transition.par_adhesion is not projet.par_adhesion:
            voie = "à une adhésion" if transition.par_adhesion else "à une consultation du GHT"
            refuse([rules.STRATEGIE_VOIE.broken("$", strategie=projet.row["strategie"], voie=voie)])
        return projet

    def create(self, unit: UnitOfWork, row: Mapping[str, Any]) -> Projet:
        """Insert a project and say it."""
        unit.connection.execute(insert(_projet), dict(row))
        return self._said(unit, "planifier", row)

    def change(self, unit: UnitOfWork, operation: str, projet: Projet, **columns: Any) -> Projet:
        """Change columns of a project, move it to the status of the operation, and say it."""
        vers = TRANSITIONS[operation].vers
        values = {**columns, "version": projet.row["version"] + 1}
        if vers is not None:
            values["statut"] = vers.value
        unit.connection.execute(update(_projet).where(_projet.c.uid == projet.uid).values(values))
        return self._said(unit, operation, {**projet.row, **values})

    def _said(self, unit: UnitOfWork, operation: str, row: Mapping[str, Any]) -> Projet:
        projet = Projet.of(dict(row))
        payload = ProjetAchatPayload(
            uid=projet.uid,
            ght=row["ght"],
            reference=row["reference"],
            intitule=row["intitule"],
            statut=row["statut"],
            type=row["type"],
            strategie=row["strategie"],
            acheteur=row["acheteur_siret"],
            famille=row["famille"],
            codeCPV=row["code_cpv"],
            montantEstime=projet.montant,
            procedure=row["procedure"],
            marcheRenouvele=row["marche_renouvele_uid"],
            actionPaat=row["action_paat_uid"],
            dateDebutPrevue=row["date_debut_prevue"],
            jalons=tuple(
                JalonPayload(code=one.code.value, prevu=one.prevu, realise=one.realise) for one in projet.jalons
            ),
            marches=tuple(projet.marches.values()),
            motif=row["motif"],
        )
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=TRANSITIONS[operation].event,
                subject=f"planification/{projet.uid}",
                version=row["version"],
                time=self.clock.now(),
                ght=row["ght"],
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )
        return projet
