"""Records what PLACE says, and shows it against what the hub knows. Nothing of the hub is changed by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, RowMapping, delete, insert, select, tuple_, update

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.marches.models import Marche, MarcheProjet
from semaphore_hub.modules.marches.place import reading
from semaphore_hub.modules.marches.place.connus import batches
from semaphore_hub.modules.marches.place.dits import ConsultationDite, ContratDit, ReleveDit, bornes, lire
from semaphore_hub.modules.marches.place.models import PlaceConsultation, PlaceContrat, PlacePeriode
from semaphore_hub.modules.marches.place.schemas import ConsultationPlaceVue, ContratPlaceVue
from semaphore_hub.modules.referentiel.lookups import etablissements_by_siret
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.ports import events, payloads

_consultation, _contrat = table_of(PlaceConsultation), table_of(PlaceContrat)
_periode, _marche, _projet = table_of(PlacePeriode), table_of(Marche), table_of(MarcheProjet)

Cle = tuple[str, str]
"""SIRET of the buyer and number of the contract."""


class SuiviPlaceService:
    """What PLACE says of consultations and contracts. Writing takes the unit of work of the inbox and never commits.

    The inbox takes the documents of one partner one after the other (it locks the partner), so two of them never write
    the same rows at once.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, clock: Clock, event_log: events.EventLog) -> None:
        self._clock = clock
        self._events = event_log

    def suivre(self, unit: UnitOfWork, partenaire: str, ght: str | None, data: Mapping[str, Any]) -> None:
        """Keep where a consultation stands (``place.consultation``); the same again, or older, changes nothing.

        Args:
            unit: the transaction.
            partenaire: id of the partner that says it.
            ght: GHT this partner serves; ``None`` when it serves several: it is then that of the buyer.
            data: what the connector read.

        Raises:
            RuleBroken: another form (``MAR-PLACE-FORME``).
        """
        said = lire(ConsultationDite, data)
        connection = unit.connection
        statement = select(_consultation).where(
            _consultation.c.partenaire == partenaire, _consultation.c.reference == said.reference
        )
        before = connection.execute(statement.with_for_update()).mappings().first()
        owner = ght or self._ght(connection, said)
        values: dict[str, Any] = {
            "ght": owner,
            "acheteur": said.acheteur,
            "statut": said.statut,
            "modifiee_ms": _ms(said.dateModification),
            "contenu": said.stored(),
        }
        # Versions of PLACE are to the second: of one second, what is said last holds.
        if before is not None and (values["modifiee_ms"] < before["modifiee_ms"] or _same(before, values)):
            return
        version = 1 if before is None else before["version"] + 1
        values |= {"version": version, "recu_ms": _ms(self._clock.now())}
        if before is None:
            uid = new_id()
            new = {**values, "uid": uid, "partenaire": partenaire, "reference": said.reference}
            connection.execute(insert(_consultation), new)
        else:
            uid = before["uid"]
            connection.execute(update(_consultation).where(_consultation.c.uid == uid).values(values))
        payload = payloads.ConsultationSuiviePayload(
            uid=uid,
            partenaire=partenaire,
            reference=said.reference,
            acheteur=said.acheteur,
            objet=said.objet,
            statut=said.statut,
            statutPrecedent=None if before is None else before["statut"],
            nombreOffres=said.nombreOffres,
        )
        subject = f"consultation-place/{uid}"
        self._say(unit, events.PLACE_CONSULTATION_SUIVIE, subject, version, owner, payload)

    def rapprocher(self, unit: UnitOfWork, partenaire: str, ght: str | None, data: Mapping[str, Any]) -> None:
        """Keep the contracts of a document (``place.decp``); the same again changes nothing.

        A document that covers a month or a year says all of it: a contract that was in it and is not any more is no
        longer at PLACE.

        Args:
            unit: the transaction.
            partenaire: id of the partner that says it.
            ght: as in :meth:`suivre`.
            data: what the connector read.

        Raises:
            RuleBroken: another form (``MAR-PLACE-FORME``).
        """
        said = lire(ReleveDit, data)
        connection, now = unit.connection, _ms(self._clock.now())
        listed = {(one.acheteur, one.id): one for one in said.marches}
        known = _known(connection, partenaire, listed)
        owners = self._ghts(connection, {acheteur for acheteur, _ in listed})
        new: list[dict[str, Any]] = []
        changed = 0
        for key, one in listed.items():
            values: dict[str, Any] = {
                "ght": ght or owners.get(one.acheteur),
                "periode": said.periode,
                "date_notification": one.notification(),
                "contenu": one.stored(),
            }
            before = known.get(key)
            if before is not None and said.periode is None:
                # By hand, of no period: it is still in the one it was listed in.
                values["periode"] = before["periode"]
            if before is not None and _same(before, values):
                continue
            values |= {"document": said.document, "canal": said.canal, "recu_ms": now}
            if before is None:
                new.append(values | _identity(partenaire, one))
                continue
            changed += before["contenu"] != values["contenu"]
            connection.execute(update(_contrat).where(_contrat.c.uid == before["uid"]).values(values))
        for rows in batches(new):
            connection.execute(insert(_contrat), rows)
        gone = 0
        if said.periode is not None:
            gone = _forget(connection, partenaire, said.periode, listed)
            self._read(connection, partenaire, ght, said.periode, said.document)
        if new or changed or gone:
            payload = payloads.ContratsRelevesPayload(
                partenaire=partenaire,
                document=said.document,
                periode=said.periode,
                nouveaux=len(new),
                changes=changed,
                retires=gone,
            )
            self._say(unit, events.PLACE_CONTRATS_RELEVES, f"releve-place/{new_id()}", 1, ght, payload)

    def consultations(
        self,
        connection: Connection,
        caller: Caller,
        filtres: Mapping[str, str | None],
        *,
        limit: int,
        after: str | None,
    ) -> tuple[list[ConsultationPlaceVue], str | None]:
        """A page of consultations, newest first, and the uid of its last item when there are more.

        Args:
            connection: the transaction.
            caller: who reads.
            filtres: wanted value by column (``reference``, ``acheteur``, ``statut``).
            limit: how many.
            after: uid after which the page starts.
        """
        statement = within(select(_consultation), _consultation.c.ght, caller)
        for column, value in filtres.items():
            if value is not None:
                statement = statement.where(_consultation.c[column] == value)
        rows, last = page_of(connection, statement, _consultation.c.uid, limit, after, newest_first=True)
        return reading.consultations(connection, caller, rows), last

    def consultation(self, connection: Connection, caller: Caller, uid: str) -> ConsultationPlaceVue:
        """One consultation of the caller's perimeter.

        Raises:
            NotFound: no such consultation there.
        """
        statement = within(select(_consultation).where(_consultation.c.uid == uid), _consultation.c.ght, caller)
        row = connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound(f"PLACE n'a pas dit de consultation {uid}.")
        return reading.consultations(connection, caller, [row])[0]

    def contrats(
        self,
        connection: Connection,
        caller: Caller,
        filtres: reading.FiltresContrats,
        *,
        limit: int,
        after: str | None,
    ) -> tuple[list[ContratPlaceVue], str | None]:
        """A page of contracts PLACE has or lacks, newest first, and the uid of its last item when there are more."""
        return reading.contrats(connection, caller, filtres, limit, after)

    def _ghts(self, connection: Connection, sirets: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in batches(sorted(sirets)):
            known = etablissements_by_siret(connection, None, some, self._clock.today())
            found |= {siret: one.ght for siret, one in known.items()}
        return found

    def _ght(self, connection: Connection, said: ConsultationDite) -> str | None:
        """That of the buyer, else that of a projet or marché whose identifier PLACE kept; ``None`` for a stranger."""
        owner = self._ghts(connection, {said.acheteur}).get(said.acheteur) if said.acheteur is not None else None
        for table in (_projet, _marche):
            for some in batches(sorted(said.uids())):
                if owner is None:
                    owner = connection.execute(select(table.c.ght).where(table.c.uid.in_(some)).limit(1)).scalar()
        return owner

    def _read(self, connection: Connection, partenaire: str, ght: str | None, periode: str, document: str) -> None:
        """The period was read, today."""
        key = (_periode.c.partenaire == partenaire) & (_periode.c.periode == periode)
        values: dict[str, Any] = {"ght": ght, "document": document, "lu_ms": _ms(self._clock.now())}
        if not connection.execute(update(_periode).where(key).values(values)).rowcount:
            first, last = bornes(periode)
            new = {**values, "partenaire": partenaire, "periode": periode, "debut": first, "fin": last}
            connection.execute(insert(_periode), new)

    def _say(
        self, unit: UnitOfWork, event_type: str, subject: str, version: int, ght: str | None, payload: BaseModel
    ) -> None:
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=event_type,
                subject=subject,
                version=version,
                time=self._clock.now(),
                ght=ght,
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )


