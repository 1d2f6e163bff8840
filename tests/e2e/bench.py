"""A whole hub with its mock partners over real HTTP and real folders, for scenarios seen from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mock_partners import MOCKS, MockConfig
from mock_partners.kit import RunningMock, running
from semaphore_hub.api.hub import HubServices
from semaphore_hub.app import build, build_dispatcher
from semaphore_hub.delivery import queries
from semaphore_hub.delivery.partners import NewPartner
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.modules.marches.schemas import NotificationMarche, NouveauMarche, NouvelleModification
from semaphore_hub.modules.referentiel.schemas import NouveauFournisseur, NouveauGht, NouvelEtablissement
from tests.modules.samples import FOURNISSEUR, MODIFICATION, NOTIFICATION, SUPPORT, SUPPORT_CH, marche

FINESS = SUPPORT_CH["finessJuridique"]
PARTNERS = ("dgfip", "gef_ideo_gelf")
"""Those of every scenario; the DAJ joins where it is asked for."""


class Bench:
    """Services, mocks and the shortest ways to make things happen."""

    def __init__(self, services: HubServices, mocks: dict[str, RunningMock]) -> None:
        self.services = services
        self.mocks = mocks

    def faults(self, mock: str, script: list[str] | None = None, scenarios: list[str] | None = None) -> None:
        """Script what a mock does next."""
        self.mocks[mock].mock.faults.replace(script or [], scenarios or [])

    def notify(self, number: int) -> str:
        """Record and notify one marché; its uid."""
        with self.services.database.write() as unit:
            body = NouveauMarche.model_validate(marche(id=f"DM{number:04d}"))
            view = self.services.marches.creer(unit, LOCAL, body)
            notice = NotificationMarche.model_validate(NOTIFICATION)
            return self.services.marches.notifier(unit, LOCAL, view.uid, view.version, notice).uid

    def amend(self, uid: str, amount: str) -> None:
        """Notify one amendment."""
        with self.services.database.write() as unit:
            version = self.services.marches.lire(unit.connection, LOCAL, uid).version
            body = NouvelleModification.model_validate({**MODIFICATION, "montant": amount})
            self.services.marches.modifier(unit, LOCAL, uid, version, body)

    def deliveries(self, partner: str | None = None) -> list[Any]:
        """Every delivery, oldest first."""
        return queries.list_deliveries(self.services.database, LOCAL, limit=100_000, partner=partner)

    def states(self, partner: str | None = None) -> list[str]:
        """States of every delivery, oldest first."""
        return [row.state for row in self.deliveries(partner)]

    def quarantine(self) -> list[Any]:
        """Documents in quarantine."""
        return queries.list_inbox(self.services.database, LOCAL, status="QUARANTINED")

    async def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait for a condition; when it does not come true, fail with what the hub looks like."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            rows = [(row.partner, row.filename, row.state, row.reason) for row in self.deliveries()]
            raise AssertionError(f"not in {seconds} s; deliveries: {rows}; quarantine: {self.quarantine()}") from None


def load_world(services: HubServices) -> None:
    """One GHT, one establishment, one supplier."""
    with services.database.write() as unit:
        services.referentiel.creer_ght(unit, LOCAL, NouveauGht(code="FIC-01", nom="GHT fictif"))
        services.referentiel.creer_etablissement(unit, LOCAL, NouvelEtablissement.model_validate(SUPPORT_CH))
        services.referentiel.fournisseurs.creer(unit, LOCAL, NouveauFournisseur.model_validate(FOURNISSEUR))


def add_partners(services: HubServices, urls: dict[str, str], folder: Path, *, deadline: bool = False) -> None:
    """The partners of the bench whose mocks are there, with short schedules."""
    common: dict[str, Any] = {
        "siret": None,
        "channel": "api",
        "retry_schedule": ("50ms", "100ms", "200ms", "300ms", "500ms", "1s", "2s", "3s"),
        "poll_ms": 50,
        "breaker_ms": 100,
    }
    with services.database.write() as unit:
        services.partners.create(
            unit,
            NewPartner(
                id="dgfip",
                connector="dgfip",
                label="Hélios",
                settings={
                    "siret": SUPPORT,
                    "idPost": "059018",
                    "codCol": "010",
                    "libelleColBud": "CH FICTIF DE VALMONT",
                    "finessJuridique": FINESS,
                    "coordonneesParDefaut": {
                        "adresse": FOURNISSEUR["adresse"],
                        "compteBancaire": FOURNISSEUR["compteBancaire"],
                    },
                    "baseUrl": urls["dgfip"],
                    "timeoutSeconds": 1.0,
                    "depot": str(folder / "dgfip" / "depot"),
                    "retour": str(folder / "dgfip" / "retour"),
                },
                **common,
            ),
        )
        services.partners.create(
            unit,
            NewPartner(
                id="gef_ideo_gelf",
                connector="gef_ideo_gelf",
                label="IDEO GELF",
                product_version="2.4",
                settings={
                    "etablissement": FINESS,
                    "ufParDefaut": "1000",
                    "compteParDefaut": "60222",
                    "baseUrl": urls["gef_ideo_gelf"],
                    "delaiSecondes": 1.0,
                    "dossierSortant": str(folder / "gef_ideo_gelf" / "depot"),
                    "dossierEntrant": str(folder / "gef_ideo_gelf" / "retour"),
                },
                **common,
            ),
        )
        if "daj" in urls:
            services.partners.create(
                unit,
                NewPartner(
                    id="daj",
                    connector="daj",
                    label="DAJ",
                    settings={
                        "baseUrl": urls["daj"],
                        "timeoutSeconds": 1.0,
                        "depot": str(folder / "daj" / "depot"),
                        "retour": str(folder / "daj" / "retour"),
                    },
                    **common,
                ),
            )


def make_folders(folder: Path, partners: Sequence[str] = PARTNERS) -> dict[str, MockConfig]:
    """The drop folders of the partners, and mocks that watch them."""
    configs = {}
    for name in partners:
        depot, retour = folder / name / "depot", folder / name / "retour"
        depot.mkdir(parents=True)
        retour.mkdir(parents=True)
        configs[name] = MockConfig(
            depot_dir=depot, retour_dir=retour, scan_seconds=0.05, received_dir=folder / "received"
        )
    return configs


@asynccontextmanager
async def open_bench(
    database_url: str, folder: Path, clock: Clock, *, dispatch: bool = True, partners: Sequence[str] = PARTNERS
) -> AsyncIterator[Bench]:
    """A hub at work, and its partners."""
    services = build(Settings(database_url=database_url, poll_seconds=0.2), clock=clock)
    configs = make_folders(folder, partners)
    async with running([MOCKS[name](config) for name, config in configs.items()]) as started:
        mocks = {one.mock.id: one for one in started}
        load_world(services)
        add_partners(services, {name: one.url for name, one in mocks.items()}, folder)
        dispatcher = build_dispatcher(services)
        task = asyncio.create_task(dispatcher.run()) if dispatch else None
        try:
            yield Bench(services, mocks)
        finally:
            if task is not None:
                dispatcher.stop()
                await asyncio.wait_for(task, 20)
            services.database.close()
