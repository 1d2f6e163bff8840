"""One XSLT transformation that says which rules of a Schematron file have a broken assertion somewhere.

A sound document, the usual one, then costs a single call to libxslt instead of an XPath evaluation per rule and node.
The guard ignores that only the first matching rule of a pattern applies: it may name a rule in excess, never miss one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

_XSL = "http://www.w3.org/1999/XSL/Transform"
_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|\$[A-Za-z_][\w.-]*|[\[\]]|[^'"$\[\]]+""")
# The stubs of lxml do not know its constants.
_access: Any = etree.XSLTAccessControl
Lets = dict[str, str]
"""XPath expressions by variable, in order of declaration."""


@dataclass(frozen=True, slots=True)
class GuardedRule:
    """A rule as the guard sees it: what selects its nodes, its variables, and one XPath that is true when it breaks."""

    selection: str
    lets: Lets
    breaks: str


@dataclass(frozen=True, slots=True)
class GuardedPattern:
    """The variables of a pattern and its rules."""

    lets: Lets
    rules: tuple[GuardedRule, ...]


class Guard:
    """Compiled for one thread: libxslt runs one transformation at a time in it."""

    def __init__(self, namespaces: dict[str, str], lets: Lets, patterns: tuple[GuardedPattern, ...]) -> None:
        """Raises etree.XSLTParseError when an expression does not compile or a variable is declared twice."""
        sheet = etree.Element(_xsl("stylesheet"), nsmap={"xsl": _XSL, **namespaces}, version="1.0")
        etree.SubElement(sheet, _xsl("output"), method="text")
        # Variables of the file and of patterns are evaluated at the root element, as they are outside the guard.
        top = etree.SubElement(etree.SubElement(sheet, _xsl("template"), match="/"), _xsl("for-each"), select="/*")
        _declare(top, lets)
        number = 0
        for pattern in patterns:
            # A test that is always true: variables live until the end of the element that holds them.
            scope = etree.SubElement(top, _xsl("if"), test="true()")
            _declare(scope, pattern.lets)
            for rule in pattern.rules:
                _add_rule(scope, rule, number)
                number += 1
        self._transform = etree.XSLT(sheet, access_control=_access.DENY_ALL)

    def broken(self, tree: etree._ElementTree) -> set[int]:
        """The ranks, in the file, of the rules that have at least one broken assertion."""
        return {int(number) for number in str(self._transform(tree)).split()}


def _add_rule(scope: etree._Element, rule: GuardedRule, number: int) -> None:
    each = etree.SubElement(scope, _xsl("for-each"), select=rule.selection)
    breaks = _inlined(rule.breaks, rule.lets)
    # Written out, a variable costs nothing when the test is settled before it: only those in predicates stay.
    needed = {name for name in rule.lets if _mentions(breaks, name)}
    for name in reversed(rule.lets):
        if any(_mentions(rule.lets[other], name) for other in needed):
            needed.add(name)
    _declare(each, {name: value for name, value in rule.lets.items() if name in needed})
    etree.SubElement(each, _xsl("if"), test=breaks).text = f"{number} "


def _declare(parent: etree._Element, lets: Lets) -> None:
    for name, value in lets.items():
        etree.SubElement(parent, _xsl("variable"), name=name, select=value)


def _mentions(expression: str, name: str) -> bool:
    return f"${name}" in _TOKEN.findall(expression)


def _inlined(expression: str, lets: Lets) -> str:
    """The expression with a rule's variables replaced by what they stand for.

    Only outside predicates: inside one, the context node is another. The names that stay are declared as variables.
    """
    written: list[str] = []
    depth = 0
    for part in _TOKEN.findall(expression):
        depth += {"[": 1, "]": -1}.get(part, 0)
        name = part[1:]
        if part.startswith("$") and depth == 0 and name in lets:
            names = list(lets)
            earlier = {known: lets[known] for known in names[: names.index(name)]}
            written.append(f"({_inlined(lets[name], earlier)})")
        else:
            written.append(part)
    return "".join(written)


def _xsl(name: str) -> str:
    return f"{{{_XSL}}}{name}"
