"""Runs the coded rules of a contract: checks written in Python, named by ``contract.toml``."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from typing import Any

from contracts.elements import PerElement, Walk
from contracts.records import Pass, PerRecord, XmlPiece
from contracts.registry import ContractBroken, InterfaceContract, Rule
from contracts.report import MAX_FINDINGS, Violation

Check = Callable[[Any], Iterable[Violation]]
Rules = tuple[Rule, ...]
# By the contract's own identity: it is kept here, so that no other can take its number.
_plans: dict[int, tuple[InterfaceContract, list[_Group]]] = {}


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring checks that are run together, each with its rules: neighbours may share a check."""

    checks: tuple[tuple[Check, Rules], ...]
    records: tuple[PerRecord, ...] = ()
    walk: Walk | None = None


class Coded:
    """The coded rules of a contract, for one document: given whole, or in several pieces one after the other."""

    def __init__(self, contract: InterfaceContract) -> None:
        """Raises ContractBroken when a check cannot be imported."""
        known = _plans.get(id(contract))
        if known is None or known[0] is not contract:
            known = _plans[id(contract)] = contract, _planned(contract)
        self._groups = [(group, Pass(group.records) if group.records else None) for group in known[1]]

    def violations(self, document: Any) -> Iterator[tuple[Rule, Violation]]:
        """Every violation by a document (tree, JSON value or CSV row) or by one piece of it, rule by rule."""
        for group, records in self._groups:
            if records is not None:
                together = records.read(document)
            elif group.walk is not None:
                whole = not isinstance(document, XmlPiece)
                together = group.walk.through((document.getroot(),) if whole else document.elements)
            else:
                for check, rules in group.checks:
                    yield from _by_rule(rules, check(document))
                continue
            for (_, rules), found in zip(group.checks, together, strict=True):
                if found:
                    yield from _by_rule(rules, found)


def said(rule: Rule, violation: Violation) -> str:
    """The rule's sentence with the detail of the violation."""
    return rule.message.replace("{detail}", violation.detail)


def _by_rule(rules: Rules, violations: Iterable[Violation]) -> Iterable[tuple[Rule, Violation]]:
    """Each violation with its rule, rule by rule. Those of a shared check are held, but no more than are reported."""
    if len(rules) == 1:
        return ((rules[0], violation) for violation in violations)
    held = list(islice(violations, MAX_FINDINGS + 1))
    return [(rule, violation) for rule in rules for violation in held if violation.rule == rule.id] if held else ()


def _path_of(rule: Rule) -> str:
    return rule.check or ""


def _planned(contract: InterfaceContract) -> list[_Group]:
    rules = [rule for rule in contract.rules if rule.check is not None]
    checks = [(_imported(path), tuple(same)) for path, same in groupby(rules, _path_of)]
    groups: list[_Group] = []
    for _, neighbours in groupby(checks, _kind_of):
        run = tuple(neighbours)
        records = tuple(check for check, _ in run if isinstance(check, PerRecord))
        elements = [check for check, _ in run if isinstance(check, PerElement)]
        groups.append(_Group(run, records, Walk(elements) if elements else None))
    return groups


def _kind_of(check: tuple[Check, Rules]) -> object:
    """What the checks that can be run together have in common."""
    return check[0].records if isinstance(check[0], PerRecord) else type(check[0])


@lru_cache(maxsize=128)
def _imported(path: str) -> Check:
    module, _, name = path.partition(":")
    try:
        check: Check = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ContractBroken(f"check {path!r} cannot be imported: {error}") from error
    return check
