"""A deposit: documents are put, answers are fetched and marked as read; the same by a service and by two folders.

Two partners work so, each with its own names for what it answers: a :class:`Deposit` holds those names.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from connectors.transports.filedrop import FileDrop
from connectors.transports.http import HttpTransport
from semaphore_hub.ports.connector import Health, Inbound, Outgoing, Receipt, SecretReader, Transport
from semaphore_hub.ports.outcomes import Misconfigured, Outcome, Retry, Unknown


class DepositSettings(BaseModel):
    """How one instance is reached, by each of the two channels; a connector's settings extend it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    baseUrl: str | None = Field(default=None, description="address of the deposit service (channel api)")
    apiKeySecret: str | None = Field(
        default=None, description="name of the secret that holds the deposit's token, sent as a bearer token"
    )
    timeoutSeconds: float = Field(default=30.0, gt=0, description="longest silence of the deposit service, seconds")
    depot: Path | None = Field(default=None, description="folder where files are put (channel file)")
    retour: Path | None = Field(default=None, description="folder where answers arrive (channel file)")


@dataclass(frozen=True, slots=True)
class DepositFolders:
    """The file channel: where documents are put, and where answers are taken."""

    depot: FileDrop
    retour: FileDrop

    @property
    def watched(self) -> tuple[Path, ...]:
        """Where files arrive."""
        return (self.retour.root,)

    async def close(self) -> None:
        """Nothing to release."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """One partner's deposit.

    Attributes:
        answers: path where its answers are listed and fetched.
        listed: key of the list in the listing.
        identifier: key of an answer's identifier there.
        filename: key of its file name there.
        sent_type: media type of what is put.
        answer_type: media type of an answer that does not say its own.
        files_out: pattern of the names it is given by folder.
        files_back: pattern of the names of its answers; other files in the folder are not ours to take.
    """

    answers: str
    listed: str
    identifier: str
    filename: str
    sent_type: str
    answer_type: str
    files_out: str
    files_back: str

    def open(self, channel: str, settings: DepositSettings, secrets: SecretReader) -> Transport:
        """A client of the service, or the two folders.

        Raises:
            Misconfigured: the settings of that channel are incomplete.
        """
        if channel == "file":
            if settings.depot is None or settings.retour is None:
                raise Misconfigured("the file channel needs the settings depot and retour")
            depot = FileDrop(settings.depot, pattern=self.files_out)
            return DepositFolders(depot, FileDrop(settings.retour, pattern=self.files_back))
        if settings.baseUrl is None:
            raise Misconfigured("the api channel needs the setting baseUrl")
        headers = {"Authorization": f"Bearer {secrets(settings.apiKeySecret)}"} if settings.apiKeySecret else {}
        return HttpTransport(settings.baseUrl, headers=headers, timeout_seconds=settings.timeoutSeconds)

    async def deliver(self, outgoing: Outgoing, transport: Transport) -> Receipt:
        """Put one document.

        Raises:
            Retry, Unknown, Reject, Misconfigured: see the transports.
        """
        message = outgoing.message
        if isinstance(transport, DepositFolders):
            await transport.depot.put_atomic(message.filename, message.body)
            return Receipt(reference=message.filename)
        assert isinstance(transport, HttpTransport)
        headers = {"Content-Type": self.sent_type, "Idempotency-Key": outgoing.idempotency_key, **message.headers}
        response = await transport.exchange("POST", "/depots", content=message.body, headers=headers)
        receipt = response.json()
        if not isinstance(receipt, dict) or "idDepot" not in receipt:
            raise Unknown("the deposit answered without idDepot", status=response.status, excerpt=response.excerpt)
        return Receipt(reference=str(receipt["idDepot"]), status=response.status)

    async def collect(self, transport: Transport) -> AsyncIterator[Inbound]:
        """Answers not yet read, oldest first; those claimed earlier and never confirmed come again."""
        if isinstance(transport, DepositFolders):
            drop = transport.retour
            for name in [*await drop.claimed(), *await drop.waiting()]:
                file = await drop.claim(name)
                if file is not None:
                    yield Inbound(file.name, file.body, self.answer_type, "file", token=file.name)
            return
        assert isinstance(transport, HttpTransport)
        listing = await transport.exchange("GET", self.answers, params={"lu": "false"})
        try:
            items = [(str(one[self.identifier]), str(one[self.filename])) for one in listing.json()[self.listed]]
        except (KeyError, TypeError) as error:
            raise Retry(f"the list of {self.listed} is not in its form", excerpt=listing.excerpt) from error
        for identifier, name in items:
            document = await transport.exchange("GET", f"{self.answers}/{quote(identifier, safe='')}")
            yield Inbound(name, document.body, document.media_type or self.answer_type, "api", token=identifier)

    async def confirm(self, document: Inbound, transport: Transport) -> None:
        """Mark an answer as read, or archive its file."""
        if isinstance(transport, DepositFolders):
            await transport.retour.archive(document.token)
            return
        assert isinstance(transport, HttpTransport)
        await transport.exchange("POST", f"{self.answers}/{quote(document.token, safe='')}/lecture")

    async def check(self, transport: Transport) -> Health:
        """Connection, then credentials (a listing changes nothing); or both folders."""
        try:
            if isinstance(transport, DepositFolders):
                await transport.depot.check()
                await transport.retour.check()
                return Health(True, "the folders depot and retour can be used")
            assert isinstance(transport, HttpTransport)
            await transport.exchange("GET", "/sante")
            await transport.exchange("GET", self.answers, params={"lu": "false"})
        except Outcome as outcome:
            return Health(False, outcome.reason)
        return Health(True, "the deposit service answers and accepts our credentials")
