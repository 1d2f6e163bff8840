"""Evaluates ISO Schematron files with compiled XPath 1.0: the standard artefact, at the speed of the hot path.

A guard (``schematron_guard``) first says which rules are broken somewhere: only those are looked at node by node.

Supported, as in the standard: ``ns``, ``pattern``, ``rule`` with ``context``, ``assert``, ``report``, ``let`` at every
level, ``value-of`` and ``name`` in messages, and first-rule-wins inside a pattern. Every assert carries an ``id``.
Abstract patterns, phases and includes are refused when the file is compiled rather than ignored.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from contracts.elements import Elements
from contracts.schematron_guard import Guard, GuardedPattern, GuardedRule
from contracts.xml import new_parser
from contracts.xpath import Expression, as_variable

_SCH = "{http://purl.oclc.org/dsdl/schematron}"
_KNOWN = {_SCH + name for name in ("title", "ns", "p", "let", "pattern", "rule", "assert", "report", "diagnostics")}
_PLAIN_PATH = re.compile(r"[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?(?:/[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)*")
_local = threading.local()


class SchematronError(Exception):
    """A Schematron file uses something we do not evaluate, or an XPath that does not compile."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One broken assertion: its id, the context node, and the file's own message with its values filled in."""

    rule: str
    node: etree._Element
    message: str