def _known(connection: Connection, partenaire: str, keys: Collection[Cle]) -> dict[Cle, RowMapping]:
    """Contracts of those keys already said, locked until the end of the transaction."""
    found: dict[Cle, RowMapping] = {}
    for some in batches(sorted(keys)):
        statement = select(_contrat).where(
            _contrat.c.partenaire == partenaire, tuple_(_contrat.c.acheteur, _contrat.c.id).in_(some)
        )
        for row in connection.execute(statement.with_for_update()).mappings():
            found[(row["acheteur"], row["id"])] = row
    return found


def _forget(connection: Connection, partenaire: str, periode: str, listed: Collection[Cle]) -> int:
    """Remove what a period does not list any more; how many."""
    statement = select(_contrat.c.uid, _contrat.c.acheteur, _contrat.c.id).where(
        _contrat.c.partenaire == partenaire, _contrat.c.periode == periode
    )
    gone = [row.uid for row in connection.execute(statement) if (row.acheteur, row.id) not in listed]
    for some in batches(gone):
        connection.execute(delete(_contrat).where(_contrat.c.uid.in_(some)))
    return len(gone)


def _identity(partenaire: str, said: ContratDit) -> dict[str, Any]:
    return {"uid": new_id(), "partenaire": partenaire, "acheteur": said.acheteur, "id": said.id}


def _same(before: RowMapping, values: Mapping[str, Any]) -> bool:
    return all(before[name] == value for name, value in values.items())


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
