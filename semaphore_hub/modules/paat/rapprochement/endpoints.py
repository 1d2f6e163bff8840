"""HTTP operations of rapprochement: ``/v1/paat``."""

from __future__ import annotations

from fastapi import APIRouter

from semaphore_hub.api.routing import StrictRoute

router = APIRouter(prefix="/v1/paat", tags=["PAAT"], route_class=StrictRoute)
