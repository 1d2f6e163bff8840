"""What a connector is: pure translation and interpretation, and one operation that does I/O."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from pydantic import BaseModel

from semaphore_hub.ports.champs import Champs
from semaphore_hub.ports.events import Event
from semaphore_hub.ports.manifest import Manifest


@dataclass(frozen=True, slots=True)
class RenderContext:
    """What a translation may depend on beside the event; with the same event and context, the same bytes.

    Attributes:
        partner: id of the partner instance ("dgfip", "gef_ideo_gelf").
        settings: the instance's settings, an instance of the connector's ``settings_model``.
        rendered_on: business day of the rendering.
        sequence: 1 + number of messages this lane already holds that were not discarded or replaced: the PES sequence.
        ordinal: 1, 2, 3… of the messages made for this partner on that day (for file names).
        replaces_rejected: the message takes the place of one the partner refused (same sequence).
        follows: type of the last event said before in this lane (not discarded, not replaced) that is not itself a
            correction, when the engine knows it: some partners take a correction only after certain messages.
    """

    partner: str
    settings: BaseModel
    rendered_on: date
    sequence: int
    ordinal: int
    replaces_rejected: bool = False
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What ``translate`` returns; frozen in the delivery and sent byte for byte, however often.

    Attributes:
        type: name of the message in the manifest ("pes_marche", "marche").
        body: the bytes.
        media_type: with its charset when it has one.
        contract: id of the interface contract the body must satisfy.
        filename: the name under which it travels as a file (also kept for messages sent by HTTP).
        reference: what the partner will quote in its acknowledgement (NomFic, message id); unique per partner.
        business_ref: the business key the acknowledgement also quotes ("2026DM001-001"), checked against it.
        headers: transport metadata (HTTP headers of the message itself, not credentials).
        losses: declared losses (ids of the manifest) this message makes.
    """

    type: str
    body: bytes
    media_type: str
    contract: str
    filename: str
    reference: str
    business_ref: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    losses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A frozen message on its way: the message and the key the partner deduplicates by."""

    message: Message
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """One document received from a partner, exactly as it came.

    Attributes:
        name: file name or message id, unique per document at the source.
        body: the bytes.
        media_type: as declared by the source, or guessed from the name.
        channel: channel it came through ("api", "file").
        token: what :meth:`Connector.confirm` needs to tell the source it was safely stored.
        warnings: what its transport remarks without refusing it (a gap in the numbers, a byte order mark): French.
    """

    name: str
    body: bytes
    media_type: str
    channel: str
    token: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Transport proof that the partner has the bytes.

    Attributes:
        reference: the partner's own reference of the deposit, if it gave one.
        status: transport status (HTTP code), if any.
        response: a functional answer that came back with the receipt; treated like any inbound document.
    """

    reference: str | None = None
    status: int | None = None
    response: Inbound | None = None


class Verdict(StrEnum):
    """The functional answer of a partner to one message."""

    ACCEPTED = "accepted"  #: the whole message took effect
    REJECTED = "rejected"  #: nothing of it took effect
    PARTIAL = "partial"  #: some lines took effect, others were refused; counts as rejected until corrected
    WAITING = "waiting"  #: kept by the partner until something it needs arrives; its answer comes later by itself


@dataclass(frozen=True, slots=True)
class LineResult:
    """Answer to one line of a message that has lines."""

    line: str
    accepted: bool
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A functional answer, normalised. ``reference`` and ``business_ref`` say which message it answers."""

    reference: str
    verdict: Verdict
    business_ref: str | None = None
    code: str | None = None
    message: str | None = None
    lines: tuple[LineResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """Something a partner asks of a module ("create this supplier"); handlers are wired in ``app.py``."""

    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What an inbound document says. ``warnings`` are French sentences about what was sloppy but understood."""

    acknowledgements: tuple[Acknowledgement, ...] = ()
    commands: tuple[Command, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """Result of a side-effect-free check: settings, connection, credentials, in that order."""

    ok: bool
    detail: str


class Transport(Protocol):
    """A way to move bytes to one partner; built by the connector for one channel, closed by the engine.

    One that receives files in local folders may name them in an attribute ``watched`` (a tuple of paths): the engine
    then looks there as soon as a file appears, and not only at the next poll.
    """

    async def close(self) -> None:
        """Release connections."""
        ...


SecretReader = Callable[[str], str]
"""Gives the secret of a name (environment or file); raises ``Misconfigured`` when there is none."""


class Connector(Protocol):
    """Code for a kind of partner. One object serves every configured instance; it keeps no state."""

    manifest: Manifest
    settings_model: type[BaseModel]

    def translate(self, event: Event, channel: str, context: RenderContext) -> list[Message]:
        """The messages that say ``event`` on ``channel``; pure. An empty list means nothing is to be said.

        Raises:
            Unsupported: this event cannot be said to this partner.
        """
        ...

    def tells(self, message: str, body: bytes) -> Champs:
        """What a frozen body tells the partner about a marché, field by field, under the common names; pure.

        Read from the bytes alone, not from what they were made of, so that a wrong translation shows. Empty when the
        message is not about a marché.

        Args:
            message: type of the message in the manifest.
            body: bytes that satisfy the interface contract of that message.
        """
        ...

    def interpret(self, document: Inbound) -> Interpretation:
        """What an inbound document says; pure.

        Raises:
            Unreadable: it cannot be understood; it is quarantined.
        """
        ...

    def open(self, channel: str, settings: BaseModel, secrets: SecretReader) -> Transport:
        """A transport for one instance and channel.

        Raises:
            Misconfigured: a setting or a secret is missing.
        """
        ...

    async def deliver(self, outgoing: Outgoing, transport: Transport) -> Receipt:
        """Bring one message to the partner.

        Raises:
            Retry, Unknown, Reject, Misconfigured: see :mod:`semaphore_hub.ports.outcomes`.
        """
        ...

    def collect(self, transport: Transport) -> AsyncIterator[Inbound]:
        """Documents waiting at the partner (acknowledgements to fetch, files in a folder), oldest first."""
        ...

    async def confirm(self, document: Inbound, transport: Transport) -> None:
        """Tell the source that a collected document is safely stored (mark as read, archive the file)."""
        ...

    async def check(self, transport: Transport) -> Health:
        """Settings, connection, credentials; no side effect at the partner."""
        ...
