"""The SOAP wire of the GEF 2K22 (contract gef_2k22/soap/1, "hypothèse"): document/literal, six operations."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from lxml import etree

from connectors.gef import answers
from connectors.gef.model import COMPTE_RENDU
from connectors.gef.settings import ApiKeySettings, GefSettings
from connectors.gef.wire import XML, Syntax
from connectors.transports.soap import SoapTransport
from contracts import xml
from semaphore_hub.ports.connector import Inbound, Outgoing, Receipt, SecretReader
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Reject, Retry, Unknown

NAMESPACE = "urn:fr:semaphore:hypothese:gef2k22:1"
ENDPOINT = "/services/EchangeAchat"
_DECLARATION = re.compile(rb"\A<\?xml[^>]*\?>\s*")
_NO_SUCH_PATH = (404, 405)
_GONE = "ECHANGE_INCONNU"


@dataclass(frozen=True, slots=True)
class SoapWire:
    """XML in SOAP 1.1 envelopes."""

    syntax: Syntax = XML

    def open(self, channel: str, settings: GefSettings, secrets: SecretReader) -> SoapLink:
        """A client of the service. See ``Wire.open``."""
        assert isinstance(settings, ApiKeySettings)
        if settings.baseUrl is None:
            raise Misconfigured(f"baseUrl is needed by the channel {channel}")
        key = settings.apiKeySecret
        client = SoapTransport(
            f"{settings.baseUrl.rstrip('/')}{ENDPOINT}",
            headers={} if key is None else {"X-Api-Key": secrets(key)},
            tls=settings.tls,
            timeout_seconds=settings.delaiSecondes,
        )
        return SoapLink(channel, client)


class SoapLink:
    """A client of one GEF's service."""

    def __init__(self, channel: str, client: SoapTransport) -> None:
        self._channel = channel
        self._client = client

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def deliver(self, outgoing: Outgoing) -> Receipt:
        """``Deposer`` a message, whose answer is the compte rendu or a receipt; or ``Repondre`` to a flux.

        Raises:
            Retry, Unknown, Reject, Misconfigured: see :mod:`connectors.transports.soap`; also Unknown for an answer
                that cannot be read, Misconfigured for a path that does not exist.
            NotOffered: 501.
        """
        message = outgoing.message
        ours = message.type == COMPTE_RENDU
        content = _DECLARATION.sub(b"", message.body)
        try:
            answer = await self._call("Repondre" if ours else "Deposer", content)
        except Reject as refusal:
            if refusal.status in _NO_SUCH_PATH:
                # A service answers a message with a fault: it is another server, or another version of it.
                raise Misconfigured(
                    f"{refusal.reason}: check baseUrl", status=refusal.status, excerpt=refusal.excerpt
                ) from refusal
            if refusal.status == 501:
                raise NotOffered(refusal.reason, status=501, excerpt=refusal.excerpt) from refusal
            raise
        if ours:
            return Receipt()
        said = next(iter(answer), None)
        if said is None or xml.local_name(said) not in {"compteRendu", "recu"}:
            raise Unknown("the answer to Deposer holds neither compteRendu nor recu")
        if xml.local_name(said) == "recu":
            return Receipt()
        return answers.receipt(outgoing, self._channel, _document(said), XML, None)

    async def collect(self) -> AsyncIterator[Inbound]:
        """Comptes rendus and flux not yet confirmed, oldest first."""
        for listed in await self._call("Lister", safe=True):
            identifier = listed.text or ""
            try:
                answer = await self._call("Retirer", _identifier(identifier), safe=True)
            except Reject as refusal:
                if refusal.code == _GONE:
                    continue  # confirmed meanwhile by another process of the hub
                raise
            said = next(iter(answer), None)
            if said is None:
                raise Retry(f"the exchange {identifier} came back empty")
            yield Inbound(f"{identifier}.xml", _document(said), XML.media_type, self._channel, token=identifier)

    async def confirm(self, document: Inbound) -> None:
        """``Confirmer``: twice is without effect."""
        try:
            await self._call("Confirmer", _identifier(document.token), safe=True)
        except Reject as refusal:
            if refusal.code != _GONE:
                raise

    async def check(self) -> str:
        """The service answers, and a listing, which changes nothing, accepts our credentials."""
        health = await self._call("Sante", safe=True)
        await self._call("Lister", safe=True)
        return answers.health_words({xml.local_name(field): field.text for field in health})

    async def _call(self, operation: str, content: bytes = b"", *, safe: bool = False) -> etree._Element:
        """The answer's element, of the name that the contract gives it.

        Raises:
            Unknown: it is another one (``Retry`` when the operation only reads).
        """
        element = b'<%b xmlns="%b">%b</%b>' % (operation.encode(), NAMESPACE.encode(), content, operation.encode())
        body = await self._client.call(f"{NAMESPACE}:{operation}", element, safe=safe)
        answer = xml.parse(body).getroot() if body else None
        if answer is None or answer.tag != f"{{{NAMESPACE}}}{operation}Reponse":
            reason = f"the answer to {operation} is not {operation}Reponse"
            raise Retry(reason) if safe else Unknown(reason)
        return answer


def _identifier(value: str) -> bytes:
    element = etree.Element("idEchange")  # in the default namespace of the operation that holds it
    element.text = value
    return etree.tostring(element)


def _document(element: etree._Element) -> bytes:
    """A document of the common model by itself, out of the envelope it came in."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8", with_tail=False)
