"""What a message does not tell as it is, it declares; what it declares is so (ADR 0012)."""

from __future__ import annotations

import pytest

from semaphore_hub.ports.champs import champs_of
from semaphore_hub.ports.connector import Message
from semaphore_hub.ports.events import MARCHE_ETATS
from semaphore_hub.ports.manifest import Loss
from tests.conformance.cases import CHANNELS, IDS, Example, connector, everything_said, manifest, shown


def hears_states(name: str) -> bool:
    """Whether a connector is told the state of a marché: the fields of its losses are then compared."""
    return any(spec.event in MARCHE_ETATS for spec in manifest(name).messages)


def declared(name: str, message: Message) -> list[Loss]:
    """The losses a message makes, by the manifest."""
    return [loss for loss in manifest(name).losses if loss.id in message.losses]


def different(name: str, example: Example, message: Message) -> dict[str, tuple[str | None, str | None]]:
    """Fields of a marché that are not told as they are: value, what is told."""
    assert example.marche is not None
    known, told = champs_of(example.marche), connector(name).tells(message.type, message.body)
    return {
        field: (known.get(field), told.get(field)) for field in {*known, *told} if known.get(field) != told.get(field)
    }


@pytest.mark.parametrize(("name", "channel"), CHANNELS, ids=map(shown, CHANNELS))
def test_a_message_makes_only_losses_that_the_manifest_declares(name: str, channel: str) -> None:
    known = {loss.id for loss in manifest(name).losses}
    undeclared = {
        (str(one), loss)
        for one in everything_said(name, channel)
        for message in one.messages
        for loss in {*message.losses} - known
    }
    assert undeclared == set()


def unexplained(name: str, channel: str) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """By example and field: fields not told as they are that no loss of the message covers.

    One event may be told by two files, its contract's beginning then its present state: the last one is held to it. A
    field that is told wrong is not excused by a loss that leaves it out.
    """
    found = {}
    for one in everything_said(name, channel):
        if one.example.marche is None:
            continue
        lost = declared(name, one.messages[-1])
        for field, values in different(name, one.example, one.messages[-1]).items():
            if not any(loss.covers(field) and (values[1] is None or loss.alteration) for loss in lost):
                found[str(one.example), field] = values
    return found


@pytest.mark.parametrize(("name", "channel"), CHANNELS, ids=map(shown, CHANNELS))
def test_a_field_is_told_as_it_is_or_covered_by_a_loss_of_its_message(name: str, channel: str) -> None:
    assert unexplained(name, channel) == {}


@pytest.mark.parametrize("name", [name for name in IDS if hears_states(name)])
def test_a_loss_that_names_fields_is_real_in_an_example(name: str) -> None:
    """Declared and never made, a loss would excuse errors to come."""
    real = {
        loss.id
        for channel in manifest(name).channels
        for one in everything_said(name, channel.id)
        if one.example.marche is not None
        for message in one.messages
        for loss in declared(name, message)
        if any(map(loss.covers, different(name, one.example, message)))
    }
    assert [loss.id for loss in manifest(name).losses if loss.champs and loss.id not in real] == []