@dataclass(frozen=True, slots=True)
class _Test:
    rule: str
    fires: Expression
    text: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """``paths`` says a context made of names only ("Acheteurs/Acheteur"), last name first; else ``context`` selects."""

    context: Expression
    paths: tuple[tuple[str, ...], ...] | None
    lets: tuple[tuple[str, Expression], ...]
    tests: tuple[_Test, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """``numbers`` are the ranks of its rules in the file, as the guard says them."""

    lets: tuple[tuple[str, Expression], ...]
    rules: tuple[_Rule, ...]
    numbers: range


class Schematron:
    """One compiled file. Not shared between threads: see ``compiled``."""

    def __init__(self, path: Path) -> None:
        root = etree.fromstring(path.read_bytes(), new_parser())
        self._namespaces = {str(ns.get("prefix")): str(ns.get("uri")) for ns in root.findall(_SCH + "ns")}
        try:
            for node in root.iter(etree.Element):
                self._check_known(node)
                self._check_variables(node)
            self._lets = self._compile_lets(root)
            self._patterns = self._compile_patterns(root)
            self._guard = Guard(self._namespaces, _lets(root), tuple(map(_guarded, root.findall(_SCH + "pattern"))))
        except etree.XPathSyntaxError as error:
            raise SchematronError(f"{path}: {error}") from error

    def failures(self, tree: etree._ElementTree) -> Iterator[Failure]:
        """Every broken assertion, pattern by pattern, in document order within a rule."""
        broken = self._guard.broken(tree)
        if not broken:
            return
        elements = Elements(tree.getroot())
        base: dict[str, Any] = {}
        for name, value in self._lets:
            base[name] = as_variable(value(tree, base))
        for pattern in self._patterns:
            if broken.isdisjoint(pattern.numbers):
                continue
            variables = dict(base)
            for name, value in pattern.lets:
                variables[name] = as_variable(value(tree, variables))
            yield from _run(pattern, tree, elements, variables, broken)

    def _xpath(self, expression: str) -> Expression:
        return Expression(expression, self._namespaces)

    def _paths(self, context: str) -> tuple[tuple[str, ...], ...] | None:
        """The context as paths of tags, last first, when it is made of plain names; ``None`` otherwise."""
        paths = _steps(context)
        return paths and tuple(tuple(map(self._tag, reversed(path))) for path in paths)

    def _tag(self, step: str) -> str:
        prefix, colon, name = step.partition(":")
        return f"{{{self._namespaces[prefix]}}}{name}" if colon else step

    @staticmethod
    def _check_known(node: etree._Element) -> None:
        inline = (_SCH + "value-of", _SCH + "name", _SCH + "schema", _SCH + "emph")
        if node.tag not in _KNOWN and node.tag not in inline:
            raise SchematronError(f"line {node.sourceline}: {node.tag} is not supported")
        if node.get("abstract") or node.get("is-a"):
            raise SchematronError(f"line {node.sourceline}: abstract patterns and rules are not supported")

    @staticmethod
    def _check_variables(node: etree._Element) -> None:
        names = [let.get("name") for scope in (node, *node.iterancestors()) for let in scope.findall(_SCH + "let")]
        if len(names) > len(set(names)):
            raise SchematronError(f"line {node.sourceline}: a variable is declared twice")

    def _compile_lets(self, node: etree._Element) -> tuple[tuple[str, Expression], ...]:
        return tuple((str(let.get("name")), self._xpath(str(let.get("value")))) for let in node.findall(_SCH + "let"))

    def _compile_patterns(self, root: etree._Element) -> tuple[_Pattern, ...]:
        patterns: list[_Pattern] = []
        first = 0
        for node in root.findall(_SCH + "pattern"):
            rules = tuple(self._compile_rule(rule) for rule in node.findall(_SCH + "rule"))
            patterns.append(_Pattern(self._compile_lets(node), rules, range(first, first + len(rules))))
            first += len(rules)
        return tuple(patterns)

    def _compile_rule(self, node: etree._Element) -> _Rule:
        context = str(node.get("context"))
        tests = tuple(self._compile_test(child) for child in _assertions(node))
        return _Rule(self._xpath(_as_selection(context)), self._paths(context), self._compile_lets(node), tests)

    def _compile_test(self, node: etree._Element) -> _Test:
        rule_id = node.get("id")
        if not rule_id:
            raise SchematronError(f"line {node.sourceline}: assert and report need an id")
        return _Test(rule_id, self._xpath(_fires(node)), self._compile_text(node))

    def _compile_text(self, node: etree._Element) -> tuple[str | Expression, ...]:
        parts: list[str | Expression] = [node.text or ""]
        for child in node:
            if child.tag == _SCH + "value-of":
                parts.append(self._xpath(f"string({child.get('select')})"))
            elif child.tag == _SCH + "name":
                parts.append(self._xpath(f"name({child.get('path') or '.'})"))
            else:
                parts.append(child.text or "")
            parts.append(child.tail or "")
        return tuple(parts)


def compiled(path: Path) -> Schematron:
    """The compiled file, once per thread: libxml2 evaluates one XPath at a time and would make threads wait."""
    cache: dict[Path, Schematron] | None = getattr(_local, "cache", None)
    if cache is None:
        cache = _local.cache = {}
    if path not in cache:
        cache[path] = Schematron(path)
    return cache[path]


def assert_texts(path: Path) -> dict[str, str]:
    """The message of each assert and report by id, with ``{…}`` where a value is filled in."""
    root = etree.fromstring(path.read_bytes(), new_parser())
    texts: dict[str, str] = {}
    for node in root.iter(_SCH + "assert", _SCH + "report"):
        parts = [node.text or ""]
        for child in node:
            parts += ["…" if child.tag in (_SCH + "value-of", _SCH + "name") else child.text or "", child.tail or ""]
        texts[str(node.get("id"))] = " ".join("".join(parts).split())
    return texts


def _guarded(pattern: etree._Element) -> GuardedPattern:
    rules = tuple(
        GuardedRule(
            _steps(str(rule.get("context"))),
            _as_selection(str(rule.get("context"))),
            _lets(rule),
            " or ".join(f"({_fires(child)})" for child in _assertions(rule)) or "false()",
        )
        for rule in pattern.findall(_SCH + "rule")
    )
    return GuardedPattern(_lets(pattern), rules)


def _lets(node: etree._Element) -> dict[str, str]:
    return {str(let.get("name")): str(let.get("value")) for let in node.findall(_SCH + "let")}


def _assertions(rule: etree._Element) -> list[etree._Element]:
    return [child for child in rule if child.tag in (_SCH + "assert", _SCH + "report")]


def _fires(node: etree._Element) -> str:
    """The XPath that is true when an assert is broken or a report is to be made."""
    test = str(node.get("test"))
    return f"not({test})" if node.tag == _SCH + "assert" else f"boolean({test})"


def _steps(context: str) -> tuple[tuple[str, ...], ...] | None:
    """The names a context is made of, path by path; ``None`` when it is not made of plain names."""
    alternatives = [part.strip() for part in context.split("|")]
    if not all(_PLAIN_PATH.fullmatch(part) for part in alternatives):
        return None
    return tuple(tuple(part.split("/")) for part in alternatives)


def _as_selection(context: str) -> str:
    """A Schematron context is a match pattern: it selects the nodes it matches, wherever they stand."""
    if "|" in context and "[" in context:
        raise SchematronError(f"context {context!r}: write one rule per alternative when a predicate is used")
    parts = (part.strip() for part in context.split("|"))
    return " | ".join(part if part.startswith("/") else f"//{part}" for part in parts)


def _nodes(
    rule: _Rule, tree: etree._ElementTree, elements: Elements, variables: dict[str, Any]
) -> list[etree._Element]:
    """The context's nodes, in document order."""
    if rule.paths is None:
        selected: list[etree._Element] = rule.context(tree, variables)
        return selected
    found = [item for path in rule.paths for item in elements.ranked(path[0]) if _stands_in(item[1], path[1:])]
    if len(rule.paths) > 1:
        found = sorted(dict(found).items())
    return [element for _, element in found]


def _stands_in(element: etree._Element, parents: tuple[str, ...]) -> bool:
    current: etree._Element | None = element
    for tag in parents:
        current = None if current is None else current.getparent()
        if current is None or current.tag != tag:
            return False
    return True


def _with_lets(rule: _Rule, node: etree._Element, base: dict[str, Any]) -> dict[str, Any]:
    variables = dict(base)
    for name, value in rule.lets:
        variables[name] = as_variable(value(node, variables))
    return variables


def _run(
    pattern: _Pattern, tree: etree._ElementTree, elements: Elements, base: dict[str, Any], broken: set[int]
) -> Iterator[Failure]:
    taken: set[etree._Element] = set()
    for number, rule in zip(pattern.numbers, pattern.rules, strict=True):
        nodes = [node for node in _nodes(rule, tree, elements, base) if node not in taken]
        # A rule that breaks nowhere still takes its nodes from the rules after it.
        taken.update(nodes)
        for node in nodes if number in broken else ():
            variables = _with_lets(rule, node, base)
            for test in rule.tests:
                if test.fires(node, variables):
                    text = "".join(part if isinstance(part, str) else str(part(node, variables)) for part in test.text)
                    yield Failure(test.rule, node, " ".join(text.split()))
