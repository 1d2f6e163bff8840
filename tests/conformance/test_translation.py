"""Every event that a manifest declares is said on every channel: valid for its contract, and the same each time."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

import contracts
from tests.conformance.cases import (
    CHANNELS,
    HEARD,
    connector,
    context,
    everything_said,
    examples,
    is_own,
    manifest,
    said,
    shown,
)


@pytest.mark.parametrize(("name", "event_type"), HEARD, ids=map(shown, HEARD))
def test_an_event_that_the_manifest_declares_is_said_on_every_channel(name: str, event_type: str) -> None:
    found = examples(event_type)
    assert found, f"no example of {event_type}: add a golden/*.event.json"
    spec = manifest(name).spec_for(event_type)
    assert spec is not None
    for channel in manifest(name).channels:
        results = {str(example): said(name, channel.id, example) for example in found}
        assert {one: result for one, result in results.items() if isinstance(result, ValidationError)} == {}
        unsaid = {
            str(example): results[str(example)]
            for example in found
            if is_own(name, example) and (isinstance(results[str(example)], Exception) or not results[str(example)])
        }
        assert unsaid == {}, f"its own examples are not said on {channel.id}"
        told = [result for result in results.values() if not isinstance(result, Exception)]
        assert any(told), f"no example of {event_type} can be said on {channel.id}: {results}"
        assert {message.type for result in told for message in result} == {spec.message}


@pytest.mark.parametrize(("name", "channel"), CHANNELS, ids=map(shown, CHANNELS))
def test_what_is_said_satisfies_the_contract_that_the_manifest_names(name: str, channel: str) -> None:
    spec, left = manifest(name).channel(channel), set(manifest(name).left_to_partner)
    assert spec is not None
    for one in everything_said(name, channel):
        for message in one.messages:
            named = spec.contracts[message.type]
            if one.variant:  # another setting may choose another version of the same interface
                assert message.contract.rpartition("/")[0] == named.rpartition("/")[0], str(one)
            else:
                assert message.contract == named, str(one)
            report = contracts.validate(message.contract, message.body)
            broken = [found for found in report.findings if found.severity == "error" and found.rule not in left]
            assert broken == [], str(one)


@pytest.mark.parametrize(("name", "channel"), CHANNELS, ids=map(shown, CHANNELS))
def test_the_same_event_gives_the_same_messages(name: str, channel: str) -> None:
    for one in everything_said(name, channel):
        again = connector(name).translate(one.example.event, channel, context(name, one.example, one.variant))
        assert tuple(again) == one.messages, str(one)


@pytest.mark.parametrize(("name", "channel"), CHANNELS, ids=map(shown, CHANNELS))
def test_a_message_says_what_the_engine_needs(name: str, channel: str) -> None:
    for one in everything_said(name, channel):
        assert len({message.reference for message in one.messages}) == len(one.messages), f"{one}: twice a reference"
        for message in one.messages:
            assert message.body, str(one)
            assert message.reference, str(one)
            assert message.filename, str(one)
            assert "/" not in message.filename, str(one)
            assert message.media_type.partition(";")[0].count("/") == 1, str(one)
