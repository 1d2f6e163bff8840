"""Projets: foresee, launch, open, attribute, or give up; each operation is one transaction and one event."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from semaphore_hub.kernel.access import WRITERS, Caller, within
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import AlreadyExists, NotFound, Problem
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.lifecycle import AVANT_ATTRIBUTION, TRANSITIONS, Statut
from semaphore_hub.modules.marches.models import Marche, MarcheProjet
from semaphore_hub.modules.marches.projets import checks, reading, rules
from semaphore_hub.modules.marches.projets.changes import Forecast, completed, foreseen, revised
from semaphore_hub.modules.marches.projets.donnees import Donnees, Projet
from semaphore_hub.modules.marches.projets.lots import lot_problems
from semaphore_hub.modules.marches.projets.schemas import (
    Attribution,
    ConsultationVue,
    Infructuosite,
    Lancement,
    NouveauProjet,
    Ouverture,
    ProjetVue,
    RevisionProjet,
    SansSuite,
)
from semaphore_hub.modules.marches.recording import record
from semaphore_hub.modules.marches.saying import marche_view
from semaphore_hub.modules.marches.store import MarcheStore, require_status, status_after
from semaphore_hub.modules.referentiel.lookups import etablissements_by_siret
from semaphore_hub.modules.referentiel.rows import require_version
from semaphore_hub.modules.referentiel.rules import refuse

_projet = table_of(MarcheProjet)
_marche = table_of(Marche)


class ProjetsService:
    """Operations on projets. Each takes the unit of work of its request; none commits.

    Args:
        store: the marchés and the log of their events.
    """

    def __init__(self, store: MarcheStore) -> None:
        self._store = store

    def creer(self, unit: UnitOfWork, caller: Caller, nouveau: NouveauProjet) -> ProjetVue:
        """Record a need, status "projet" (``marche.projete``).

        Raises:
            Forbidden: the caller's role does not write.
            RuleBroken: one or several rules, all of them reported.
            AlreadyExists: the buyer already has a projet or a marché of this id.
        """
        caller.require(*WRITERS)
        buyer = nouveau.acheteur.id
        forecast = foreseen(nouveau)
        sirets = {buyer, *forecast.donnees.beneficiaires}
        known = etablissements_by_siret(unit.connection, None, sirets, self._store.clock.today())
        problems = checks.party_problems(buyer, nouveau.beneficiaires, caller, known)
        refuse([*problems, *self._forecast_problems(unit, buyer, forecast)])
        self._require_free_id(unit, buyer, nouveau.id)
        row = {
            **forecast.columns,
            "uid": new_id(),
            "version": 1,
            "statut": Statut.PROJET.value,
            "ght": known[buyer].ght,
            "acheteur_siret": buyer,
            "id": nouveau.id,
            "created_ms": int(self._store.clock.now().timestamp() * 1000),
            "donnees": forecast.donnees.stored(),
        }
        try:
            unit.connection.execute(insert(_projet).values(row))
        except IntegrityError as error:
            raise _taken(buyer, nouveau.id) from error
        return self._said(unit, "projeter", Projet(row, forecast.donnees))

    def reviser(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, revision: RevisionProjet) -> ProjetVue:
        """Foresee something else, before the launch (``marche.projete`` again).

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: nothing changes, or a rule of the forecast is broken.
        """
        projet = self._for_change(unit, caller, uid, version, "reviser_projet")
        forecast = revised(projet, revision)
        if forecast.donnees == projet.donnees and all(
            projet.row[name] == value for name, value in forecast.columns.items()
        ):
            refuse([rules.REVISION_VIDE.broken("$")])
        buyer, given = projet.row["acheteur_siret"], revision.beneficiaires or ()
        known = etablissements_by_siret(
            unit.connection, None, {buyer, *(ref.id for ref in given)}, self._store.clock.today()
        )
        problems = checks.party_problems(buyer, given, caller, known)
        refuse([*problems, *self._forecast_problems(unit, buyer, forecast, uid)])
        return self._changed(unit, "reviser_projet", projet, forecast.donnees, **forecast.columns)

    def lancer(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, lancement: Lancement) -> ProjetVue:
        """Publish the consultation: status "consultation", ``marche.consulte``.

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: order of the dates, a lot without its consultation or launched apart from the others…
        """
        projet = self._for_change(unit, caller, uid, version, "lancer")
        row = projet.row
        problems = checks.launch_problems(row["consultation"], row["numero_lot"], lancement)
        consultation = row["consultation"] or lancement.consultation
        problems += lot_problems(unit.connection, row["acheteur_siret"], consultation, row["numero_lot"], uid)
        problems += _apart(unit.connection, row["acheteur_siret"], consultation, uid, lancement)
        refuse(problems)
        donnees = projet.donnees.model_copy(
            update={"dateLancement": lancement.dateLancement, "dateLimiteOffres": lancement.dateLimiteOffres}
        )
        return self._changed(unit, "lancer", projet, donnees, consultation=consultation)

    def ouvrir(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, ouverture: Ouverture) -> ProjetVue:
        """Open the offers: status "analyse", ``marche.analyse``.

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: before the deadline.
        """
        projet = self._for_change(unit, caller, uid, version, "analyser")
        refuse(checks.opening_problems(projet.donnees, ouverture))
        donnees = projet.donnees.model_copy(
            update={"dateOuverture": ouverture.dateOuverture, "offresRecues": ouverture.offresRecues}
        )
        return self._changed(unit, "analyser", projet, donnees)

    def attribuer(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, attribution: Attribution
    ) -> MarcheVue:
        """Make a marché of the projet, under the same uid: status "attribue", ``marche.attribue``.

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: one or several rules of the procedure, or of a marché.
            AlreadyExists: the buyer already has a marché of this id.
        """
        projet = self._for_change(unit, caller, uid, version, "attribuer")
        refuse(checks.attribution_problems(projet.donnees, attribution))
        donnees = projet.donnees.model_copy(
            update={
                "dateAttribution": attribution.dateAttribution,
                "dateInformationEvinces": attribution.dateInformationEvinces,
            }
        )
        self._write(unit, "attribuer", projet, donnees)
        whole = record(
            self._store,
            unit,
            caller,
            completed(projet, attribution),
            operation="attribuer",
            uid=uid,
            version=version + 1,
            attribution=attribution.dateAttribution,
            information_evinces=attribution.dateInformationEvinces,
        )
        return marche_view(whole)

    def declarer_infructueux(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, infructuosite: Infructuosite
    ) -> ProjetVue:
        """No offer could be retained: status "infructueux", final (``marche.infructueux``).

        Raises:
            Forbidden, NotFound, Outdated, WrongState: see the errors of the kernel.
            RuleBroken: before the deadline, or a reason that the offers received contradict.
        """
        projet = self._for_change(unit, caller, uid, version, "declarer_infructueux")
        refuse(checks.failure_problems(projet.donnees, infructuosite))
        said = infructuosite.motif
        more = "" if infructuosite.explication is None else f" : {infructuosite.explication}"
        donnees = projet.donnees.model_copy(update={"dateFin": infructuosite.date, "motif": said + more})
        return self._changed(unit, "declarer_infructueux", projet, donnees)

    def declarer_sans_suite(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, sans_suite: SansSuite
    ) -> ProjetVue:
        """Give up the procedure: status "sans_suite", final (``marche.sans_suite``; art. R2185-1 CCP).

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: attributed already (then it is asked of the marché), or ended.
            RuleBroken: order of the dates.
        """
        projet = self._for_change(unit, caller, uid, version, "declarer_sans_suite")
        refuse(checks.in_order("$.date", "la déclaration", sans_suite.date, projet.donnees.last_step()))
        donnees = projet.donnees.model_copy(update={"dateFin": sans_suite.date, "motif": sans_suite.motif})
        return self._changed(unit, "declarer_sans_suite", projet, donnees)

    def lire(self, connection: Connection, caller: Caller, uid: str) -> ProjetVue:
        """One projet of the caller's perimeter.

        Raises:
            NotFound: no such projet there.
        """
        statement = within(select(_projet).where(_projet.c.uid == uid), _projet.c.ght, caller)
        row = connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound(f"Le projet {uid} n'existe pas.")
        return reading.views(connection, [Projet.of(row)])[0]

    def lister(
        self, connection: Connection, caller: Caller, filtres: reading.Filtres, *, limit: int, after: str | None
    ) -> tuple[list[ProjetVue], str | None]:
        """A page of projets, newest first, and the uid of its last item when there are more."""
        rows, last = reading.search(connection, caller, filtres, limit, after)
        return reading.views(connection, [Projet.of(row) for row in rows]), last

    def consultation(self, connection: Connection, caller: Caller, reference: str, acheteur: str) -> ConsultationVue:
        """Every lot of a consultation of a buyer.

        Raises:
            NotFound: nothing of this reference for this buyer.
        """
        return reading.consultation(connection, caller, reference, acheteur)

    def _for_change(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, operation: str) -> Projet:
        """The projet, locked until the end of the transaction, after the checks common to every change."""
        caller.require(*WRITERS)
        statement = within(select(_projet).where(_projet.c.uid == uid), _projet.c.ght, caller).with_for_update()
        row = unit.connection.execute(statement).mappings().first()
        if row is None or row["statut"] == Statut.ATTRIBUE:
            marche = within(select(_marche.c.statut).where(_marche.c.uid == uid), _marche.c.ght, caller)
            statut = unit.connection.execute(marche).scalar()
            if statut is None:
                raise NotFound(f"Le projet {uid} n'existe pas.")
            # It is a marché now: no operation on projets is possible any more, whatever the version.
            require_status(statut, operation, AVANT_ATTRIBUTION)
        assert row is not None
        require_version(row, version)
        require_status(row["statut"], operation, AVANT_ATTRIBUTION)
        return Projet.of(row)

    def _forecast_problems(
        self, unit: UnitOfWork, buyer: str, forecast: Forecast, uid: str | None = None
    ) -> list[Problem]:
        columns = forecast.columns
        problems = checks.forecast_problems(from_cents(columns["montant_estime_cents"]), forecast.donnees)
        return problems + lot_problems(unit.connection, buyer, columns["consultation"], columns["numero_lot"], uid)

    def _require_free_id(self, unit: UnitOfWork, buyer: str, projet_id: str) -> None:
        taken = exists().where(_marche.c.acheteur_siret == buyer, _marche.c.id == projet_id)
        if unit.connection.execute(select(taken)).scalar():
            raise _taken(buyer, projet_id)

    def _changed(self, unit: UnitOfWork, operation: str, projet: Projet, donnees: Donnees, **columns: Any) -> ProjetVue:
        return self._said(unit, operation, self._write(unit, operation, projet, donnees, **columns))

    def _write(self, unit: UnitOfWork, operation: str, projet: Projet, donnees: Donnees, **columns: Any) -> Projet:
        values = {
            **columns,
            **status_after(operation),
            "version": projet.row["version"] + 1,
            "donnees": donnees.stored(),
        }
        unit.connection.execute(update(_projet).where(_projet.c.uid == projet.row["uid"]).values(values))
        return projet.changed(donnees, values)

    def _said(self, unit: UnitOfWork, operation: str, projet: Projet) -> ProjetVue:
        self._store.append(unit, TRANSITIONS[operation].event, projet.row, projet.payload())
        return reading.views(unit.connection, [projet])[0]


def _taken(buyer: str, projet_id: str) -> AlreadyExists:
    problem = rules.MARCHE_CONNU.broken("$.id", acheteur=buyer, id=projet_id)
    return AlreadyExists(problem.message, [problem])


def _apart(
    connection: Connection, buyer: str, consultation: str | None, uid: str, lancement: Lancement
) -> list[Problem]:
    """A lot launched on other dates than those of its consultation already launched."""
    if consultation is None:
        return []
    others = select(_projet.c.donnees).where(
        _projet.c.acheteur_siret == buyer, _projet.c.consultation == consultation, _projet.c.uid != uid
    )
    for stored in connection.execute(others).scalars():
        other = Donnees.model_validate(stored)
        launched = other.dateLancement, other.dateLimiteOffres
        if other.dateLancement is not None and launched != (lancement.dateLancement, lancement.dateLimiteOffres):
            return [
                rules.CONSULTATION_DATES.broken(
                    "$.dateLancement", consultation=consultation, lancement=launched[0], limite=launched[1]
                )
            ]
    return []
