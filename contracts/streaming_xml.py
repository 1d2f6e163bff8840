"""Blocks of an XML file one at a time, in a memory that does not depend on the size of the file.

The parser has the same options as :mod:`contracts.xml`: no entities, no network, no oversized tree, no DOCTYPE.
"""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lxml import etree

from contracts import xml
from contracts.streaming import Readable
from contracts.xml import XmlRefused, local_name

BLOCK = 64 * 1024
"""Bytes given to the parser at a time; the first block holds the prolog."""

Path = tuple[str, ...]
EVERY_CHILD: Path = ("*",)


@dataclass(frozen=True, slots=True)
class XmlRecord:
    """One block of a file.

    Attributes:
        name: local name.
        rank: from 1, among those of the same name.
        line: line of its start tag.
        element: the block, readable until the next one is asked for; its ancestors still hold what stood before it.
    """

    name: str
    rank: int
    line: int | None
    element: etree._Element


def xml_records(
    source: Readable,
    paths: Collection[Path] = (EVERY_CHILD,),
    *,
    dropped: Collection[Path] = (),
    single: Collection[str] = (),
    block: int = BLOCK,
) -> Iterator[XmlRecord]:
    """The blocks at some paths, in the order of the file.

    Args:
        source: the file, read once from where it stands.
        paths: local names from below the root down to a block; ``*`` stands for any name.
        dropped: blocks to forget without giving them (attached documents).
        single: names of the root under which the whole document is one block.
        block: bytes given to the parser at a time.

    Raises:
        XmlRefused: malformed, cut, a DOCTYPE, or bytes that are not of the announced encoding; the blocks before it
            were given.
    """
    yield from _blocks(source, _Walk(paths, dropped, single), block)


@dataclass(frozen=True, slots=True)
class XmlSummary:
    """A file read whole: the name of its root with its namespace, the encoding it announces, its number of blocks."""

    root: str
    encoding: str
    count: int


def check_xml(
    source: Readable, paths: Collection[Path] = (EVERY_CHILD,), *, dropped: Collection[Path] = (), block: int = BLOCK
) -> XmlSummary:
    """Read a whole file without keeping it.

    Raises:
        XmlRefused: as :func:`xml_records`, and UTF-8 bytes announced as Latin-1.
    """
    watched, walk = _Watched(source), _Walk(paths, dropped, ())
    count = sum(1 for _ in _blocks(watched, walk, block))
    watched.refuse_wrong_announcement()
    return XmlSummary(walk.root, watched.announced, count)


def _blocks(source: Readable, walk: _Walk, block: int) -> Iterator[XmlRecord]:
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        collect_ids=False,
    )
    first = True
    while data := source.read(block):
        if first:
            _refuse_doctype(data)
            first = False
        yield from walk.events(_fed(parser, data))
    yield from walk.events(_closed(parser))


class _Walk:
    """Which elements are blocks, as they start and end."""

    def __init__(self, paths: Collection[Path], dropped: Collection[Path], single: Collection[str]) -> None:
        self._paths = frozenset(paths)
        self._dropped = frozenset(dropped)
        self._single = frozenset(single)
        self._deepest = max(len(path) for path in (*paths, *dropped))
        self._names: list[str] = []
        self._depth = 0
        self._ranks: dict[str, int] = {}
        self.root = ""

    def events(self, events: Iterator[tuple[str, etree._Element]]) -> Iterator[XmlRecord]:
        """The blocks that end in these events."""
        for event, element in events:
            if event == "start":
                self._start(element)
                continue
            self._depth -= 1
            if self._depth > self._deepest:
                continue
            path = tuple(self._names[1 : self._depth + 1])
            name = self._names[self._depth] if self._depth < len(self._names) else ""
            del self._names[self._depth :]
            whole = self._depth == 0 and name in self._single
            if whole or (self._is(path, self._paths) and self._names[0] not in self._single):
                self._ranks[name] = self._ranks.get(name, 0) + 1
                yield XmlRecord(name, self._ranks[name], xml.line_of(element), element)
                _forget(element)
            elif self._is(path, self._dropped):
                _forget(element)

    def _start(self, element: etree._Element) -> None:
        if self._depth == 0 and element.getroottree().docinfo.internalDTD is not None:
            raise XmlRefused("DOCTYPE", 2, "Une déclaration DOCTYPE est interdite (risque d'entités) : retirez-la.")
        if self._depth == 0:
            self.root = str(element.tag)
        if self._depth <= self._deepest:
            self._names.append(local_name(element))
        self._depth += 1

    def _is(self, path: Path, wanted: frozenset[Path]) -> bool:
        return bool(path) and (path in wanted or ("*",) * len(path) in wanted)


def _forget(element: etree._Element) -> None:
    """Free a block, and what stands before it beside it; the parser still needs the place of the block itself."""
    parent = element.getparent()
    # The tail may still be growing under the parser. (The stubs of lxml do not know this argument.)
    element.clear(keep_tail=True)  # type: ignore[call-arg]
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _fed(parser: etree.XMLPullParser, data: bytes) -> Iterator[tuple[str, etree._Element]]:
    try:
        parser.feed(data)
    except etree.XMLSyntaxError as error:
        yield from _elements(parser)
        raise xml.syntax_refused(error) from error
    yield from _elements(parser)


def _closed(parser: etree.XMLPullParser) -> Iterator[tuple[str, etree._Element]]:
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        raise xml.syntax_refused(error) from error
    yield from _elements(parser)


def _elements(parser: etree.XMLPullParser) -> Iterator[tuple[str, etree._Element]]:
    for event, element in parser.read_events():
        if isinstance(element, etree._Element):
            yield event, element


def _refuse_doctype(head: bytes) -> None:
    """The whole reader looks for a DOCTYPE before it parses: given the head, it finds one and forgives the cut."""
    try:
        xml.parse(head)
    except XmlRefused as refusal:
        if refusal.rule == "DOCTYPE":
            raise


class _Watched:
    """A file that remembers whether its bytes could be UTF-8 and what encoding it announces."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._utf8 = True
        self._ascii = True
        self.announced = ""

    def read(self, size: int, /) -> bytes:
        """See ``Readable``."""
        data = self._source.read(size)
        self.announced = self.announced or xml.declared_encoding(data).upper()
        self._ascii = self._ascii and data.isascii()
        if self._utf8:
            try:
                self._decoder.decode(data, not data)
            except UnicodeDecodeError:
                self._utf8 = False
        return data

    def refuse_wrong_announcement(self) -> None:
        """Raise when Latin-1 is announced and every byte is UTF-8: the accents would be unreadable."""
        if self.announced in {"ISO-8859-1", "WINDOWS-1252", "ISO-8859-15"} and self._utf8 and not self._ascii:
            message = (
                f"Le document annonce {self.announced} mais ses octets sont de l'UTF-8 : "
                "les accents seraient illisibles. Enregistrez-le dans l'encodage annoncé."
            )
            raise XmlRefused("ENCODAGE", 1, message)
