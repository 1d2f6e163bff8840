"""Composition: everything a hub process is made of, joined here and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI

from semaphore_hub import __version__
from semaphore_hub.api import auth, deliveries, docs, events, health, inbound, interfaces, partners, problems, vues
from semaphore_hub.api.attributions import endpoints as attributions_endpoints
from semaphore_hub.api.auth import Authenticator
from semaphore_hub.api.hub import HubServices
from semaphore_hub.api.limits import BodyLimit
from semaphore_hub.delivery.collector import Collector
from semaphore_hub.delivery.dispatcher import Dispatcher
from semaphore_hub.delivery.event_log import SqlEventLog
from semaphore_hub.delivery.facts import SqlDeliveryFacts
from semaphore_hub.delivery.fallback import FallbackPolicy
from semaphore_hub.delivery.inbound import InboundService
from semaphore_hub.delivery.lanes import Lanes
from semaphore_hub.delivery.operations import DeliveryOperations
from semaphore_hub.delivery.partners import PartnerService
from semaphore_hub.delivery.registry import ConnectorRegistry, load_connectors
from semaphore_hub.delivery.router import Router
from semaphore_hub.delivery.transports import SecretStore, TransportPool
from semaphore_hub.delivery.wake import Waker
from semaphore_hub.delivery.watching import FolderWatch
from semaphore_hub.handlers import Treating, handlers_of
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import Clock, SystemClock
from semaphore_hub.kernel.db import Database
from semaphore_hub.kernel.errors import ConfigurationError
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.modules.indicateurs import endpoints as indicateurs_endpoints
from semaphore_hub.modules.indicateurs.attente import noter
from semaphore_hub.modules.indicateurs.colonnes.instantane import rafraichir
from semaphore_hub.modules.indicateurs.editions import endpoints as editions_endpoints
from semaphore_hub.modules.indicateurs.editions.service import EditionsService
from semaphore_hub.modules.indicateurs.faits import endpoints as faits_endpoints
from semaphore_hub.modules.indicateurs.faits.service import FaitsService
from semaphore_hub.modules.indicateurs.logistique import endpoints as logistique_endpoints
from semaphore_hub.modules.indicateurs.service import IndicateursService
from semaphore_hub.modules.marches import endpoints as marches_endpoints
from semaphore_hub.modules.marches.adhesions import endpoints as adhesions_endpoints
from semaphore_hub.modules.marches.adhesions.service import AdhesionsService
from semaphore_hub.modules.marches.alertes import endpoints as alertes_endpoints
from semaphore_hub.modules.marches.alertes.service import AlertesService
from semaphore_hub.modules.marches.avenants import endpoints as avenants_endpoints
from semaphore_hub.modules.marches.concessions import endpoints as concessions_endpoints
from semaphore_hub.modules.marches.concessions.service import ConcessionsService
from semaphore_hub.modules.marches.connus import MarchesEnVigueur
from semaphore_hub.modules.marches.execution import endpoints as execution_endpoints
from semaphore_hub.modules.marches.execution.consommation import ConsommationService
from semaphore_hub.modules.marches.execution.service import ExecutionService
from semaphore_hub.modules.marches.place import endpoints as place_endpoints
from semaphore_hub.modules.marches.place.service import SuiviPlaceService
from semaphore_hub.modules.marches.produits import endpoints as produits_endpoints
from semaphore_hub.modules.marches.produits.recus import CataloguesRecus
from semaphore_hub.modules.marches.produits.service import ProduitsService
from semaphore_hub.modules.marches.projets import endpoints as projets_endpoints
from semaphore_hub.modules.marches.projets.service import ProjetsService
from semaphore_hub.modules.marches.service import MarchesService
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.marches.transitions import endpoints as transitions_endpoints
from semaphore_hub.modules.marches.transitions.service import TransitionsService
from semaphore_hub.modules.paat import endpoints as paat_endpoints
from semaphore_hub.modules.paat.campagnes import endpoints as campagnes_endpoints
from semaphore_hub.modules.paat.campagnes.service import CampagnesService
from semaphore_hub.modules.paat.rapprochement import endpoints as rapprochement_endpoints
from semaphore_hub.modules.paat.rapprochement.service import RapprochementService
from semaphore_hub.modules.paat.service import PaatService
from semaphore_hub.modules.paat.trame import endpoints as trame_endpoints
from semaphore_hub.modules.paat.trame.service import TrameService
from semaphore_hub.modules.paat.validation import endpoints as validation_endpoints
from semaphore_hub.modules.paat.validation.service import ValidationService
from semaphore_hub.modules.planification import endpoints as planification_endpoints
from semaphore_hub.modules.planification.agenda import endpoints as agenda_endpoints
from semaphore_hub.modules.planification.agenda.service import AgendaService
from semaphore_hub.modules.planification.recensements import endpoints as recensements_endpoints
from semaphore_hub.modules.planification.recensements.service import RecensementsService
from semaphore_hub.modules.planification.service import PlanificationService
from semaphore_hub.modules.referentiel import endpoints as referentiel_endpoints
from semaphore_hub.modules.referentiel.service import ReferentielService
from semaphore_hub.sources import sources_of_facts

log = structlog.get_logger()

COLUMNS_SECONDS = 60.0
"""Between two refreshes of the columnar snapshot."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

