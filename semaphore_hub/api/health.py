"""``/health`` and ``/metrics``: for probes and for Prometheus. Neither needs a token; neither names a marché."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import structlog
from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from semaphore_hub import __version__
from semaphore_hub.api.hub import HubDep
from semaphore_hub.delivery import queries
from semaphore_hub.delivery.router import count_unrouted
from semaphore_hub.kernel.db import Database
from semaphore_hub.modules.referentiel.champs import Sortie

router = APIRouter(tags=["operations"])
log = structlog.get_logger()

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class HealthOut(Sortie):
    """Whether the hub can work."""

    status: Literal["ok", "unavailable"]
    version: str
    database: Literal["ok", "unavailable"]


class HubCollector(Collector):
    """Counts read from the database at each scrape, so that every process tells the same."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Deliveries by partner and state, inbound documents by partner and status, events not routed yet."""
        deliveries = GaugeMetricFamily("semaphore_deliveries", "Deliveries", labels=["partner", "state"])
        for partner, state, count in queries.count_states(self._database):
            deliveries.add_metric([partner, state], count)
        yield deliveries
        inbound = GaugeMetricFamily("semaphore_inbound", "Documents received", labels=["partner", "status"])
        for partner, status, count in queries.count_inbox(self._database):
            inbound.add_metric([partner, status], count)
        yield inbound
        yield GaugeMetricFamily(
            "semaphore_events_unrouted", "Events not routed yet", value=count_unrouted(self._database)
        )


@router.get(
    "/health",
    operation_id="getHealth",
    summary="Whether the hub can work",
    responses={503: {"model": HealthOut, "description": "The database cannot be reached"}},
)
def health(services: HubDep, response: Response) -> HealthOut:
    """200 when the database answers, 503 otherwise."""
    try:
        with services.database.read() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        log.error("database unavailable", error=str(error))
        response.status_code = 503
        return HealthOut(status="unavailable", version=__version__, database="unavailable")
    return HealthOut(status="ok", version=__version__, database="ok")


@router.get(
    "/metrics",
    operation_id="getMetrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: {"content": {METRICS_TYPE: {"schema": {"type": "string"}}}}},
)
def metrics(services: HubDep) -> Response:
    """Prometheus text format."""
    registry = CollectorRegistry()
    registry.register(HubCollector(services.database))
    return Response(generate_latest(registry), headers={"Content-Type": METRICS_TYPE})
