"""The connector of any buying cooperative of this kit: a manifest, settings and a way to prove who we are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
from pydantic import BaseModel

from connectors.centrale import files, mapping, parsing
from connectors.centrale.files import FileLink
from connectors.centrale.model import ADHESION, OUTBOUND_FILE_TYPE, format_key
from connectors.centrale.rendering import SYNTAXES
from connectors.centrale.rest import RestLink
from connectors.centrale.settings import CentraleSettings
from connectors.transports.http import HttpTransport
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
from semaphore_hub.ports.outcomes import Misconfigured, Outcome

Credentials = Callable[[CentraleSettings, SecretReader], httpx.Auth | None]
"""How we prove who we are; raises Misconfigured when a setting is missing."""


class CentraleConnector:
    """One object for every configured instance of a cooperative; it keeps no state."""

    def __init__(self, manifest: Manifest, settings_model: type[CentraleSettings], credentials: Credentials) -> None:
        self.manifest = manifest
        self.settings_model: type[BaseModel] = settings_model
        self._credentials = credentials
        self._inbound = frozenset(one for channel in manifest.channels for one in channel.inbound)

    def translate(self, event: Event, channel: str, context: RenderContext) -> list[Message]:
        """One message per event. See ``Connector.translate``."""
        settings = context.settings
        assert isinstance(settings, CentraleSettings)
        document, losses = mapping.say(event, self.manifest.id, settings.emetteur)
        spec = self.manifest.channel(channel)
        assert spec is not None, f"the manifest has no channel {channel}"
        syntax = SYNTAXES[channel]
        day = f"{context.rendered_on:%Y%m%d}"
        name = f"SEM_{OUTBOUND_FILE_TYPE}_{settings.etablissement}_{day}_{context.ordinal:05d}.{syntax.suffix}"
        return [
            Message(
                type=ADHESION,
                body=syntax.write(document, self.manifest.id),
                media_type=syntax.media_type,
                contract=spec.contracts[ADHESION],
                filename=name,
                reference=document["idMessage"],
                business_ref=document["adhesion"]["uid"],
                losses=losses,
            )
        ]

    def tells(self, message: str, body: bytes) -> Champs:  # noqa: ARG002 - arguments of the protocol
        """Nothing: an adhesion is not a marché. See ``Connector.tells``."""
        return {}

    def interpret(self, document: Inbound) -> Interpretation:
        """See :func:`connectors.centrale.parsing.interpret`."""
        return parsing.interpret(document, self.manifest.id, self._inbound)

    def open(self, channel: str, settings: BaseModel, secrets: SecretReader) -> Transport:
        """The API, or the two folders. See ``Connector.open``."""
        assert isinstance(settings, CentraleSettings)
        if channel == "file":
            return files.opened(settings, secrets, self.manifest.id)
        if settings.baseUrl is None:
            raise Misconfigured("baseUrl is needed by the channel api")
        auth = self._credentials(settings, secrets)
        client = HttpTransport(settings.baseUrl, auth=auth, tls=settings.tls, timeout_seconds=settings.delaiSecondes)
        return RestLink(client, format_key(self.manifest.id), self.interpret)

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


def _link(transport: Transport) -> RestLink | FileLink:
    assert isinstance(transport, RestLink | FileLink)
    return transport
