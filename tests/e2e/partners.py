"""Every partner that has a mock and two channels, told to a hub by any of them: what the tests of partners play on.

Nothing here names a partner that the registry and ``MOCKS`` do not find by themselves, but for what a wire of its own
asks for: a new partner joins as soon as its connector and its mock are there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import func, select

from mock_partners import MOCKS, Mock, MockConfig
from mock_partners.kit import MockClock, RunningMock, running
from semaphore_hub.api.hub import HubServices
from semaphore_hub.app import build, build_dispatcher
from semaphore_hub.delivery.partners import FILE, NewPartner
from semaphore_hub.delivery.registry import ConnectorRegistry, load_connectors
from semaphore_hub.delivery.tables import event
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.modules.referentiel.schemas import NouveauGht, NouvelEtablissement
from semaphore_hub.ports.manifest import Manifest
from tests.e2e.bench import FINESS, Bench
from tests.modules.samples import FOURNISSEUR, SUPPORT, SUPPORT_CH

T = TypeVar("T")
PASSWORD = "mot de passe fictif"
OVER_SFTP = frozenset({"gef_0904", "gef_eai_prodige"})
"""Those whose folders are served by SFTP, as in the table of the six GEF."""
GATED = frozenset({"gef_nc"})
"""Those that come to files by the version installed, not by an operator: the API is asked for, the gate says no."""
_ACCOUNT = {"client_id": "hub-fictif", "client_secret": PASSWORD}


@cache
def registry() -> ConnectorRegistry:
    """Every connector; loaded once."""
    return load_connectors()


def with_two_channels() -> list[str]:
    """Partners that a mock plays, and that may be reached by files or otherwise."""
    found = [one for one in registry().manifests() if one.id in MOCKS]
    return [one.id for one in found if one.channel(FILE) is not None and len(one.channels) > 1]


def kinds(*wanted: str) -> list[str]:
    """Those of a kind of partner."""
    return [one for one in with_two_channels() if manifest_of(one).kind in wanted]


def manifest_of(partner: str) -> Manifest:
    """Manifest of its connector."""
    return registry().get(partner).manifest


@dataclass(frozen=True, slots=True)
class Way:
    """How a partner is reached.

    Attributes:
        partner: its id, that of its connector and of its mock.
        channel: in use.
        asked: asked for; not the same behind a version gate.
        version: of the partner's product, installed.
    """

    partner: str
    channel: str
    asked: str
    version: str | None

    def __str__(self) -> str:
        return f"{self.partner}-{self.channel}"


def nominal(partner: str) -> Way:
    """By its first channel that is not files, its product being recent enough."""
    manifest = manifest_of(partner)
    gate = manifest.compatibility
    channel = next(one.id for one in manifest.channels if one.id != FILE)
    return Way(partner, channel, channel, gate.minimum if gate else None)


def degraded(partner: str) -> Way:
    """By files."""
    if partner in GATED:
        return Way(partner, FILE, nominal(partner).channel, "NC")
    return Way(partner, FILE, FILE, nominal(partner).version)


class Played(Bench):
    """A hub at work and one partner, by one way."""

    def __init__(self, services: HubServices, started: RunningMock, way: Way, folder: Path) -> None:
        super().__init__(services, {way.partner: started})
        self.way = way
        self.folder = folder
        self.url = started.url
        self.mock: Any = started.mock

    def write(self, act: Callable[[UnitOfWork], T]) -> T:
        """Do something in one transaction."""
        with self.services.database.write() as unit:
            return act(unit)

    async def settled(self) -> None:
        """Every event is said to whom it concerns, and the partner took and accepted everything."""
        await self.until(self._all_accepted, seconds=15)
        # Where no answer is awaited, a file is done with once it is put: the partner has still to take it.
        await self.until(lambda: not any(one.is_file() for one in (self.folder / "depot").iterdir()), seconds=5)

    def _all_accepted(self) -> bool:
        unrouted = select(func.count()).select_from(event).where(event.c.routed.is_(False))
        with self.services.database.read() as connection:
            if connection.execute(unrouted).scalar_one():
                return False
        return all(row.state == "ACKNOWLEDGED" for row in self.deliveries() if row.replaced_by is None)

    async def control(self, method: str, path: str, content: Any = None, *, status: int = 200) -> Any:
        """Ask something of the mock's control plane."""
        return await control(self.url, method, path, content, status=status)


def simulated(way: Way, folder: Path, clock: MockClock, *, sftp: bool = True, **options: Any) -> Mock:
    """The mock of a partner, with its two folders below ``folder`` and the credentials that go with its settings.

    Without ``sftp`` the hub uses the folders themselves, also those of a partner that serves them.
    """
    depot, retour, secrets = (folder / name for name in ("depot", "retour", "secrets"))
    for one in (depot, retour, secrets):
        one.mkdir(parents=True)
    (secrets / "MOT_DE_PASSE").write_text(PASSWORD, "utf-8")
    if sftp and way.partner in OVER_SFTP:
        options["sftp"] = {"port": 0, "user": "hub", "password": PASSWORD}
    if way.version is not None:
        options["version"] = way.version
    protected = {"apiKeySecret", "motDePasseSecret"} & set(_fields(way))
    config = MockConfig(
        depot_dir=depot,
        retour_dir=retour,
        scan_seconds=0.03,
        clock=clock,
        api_key=PASSWORD if protected else None,
        options={"etablissement": FINESS, **_ACCOUNT, **options},
    )
    return MOCKS[way.partner](config)


