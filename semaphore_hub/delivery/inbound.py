"""The inbox: what partners send is stored raw first, then understood. Duplicates are counted, the rest quarantined.

A document that cannot be read, or that answers something the hub never sent, or that contradicts an earlier answer, is
kept with a report in French that says what is wrong and what to do. Nothing of it is applied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Row, case, select, update

import contracts
from semaphore_hub.delivery.event_log import wake
from semaphore_hub.delivery.partners import Partner
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.router import make_due
from semaphore_hub.delivery.states import ANSWERABLE, State
from semaphore_hub.delivery.tables import delivery, inbox, lane, partner_state
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork
from semaphore_hub.kernel.errors import HubError
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.ports.connector import Acknowledgement, Command, Inbound, Interpretation, Verdict
from semaphore_hub.ports.events import LIVRAISON_REJETEE, Event, EventLog
from semaphore_hub.ports.outcomes import Unreadable

log = structlog.get_logger()

CommandHandler = Callable[[UnitOfWork, Partner, Command], None]
"""What a module does with a partner's command, inside the inbox's transaction. Raises HubError to refuse it."""


class InboxStatus(StrEnum):
    """Where an inbound document stands."""

    PROCESSED = "PROCESSED"  #: understood and applied
    QUARANTINED = "QUARANTINED"  #: kept with a report; nothing of it was applied


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """What became of one document. ``duplicate``: it was already there, byte for byte, and changed nothing."""

    id: str
    status: InboxStatus
    duplicate: bool
    reason: str | None = None


@dataclass(slots=True)
class _Reading:
    """What a document is, what it says, or why it cannot be read."""

    contract_id: str | None
    findings: list[contracts.Finding]
    says: Interpretation | None = None
    reason: str | None = None


class _Contradiction(Exception):
    """An answer that cannot be applied; the sentence goes into the report."""


class InboundService:
    """Receives, interprets and applies documents of partners."""

    def __init__(
        self,
        database: Database,
        registry: ConnectorRegistry,
        events: EventLog,
        clock: Clock,
        handlers: Mapping[str, CommandHandler] | None = None,
        on_release: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._registry = registry
        self._events = events
        self._clock = clock
        self._handlers = dict(handlers or {})
        self._on_release = on_release

    def receive(self, partner: Partner, document: Inbound) -> InboxEntry:
        """Understand a document, then store it and apply what it says, in one transaction.

        Reading it happens before the transaction, so that a large document does not keep other writers waiting. Until
        the commit the source still has it (it is confirmed, or answered, afterwards), so a crash loses nothing.
        """
        reading = self._read(partner, document)
        with self._database.write() as unit:
            self._lock(unit, partner)
            now = self._now(unit)
            entry = self._store(unit, partner, document, now)
            if entry.duplicate and not self._awaited(unit, entry.id):
                return entry
            return self._apply(unit, partner, entry.id, reading, now)

    def receive_in(self, unit: UnitOfWork, partner: Partner, document: Inbound, now: int) -> InboxEntry:
        """The same for an answer that came with a receipt, in a transaction that already holds the partner's lock.

        Unlike a file seen twice, an identical answer to a new attempt is a new answer: it is always applied.
        """
        entry = self._store(unit, partner, document, now)
        return self._apply(unit, partner, entry.id, self._read(partner, document), now)

    def process(self, partner: Partner, entry_id: str) -> InboxEntry:
        """Try again to understand a document in quarantine, once what was in its way is put right."""
        with self._database.read() as connection:
            row = connection.execute(select(inbox).where(inbox.c.id == entry_id)).one()
        reading = self._read(partner, Inbound(row.message_id, row.body, row.media_type, row.channel))
        with self._database.write() as unit:
            self._lock(unit, partner)
            return self._apply(unit, partner, entry_id, reading, self._now(unit))

    def record_rejection(self, unit: UnitOfWork, delivery_id: str, reason: str, code: str | None) -> None:
        """Tell the modules, as an event, that a partner refused a delivery."""
        row = unit.connection.execute(select(delivery).where(delivery.c.id == delivery_id)).one()
        self._events.append(
            unit,
            Event(
                id=new_id(),
                type=LIVRAISON_REJETEE,
                subject=f"livraison/{new_id()}",
                version=1,
                time=self._clock.now(),
                ght=row.ght,
                data={
                    "livraison": delivery_id,
                    "partenaire": row.partner,
                    "objet": row.lane_key,
                    "reference": row.reference,
                    "code": code,
                    "motif": reason,
                },
            ),
        )

    # -- storing ----------------------------------------------------------------------------------------------------

    def _lock(self, unit: UnitOfWork, partner: Partner) -> None:
        """Take the partner's row before its lanes, as every writer does."""
        unit.connection.execute(
            select(partner_state.c.partner).where(partner_state.c.partner == partner.id).with_for_update()
        )

    def _now(self, unit: UnitOfWork) -> int:
        return int(unit.connection.execute(select(self._database.now_ms)).scalar_one())

    def _store(self, unit: UnitOfWork, partner: Partner, document: Inbound, now: int) -> InboxEntry:
        identifier, digest = new_id(), hashlib.sha256(document.body).hexdigest()
        name = _clean(document.name, 200)
        inserted = unit.connection.execute(
            self._database.insert(inbox)
            .values(
                id=identifier,
                source=partner.id,
                message_id=name,
                sha256=digest,
                ght=partner.ght,
                channel=document.channel,
                media_type=document.media_type,
                body=document.body,
                received_at=now,
                status=InboxStatus.QUARANTINED,
                copies=0,
            )
            .on_conflict_do_nothing()
            .returning(inbox.c.id)
        ).one_or_none()
        if inserted is not None:
            return InboxEntry(identifier, InboxStatus.QUARANTINED, duplicate=False)
        row = unit.connection.execute(
            update(inbox)
            .where(inbox.c.source == partner.id, inbox.c.message_id == name, inbox.c.sha256 == digest)
            .values(copies=inbox.c.copies + 1)
            .returning(inbox.c.id, inbox.c.status, inbox.c.reason)
        ).one()
        return InboxEntry(row.id, InboxStatus(row.status), duplicate=True, reason=row.reason)

    def _awaited(self, unit: UnitOfWork, entry_id: str) -> bool:
        """Whether what a copy answers was sent again since: the same answer to a new attempt is then a new answer."""
        answered = unit.connection.execute(select(inbox.c.deliveries).where(inbox.c.id == entry_id)).scalar_one()
        query = select(delivery.c.id).where(
            delivery.c.id.in_(answered or []), delivery.c.state.in_([State.SENT, State.OVERDUE])
        )
        return unit.connection.execute(query).first() is not None

    # -- processing -------------------------------------------------------------------------------------------------

    def _read(self, partner: Partner, document: Inbound) -> _Reading:
        """What a document is and says; pure, whatever is wrong with it becomes a reason."""
        contract_id = contracts.recognise(document.body, document.name)
        findings = list(contracts.validate(contract_id, document.body).findings) if contract_id else []
        reading = _Reading(contract_id, findings)
        try:
            reading.says = self._registry.get(partner.connector).interpret(document)
        except Unreadable as refusal:
            reading.reason = refusal.reason
            reading.findings = list(refusal.findings) or findings
        except Exception as defect:
            log.exception("interpretation failed", partner=partner.id, document=document.name)
            reading.reason = f"Défaut interne du connecteur {partner.connector} ({type(defect).__name__}) : à signaler."
        return reading

    def _apply(self, unit: UnitOfWork, partner: Partner, entry_id: str, reading: _Reading, now: int) -> InboxEntry:
        """Apply what was read, all of it or nothing, and write down what became of the document."""
        warnings = list(reading.says.warnings) if reading.says else []
        answered: list[str] = []
        reason = reading.reason
        if reading.says is not None:
            savepoint = unit.connection.begin_nested()
            try:
                for acknowledgement in reading.says.acknowledgements:
                    identifier, warning = self._answer(unit, partner, acknowledgement, now)
                    answered.append(identifier)
                    if warning:
                        warnings.append(warning)
                for command in reading.says.commands:
                    self._handle(unit, partner, command)
                savepoint.commit()
            except (_Contradiction, HubError) as refusal:
                savepoint.rollback()
                reason, warnings, answered = str(refusal), [], []
        status = InboxStatus.PROCESSED if reason is None else InboxStatus.QUARANTINED
        unit.connection.execute(
            update(inbox)
            .where(inbox.c.id == entry_id)
            .values(
                status=status,
                contract=reading.contract_id,
                reason=reason,
                findings=[asdict(finding) for finding in reading.findings] or None,
                warnings=warnings or None,
                deliveries=answered or None,
            )
        )
        if reason is not None:
            log.warning("inbound document quarantined", partner=partner.id, reason=reason)
        return InboxEntry(entry_id, status, duplicate=False, reason=reason)

    def _handle(self, unit: UnitOfWork, partner: Partner, command: Command) -> None:
        handler = self._handlers.get(command.name)
        if handler is None:
            raise _Contradiction(f"Aucun module ne traite la demande « {command.name} ».")
        handler(unit, partner, command)

    def _answer(self, unit: UnitOfWork, partner: Partner, answer: Acknowledgement, now: int) -> tuple[str, str | None]:
        """Apply one acknowledgement.

        Returns:
            The delivery it answers, and a warning when there is something to say.
        """
        row = self._find(unit, partner, answer)
        state = State.ACKNOWLEDGED if answer.verdict is Verdict.ACCEPTED else State.REJECTED
        if row.state == state:
            return row.id, f"Acquittement en double de « {answer.reference} » : sans effet."
        if row.state == State.PENDING and row.attempts == 0:
            raise _Contradiction(
                f"L'acquittement de « {answer.reference} » répond à un envoi qui n'est pas encore parti."
            )
        if row.state not in ANSWERABLE:
            raise _Contradiction(
                f"L'acquittement de « {answer.reference} » dit « {answer.verdict} » alors que l'envoi est déjà dans "
                f"l'état {row.state} : vérifier auprès du partenaire lequel fait foi."
            )
        unit.connection.execute(
            update(delivery)
            .where(delivery.c.id == row.id)
            .values(
                state=state,
                settled_at=now,
                code=_clean(answer.code, 100),
                reason=_clean(answer.message),
                answer={
                    "verdict": answer.verdict,
                    "code": answer.code,
                    "message": answer.message,
                    "lines": [
                        {"line": line.line, "accepted": line.accepted, "code": line.code, "message": line.message}
                        for line in answer.lines
                    ],
                },
            )
        )
        self._release(unit, row, state, now)
        if state is State.REJECTED:
            self.record_rejection(unit, row.id, _clean(answer.message) or "", _clean(answer.code, 100))
        late = row.state == State.OVERDUE
        return row.id, f"Acquittement de « {answer.reference} » reçu après l'échéance." if late else None

    def _find(self, unit: UnitOfWork, partner: Partner, answer: Acknowledgement) -> Row[Any]:
        """The delivery an acknowledgement speaks of: the one of that reference that is still of interest."""
        rows: list[Row[Any]] = list(
            unit.connection.execute(
                select(delivery)
                .where(delivery.c.partner == partner.id, delivery.c.reference == answer.reference)
                .order_by(case((delivery.c.state == State.DISCARDED, 1), else_=0), delivery.c.created_at.desc())
                .limit(1)
            )
        )
        if not rows:
            raise _Contradiction(
                f"L'acquittement porte la référence « {answer.reference} », que le hub n'a jamais envoyée à ce "
                "partenaire : vérifier le destinataire du fichier."
            )
        expected = rows[0].business_ref
        if answer.business_ref is not None and expected is not None and answer.business_ref != expected:
            raise _Contradiction(
                f"L'acquittement de « {answer.reference} » parle de « {answer.business_ref} » alors que cet envoi "
                f"porte « {expected} » : c'est l'acquittement d'un autre marché."
            )
        return rows[0]

    def _release(self, unit: UnitOfWork, row: Row[Any], state: State, now: int) -> None:
        """Let the lane go on, or hold it when the format wants this message accepted before the next."""
        waiting = row.state in {State.PENDING, State.SENDING, State.RETRYING, State.DEAD, State.UNCERTAIN}
        held = row.ordering == "acceptance"
        if not waiting and not held:
            return
        stays = held and state is State.REJECTED
        unit.connection.execute(
            update(lane)
            .where(lane.c.partner == row.partner, lane.c.key == row.lane_key)
            .values(
                hold="rejected" if stays else None,
                pending=lane.c.pending - (0 if stays else 1),
                next_at=now,
                fence=lane.c.fence + 1,
            )
        )
        if not stays:
            make_due(unit, [row.partner], now)
            wake(unit, self._database, self._on_release)


def _clean(text: str | None, limit: int | None = None) -> str | None:
    """A partner's text as the database can hold it: no NUL (PostgreSQL refuses it), no longer than the column."""
    return None if text is None else text.replace("\x00", "\ufffd")[:limit]
