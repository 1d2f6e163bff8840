"""What the operational endpoints are given beside the business services: the delivery engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from semaphore_hub.api.dependencies import Services
from semaphore_hub.delivery.inbound import InboundService
from semaphore_hub.delivery.operations import DeliveryOperations
from semaphore_hub.delivery.partners import PartnerService
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.wake import Waker
from semaphore_hub.modules.marches.produits.recus import CataloguesRecus
from semaphore_hub.ports.connector import SecretReader


@dataclass(kw_only=True)
class HubServices(Services):
    """Services of a complete hub.

    Attributes:
        registry: connectors of this process.
        partners: configured instances of connectors.
        inbound: the inbox.
        catalogues: catalogues that partners sent.
        operations: replay, discard, channel switches.
        secrets: gives the secrets that settings name.
        waker: has the dispatchers look for work.
    """

    registry: ConnectorRegistry
    partners: PartnerService
    inbound: InboundService
    catalogues: CataloguesRecus
    operations: DeliveryOperations
    secrets: SecretReader
    waker: Waker


async def _hub(request: Request) -> HubServices:
    services: HubServices = request.app.state.services
    return services


HubDep = Annotated[HubServices, Depends(_hub)]
"""The services of a complete hub."""
