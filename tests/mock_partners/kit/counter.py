"""The smallest mock: it counts what it is told to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from fastapi import APIRouter, Request

from mock_partners.kit import Mock, read_body


class CounterMock(Mock):
    """``POST /count`` adds one and records the body."""

    id = "counter"
    title = "Compteur"
    fault_target = "POST /count"
    scenarios: ClassVar[Mapping[str, str]] = {"acquit_tardif": "attend"}

    def clear(self) -> None:
        self.count = 0

    def snapshot(self) -> dict[str, Any]:
        return {"count": self.count}

    def restore(self, state: Mapping[str, Any]) -> None:
        if not isinstance(state.get("count"), int):
            raise ValueError("count must be a number")
        self.count = state["count"]

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.post("/count")
        async def count(request: Request) -> dict[str, Any]:
            body = await read_body(request, limit=1000)
            self.count += 1
            name = request.headers.get("x-nom", "sans-nom")
            await self.record(channel="api", name=name, media_type="text/plain", body=body, verdict="accepted")
            await self.changed()
            return {"count": self.count, "padding": "x" * 40}

        @router.get("/count")
        async def read() -> dict[str, int]:
            return {"count": self.count}

        return router