DESCRIPTION = (
    "Integration hub and test bench between SEMAPHORE, the purchasing system of French hospital groups (GHT), and its "
    "partners. Business fields carry the French names of the DECP; errors are RFC 9457 problems, in French."
)


def build(settings: Settings, *, clock: Clock | None = None, registry: ConnectorRegistry | None = None) -> HubServices:
    """The services of one process, on a database that is already migrated.

    Raises:
        ConfigurationError: a connector does not load, or the access settings contradict each other.
    """
    business_clock = clock or SystemClock()
    database = Database(settings.database_url, sqlite_synchronous=settings.sqlite_synchronous)
    connectors = registry or load_connectors()
    waker = Waker()
    event_log = SqlEventLog(database, waker.wake_router, [noter(database)])
    store = MarcheStore(business_clock, event_log)
    partner_service = PartnerService(database, connectors)
    produits = ProduitsService(database, business_clock, event_log)
    treating = Treating(
        clock=business_clock,
        event_log=event_log,
        referentiel=ReferentielService(business_clock, event_log),
        marches=MarchesService(store),
        execution=ExecutionService(store),
        consommations=ConsommationService(store),
        adhesions=AdhesionsService(business_clock, event_log),
        catalogues=CataloguesRecus(database, business_clock, produits),
        suivi_place=SuiviPlaceService(business_clock, event_log),
    )
    return HubServices(
        settings=settings,
        database=database,
        clock=business_clock,
        authenticator=Authenticator.from_settings(settings, SystemClock()),
        referentiel=treating.referentiel,
        marches=treating.marches,
        projets=ProjetsService(store),
        transitions=TransitionsService(store),
        concessions=ConcessionsService(business_clock, event_log),
        alertes=AlertesService(database, business_clock, event_log, SqlDeliveryFacts(connectors)),
        execution=treating.execution,
        consommations=treating.consommations,
        produits=produits,
        adhesions=treating.adhesions,
        suivi_place=treating.suivi_place,
        catalogues=treating.catalogues,
        paat=PaatService(business_clock, event_log),
        validation=ValidationService(business_clock, event_log),
        campagnes=CampagnesService(database, business_clock, event_log),
        trame=TrameService(business_clock, event_log, PaatService(business_clock, event_log)),
        rapprochement=RapprochementService(business_clock, event_log),
        planification=PlanificationService(business_clock, event_log, MarchesEnVigueur()),
        recensements=RecensementsService(business_clock, event_log),
        agenda=AgendaService(business_clock, MarchesEnVigueur()),
        indicateurs=IndicateursService(database, business_clock, settings.columns_dir),
        faits=FaitsService(database, business_clock, sources_of_facts()),
        editions=EditionsService(IndicateursService(database, business_clock, settings.columns_dir)),
        registry=connectors,
        partners=partner_service,
        inbound=InboundService(
            database, connectors, event_log, business_clock, handlers_of(treating), on_release=waker.wake
        ),
        operations=DeliveryOperations(database, connectors, partner_service, business_clock),
        secrets=SecretStore(settings.secrets_dir),
        waker=waker,
    )


def build_dispatcher(services: HubServices) -> Dispatcher:
    """A dispatcher on those services; several processes may each run one on the same PostgreSQL database."""
    settings = services.settings
    lease_ms = int(settings.lease_seconds * 1000)
    transports = TransportPool(services.registry, services.partners, services.secrets)
    return Dispatcher(
        services.database,
        services.registry,
        Router(services.database, services.registry, services.partners, services.clock),
        Lanes(services.database, services.partners, services.inbound, services.operations, lease_ms=lease_ms),
        transports,
        Collector(
            services.database, services.registry, services.partners, transports, services.inbound, lease_ms=lease_ms
        ),
        services.inbound,
        FallbackPolicy(
            services.database,
            services.registry,
            services.partners,
            services.operations,
            transports,
            services.waker.wake,
        ),
        FolderWatch(services.database, transports),
        services.waker,
        poll_seconds=settings.poll_seconds,
    )


