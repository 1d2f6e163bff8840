"""An event log that remembers, and the application around the two business modules, for tests of modules and API."""

from __future__ import annotations

from fastapi import FastAPI

from semaphore_hub.api import auth, docs, problems
from semaphore_hub.api.auth import Authenticator
from semaphore_hub.api.dependencies import Services
from semaphore_hub.api.limits import BodyLimit
from semaphore_hub.kernel.clock import ManualClock, SystemClock
from semaphore_hub.kernel.db import Database, UnitOfWork
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.modules.marches import endpoints as marches
from semaphore_hub.modules.marches.concessions import endpoints as concessions
from semaphore_hub.modules.marches.concessions.service import ConcessionsService
from semaphore_hub.modules.marches.service import MarchesService
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.referentiel import endpoints as referentiel
from semaphore_hub.modules.referentiel.service import ReferentielService
from semaphore_hub.ports.events import Event


class RecordedEvents(list[Event]):
    """Keeps every event of a committed transaction, in order."""

    def append(self, unit: UnitOfWork, event: Event) -> None:  # type: ignore[override]  # the port's signature
        """Remember the event once its transaction is durable."""
        unit.after_commit(lambda: self.insert(len(self), event))


def services_for(
    database: Database, clock: ManualClock, events: RecordedEvents, settings: Settings | None = None
) -> Services:
    """The services of a process, with a recorded event log."""
    settings = settings or Settings(_env_file=None)  # type: ignore[call-arg]
    return Services(
        settings=settings,
        database=database,
        clock=clock,
        authenticator=Authenticator.from_settings(settings, SystemClock()),
        referentiel=ReferentielService(clock, events),
        marches=MarchesService(MarcheStore(clock, events)),
        concessions=ConcessionsService(clock, events),
    )


def app_for(services: Services) -> FastAPI:
    """The two modules behind the edge, as the product composes them."""
    app = FastAPI(title="test", version="1", docs_url=None, redoc_url=None)
    app.state.services = services
    app.add_middleware(BodyLimit, max_bytes=services.settings.max_body_bytes)
    for router in (auth.router, referentiel.router, concessions.router, marches.router):
        app.include_router(router)
    docs.install(app)
    problems.install(app, optional_auth=not services.settings.protected)
    return app
