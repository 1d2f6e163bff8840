"""The envelope of the EAI: put last beside each file, it says « complete » and names what it goes with.

Contract ``gef_eai_prodige/enveloppe/1`` ("hypothèse"). It depends on the message only: put again, it is
the same.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

import contracts
from connectors.gef.reading import read_document
from connectors.gef.settings import GefSettings
from connectors.transports.drop import DroppedFile
from contracts import xml
from contracts.rules.echange_fichiers import Marker, parse_name, sha256_hex
from semaphore_hub.ports.connector import Message

CONTRACT = "gef_eai_prodige/enveloppe/1"
NAMESPACE = "urn:fr:semaphore:hypothese:eaiprodige:1"
SUFFIX = ".env.xml"
_DEFAULT: dict[Any, str] = {None: NAMESPACE}


def envelope_of(message: Message, settings: GefSettings) -> DroppedFile:  # noqa: ARG001 (the file's name says it all)
    """The envelope of a message of the hub."""
    name = parse_name(message.filename)
    assert name is not None, f"{message.filename} is not a name of the protocol"
    root = etree.Element(f"{{{NAMESPACE}}}enveloppe", nsmap=_DEFAULT)
    for field, value in (
        ("emetteur", name.emetteur),
        ("destinataire", "GEF"),
        ("codeFlux", name.type),
        ("numeroSequence", str(name.numero)),
        ("sha256", sha256_hex(message.body)),
        ("emisLe", read_document(message.body)["emisLe"]),
        ("tailleOctets", str(len(message.body))),
    ):
        etree.SubElement(root, f"{{{NAMESPACE}}}{field}").text = value
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return DroppedFile(f"{message.filename}{SUFFIX}", body)


def digest_in(content: bytes, name: str) -> str:
    """The checksum that an envelope of the GEF announces for the file of this name.

    Raises:
        ValueError: it breaks its contract, or it goes with another file; the message says so, in French.
    """
    report = contracts.validate(CONTRACT, content)
    if not report.valid:
        first = next(finding for finding in report.findings if finding.severity == "error")
        raise ValueError(f"l'enveloppe ne respecte pas son contrat : {first.message}")
    said = {xml.local_name(field): field.text or "" for field in xml.parse(content).getroot()}
    file = parse_name(name)
    announced = (said["emetteur"], said["codeFlux"], int(said["numeroSequence"]))
    if file is not None and announced != (file.emetteur, file.type, file.numero):
        raise ValueError("l'enveloppe est celle d'un autre fichier")
    return said["sha256"]


MARKER = Marker(suffix=SUFFIX, digest=digest_in)
