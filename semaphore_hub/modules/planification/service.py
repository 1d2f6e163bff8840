"""Purchase projects: foresee, revise, read; what happens next is in :mod:`.etapes`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from semaphore_hub.kernel.access import WRITERS, Caller
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import AlreadyExists, Problem
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.planification import origines, prevision, reading, rules
from semaphore_hub.modules.planification.codes import TRANSITIONS, VIVANTS
from semaphore_hub.modules.planification.delais import DelaisDonnes, TousDelais, lire_delais, remplacer_delais
from semaphore_hub.modules.planification.demandes import calculer_demande
from semaphore_hub.modules.planification.donnees import Projet, avec_prevu
from semaphore_hub.modules.planification.echeances import lire_echeances
from semaphore_hub.modules.planification.etapes.service import EtapesService
from semaphore_hub.modules.planification.models import PlanProjet
from semaphore_hub.modules.planification.planning import Calculs
from semaphore_hub.modules.planification.procedure import averti
from semaphore_hub.modules.planification.retroplanning import retard
from semaphore_hub.modules.planification.schemas import (
    DemandeProcedure,
    EcheancesVue,
    JalonPlan,
    NouveauProjetAchat,
    ProcedureVue,
    ProjetAchatVue,
    RetardVue,
    RetroplanningVue,
    RevisionProjetAchat,
)
from semaphore_hub.modules.planification.store import ProjetStore
from semaphore_hub.modules.planification.vues import vues
from semaphore_hub.modules.referentiel.ecriture import jour_ecrit
from semaphore_hub.modules.referentiel.familles import familles
from semaphore_hub.modules.referentiel.lookups import etablissements_by_siret
from semaphore_hub.modules.referentiel.models import Ght
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.ports.events import EventLog
from semaphore_hub.ports.marches import MarchesConnus

_projet, _ght = table_of(PlanProjet), table_of(Ght)


class PlanificationService:
    """Operations on purchase projects. Each takes the unit of work of its request; none commits.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
        marches: the marchés that projects renew.
    """

    def __init__(self, clock: Clock, event_log: EventLog, marches: MarchesConnus) -> None:
        self._clock = clock
        self._marches = marches
        self._store = ProjetStore(clock, event_log)
        self.etapes = EtapesService(self._store)

    def planifier(self, unit: UnitOfWork, caller: Caller, nouveau: NouveauProjetAchat) -> ProjetAchatVue:
        """Record a project, status "identifie" (``planification.projet_planifie``), with its milestones.

        Raises:
            Forbidden: the caller's role does not write.
            RuleBroken: one or several rules; those of the parties and origins first.
            AlreadyExists: the GHT already has a project of this reference.
        """
        caller.require(*WRITERS)
        ght, problems = self._buyer(unit.connection, caller, nouveau.acheteur)
        refuse(problems)
        # One creation at a time in a GHT: a reference, a renewal and a need are taken once.
        unit.connection.execute(select(_ght.c.code).where(_ght.c.code == ght).with_for_update())
        self._require_free(unit.connection, ght, nouveau.reference)
        needs, problems = origines.besoins_a_prendre(unit, ght, nouveau.besoins)
        marche, more = origines.marche_a_renouveler(unit.connection, caller, self._marches, ght, nouveau.renouvelle)
        refuse([*problems, *more])
        columns, problems = prevision.colonnes_nouvelles(nouveau, needs, marche, familles(unit.connection))
        refuse(problems)
        row: dict[str, Any] = {
            **columns,
            "uid": new_id(),
            "version": 1,
            "ght": ght,
            "reference": nouveau.reference,
            "statut": TRANSITIONS["planifier"].vers,
            "date_lancement": None,
            "jalons": [],
            "calcul": None,
            "procedure": None,
            "marches": {},
            "motif": None,
            "created_ms": int(self._clock.now().timestamp() * 1000),
        }
        refuse([*prevision.problemes(row), *self._benefit_problems(unit.connection, row)])
        row["jalons"] = self._planned(unit.connection, Projet.of(row), needs.uids)
        projet = self._store.create(unit, row)
        origines.attacher(unit, projet.uid, needs)
        return self._vue(unit.connection, projet)

    def reviser(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, revision: RevisionProjetAchat
    ) -> ProjetAchatVue:
        """Foresee something else, before the consultation (``planification.projet_planifie`` again).

        The milestones not reached yet are planned again; a start that was the day after the marché renewed stays so.
        The procedure retained stays: when it no longer fits, the project says so.

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: nothing changes, or a rule of the forecast is broken.
        """
        projet = self._store.for_change(unit, caller, uid, version, "reviser")
        connection, ght = unit.connection, projet.row["ght"]
        needs, problems = origines.besoins_du_projet(connection, uid), list[Problem]()
        former = set(needs.uids)
        if revision.besoins is not None:
            needs, problems = origines.besoins_a_prendre(unit, ght, revision.besoins, uid)
        if revision.acheteur is not None:
            other, more = self._buyer(connection, caller, revision.acheteur)
            problems += more
            if not more and other != ght:
                said = {"siret": revision.acheteur, "autre": other, "ght": ght}
                problems.append(rules.ACHETEUR_AUTRE_GHT.broken("$.acheteur", **said))
        refuse(problems)
        columns, problems = prevision.colonnes_revisees(projet, revision, needs, familles(connection))
        columns = {**prevision.suite_de(projet, self._end_moved(connection, caller, projet)), **columns}
        row = {**projet.row, **columns}
        refuse([*problems, *prevision.problemes(row), *self._benefit_problems(connection, row)])
        if set(needs.uids) == former and all(projet.row[name] == value for name, value in columns.items()):
            refuse([rules.REVISION_VIDE.broken("$")])
        columns["jalons"] = self._planned(connection, Projet.of(row), needs.uids)
        changed = self._store.change(unit, "reviser", projet, **columns)
        origines.attacher(unit, uid, needs)
        return self._vue(connection, changed)

    def noter_marche(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, lot: int | None, marche_uid: str, date: date
    ) -> ProjetAchatVue:
        """Note the marché that a lot opened; see :meth:`EtapesService.noter_marche`."""
        return self.etapes.noter_marche(unit, caller, uid, version, lot, marche_uid, date)

    def lire(self, connection: Connection, caller: Caller, uid: str) -> ProjetAchatVue:
        """One project of the caller's perimeter.

        Raises:
            NotFound: no such project there.
        """
        projet = reading.trouve(connection, caller, uid)
        view = self._vue(connection, projet)
        end = self._end_moved(connection, caller, projet)
        if end is None or projet.statut not in VIVANTS:
            return view
        said = {"fin": jour_ecrit(end), "echeance": jour_ecrit(projet.row["echeance_renouvelee"])}
        warning = averti(rules.RENOUVELE_MODIFIE, "$.echeanceRenouvelee", **said)
        return view.model_copy(update={"avertissements": (*view.avertissements, warning)})

    def lister(
        self, connection: Connection, caller: Caller, filtres: reading.Filtres, *, limit: int, after: str | None
    ) -> tuple[list[ProjetAchatVue], str | None]:
        """A page of projects, newest first, and the uid of its last item when there are more."""
        found, last = reading.page(connection, caller, filtres, limit=limit, after=after)
        return vues(connection, found, self._clock.today()), last

    def procedure(self, connection: Connection, caller: Caller, uid: str, jour: date | None) -> ProcedureVue:
        """The procedure that a project calls for, launched on a day (by default its own launch), computed now.

        Raises:
            NotFound: no such project in the caller's perimeter.
            SeuilInconnu: no threshold is recorded for that day.
        """
        projet = reading.trouve(connection, caller, uid)
        return Calculs(connection).procedure(projet, jour or projet.lancement())

    def calculer(self, demande: DemandeProcedure) -> ProcedureVue:
        """The procedure of a need that belongs to no project.

        Raises:
            RuleBroken: the value is given twice or not at all; no threshold is recorded for that day.
        """
        return calculer_demande(demande)

    def retroplanning(self, connection: Connection, caller: Caller, uid: str) -> RetroplanningVue:
        """The backward planning of a project, computed now with the lead times in force.

        Raises:
            NotFound: no such project in the caller's perimeter.
        """
        projet = reading.trouve(connection, caller, uid)
        calculs = Calculs(connection)
        foreseen = calculs.prevision(projet)
        plan, row = foreseen.plan, projet.row
        jalons = avec_prevu(projet.jalons, dict(plan.jalons))
        late = retard(jalons, row["date_debut_prevue"], row["echeance_renouvelee"], self._clock.today())
        used = calculs.delais[plan.filiere]
        moved = list(plan.ajustements)
        if foreseen.seuils_inconnus is not None:
            moved.append(rules.SEUILS_INCONNUS.message.format(jour=jour_ecrit(foreseen.seuils_inconnus)))
        return RetroplanningVue(
            filiere=plan.filiere,
            debut=row["date_debut_prevue"],
            lancement=plan.lancement,
            jalons=tuple(
                JalonPlan(
                    code=one.code,
                    prevu=one.prevu,
                    realise=one.realise,
                    joursAvantDebut=used.jours.get(one.code),
                    source=used.source if one.code in used.jours else None,
                )
                for one in jalons
            ),
            ajustements=tuple(moved),
            retard=None
            if late is None or projet.statut not in VIVANTS
            else RetardVue(
                jours=late.jours,
                jalon=late.jalon,
                debutRealiste=late.debut_realiste,
                joursSansMarche=late.jours_sans_marche,
                consequence=late.consequence,
            ),
        )

    def echeances(self, connection: Connection, caller: Caller, avant: date, limit: int) -> EcheancesVue:
        """Living marchés that end before a day, the late ones first, with the project that renews each."""
        return lire_echeances(connection, caller, self._marches, avant, self._clock.today(), limit)

    def delais(self, connection: Connection) -> TousDelais:
        """The lead times in force."""
        return lire_delais(connection)

    def remplacer_delais(self, unit: UnitOfWork, caller: Caller, donnes: DelaisDonnes) -> TousDelais:
        """Replace the lead times of kinds of procedure; see :func:`.delais.remplacer_delais`."""
        return remplacer_delais(unit, caller, donnes)

    def _end_moved(self, connection: Connection, caller: Caller, projet: Projet) -> date | None:
        """The present last day of the marché renewed, when it is no longer the one the project knows."""
        row = projet.row
        if row["echeance_renouvelee"] is None:
            return None
        marche = self._marches.connu(connection, caller, row["marche_renouvele_uid"])
        end = None if marche is None else marche.date_fin
        return None if end == row["echeance_renouvelee"] else end

    def _vue(self, connection: Connection, projet: Projet) -> ProjetAchatVue:
        return vues(connection, [projet], self._clock.today())[0]

    def _buyer(self, connection: Connection, caller: Caller, siret: str) -> tuple[str, list[Problem]]:
        known = etablissements_by_siret(connection, caller, {siret}, self._clock.today())
        if siret not in known:
            return "", [rules.ACHETEUR.broken("$.acheteur", siret=siret)]
        return known[siret].ght, []

    def _benefit_problems(self, connection: Connection, row: dict[str, Any]) -> list[Problem]:
        sirets = row["beneficiaires"]
        known = etablissements_by_siret(connection, None, set(sirets), self._clock.today())
        return [
            rules.BENEFICIAIRE.broken(f"$.beneficiaires[{rank}]", siret=siret, ght=row["ght"])
            for rank, siret in enumerate(sirets)
            if siret not in known or known[siret].ght != row["ght"]
        ]

    def _planned(self, connection: Connection, projet: Projet, besoins: Sequence[str]) -> list[dict[str, Any]]:
        foreseen = Calculs(connection).prevision(projet, besoins)
        return [one.stored() for one in avec_prevu(projet.jalons, dict(foreseen.plan.jalons))]

    def _require_free(self, connection: Connection, ght: str, reference: str) -> None:
        same = select(_projet.c.uid).where(_projet.c.ght == ght, _projet.c.reference == reference)
        if connection.execute(same).first() is not None:
            raise AlreadyExists(f"Le GHT {ght} a déjà un projet d'achat {reference} : prenez une autre référence.")
