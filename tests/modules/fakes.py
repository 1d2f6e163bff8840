"""An event log that remembers, and the application around the two business modules, for tests of modules and API."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from fastapi import FastAPI
from sqlalchemy import Connection

from semaphore_hub.api import auth, docs, problems
from semaphore_hub.api.attributions import endpoints as attributions_endpoints
from semaphore_hub.api.auth import Authenticator
from semaphore_hub.api.dependencies import Services
from semaphore_hub.api.limits import BodyLimit
from semaphore_hub.kernel.clock import ManualClock, SystemClock
from semaphore_hub.kernel.db import Database, UnitOfWork
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.modules.indicateurs import endpoints as indicateurs_endpoints
from semaphore_hub.modules.indicateurs.editions import endpoints as editions_endpoints
from semaphore_hub.modules.indicateurs.editions.service import EditionsService
from semaphore_hub.modules.indicateurs.faits import endpoints as faits_endpoints
from semaphore_hub.modules.indicateurs.faits.service import FaitsService
from semaphore_hub.modules.indicateurs.logistique import endpoints as logistique_endpoints
from semaphore_hub.modules.indicateurs.service import IndicateursService
from semaphore_hub.modules.marches import endpoints as marches
from semaphore_hub.modules.marches.adhesions import endpoints as adhesions
from semaphore_hub.modules.marches.adhesions.service import AdhesionsService
from semaphore_hub.modules.marches.alertes import endpoints as alertes
from semaphore_hub.modules.marches.alertes.service import AlertesService
from semaphore_hub.modules.marches.avenants import endpoints as avenants
from semaphore_hub.modules.marches.concessions import endpoints as concessions
from semaphore_hub.modules.marches.concessions.service import ConcessionsService
from semaphore_hub.modules.marches.connus import MarchesEnVigueur
from semaphore_hub.modules.marches.execution import endpoints as execution
from semaphore_hub.modules.marches.execution.consommation import ConsommationService
from semaphore_hub.modules.marches.execution.service import ExecutionService
from semaphore_hub.modules.marches.place import endpoints as place
from semaphore_hub.modules.marches.place.service import SuiviPlaceService
from semaphore_hub.modules.marches.produits import endpoints as produits
from semaphore_hub.modules.marches.produits.service import ProduitsService
from semaphore_hub.modules.marches.projets import endpoints as projets
from semaphore_hub.modules.marches.projets.service import ProjetsService
from semaphore_hub.modules.marches.service import MarchesService
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.marches.transitions import endpoints as transitions
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
from semaphore_hub.modules.referentiel import endpoints as referentiel
from semaphore_hub.modules.referentiel.service import ReferentielService
from semaphore_hub.ports.events import Event
from semaphore_hub.ports.facts import DeliveryFacts, MissingAnswer, Publication
from semaphore_hub.sources import sources_of_facts


class RecordedEvents(list[Event]):
    """Keeps every event of a committed transaction, in order."""

    def append(self, unit: UnitOfWork, event: Event) -> None:  # type: ignore[override]  # the port's signature
        """Remember the event once its transaction is durable."""
        unit.after_commit(lambda: self.insert(len(self), event))


class NoFacts:
    """A hub whose partners were never sent anything."""

    def publishes(self, connection: Connection) -> bool:
        """Nobody publishes."""
        return False

    def publications(self, connection: Connection, subjects: Collection[str]) -> Mapping[str, Publication]:
        """Nothing is published."""
        return {}

    def unanswered(self, connection: Connection, subjects: Collection[str]) -> Mapping[str, list[MissingAnswer]]:
        """Nothing was asked."""
        return {}


def services_for(
    database: Database,
    clock: ManualClock,
    events: RecordedEvents,
    settings: Settings | None = None,
    facts: DeliveryFacts | None = None,
) -> Services:
    """The services of a process, with a recorded event log."""
    store = MarcheStore(clock, events)
    settings = settings or Settings(_env_file=None)
    return Services(
        settings=settings,
        database=database,
        clock=clock,
        authenticator=Authenticator.from_settings(settings, SystemClock()),
        referentiel=ReferentielService(clock, events),
        marches=MarchesService(store),
        projets=ProjetsService(store),
        transitions=TransitionsService(store),
        concessions=ConcessionsService(clock, events),
        alertes=AlertesService(database, clock, events, facts or NoFacts()),
        execution=ExecutionService(store),
        consommations=ConsommationService(store),
        produits=ProduitsService(database, clock, events),
        adhesions=AdhesionsService(clock, events),
        suivi_place=SuiviPlaceService(clock, events),
        paat=PaatService(clock, events),
        validation=ValidationService(clock, events),
        campagnes=CampagnesService(database, clock, events),
        trame=TrameService(clock, events, PaatService(clock, events)),
        rapprochement=RapprochementService(clock, events),
        planification=PlanificationService(clock, events, MarchesEnVigueur()),
        recensements=RecensementsService(clock, events),
        agenda=AgendaService(clock, MarchesEnVigueur()),
        indicateurs=IndicateursService(database, clock, settings.columns_dir),
        faits=FaitsService(database, clock, sources_of_facts()),
        editions=EditionsService(IndicateursService(database, clock, settings.columns_dir)),
    )


def app_for(services: Services) -> FastAPI:
    """The modules behind the edge, as the product composes them, given the services of one test."""
    app = _app(services.settings.max_body_bytes, optional_auth=not services.settings.protected)
    app.state.services = services
    return app


@cache
def _app(max_body_bytes: int, *, optional_auth: bool) -> FastAPI:
    """Built once: FastAPI works its routes out at the first request, which costs more than most tests."""
    app = FastAPI(title="test", version="1", docs_url=None, redoc_url=None)
    app.add_middleware(BodyLimit, max_bytes=max_body_bytes)
    for router in (
        auth.router,
        referentiel.router,
        projets.router,
        produits.router,
        concessions.router,
        alertes.router,
        adhesions.router,
        place.router,
        transitions.router,
        avenants.router,
        execution.router,
        marches.router,
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
    ):
        app.include_router(router)
    docs.install(app)
    problems.install(app, optional_auth=optional_auth)
    return app
