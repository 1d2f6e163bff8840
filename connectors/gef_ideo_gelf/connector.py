"""The connector of IDEO GELF: REST with an API key, or CSV files in a folder when the API cannot be used."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel

from connectors.gef_ideo_gelf import mapping, parsing, rendering
from connectors.gef_ideo_gelf.reading_back import tells
from connectors.gef_ideo_gelf.settings import IdeoGelfSettings
from connectors.transports.filedrop import FileDrop
from connectors.transports.http import HttpResponse, HttpTransport, classify
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
from semaphore_hub.ports.outcomes import Misconfigured, Outcome, Retry, Unknown, Unreadable

JSON = "application/json"
CSV = "text/csv; charset=utf-8"
REPORT_PATTERN = r"CR_[A-Za-z0-9._-]{1,190}\.csv"
GONE = 404
NO_SUCH_OPERATION = (404, 405)
_PATHS = {"fournisseur": "/v1/fournisseurs", "marche": "/v1/marches"}
_PATHS_OF_MARCHE = {"modification": "modifications", "correction": "corrections"}


@dataclass(frozen=True, slots=True)
class Folders:
    """The file channel: where files are dropped, and where their reports come back."""

    outgoing: FileDrop
    incoming: FileDrop

    @property
    def watched(self) -> tuple[Path, ...]:
        """Where files arrive."""
        return (self.incoming.root,)

    async def close(self) -> None:
        """Nothing to release."""


class IdeoGelfConnector:
    """One object for every configured IDEO GELF; it keeps no state."""

    settings_model: type[BaseModel] = IdeoGelfSettings

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def translate(self, event: Event, channel: str, context: RenderContext) -> list[Message]:
        """One message per event. See ``Connector.translate``."""
        settings = context.settings
        assert isinstance(settings, IdeoGelfSettings)
        said, losses = mapping.say(event, settings)
        spec = self.manifest.channel(channel)
        assert spec is not None, f"the manifest has no channel {channel}"
        as_file = channel == "file"
        name = f"IDEO_{settings.etablissement}_{context.rendered_on:%Y%m%d}_{context.ordinal:05d}"
        return [
            Message(
                type=said.kind,
                body=rendering.to_csv(said) if as_file else rendering.to_json(said),
                media_type=CSV if as_file else JSON,
                contract=spec.contracts[said.kind],
                filename=f"{name}.csv" if as_file else f"{name}.json",
                reference=said.id,
                business_ref=said.marche.number if said.marche else None,
                headers={} if as_file else {"X-Id-Message": said.id},
                losses=losses,
            )
        ]

    def tells(self, message: str, body: bytes) -> Champs:
        """See :func:`connectors.gef_ideo_gelf.reading_back.tells`; a supplier's message tells nothing of a marché."""
        return {} if message == "fournisseur" else tells(body)

    def interpret(self, document: Inbound) -> Interpretation:
        """The acknowledgements of a document. See ``Connector.interpret``."""
        return parsing.interpret(document)

    def open(self, channel: str, settings: BaseModel, secrets: SecretReader) -> Transport:
        """A client of the API, or the two folders. See ``Connector.open``."""
        assert isinstance(settings, IdeoGelfSettings)
        if channel == "file":
            if settings.dossierSortant is None or settings.dossierEntrant is None:
                raise Misconfigured("dossierSortant and dossierEntrant are needed by the channel file")
            return Folders(FileDrop(settings.dossierSortant), FileDrop(settings.dossierEntrant, pattern=REPORT_PATTERN))
        if settings.baseUrl is None:
            raise Misconfigured("baseUrl is needed by the channel api")
        headers = {} if settings.apiKeySecret is None else {"X-Api-Key": secrets(settings.apiKeySecret)}
        return HttpTransport(settings.baseUrl, headers=headers, timeout_seconds=settings.delaiSecondes)

    async def deliver(self, outgoing: Outgoing, transport: Transport) -> Receipt:
        """Post the JSON, or drop the file then its marker. See ``Connector.deliver``."""
        if isinstance(transport, Folders):
            return await _drop(outgoing.message, transport)
        assert isinstance(transport, HttpTransport)
        return await self._post(outgoing, transport)

    async def collect(self, transport: Transport) -> AsyncIterator[Inbound]:
        """Deferred acknowledgements, or reports in the folder, oldest first. See ``Connector.collect``."""
        if isinstance(transport, Folders):
            # Claimed before a crash and never confirmed: read again, the inbox recognises what it already has.
            for name in [*await transport.incoming.claimed(), *await transport.incoming.waiting()]:
                file = await transport.incoming.claim(name)
                if file is not None:
                    yield Inbound(name, file.body, CSV, "file", token=name)
            return
        assert isinstance(transport, HttpTransport)
        listed = (await transport.exchange("GET", "/v1/acquittements")).json()
        for identifier in _identifiers(listed):
            answer = await transport.request("GET", f"/v1/acquittements/{quote(identifier, safe='')}")
            if answer.status == GONE:
                continue  # confirmed meanwhile by another process of the hub
            _raise_unless_done(answer)
            yield Inbound(f"{identifier}.json", answer.body, answer.media_type or JSON, "api", token=identifier)

    async def confirm(self, document: Inbound, transport: Transport) -> None:
        """Mark as read, or archive the file. See ``Connector.confirm``."""
        if not document.token:
            return  # came back with the receipt: nothing waits at the partner
        if isinstance(transport, Folders):
            await transport.incoming.archive(document.token)
            return
        assert isinstance(transport, HttpTransport)
        answer = await transport.request("PUT", f"/v1/acquittements/{quote(document.token, safe='')}/lecture")
        if answer.status != GONE:
            _raise_unless_done(answer)

    async def check(self, transport: Transport) -> Health:
        """Folders there and writable, or the API answers to our key. See ``Connector.check``."""
        try:
            if isinstance(transport, Folders):
                await transport.outgoing.check()
                await transport.incoming.check()
                return Health(True, "les deux dossiers sont accessibles")
            assert isinstance(transport, HttpTransport)
            health = (await transport.exchange("GET", "/v1/sante")).json()
        except Outcome as outcome:
            return Health(False, outcome.reason)
        version = health.get("version", "inconnue") if isinstance(health, dict) else "inconnue"
        return Health(True, f"l'API répond, version installée {version}")

    async def _post(self, outgoing: Outgoing, transport: HttpTransport) -> Receipt:
        message = outgoing.message
        headers = {
            **message.headers,
            "Content-Type": message.media_type,
            "Accept": JSON,
            "Idempotency-Key": outgoing.idempotency_key,
        }
        answer = await transport.request("POST", _path(message), content=message.body, headers=headers)
        if answer.status in NO_SUCH_OPERATION:
            # The contract has no such answer to a message: it is another server, or another version of the API.
            raise Misconfigured(
                f"{answer.url} answered {answer.status}: check baseUrl", status=answer.status, excerpt=answer.excerpt
            )
        _raise_unless_done(answer)
        if answer.status == 202:
            return Receipt(status=answer.status)
        # Named after this delivery too: sent again by a person, the same message gets the same bytes back, and they
        # answer the new delivery.
        name = f"{message.reference}.{outgoing.idempotency_key}.json"
        document = Inbound(name, answer.body, answer.media_type or JSON, "api")
        try:
            parsing.interpret(document)
        except Unreadable as error:
            # Cut on its way or written by somebody in between: the message may have taken effect. Asking again with
            # the same key gives the same acknowledgement.
            raise Unknown(
                f"unreadable acknowledgement: {error.reason}", status=answer.status, excerpt=answer.excerpt
            ) from error
        return Receipt(status=answer.status, response=document)


def create(manifest: Manifest) -> IdeoGelfConnector:
    """The connector, for the registry."""
    return IdeoGelfConnector(manifest)


def _raise_unless_done(answer: HttpResponse) -> None:
    outcome = classify(answer)
    if outcome is not None:
        raise outcome


def _path(message: Message) -> str:
    fixed = _PATHS.get(message.type)
    if fixed is not None:
        return fixed
    assert message.business_ref is not None
    return f"/v1/marches/{quote(message.business_ref, safe='')}/{_PATHS_OF_MARCHE[message.type]}"


async def _drop(message: Message, folders: Folders) -> Receipt:
    """The marker comes last: a file without it is still being written, whatever its name."""
    await folders.outgoing.put_atomic(message.filename, message.body)
    await folders.outgoing.put_atomic(message.filename.removesuffix(".csv") + ".ok", b"")
    return Receipt(reference=message.filename)


def _identifiers(listed: object) -> list[str]:
    entries = listed.get("acquittements") if isinstance(listed, dict) else None
    if not isinstance(entries, list):
        raise Retry("the list of acknowledgements has no « acquittements »")
    return [entry["idAcquittement"] for entry in entries if isinstance(entry, dict) and "idAcquittement" in entry]
