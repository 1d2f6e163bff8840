"""Writes PES_ACQUIT files, version 2, in ISO-8859-1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from mock_partners.dgfip.aller import HEADER_TAGS, Flow

NAMESPACE = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/retour/v2"
TECHNICAL, ATTACHMENT, MARCHE, SETTINGS = "0", "4", "11", "99"
MAX_LABEL = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """One ElementACQUIT: a domain, accepted or not, about which marché or attachment, and the anomalies."""

    domain: str
    accepted: bool
    marche: str | None = None
    attachment: str | None = None
    errors: tuple[tuple[str, str], ...] = ()


def acquit_name(flow_name: str) -> str:
    """Name of the acknowledgement of a flow."""
    return f"ACQUIT_{flow_name}"


def write_acquit(flow: Flow, answers: Sequence[Answer], *, without_sender: bool = False) -> bytes:
    """The acknowledgement of a flow; ``without_sender`` makes it break the schema as some real ones do."""
    root = etree.Element(f"{{{NAMESPACE}}}PES_ACQUIT", nsmap={"n": NAMESPACE})
    envelope = etree.SubElement(root, "Enveloppe")
    parameters = etree.SubElement(envelope, "Parametres")
    _value(parameters, "Version", "2")
    _value(parameters, "TypFic", flow.type or "PESALR2")
    _value(parameters, "NomFic", flow.name)
    if not without_sender:
        sender = etree.SubElement(envelope, "Emetteur")
        _value(sender, "Sigle", flow.sender[0] or "INCONNU")
        _value(sender, "Adresse", flow.sender[1] or "INCONNUE")
    header = etree.SubElement(root, "EnTetePES")
    for tag in HEADER_TAGS:
        if tag in flow.header:
            _value(header, tag, flow.header[tag])
    acquit = etree.SubElement(root, "ACQUIT")
    _value(etree.SubElement(acquit, "EnTeteAcquit"), "IdVer", "2")
    for answer in answers:
        _write_answer(acquit, answer)
    etree.indent(root)
    written = etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True)
    assert isinstance(written, bytes)
    return written


def _write_answer(acquit: etree._Element, answer: Answer) -> None:
    element = etree.SubElement(acquit, "ElementACQUIT")
    _value(element, "DomaineAck", answer.domain)
    _value(element, "EtatAck", "1" if answer.accepted else "0")
    if answer.marche is not None:
        _value(element, "IdMarche", answer.marche)
    if answer.attachment is not None:
        _value(element, "IdUnique", answer.attachment)
    for code, label in answer.errors:
        error = etree.SubElement(element, "Erreur")
        _value(error, "NumAnoAck", code)
        _value(error, "LibelleAnoAck", label[:MAX_LABEL])


def _value(parent: etree._Element, tag: str, text: str) -> None:
    # Real acknowledgements are plain Latin-1: what does not fit is a question mark.
    etree.SubElement(parent, tag, V=text.replace("’", "'").encode("latin-1", errors="replace").decode("latin-1"))
