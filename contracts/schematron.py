"""Evaluates ISO Schematron files with compiled XPath 1.0: the standard artefact, at the speed of the hot path.

Supported, as in the standard: ``ns``, ``pattern``, ``rule`` with ``context``, ``assert``, ``report``, ``let`` at every
level, ``value-of`` and ``name`` in messages, and first-rule-wins inside a pattern. Every assert carries an ``id``.
Abstract patterns, phases and includes are refused when the file is compiled rather than ignored.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from contracts.xml import new_parser

_SCH = "{http://purl.oclc.org/dsdl/schematron}"
_KNOWN = {_SCH + name for name in ("title", "ns", "p", "let", "pattern", "rule", "assert", "report", "diagnostics")}
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
    fires: etree.XPath
    text: tuple[str | etree.XPath, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    context: etree.XPath
    lets: tuple[tuple[str, etree.XPath], ...]
    tests: tuple[_Test, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    lets: tuple[tuple[str, etree.XPath], ...]
    rules: tuple[_Rule, ...]


class Schematron:
    """One compiled file. Not shared between threads: see ``compiled``."""

    def __init__(self, path: Path) -> None:
        root = etree.fromstring(path.read_bytes(), new_parser())
        self._namespaces = {str(ns.get("prefix")): str(ns.get("uri")) for ns in root.findall(_SCH + "ns")}
        try:
            for node in root.iter(etree.Element):
                self._check_known(node)
            self._lets = self._compile_lets(root)
            self._patterns = tuple(self._compile_pattern(node) for node in root.findall(_SCH + "pattern"))
        except etree.XPathSyntaxError as error:
            raise SchematronError(f"{path}: {error}") from error

    def failures(self, tree: etree._ElementTree) -> Iterator[Failure]:
        """Every broken assertion, pattern by pattern, in document order within a rule."""
        base: dict[str, Any] = {}
        for name, value in self._lets:
            base[name] = _variable(value(tree, **base))
        for pattern in self._patterns:
            variables = dict(base)
            for name, value in pattern.lets:
                variables[name] = _variable(value(tree, **variables))
            yield from _run(pattern, tree, variables)

    def _xpath(self, expression: str) -> etree.XPath:
        return etree.XPath(expression, namespaces=self._namespaces, regexp=False, smart_strings=False)

    @staticmethod
    def _check_known(node: etree._Element) -> None:
        inline = (_SCH + "value-of", _SCH + "name", _SCH + "schema", _SCH + "emph")
        if node.tag not in _KNOWN and node.tag not in inline:
            raise SchematronError(f"line {node.sourceline}: {node.tag} is not supported")
        if node.get("abstract") or node.get("is-a"):
            raise SchematronError(f"line {node.sourceline}: abstract patterns and rules are not supported")

    def _compile_lets(self, node: etree._Element) -> tuple[tuple[str, etree.XPath], ...]:
        return tuple((str(let.get("name")), self._xpath(str(let.get("value")))) for let in node.findall(_SCH + "let"))

    def _compile_pattern(self, node: etree._Element) -> _Pattern:
        rules = tuple(self._compile_rule(rule) for rule in node.findall(_SCH + "rule"))
        return _Pattern(self._compile_lets(node), rules)

    def _compile_rule(self, node: etree._Element) -> _Rule:
        context = str(node.get("context"))
        tests = tuple(self._compile_test(child) for child in node if child.tag in (_SCH + "assert", _SCH + "report"))
        return _Rule(self._xpath(_as_selection(context)), self._compile_lets(node), tests)

    def _compile_test(self, node: etree._Element) -> _Test:
        rule_id = node.get("id")
        if not rule_id:
            raise SchematronError(f"line {node.sourceline}: assert and report need an id")
        test = str(node.get("test"))
        fires = f"not({test})" if node.tag == _SCH + "assert" else f"boolean({test})"
        return _Test(rule_id, self._xpath(fires), self._compile_text(node))

    def _compile_text(self, node: etree._Element) -> tuple[str | etree.XPath, ...]:
        parts: list[str | etree.XPath] = [node.text or ""]
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


def _as_selection(context: str) -> str:
    """A Schematron context is a match pattern: it selects the nodes it matches, wherever they stand."""
    if "|" in context and "[" in context:
        raise SchematronError(f"context {context!r}: write one rule per alternative when a predicate is used")
    parts = (part.strip() for part in context.split("|"))
    return " | ".join(part if part.startswith("/") else f"//{part}" for part in parts)


def _variable(value: Any) -> Any:
    """A value that lxml takes back as a variable: attributes and texts become elements that hold the same text."""
    if not isinstance(value, list) or all(isinstance(item, etree._Element) for item in value):
        return value
    elements: list[etree._Element] = []
    for item in value:
        element = item if isinstance(item, etree._Element) else etree.Element("value")
        if element is not item:
            element.text = str(item)
        elements.append(element)
    return elements


def _run(pattern: _Pattern, tree: etree._ElementTree, base: dict[str, Any]) -> Iterator[Failure]:
    taken: set[etree._Element] = set()
    several = len(pattern.rules) > 1
    for rule in pattern.rules:
        nodes: Any = rule.context(tree, **base)
        if several and nodes:
            nodes = [node for node in nodes if node not in taken]
            taken.update(nodes)
        for node in nodes:
            variables = base
            if rule.lets:
                variables = dict(base)
                for name, value in rule.lets:
                    variables[name] = _variable(value(node, **variables))
            for test in rule.tests:
                if test.fires(node, **variables):
                    text = "".join(p if isinstance(p, str) else str(p(node, **variables)) for p in test.text)
                    yield Failure(test.rule, node, " ".join(text.split()))