async def configure(services: HubServices, way: Way, started: RunningMock, folder: Path, **more: Any) -> None:
    """One GHT, one establishment, and the partner."""
    with services.database.write() as unit:
        services.referentiel.creer_ght(unit, LOCAL, NouveauGht(code="FIC-01", nom="GHT fictif"))
        services.referentiel.creer_etablissement(unit, LOCAL, NouvelEtablissement.model_validate(SUPPORT_CH))
    folders: dict[str, Any] = {name: str(folder / name) for name in ("depot", "retour")}
    if getattr(started.mock, "sftp", None) is not None:
        place = await control(started.url, "GET", "sftp")
        pinned = {"cleHote": place["hostKey"], "motDePasseSecret": "MOT_DE_PASSE"}
        folders = {name: {**pinned, "adresse": place[name]} for name in folders}
    fields = _fields(way)
    given = {name: value for name, value in _settings(started.url, folders).items() if name in fields}
    with services.database.write() as unit:
        services.partners.create(unit, _partner(way, given, **more))


async def control(url: str, method: str, path: str, content: Any = None, *, status: int = 200) -> Any:
    """Ask something of a mock's control plane."""
    async with httpx.AsyncClient(base_url=url, timeout=10) as client:
        answer = await client.request(method, f"/_mock/{path}", json=content)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


@asynccontextmanager
async def played(template: Path, folder: Path, clock: Clock, way: Way, **options: Any) -> AsyncIterator[Played]:
    """A hub with one GHT, one establishment and one partner; no supplier yet.

    Args:
        template: a migrated SQLite file, copied.
        folder: for the database, the folders exchanged and the secrets; made when it is missing.
        clock: of the hub and of the mock.
        way: how the partner is reached.
        options: of the mock; those it does not have are left aside by it.
    """
    mock_clock = MockClock()
    mock_clock.set(clock.now())
    async with running([simulated(way, folder, mock_clock, **options)]) as [started]:
        (folder / "hub.db").write_bytes(template.read_bytes())
        services = build(
            Settings(database_url=f"sqlite:///{folder / 'hub.db'}", poll_seconds=0.05, secrets_dir=folder / "secrets"),
            clock=clock,
            registry=registry(),
        )
        await configure(services, way, started, folder)
        dispatcher = build_dispatcher(services)
        task = asyncio.create_task(dispatcher.run())
        try:
            yield Played(services, started, way, folder)
        finally:
            dispatcher.stop()
            await asyncio.wait_for(task, 20)
            services.database.close()


def _fields(way: Way) -> Mapping[str, Any]:
    return registry().get(way.partner).settings_model.model_fields


def _partner(way: Way, settings: dict[str, Any], **more: Any) -> NewPartner:
    return NewPartner(
        id=way.partner,
        connector=way.partner,
        label=f"{way.partner} simulé",
        ght="FIC-01",
        siret=SUPPORT if manifest_of(way.partner).kind == "gef" else None,
        settings=settings,
        channel=way.asked,
        product_version=way.version,
        retry_schedule=("50ms", "100ms", "200ms", "300ms", "500ms", "1s", "2s"),
        poll_ms=40,
        breaker_ms=100,
        **more,
    )


def _settings(url: str, folders: Mapping[str, Any]) -> dict[str, Any]:
    """What the connectors' settings are made of, by the names they use; each takes those it has."""
    return {
        "baseUrl": url,
        "timeoutSeconds": 5.0,
        "delaiSecondes": 5.0,
        "depot": folders["depot"],
        "retour": folders["retour"],
        "dossierSortant": folders["depot"],
        "dossierEntrant": folders["retour"],
        "apiKeySecret": "MOT_DE_PASSE",
        "motDePasseSecret": "MOT_DE_PASSE",
        "clientSecretSecret": "MOT_DE_PASSE",
        "clientId": _ACCOUNT["client_id"],
        "login": "semaphore",
        "organisme": "x7y",
        "releveContratsMinutes": 0,
        "etablissement": FINESS,
        "ufParDefaut": "1000",
        "compteParDefaut": "6022",
        "siret": SUPPORT,
        "idPost": "059018",
        "codCol": "010",
        "libelleColBud": "CH FICTIF DE VALMONT",
        "finessJuridique": FINESS,
        "coordonneesParDefaut": {
            "adresse": FOURNISSEUR["adresse"],
            "compteBancaire": FOURNISSEUR["compteBancaire"],
        },
    }
