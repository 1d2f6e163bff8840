"""The examples that go with every contract are what they say: valid, or broken by the rule in their name."""

from __future__ import annotations

import pytest

import contracts

EXAMPLES = [
    pytest.param(contract, example, id=f"{contract.id}/{example.path.name}")
    for contract in contracts.catalogue()
    if contract.schema is not None
    for example in contract.examples
]


@pytest.mark.parametrize(("contract", "example"), EXAMPLES)
def test_the_example_is_valid_or_breaks_its_rule(
    contract: contracts.InterfaceContract, example: contracts.Example
) -> None:
    report = contracts.validate(contract.id, example.path.read_bytes())
    if example.rule is None:
        assert report.findings == ()
        return
    found = {finding.rule: finding for finding in report.findings}
    assert example.rule in found
    assert found[example.rule].severity == contract.rule(example.rule).severity
    assert report.valid == all(finding.severity == "warning" for finding in report.findings)


@pytest.mark.parametrize(
    "contract", [c for c in contracts.catalogue() if c.id.startswith("daj/decp")], ids=lambda c: str(c.id)
)
def test_every_rule_has_an_example_that_breaks_it(contract: contracts.InterfaceContract) -> None:
    shown = {example.rule for example in contract.examples}
    # A document over 50 MiB is no example to ship: tested on its own.
    assert {rule.id for rule in contract.rules} - shown == {"DECP-TAILLE"}
