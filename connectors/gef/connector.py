"""The connector of any GEF of the common model: a manifest, settings, and one wire for each channel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from pydantic import BaseModel

from connectors.gef import losses, mapping, parsing
from connectors.gef.model import FILE_TYPES, MARCHE_KINDS, Document
from connectors.gef.reading_back import tells
from connectors.gef.settings import GefSettings
from connectors.gef.wire import CSV, Link, Wire
from semaphore_hub.ports.champs import Champs
from semaphore_hub.ports.connector import (
    Health,
    Inbound,
    Interpretation,
    Message,
    Outgoing,
    Receipt,
    RenderContext,
    SecretReader,
    Transport,
)
from semaphore_hub.ports.events import Event
from semaphore_hub.ports.manifest import Manifest
from semaphore_hub.ports.outcomes import Outcome

_EXECUTION = ("sousTraitants", "tranches", "reconductions")


class GefConnector:
    """One object for every configured instance of a kind of GEF; it keeps no state."""

    def __init__(self, manifest: Manifest, settings_model: type[GefSettings], wires: Mapping[str, Wire]) -> None:
        self.manifest = manifest
        self.settings_model: type[BaseModel] = settings_model
        self._wires = dict(wires)

    def translate(self, event: Event, channel: str, context: RenderContext) -> list[Message]:
        """One message per event. See ``Connector.translate``."""
        settings = context.settings
        assert isinstance(settings, GefSettings)
        kind, document, lost = mapping.say(event, settings)
        spec = self.manifest.channel(channel)
        assert spec is not None, f"the manifest has no channel {channel}"
        syntax = self._wires[channel].syntax
        if syntax is CSV and _has_execution(kind, document):
            lost = (*lost, losses.IN_CSV)
        day = f"{context.rendered_on:%Y%m%d}"
        return [
            Message(
                type=kind,
                body=syntax.write(document),
                media_type=syntax.media_type,
                contract=spec.contracts[kind],
                filename=f"SEM_{FILE_TYPES[kind]}_{settings.etablissement}_{day}_{context.ordinal:05d}.{syntax.suffix}",
                reference=mapping.message_id(event),
                business_ref=mapping.business_ref(document),
                losses=lost,
            )
        ]

    def tells(self, message: str, body: bytes) -> Champs:
        """See :func:`connectors.gef.reading_back.tells`."""
        return tells(message, body)

    def interpret(self, document: Inbound) -> Interpretation:
        """Acknowledgements, or one command per flux. See ``Connector.interpret``."""
        return parsing.interpret(document)

    def open(self, channel: str, settings: BaseModel, secrets: SecretReader) -> Transport:
        """A link by that channel's wire. See ``Connector.open``."""
        assert isinstance(settings, GefSettings)
        return self._wires[channel].open(channel, settings, secrets)

    async def deliver(self, outgoing: Outgoing, transport: Transport) -> Receipt:
        """See ``Connector.deliver``."""
        return await _link(transport).deliver(outgoing)

    def collect(self, transport: Transport) -> AsyncIterator[Inbound]:
        """See ``Connector.collect``."""
        return _link(transport).collect()

    async def confirm(self, document: Inbound, transport: Transport) -> None:
        """Nothing waits at the partner for what came back with a receipt. See ``Connector.confirm``."""
        if document.token:
            await _link(transport).confirm(document)

    async def check(self, transport: Transport) -> Health:
        """Connection, then credentials. See ``Connector.check``."""
        try:
            return Health(True, await _link(transport).check())
        except Outcome as outcome:
            return Health(False, outcome.reason)


def _link(transport: Transport) -> Link:
    assert isinstance(transport, Link)
    return transport


def _has_execution(kind: str, document: Document) -> bool:
    return kind in MARCHE_KINDS and any(name in document["marche"] for name in _EXECUTION)
