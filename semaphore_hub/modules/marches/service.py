"""Marchés: record, notify, amend, correct, import; each operation is one transaction and one event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from semaphore_hub.kernel.access import WRITERS, Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import AlreadyExists, NotFound, RuleBroken, WrongState
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.modules.marches import checks, rules
from semaphore_hub.modules.marches.changes import amended, anachronisms, corrected, without_changes
from semaphore_hub.modules.marches.models import (
    Marche,
    MarcheBeneficiaire,
    MarcheModification,
    MarcheTitulaire,
    Statut,
)
from semaphore_hub.modules.marches.parties import reference_problems
from semaphore_hub.modules.marches.reading import (
    Holding,
    Named,
    Whole,
    marche_payload,
    marche_view,
    modification_payload,
    read_whole,
)
from semaphore_hub.modules.marches.schemas import (
    CorrectionMarche,
    ImportMarche,
    MarcheCree,
    MarcheImporte,
    MarcheVue,
    NotificationMarche,
    NouveauMarche,
    NouvelleModification,
    stored,
)
from semaphore_hub.modules.marches.search import Filtres, search
from semaphore_hub.modules.referentiel.lookups import (
    etablissements_by_siret,
    fournisseurs_by_identifier,
)
from semaphore_hub.modules.referentiel.rows import require_version
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.ports import events, payloads

_marche = table_of(Marche)
_titulaire = table_of(MarcheTitulaire)
_beneficiaire = table_of(MarcheBeneficiaire)
_modification = table_of(MarcheModification)
_INSERT_MARCHE, _INSERT_TITULAIRE, _INSERT_BENEFICIAIRE = insert(_marche), insert(_titulaire), insert(_beneficiaire)


class MarchesService:
    """Operations on marchés. Each takes the unit of work of its request; none commits.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, clock: Clock, event_log: events.EventLog) -> None:
        self._clock = clock
        self._events = event_log

    def creer(self, unit: UnitOfWork, caller: Caller, nouveau: NouveauMarche) -> MarcheVue:
        """Record a marché, status "attribue", and say so (``marche.cree``).

        Raises:
            Forbidden: the caller's role does not write.
            RuleBroken: one or several rules, all of them reported.
            AlreadyExists: the buyer already has a marché of this id.
        """
        caller.require(*WRITERS)
        return marche_view(self._record(unit, caller, nouveau))

    def notifier(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, notification: NotificationMarche
    ) -> MarcheVue:
        """The holder received the marché: status "notifie", ``marche.notifie`` with the consolidated state.

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: already notified.
            RuleBroken: order of the dates, no contract number.
        """
        whole = self._for_change(unit, caller, uid, version, Statut.ATTRIBUE)
        problems = checks.date_problems(
            whole.description, notification.dateNotification, notification.datePublicationDonnees
        )
        given = whole.description.complements.idContrat
        contract, broken = checks.contract_number(whole.row["id"], given, notification.dateNotification)
        refuse([*problems, *broken])
        changed = {
            "statut": Statut.NOTIFIE.value,
            "id_contrat": contract,
            "date_notification": notification.dateNotification,
            "date_publication": notification.datePublicationDonnees,
        }
        try:
            whole = self._update(unit, whole, changed)
        except IntegrityError as error:
            raise RuleBroken(
                rules.ID_CONTRAT_PRIS.message.format(contrat=contract),
                [rules.ID_CONTRAT_PRIS.broken("$.complements.idContrat", contrat=contract)],
            ) from error
        self._say(unit, events.MARCHE_NOTIFIE, whole)
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
        return self._amend(unit, caller, uid, version, nouvelle)

    def _amend(
        self,
        unit: UnitOfWork,
        caller: Caller,
        uid: str,
        version: int,
        nouvelle: NouvelleModification,
        *,
        tolerated: frozenset[str] = frozenset(),
    ) -> MarcheVue:
        """See :meth:`modifier`; ``tolerated`` are ids of rules that do not stop an import."""
        before = self._for_change(unit, caller, uid, version, Statut.NOTIFIE)
        whole, amendment, problems = amended(before, nouvelle)
        refuse([problem for problem in problems if problem.rule not in tolerated])
        unit.connection.execute(insert(_modification).values(amendment))
        for holding, old in zip(whole.holdings, before.holdings, strict=True):
            if holding.share_cents != old.share_cents:
                unit.connection.execute(
                    update(_titulaire)
                    .where(_titulaire.c.marche_uid == uid, _titulaire.c.rang == holding.rang)
                    .values(montant_cents=holding.share_cents)
                )
        changed = {name: whole.row[name] for name in ("montant_cents", "duree_mois", "donnees")}
        whole = self._update(unit, whole, changed)
        self._say(unit, events.MARCHE_MODIFIE, whole, modification=modification_payload(amendment))
        return marche_view(whole)

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
        before = self._for_change(unit, caller, uid, version, Statut.NOTIFIE)
        whole = corrected(before, correction)
        problems = checks.content_problems(whole.content())
        problems += checks.date_problems(
            whole.description, whole.row["date_notification"], whole.row["date_publication"]
        )
        if without_changes(before, whole) and not correction.actualiserTitulaires:
            problems.append(rules.CORRECTION_VIDE.broken("$"))
        refuse(problems)
        whole = self._update(unit, whole, {name: whole.row[name] for name in ("objet", "code_cpv", "donnees")})
        self._say(unit, events.MARCHE_CORRIGE, whole, motif=correction.motif)
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
        and amendments dated before what they amend.

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
            if known.importe == content:
                return ImportMarche(uid=known.uid, statut="inchangé", avertissements=tuple(avertissements))
            earlier: Mapping[str, Any] = known.importe or {}
            names = [name for name in content if earlier.get(name) != content[name]]
            fields = ", ".join(names) if earlier else "saisi dans le hub"
            refuse([rules.IMPORT_DIFFERENT.broken("$", id=donnees.id, champs=fields)])
        notes = [*avertissements, *anachronisms(donnees)]
        whole = self._record(unit, caller, donnees, content, champs_completes, notes)
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
            view = self._amend(
                unit, caller, view.uid, view.version, modification, tolerated=frozenset({rules.MODIFICATION_DATE.id})
            )
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

    # --- inside -------------------------------------------------------------------------------------------------------

    def _record(
        self,
        unit: UnitOfWork,
        caller: Caller,
        nouveau: NouveauMarche,
        importe: dict[str, Any] | None = None,
        champs_completes: Sequence[str] = (),
        avertissements: Sequence[str] = (),
    ) -> Whole:
        beneficiaires = tuple(ref.id for ref in nouveau.beneficiaires) or (nouveau.acheteur.id,)
        connection = unit.connection
        known = etablissements_by_siret(connection, None, {nouveau.acheteur.id, *beneficiaires}, self._clock.today())
        suppliers = fournisseurs_by_identifier(
            connection, {(holder.typeIdentifiant.value, holder.id) for holder in nouveau.titulaires}
        )
        problems = reference_problems(nouveau, caller, known, suppliers)
        holders = [checks.Holder(holder.role, holder.montant) for holder in nouveau.titulaires]
        problems += checks.creation_problems(
            checks.Content(nouveau.id, nouveau, nouveau.montant, nouveau.dureeMois, holders)
        )
        refuse(problems)
        uid = new_id()
        row: dict[str, Any] = {
            "uid": uid,
            "version": 1,
            "statut": Statut.ATTRIBUE.value,
            "ght": known[nouveau.acheteur.id].ght,
            "acheteur_siret": nouveau.acheteur.id,
            "id": nouveau.id,
            "id_contrat": None,
            "objet": nouveau.objet,
            "code_cpv": nouveau.codeCPV,
            "montant_cents": to_cents(nouveau.montant),
            "duree_mois": nouveau.dureeMois,
            "date_notification": None,
            "date_publication": None,
            "created_ms": int(self._clock.now().timestamp() * 1000),
            "donnees": {
                **stored(nouveau),
                "champsCompletes": list(champs_completes),
                "avertissements": list(avertissements),
            },
            "importe": importe,
        }
        try:
            connection.execute(_INSERT_MARCHE, row)
        except IntegrityError as error:
            raise AlreadyExists(f"L'acheteur {nouveau.acheteur.id} a déjà un marché {nouveau.id}.") from error
        holdings = tuple(
            Holding(
                rang,
                holder.role,
                None if holder.montant is None else to_cents(holder.montant),
                suppliers[(holder.typeIdentifiant.value, holder.id)],
            )
            for rang, holder in enumerate(nouveau.titulaires)
        )
        connection.execute(
            _INSERT_TITULAIRE,
            [
                {
                    "marche_uid": uid,
                    "rang": holding.rang,
                    "fournisseur_uid": holding.fournisseur.uid,
                    "role": holding.role,
                    "montant_cents": holding.share_cents,
                }
                for holding in holdings
            ],
        )
        connection.execute(
            _INSERT_BENEFICIAIRE,
            [
                {"marche_uid": uid, "rang": rang, "etablissement_siret": siret}
                for rang, siret in enumerate(beneficiaires)
            ],
        )
        cree = MarcheCree(
            uid=uid, id=nouveau.id, acheteur=nouveau.acheteur.id, objet=nouveau.objet, montant=nouveau.montant
        )
        whole = Whole(
            row=row,
            description=nouveau,
            holdings=holdings,
            beneficiaires=beneficiaires,
            names={siret: Named(found.nom, found.cle_valide) for siret, found in known.items()},
            modifications=(),
        )
        self._append(unit, events.MARCHE_CREE, whole, cree)
        return whole

    def _for_change(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, expected: Statut) -> Whole:
        """The marché, locked until the end of the transaction, after the checks common to every change."""
        caller.require(*WRITERS)
        statement = within(select(_marche).where(_marche.c.uid == uid), _marche.c.ght, caller).with_for_update()
        row = unit.connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound(f"Le marché {uid} n'existe pas.")
        require_version(row, version)
        if row["statut"] != expected:
            problem = rules.ETAT.broken("$", statut=row["statut"], attendu=expected)
            raise WrongState(problem.message, [problem])
        return read_whole(unit.connection, [row])[0]

    def _update(self, unit: UnitOfWork, whole: Whole, changed: dict[str, Any]) -> Whole:
        values = {**changed, "version": whole.row["version"] + 1}
        unit.connection.execute(update(_marche).where(_marche.c.uid == whole.row["uid"]).values(values))
        return whole.with_row(**values)

    def _say(
        self,
        unit: UnitOfWork,
        event_type: str,
        whole: Whole,
        *,
        modification: payloads.Modification | None = None,
        motif: str | None = None,
    ) -> None:
        sirets = {whole.row["acheteur_siret"], *whole.beneficiaires}
        known = etablissements_by_siret(unit.connection, None, sirets, self._clock.today())
        payload = payloads.MarchePayload(marche=marche_payload(whole, known), modification=modification, motif=motif)
        self._append(unit, event_type, whole, payload)

    def _append(self, unit: UnitOfWork, event_type: str, whole: Whole, payload: BaseModel) -> None:
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=event_type,
                subject=f"marche/{whole.row['uid']}",
                version=whole.row["version"],
                time=self._clock.now(),
                ght=whole.row["ght"],
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )
