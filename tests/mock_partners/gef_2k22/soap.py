"""A hub that speaks SOAP, and what of the envelope the tests check."""

from __future__ import annotations

import re
from typing import Any

import httpx
from lxml import etree

import contracts
from contracts import xml
from tests.mock_partners.gef.hubs import Document, Hub, Replacements, checked, example, read_xml

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "urn:fr:semaphore:hypothese:gef2k22:1"
MODEL = "urn:fr:semaphore:hypothese:gef:1"
WSDL = "http://schemas.xmlsoap.org/wsdl/"
PATH = "/services/EchangeAchat"


def schema() -> etree.XMLSchema:
    """The schema of the service, as its WSDL gives it."""
    description = etree.parse(str(contracts.get("gef_2k22/soap/1").folder / "echange-achat.wsdl"))
    model, service = description.find(f"{{{WSDL}}}types")  # type: ignore[misc]
    # A SOAP tool resolves the import inside the WSDL; here the model is given under an address.
    address = "model.xsd"

    class Resolver(etree.Resolver):
        def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]
            return (
                self.resolve_string(etree.tostring(model), context, base_url=address)
                if system_url.endswith(address)
                else None
            )

    parser = etree.XMLParser()
    parser.resolvers.add(Resolver())
    service[0].set("schemaLocation", address)
    return etree.XMLSchema(etree.fromstring(etree.tostring(service), parser))


def envelope(content: str, header: str = "") -> bytes:
    """A request."""
    return f'<s:Envelope xmlns:s="{SOAP}">{header}<s:Body>{content}</s:Body></s:Envelope>'.encode()


def operation(name: str, content: str = "") -> bytes:
    """A request for an operation."""
    return envelope(f'<g:{name} xmlns:g="{SERVICE}">{content}</g:{name}>')


def without_declaration(body: bytes) -> str:
    """An XML document to be put inside another."""
    return re.sub(r"\A\ufeff?<\?xml[^>]*\?>\s*", "", body.decode("utf-8"))


class SoapHub(Hub):
    """By SOAP; every answer is checked against the schema of the WSDL."""

    syntax = "xml"
    _schema: etree.XMLSchema | None = None

    async def call(self, body: bytes, **headers: str) -> httpx.Response:
        """One request."""
        given = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', **headers}
        return await self.http.post(PATH, content=body, headers=given)

    async def asked(self, name: str, content: str = "") -> etree._Element:
        """The answer of an operation that succeeds."""
        answer = await self.call(operation(name, content), SOAPAction=f'"{SERVICE}:{name}"')
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        return self.content(answer.content)

    def content(self, body: bytes) -> etree._Element:
        """The element of the body of an answer."""
        [element] = xml.parse(body).getroot().find(f"{{{SOAP}}}Body")  # type: ignore[misc]
        if element.tag.startswith(f"{{{SERVICE}}}"):
            self.valid(element)
        found: etree._Element = element
        return found

    def valid(self, element: etree._Element) -> None:
        """The element satisfies the schema of the WSDL."""
        SoapHub._schema = SoapHub._schema or schema()
        SoapHub._schema.assertValid(etree.fromstring(etree.tostring(element)))

    async def send(self, name: str, replaced: Replacements | None = None) -> Document | None:
        message = without_declaration(example("xml", name, replaced or {}))
        [answer] = await self.asked("Deposer", message)
        return self.document(answer) if answer.tag == f"{{{MODEL}}}compteRendu" else None

    def document(self, element: etree._Element) -> Document:
        """A compte rendu or a flux that satisfies its contract."""
        contract = "gef/compte-rendu-xml/1" if element.tag.endswith("compteRendu") else "gef/flux-xml/1"
        checked(contract, etree.tostring(element, xml_declaration=True, encoding="UTF-8"))
        return read_xml(element)

    async def fetch(self) -> list[Document]:
        found = []
        for identifier in [one.text for one in await self.asked("Lister")]:
            reference = f"<g:idEchange>{identifier}</g:idEchange>"
            [element] = await self.asked("Retirer", reference)
            found.append(self.document(element))
            await self.asked("Confirmer", reference)
        return found

    async def answer(self, compte_rendu: Document) -> None:
        body = (contracts.get("gef/compte-rendu-xml/1").folder / "examples" / "valid" / "accepte.xml").read_bytes()
        text = without_declaration(body)
        read = read_xml(etree.fromstring(body))
        for key in ("idCompteRendu", "idMessage"):
            text = text.replace(read[key], compte_rendu[key])
        await self.asked("Repondre", text)
