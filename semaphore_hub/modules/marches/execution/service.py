"""Operations of the execution: each is one transaction, one event, one version more; none commits."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert, select

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.execution.etablissements import documented, joined
from semaphore_hub.modules.marches.execution.prix import revised
from semaphore_hub.modules.marches.execution.reconductions import OPERATIONS, decided, decision_problems, tacitly_due
from semaphore_hub.modules.marches.execution.schemas import (
    Affermissement,
    DecisionReconduction,
    DeclarationSousTraitance,
    ModificationSousTraitance,
    NouvelleRevision,
    RattachementBeneficiaire,
)
from semaphore_hub.modules.marches.execution.sous_traitance import act_modified, declared
from semaphore_hub.modules.marches.execution.tranches import confirmed
from semaphore_hub.modules.marches.lifecycle import TRANSITIONS
from semaphore_hub.modules.marches.models import Marche, MarcheBeneficiaire
from semaphore_hub.modules.marches.reading import Whole, read_whole
from semaphore_hub.modules.marches.saying import marche_view
from semaphore_hub.modules.marches.schemas import PieceEntree
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.referentiel.codes import Reconductibilite
from semaphore_hub.modules.referentiel.lookups import etablissements_by_siret, fournisseurs_by_identifier
from semaphore_hub.modules.referentiel.rules import refuse

_marche = table_of(Marche)
_beneficiaire = table_of(MarcheBeneficiaire)
_RENEWABLE = sorted(TRANSITIONS["reconduire"].depuis)
_PAGE = 200


class ExecutionService:
    """What happens to a notified marché beside its amendments.

    Every operation takes the version the caller read, and raises:

    - ``Forbidden``, ``NotFound``, ``Outdated``, ``WrongState``: see the errors of the kernel;
    - ``RuleBroken``: one or several rules of :mod:`.rules`, all of them reported.

    Args:
        store: the marchés and the log of their events.
    """

    def __init__(self, store: MarcheStore) -> None:
        self._store = store

    def decider_reconduction(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, numero: int, decision: DecisionReconduction
    ) -> MarcheVue:
        """A renewal period is taken or refused (``marche.reconduit``, ``marche.non_reconduit``); the end follows."""
        operation = OPERATIONS[decision.decision]
        whole = self._store.for_change(unit, caller, uid, version, operation)
        refuse(decision_problems(whole, numero, decision))
        whole = self._decide(unit, whole, numero, decision.decision, decision.dateDecision, decision.motif)
        return marche_view(whole)

    def constater_tacites(self, unit: UnitOfWork, today: date) -> tuple[str, ...]:
        """Record the tacit renewals that happened by ``today`` without an act; to run before expiries are recorded.

        A period nobody refused is renewed on its first day (art. R.2112-4 CCP); one event for each period. Marchés are
        read by pages. Said again, nothing is new.

        Returns:
            The uids of the marchés renewed.
        """
        renewed: list[str] = []
        after = ""
        while True:
            rows = (
                unit.connection.execute(
                    select(_marche)
                    .where(
                        _marche.c.date_fin < today,
                        _marche.c.statut.in_(_RENEWABLE),
                        _marche.c.uid > after,
                        _marche.c.donnees["complements"]["reconductibilite"].as_string() == Reconductibilite.TACITE,
                    )
                    .order_by(_marche.c.uid)
                    .limit(_PAGE)
                    .with_for_update()
                )
                .mappings()
                .all()
            )
            for whole in read_whole(unit.connection, rows):
                if self._renew_tacitly(unit, whole, today):
                    renewed.append(whole.row["uid"])
            if len(rows) < _PAGE:
                return tuple(renewed)
            after = rows[-1]["uid"]

    def _renew_tacitly(self, unit: UnitOfWork, whole: Whole, today: date) -> bool:
        due = list(tacitly_due(whole, today))
        for period in due:
            whole = self._decide(unit, whole, period.numero, "reconduite", period.debut, "Reconduction tacite")
        return bool(due)

    def _decide(
        self, unit: UnitOfWork, whole: Whole, numero: int, decision: str, day: date, motif: str | None
    ) -> Whole:
        after = decided(whole, numero, decision, day)
        after = self._store.update(unit, after, {"date_fin": after.row["date_fin"]}, after.vie)
        begins = next(period.debut for period in after.vie.reconductions if period.numero == numero)
        effect = begins if decision == "reconduite" else after.row["date_fin"]
        self._store.say(unit, OPERATIONS[decision], after, motif=motif, numero=numero, date_effet=effect)
        return after

    def affermir(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, numero: int, affermissement: Affermissement
    ) -> MarcheVue:
        """An optional tranche is confirmed, once (``marche.tranche_affermie``)."""
        whole = self._store.for_change(unit, caller, uid, version, "affermir")
        whole, problems = confirmed(whole, numero, affermissement)
        refuse(problems)
        whole = self._store.update(unit, whole, {}, whole.vie)
        self._store.say(unit, "affermir", whole, numero=numero, date_effet=affermissement.dateAffermissement)
        return marche_view(whole)

    def reviser(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, revision: NouvelleRevision
    ) -> MarcheVue:
        """The price is revised by its clause (``marche.prix_revise``); the amount of the marché itself stays."""
        whole = self._store.for_change(unit, caller, uid, version, "reviser_prix")
        whole, _, problems = revised(whole, revision)
        refuse(problems)
        whole = self._store.update(unit, whole, {}, whole.vie)
        self._store.say(
            unit,
            "reviser_prix",
            whole,
            motif=revision.motif,
            numero=len(whole.vie.revisions),
            date_effet=revision.date,
        )
        return marche_view(whole)

    def declarer_sous_traitance(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, declaration: DeclarationSousTraitance
    ) -> MarcheVue:
        """A subcontractor is accepted (``marche.sous_traitance_declaree``); acts are numbered 1, 2, 3…"""
        whole = self._store.for_change(unit, caller, uid, version, "declarer_sous_traitance")
        key = (declaration.sousTraitant.typeIdentifiant.value, declaration.sousTraitant.id)
        supplier = fournisseurs_by_identifier(unit.connection, [key]).get(key)
        whole, act, problems = declared(whole, declaration, supplier)
        refuse(problems)
        assert act is not None
        whole = self._store.update(unit, whole, {}, whole.vie)
        self._store.say(unit, "declarer_sous_traitance", whole, numero=act.id, date_effet=declaration.dateNotification)
        return marche_view(whole)

    def modifier_sous_traitance(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, acte: int, nouvelle: ModificationSousTraitance
    ) -> MarcheVue:
        """A subcontracting act changes (``marche.sous_traitance_modifiee``): new totals, differences computed."""
        whole = self._store.for_change(unit, caller, uid, version, "modifier_sous_traitance")
        whole, modification, problems = act_modified(whole, acte, nouvelle)
        refuse(problems)
        assert modification is not None
        whole = self._store.update(unit, whole, {}, whole.vie)
        self._store.say(
            unit,
            "modifier_sous_traitance",
            whole,
            numero=modification.numero,
            date_effet=modification.dateNotificationModificationSousTraitance,
        )
        return marche_view(whole)

    def rattacher(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, rattachement: RattachementBeneficiaire
    ) -> MarcheVue:
        """An établissement of the GHT joins the beneficiaries (``marche.etablissement_rattache``)."""
        whole = self._store.for_change(unit, caller, uid, version, "rattacher")
        then, now = (
            etablissements_by_siret(unit.connection, None, [rattachement.id], day)
            for day in (rattachement.date, self._store.clock.today())
        )
        rank = len(whole.beneficiaires)
        whole, problems = joined(whole, rattachement, then, now)
        refuse(problems)
        unit.connection.execute(
            insert(_beneficiaire).values(marche_uid=uid, rang=rank, etablissement_siret=rattachement.id)
        )
        whole = self._store.update(unit, whole, {}, whole.vie)
        self._store.say(
            unit, "rattacher", whole, motif=f"Rattachement de {rattachement.id}", date_effet=rattachement.date
        )
        return marche_view(whole)

    def joindre(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, piece: PieceEntree) -> MarcheVue:
        """The reference of a document is added (``marche.piece_ajoutee``)."""
        whole = self._store.for_change(unit, caller, uid, version, "joindre")
        whole, problems = documented(whole, piece)
        refuse(problems)
        whole = self._store.update(unit, whole, {}, whole.vie)
        self._store.say(unit, "joindre", whole, motif=f"Pièce {piece.nom}", numero=len(whole.vie.pieces))
        return marche_view(whole)
