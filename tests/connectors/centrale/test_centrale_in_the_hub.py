"""Adhesions from the hub to a simulated cooperative and back: states, marchés and refusals as the modules take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mock_partners.centrale.mock import CentraleMock
from semaphore_hub.api.hub import HubServices
from semaphore_hub.app import build
from semaphore_hub.delivery.event_log import SqlEventLog, list_events
from semaphore_hub.delivery.inbound import InboundService, InboxStatus
from semaphore_hub.delivery.partners import NewPartner, Partner
from semaphore_hub.imports.centrale import CentraleReport, importer_marches
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import UnitOfWork, metadata
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.modules.marches.adhesions.schemas import (
    AdhesionVue,
    AvanceeAdhesion,
    DemandeAdhesion,
    Signature,
    Ventilation,
)
from semaphore_hub.modules.referentiel.schemas import NouveauGht, NouvelEtablissement
from semaphore_hub.ports.connector import Command, Inbound, Outgoing, RenderContext, Transport
from tests.connectors.centrale.centrale_cases import (
    CHANNELS,
    CONNECTORS,
    collected,
    folders,
    reached,
    settings,
    simulated,
)

GHT, VALMONT, RIVEBELLE = "FIC-01", "26999901700016", "26999902500019"
HOSPITALS = ((VALMONT, "CH Fictif de Valmont", "990780017", "support"), (RIVEBELLE, "CH Fictif", "990780025", "partie"))


@dataclass
class Hub:
    """The services of a hub, whose inbox speaks to the two modules, and one cooperative in front of it."""

    name: str
    channel: str
    services: HubServices
    mock: CentraleMock
    transport: Transport
    reports: list[CentraleReport] = field(default_factory=list)
    products: list[Mapping[str, Any]] = field(default_factory=list)
    sent: int = 0

    def __post_init__(self) -> None:
        with self.services.database.write() as unit:
            referentiel = self.services.referentiel
            referentiel.creer_ght(unit, LOCAL, NouveauGht(code=GHT, nom="GHT fictif"))
            for siret, nom, finess, role in HOSPITALS:
                new = {"siret": siret, "nom": nom, "finessJuridique": finess, "ght": GHT, "role": role}
                hospital = NouvelEtablissement.model_validate({**new, "dateDebut": "2016-07-01"})
                referentiel.creer_etablissement(unit, LOCAL, hospital)
            self.partner = self.services.partners.create(
                unit,
                NewPartner(
                    id=self.name,
                    connector=self.name,
                    label=self.name,
                    ght=GHT,
                    siret=None,
                    settings={"etablissement": "990780017"},
                    product_version=None,
                    channel=self.channel,
                    retry_schedule=None,
                    poll_ms=1000,
                    breaker_ms=1000,
                    fallback_after_ms=None,
                ),
            )
        handlers = {
            "centrale.adhesion": self._adhesion,
            "centrale.marches": self._marches,
            "centrale.produits": lambda _unit, _partner, command: self.products.append(command.data),
        }
        services = self.services
        log = SqlEventLog(services.database)
        self.inbound = InboundService(services.database, services.registry, log, services.clock, handlers)

    def _adhesion(self, unit: UnitOfWork, partner: Partner, command: Command) -> None:
        said = AvanceeAdhesion.model_validate(dict(command.data))
        self.services.adhesions.avancer(unit, partner.connector, said)

    def _marches(self, unit: UnitOfWork, partner: Partner, command: Command) -> None:
        self.reports.append(importer_marches(unit, self.services, LOCAL, partner.connector, GHT, command.data))

    def ask(self, siret: str, numero: str = "M_2001") -> str:
        """A demand; its uid."""
        asked = {"centrale": self.name, "numeroMarche": numero, "lot": 1, "etablissement": siret}
        demande = DemandeAdhesion.model_validate({**asked, "dateEntree": "2026-12-01", "besoinTTC": "5000.00"})
        with self.services.database.write() as unit:
            return self.services.adhesions.demander(unit, LOCAL, demande).uid

    def adhesion(self, uid: str) -> AdhesionVue:
        with self.services.database.read() as connection:
            return self.services.adhesions.lire(connection, LOCAL, uid)

    async def say(self) -> list[Inbound]:
        """Send what the last event of an adhesion says; everything that came back, received and applied."""
        events = [one for _, one in list_events(self.services.database, LOCAL, limit=500)]
        last = [one for one in events if one.type.startswith("fr.semaphore.adhesion") and "avancee" not in one.type][-1]
        self.sent += 1
        context = RenderContext(self.name, settings(self.name), self.services.clock.today(), 1, self.sent)
        [message] = CONNECTORS[self.name].translate(last, self.channel, context)
        await CONNECTORS[self.name].deliver(Outgoing(message, message.reference), self.transport)
        if self.channel == "file":
            await self.mock.scan()
        came = await collected(self.name, self.transport)
        return [one for one in came if not self._is_answer(one)]

    def _is_answer(self, document: Inbound) -> bool:
        """Acknowledgements are the engine's: no delivery waits for them here."""
        return bool(CONNECTORS[self.name].interpret(document).acknowledgements)

    def receive(self, documents: list[Inbound]) -> list[InboxStatus]:
        return [self.inbound.receive(self.partner, one).status for one in documents]

    async def join(self, siret: str) -> str:
        """The whole workflow of one hospital."""
        uid = self.ask(siret)
        self.receive(await self.say())
        with self.services.database.write() as unit:
            version = self.adhesion(uid).version
            self.services.adhesions.signer(unit, LOCAL, uid, version, Signature(signataire="Direction fictive"))
        self.receive(await self.say())
        with self.services.database.write() as unit:
            choice = Ventilation(etablissementFacture=VALMONT)
            self.services.adhesions.ventiler(unit, LOCAL, uid, self.adhesion(uid).version, choice)
        came = await self.say()
        assert set(self.receive(came)) == {InboxStatus.PROCESSED}
        # The last state and the marchés said again, under other names, change nothing.
        again = [one for one in came if one is came[-1] or b"-MAR-" in one.body]
        copies = [Inbound(f"bis-{one.name}", one.body, one.media_type, one.channel) for one in again]
        assert set(self.receive(copies)) == {InboxStatus.PROCESSED}
        return uid


