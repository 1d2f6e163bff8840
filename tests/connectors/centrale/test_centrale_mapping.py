"""What each event of an adhesion says to a cooperative, by both channels of both connectors."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

import contracts
from connectors.centrale.mapping import ACTIONS
from connectors.centrale.model import ADHESION_COLUMNS
from semaphore_hub.ports.events import ADHESION_AVANCEE, MARCHE_NOTIFIE
from semaphore_hub.ports.outcomes import Unsupported
from tests.connectors.centrale.centrale_cases import (
    CHANNELS,
    CONNECTORS,
    FOLDER,
    IDS,
    NAMES,
    SUFFIXES,
    event,
    expected,
    translate,
)


@pytest.mark.parametrize(("name", "channel"), CHANNELS)
@pytest.mark.parametrize("said", NAMES)
def test_an_event_is_written_as_in_the_golden_file_and_satisfies_its_contract(
    name: str, channel: str, said: str
) -> None:
    message = translate(name, channel, event(said))
    suffix = SUFFIXES[channel]
    assert message.body == expected(FOLDER / name / "golden" / f"{said}.{channel}.{suffix}", message.body)
    assert message.contract == f"{name}/{'adhesion-json' if channel == 'api' else 'adhesions-csv'}/1"
    assert contracts.validate(message.contract, message.body).findings == ()
    assert contracts.recognise(message.body, message.filename) == message.contract
    assert message.filename == f"SEM_ADH_990780017_20261121_00001.{suffix}"
    assert message.reference == f"SEM-{event(said).id}"
    assert message.business_ref == event(said).data["adhesion"]["uid"]
    assert set(message.losses) <= {loss.id for loss in CONNECTORS[name].manifest.losses}


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("said", NAMES)
def test_both_channels_hold_the_same_values(name: str, said: str) -> None:
    document = json.loads(translate(name, "api", event(said)).body)
    text = translate(name, "file", event(said)).body.decode("utf-8")
    [row] = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    leaves: dict[str, str] = {}
    for column, place in ADHESION_COLUMNS.items():
        value = document
        for step in place:
            value = value.get(step, {})
        if value != {}:
            leaves[column] = str(value)
    assert {column: cell for column, cell in row.items() if cell} == {f"format_{name}": "1", **leaves}
    assert len(leaves) == sum(1 for _ in _flat(document)) - 1, "every value but the version has its column"


def _flat(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in _flat(one)]
    return [value]


@pytest.mark.parametrize("name", IDS)
def test_the_manifest_says_each_event_that_the_mapping_translates(name: str) -> None:
    manifest = CONNECTORS[name].manifest
    assert {spec.event for spec in manifest.messages} == set(ACTIONS)
    assert {(spec.message, spec.audience, spec.ordering) for spec in manifest.messages} == {
        ("adhesion", "destinataire", "receipt")
    }
    assert all(spec.acknowledgement and spec.deadline_seconds for spec in manifest.messages)
    assert (manifest.kind, manifest.status, manifest.idempotent) == ("centrale", "assumed", True)


def test_the_two_manifests_differ_by_their_names_only() -> None:
    ours, theirs = (CONNECTORS[name].manifest for name in IDS)
    assert (ours.messages, ours.losses, ours.retry_schedule) == (theirs.messages, theirs.losses, theirs.retry_schedule)
    assert [one.id for one in ours.channels] == [one.id for one in theirs.channels] == ["api", "file"]


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("other", [ADHESION_AVANCEE, MARCHE_NOTIFIE])
def test_no_other_event_is_said(name: str, other: str) -> None:
    with pytest.raises(Unsupported, match=other):
        translate(name, "api", replace(event("demande"), type=other))


@pytest.mark.parametrize("name", IDS)
def test_a_need_is_written_to_the_cent_and_a_message_tells_nothing_of_a_marche(name: str) -> None:
    message = translate(name, "api", event("demande", besoinTTC="7"))
    assert json.loads(message.body)["adhesion"]["besoinTTC"] == "7.00"
    assert CONNECTORS[name].tells("adhesion", message.body) == {}
