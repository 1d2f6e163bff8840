"""SOAP 1.1 envelopes of the service: what a request asks for, and how answers and faults are written."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from contracts import xml
from mock_partners.gef.replies import Reply

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "urn:fr:semaphore:hypothese:gef2k22:1"
CLIENT, SERVER, VERSION_MISMATCH, MUST_UNDERSTAND = "Client", "Server", "VersionMismatch", "MustUnderstand"
# The service has a prefix: under a default namespace, faultcode and faultstring would not be without one, as they must.
_NAMES: dict[str, str] = {"soap": SOAP, "s": SERVICE}
_HEADERS = {"content-type": "text/xml; charset=utf-8"}


class Fault(Exception):
    """What the service answers instead of an answer.

    Attributes:
        party: whose fault it is, in the words of SOAP 1.1 §4.4.1.
        code, libelle: of the detail (element ``erreur`` of the WSDL).
    """

    def __init__(self, party: str, code: str, libelle: str) -> None:
        super().__init__(libelle)
        self.party = party
        self.code = code
        self.libelle = libelle[:1000]


def asked(body: bytes) -> etree._Element:
    """The one element of the body.

    Raises:
        Fault: it is not an envelope of SOAP 1.1 with one element, or has a header that must be understood.
    """
    try:
        top = xml.parse(body).getroot()
    except xml.XmlRefused as refused:
        raise Fault(CLIENT, "XML_ILLISIBLE", refused.message) from refused
    if xml.local_name(top) == "Envelope" and top.tag != f"{{{SOAP}}}Envelope":
        raise Fault(VERSION_MISMATCH, "VERSION_SOAP", "L'enveloppe n'est pas de SOAP 1.1.")
    bodies = top.findall(f"{{{SOAP}}}Body") if top.tag == f"{{{SOAP}}}Envelope" else []
    elements = [child for child in bodies[0] if isinstance(child.tag, str)] if len(bodies) == 1 else []
    if len(elements) != 1:
        raise Fault(CLIENT, "ENVELOPPE_INVALIDE", "Une enveloppe SOAP porte un corps, et ce corps un élément.")
    for header in top.iterfind(f"{{{SOAP}}}Header/*"):
        if header.get(f"{{{SOAP}}}mustUnderstand") == "1":
            raise Fault(MUST_UNDERSTAND, "ENTETE_INCONNU", f"L'en-tête {xml.local_name(header)} n'est pas compris.")
    return elements[0]


def answer(operation: str, children: Iterable[etree._Element] = ()) -> Reply:
    """The answer of an operation."""
    body = etree.Element(f"{{{SERVICE}}}{operation}Reponse", nsmap=_NAMES)
    body.extend(list(children))
    return Reply(200, dict(_HEADERS), _envelope(body))


def text(name: str, value: str) -> etree._Element:
    """An element of the service that holds a text."""
    element = etree.Element(f"{{{SERVICE}}}{name}")
    element.text = value
    return element


def fault(said: Fault) -> Reply:
    """A fault, which SOAP 1.1 §6.2 wants under the status 500."""
    body = etree.Element(f"{{{SOAP}}}Fault", nsmap=_NAMES)
    etree.SubElement(body, "faultcode").text = f"soap:{said.party}"
    etree.SubElement(body, "faultstring").text = said.libelle
    error = etree.SubElement(etree.SubElement(body, "detail"), f"{{{SERVICE}}}erreur")
    error.extend([text("code", said.code), text("libelle", said.libelle)])
    return Reply(500, dict(_HEADERS), _envelope(body))


def _envelope(content: etree._Element) -> bytes:
    top = etree.Element(f"{{{SOAP}}}Envelope", nsmap=_NAMES)
    etree.SubElement(top, f"{{{SOAP}}}Body").append(content)
    return etree.tostring(top, xml_declaration=True, encoding="UTF-8")
