"""The inbox: what partners send is stored raw first, then understood. Duplicates are counted, the rest quarantined.

A document that cannot be read, or that answers something the hub never sent, or that contradicts an earlier answer, is
kept with a report in French that says what is wrong and what to do. Nothing of it is applied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Row, bindparam, case, select, update

from semaphore_hub.delivery.due import lock_partners, make_due
from semaphore_hub.delivery.event_log import wake
from semaphore_hub.delivery.partners import Partner
from semaphore_hub.delivery.reading import Reading, clean, read, record_of, words_of
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.states import ANSWERABLE, Hold, State
from semaphore_hub.delivery.tables import delivery, inbox, lane
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork
from semaphore_hub.kernel.errors import HubError
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.ports.connector import Acknowledgement, Command, Inbound, Verdict
from semaphore_hub.ports.events import LIVRAISON_REJETEE, Event, EventLog

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


class _Contradiction(Exception):
    """An answer that cannot be applied; the sentence goes into the report."""


# Statements are built once and given values: building one costs SQLAlchemy several times what running it costs.
_COUNT_COPY = (
    update(inbox)
    .where(
        inbox.c.source == bindparam("b_source"),
        inbox.c.message_id == bindparam("b_name"),
        inbox.c.sha256 == bindparam("b_digest"),
    )
    .values(copies=inbox.c.copies + 1)
    .returning(inbox.c.id, inbox.c.status, inbox.c.reason)
)
_FINISH = (
    update(inbox)
    .where(inbox.c.id == bindparam("b_id"))
    .values(
        status=bindparam("b_status"),
        contract=bindparam("b_contract"),
        reason=bindparam("b_reason"),
        findings=bindparam("b_findings", type_=inbox.c.findings.type),
        warnings=bindparam("b_warnings", type_=inbox.c.warnings.type),
        deliveries=bindparam("b_deliveries", type_=inbox.c.deliveries.type),
    )
)
_FIND = (
    select(
        delivery.c.id,
        delivery.c.partner,
        delivery.c.connector,
        delivery.c.lane_key,
        delivery.c.state,
        delivery.c.attempts,
        delivery.c.business_ref,
        delivery.c.ordering,
    )
    .where(delivery.c.partner == bindparam("partner"), delivery.c.reference == bindparam("reference"))
    .order_by(case((delivery.c.state == State.DISCARDED, 1), else_=0), delivery.c.created_at.desc())
    .limit(1)
)
_ANSWER = (
    update(delivery)
    .where(delivery.c.id == bindparam("b_id"))
    .values(
        state=bindparam("b_state"),
        settled_at=bindparam("b_now"),
        code=bindparam("b_code"),
        reason=bindparam("b_reason"),
        answer=bindparam("b_answer", type_=delivery.c.answer.type),
    )
)
_RELEASE = (
    update(lane)
    .where(lane.c.partner == bindparam("b_partner"), lane.c.key == bindparam("b_key"))
    .values(
        hold=bindparam("b_hold"),
        pending=lane.c.pending - bindparam("b_passed"),
        next_at=bindparam("b_now"),
        fence=lane.c.fence + 1,
    )
)


class InboundService:
    """Receives, interprets and applies documents of partners."""

    def __init__(
        self,
        database: Database,
        registry: ConnectorRegistry,
        events: EventLog,
        clock: Clock,
        handlers: Mapping[str, CommandHandler] | None = None,
        on_release: Callable[[str], None] = lambda _connector: None,
    ) -> None:
        self._database = database
        self._registry = registry
        self._events = events
        self._clock = clock
        self._handlers = dict(handlers or {})
        self._on_release = on_release
        self._insert = database.insert(inbox).on_conflict_do_nothing().returning(inbox.c.id)
        self._keep = database.insert(inbox).on_conflict_do_update(
            index_elements=["source", "message_id", "sha256"], set_={"copies": inbox.c.copies + 1}
        )

    def receive(self, partner: Partner, document: Inbound) -> InboxEntry:
        """Understand a document, then store it and apply what it says, in one transaction.

        Reading it happens before the transaction, so that a large document does not keep other writers waiting. Until
        the commit the source still has it (it is confirmed, or answered, afterwards), so a crash loses nothing.
        """
        reading = self.read(partner, document)
        with self._database.write() as unit:
            lock_partners(unit, [partner.id])
            now = self._database.read_now(unit.connection)
            entry = self._store(unit, partner, document, now)
            if entry.duplicate and not self._awaited(unit, entry.id):
                return entry
            return self._apply(unit, partner, entry.id, reading, now)

    def read(self, partner: Partner, document: Inbound) -> Reading:
        """What a document of that partner is and says."""
        return read(self._registry.get(partner.connector), document)

    def receive_in(
        self, unit: UnitOfWork, partner: Partner, document: Inbound, reading: Reading, now: int
    ) -> InboxEntry:
        """The same for an answer that came with a receipt, in a transaction that already holds the partner's lock.

        Unlike a file seen twice, an identical answer to a new attempt is a new answer: it is always applied.
        """
        entry = self._store(unit, partner, document, now)
        return self._apply(unit, partner, entry.id, reading, now)

    def keep_answers(
        self, unit: UnitOfWork, answers: Sequence[tuple[Partner, Inbound, Reading, str]], now: int
    ) -> None:
        """Store documents whose one answer has been applied already, each with the id of the delivery it answers."""
        rows = [
            {
                **_document_row(partner, document, now),
                "status": InboxStatus.PROCESSED,
                "contract": reading.contract_id,
                "findings": [asdict(finding) for finding in reading.findings] or None,
                "warnings": list(reading.says.warnings) or None if reading.says else None,
                "deliveries": [delivery_id],
            }
            for partner, document, reading, delivery_id in answers
        ]
        unit.connection.execute(self._keep, rows)

    def process(self, partner: Partner, entry_id: str) -> InboxEntry:
        """Try again to understand a document in quarantine, once what was in its way is put right."""
        with self._database.read() as connection:
            row = connection.execute(select(inbox).where(inbox.c.id == entry_id)).one()
        reading = self.read(partner, Inbound(row.message_id, row.body, row.media_type, row.channel))
        with self._database.write() as unit:
            lock_partners(unit, [partner.id])
            return self._apply(unit, partner, entry_id, reading, self._database.read_now(unit.connection))

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

    def _store(self, unit: UnitOfWork, partner: Partner, document: Inbound, now: int) -> InboxEntry:
        values = {**_document_row(partner, document, now), "status": InboxStatus.QUARANTINED}
        inserted = unit.connection.execute(self._insert, values).one_or_none()
        if inserted is not None:
            return InboxEntry(inserted.id, InboxStatus.QUARANTINED, duplicate=False)
        same = {"b_source": values["source"], "b_name": values["message_id"], "b_digest": values["sha256"]}
        row = unit.connection.execute(_COUNT_COPY, same).one()
        return InboxEntry(row.id, InboxStatus(row.status), duplicate=True, reason=row.reason)

    def _awaited(self, unit: UnitOfWork, entry_id: str) -> bool:
        """Whether what a copy answers was sent again since: the same answer to a new attempt is then a new answer."""
        answered = unit.connection.execute(select(inbox.c.deliveries).where(inbox.c.id == entry_id)).scalar_one()
        query = select(delivery.c.id).where(
            delivery.c.id.in_(answered or []), delivery.c.state.in_([State.SENT, State.OVERDUE])
        )
        return unit.connection.execute(query).first() is not None

    # -- processing -------------------------------------------------------------------------------------------------

    def _apply(self, unit: UnitOfWork, partner: Partner, entry_id: str, reading: Reading, now: int) -> InboxEntry:
        """Apply what was read, all of it or nothing, and write down what became of the document."""
        warnings = [*reading.remarks, *(reading.says.warnings if reading.says else ())]
        answered: list[str] = []
        reason = reading.reason
        if reading.says is not None:
            # One answer is refused before it writes anything; several must be undone together.
            several = len(reading.says.acknowledgements) + len(reading.says.commands) > 1 or reading.says.commands
            savepoint = unit.connection.begin_nested() if several else None
            try:
                for acknowledgement in reading.says.acknowledgements:
                    identifier, warning = self._answer(unit, partner, acknowledgement, now)
                    answered.append(identifier)
                    if warning:
                        warnings.append(warning)
                for command in reading.says.commands:
                    self._handle(unit, partner, command)
                if savepoint is not None:
                    savepoint.commit()
            except (_Contradiction, HubError) as refusal:
                if savepoint is not None:
                    savepoint.rollback()
                reason, warnings, answered = str(refusal), [], []
        status = InboxStatus.PROCESSED if reason is None else InboxStatus.QUARANTINED
        values = {
            "b_id": entry_id,
            "b_status": status,
            "b_contract": reading.contract_id,
            "b_reason": reason,
            "b_findings": [asdict(finding) for finding in reading.findings] or None,
            "b_warnings": warnings or None,
            "b_deliveries": answered or None,
        }
        unit.connection.execute(_FINISH, values)
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
        if answer.verdict is Verdict.WAITING:
            return row.id, self._wait(unit, row, answer, now)
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
        code, message = words_of(answer)
        values = {
            "b_id": row.id,
            "b_state": state,
            "b_now": now,
            "b_code": code,
            "b_reason": message,
            "b_answer": record_of(answer),
        }
        unit.connection.execute(_ANSWER, values)
        self._release(unit, row, state, now)
        if state is State.REJECTED:
            self.record_rejection(unit, row.id, message or "", code)
        late = row.state == State.OVERDUE
        return row.id, f"Acquittement de « {answer.reference} » reçu après l'échéance." if late else None

    def _wait(self, unit: UnitOfWork, row: Row[Any], answer: Acknowledgement, now: int) -> str | None:
        """The partner keeps the message until something it needs arrives: its answer gets a new deadline."""
        code, message = words_of(answer)
        waiting = (
            update(delivery)
            .where(delivery.c.id == row.id, delivery.c.state.in_([State.SENT, State.OVERDUE]))
            .values(
                state=State.SENT,
                due_at=now + delivery.c.deadline_ms,
                code=code,
                reason=message,
                answer=record_of(answer),
            )
        )
        if unit.connection.execute(waiting).rowcount:
            return None
        return f"« {answer.reference} » est dit en attente alors que l'envoi est dans l'état {row.state} : sans effet."

    def _find(self, unit: UnitOfWork, partner: Partner, answer: Acknowledgement) -> Row[Any]:
        """The delivery an acknowledgement speaks of: the one of that reference that is still of interest."""
        found = {"partner": partner.id, "reference": answer.reference}
        rows: list[Row[Any]] = list(unit.connection.execute(_FIND, found))
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
        values = {
            "b_partner": row.partner,
            "b_key": row.lane_key,
            "b_hold": Hold.REJECTED if stays else None,
            "b_passed": 0 if stays else 1,
            "b_now": now,
        }
        unit.connection.execute(_RELEASE, values)
        if not stays:
            make_due(unit, [row.partner], now)
            connector = row.connector
            wake(unit, self._database, lambda: self._on_release(connector))


def _document_row(partner: Partner, document: Inbound, now: int) -> dict[str, Any]:
    """What every stored document has, whatever became of it."""
    return {
        "id": new_id(),
        "source": partner.id,
        "message_id": clean(document.name, 200),
        "sha256": hashlib.sha256(document.body).hexdigest(),
        "ght": partner.ght,
        "channel": document.channel,
        "media_type": document.media_type,
        "body": document.body,
        "received_at": now,
        "copies": 0,
    }
