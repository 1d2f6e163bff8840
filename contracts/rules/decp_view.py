"""One way to walk a DECP document, whether it came as JSON or as XML, so that each business rule is written once."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from lxml import etree

from contracts.report import Violation
from contracts.xml import line_of, local_name, path_of


class Node(Protocol):
    """A place in the document that may hold a text, named children and wrapped lists."""

    def child(self, name: str) -> Node | None:
        """The child of this name, None when absent."""

    def items(self, collection: str, item: str) -> list[Node]:
        """The items of a list: ``titulaires: [{titulaire: {…}}]`` or ``techniques: {technique: […]}``."""

    @property
    def text(self) -> str | None:
        """The text of a scalar, None for anything else."""

    def violation(self, detail: str = "") -> Violation:
        """A violation at this place."""


class JsonNode:
    """A value of a decoded JSON document and the pointer that leads to it."""

    __slots__ = ("_pointer", "_value")

    def __init__(self, value: Any, pointer: tuple[str | int, ...]) -> None:
        self._value = value
        self._pointer = pointer

    def child(self, name: str) -> Node | None:
        """See ``Node``."""
        if isinstance(self._value, dict) and name in self._value:
            return JsonNode(self._value[name], (*self._pointer, name))
        return None

    def items(self, collection: str, item: str) -> list[Node]:
        """See ``Node``. Items of the wrong shape are left out: the schema reports them."""
        held = self._value.get(collection) if isinstance(self._value, dict) else None
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

    @property
    def text(self) -> str | None:
        """See ``Node``; booleans read as in XML, ``true`` and ``false``."""
        if isinstance(self._value, str):
            return self._value
        if isinstance(self._value, bool):
            return "true" if self._value else "false"
        return str(self._value) if isinstance(self._value, (int, Decimal)) else None

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

    @property
    def text(self) -> str | None:
        """See ``Node``; an empty element reads as an empty text."""
        return None if len(self._element) else self._element.text or ""

    def violation(self, detail: str = "") -> Violation:
        """See ``Node``."""
        return Violation(path_of(self._element), line_of(self._element), detail)


def marches(document: Any) -> Iterator[Node]:
    """The marchés of a document, in order."""
    return _contracts(document, "marche")


def concessions(document: Any) -> Iterator[Node]:
    """The concession contracts of a document, in order."""
    return _contracts(document, "contrat-concession")


def text_of(node: Node, *names: str) -> str | None:
    """The text found down these names, None when one is absent or the last is no scalar."""
    found = place(node, *names)
    return None if found is None else found.text


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
    text = text_of(node, name)
    if text is None or len(text) > 60:
        return None
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _contracts(document: Any, name: str) -> Iterator[Node]:
    if isinstance(document, etree._ElementTree):
        root = document.getroot()
        if local_name(root) == name:
            yield XmlNode(root)
        else:
            for element in root.iterchildren(name):
                yield XmlNode(element)
        return
    envelope = document.get("marches") if isinstance(document, dict) else None
    listed = envelope.get(name) if isinstance(envelope, dict) else None
    for index, value in enumerate(listed if isinstance(listed, list) else ()):
        yield JsonNode(value, ("marches", name, index))
