"""The control plane ``/_mock``: look at what was received, at the state, script faults, set the clock, start afresh."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from mock_partners.kit.clock import parse_duration

if TYPE_CHECKING:
    from mock_partners.kit.journal import Received
    from mock_partners.kit.mock import Mock


class FaultPlan(BaseModel):
    """Faults and scenarios, as put on ``/_mock/faults`` or read from a file."""

    model_config = ConfigDict(extra="forbid")

    script: list[str] = Field(default_factory=list, description="one fault per request, consumed in order")
    scenarios: list[str] = Field(default_factory=list, description='"acquit_perdu", "acquit_tardif:2s", "x*1"…')
    on: str | None = Field(
        default=None, description='requests concerned: "POST /depots", "*"; default: the mock\'s own'
    )


class ClockSetting(BaseModel):
    """Where to put the clock: an instant, or a move forward ("2d", "5m")."""

    model_config = ConfigDict(extra="forbid")

    now: datetime | None = None
    advance: str | None = None


def load_faults(path: Path, mock_id: str) -> FaultPlan:
    """Faults of one mock from a JSON file: a list of faults, a plan, or an object of plans by mock id.

    Raises:
        ValueError: the file does not hold that.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, dict) and not set(content) & set(FaultPlan.model_fields):
        content = content.get(mock_id, {})
    return _plan(TypeAdapter(list[str] | FaultPlan).validate_python(content))


def _plan(given: list[str] | FaultPlan) -> FaultPlan:
    return FaultPlan(script=given) if isinstance(given, list) else given


def control_router(mock: Mock) -> APIRouter:
    """The operations of the control plane for one mock."""
    router = APIRouter(prefix="/_mock", tags=["pilotage du simulateur"])
    _received_operations(router, mock)
    _fault_operations(router, mock)
    _clock_operations(router, mock)

    @router.get("/state")
    async def read_state() -> dict[str, Any]:
        """The business state."""
        return mock.snapshot()

    @router.put("/state")
    async def write_state(state: dict[str, Any]) -> dict[str, Any]:
        """Replace parts of the business state (known suppliers, sequences…)."""
        try:
            mock.restore(state)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        await mock.changed()
        return mock.snapshot()

    @router.post("/reset", status_code=204)
    async def reset() -> None:
        """Empty the state, the journal and the faults; the clock follows the machine again."""
        mock.clear()
        mock.journal.clear()
        mock.faults.clear()
        mock.clock.release()
        await mock.changed()

    return router


def _received_operations(router: APIRouter, mock: Mock) -> None:
    @router.get("/received")
    async def received(
        contains: str | None = None,
        verdict: str | None = None,
        name: str | None = None,
        limit: Annotated[int, Query(ge=0, le=1000)] = 100,
    ) -> dict[str, Any]:
        """Received documents, newest first; ``total`` counts every match, ``items`` holds the first ``limit``."""
        found = mock.journal.search(contains=contains, verdict=verdict, name=name)
        return {"total": len(found), "items": [entry.to_dict() for entry in found[:limit]]}

    @router.get("/received/{entry_id}")
    async def one(entry_id: int) -> dict[str, Any]:
        """One received document."""
        return _entry(mock, entry_id).to_dict()

    @router.get("/received/{entry_id}/body")
    async def body(entry_id: int) -> Response:
        """Its bytes, as received."""
        entry = _entry(mock, entry_id)
        return Response(entry.body, media_type=entry.media_type or "application/octet-stream")

    @router.delete("/received", status_code=204)
    async def forget() -> None:
        """Forget the received documents."""
        mock.journal.clear()


def _fault_operations(router: APIRouter, mock: Mock) -> None:
    def current() -> dict[str, Any]:
        faults = mock.faults
        return {
            "script": faults.script,
            "scenarios": faults.scenarios,
            "on": faults.target,
            "available": dict(faults.known),
        }

    @router.get("/faults")
    async def read() -> dict[str, Any]:
        """Faults still to come, scenarios in force, and the scenarios this mock knows."""
        return current()

    @router.put("/faults")
    async def put(given: list[str] | FaultPlan) -> dict[str, Any]:
        """Replace them all."""
        plan = _plan(given)
        try:
            mock.faults.replace(plan.script, plan.scenarios, plan.on)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return current()

    @router.post("/faults")
    async def add(given: list[str] | FaultPlan) -> dict[str, Any]:
        """Add faults at the end of the script, switch scenarios on."""
        plan = _plan(given)
        try:
            mock.faults.extend(plan.script, plan.scenarios, plan.on)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return current()

    @router.delete("/faults", status_code=204)
    async def clear() -> None:
        """No more faults, no more scenarios."""
        mock.faults.clear()


def _clock_operations(router: APIRouter, mock: Mock) -> None:
    def current() -> dict[str, Any]:
        return {"now": mock.clock.now().isoformat(), "manual": mock.clock.manual}

    @router.get("/clock")
    async def read() -> dict[str, Any]:
        """The mock's time, and whether it was set by hand."""
        return current()

    async def move(setting: ClockSetting) -> dict[str, Any]:
        """Set the clock, or move it forward; it then stands still."""
        try:
            if setting.now is not None:
                mock.clock.set(setting.now)
            if setting.advance is not None:
                mock.clock.advance(parse_duration(setting.advance))
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return current()

    router.add_api_route("/clock", move, methods=["PUT"], name="put_clock")
    router.add_api_route("/clock", move, methods=["POST"], name="post_clock")

    @router.delete("/clock", status_code=204)
    async def release() -> None:
        """Follow the machine's clock again."""
        mock.clock.release()


def _entry(mock: Mock, entry_id: int) -> Received:
    entry = mock.journal.get(entry_id)
    if entry is None:
        raise HTTPException(404, f"no received document {entry_id}")
    return entry
