"""The one way XML is read: no entities, no network, no DTD, no oversized tree, and any DOCTYPE refused."""

from __future__ import annotations

import re
import threading
from typing import Any

from lxml import etree

from contracts.refusal import MAX_BYTES, Refused, size_refusal

_DECLARED = re.compile(rb"""\A<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_MARKS = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
# libxml2 says with these names that bytes and declared encoding do not agree.
_ENCODING_ERRORS = {
    getattr(etree.ErrorTypes, name)
    for name in ("ERR_INVALID_ENCODING", "ERR_UNSUPPORTED_ENCODING", "ERR_UNKNOWN_ENCODING", "I18N_CONV_FAILED")
}
_FRENCH = {
    etree.ErrorTypes.ERR_DOCUMENT_EMPTY: "le document est vide",
    etree.ErrorTypes.ERR_TAG_NAME_MISMATCH: "une balise fermante ne correspond pas à la balise ouverte",
    etree.ErrorTypes.ERR_TAG_NOT_FINISHED: "le document est tronqué, des balises ne sont pas fermées",
    etree.ErrorTypes.ERR_GT_REQUIRED: "une balise n'est pas terminée par « > »",
    etree.ErrorTypes.ERR_INVALID_CHAR: "un caractère interdit en XML (caractère de contrôle ou nul) est présent",
    etree.ErrorTypes.ERR_UNDECLARED_ENTITY: "une entité inconnue est utilisée (un « & » doit s'écrire « &amp; »)",
    etree.ErrorTypes.ERR_NAME_REQUIRED: "un « & » ou un « < » isolé doit s'écrire « &amp; » ou « &lt; »",
    etree.ErrorTypes.ERR_DOCUMENT_END: "du texte suit la fin du document",
    etree.ErrorTypes.ERR_RESERVED_XML_NAME: "la déclaration XML doit être au tout début du document",
}
_local = threading.local()
OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "collect_ids": False,
}
"""The only options of a parser, whole or incremental."""


class XmlRefused(Refused):
    """An XML document that is not read further: malformed, a DOCTYPE, too big, or in the wrong encoding."""


def new_parser() -> etree.XMLParser:
    """A parser with the only options we allow."""
    return etree.XMLParser(**OPTIONS)


def parse(body: bytes, limit: int = MAX_BYTES) -> etree._ElementTree:
    """Parse a whole document. Raises XmlRefused with the rule's suffix, the line and a French message."""
    refusal = size_refusal(body, limit)
    if refusal:
        raise XmlRefused(*refusal)
    refuse_doctype(body)
    parsers = getattr(_local, "parsers", None)
    if parsers is None:
        parsers = _local.parsers = (new_parser(), etree.XMLParser(**OPTIONS, remove_blank_text=True))
    try:
        tree = etree.fromstring(body, parsers[_is_only_tags_and_text(body)]).getroottree()
    except etree.XMLSyntaxError as error:
        raise syntax_refused(error) from error
    # The scan above reads ASCII-compatible encodings; this one sees what libxml2 saw, in UTF-16 for instance.
    if tree.docinfo.internalDTD is not None:
        raise doctype_refused(2)
    if announces_latin(body) and _is_really_utf8(body):
        raise utf8_refused(body)
    return tree


def refuse_doctype(head: bytes) -> None:
    """Raise XmlRefused when the prolog, in an ASCII-compatible encoding, has a DOCTYPE; ``head`` is its beginning."""
    line = _doctype_line(head)
    if line:
        raise doctype_refused(line)


def announces_latin(head: bytes) -> bool:
    """True when a document announces an encoding in which UTF-8 bytes would read as other letters."""
    return declared_encoding(head).upper() in {"ISO-8859-1", "WINDOWS-1252", "ISO-8859-15"}


def utf8_refused(head: bytes) -> XmlRefused:
    """The refusal of a document that announces Latin-1 and is written in UTF-8."""
    message = (
        f"Le document annonce {declared_encoding(head)} mais ses octets sont de l'UTF-8 : "
        "les accents seraient illisibles. Enregistrez-le dans l'encodage annoncé."
    )
    return XmlRefused("ENCODAGE", 1, message)


def declared_encoding(body: bytes) -> str:
    """The encoding a document announces, by its byte order mark or XML declaration; UTF-8 when it says nothing."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name
    found = _DECLARED.match(body)
    return found.group(1).decode("ascii") if found else "UTF-8"


def path_of(node: etree._Element) -> str:
    """A readable path of local names, such as ``/PES_Aller/PES_Marche/Marches/Marche[2]/Objet``."""
    steps: list[str] = []
    current: etree._Element | None = node
    while current is not None:
        name = local_name(current)
        parent = current.getparent()
        if parent is not None:
            rank = 1 + sum(1 for _ in current.itersiblings(current.tag, preceding=True))
            if rank > 1 or next(current.itersiblings(current.tag), None) is not None:
                name = f"{name}[{rank}]"
        steps.append(name)
        current = parent
    return "/" + "/".join(reversed(steps))


def line_of(node: etree._Element) -> int | None:
    """The line of the element's start tag, from 1."""
    line = node.sourceline
    return line if isinstance(line, int) else None


def local_name(node: etree._Element) -> str:
    """The element's name without its namespace; comments and instructions have none and read ``#``."""
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else "#"


def _doctype_line(body: bytes) -> int | None:
    """Line of a DOCTYPE in the prolog, found before libxml2 sees a single declared entity."""
    position = 3 if body.startswith(b"\xef\xbb\xbf") else 0
    while True:
        while body[position : position + 1].isspace():
            position += 1
        if body.startswith(b"<!DOCTYPE", position):
            return body.count(b"\n", 0, position) + 1
        if body.startswith(b"<?", position):
            end, width = body.find(b"?>", position), 2
        elif body.startswith(b"<!--", position):
            end, width = body.find(b"-->", position + 4), 3
        else:
            return None
        if end < 0:
            return None
        position = end + width


def _is_only_tags_and_text(body: bytes) -> bool:
    """True without comments, instructions and CDATA: blanks before a tag are then layout, which no rule looks at.

    An indented document has as many of them as elements, and everything that walks the tree meets them. What stands
    alone in an element (``<a> </a>``), or beside a text, is kept by libxml2.
    """
    if not body.startswith(b"<?xml"):
        return False
    # One rare character is found far quicker than two of which the first is everywhere.
    return (b"!" not in body or b"<!" not in body) and (body.count(b"?") == 2 or body.count(b"<?") == 1)


def _is_really_utf8(body: bytes) -> bool:
    """Multi-byte text that decodes as UTF-8 to the last byte is never, in practice, Latin-1 text."""
    if body.isascii():
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def doctype_refused(line: int) -> XmlRefused:
    """The refusal of a DOCTYPE at that line."""
    return XmlRefused("DOCTYPE", line, "Une déclaration DOCTYPE est interdite (risque d'entités) : retirez-la.")


def syntax_refused(error: etree.XMLSyntaxError) -> XmlRefused:
    """The refusal of a malformed document, in French, at its line."""
    return malformed(getattr(error, "code", None), error.lineno, error.msg)


def malformed(code: int | None, line: int | None, message: str | None) -> XmlRefused:
    """The same from libxml2's number and words for the fault."""
    line = line or None
    if code in _ENCODING_ERRORS:
        french = "Les octets du document ne correspondent pas à l'encodage annoncé dans la déclaration XML."
        return XmlRefused("ENCODAGE", line, french)
    reason = _FRENCH.get(code) or re.sub(r"\s*, line \d+.*\Z", "", message or "", flags=re.DOTALL)
    where = f" à la ligne {line}" if line else ""
    return XmlRefused("XML", line, f"Le document n'est pas du XML bien formé{where} : {reason}.")
