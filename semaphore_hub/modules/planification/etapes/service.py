"""Steps of a project: each operation is one transaction, one event (``planification.projet_avance``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.planification import rules
from semaphore_hub.modules.planification.codes import (
    FILIERES,
    JALONS,
    SANS_LOT,
    CodeJalon,
    Filiere,
    Statut,
)
from semaphore_hub.modules.planification.donnees import Jalon, Projet, avec_prevu, avec_realise
from semaphore_hub.modules.planification.origines import liberer
from semaphore_hub.modules.planification.planning import Calculs
from semaphore_hub.modules.planification.prevision import problemes
from semaphore_hub.modules.planification.schemas import (
    ConclusionAttribution,
    EtapeProjet,
    FinProjet,
    OuvertureOffres,
    ProjetAchatVue,
    Relance,
    SortieDuProjet,
    ValidationStrategie,
)
from semaphore_hub.modules.planification.store import ProjetStore
from semaphore_hub.modules.planification.vues import vues
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.ecriture import jour_ecrit
from semaphore_hub.modules.referentiel.rules import refuse

_VALIDATION = (Role.DIRECTEUR_ACHATS, Role.INTEGRATEUR)
"""Who validates a strategy: the purchasing director; the integrator, who runs the hub, may stand in."""


class EtapesService:
    """Operations that move a project on. Each takes the unit of work of its request; none commits.

    Args:
        store: the projects and the log of their events.
    """

    def __init__(self, store: ProjetStore) -> None:
        self._store = store

    def recenser(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, etape: EtapeProjet) -> ProjetAchatVue:
        """The needs are being stated: status "recensement".

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: order of the milestones.
        """
        return self._enter(unit, caller, uid, version, "recenser", {CodeJalon.RECENSEMENT: etape.date})

    def valider_strategie(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, validation: ValidationStrategie
    ) -> ProjetAchatVue:
        """The purchasing director validates the strategy: status "strategie_validee".

        The procedure is computed for the launch foreseen, and kept with its computation. Validated again, the steps
        that came after are to be done again.

        Raises:
            Forbidden: the caller is not a purchasing director.
            NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: order of the milestones, a launch before the validation, no threshold recorded for the launch.
        """
        projet = self._store.for_change(unit, caller, uid, version, "valider_strategie", _VALIDATION)
        strategie = validation.strategie or projet.row["strategie"]
        calculs = Calculs(unit.connection)
        kept = _until(projet.jalons, CodeJalon.STRATEGIE)
        # What was retained before must not weigh on what is computed now.
        fresh = Projet.of({**projet.row, "strategie": strategie, "procedure": None, "date_lancement": None})
        launch = validation.dateLancement
        if launch is None:
            launch = max(calculs.prevision(fresh).plan.publication, validation.date)
        problems = _order(kept, {CodeJalon.STRATEGIE: validation.date})
        if launch < validation.date:
            problems.append(
                _after(CodeJalon.PUBLICATION, launch, CodeJalon.STRATEGIE, validation.date, "$.dateLancement")
            )
        refuse(problems)
        found = calculs.procedure(fresh, launch)
        plan = calculs.plan(projet.row["date_debut_prevue"], FILIERES[found.procedure])
        jalons = avec_prevu(avec_realise(kept, {CodeJalon.STRATEGIE: validation.date}), dict(plan.jalons))
        return self._written(
            unit,
            "valider_strategie",
            projet,
            jalons,
            strategie=strategie,
            procedure=found.procedure,
            calcul=found.model_dump(mode="json"),
            date_lancement=launch,
        )

    def rediger_dce(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, etape: EtapeProjet
    ) -> ProjetAchatVue:
        """The tender documents are being written: status "dce".

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: order of the milestones; the strategy is an adhesion.
        """
        return self._enter(unit, caller, uid, version, "rediger_dce", {CodeJalon.DCE: etape.date})

    def publier(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, etape: EtapeProjet) -> ProjetAchatVue:
        """The consultation is published: status "consultation". The procedure is computed for the last time.

        When it is not the one retained, the project says so from then on.

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: order of the milestones; the strategy is an adhesion; no threshold recorded for that day.
        """
        projet = self._store.for_change(unit, caller, uid, version, "publier")
        jalons = _reached(projet, {CodeJalon.PUBLICATION: etape.date})
        found = Calculs(unit.connection).procedure(projet, etape.date)
        said = found.model_dump(mode="json")
        return self._written(unit, "publier", projet, jalons, date_lancement=etape.date, calcul=said)

    def analyser(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, ouverture: OuvertureOffres
    ) -> ProjetAchatVue:
        """The offers came in and are compared: status "analyse".

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: order of the milestones; the strategy is an adhesion.
        """
        done = {CodeJalon.REMISE: ouverture.dateRemise, CodeJalon.ANALYSE: ouverture.date}
        return self._enter(unit, caller, uid, version, "analyser", done)

    def adherer(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, etape: EtapeProjet) -> ProjetAchatVue:
        """The GHT joined the marché of a central purchasing body: status "attribution", no consultation of its own.

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: order of the milestones; the GHT buys by itself.
        """
        return self._enter(unit, caller, uid, version, "adherer", {CodeJalon.ATTRIBUTION: etape.date})

    def noter_marche(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, lot: int | None, marche_uid: str, jour: date
    ) -> ProjetAchatVue:
        """Note the marché that a lot opened; with the last one, the project reaches the status "attribution".

        The caller has just opened that marché in the same transaction: it is not looked up here.

        Args:
            unit: the transaction.
            caller: who asks.
            uid: the project.
            version: the version it read.
            lot: number of the lot; None for a project without lots.
            marche_uid: the marché.
            jour: day of its attribution.

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: no such lot, or it has its marché; order of the milestones.
        """
        projet = self._store.for_change(unit, caller, uid, version, "noter_marche")
        refuse(_lot_problems(projet, lot))
        key = SANS_LOT if lot is None else str(lot)
        noted = replace(projet, marches={**projet.marches, key: marche_uid})
        if noted.lots_ouverts() or projet.statut is Statut.ATTRIBUTION:
            refuse(_order(projet.jalons, {CodeJalon.ATTRIBUTION: jour}))
            return self._written(unit, "noter_marche", projet, projet.jalons, marches=noted.marches)
        jalons = _reached(projet, {CodeJalon.ATTRIBUTION: jour})
        columns = {"marches": noted.marches, "statut": Statut.ATTRIBUTION.value}
        return self._written(unit, "noter_marche", projet, jalons, **columns)

    def conclure(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, conclusion: ConclusionAttribution
    ) -> ProjetAchatVue:
        """Some lots stay without a marché: the others suffice, status "attribution".

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: no lot has its marché, a lot is neither opened nor given up; order of the milestones.
        """
        projet = self._store.for_change(unit, caller, uid, version, "conclure")
        given, open_lots = {str(one) for one in conclusion.lotsSansSuite}, set(projet.lots_ouverts())
        known = {str(one.numero) for one in projet.lots}
        problems = [
            rules.LOT_INCONNU.broken("$.lotsSansSuite", lot=lot, lots=listed(sorted(known)) or "aucun")
            for lot in sorted(given - known)
        ]
        problems += [
            rules.LOT_ATTRIBUE.broken("$.lotsSansSuite", lot=lot, marche=projet.marches[lot])
            for lot in sorted(given & set(projet.marches))
        ]
        if not projet.marches:
            problems.append(rules.AUCUN_MARCHE.broken("$"))
        elif open_lots - given:
            problems.append(rules.LOTS_RESTANTS.broken("$.lotsSansSuite", lots=listed(sorted(open_lots - given))))
        refuse(problems)
        jalons = _reached(projet, {CodeJalon.ATTRIBUTION: conclusion.date})
        lots = [replace(one, sans_suite=str(one.numero) in given).stored() for one in projet.lots]
        return self._written(unit, "conclure", projet, jalons, lots=lots)

    def terminer(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, fin: FinProjet) -> ProjetAchatVue:
        """The marchés were notified and begin: status "termine", final.

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: order of the milestones.
        """
        done = {CodeJalon.NOTIFICATION: fin.dateNotification, CodeJalon.DEBUT: fin.date}
        return self._enter(unit, caller, uid, version, "terminer", done)

    def declarer_infructueux(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, sortie: SortieDuProjet
    ) -> ProjetAchatVue:
        """No offer could be retained: status "infructueux", from which the consultation may start again.

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: before the last milestone reached.
        """
        projet = self._store.for_change(unit, caller, uid, version, "declarer_infructueux")
        refuse(_leave(projet, sortie.date))
        return self._written(unit, "declarer_infructueux", projet, projet.jalons, motif=sortie.motif)

    def relancer(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, relance: Relance) -> ProjetAchatVue:
        """The consultation starts again: status "dce"; the steps that came after are planned again.

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: before the consultation that failed; the new start is out of bounds.
        """
        projet = self._store.for_change(unit, caller, uid, version, "relancer")
        debut = relance.dateDebutPrevue or projet.row["date_debut_prevue"]
        refuse([*_leave(projet, relance.date), *problemes({**projet.row, "date_debut_prevue": debut})])
        filiere = FILIERES.get(projet.row["procedure"], Filiere.FORMALISEE)
        plan = Calculs(unit.connection).plan(debut, filiere)
        kept = avec_realise(_until(projet.jalons, CodeJalon.DCE), {CodeJalon.DCE: relance.date})
        jalons = avec_prevu(kept, dict(plan.jalons))
        columns = {"date_debut_prevue": debut, "date_lancement": None, "motif": None}
        return self._written(unit, "relancer", projet, jalons, **columns)

    def abandonner(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, sortie: SortieDuProjet
    ) -> ProjetAchatVue:
        """Give the project up: status "abandonne", final. Its needs are to be taken by another.

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: before the last milestone reached.
        """
        projet = self._store.for_change(unit, caller, uid, version, "abandonner")
        refuse(_leave(projet, sortie.date))
        liberer(unit, uid)
        return self._written(unit, "abandonner", projet, projet.jalons, motif=sortie.motif)

    def _enter(
        self,
        unit: UnitOfWork,
        caller: Caller,
        uid: str,
        version: int,
        operation: str,
        done: Mapping[CodeJalon, date],
    ) -> ProjetAchatVue:
        projet = self._store.for_change(unit, caller, uid, version, operation)
        return self._written(unit, operation, projet, _reached(projet, done))

    def _written(
        self, unit: UnitOfWork, operation: str, projet: Projet, jalons: tuple[Jalon, ...], **columns: Any
    ) -> ProjetAchatVue:
        stored = [one.stored() for one in jalons]
        changed = self._store.change(unit, operation, projet, jalons=stored, **columns)
        return self._vue(unit.connection, changed)

    def _vue(self, connection: Connection, projet: Projet) -> ProjetAchatVue:
        return vues(connection, [projet], self._store.clock.today())[0]


def _until(jalons: tuple[Jalon, ...], code: CodeJalon) -> tuple[Jalon, ...]:
    """The milestones of which those from ``code`` on have not happened."""
    first = JALONS.index(code)
    return tuple(replace(one, realise=None) if JALONS.index(one.code) >= first else one for one in jalons)


def _reached(projet: Projet, done: Mapping[CodeJalon, date]) -> tuple[Jalon, ...]:
    refuse(_order(projet.jalons, done))
    return avec_realise(projet.jalons, dict(done))


def _order(jalons: tuple[Jalon, ...], done: Mapping[CodeJalon, date]) -> list[Problem]:
    """Days that come before a milestone already reached, or before one another."""
    former = [(one.code, one.realise) for one in jalons if one.realise is not None]
    last = former[-1] if former else None
    problems: list[Problem] = []
    for code, day in done.items():
        place = {CodeJalon.REMISE: "$.dateRemise", CodeJalon.NOTIFICATION: "$.dateNotification"}.get(code, "$.date")
        if last is not None and day < last[1]:
            problems.append(_after(code, day, last[0], last[1], place))
        last = (code, day)
    return problems


def _leave(projet: Projet, day: date) -> list[Problem]:
    last = projet.dernier()
    if last is None or last.realise is None or day >= last.realise:
        return []
    said = {"jalon": "sortie", "jour": jour_ecrit(day), "precedent": last.code}
    return [rules.ORDRE.broken("$.date", **said, jour_precedent=jour_ecrit(last.realise))]


def _after(code: CodeJalon, day: date, former: CodeJalon, former_day: date, place: str) -> Problem:
    said = {"jalon": code, "jour": jour_ecrit(day), "precedent": former, "jour_precedent": jour_ecrit(former_day)}
    return rules.ORDRE.broken(place, **said)


def _lot_problems(projet: Projet, lot: int | None) -> list[Problem]:
    known = {one.numero: one for one in projet.lots}
    place, numbers = "$.lot", listed(known) or "aucun"
    if lot is None:
        if known:
            return [rules.LOT_REQUIS.broken(place, lots=numbers)]
    elif lot not in known:
        return [rules.LOT_INCONNU.broken(place, lot=lot, lots=numbers)]
    elif known[lot].sans_suite:
        return [rules.LOT_SANS_SUITE.broken(place, lot=lot)]
    key = SANS_LOT if lot is None else str(lot)
    if key in projet.marches:
        return [rules.LOT_ATTRIBUE.broken(place, lot=key, marche=projet.marches[key])]
    return []
