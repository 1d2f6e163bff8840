"""One way to walk a DECP document, whether it came as JSON or as XML, so that each business rule is written once."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from lxml import etree

from contracts.records import XmlPiece
from contracts.report import Violation
from contracts.xml import line_of, local_name, path_of

MARCHE, CONCESSION = "marche", "contrat-concession"


class Node(Protocol):
    """A place in the document that may hold a text, named children and wrapped lists."""

    def child(self, name: str) -> Node | None:
        """The child of this name, None when absent."""

    def items(self, collection: str, item: str) -> list[Node]:
        """The items of a list: ``titulaires: [{titulaire: {…}}]`` or ``techniques: {technique: […]}``."""

    def text_at(self, names: tuple[str, ...]) -> str | None:
        """The text found down these names, None when one is absent or the last is no scalar."""

    def number_at(self, name: str) -> Decimal | None:
        """The finite number held by this child, None when it is absent or no number."""

    @property
    def text(self) -> str | None:
        """The text of a scalar, None for anything else."""

    def violation(self, detail: str = "") -> Violation:
        """A violation at this place."""


class JsonNode:
    """A value of a decoded JSON document and the pointer that leads to it.

    Numbers and lists are found once, for all the rules that ask.
    """

    __slots__ = ("_known", "_pointer", "_value")

    def __init__(self, value: Any, pointer: tuple[str | int, ...]) -> None:
        self._value = value
        self._pointer = pointer
        self._known: dict[str, Any] = {}

    def child(self, name: str) -> Node | None:
        """See ``Node``."""
        if isinstance(self._value, dict) and name in self._value:
            return JsonNode(self._value[name], (*self._pointer, name))
        return None

    def items(self, collection: str, item: str) -> list[Node]:
        """See ``Node``. Items of the wrong shape are left out: the schema reports them."""
        held = self._value.get(collection) if isinstance(self._value, dict) else None
        if held is None:
            return []
        found: list[Node] | None = self._known.get(collection)
        if found is None:
            found = self._known[collection] = self._found_items(held, collection, item)
        return found

    def _found_items(self, held: Any, collection: str, item: str) -> list[Node]:
        base = (*self._pointer, collection)
        if isinstance(held, dict):
            values = held.get(item)
            if not isinstance(values, list):
                return []
            return [JsonNode(value, (*base, item, index)) for index, value in enumerate(values)]
        if not isinstance(held, list):
            return []
        wrapped = ((index, entry) for index, entry in enumerate(held) if isinstance(entry, dict) and item in entry)
        return [JsonNode(entry[item], (*base, index, item)) for index, entry in wrapped]

    def text_at(self, names: tuple[str, ...]) -> str | None:
        """See ``Node``."""
        value = self._value
        for name in names:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value if type(value) is str else _text(value)

    def number_at(self, name: str) -> Decimal | None:
        """See ``Node``."""
        if name not in self._known:
            self._known[name] = _number(self.text_at((name,)))
        number: Decimal | None = self._known[name]
        return number

    @property
    def text(self) -> str | None:
        """See ``Node``; booleans read as in XML, ``true`` and ``false``."""
        return _text(self._value)

    def violation(self, detail: str = "") -> Violation:
        """See ``Node``; the line is found later, from the pointer."""
        return Violation(self._pointer, None, detail)


class XmlNode:
    """An element of an XML document."""

    __slots__ = ("_element",)

    def __init__(self, element: etree._Element) -> None:
        self._element = element

    def child(self, name: str) -> Node | None:
        """See ``Node``."""
        found = self._element.find(name)
        return None if found is None else XmlNode(found)

    def items(self, collection: str, item: str) -> list[Node]:  # noqa: ARG002 - in XML the list has one sort of item
        """See ``Node``. The XML format names one item in the plural where JSON does not: every child is an item."""
        found = self._element.find(collection)
        return [] if found is None else [XmlNode(child) for child in found.iterchildren(etree.Element)]

    def text_at(self, names: tuple[str, ...]) -> str | None:
        """See ``Node``."""
        found = place(self, *names)
        return None if found is None else found.text

    def number_at(self, name: str) -> Decimal | None:
        """See ``Node``."""
        return _number(self.text_at((name,)))

    @property
    def text(self) -> str | None:
        """See ``Node``; an empty element reads as an empty text."""
        return None if len(self._element) else self._element.text or ""

    def violation(self, detail: str = "") -> Violation:
        """See ``Node``."""
        return Violation(path_of(self._element), line_of(self._element), detail)


class XmlRecord(XmlNode):
    """A contract: what is found in it is found once, for all the rules that ask."""

    __slots__ = ("_children", "_known")

    def __init__(self, element: etree._Element) -> None:
        super().__init__(element)
        self._children: dict[str, etree._Element] | None = None
        self._known: dict[tuple[str, ...], Any] = {}

    def child(self, name: str) -> Node | None:
        """See ``Node``."""
        found = self._first(name)
        return None if found is None else XmlNode(found)

    def items(self, collection: str, item: str) -> list[Node]:  # noqa: ARG002 - see XmlNode
        """See ``Node``."""
        held = self._first(collection)
        if held is None:
            return []
        found: list[Node] | None = self._known.get((collection, ""))
        if found is None:
            found = self._known[collection, ""] = [XmlRecord(child) for child in held.iterchildren(etree.Element)]
        return found

    def _first(self, name: str) -> etree._Element | None:
        if self._children is None:
            # From the last to the first: of two of the same name, the first is kept.
            self._children = {child.tag: child for child in self._element.iterchildren(etree.Element, reversed=True)}
        return self._children.get(name)

    def text_at(self, names: tuple[str, ...]) -> str | None:
        """See ``Node``."""
        if names not in self._known:
            self._known[names] = self._text_down(names)
        text: str | None = self._known[names]
        return text

    def _text_down(self, names: tuple[str, ...]) -> str | None:
        element = self._first(names[0])
        for name in names[1:]:
            if element is not None:
                element = element.find(name)
        return None if element is None or len(element) else element.text or ""


def marches(document: Any) -> Iterator[Node]:
    """The marchés of a document, in order."""
    return _contracts(document, MARCHE)


def concessions(document: Any) -> Iterator[Node]:
    """The concession contracts of a document, in order."""
    return _contracts(document, CONCESSION)


def text_of(node: Node, *names: str) -> str | None:
    """The text found down these names, None when one is absent or the last is no scalar."""
    return node.text_at(names)


def place(node: Node, *names: str) -> Node | None:
    """The node found down these names."""
    current: Node | None = node
    for name in names:
        if current is None:
            return None
        current = current.child(name)
    return current


def number_of(node: Node, name: str) -> Decimal | None:
    """The finite number held by this child, None when it is absent or no number."""
    return node.number_at(name)


def contracts_of(document: Any) -> Iterator[tuple[str, Node]]:
    """Every contract of a document with its kind: the marchés first, as the ministry reads them."""
    for kind in (MARCHE, CONCESSION):
        for node in _contracts(document, kind):
            yield kind, node


def _number(text: str | None) -> Decimal | None:
    if text is None or len(text) > 60:
        return None
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, Decimal)) else None


def _contracts(document: Any, name: str) -> Iterator[Node]:
    if isinstance(document, XmlPiece):
        yield from (XmlRecord(element) for element in document.elements if local_name(element) == name)
        return
    if isinstance(document, etree._ElementTree):
        root = document.getroot()
        if local_name(root) == name:
            yield XmlRecord(root)
        else:
            for element in root.iterchildren(name):
                yield XmlRecord(element)
        return
    envelope = document.get("marches") if isinstance(document, dict) else None
    listed = envelope.get(name) if isinstance(envelope, dict) else None
    for index, value in enumerate(listed if isinstance(listed, list) else ()):
        yield JsonNode(value, ("marches", name, index))
