"""Adhesions: ask, sign, choose who is invoiced; then the cooperative says how they advance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from semaphore_hub.kernel.access import WRITERS, Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound, Problem, WrongState
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import from_cents, to_cents
from semaphore_hub.modules.marches.adhesions import rules
from semaphore_hub.modules.marches.adhesions.etats import SUITES, TERMINEES
from semaphore_hub.modules.marches.adhesions.models import Adhesion
from semaphore_hub.modules.marches.adhesions.schemas import (
    AdhesionVue,
    AvanceeAdhesion,
    DemandeAdhesion,
    Signature,
    Ventilation,
)
from semaphore_hub.modules.marches.reading import Row
from semaphore_hub.modules.referentiel.lookups import etablissements_by_siret, etablissements_named
from semaphore_hub.modules.referentiel.rows import page_of, require_version
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.ports import events, payloads
from semaphore_hub.ports.payloads import StatutAdhesion

_adhesion = table_of(Adhesion)


class AdhesionsService:
    """Operations on adhesions. Each takes the unit of work of its request; none commits.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, clock: Clock, event_log: events.EventLog) -> None:
        self._clock = clock
        self._events = event_log

    def demander(self, unit: UnitOfWork, caller: Caller, demande: DemandeAdhesion) -> AdhesionVue:
        """Ask the cooperative for a convention (``adhesion.demandee``).

        Raises:
            Forbidden: the caller's role does not write.
            RuleBroken: unknown établissement, dates, need, or an adhesion already under way.
        """
        caller.require(*WRITERS)
        siret = demande.etablissement
        known = etablissements_by_siret(unit.connection, caller, {siret}, self._clock.today())
        refuse(self._problems(unit.connection, demande, known))
        row: dict[str, Any] = {
            "uid": new_id(),
            "version": 1,
            "ght": known[siret].ght,
            "centrale": demande.centrale,
            "numero_marche": demande.numeroMarche,
            "lot": demande.lot,
            "etablissement_siret": siret,
            "statut": "demande",
            "date_entree": demande.dateEntree,
            "date_fin": demande.dateFin,
            "besoin_ttc_cents": to_cents(demande.besoinTTC),
            "etablissement_facture": None,
            "signataire": None,
            "motif": None,
            "created_ms": int(self._clock.now().timestamp() * 1000),
        }
        unit.connection.execute(insert(_adhesion), row)
        return self._say(unit, events.ADHESION_DEMANDEE, row)

    def signer(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, signature: Signature) -> AdhesionVue:
        """Sign the convention the cooperative sent (``adhesion.signee``); it then asks for the ventilation.

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: it is not to be signed now.
        """
        row = self._for_change(unit, caller, uid, version, "signature", "signer")
        return self._change(unit, row, events.ADHESION_SIGNEE, {"signataire": signature.signataire})

    def ventiler(self, unit: UnitOfWork, caller: Caller, uid: str, version: int, choix: Ventilation) -> AdhesionVue:
        """Choose the établissement that is invoiced (``adhesion.ventilee``).

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: the ventilation is not asked for now.
            RuleBroken: the établissement is not one of this GHT.
        """
        row = self._for_change(unit, caller, uid, version, "ventilation", "ventiler")
        siret = choix.etablissementFacture
        known = etablissements_by_siret(unit.connection, caller, {siret}, self._clock.today()).get(siret)
        if known is None or known.ght != row["ght"]:
            refuse([rules.FACTURE.broken("$.etablissementFacture", siret=siret, ght=row["ght"])])
        return self._change(unit, row, events.ADHESION_VENTILEE, {"etablissement_facture": siret})

    def avancer(self, unit: UnitOfWork, centrale: str, avancee: AvanceeAdhesion) -> AdhesionVue:
        """Record what the cooperative says (``adhesion.avancee``); the same state again changes nothing.

        Args:
            centrale: connector of the partner that says it.

        Raises:
            NotFound: no such adhesion.
            RuleBroken: it is another cooperative's, or does not follow from where it stands.
        """
        statement = select(_adhesion).where(_adhesion.c.uid == avancee.uid).with_for_update()
        row = unit.connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound(f"L'adhésion {avancee.uid} n'existe pas : vérifiez l'identifiant reçu du hub.")
        before: StatutAdhesion = row["statut"]
        if row["centrale"] != centrale:
            others = {"uid": avancee.uid, "centrale": row["centrale"], "partenaire": centrale}
            refuse([rules.CENTRALE_AUTRE.broken("$.uid", **others)])
        if avancee.statut == before:
            return _view(row)
        if avancee.statut not in SUITES[before]:
            said = ", ".join(sorted(SUITES[before])) or "aucune"
            refuse([rules.SUITE.broken("$.statut", avant=before, apres=avancee.statut, suites=said)])
        entree, fin = avancee.dateEntree or row["date_entree"], avancee.dateFin or row["date_fin"]
        if fin is not None and fin < entree:
            refuse([rules.DATES.broken("$.dateFin", fin=fin, entree=entree)])
        changed = {"statut": avancee.statut, "motif": avancee.motif, "date_entree": entree, "date_fin": fin}
        return self._change(unit, row, events.ADHESION_AVANCEE, changed)

    def lire(self, connection: Connection, caller: Caller, uid: str) -> AdhesionVue:
        """One adhesion of the caller's perimeter.

        Raises:
            NotFound: no such adhesion there.
        """
        return _view(self._found(connection, caller, uid, lock=False))

    def lister(
        self,
        connection: Connection,
        caller: Caller,
        filtres: Mapping[str, str | None],
        *,
        limit: int,
        after: str | None,
    ) -> tuple[list[AdhesionVue], str | None]:
        """A page of adhesions, newest first, and the uid of its last item when there are more.

        Args:
            filtres: wanted value by column (``centrale``, ``numero_marche``, ``etablissement_siret``, ``statut``).
        """
        statement = within(select(_adhesion), _adhesion.c.ght, caller)
        for column, value in filtres.items():
            if value is not None:
                statement = statement.where(_adhesion.c[column] == value)
        rows, last = page_of(connection, statement, _adhesion.c.uid, limit, after, newest_first=True)
        return [_view(row) for row in rows], last

    def beneficiaires(self, connection: Connection, centrale: str, numero: str, lot: int | None) -> list[str]:
        """SIRET of the établissements whose adhesion to a marché is active: those who order on it, sorted."""
        statement = select(_adhesion.c.etablissement_siret).where(
            _adhesion.c.centrale == centrale,
            _adhesion.c.numero_marche == numero,
            _adhesion.c.statut == "active",
        )
        if lot is not None:
            statement = statement.where(_adhesion.c.lot.is_(None) | (_adhesion.c.lot == lot))
        return sorted(set(connection.execute(statement).scalars()))

    def _problems(self, connection: Connection, demande: DemandeAdhesion, known: Mapping[str, Any]) -> list[Problem]:
        problems: list[Problem] = []
        siret = demande.etablissement
        if siret not in known:
            problems.append(rules.ETABLISSEMENT.broken("$.etablissement", siret=siret))
        if demande.dateFin is not None and demande.dateFin < demande.dateEntree:
            problems.append(rules.DATES.broken("$.dateFin", fin=demande.dateFin, entree=demande.dateEntree))
        if not demande.besoinTTC:
            problems.append(rules.BESOIN.broken("$.besoinTTC"))
        same = select(_adhesion.c.statut).where(
            _adhesion.c.centrale == demande.centrale,
            _adhesion.c.numero_marche == demande.numeroMarche,
            _adhesion.c.etablissement_siret == siret,
            _adhesion.c.lot.is_(None) if demande.lot is None else _adhesion.c.lot == demande.lot,
            _adhesion.c.statut.not_in(TERMINEES),
        )
        under_way = connection.execute(same.limit(1)).scalar_one_or_none()
        if under_way is not None:
            told = {"siret": siret, "numero": demande.numeroMarche, "statut": under_way}
            problems.append(rules.DOUBLE.broken("$.numeroMarche", **told))
        return problems

    def _found(self, connection: Connection, caller: Caller, uid: str, *, lock: bool) -> RowMapping:
        statement = within(select(_adhesion).where(_adhesion.c.uid == uid), _adhesion.c.ght, caller)
        row = connection.execute(statement.with_for_update() if lock else statement).mappings().first()
        if row is None:
            raise NotFound(f"L'adhésion {uid} n'existe pas.")
        return row

    def _for_change(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, statut: StatutAdhesion, operation: str
    ) -> RowMapping:
        caller.require(*WRITERS)
        row = self._found(unit.connection, caller, uid, lock=True)
        require_version(row, version)
        if row["statut"] != statut:
            raise WrongState(
                f"L'adhésion est à l'état « {row['statut']} » : {operation} n'est possible qu'à l'état « {statut} »."
            )
        return row

    def _change(self, unit: UnitOfWork, row: RowMapping, event_type: str, changed: dict[str, Any]) -> AdhesionVue:
        values = {**changed, "version": row["version"] + 1}
        unit.connection.execute(update(_adhesion).where(_adhesion.c.uid == row["uid"]).values(values))
        return self._say(unit, event_type, {**row, **values})

    def _say(self, unit: UnitOfWork, event_type: str, row: Mapping[str, Any]) -> AdhesionVue:
        siret = row["etablissement_siret"]
        hospital = etablissements_named(unit.connection, {siret}, self._clock.today())[siret].payload()
        payload = payloads.AdhesionPayload(
            destinataire=row["centrale"],
            adhesion=payloads.Adhesion(
                uid=row["uid"],
                centrale=row["centrale"],
                numeroMarche=row["numero_marche"],
                lot=row["lot"],
                etablissement=hospital,
                statut=row["statut"],
                dateEntree=row["date_entree"],
                dateFin=row["date_fin"],
                besoinTTC=from_cents(row["besoin_ttc_cents"]),
                etablissementFacture=row["etablissement_facture"],
                motif=row["motif"],
            ),
        )
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=event_type,
                subject=f"adhesion/{row['uid']}",
                version=row["version"],
                time=self._clock.now(),
                ght=row["ght"],
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )
        return _view(row)


def _view(row: Row) -> AdhesionVue:
    return AdhesionVue(
        uid=row["uid"],
        version=row["version"],
        ght=row["ght"],
        centrale=row["centrale"],
        numeroMarche=row["numero_marche"],
        lot=row["lot"],
        etablissement=row["etablissement_siret"],
        statut=row["statut"],
        dateEntree=row["date_entree"],
        dateFin=row["date_fin"],
        besoinTTC=from_cents(row["besoin_ttc_cents"]),
        etablissementFacture=row["etablissement_facture"],
        signataire=row["signataire"],
        motif=row["motif"],
    )
