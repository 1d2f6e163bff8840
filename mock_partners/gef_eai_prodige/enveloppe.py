"""The envelope that an EAI PRODIGE puts last beside each file (gef_eai_prodige/enveloppe/1, "hypothèse")."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lxml import etree

import contracts
from contracts import xml
from contracts.rules.echange_fichiers import ExchangeName, Marker, parse_name
from mock_partners.gef.documents import instant

CONTRACT = "gef_eai_prodige/enveloppe/1"
NAMESPACE = "urn:fr:semaphore:hypothese:eaiprodige:1"
_DEFAULT: dict[Any, str] = {None: NAMESPACE}
SUFFIX = ".env.xml"


def announced(content: bytes, name: str) -> str:
    """The checksum an envelope announces for a file.

    Raises:
        ValueError: it breaks its contract, or it is that of another file; the message says so, in French.
    """
    broken = next((one for one in contracts.validate(CONTRACT, content).findings if one.severity == "error"), None)
    if broken is not None:
        raise ValueError(f"l'enveloppe ne respecte pas son contrat : {broken.message}")
    found = {xml.local_name(child): child.text or "" for child in xml.parse(content).getroot()}
    file = parse_name(name)
    said = (found["emetteur"], found["codeFlux"], int(found["numeroSequence"]))
    if file is not None and said != (file.emetteur, file.type, file.numero):
        raise ValueError("l'enveloppe annonce un autre fichier")
    return found["sha256"]


def written(name: ExchangeName, body: bytes, digest: str, at: datetime) -> bytes:
    """The envelope of a file of the GEF.

    Args:
        name: of the file.
        body: its bytes.
        digest: checksum to announce.
        at: when it is put.
    """
    top = etree.Element(f"{{{NAMESPACE}}}enveloppe", nsmap=_DEFAULT)
    for field, value in (
        ("emetteur", name.emetteur),
        ("destinataire", "SEM"),
        ("codeFlux", name.type),
        ("numeroSequence", str(name.numero)),
        ("sha256", digest),
        ("emisLe", instant(at)),
        ("tailleOctets", str(len(body))),
    ):
        etree.SubElement(top, f"{{{NAMESPACE}}}{field}").text = value
    return etree.tostring(top, xml_declaration=True, encoding="UTF-8")


MARKER = Marker(suffix=SUFFIX, digest=announced)
