"""The connector of PLACE: two generations of web services, and files exchanged by hand for what they do not offer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from connectors.place import collecting, mapping, parsing, rendering
from connectors.place.collecting import PlaceApi
from connectors.place.mpe_v1 import MpeV1
from connectors.place.mpe_v2 import MpeV2
from connectors.place.settings import PlaceSettings
from connectors.transports.filedrop import FileDrop
from connectors.transports.http import HttpTransport
from semaphore_hub.kernel.clock import Clock, SystemClock
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
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome

JSON_LD, CSV = "application/ld+json", "text/csv; charset=utf-8"
EXPORTED = r"[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,150}\.(?i:csv|json|xml)"
"""Names that a person gives: spaces and accents included."""
_MEDIA_TYPES = {"csv": "text/csv", "json": "application/json", "xml": "application/xml"}
AT_THE_AWARD = "avant_attribution"
"""Declared loss: what happens to a marché after its award is not said to PLACE."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The file channel: where the buyer takes what to import, and puts what was exported."""

    outgoing: FileDrop
    incoming: FileDrop

    @property
    def watched(self) -> tuple[Path, ...]:
        """Where files arrive."""
        return (self.incoming.root,)

    async def close(self) -> None:
        """Nothing to release."""


class PlaceConnector:
    """One object for every organisation at PLACE; it keeps no state.

    Args:
        clock: which months of contracts are read, and how often.
    """

    settings_model: type[BaseModel] = PlaceSettings

    def __init__(self, manifest: Manifest, clock: Clock) -> None:
        self.manifest = manifest
        self._clock = clock

    def translate(self, event: Event, channel: str, context: RenderContext) -> list[Message]:
        """One message per event of a buyer of this organisation. See ``Connector.translate``."""
        settings = context.settings
        assert isinstance(settings, PlaceSettings)
        said = mapping.say(event, settings, context)
        if said is None:
            return []
        spec = self.manifest.channel(channel)
        assert spec is not None, f"the manifest has no channel {channel}"
        as_file = channel == "file"
        name = f"PLACE_{settings.organisme}_{context.rendered_on:%Y%m%d}_{context.ordinal:05d}"
        return [
            Message(
                type=said.kind,
                body=rendering.to_csv(said) if as_file else rendering.to_json(said),
                media_type=CSV if as_file else JSON_LD,
                contract=spec.contracts[said.kind],
                filename=f"{name}.csv" if as_file else f"{name}.json",
                reference=f"SEM-{event.id}",
                business_ref=said.business_ref,
                losses=(AT_THE_AWARD,),
            )
        ]

    def tells(self, message: str, body: bytes) -> Champs:  # noqa: ARG002 - arguments of the protocol
        """Nothing of a marché: messages are about its procedure, and stop at the award. See ``Connector.tells``."""
        return {}

    def interpret(self, document: Inbound) -> Interpretation:
        """Consultations and contracts, as commands. See ``Connector.interpret``."""
        return parsing.interpret(document)

    def open(self, channel: str, settings: BaseModel, secrets: SecretReader) -> Transport:
        """The platform, or the two folders. See ``Connector.open``."""
        assert isinstance(settings, PlaceSettings)
        if channel == "file":
            if settings.dossierSortant is None or settings.dossierEntrant is None:
                raise Misconfigured("dossierSortant and dossierEntrant are needed by the channel file")
            return Folders(FileDrop(settings.dossierSortant), FileDrop(settings.dossierEntrant, pattern=EXPORTED))
        if settings.baseUrl is None or settings.login is None or settings.motDePasseSecret is None:
            raise Misconfigured("baseUrl, login and motDePasseSecret are needed by the channel api")
        account = settings.login, secrets(settings.motDePasseSecret), settings.organisme
        http = HttpTransport(settings.baseUrl, timeout_seconds=settings.delaiSecondes)
        return PlaceApi(http, MpeV1(http, *account), MpeV2(http, *account), settings, self._clock)

    async def deliver(self, outgoing: Outgoing, transport: Transport) -> Receipt:
        """Write to the platform, or leave the file for the buyer. See ``Connector.deliver``.

        Raises:
            NotOffered: the platform does not offer this operation (501); the engine then leaves a file.
        """
        if isinstance(transport, Folders):
            await transport.outgoing.put_atomic(outgoing.message.filename, outgoing.message.body)
            return Receipt(reference=outgoing.message.filename)
        assert isinstance(transport, PlaceApi)
        return await transport.consultations.write(outgoing)

    async def collect(self, transport: Transport) -> AsyncIterator[Inbound]:
        """What changed at the platform, or exported files, oldest first. See ``Connector.collect``."""
        if isinstance(transport, Folders):
            # Claimed before a crash and never confirmed: read again, the inbox recognises what it already has.
            for name in [*await transport.incoming.claimed(), *await transport.incoming.waiting()]:
                file = await transport.incoming.claim(name)
                if file is not None:
                    media_type = _MEDIA_TYPES[name.rpartition(".")[2].lower()]
                    yield Inbound(name, file.body, media_type, "file", token=name)
            return
        assert isinstance(transport, PlaceApi)
        async for document in collecting.collect(transport):
            yield document

    async def confirm(self, document: Inbound, transport: Transport) -> None:
        """Remember it, or archive the file. See ``Connector.confirm``."""
        if isinstance(transport, Folders):
            await transport.incoming.archive(document.token)
            return
        assert isinstance(transport, PlaceApi)
        transport.remember(document.token)

    async def check(self, transport: Transport) -> Health:
        """Folders there and writable, or the platform answers to our account. See ``Connector.check``."""
        try:
            if isinstance(transport, Folders):
                await transport.outgoing.check()
                await transport.incoming.check()
                return Health(True, "les deux dossiers sont accessibles")
            assert isinstance(transport, PlaceApi)
            return Health(True, await _offered(transport))
        except Outcome as outcome:
            return Health(False, outcome.reason)


def create(manifest: Manifest) -> PlaceConnector:
    """The connector, for the registry."""
    return PlaceConnector(manifest, SystemClock())


async def _offered(api: PlaceApi) -> str:
    """Which of the two generations of web services answer to our account.

    Raises:
        Outcome: neither is offered, or one of them refuses us.
    """
    said = []
    try:
        absent = await api.consultations.check()
        said.append("MPE v2 répond" + (f", sans {', '.join(absent)}" if absent else ""))
    except NotOffered:
        said.append("MPE v2 n'est pas offert")
    try:
        await api.contracts.sign_in()
        said.append("MPE v1 répond")
    except NotOffered:
        if "MPE v2 n'est pas offert" in said:
            raise
        said.append("MPE v1 n'est pas offert")
    return " ; ".join(said)
