"""``/v1/events``: the event log, as CloudEvents 1.0 in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BeforeValidator, Field

from semaphore_hub.api.dependencies import CallerDep
from semaphore_hub.api.hub import HubDep
from semaphore_hub.api.pagination import whole
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.delivery.event_log import get_event, list_events
from semaphore_hub.kernel.ids import ID_PATTERN
from semaphore_hub.modules.referentiel.champs import Entree, SansNull, Sortie
from semaphore_hub.ports.events import SOURCE, Event

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=StrictRoute)


class CloudEvent(Sortie):
    """A business fact, in the CloudEvents 1.0 JSON format."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str = Field(examples=["fr.semaphore.marche.notifie.v1"])
    subject: str = Field(examples=["marche/018f6a3e-7b1c-7c55-9a52-0b1d7b1f2a10"])
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    aggregateversion: int = Field(description="1, 2, 3… within the subject")
    ght: str | None = Field(description="GHT the fact belongs to")
    data: dict[str, Any]


class EventPage(Sortie):
    """A page of the log; ``next`` is the ``after`` of the following page."""

    items: list[CloudEvent]
    next: int | None


class EventFilters(Entree):
    """Position and filters."""

    after: Annotated[int, Field(ge=0, le=999_999_999), BeforeValidator(whole)] = Field(
        default=0, description="position after which to read"
    )
    limit: Annotated[int, Field(ge=1, le=200), BeforeValidator(whole)] = 50
    subject: Annotated[Annotated[str, Field(pattern="^[a-z]{1,20}/[A-Za-z0-9._-]{1,79}$")] | None, SansNull()] = None
    type: Annotated[Annotated[str, Field(pattern=r"^[a-z0-9.]{1,100}$")] | None, SansNull()] = None


def _view(event: Event) -> CloudEvent:
    return CloudEvent(
        id=event.id,
        source=SOURCE,
        type=event.type,
        subject=event.subject,
        time=event.time,
        aggregateversion=event.version,
        ght=event.ght,
        data=dict(event.data),
    )


@router.get("", operation_id="listEvents", summary="Read the event log", responses=responses(401, 422))
def read_log(services: HubDep, caller: CallerDep, filters: Annotated[EventFilters, Query()]) -> EventPage:
    """Events in the order of the log."""
    found = list_events(
        services.database,
        caller,
        after=filters.after,
        limit=filters.limit,
        subject=filters.subject,
        type_=filters.type,
    )
    following = found[-1][0] if len(found) == filters.limit else None
    return EventPage(items=[_view(event) for _, event in found], next=following)


@router.get("/{event}", operation_id="getEvent", summary="Read an event", responses=responses(401, 404, 422))
def read_event(event: Annotated[str, Path(pattern=ID_PATTERN)], services: HubDep, caller: CallerDep) -> CloudEvent:
    """One event."""
    return _view(get_event(services.database, caller, event))
