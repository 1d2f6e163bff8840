"""The rules of the execution as data; each is broken somewhere in these tests."""

from __future__ import annotations

from pathlib import Path

from semaphore_hub.modules.marches import rules as marche_rules
from semaphore_hub.modules.marches import structure_rules
from semaphore_hub.modules.marches.execution import rules
from semaphore_hub.modules.referentiel.rules import Rule


def declared(module: object) -> list[Rule]:
    """The rules of a module."""
    return [value for value in vars(module).values() if isinstance(value, Rule)]


def test_rules_have_distinct_ids_a_sentence_and_a_source() -> None:
    every = [rule for module in (marche_rules, structure_rules, rules) for rule in declared(module)]
    assert len({rule.id for rule in every}) == len(every)
    for rule in declared(rules) + declared(structure_rules):
        assert rule.id.startswith("MAR-")
        assert rule.message.endswith((".", "mois)."))
        assert rule.source


def test_every_rule_is_broken_by_a_test() -> None:
    texts = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [rule.id for rule in declared(rules) if f'"{rule.id}"' not in texts] == []
