"""HTTP operations of indicators: ``/v1/indicateurs``."""

from __future__ import annotations

from fastapi import APIRouter

from semaphore_hub.api.routing import StrictRoute

router = APIRouter(prefix="/v1/indicateurs", tags=["indicateurs"], route_class=StrictRoute)
