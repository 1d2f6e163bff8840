"""``/v1/deliveries``: what was sent to whom, how often, what they said, what happens next; replay and discard."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field
from sqlalchemy import Row

from semaphore_hub.api.dependencies import CallerDep
from semaphore_hub.api.hub import HubDep
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.pagination import Pagination, cursor_of
from semaphore_hub.api.partners import PARTNER_PATTERN, Reason
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.delivery import queries
from semaphore_hub.delivery.states import State
from semaphore_hub.kernel.access import Role
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.referentiel.champs import SansNull, Sortie

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"], route_class=StrictRoute)

Id = Annotated[str, Path(pattern=ID_PATTERN, description="id of the delivery")]


class DeliveryOut(Sortie):
    """One intention to bring one message to one partner."""

    id: str
    eventId: str
    eventType: str
    subject: str
    partner: str
    connector: str
    channel: str
    state: State
    contract: str
    messageType: str
    filename: str
    reference: str
    businessRef: str | None
    sequence: int
    attempts: int
    sha256: str
    idempotencyKey: str
    losses: list[str] = Field(description="declared losses this message makes")
    reason: str | None
    code: str | None = Field(description="the partner's own code")
    createdAt: datetime
    sentAt: datetime | None
    dueAt: datetime | None = Field(description="when a missing answer becomes overdue")
    settledAt: datetime | None
    replaces: str | None
    replacedBy: str | None


class AttemptOut(Sortie):
    """One try at a delivery."""

    number: int
    trigger: str = Field(description="scheduled or manual")
    startedAt: datetime
    endedAt: datetime
    outcome: str
    status: int | None
    receipt: str | None
    error: str | None
    excerpt: str | None


class DeliveryDetail(DeliveryOut):
    """One delivery, with its attempts, the findings of its contract and the partner's answer."""

    history: list[AttemptOut]
    findings: list[dict[str, Any]] = Field(description="what the interface contract found in the body")
    answer: dict[str, Any] | None = Field(description="the partner's functional answer, line by line")


class DeliveryPage(Sortie):
    """A page of deliveries, oldest first."""

    items: list[DeliveryOut]
    next: str | None


class DeliveryFilters(Pagination):
    """Filters of the list."""

    partner: Annotated[Annotated[str, Field(pattern=PARTNER_PATTERN)] | None, SansNull()] = None
    state: Annotated[State | None, SansNull()] = None
    subject: Annotated[Annotated[str, Field(pattern="^[a-z]{1,20}/[A-Za-z0-9._-]{1,79}$")] | None, SansNull()] = None


def moment(milliseconds: int | None) -> datetime | None:
    """Database time as an aware instant."""
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


def _fields(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "eventId": row.event_id,
        "eventType": row.event_type,
        "subject": row.lane_key,
        "partner": row.partner,
        "connector": row.connector,
        "channel": row.channel,
        "state": row.state,
        "contract": row.contract,
        "messageType": row.message_type,
        "filename": row.filename,
        "reference": row.reference,
        "businessRef": row.business_ref,
        "sequence": row.sequence,
        "attempts": row.attempts,
        "sha256": row.sha256,
        "idempotencyKey": row.idempotency_key,
        "losses": row.losses,
        "reason": row.reason,
        "code": row.code,
        "createdAt": moment(row.created_at),
        "sentAt": moment(row.sent_at),
        "dueAt": moment(row.due_at),
        "settledAt": moment(row.settled_at),
        "replaces": row.replaces_id,
        "replacedBy": row.replaced_by,
    }


def _detail(row: Row[Any], attempts: list[Row[Any]]) -> DeliveryDetail:
    return DeliveryDetail(
        **_fields(row),
        findings=row.findings or [],
        answer=row.answer,
        history=[
            AttemptOut(
                number=item.number,
                trigger=item.trigger,
                startedAt=datetime.fromtimestamp(item.started_at / 1000, UTC),
                endedAt=datetime.fromtimestamp(item.ended_at / 1000, UTC),
                outcome=item.outcome,
                status=item.status,
                receipt=item.receipt,
                error=item.error,
                excerpt=item.excerpt,
            )
            for item in attempts
        ],
    )


@router.get("", operation_id="listDeliveries", summary="List deliveries", responses=responses(401, 422))
def list_deliveries(services: HubDep, caller: CallerDep, filters: Annotated[DeliveryFilters, Query()]) -> DeliveryPage:
    """Deliveries in the caller's perimeter, oldest first."""
    rows = queries.list_deliveries(
        services.database,
        caller,
        after=filters.after,
        limit=filters.limit,
        partner=filters.partner,
        state=filters.state,
        subject=filters.subject,
    )
    following = rows[-1].id if len(rows) == filters.limit else None
    return DeliveryPage(items=[DeliveryOut(**_fields(row)) for row in rows], next=cursor_of(following))


@router.get("/{delivery}", operation_id="getDelivery", summary="Read a delivery", responses=responses(401, 404, 422))
def get_delivery(delivery: Id, services: HubDep, caller: CallerDep) -> DeliveryDetail:
    """One delivery with its attempts, findings and the partner's answer."""
    with services.database.read() as connection:
        return _detail(*queries.get_delivery(connection, caller, delivery))


@router.get(
    "/{delivery}/body",
    operation_id="getDeliveryBody",
    summary="Read the exact bytes sent",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **responses(401, 404, 422),
    },
)
def get_body(delivery: Id, services: HubDep, caller: CallerDep) -> Response:
    """The frozen body, byte for byte."""
    with services.database.read() as connection:
        row, _ = queries.get_delivery(connection, caller, delivery)
    return Response(row.body, media_type="application/octet-stream")


@router.post(
    "/{delivery}/replay",
    operation_id="replayDelivery",
    summary="Send a delivery again",
    response_model=DeliveryDetail,
    responses=responses(401, 403, 404, 409, 413, 422),
)
def replay(delivery: Id, services: HubDep, change: ChangeDep) -> Response:
    """Send the same bytes again under the same idempotency key; the attempt is marked manual."""
    change.caller.require(Role.INTEGRATEUR)

    def operation(unit: UnitOfWork) -> Answer:
        services.operations.replay(unit, change.caller, delivery)
        unit.after_commit(services.waker.wake)
        return Answer(_detail(*queries.get_delivery(unit.connection, change.caller, delivery)))

    return change.run(operation)


@router.post(
    "/{delivery}/discard",
    operation_id="discardDelivery",
    summary="Set a delivery aside",
    response_model=DeliveryDetail,
    responses=responses(400, 401, 403, 404, 409, 413, 415, 422),
)
def discard(delivery: Id, body: Reason, services: HubDep, change: ChangeDep) -> Response:
    """Set a delivery aside for good, with a reason; what waited behind it goes on."""
    change.caller.require(Role.INTEGRATEUR)

    def operation(unit: UnitOfWork) -> Answer:
        services.operations.discard(unit, change.caller, delivery, body.reason)
        unit.after_commit(services.waker.wake)
        return Answer(_detail(*queries.get_delivery(unit.connection, change.caller, delivery)))

    return change.run(operation)
