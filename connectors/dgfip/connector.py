"""The DGFIP connector: two channels that carry the same official files."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pydantic import BaseModel

from connectors.dgfip import parsing, reading_back
from connectors.dgfip.concessions import concession_sayings, render_concession
from connectors.dgfip.envelope import PesFile, Sending, file_name
from connectors.dgfip.life import sayings
from connectors.dgfip.mapping import render
from connectors.dgfip.settings import DgfipSettings
from connectors.transports.deposit import Deposit
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
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import ConcessionPayload, MarchePayload

MEDIA_TYPE = "application/xml; charset=ISO-8859-1"
MARCHE, CONCESSION = "pes_marche", "pes_concession"
_FILES_OUT = r"PESALR2_[A-Za-z0-9_-]+\.xml"
# A return folder may also hold copies of what was sent (PESALR2_*) and restitutions (PES2R_*): not ours to take.
_FILES_BACK = r"ACQUIT_[A-Za-z0-9._-]{1,120}\.(xml|XML)"


DEPOSIT = Deposit(
    answers="/acquits",
    listed="acquits",
    identifier="idAcquit",
    filename="nomFichier",
    sent_type="application/xml",
    answer_type="application/xml",
    files_out=_FILES_OUT,
    files_back=_FILES_BACK,
)


class DgfipConnector:
    """Says a marché as a PES Marché file, reads PES_ACQUIT files."""

    settings_model: type[BaseModel] = DgfipSettings

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def translate(self, event: Event, channel: str, context: RenderContext) -> list[Message]:
        """One PES file with one marché or one concession; the same on both channels.

        A first sequence says the initial contract and no amendment. When a contract that changed meanwhile has to
        start from sequence 1 (its refused initial is corrected), two files are made: the initial state, then the
        present one with its amendments.

        Raises:
            Unsupported: the event is not one this partner hears, or the contract lacks what the PES requires.
        """
        spec = self.manifest.spec_for(event.type)
        if spec is None:
            raise Unsupported(f"Le PES Marché ne sait pas dire l'événement {event.type}.")
        settings = _typed(context.settings)
        if spec.message == CONCESSION:
            files = _concession_files(event, settings, context)
        else:
            files = _marche_files(event, settings, context)
        return [self._message(spec.message, file, settings, channel) for file in files]

    def tells(self, message: str, body: bytes) -> Champs:
        """The fields a file tells of its marché (see :mod:`connectors.dgfip.reading_back`); none for a concession."""
        return reading_back.tells(body) if message == MARCHE else {}

    def _message(self, kind: str, file: PesFile, settings: DgfipSettings, channel: str) -> Message:
        headers = {"X-Nom-Fichier": file.name, "X-P-Msg": settings.p_msg} if channel == "api" else {}
        return Message(
            type=kind,
            body=file.body,
            media_type=MEDIA_TYPE,
            contract=f"dgfip/pes-marche/{settings.versionPES}",
            filename=file.name,
            reference=file.name,
            business_ref=file.business_ref,
            headers=headers,
            losses=file.losses,
        )

    def interpret(self, document: Inbound) -> Interpretation:
        """The verdict of a PES_ACQUIT (see :func:`connectors.dgfip.parsing.interpret`)."""
        return parsing.interpret(document)

    def open(self, channel: str, settings: BaseModel, secrets: SecretReader) -> Transport:
        """A client of the deposit service, or the two folders.

        Raises:
            Misconfigured: the settings of that channel are incomplete.
        """
        return DEPOSIT.open(channel, _typed(settings), secrets)

    async def deliver(self, outgoing: Outgoing, transport: Transport) -> Receipt:
        """Deposit one file.

        Raises:
            Retry, Unknown, Reject, Misconfigured: see the transports.
        """
        return await DEPOSIT.deliver(outgoing, transport)

    def collect(self, transport: Transport) -> AsyncIterator[Inbound]:
        """Acknowledgements not yet read, oldest first; those claimed earlier and never confirmed come again."""
        return DEPOSIT.collect(transport)

    async def confirm(self, document: Inbound, transport: Transport) -> None:
        """Mark the acknowledgement as read, or archive its file."""
        await DEPOSIT.confirm(document, transport)

    async def check(self, transport: Transport) -> Health:
        """Connection, then credentials (a listing changes nothing); or both folders."""
        return await DEPOSIT.check(transport)


def _marche_files(event: Event, settings: DgfipSettings, context: RenderContext) -> list[PesFile]:
    said = sayings(
        event.type,
        MarchePayload.model_validate(event.data),
        context.sequence,
        replaces_rejected=context.replaces_rejected,
        follows=context.follows,
    )
    return [
        render(one, settings, _sending(settings, context, rank, correction=one.correction))
        for rank, one in enumerate(said)
    ]


def _concession_files(event: Event, settings: DgfipSettings, context: RenderContext) -> list[PesFile]:
    said = concession_sayings(
        event.type,
        ConcessionPayload.model_validate(event.data),
        context.sequence,
        replaces_rejected=context.replaces_rejected,
    )
    return [
        render_concession(one, settings, _sending(settings, context, rank, correction=one.correction))
        for rank, one in enumerate(said)
    ]


def _sending(settings: DgfipSettings, context: RenderContext, rank: int, *, correction: bool) -> Sending:
    name = file_name(settings, context.rendered_on, context.ordinal + rank)
    return Sending(name, context.rendered_on, context.sequence + rank, correction)


def _typed(settings: BaseModel) -> DgfipSettings:
    assert isinstance(settings, DgfipSettings), "the engine gives each connector its own settings model"
    return settings


def create(manifest: Manifest) -> DgfipConnector:
    """The connector, with the manifest the hub has read and checked."""
    return DgfipConnector(manifest)
