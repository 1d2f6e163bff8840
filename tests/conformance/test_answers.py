"""What a partner may send, by the examples of its contracts, is understood; what breaks them is refused."""

from __future__ import annotations

import pytest

import contracts
from semaphore_hub.ports.connector import Inbound, Interpretation
from semaphore_hub.ports.outcomes import Unreadable
from tests.conformance.cases import CHANNELS, connector, manifest

EXCHANGES = [
    (name, channel, contract)
    for name, channel in CHANNELS
    for spec in manifest(name).channels
    if spec.id == channel
    for contract in spec.inbound
]
IDS_OF = ["-".join((name, channel, contract.replace("/", "_"))) for name, channel, contract in EXCHANGES]
JUDGED_BY_A_MODULE = {"centrale.produits", "place.decp"}
"""Commands with many records, which the module judges one by one: it refuses some, and reports each."""


def read(name: str, channel: str, contract: contracts.InterfaceContract, example: contracts.Example) -> Interpretation:
    """What a connector makes of an example."""
    body = example.path.read_bytes()
    return connector(name).interpret(Inbound(example.path.name, body, contract.media_type, channel))


@pytest.mark.parametrize(("name", "channel", "contract_id"), EXCHANGES, ids=IDS_OF)
def test_a_valid_answer_is_understood(name: str, channel: str, contract_id: str) -> None:
    contract = contracts.get(contract_id)
    valid = [one for one in contract.examples if one.rule is None]
    assert valid, f"{contract_id} has no valid example"
    idle = []
    for one in valid:
        found = read(name, channel, contract, one)
        # A list that has nothing in it is valid, and says nothing.
        if not found.acknowledgements and not found.commands and not one.path.stem.startswith("vide"):
            idle.append(one.path.name)
    assert idle == []


@pytest.mark.parametrize(("name", "channel", "contract_id"), EXCHANGES, ids=IDS_OF)
def test_an_invalid_answer_is_refused_or_understood_with_a_warning(name: str, channel: str, contract_id: str) -> None:
    """Lenient with what is sloppy, strict with what is ambiguous; never silent, and no other exception."""
    contract = contracts.get(contract_id)
    silent = set()
    for one in contract.examples:
        if one.rule is None or contract.rule(one.rule).severity != "error":
            continue
        try:
            found = read(name, channel, contract, one)
        except Unreadable:
            continue
        handed_over = {command.name for command in found.commands} <= JUDGED_BY_A_MODULE
        if not found.warnings and (found.acknowledgements or not handed_over):
            silent.add(one.path.name)
    assert silent == set()


@pytest.mark.parametrize(("name", "channel"), CHANNELS, ids=map("-".join, CHANNELS))
@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"{", b"<a", b"a;b\n1;2\n", b"[]", b"null", b"<html/>"], ids=repr)
def test_any_other_document_is_refused(name: str, channel: str, body: bytes) -> None:
    with pytest.raises(Unreadable) as raised:
        connector(name).interpret(Inbound("inconnu.dat", body, "application/octet-stream", channel))
    assert raised.value.reason
