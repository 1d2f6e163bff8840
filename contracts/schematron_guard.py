"""Says which rules of a Schematron file have a broken assertion somewhere, at the least cost for a sound document.

All that is asserted about the elements of one name is one compiled XPath, asked of each of them in a single walk: it
neither copies the document nor searches it once per rule. The guard ignores that only the first matching rule of a
pattern applies, and does not tell apart the rules it asks together: it may name a rule in excess, never miss one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from contracts.xpath import Expression, Lets, as_variable, inlined, mentions

Compiled = tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class GuardedRule:
    """A rule as the guard sees it: where its nodes are, its variables, and one XPath that is true when it breaks.

    ``paths`` holds the steps of a context made of names only (one tuple for each alternative); ``None`` when only
    ``selection`` can find its nodes.
    """

    paths: tuple[tuple[str, ...], ...] | None
    selection: str
    lets: Lets
    breaks: str


@dataclass(frozen=True, slots=True)
class GuardedPattern:
    """The variables of a pattern and its rules."""

    lets: Lets
    rules: tuple[GuardedRule, ...]


@dataclass(frozen=True, slots=True)
class _Watch:
    """A question that needs variables: those of the file and of the pattern (``outer``), and those of the rule."""

    number: int
    where: Expression | None
    outer: Compiled
    lets: Compiled
    breaks: Expression

    def fires(self, node: etree._Element, tree: etree._ElementTree) -> bool:
        if self.where is not None and not self.where.plain(node):
            return False
        variables: dict[str, Any] = {}
        for name, value in self.outer:
            variables[name] = as_variable(value(tree, variables))
        for name, value in self.lets:
            variables[name] = as_variable(value(node, variables))
        # Each of them is needed, by this expression or by one of the others.
        return bool(self.breaks.plain(node, **variables))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of every element of a name: of several rules at once (``breaks``), then of rules with variables."""

    numbers: frozenset[int]
    breaks: etree.XPath | None
    watches: tuple[_Watch, ...]


class Guard:
    """Compiled for one thread: libxml2 evaluates an expression in one thread at a time."""

    def __init__(self, namespaces: dict[str, str], lets: Lets, patterns: tuple[GuardedPattern, ...]) -> None:
        """Raises etree.XPathSyntaxError when an expression does not compile."""
        self._namespaces = namespaces
        self._selected: list[tuple[Expression, _Watch]] = []
        together: dict[str, dict[int, str]] = {}
        alone: dict[str, list[_Watch]] = {}
        ranked = ((pattern, rule) for pattern in patterns for rule in pattern.rules)
        for number, (pattern, rule) in enumerate(ranked):
            breaks = inlined(rule.breaks, rule.lets)
            # Written out, a variable costs nothing when the test is settled before it: only those in predicates stay.
            own, outer = _needed([breaks], rule.lets), {**lets, **pattern.lets}
            shared = _needed([breaks, *own.values()], outer)
            if rule.paths is None:
                watch = self._watch(number, "", shared, own, breaks)
                self._selected.append((self._compiled(rule.selection), watch))
            for tag, where in self._places(rule.paths or ()).items():
                if own or shared:
                    alone.setdefault(tag, []).append(self._watch(number, where, shared, own, breaks))
                else:
                    text = f"({where}) and ({breaks})" if where else f"({breaks})"
                    together.setdefault(tag, {})[number] = text
        self._asked = {tag: self._asked_of(together.get(tag, {}), alone.get(tag, ())) for tag in (*together, *alone)}

    def broken(self, tree: etree._ElementTree) -> set[int]:
        """The ranks, in the file, of the rules that may have a broken assertion: empty for a sound document."""
        broken: set[int] = set()
        asked = self._asked
        # Without a name, iter() would give every element.
        for element in tree.getroot().iter(*asked) if asked else ():
            of = asked[element.tag]
            if of.breaks is not None and of.breaks(element):
                broken |= of.numbers
            for watch in of.watches:
                if watch.fires(element, tree):
                    broken.add(watch.number)
        for selection, watch in self._selected:
            nodes: list[etree._Element] = selection(tree, {})
            if any(watch.fires(node, tree) for node in nodes):
                broken.add(watch.number)
        return broken

    def _compiled(self, text: str) -> Expression:
        return Expression(text, self._namespaces)

    def _all_compiled(self, lets: Lets) -> Compiled:
        return tuple((name, self._compiled(value)) for name, value in lets.items())

    def _watch(self, number: int, where: str, outer: Lets, lets: Lets, breaks: str) -> _Watch:
        place = self._compiled(f"boolean({where})") if where else None
        return _Watch(number, place, self._all_compiled(outer), self._all_compiled(lets), self._compiled(breaks))

    def _asked_of(self, together: dict[int, str], alone: Sequence[_Watch]) -> _Asked:
        breaks = self._compiled(" or ".join(together.values())).plain if together else None
        return _Asked(frozenset(together), breaks, tuple(alone))

    def _places(self, paths: tuple[tuple[str, ...], ...]) -> Lets:
        """By tag of the last step, the XPath that is true of an element whose ancestors are those of a path."""
        places: dict[str, list[str]] = {}
        for *parents, last in paths:
            where = "/".join(f"parent::{step}" for step in reversed(parents))
            places.setdefault(self._tag(last), []).append(where)
        return {tag: "" if "" in wheres else " or ".join(wheres) for tag, wheres in places.items()}

    def _tag(self, step: str) -> str:
        prefix, colon, name = step.partition(":")
        return f"{{{self._namespaces[prefix]}}}{name}" if colon else step


def _needed(expressions: Sequence[str], lets: Lets) -> Lets:
    """The variables that expressions name, and those that these name in turn, in order of declaration."""
    needed: dict[str, str] = {}
    for name, value in reversed(lets.items()):
        if any(mentions(expression, name) for expression in (*expressions, *needed.values())):
            needed[name] = value
    return dict(reversed(needed.items()))
