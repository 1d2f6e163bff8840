"""The operations of the SOAP service ``EchangeAchat`` (contracts/gef_2k22/soap/1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from lxml import etree

import contracts
from contracts import xml
from mock_partners.gef import refusals, syntax_xml
from mock_partners.gef.documents import Document, instant
from mock_partners.gef.outbox import FLUX
from mock_partners.gef.replies import Headers, Reply, refusal
from mock_partners.gef_2k22.envelope import CLIENT, SERVER, SERVICE, Fault, answer, asked, fault, text

if TYPE_CHECKING:
    from mock_partners.gef.mock import GefMock

CONTRACT = "gef_2k22/soap/1"
MESSAGE_CONTRACT = "gef/message-xml/1"
COMPTE_RENDU_CONTRACT = "gef/compte-rendu-xml/1"
SCENARIOS: Mapping[str, str] = {
    "faute_indisponible": "répond soap:Server avec le code INDISPONIBLE : le message n'est pas traité",
    "faute_apres_traitement": "traite le message, puis répond soap:Server : le hub ne peut pas savoir",
}
_PORT = "http://127.0.0.1:8060/services/EchangeAchat"
_Operation = Callable[[etree._Element], Awaitable[Reply]]


class SoapWire:
    """The service in front of a GEF.

    Args:
        mock: the GEF behind it.
        guard: the refusal of a request that does not show what it must, ``None`` when it does.
    """

    def __init__(self, mock: GefMock, guard: Callable[[Headers], Reply | None]) -> None:
        self._mock = mock
        self._guard = guard
        self._operations: Mapping[str, _Operation] = {
            "Deposer": self._deposit,
            "Lister": self._list,
            "Retirer": self._fetch,
            "Confirmer": self._confirm,
            "Repondre": self._answered,
            "Sante": self._health,
        }

    async def call(self, body: bytes, headers: Headers) -> Reply:
        """One request; whatever is wrong with it is a fault."""
        refused = self._guard(headers)
        if refused is not None:
            return refused
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "text/xml":
            return refusal(415, "SOAP 1.1 : le corps doit être de type text/xml.", "TYPE_DE_CONTENU")
        try:
            element = asked(body)
            name = xml.local_name(element)
            operation = self._operations.get(name)
            if operation is None or element.tag != f"{{{SERVICE}}}{name}":
                raise Fault(CLIENT, "OPERATION_INCONNUE", f"L'opération {element.tag} n'existe pas.")
            action = headers.get("soapaction", "").strip().strip('"')
            if action not in ("", f"{SERVICE}:{name}"):
                raise Fault(CLIENT, "ACTION_INCOHERENTE", f"SOAPAction dit {action}, le corps dit {name}.")
            return await operation(element)
        except Fault as said:
            return fault(said)

    def wsdl(self, address: str) -> bytes:
        """The service's description, at the address where it answers."""
        description = contracts.get(CONTRACT).folder / "echange-achat.wsdl"
        return description.read_bytes().replace(_PORT.encode(), address.encode())

    async def _deposit(self, element: etree._Element) -> Reply:
        message_id, body = "sans-id", b""
        try:
            body = _payload(element, "message")
            message_id = _text_of(element[0], "idMessage") or message_id
            reply, verdict = self._judged(body)
        except Fault as said:
            reply, verdict = fault(said), "rejected"
        await self._mock.record(
            channel="api",
            name=f"{message_id}.xml",
            media_type="text/xml",
            body=body,
            verdict=verdict,
            detail=reply.body.decode("utf-8"),
            status=reply.status,
        )
        await self._mock.settled()
        return reply

    def _judged(self, body: bytes) -> tuple[Reply, str]:
        """The reply, and what the journal says of it."""
        mock = self._mock
        if mock.faults.use("faute_indisponible"):
            return fault(Fault(SERVER, "INDISPONIBLE", "Le service est momentanément indisponible.")), "fault"
        _check(MESSAGE_CONTRACT, body)
        gate = refusals.of_version(mock.state)
        if gate is not None:
            raise Fault(CLIENT, *gate)
        message: Document = syntax_xml.read(body)
        given, now = mock.take(message, "api")
        if mock.faults.use("faute_apres_traitement"):
            return fault(
                Fault(SERVER, "ERREUR_INTERNE", "Une erreur est survenue pendant le traitement.")
            ), given.verdict
        if now is None:
            receipt = etree.Element(f"{{{SERVICE}}}recu")
            receipt.extend([text("idMessage", message["idMessage"]), text("recuLe", instant(mock.clock.now()))])
            return answer("Deposer", [receipt]), given.verdict
        return answer("Deposer", [syntax_xml.element(now, syntax_xml.COMPTE_RENDU)]), given.verdict

    async def _list(self, _element: etree._Element) -> Reply:
        return answer("Lister", [text("idEchange", known) for known, _ in self._mock.outbox.readable()])

    async def _fetch(self, element: etree._Element) -> Reply:
        identifier = _identifier(element)
        found = self._mock.outbox.find(identifier)
        if found is None:
            raise _no_exchange(identifier)
        root = syntax_xml.FLUX if found.nature == FLUX else syntax_xml.COMPTE_RENDU
        return answer("Retirer", [syntax_xml.element(found.document, root)])

    async def _confirm(self, element: etree._Element) -> Reply:
        identifier = _identifier(element)
        if not self._mock.outbox.confirm(identifier):
            raise _no_exchange(identifier)
        await self._mock.changed()
        return answer("Confirmer")

    async def _answered(self, element: etree._Element) -> Reply:
        body = _payload(element, "compteRendu")
        _check(COMPTE_RENDU_CONTRACT, body)
        unknown = self._mock.note_answer(syntax_xml.read(body))
        await self._mock.record(
            channel="api",
            name="compte-rendu.xml",
            media_type="text/xml",
            body=body,
            verdict="accepted" if unknown is None else "rejected",
            detail=unknown or "",
        )
        if unknown is not None:
            raise Fault(CLIENT, "FLUX_INCONNU", unknown)
        await self._mock.changed()
        return answer("Repondre")

    async def _health(self, _element: etree._Element) -> Reply:
        return answer("Sante", [text(name, value) for name, value in self._mock.health().items()])


def _payload(element: etree._Element, name: str) -> bytes:
    """The document an operation carries, on its own."""
    children = [child for child in element if isinstance(child.tag, str)]
    if len(children) != 1 or children[0].tag != f"{{{syntax_xml.NAMESPACE}}}{name}":
        raise Fault(CLIENT, "CONTRAT_NON_RESPECTE", f"L'opération porte un élément {name} et rien d'autre.")
    return etree.tostring(children[0], xml_declaration=True, encoding="UTF-8", with_tail=False)


def _check(contract: str, body: bytes) -> None:
    broken = next((one for one in contracts.validate(contract, body).findings if one.severity == "error"), None)
    if broken is not None:
        raise Fault(CLIENT, "CONTRAT_NON_RESPECTE", f"[{broken.rule}] {broken.path} : {broken.message}")


def _identifier(element: etree._Element) -> str:
    found = element.findtext(f"{{{SERVICE}}}idEchange")
    if not found:
        raise Fault(CLIENT, "CONTRAT_NON_RESPECTE", "L'opération porte un idEchange.")
    return found.strip()


def _text_of(element: etree._Element, name: str) -> str | None:
    return element.findtext(f"{{{syntax_xml.NAMESPACE}}}{name}")


def _no_exchange(identifier: str) -> Fault:
    return Fault(CLIENT, "ECHANGE_INCONNU", f"L'échange {identifier} n'est pas à lire.")
