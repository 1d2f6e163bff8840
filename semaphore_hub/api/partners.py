"""``/v1/partners``: configured instances of connectors, their state, and what an operator does with them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field, StrictBool
from sqlalchemy import Connection, select

from semaphore_hub.api.concurrency import ETAG_HEADER, ExpectedVersion, etag
from semaphore_hub.api.dependencies import CallerDep
from semaphore_hub.api.hub import HubDep, HubServices
from semaphore_hub.api.idempotency import Answer, ChangeDep
from semaphore_hub.api.problems import responses
from semaphore_hub.api.routing import StrictRoute
from semaphore_hub.delivery.partners import NewPartner, Partner
from semaphore_hub.delivery.tables import partner_state
from semaphore_hub.kernel.access import Role
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.modules.referentiel.champs import GHT_PATTERN, LIGNE_PATTERN, SIRET_PATTERN, Entree, Sortie
from semaphore_hub.ports.connector import Health
from semaphore_hub.ports.outcomes import Outcome

router = APIRouter(prefix="/v1/partners", tags=["partners"], route_class=StrictRoute)

PARTNER_PATTERN = "^[a-z][a-z0-9_]{1,62}$"
PartnerId = Annotated[str, Path(pattern=PARTNER_PATTERN, description="id of the partner", examples=["dgfip"])]
Line = Annotated[str, Field(pattern=LIGNE_PATTERN, max_length=200)]

# Settings are the connector's own, so their names are free; their shapes are what a TOML or JSON file would hold.
_Name = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9_]{0,63}$")]
_Text = Annotated[str, Field(pattern=LIGNE_PATTERN, max_length=2000)]
_Number = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)] | Annotated[float, Field(strict=True)]
_Scalar = _Text | StrictBool | _Number | None
_CLOSED = Field(json_schema_extra={"additionalProperties": False})  # no name outside the pattern
_Table = Annotated[dict[_Name, _Scalar], _CLOSED]
_Tables = Annotated[dict[_Name, _Scalar | _Table], _CLOSED]
Settings = Annotated[dict[_Name, _Scalar | list[_Scalar] | _Tables], _CLOSED]


class PartnerIn(Entree):
    """A partner to configure. Secrets are never given here: settings name them."""

    id: str = Field(pattern=PARTNER_PATTERN, examples=["dgfip"])
    connector: str = Field(pattern=PARTNER_PATTERN, description="id of an installed connector", examples=["dgfip"])
    label: Line
    siret: str | None = Field(
        default=None, pattern=SIRET_PATTERN, description="establishment it serves; absent: every one of its GHT"
    )
    ght: str | None = Field(default=None, pattern=GHT_PATTERN)
    settings: Settings = Field(description="settings of the connector, checked by it")
    channel: Literal["api", "eai", "file"] = "api"
    productVersion: Line | None = Field(default=None, description="version of the partner's product, for its gate")
    retrySchedule: tuple[Annotated[str, Field(pattern="^[0-9]{1,5}(ms|s|m|h|d)$")], ...] | None = Field(
        default=None, min_length=1, max_length=20, description='waits between attempts, "5s", "2m", "1h"'
    )
    pollMs: int = Field(default=30_000, ge=10, le=86_400_000)
    breakerMs: int = Field(default=30_000, ge=10, le=86_400_000)
    fallbackAfterMs: int | None = Field(
        default=None,
        ge=1,
        le=86_400_000,
        description="how long the nominal channel may fail before files take over by themselves; absent: never",
    )


class PartnerOut(Sortie):
    """A configured partner and how it stands."""

    id: str
    connector: str
    status: Literal["official", "derived", "assumed"] = Field(description="fidelity of its interface contracts")
    label: str
    siret: str | None
    ght: str | None
    settings: dict[str, Any]
    channel: str = Field(description="channel asked for")
    effectiveChannel: str = Field(description="channel in use")
    gate: str | None = Field(description="why the channel in use is not the one asked for")
    productVersion: str | None
    retrySchedule: tuple[str, ...]
    pollMs: int
    breakerMs: int
    fallbackAfterMs: int | None
    paused: bool
    pausedReason: str | None
    failures: int = Field(description="failures in a row")
    lastError: str | None
    version: int


class PartnerPage(Sortie):
    """Every partner in the caller's perimeter."""

    items: list[PartnerOut]


