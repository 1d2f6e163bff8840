"""Compiled XPath 1.0 with variables, as Schematron writes it."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

Lets = dict[str, str]
"""XPath expressions by variable, in order of declaration."""

_VARIABLE = re.compile(r"\$([A-Za-z_][\w.-]*)")
_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|\$[A-Za-z_][\w.-]*|[\[\]]|[^'"$\[\]]+""")


class Expression:
    """A compiled XPath that is given only the variables it names: handing over each one costs as much as a test."""

    __slots__ = ("names", "plain")

    def __init__(self, text: str, namespaces: dict[str, str]) -> None:
        """Raises etree.XPathSyntaxError."""
        self.plain = etree.XPath(text, namespaces=namespaces, regexp=False, smart_strings=False)
        """What is called when there are no ``names``."""
        self.names = frozenset(_VARIABLE.findall(text))

    def __call__(self, node: Any, variables: dict[str, Any]) -> Any:
        """The value at a node, or at the root of a tree."""
        if not self.names:
            return self.plain(node)
        return self.plain(node, **{name: variables[name] for name in self.names if name in variables})


def as_variable(value: Any) -> Any:
    """A value that lxml takes back as a variable: attributes and texts become elements that hold the same text."""
    if type(value) is str or not isinstance(value, list) or all(isinstance(item, etree._Element) for item in value):
        return value
    elements: list[etree._Element] = []
    for item in value:
        element = item if isinstance(item, etree._Element) else etree.Element("value")
        if element is not item:
            element.text = str(item)
        elements.append(element)
    return elements


def mentions(expression: str, name: str) -> bool:
    """Whether an expression names this variable."""
    return f"${name}" in _TOKEN.findall(expression)


def inlined(expression: str, lets: Lets) -> str:
    """The expression with variables replaced by what they stand for.

    Only outside predicates: inside one, the context node is another. The names that stay must be given as variables.
    """
    written: list[str] = []
    depth = 0
    for part in _TOKEN.findall(expression):
        depth += {"[": 1, "]": -1}.get(part, 0)
        name = part[1:]
        if part.startswith("$") and depth == 0 and name in lets:
            names = list(lets)
            earlier = {known: lets[known] for known in names[: names.index(name)]}
            written.append(f"({inlined(lets[name], earlier)})")
        else:
            written.append(part)
    return "".join(written)
