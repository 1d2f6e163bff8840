"""HTTP operations of purchase projects: ``/v1/planification``."""

from __future__ import annotations

from fastapi import APIRouter

from semaphore_hub.api.routing import StrictRoute

router = APIRouter(prefix="/v1/planification", tags=["planification"], route_class=StrictRoute)