async def import_received(services: HubServices) -> None:
    """Import the catalogues partners sent, soon after they came; safe in several processes at once."""
    while True:
        try:
            await asyncio.to_thread(services.catalogues.traiter)
        except Exception:
            log.exception("a received catalogue could not be imported; it will be tried again")
        await asyncio.sleep(services.settings.poll_seconds)


async def refresh_facts(services: HubServices) -> None:
    """Read again what the indicators are computed from, soon after it changed; safe in several processes at once."""
    while True:
        try:
            await asyncio.to_thread(services.faits.actualiser)
        except Exception:
            log.exception("the facts of the indicators could not be read again; they will be tried again")
        await asyncio.sleep(services.settings.poll_seconds)


async def refresh_columns(services: HubServices) -> None:
    """Bring the columnar snapshot up to date every minute, where there is one; safe in several processes at once."""
    while (folder := services.settings.columns_dir) is not None:
        try:
            await asyncio.to_thread(rafraichir, services.database, folder)
        except Exception:
            log.exception("the columnar snapshot could not be refreshed; it will be tried again")
        await asyncio.sleep(COLUMNS_SECONDS)


async def evaluate_regularly(services: HubServices) -> None:
    """Look for alerts now and then; what one round missed, the next one finds. Safe in several processes at once."""
    while services.settings.evaluation_seconds:
        try:
            await asyncio.to_thread(_evaluate, services)
        except Exception:
            log.exception("the evaluation of alerts failed; it will be tried again")
        await asyncio.sleep(services.settings.evaluation_seconds)


def _evaluate(services: HubServices) -> None:
    """One round: tacit renewals are recorded before the alerts are looked for; then reminders of campaigns."""
    with services.database.write() as unit:
        services.execution.constater_tacites(unit, services.clock.today())
    services.alertes.evaluer(LOCAL)
    services.campagnes.rappeler(LOCAL)


def create_app(services: HubServices, *, dispatch: bool = True) -> FastAPI:
    """The HTTP application.

    Args:
        services: from :func:`build`.
        dispatch: whether this process also delivers (otherwise ``semaphore-hub worker`` processes do).
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        background = [
            asyncio.create_task(evaluate_regularly(services)),
            asyncio.create_task(import_received(services)),
            asyncio.create_task(refresh_facts(services)),
            asyncio.create_task(refresh_columns(services)),
        ]
        tasks = [*background]
        dispatcher = build_dispatcher(services) if dispatch else None
        if dispatcher is not None:
            tasks.append(asyncio.create_task(dispatcher.run()))
            tasks[-1].add_done_callback(_crash_loudly)
        yield
        for task in background:
            task.cancel()
        if dispatcher is not None:
            dispatcher.stop()
        await asyncio.wait(tasks)

    app = FastAPI(
        title="Semaphore Hub",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    app.add_middleware(BodyLimit, max_bytes=services.settings.max_body_bytes)
    docs.install(app)
    for router in (
        referentiel_endpoints.router,
        projets_endpoints.router,
        produits_endpoints.router,
        concessions_endpoints.router,
        alertes_endpoints.router,
        adhesions_endpoints.router,
        place_endpoints.router,
        transitions_endpoints.router,
        avenants_endpoints.router,
        execution_endpoints.router,
        marches_endpoints.router,
        campagnes_endpoints.router,
        trame_endpoints.router,
        rapprochement_endpoints.router,
        validation_endpoints.router,
        paat_endpoints.router,
        agenda_endpoints.router,
        recensements_endpoints.router,
        attributions_endpoints.router,
        planification_endpoints.router,
        editions_endpoints.router,
        faits_endpoints.router,
        logistique_endpoints.router,
        indicateurs_endpoints.router,
        vues.router,
        events.router,
        partners.router,
        deliveries.router,
        inbound.router,
        interfaces.router,
        auth.router,
        health.router,
    ):
        app.include_router(router)
    problems.install(app, optional_auth=not services.settings.protected)
    return app


def require_protection(settings: Settings, host: str) -> None:
    """Refuse to listen beyond the loopback without tokens.

    Raises:
        ConfigurationError: ``host`` is not a loopback address and no client nor issuer is configured.
    """
    if host not in LOOPBACK and not settings.protected:
        raise ConfigurationError(
            f"refusing to listen on {host} without tokens: set SEMAPHORE_CLIENTS_FILE and SEMAPHORE_TOKEN_KEY_FILE, or "
            "SEMAPHORE_OIDC_ISSUER (see docs/access.md)"
        )


def _crash_loudly(task: asyncio.Task[None]) -> None:
    """A dispatcher that stops on a defect takes the process with it: a supervisor restarts it, nothing is lost."""
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler({"message": "dispatcher stopped", "exception": error})
        task.get_loop().call_soon(_exit)


def _exit() -> None:
    raise SystemExit(70)
