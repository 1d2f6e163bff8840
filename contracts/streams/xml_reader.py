"""Reads a long XML document so that its tree never holds more than the records under examination.

The parser has the options of :mod:`contracts.xml`. Everything that is not a record stays in the tree: headers are seen
by the rules of every window, and the schema judges each record in its place.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from contracts import xml
from contracts.xml import XmlRefused

BLOCK = 64 * 1024
RECORDS, NODES = 400, 20_000
"""A window is examined when it has this many records, or nodes."""
MAX_NODES = 300_000
"""Most nodes held at a time: one record with its header, or what stands between records."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A state of the document.

    Attributes:
        root: of the document, without the records of earlier windows.
        records: those to examine now.
        past: a record of an earlier window in each place: the schema may want one there.
        crowded: the tree may hold a list of many thousand elements.
        last: nothing follows: the headers and the document as a whole are examined too.
    """

    root: etree._Element
    records: tuple[etree._Element, ...]
    past: frozenset[etree._Element]
    crowded: bool
    last: bool


class Reader:
    """The windows of one document. Records are the elements at some paths of tags, written from below the root."""

    def __init__(self, source: BinaryIO, records: Iterable[Path]) -> None:
        self._source = source
        self._records = frozenset(tuple(reversed(path)) for path in records)
        self._held: list[etree._Element] = []
        self._kept: dict[etree._Element, etree._Element] = {}
        self._nodes = 0
        self._ascii = True
        self._utf8: codecs.IncrementalDecoder | None = None
        self.head = b""

    def windows(self) -> Iterator[Window]:
        """Each window in turn; its records are taken out of the tree when the next one is asked for.

        Raises:
            XmlRefused: malformed, a DOCTYPE, bytes that are not of the announced encoding, or too much between records.
        """
        tags = {path[0] for path in self._records}
        parser = etree.XMLPullParser(events=("end",), tag=tags, **xml.OPTIONS)
        while data := self._source.read(BLOCK):
            self._look_at(data)
            _feed(parser, data)
            self._held.extend(element for element in _ended(parser) if self._is_record(element))
            if len(self._held) > RECORDS or (self._nodes > NODES and len(self._held) > 1):
                # The last record is kept back: whether another follows says how the first of its name is shown.
                yield self._window(self._held[:-1])
                self._forget(self._held[:-1])
                # Counted anew: what the bytes announce may also stand in a text (CDATA).
                self._nodes = sum(1 for _ in self._held[0].getroottree().getroot().iter())
            if self._nodes > MAX_NODES:
                raise XmlRefused("TAILLE", None, _TOO_MUCH)
        root = _close(parser)
        if root.getroottree().docinfo.internalDTD is not None:
            raise xml.doctype_refused(2)
        if self._utf8 is not None and not self._ascii and _is_utf8(self._utf8, b"", last=True):
            raise xml.utf8_refused(self.head)
        yield self._window(self._held, root)

    def take_out(self) -> None:
        """Remove every record: what is left is what surrounds them."""
        self._forget(self._held)
        for record in self._kept.values():
            self._remove(record)
        self._kept.clear()

    def _look_at(self, data: bytes) -> None:
        """What is known of the bytes before they are parsed: encoding, DOCTYPE, number of nodes."""
        if not self.head:
            self.head = data
            xml.refuse_doctype(data)
            self._utf8 = codecs.getincrementaldecoder("utf-8")() if xml.announces_latin(data) else None
        if self._utf8 is not None and not _is_utf8(self._utf8, data):
            self._utf8 = None
        self._ascii = self._ascii and data.isascii()
        self._nodes += data.count(b"<") - data.count(b"</")

    def _is_record(self, element: etree._Element) -> bool:
        return any(_stands_at(element, path) for path in self._records)

    def _window(self, records: list[etree._Element], root: etree._Element | None = None) -> Window:
        top = records[0].getroottree().getroot() if root is None else root
        crowded = self._nodes > 2 * NODES
        return Window(top, tuple(records), frozenset(self._kept.values()), crowded, root is not None)

    def _forget(self, records: list[etree._Element]) -> None:
        for record in records:
            parent = record.getparent()
            assert parent is not None
            if parent in self._kept:
                self._remove(self._kept[parent])
            self._kept[parent] = record
        del self._held[: len(records)]

    def _remove(self, record: etree._Element) -> None:
        parent = record.getparent()
        assert parent is not None
        # Comments before a record would add up; nothing after it is touched, the parser may be writing there.
        for before in list(record.itersiblings(etree.Comment, etree.PI, preceding=True)):
            parent.remove(before)
        parent.remove(record)


def _feed(parser: etree.XMLPullParser, data: bytes) -> None:
    try:
        parser.feed(data)
    except etree.XMLSyntaxError as error:
        raise xml.syntax_refused(error) from error
    for entry in parser.feed_error_log:
        # After some faults the parser says nothing and takes what follows for another document.
        if entry.level >= etree.ErrorLevels.ERROR:
            raise xml.malformed(entry.type, entry.line, entry.message)


def _ended(parser: etree.XMLPullParser) -> Iterator[etree._Element]:
    for _, element in parser.read_events():
        if isinstance(element, etree._Element):
            yield element


def _close(parser: etree.XMLPullParser) -> etree._Element:
    try:
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise xml.syntax_refused(error) from error
    assert isinstance(root, etree._Element)
    return root


def _stands_at(element: etree._Element, path: Path) -> bool:
    """True when the element and those above it, up to the root, bear the tags of the path, last first."""
    current: etree._Element | None = element
    for tag in path:
        if current is None or current.tag != tag:
            return False
        current = current.getparent()
    return current is not None and current.getparent() is None


def _is_utf8(decoder: codecs.IncrementalDecoder, data: bytes, *, last: bool = False) -> bool:
    """False when these bytes, after those already seen, cannot be UTF-8."""
    try:
        decoder.decode(data, last)
    except UnicodeDecodeError:
        return False
    return True


_TOO_MUCH = (
    f"Plus de {MAX_NODES} éléments dans un même enregistrement, ou hors de tout enregistrement : la lecture s'arrête "
    "là. Vérifiez que le document suit bien ce contrat."
)
