"""A connector, a partner's server and an engine small enough to read, for tests of the engine alone."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import contracts
from contracts import Finding, Report
from semaphore_hub.delivery.collector import Collector
from semaphore_hub.delivery.dispatcher import Dispatcher
from semaphore_hub.delivery.event_log import SqlEventLog
from semaphore_hub.delivery.fallback import FallbackPolicy
from semaphore_hub.delivery.inbound import InboundService
from semaphore_hub.delivery.lanes import Lanes
from semaphore_hub.delivery.operations import DeliveryOperations
from semaphore_hub.delivery.partners import NewPartner, Partner, PartnerService
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.router import Router
from semaphore_hub.delivery.tables import delivery
from semaphore_hub.delivery.transports import SecretStore, TransportPool
from semaphore_hub.delivery.wake import Waker
from semaphore_hub.delivery.watching import FolderWatch
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.ports.connector import (
    Acknowledgement,
    Health,
    Inbound,
    Interpretation,
    Message,
    Outgoing,
    Receipt,
    RenderContext,
    SecretReader,
    Verdict,
)
from semaphore_hub.ports.events import MARCHE_CORRIGE, MARCHE_MODIFIE, MARCHE_NOTIFIE, Event
from semaphore_hub.ports.manifest import Manifest
from semaphore_hub.ports.outcomes import Outcome, Unreadable, Unsupported

CONTRACT = "fake/message/1"
SIRET = "26999901700016"


class FakeSettings(BaseModel):
    """Settings of a fake instance."""

    secret: str | None = None


@dataclass
class FakePartner:
    """The other end: remembers effects by idempotency key, answers what the script says, else accepts."""

    script: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    effects: dict[str, str] = field(default_factory=dict)
    received: list[tuple[str, str]] = field(default_factory=list)
    waiting: list[Inbound] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    inline: bool = True
    pause: float = 0.0
    at_once: int = 0
    most_at_once: int = 0


class FakeTransport:
    """Reaches the fake partner without a network."""

    def __init__(self, partner: FakePartner, watched: tuple[Path, ...] = ()) -> None:
        self.partner = partner
        self.watched = watched

    async def close(self) -> None:
        """Nothing to release."""


class FakeConnector:
    """Speaks JSON of one line; everything about its behaviour is scripted by the test."""

    settings_model = FakeSettings

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.partners: dict[str, FakePartner] = defaultdict(FakePartner)
        self.healthy = True
        self.watched: tuple[Path, ...] = ()

    def translate(self, event: Event, channel: str, context: RenderContext) -> list[Message]:
        if event.data.get("indicible"):
            raise Unsupported("cannot be said to this partner")
        if event.data.get("defaut"):
            raise ZeroDivisionError("a defect")
        reference = f"{context.partner}-{context.ordinal:04d}-{event.subject}-{event.version}"
        body = {
            "reference": reference,
            "sequence": context.sequence,
            "subject": event.subject,
            "version": event.version,
            "replaces": context.replaces_rejected,
            "channel": channel,
            "invalid": bool(event.data.get("invalide")),
        }
        return [
            Message(
                type="fiche",
                body=json.dumps(body).encode(),
                media_type="application/json",
                contract=CONTRACT,
                filename=f"{reference.replace('/', '_')}.json",
                reference=reference,
                business_ref=event.subject,
            )
        ]

    def interpret(self, document: Inbound) -> Interpretation:
        try:
            data = json.loads(document.body)
        except ValueError as error:
            raise Unreadable("Ce n'est pas du JSON : renvoyer le fichier.") from error
        return Interpretation((acknowledgement(data["reference"], data["verdict"], data.get("about")),))

    def open(self, channel: str, settings: BaseModel, secrets: SecretReader) -> FakeTransport:
        assert isinstance(settings, FakeSettings)
        if settings.secret is not None:
            secrets(settings.secret)
        return FakeTransport(self.partners[channel], self.watched)

    async def deliver(self, outgoing: Outgoing, transport: Any) -> Receipt:
        partner: FakePartner = transport.partner
        body = json.loads(outgoing.message.body)
        partner.at_once += 1
        partner.most_at_once = max(partner.most_at_once, partner.at_once)
        await asyncio.sleep(partner.pause)
        partner.at_once -= 1
        partner.received.append((body["subject"], body["reference"]))
        step = partner.script[body["subject"]].pop(0) if partner.script[body["subject"]] else "ok"
        if isinstance(step, tuple):  # processed, and yet the hub does not learn it
            partner.effects.setdefault(outgoing.idempotency_key, body["reference"])
            step = step[0]
        if isinstance(step, Outcome):
            raise step
        if isinstance(step, Exception):
            raise step
        if step == "ok":
            partner.effects.setdefault(outgoing.idempotency_key, body["reference"])
        verdict = "rejected" if step == "refuse" else "accepted"
        answer = json.dumps({"reference": body["reference"], "verdict": verdict, "about": body["subject"]}).encode()
        name = f"ACK_{body['reference']}_{len(partner.received)}"
        document = Inbound(name, b"garbage" if step == "garbage" else answer, "application/json", "api", name)
        if partner.inline:
            return Receipt(reference=name, status=200, response=document)
        if step != "silence":
            partner.waiting.append(document)
        return Receipt(reference=name, status=202)

    async def collect(self, transport: Any) -> AsyncIterator[Inbound]:
        for document in list(transport.partner.waiting):
            yield document

    async def confirm(self, document: Inbound, transport: Any) -> None:
        transport.partner.waiting.remove(document)
        transport.partner.confirmed.append(document.name)

    async def check(self, transport: Any) -> Health:
        return Health(ok=self.healthy, detail="")


def acknowledgement(reference: str, verdict: str, about: str | None = None) -> Acknowledgement:
    """An answer to one message."""
    return Acknowledgement(reference, Verdict(verdict), business_ref=about, code="C1", message=f"verdict {verdict}")


def manifest(*, idempotent: bool = True, ordering: str = "receipt", deadline: int | None = 3600) -> Manifest:
    """A manifest that hears the three events of a marché."""
    return Manifest.model_validate(
        {
            "id": "fake",
            "name": "Fake",
            "kind": "autre",
            "status": "assumed",
            "description": "for tests",
            "idempotent": idempotent,
            "channels": [
                {"id": "api", "label": "API", "contracts": {"fiche": CONTRACT}},
                {"id": "file", "label": "Fichier", "contracts": {"fiche": CONTRACT}},
            ],
            "messages": [
                {
                    "event": event,
                    "message": "fiche",
                    "audience": "acheteur",
                    "ordering": ordering,
                    "acknowledgement": True,
                    "deadline_seconds": deadline,
                }
                for event in (MARCHE_NOTIFIE, MARCHE_MODIFIE, MARCHE_CORRIGE)
            ],
            "retry_schedule": ["20ms", "20ms", "20ms"],
            "compatibility": {"product": "Fake GEF", "minimum": "2.0"},
        }
    )


class Engine:
    """The whole engine on one database, with the fake connector in it."""

    def __init__(self, database: Database, clock: ManualClock, described: Manifest) -> None:
        self.database = database
        self.clock = clock
        self.waker = Waker()
        self.log = SqlEventLog(database, self.waker.wake_router)
        self.connector = FakeConnector(described)
        self.registry = ConnectorRegistry({"fake": self.connector})
        self.partners = PartnerService(database, self.registry)
        self.router = Router(database, self.registry, self.partners, clock)
        self.inbound = InboundService(database, self.registry, self.log, clock, on_release=self.waker.wake)
        self.operations = DeliveryOperations(database, self.registry, self.partners, clock)
        self.lanes = Lanes(database, self.partners, self.inbound, self.operations, lease_ms=60_000)
        self.transports = TransportPool(self.registry, self.partners, SecretStore(None))
        self.fallback = FallbackPolicy(
            database, self.registry, self.partners, self.operations, self.transports, self.waker.wake
        )
        self.collector = Collector(
            database, self.registry, self.partners, self.transports, self.inbound, lease_ms=60_000
        )
        self.versions: dict[str, int] = defaultdict(int)

    @property
    def api(self) -> FakePartner:
        """The partner's end of the API channel."""
        return self.connector.partners["api"]

    @property
    def file(self) -> FakePartner:
        """The partner's end of the file channel."""
        return self.connector.partners["file"]

    def dispatcher(self) -> Dispatcher:
        """A dispatcher on this engine."""
        return Dispatcher(
            self.database,
            self.registry,
            self.router,
            self.lanes,
            self.transports,
            self.collector,
            self.inbound,
            self.fallback,
            FolderWatch(self.database, self.transports),
            self.waker,
            poll_seconds=0.05,
        )

    def partner(self, partner_id: str = "fake_1", **changes: Any) -> Partner:
        """Configure an instance."""
        values: dict[str, Any] = {
            "id": partner_id,
            "connector": "fake",
            "label": "Fake",
            "siret": SIRET,
            "settings": {},
            "channel": "api",
            "product_version": "2.1",
            "poll_ms": 20,
            "breaker_ms": 50,
        }
        with self.database.write() as unit:
            return self.partners.create(unit, NewPartner(**{**values, **changes}))

    def publish(self, subject: str, type_: str = MARCHE_NOTIFIE, siret: str = SIRET, **data: Any) -> Event:
        """Write one event, with the next version of its subject."""
        self.versions[subject] += 1
        event = Event(
            id=new_id(),
            type=type_,
            subject=subject,
            version=self.versions[subject],
            time=datetime(2026, 3, 2, tzinfo=UTC),
            ght=None,
            data={"marche": {"acheteur": {"siret": siret}, "beneficiaires": []}, **data},
        )
        with self.database.write() as unit:
            self.log.append(unit, event)
        return event

    def rows(self, **criteria: Any) -> list[Any]:
        """Deliveries, in the order of their lanes."""
        query = delivery.select().order_by(delivery.c.lane_key, delivery.c.position)
        for name, value in criteria.items():
            query = query.where(delivery.c[name] == value)
        with self.database.read() as connection:
            return list(connection.execute(query))

    def states(self, subject: str | None = None) -> list[str]:
        """States of the deliveries, in the order of their lanes."""
        return [row.state for row in self.rows(**({"lane_key": subject} if subject else {}))]


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[Dispatcher]:
    """A dispatcher that works while the block runs."""
    dispatcher = engine.dispatcher()
    task = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        dispatcher.stop()
        await asyncio.wait_for(task, 20)


async def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait for a condition; fail when it does not come true in time."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def fake_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``contracts.validate`` know the fake contract: a body that says "invalid": true breaks it."""
    real = contracts.validate

    def validate(contract_id: str, body: bytes) -> Report:
        if contract_id != CONTRACT:
            return real(contract_id, body)
        broken = json.loads(body).get("invalid", False)
        finding = Finding("FAKE-1", "error", "$.invalid", 1, "Corriger le champ « invalid ».")
        return Report(contract_id, (finding,) if broken else ())

    monkeypatch.setattr(contracts, "validate", validate)
    monkeypatch.setattr(contracts, "recognise", lambda body, name=None: None)
