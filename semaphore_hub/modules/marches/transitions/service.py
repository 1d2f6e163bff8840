"""Transitions of an attributed marché: sign, begin, suspend, end, close; each is one transaction and one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.description import stored
from semaphore_hub.modules.marches.lifecycle import TRANSITIONS, Statut
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.projets.reading import projet_of
from semaphore_hub.modules.marches.projets.schemas import SansSuite
from semaphore_hub.modules.marches.reading import Whole
from semaphore_hub.modules.marches.saying import cree_payload, marche_view
from semaphore_hub.modules.marches.store import MarcheStore, status_after
from semaphore_hub.modules.marches.transitions import checks, rules
from semaphore_hub.modules.marches.transitions.schemas import (
    DemarrageMarche,
    RepriseMarche,
    ResiliationMarche,
    SignatureMarche,
    SoldeMarche,
    SuspensionMarche,
)
from semaphore_hub.modules.marches.vie import Suspension, Vie
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.modules.referentiel.schemas import Avertissement
from semaphore_hub.ports.payloads import ProjetPayload, Resiliation

_marche = table_of(Marche)
_RUNNING = (Statut.ATTRIBUE, Statut.SIGNE, Statut.NOTIFIE, Statut.EN_EXECUTION, Statut.SUSPENDU)


class TransitionsService:
    """Operations that move a marché to another status. Each takes the unit of work of its request; none commits.

    All raise ``Forbidden``, ``NotFound``, ``Outdated`` and ``WrongState`` (see the errors of the kernel), and
    ``RuleBroken`` with every rule broken.

    Args:
        store: the marchés and the log of their events.
    """

    def __init__(self, store: MarcheStore) -> None:
        self._store = store

    def signer(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, signature: SignatureMarche) -> MarcheVue:
        """The buyer signed: status "signe", ``marche.signe``.

        Raises:
            RuleBroken: before the attribution, before the end of the delay due to the rejected candidates, or their
                information is not known although the procedure was run in the hub.
        """
        whole = self._store.for_change(unit, caller, uid, version, "signer")
        projet = projet_of(unit.connection, uid)
        refuse(checks.signature_problems(whole, projet, signature))
        given = {
            "dateSignature": signature.dateSignature,
            "nomSignataire": signature.nomSignataire,
            "refDelegationSignature": signature.refDelegationSignature,
        }
        whole = _with_complements(whole, {name: value for name, value in given.items() if value is not None})
        vie = whole.vie.model_copy(
            update={
                "dateSignature": signature.dateSignature,
                "dateInformationEvinces": whole.vie.dateInformationEvinces or signature.dateInformationEvinces,
            }
        )
        whole = self._moved(unit, "signer", whole, vie, donnees=whole.row["donnees"])
        said = cree_payload(whole, None if projet is None else projet.dateAttribution)
        self._store.append(unit, TRANSITIONS["signer"].event, whole.row, said)
        return marche_view(whole)

    def declarer_sans_suite(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, sans_suite: SansSuite
    ) -> MarcheVue:
        """The buyer gives up an attributed marché it has not signed: status "sans_suite", ``marche.sans_suite``.

        Source: art. R2185-1 CCP; possible until the signature.

        Raises:
            RuleBroken: before the attribution.
        """
        whole = self._store.for_change(unit, caller, uid, version, "declarer_sans_suite")
        attribution = checks.attribution_of(projet_of(unit.connection, uid))
        refuse(checks.in_order("$.date", "la déclaration", sans_suite.date, attribution))
        whole = self._moved(unit, "declarer_sans_suite", whole)
        row = whole.row
        montant = from_cents(row["montant_cents"])
        said = ProjetPayload(
            uid=uid,
            id=row["id"],
            acheteur=row["acheteur_siret"],
            objet=row["objet"],
            statut=row["statut"],
            lot=whole.vie.lot,
            montantEstime=whole.description.complements.montantEstime or montant,
            motif=sans_suite.motif,
        )
        self._store.append(unit, TRANSITIONS["declarer_sans_suite"].event, row, said)
        return marche_view(whole)

    def demarrer(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, demarrage: DemarrageMarche
    ) -> MarcheVue:
        """The execution begins: status "en_execution", ``marche.demarre``; the last day follows the first.

        Raises:
            RuleBroken: before the notification or the foreseen first day, or after the firm period.
        """
        whole = self._store.for_change(unit, caller, uid, version, "demarrer")
        begins = demarrage.dateDebut
        end = checks.end_after_start(whole, begins)
        refuse(checks.start_problems(whole, begins, end))
        whole = _with_complements(whole, {"dateDebutExecution": begins})
        vie = whole.vie.model_copy(update={"dateDebut": begins})
        whole = self._moved(unit, "demarrer", whole, vie, donnees=whole.row["donnees"], date_fin=end)
        self._store.say(unit, "demarrer", whole, date_effet=begins)
        return marche_view(whole)

    def suspendre(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, suspension: SuspensionMarche
    ) -> MarcheVue:
        """The execution is interrupted: status "suspendu", ``marche.suspendu``; the last day does not move.

        Raises:
            RuleBroken: before the execution began (or began again), or after the last day.
        """
        whole = self._store.for_change(unit, caller, uid, version, "suspendre")
        day = suspension.date
        problems = checks.in_order("$.date", "la suspension", day, checks.start_of_execution(whole))
        refuse([*problems, *checks.before_end(whole, "$.date", "la suspension", day)])
        added = Suspension(debut=day, motif=suspension.motif)
        vie = whole.vie.model_copy(update={"suspensions": (*whole.vie.suspensions, added)})
        whole = self._moved(unit, "suspendre", whole, vie)
        self._store.say(unit, "suspendre", whole, motif=suspension.motif, date_effet=day)
        return marche_view(whole)

    def reprendre(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, reprise: RepriseMarche) -> MarcheVue:
        """The execution begins again: status "en_execution", ``marche.repris``.

        Raises:
            RuleBroken: before the suspension, or after the last day.
        """
        whole = self._store.for_change(unit, caller, uid, version, "reprendre")
        *before, current = whole.vie.suspensions
        problems = checks.in_order("$.date", "la reprise", reprise.date, ("la suspension", current.debut))
        refuse([*problems, *checks.before_end(whole, "$.date", "la reprise", reprise.date)])
        ended = current.model_copy(update={"fin": reprise.date})
        vie = whole.vie.model_copy(update={"suspensions": (*before, ended)})
        whole = self._moved(unit, "reprendre", whole, vie)
        self._store.say(unit, "reprendre", whole, motif=reprise.motif, date_effet=reprise.date)
        return marche_view(whole)

    def constater_echeance(self, unit: UnitOfWork, caller: Caller, uid: str, version: int) -> MarcheVue:
        """The last day is over, by the business clock: status "echu", ``marche.echu``.

        Raises:
            RuleBroken: the marché still runs, or a tacit renewal has to be recorded first.
        """
        whole = self._store.for_change(unit, caller, uid, version, "constater_echeance")
        refuse(checks.term_problems(whole, self._store.clock.today()))
        whole = self._moved(unit, "constater_echeance", whole)
        self._store.say(unit, "constater_echeance", whole, date_effet=whole.row["date_fin"])
        return marche_view(whole)

    def resilier(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, resiliation: ResiliationMarche
    ) -> MarcheVue:
        """The marché ends before its term: status "resilie", ``marche.resilie``; its last day is the effect.

        The answer warns of subsequent marchés that still run.

        Raises:
            RuleBroken: before the last thing that happened, or after the last day.
        """
        whole = self._store.for_change(unit, caller, uid, version, "resilier")
        day = resiliation.dateEffet
        problems = checks.in_order("$.dateEffet", "la résiliation", day, checks.last_fact(whole))
        refuse([*problems, *checks.before_end(whole, "$.dateEffet", "la résiliation", day)])
        ended = Resiliation(motif=resiliation.motif, dateEffet=day, explication=resiliation.explication)
        vie = whole.vie.model_copy(update={"resiliation": ended})
        whole = self._moved(unit, "resilier", whole, vie)
        motif = f"{resiliation.motif} ({rules.FONDEMENTS[resiliation.motif]}) : {resiliation.explication}"
        self._store.say(unit, "resilier", whole, motif=motif, date_effet=day)
        running = _running_subsequents(unit.connection, uid)
        return _warned(
            marche_view(whole),
            [rules.RESILIATION_SUBSEQUENTS.broken("$", ids=", ".join(running))] if running else [],
        )

    def solder(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, solde: SoldeMarche) -> MarcheVue:
        """Everything is paid: status "solde", final (``marche.solde``).

        Raises:
            RuleBroken: before the end of the marché, or subsequent marchés still run on it.
        """
        whole = self._store.for_change(unit, caller, uid, version, "solder")
        problems = checks.in_order("$.date", "le solde", solde.date, checks.end_of_life(whole))
        running = _running_subsequents(unit.connection, uid)
        if running:
            problems.append(rules.SOLDE_SUBSEQUENTS.broken("$", ids=", ".join(running)))
        refuse(problems)
        whole = self._moved(unit, "solder", whole, whole.vie.model_copy(update={"dateSolde": solde.date}))
        self._store.say(unit, "solder", whole, date_effet=solde.date)
        return marche_view(whole)

    def _moved(self, unit: UnitOfWork, operation: str, whole: Whole, vie: Vie | None = None, **columns: Any) -> Whole:
        return self._store.update(unit, whole, {**columns, **status_after(operation)}, vie)


def _with_complements(whole: Whole, values: dict[str, date | str]) -> Whole:
    """The marché with other complements, in its description and in what is stored of it."""
    complements = whole.description.complements.model_copy(update=values)
    description = whole.description.model_copy(update={"complements": complements})
    donnees = {**whole.row["donnees"], **stored(description)}
    return replace(whole.with_row(donnees=donnees), description=description)


def _running_subsequents(connection: Connection, uid: str) -> list[str]:
    """Ids of the marchés of a framework that have not ended."""
    statement = select(_marche.c.id).where(_marche.c.accord_cadre_uid == uid, _marche.c.statut.in_(_RUNNING))
    return list(connection.execute(statement.order_by(_marche.c.uid)).scalars())


def _warned(view: MarcheVue, problems: Sequence[Problem]) -> MarcheVue:
    found = (Avertissement(regle=one.rule, champ=one.path, message=one.message) for one in problems)
    return view.model_copy(update={"avertissements": (*view.avertissements, *found)})