@pytest.fixture(params=CHANNELS, ids="-".join)
def hub(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub in front of an automatic cooperative, by one channel."""
    name, channel = request.param
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    services = build(Settings(database_url=url), clock=ManualClock(datetime(2026, 12, 1, 8, tzinfo=UTC)))
    metadata.create_all(services.database.engine)
    options = {"automatique": True}
    if channel == "api":
        mock = simulated(name, options=options)
        transport = reached(monkeypatch, name, mock)
    else:
        mock = simulated(name, tmp_path, options=options)
        transport = folders(name, tmp_path)
    yield Hub(name, channel, services, mock, transport)
    services.database.close()


async def test_an_adhesion_becomes_active_and_its_marche_is_in_the_hub(hub: Hub) -> None:
    uid = await hub.join(VALMONT)
    adhesion = hub.adhesion(uid)
    assert (adhesion.statut, adhesion.etablissementFacture) == ("active", VALMONT)
    assert str(adhesion.dateFin) == "2029-09-30", "the end of the marché, as the cooperative says it"
    first, again = hub.reports
    assert [one.resultat.value for one in first.lots] == ["complete"]
    assert [one.resultat.value for one in again.lots] == ["inchange"]
    assert first.motif() is None
    with hub.services.database.read() as connection:
        assert first.lots[0].uid is not None
        marche = hub.services.marches.lire(connection, LOCAL, first.lots[0].uid)
    assert marche.acheteur.id == hub.mock.siret
    assert [one.id for one in marche.beneficiaires] == [VALMONT]
    assert f"{marche.id};1;" in hub.products[0]["contenu"], "the products name the marché of the lot"


async def test_a_second_hospital_is_attached_to_the_same_marche(hub: Hub) -> None:
    await hub.join(VALMONT)
    await hub.join(RIVEBELLE)
    assert [one.lots[0].resultat.value for one in hub.reports] == ["complete", "inchange", "rattache", "inchange"]
    assert hub.reports[2].lots[0].rattaches == (RIVEBELLE,)


async def test_a_contested_fee_ends_the_adhesion_and_the_hospital_may_ask_again(hub: Hub) -> None:
    hub.mock.faults.replace([], ["redevance_contestee*1"])
    uid = await hub.join(VALMONT)
    adhesion = hub.adhesion(uid)
    assert (adhesion.statut, adhesion.motif) == ("refusee", "La redevance est contestée par l'établissement facturé.")
    assert hub.reports == []
    assert hub.adhesion(await hub.join(VALMONT)).statut == "active"


async def test_a_refused_demand_is_refused_in_the_hub_too(hub: Hub) -> None:
    uid = hub.ask(VALMONT, "M_9999")
    hub.sent += 1
    [event] = [one for _, one in list_events(hub.services.database, LOCAL) if one.type.endswith("demandee.v1")]
    context = RenderContext(hub.name, settings(hub.name), hub.services.clock.today(), 1, hub.sent)
    [message] = CONNECTORS[hub.name].translate(event, hub.channel, context)
    receipt = await CONNECTORS[hub.name].deliver(Outgoing(message, message.reference), hub.transport)
    if hub.channel == "file":
        await hub.mock.scan()
    [answer] = [receipt.response] if receipt.response is not None else await collected(hub.name, hub.transport)
    for command in CONNECTORS[hub.name].interpret(answer).commands:
        with hub.services.database.write() as unit:
            hub._adhesion(unit, hub.partner, command)
    assert hub.adhesion(uid).statut == "refusee"
    assert "MARCHE_INCONNU" in (hub.adhesion(uid).motif or "")
    assert hub.ask(VALMONT, "M_9999") != uid
