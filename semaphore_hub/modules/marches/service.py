"""Marchés: record, notify, amend, correct, import; each operation is one transaction and one event."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from semaphore_hub.kernel.access import WRITERS, Caller, within
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound, RuleBroken
from semaphore_hub.modules.marches import checks, rules
from semaphore_hub.modules.marches.answers import ImportMarche, MarcheVue
from semaphore_hub.modules.marches.avenants.operations import amend, change_holders, prolong, simulate
from semaphore_hub.modules.marches.avenants.rules import PROLONGATION_ECHU
from semaphore_hub.modules.marches.avenants.schemas import ChangementTitulaire, Prolongation, SimulationVue
from semaphore_hub.modules.marches.changes import anachronisms, corrected, without_changes
from semaphore_hub.modules.marches.echeances import end_of, start_of
from semaphore_hub.modules.marches.execution.accords_cadres import charge_framework
from semaphore_hub.modules.marches.imported import known_content, named_operators, with_acts
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.reading import read_whole
from semaphore_hub.modules.marches.recording import record
from semaphore_hub.modules.marches.saying import marche_view
from semaphore_hub.modules.marches.schemas import (
    CorrectionMarche,
    MarcheImporte,
    NotificationMarche,
    NouveauMarche,
    NouvelleModification,
)
from semaphore_hub.modules.marches.search import Filtres, search
from semaphore_hub.modules.marches.store import MarcheStore, status_after
from semaphore_hub.modules.marches.structure import complement_problems, date_structure_problems
from semaphore_hub.modules.marches.transitions.standstill import unsigned_problems
from semaphore_hub.modules.referentiel.lookups import fournisseurs_by_identifier
from semaphore_hub.modules.referentiel.rules import refuse

_marche = table_of(Marche)
_TOLERATED = frozenset({rules.MODIFICATION_DATE.id, PROLONGATION_ECHU.id})
"""Rules that do not stop the amendments of an import."""


class MarchesService:
    """Operations on marchés. Each takes the unit of work of its request; none commits.

    Args:
        store: the marchés and the log of their events.
    """

    def __init__(self, store: MarcheStore) -> None:
        self._store = store

    def creer(self, unit: UnitOfWork, caller: Caller, nouveau: NouveauMarche) -> MarcheVue:
        """Record a marché, status "attribue", and say so (``marche.cree``).

        Raises:
            Forbidden: the caller's role does not write.
            RuleBroken: one or several rules, all of them reported.
            AlreadyExists: the buyer already has a marché of this id.
        """
        caller.require(*WRITERS)
        return marche_view(record(self._store, unit, caller, nouveau))

    def notifier(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, notification: NotificationMarche
    ) -> MarcheVue:
        """The holder received the marché: status "notifie", ``marche.notifie`` with the consolidated state.

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: already notified.
            RuleBroken: order of the dates, no contract number, a projet attributed but not signed.
        """
        whole = self._store.for_change(unit, caller, uid, version, "notifier")
        problems = checks.date_problems(
            whole.description, notification.dateNotification, notification.datePublicationDonnees
        )
        problems += date_structure_problems(
            whole.description, whole.vie, whole.row["duree_mois"], notification.dateNotification
        )
        given = whole.description.complements.idContrat
        contract, broken = checks.contract_number(whole.row["id"], given, notification.dateNotification)
        refuse([*problems, *broken, *unsigned_problems(unit.connection, whole)])
        changed = {
            **status_after("notifier"),
            "id_contrat": contract,
            "date_notification": notification.dateNotification,
            "date_publication": notification.datePublicationDonnees,
            "date_fin": end_of(
                start_of(whole.description.complements, notification.dateNotification),
                whole.row["duree_mois"],
                whole.vie.reconductions,
            ),
        }
        try:
            whole = self._store.update(
                unit, whole, changed, whole.vie.model_copy(update={"initial": whole.as_initial()})
            )
        except IntegrityError as error:
            raise RuleBroken(
                rules.ID_CONTRAT_PRIS.message.format(contrat=contract),
                [rules.ID_CONTRAT_PRIS.broken("$.complements.idContrat", contrat=contract)],
            ) from error
        self._store.say(unit, "notifier", whole)
        charge_framework(self._store, unit, whole)
        return marche_view(whole)

    def modifier(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, nouvelle: NouvelleModification
    ) -> MarcheVue:
        """Add a notified amendment; its id is 1, 2, 3… (``marche.modifie``).

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: not notified yet.
            RuleBroken: it changes nothing, its date precedes the previous one, shares do not add up…
        """
        before = self._store.for_change(unit, caller, uid, version, "modifier")
        return marche_view(amend(self._store, unit, before, nouvelle))

    def prolonger(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, prolongation: Prolongation
    ) -> MarcheVue:
        """Make a marché longer, on a case of the code: an amendment of its duration alone (``marche.modifie``).

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: it is not alive.
            RuleBroken: it has ended, its end is not later, a renewal is undecided, the law refuses…
        """
        before = self._store.for_change(unit, caller, uid, version, "modifier")
        return marche_view(prolong(self._store, unit, before, prolongation))

    def changer_titulaire(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, changement: ChangementTitulaire
    ) -> MarcheVue:
        """Replace the holders of a marché, by a clause or a transfer: an amendment (``marche.modifie``).

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: it is not alive.
            RuleBroken: unknown supplier, roles or shares that do not hold, the law refuses…
        """
        before = self._store.for_change(unit, caller, uid, version, "modifier")
        return marche_view(change_holders(self._store, unit, before, changement))

    def simuler_modification(
        self, connection: Connection, caller: Caller, uid: str, nouvelle: NouvelleModification
    ) -> SimulationVue:
        """What every case of the code says of an amendment; nothing is written.

        Raises:
            NotFound: no such marché in the caller's perimeter.
            WrongState: it cannot be amended in its present status.
        """
        return simulate(connection, caller, uid, nouvelle)

    def corriger(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, correction: CorrectionMarche
    ) -> MarcheVue:
        """Put a material error right on a notified marché (``marche.corrige`` with the reason).

        The event carries the holders as the référentiel knows them now, so a supplier's new account is said too.

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: not notified yet.
            RuleBroken: nothing changes, or the corrected marché breaks a rule.
        """
        before = self._store.for_change(unit, caller, uid, version, "corriger")
        whole = corrected(before, correction)
        problems = checks.content_problems(whole.content())
        problems += checks.date_problems(
            whole.description, whole.row["date_notification"], whole.row["date_publication"]
        )
        problems += complement_problems(whole.description)
        if without_changes(before, whole) and not correction.actualiserTitulaires:
            problems.append(rules.CORRECTION_VIDE.broken("$"))
        refuse(problems)
        whole = self._store.update(unit, whole, {name: whole.row[name] for name in ("objet", "code_cpv", "donnees")})
        self._store.say(unit, "corriger", whole, motif=correction.motif)
        return marche_view(whole)

    def importer(
        self,
        unit: UnitOfWork,
        caller: Caller,
        donnees: MarcheImporte,
        champs_completes: Sequence[str] = (),
        avertissements: Sequence[str] = (),
    ) -> ImportMarche:
        """Record, notify and amend a marché read from a file, by the same rules; importing it again changes nothing.

        Two things that official examples hold are accepted here with a warning: wrong keys (the référentiel's affair)
        and amendments dated before what they amend. An amendment notified after the end it moves is taken as well: it
        was decided elsewhere.

        Args:
            unit: one transaction per marché, so that a refused one leaves the others.
            caller: who imports.
            donnees: the marché, with its dates and amendments.
            champs_completes: fields the reader of the file completed by a documented default.
            avertissements: French sentences about what was sloppy in the file; kept with the marché.

        Raises:
            Forbidden: the caller's role does not write.
            RuleBroken: a rule is broken, or the marché is recorded with another content.
        """
        caller.require(*WRITERS)
        content = donnees.model_dump(mode="json")
        known = unit.connection.execute(
            select(_marche.c.uid, _marche.c.importe).where(
                _marche.c.acheteur_siret == donnees.acheteur.id, _marche.c.id == donnees.id
            )
        ).first()
        if known is not None:
            earlier = known_content(known.importe)
            if earlier == content:
                return ImportMarche(uid=known.uid, statut="inchangé", avertissements=tuple(avertissements))
            names = [name for name in content if earlier.get(name) != content[name]]
            fields = ", ".join(names) if earlier else "saisi dans le hub"
            refuse([rules.IMPORT_DIFFERENT.broken("$", id=donnees.id, champs=fields)])
        notes = [*avertissements, *anachronisms(donnees)]
        whole = record(
            self._store,
            unit,
            caller,
            donnees,
            importe=content,
            champs_completes=champs_completes,
            avertissements=notes,
        )
        if donnees.actesSousTraitance or donnees.modificationsActesSousTraitance:
            operators = fournisseurs_by_identifier(unit.connection, named_operators(donnees))
            vie, problems = with_acts(whole.vie, donnees, operators)
            refuse(problems)
            # Before anything is said of it to partners, so under the version it was recorded with.
            statement = update(_marche).where(_marche.c.uid == whole.row["uid"])
            unit.connection.execute(statement.values(vie=vie.stored()))
        view = self.notifier(
            unit,
            caller,
            whole.row["uid"],
            whole.row["version"],
            NotificationMarche(
                dateNotification=donnees.dateNotification, datePublicationDonnees=donnees.datePublicationDonnees
            ),
        )
        for modification in donnees.modifications:
            before = self._store.for_change(unit, caller, view.uid, view.version, "modifier")
            view = marche_view(amend(self._store, unit, before, modification, tolerated=_TOLERATED))
        return ImportMarche(
            uid=view.uid, statut="créé", avertissements=tuple(item.message for item in view.avertissements)
        )

    def lire(self, connection: Connection, caller: Caller, uid: str) -> MarcheVue:
        """One marché of the caller's perimeter.

        Raises:
            NotFound: no such marché there.
        """
        statement = within(select(_marche).where(_marche.c.uid == uid), _marche.c.ght, caller)
        row = connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound(f"Le marché {uid} n'existe pas.")
        return marche_view(read_whole(connection, [row])[0])

    def lister(
        self, connection: Connection, caller: Caller, filtres: Filtres, *, limit: int, after: str | None
    ) -> tuple[list[MarcheVue], str | None]:
        """A page of marchés, newest first, and the uid of its last item when there are more."""
        rows, last = search(connection, caller, filtres, limit, after)
        return [marche_view(whole) for whole in read_whole(connection, rows)], last