class Reason(Entree):
    """Why."""

    reason: Annotated[str, Field(pattern=LIGNE_PATTERN, max_length=500, examples=["maintenance du 12 mars"])]


class ChannelIn(Entree):
    """The channel to use from now on."""

    channel: Literal["api", "eai", "file"]
    fallbackAfterMs: int | None = Field(
        default=None, ge=0, le=86_400_000, description="changes the policy too: 0 ends it, absent keeps it"
    )


class VersionIn(Entree):
    """The version installed at the partner's."""

    productVersion: Line


class SettingsIn(Entree):
    """New settings; they replace the present ones."""

    settings: Settings


class HealthOut(Sortie):
    """Result of a check without side effect: settings, connection, credentials."""

    ok: bool
    detail: str


def _view(services: HubServices, connection: Connection, partner: Partner) -> PartnerOut:
    channel, gate = services.partners.effective_channel(partner)
    state = connection.execute(
        select(partner_state.c.failures, partner_state.c.last_error).where(partner_state.c.partner == partner.id)
    ).one()
    return PartnerOut(
        id=partner.id,
        connector=partner.connector,
        status=services.registry.get(partner.connector).manifest.status,
        label=partner.label,
        siret=partner.siret,
        ght=partner.ght,
        settings=partner.settings,
        channel=partner.channel,
        effectiveChannel=channel,
        gate=gate,
        productVersion=partner.product_version,
        retrySchedule=partner.retry_schedule,
        pollMs=partner.poll_ms,
        breakerMs=partner.breaker_ms,
        fallbackAfterMs=partner.fallback_after_ms,
        paused=partner.paused,
        pausedReason=partner.paused_reason,
        failures=state.failures,
        lastError=state.last_error,
        version=partner.version,
    )


def _answer(services: HubServices, unit: UnitOfWork, partner: Partner, status: int = 200) -> Answer:
    headers = {"ETag": etag(partner.version)}
    if status == 201:
        headers["Location"] = f"/v1/partners/{partner.id}"
    return Answer(_view(services, unit.connection, partner), status, headers)


@router.get("", operation_id="listPartners", summary="List partners", responses=responses(401, 422))
def list_partners(services: HubDep, caller: CallerDep) -> PartnerPage:
    """Every partner in the caller's perimeter, by id."""
    with services.database.read() as connection:
        return PartnerPage(items=[_view(services, connection, item) for item in services.partners.list(caller)])


@router.post(
    "",
    status_code=201,
    operation_id="createPartner",
    summary="Configure a partner",
    response_model=PartnerOut,
    responses={201: {"headers": ETAG_HEADER}, **responses(400, 401, 403, 404, 409, 413, 415, 422)},
)
def create_partner(body: PartnerIn, services: HubDep, change: ChangeDep) -> Response:
    """Configure an instance of a connector; its settings are checked by the connector."""
    change.caller.require(Role.INTEGRATEUR)

    def operation(unit: UnitOfWork) -> Answer:
        partner = services.partners.create(
            unit,
            NewPartner(
                id=body.id,
                connector=body.connector,
                label=body.label,
                siret=body.siret,
                settings=body.settings,
                channel=body.channel,
                ght=body.ght,
                product_version=body.productVersion,
                retry_schedule=body.retrySchedule,
                poll_ms=body.pollMs,
                breaker_ms=body.breakerMs,
                fallback_after_ms=body.fallbackAfterMs,
            ),
        )
        return _answer(services, unit, partner, 201)

    return change.run(operation)


@router.get(
    "/{partner}",
    operation_id="getPartner",
    summary="Read a partner",
    response_model=PartnerOut,
    responses={200: {"headers": ETAG_HEADER}, **responses(401, 404, 422)},
)
def get_partner(partner: PartnerId, services: HubDep, caller: CallerDep, response: Response) -> PartnerOut:
    """One partner, with its version as ETag."""
    found = services.partners.get(caller, partner)
    response.headers["ETag"] = etag(found.version)
    with services.database.read() as connection:
        return _view(services, connection, found)


