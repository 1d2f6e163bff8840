"""The DAJ connector: the same DECP record as JSON through a deposit API (assumed), or as XML through folders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from urllib.parse import quote

from pydantic import BaseModel

from connectors.daj import parsing, telling
from connectors.daj.losses import REPLACEMENT, losses_of_concession, losses_of_marche
from connectors.daj.mapping import Record, concession_record, highest_total, marche_record
from connectors.daj.settings import DajSettings
from connectors.daj.writer import CONCESSION, MARCHE, to_json, to_xml
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
from semaphore_hub.ports.events import (
    CONCESSION_CORRIGEE,
    CONCESSION_EXECUTEE,
    CONCESSION_MODIFIEE,
    CONCESSION_SIGNEE,
    MARCHE_CORRIGE,
    MARCHE_MODIFIE,
    MARCHE_NOTIFIE,
    MARCHE_SOUS_TRAITANCE_DECLAREE,
    MARCHE_SOUS_TRAITANCE_MODIFIEE,
    Event,
)
from semaphore_hub.ports.manifest import Manifest
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import ConcessionPayload, MarchePayload

JSON, XML = "application/json", "application/xml"
_MARCHES = (
    MARCHE_NOTIFIE,
    MARCHE_MODIFIE,
    MARCHE_CORRIGE,
    MARCHE_SOUS_TRAITANCE_DECLAREE,
    MARCHE_SOUS_TRAITANCE_MODIFIEE,
)
_CONCESSIONS = (CONCESSION_SIGNEE, CONCESSION_MODIFIEE, CONCESSION_EXECUTEE, CONCESSION_CORRIGEE)
_CORRECTIONS = (MARCHE_CORRIGE, CONCESSION_CORRIGEE)
_FILES_OUT = r"decp-[A-Za-z0-9_.-]{1,100}\.(json|xml)"
_FILES_BACK = r"CR_[A-Za-z0-9._-]{1,150}\.json"


DEPOSIT = Deposit(
    answers="/comptes-rendus",
    listed="comptesRendus",
    identifier="idCompteRendu",
    filename="nom",
    sent_type=JSON,
    answer_type=JSON,
    files_out=_FILES_OUT,
    files_back=_FILES_BACK,
)


class DajConnector:
    """Says a marché or a concession as one DECP file with one record, reads the reports of the deposits."""

    settings_model: type[BaseModel] = DajSettings

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def translate(self, event: Event, channel: str, context: RenderContext) -> list[Message]:
        """One file with the whole record; nothing for a marché that never reached the publication threshold.

        Below the threshold, a marché that was said before (its lane holds messages) is still said: a correction must
        not leave a wrong record published.

        Raises:
            Unsupported: the event is not one the DECP knows, or the record lacks what the DECP requires.
        """
        settings = _typed(context.settings)
        if event.type in _MARCHES:
            marche = MarchePayload.model_validate(event.data).marche
            if highest_total(marche) < settings.seuilPublication and context.sequence == 1:
                return []
            record = marche_record(marche)
            losses = losses_of_marche(marche, record, self.manifest.losses)
            return [self._message(event, MARCHE, marche.acheteur.siret, record, losses, channel, context)]
        if event.type in _CONCESSIONS:
            concession = ConcessionPayload.model_validate(event.data).concession
            record, siret = concession_record(concession), concession.autoriteConcedante.siret
            losses = losses_of_concession(concession)
            return [self._message(event, CONCESSION, siret, record, losses, channel, context)]
        raise Unsupported(f"La DECP ne sait pas dire l'événement {event.type}.")

    def _message(
        self,
        event: Event,
        kind: str,
        siret: str,
        record: Record,
        losses: tuple[str, ...],
        channel: str,
        context: RenderContext,
    ) -> Message:
        spec = self.manifest.channel(channel)
        assert spec is not None, f"the manifest has no channel {channel}"
        as_file = channel == "file"
        name = file_name(siret, context.rendered_on, context.ordinal, "xml" if as_file else "json")
        uid = f"{siret}{record['id']}"
        headers = {} if as_file else {"X-Nom-Fichier": name}
        if event.type in _CORRECTIONS:
            if as_file:
                losses = tuple(sorted({*losses, REPLACEMENT}))
            else:
                headers["X-Remplace"] = quote(uid, safe="")
        message = "marche" if kind == MARCHE else "concession"
        return Message(
            type=message,
            body=to_xml(kind, record) if as_file else to_json(kind, record),
            media_type=XML if as_file else JSON,
            contract=spec.contracts[message],
            filename=name,
            reference=name,
            business_ref=uid,
            headers=headers,
            losses=losses,
        )

    def tells(self, message: str, body: bytes) -> Champs:
        """The fields of the marché a file tells (see :func:`connectors.daj.telling.tells`)."""
        return telling.tells(body) if message == "marche" else {}

    def interpret(self, document: Inbound) -> Interpretation:
        """The verdict of a report (see :func:`connectors.daj.parsing.interpret`)."""
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
        """Reports not yet read, oldest first; those claimed earlier and never confirmed come again."""
        return DEPOSIT.collect(transport)

    async def confirm(self, document: Inbound, transport: Transport) -> None:
        """Mark the report as read, or archive its file."""
        await DEPOSIT.confirm(document, transport)

    async def check(self, transport: Transport) -> Health:
        """Connection, then credentials (a listing changes nothing); or both folders."""
        return await DEPOSIT.check(transport)


def file_name(siret: str, day: date, ordinal: int, suffix: str) -> str:
    """``decp-<SIRET>-AAAA-MM-JJ-NN.<suffix>``, the naming seen in the field; NN grows beyond 99 if it must."""
    return f"decp-{siret}-{day.isoformat()}-{ordinal:02d}.{suffix}"


def _typed(settings: BaseModel) -> DajSettings:
    assert isinstance(settings, DajSettings), "the engine gives each connector its own settings model"
    return settings


def create(manifest: Manifest) -> DajConnector:
    """The connector, with the manifest the hub has read and checked."""
    return DajConnector(manifest)
