"""``/v1/inbound``: what partners send; stored raw first, then understood, or quarantined with a report."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from sqlalchemy import Row

from semaphore_hub.api.deliveries import moment
from semaphore_hub.api.dependencies import CallerDep
from semaphore_hub.api.hub import HubDep, HubServices
from semaphore_hub.api.pagination import Pagination, cursor_of
from semaphore_hub.api.partners import PARTNER_PATTERN
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.delivery import queries
from semaphore_hub.delivery.inbound import InboxStatus
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import WrongState
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.referentiel.champs import SansNull, Sortie
from semaphore_hub.ports.connector import Inbound

router = APIRouter(prefix="/v1/inbound", tags=["inbound"], route_class=StrictRoute)

Id = Annotated[str, Path(pattern=ID_PATTERN, description="id of the document")]
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$"


class InboxOut(Sortie):
    """One document received."""

    id: str
    source: str
    name: str
    channel: str
    mediaType: str
    sha256: str
    receivedAt: datetime
    status: InboxStatus
    contract: str | None = Field(description="interface contract it was recognised as")
    reason: str | None = Field(description="why it is in quarantine, and what to do")
    warnings: list[str]
    deliveries: list[str] = Field(description="deliveries it answered")
    copies: int = Field(description="identical copies received since")


class InboxDetail(InboxOut):
    """One document received, with the findings of its interface contract."""

    findings: list[dict[str, Any]]


class InboxPage(Sortie):
    """A page of documents, oldest first."""

    items: list[InboxOut]
    next: str | None


class InboxFilters(Pagination):
    """Filters of the list."""

    source: Annotated[Annotated[str, Field(pattern=PARTNER_PATTERN)] | None, SansNull()] = None
    status: Annotated[InboxStatus | None, SansNull()] = None


def _fields(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "source": row.source,
        "name": row.message_id,
        "channel": row.channel,
        "mediaType": row.media_type,
        "sha256": row.sha256,
        "receivedAt": moment(row.received_at),
        "status": row.status,
        "contract": row.contract,
        "reason": row.reason,
        "warnings": row.warnings or [],
        "deliveries": row.deliveries or [],
        "copies": row.copies,
    }


def _detail(services: HubServices, caller: Caller, entry_id: str) -> InboxDetail:
    row = queries.get_inbox(services.database, caller, entry_id)
    return InboxDetail(**_fields(row), findings=row.findings or [])


@router.post(
    "",
    status_code=202,
    operation_id="receiveDocument",
    summary="Deposit a document of a partner",
    response_model=InboxDetail,
    responses=responses(401, 403, 404, 413, 422),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def receive(
    partner: Annotated[str, Query(pattern=PARTNER_PATTERN, description="partner that sends it", examples=["dgfip"])],
    request: Request,
    services: HubDep,
    caller: CallerDep,
    name: Annotated[
        str,
        Header(
            alias="X-Document-Name",
            pattern=NAME_PATTERN,
            description="name of the file or message, without any path; with its bytes it identifies the document",
            examples=["ACQUIT_PESALR2_26999901700016_260302_001.xml"],
        ),
    ],
) -> InboxDetail:
    """Store a document, then try to understand it. 202 in every case: what is wrong with it is in the answer."""
    caller.require(Role.PARTENAIRE, Role.INTEGRATEUR)
    target = services.partners.get(caller, partner)
    body = await request.body()
    media_type = request.headers.get("content-type", "application/octet-stream")[:100]
    document = Inbound(name, body, media_type, "api")
    entry = await run_in_threadpool(services.inbound.receive, target, document)
    services.waker.wake()
    return await run_in_threadpool(_detail, services, LOCAL, entry.id)


@router.get("", operation_id="listInbound", summary="List documents received", responses=responses(401, 422))
def list_inbound(services: HubDep, caller: CallerDep, filters: Annotated[InboxFilters, Query()]) -> InboxPage:
    """Documents in the caller's perimeter, oldest first."""
    rows = queries.list_inbox(
        services.database,
        caller,
        after=filters.after,
        limit=filters.limit,
        source=filters.source,
        status=filters.status,
    )
    following = rows[-1].id if len(rows) == filters.limit else None
    return InboxPage(items=[InboxOut(**_fields(row)) for row in rows], next=cursor_of(following))


@router.get(
    "/{document}", operation_id="getInbound", summary="Read a document's report", responses=responses(401, 404, 422)
)
def get_inbound(document: Id, services: HubDep, caller: CallerDep) -> InboxDetail:
    """One document: what it was recognised as, what it answered, or why it is in quarantine."""
    return _detail(services, caller, document)


@router.get(
    "/{document}/body",
    operation_id="getInboundBody",
    summary="Read the exact bytes received",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **responses(401, 404, 422),
    },
)
def get_body(document: Id, services: HubDep, caller: CallerDep) -> Response:
    """The document as it came, byte for byte."""
    row = queries.get_inbox(services.database, caller, document)
    return Response(row.body, media_type="application/octet-stream")


@router.post(
    "/{document}/replay",
    operation_id="replayInbound",
    summary="Try to understand a quarantined document again",
    responses=responses(401, 403, 404, 409, 413, 422),
)
def replay(document: Id, services: HubDep, caller: CallerDep) -> InboxDetail:
    """Interpret a quarantined document again, once what was in its way is put right."""
    caller.require(Role.INTEGRATEUR)
    row = queries.get_inbox(services.database, caller, document)
    if row.status == InboxStatus.PROCESSED:
        raise WrongState("Ce document a déjà été compris et appliqué.")
    services.inbound.process(services.partners.get(caller, row.source), row.id)
    services.waker.wake()
    return _detail(services, caller, document)