@router.get(
    "/{partner}/health", operation_id="checkPartner", summary="Check a partner", responses=responses(401, 404, 422)
)
async def check_partner(partner: PartnerId, services: HubDep, caller: CallerDep) -> HealthOut:
    """Settings, connection, credentials, in that order; nothing changes at the partner."""
    found = services.partners.get(caller, partner)
    channel, _ = services.partners.effective_channel(found)
    connector = services.registry.get(found.connector)
    try:
        transport = connector.open(channel, services.partners.settings_of(found), services.secrets)
        try:
            health: Health = await connector.check(transport)
        finally:
            await transport.close()
    except Outcome as refusal:
        return HealthOut(ok=False, detail=refusal.reason)
    return HealthOut(ok=health.ok, detail=health.detail)


_CHANGE_RESPONSES = {200: {"headers": ETAG_HEADER}, **responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)}


@router.post(
    "/{partner}/pause",
    operation_id="pausePartner",
    summary="Pause a partner",
    response_model=PartnerOut,
    responses=_CHANGE_RESPONSES,
)
def pause(partner: PartnerId, body: Reason, version: ExpectedVersion, services: HubDep, change: ChangeDep) -> Response:
    """Stop sending; the queue is kept, nothing is skipped."""
    return _change(services, change, partner, version, paused=True, paused_reason=body.reason)


@router.post(
    "/{partner}/resume",
    operation_id="resumePartner",
    summary="Resume a partner",
    response_model=PartnerOut,
    responses=_CHANGE_RESPONSES,
)
def resume(partner: PartnerId, version: ExpectedVersion, services: HubDep, change: ChangeDep) -> Response:
    """Send again from where it stopped; its breaker is closed."""
    return _change(services, change, partner, version, paused=False)


@router.post(
    "/{partner}/settings",
    operation_id="changePartnerSettings",
    summary="Change a partner's settings",
    response_model=PartnerOut,
    responses=_CHANGE_RESPONSES,
)
def change_settings(
    partner: PartnerId, body: SettingsIn, version: ExpectedVersion, services: HubDep, change: ChangeDep
) -> Response:
    """Replace the settings; what is already rendered keeps its bytes."""
    return _change(services, change, partner, version, settings=body.settings)


@router.post(
    "/{partner}/channel",
    operation_id="switchPartnerChannel",
    summary="Switch a partner's channel",
    response_model=PartnerOut,
    responses=_CHANGE_RESPONSES,
)
def switch_channel(
    partner: PartnerId, body: ChannelIn, version: ExpectedVersion, services: HubDep, change: ChangeDep
) -> Response:
    """Go to degraded mode or come back: what surely was not processed is said again on the new channel."""
    return _change(
        services, change, partner, version, switches=True, channel=body.channel, fallback_after_ms=body.fallbackAfterMs
    )


@router.post(
    "/{partner}/version",
    operation_id="changePartnerVersion",
    summary="Record the version of a partner's product",
    response_model=PartnerOut,
    responses=_CHANGE_RESPONSES,
)
def change_version(
    partner: PartnerId, body: VersionIn, version: ExpectedVersion, services: HubDep, change: ChangeDep
) -> Response:
    """Record an upgrade; the version gate may open the API channel."""
    return _change(services, change, partner, version, switches=True, product_version=body.productVersion)


def _change(
    services: HubServices,
    change: ChangeDep,
    partner_id: str,
    version: int,
    *,
    switches: bool = False,
    **values: Any,
) -> Response:
    change.caller.require(Role.INTEGRATEUR)
    partner = services.partners.get(change.caller, partner_id)

    def operation(unit: UnitOfWork) -> Answer:
        changed = services.partners.change(unit, partner, expected_version=version, **values)
        if switches:
            services.operations.switch_channel(unit, changed)
        unit.after_commit(services.waker.wake)
        return _answer(services, unit, changed)

    return change.run(operation)
