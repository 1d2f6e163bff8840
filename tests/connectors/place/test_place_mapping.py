"""What an event of the procedure says to PLACE, in JSON and in CSV."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import contracts
from connectors.place.rendering import COLUMNS
from semaphore_hub.ports.events import MARCHE_NOTIFIE, Event
from semaphore_hub.ports.outcomes import Unsupported
from tests.connectors.place.place_events import BUYER, GOLDEN, NAMES, connector, event, messages, settings, translate

CHANNELS = {"api": "json", "file": "csv"}


def expected(path: Path, body: bytes) -> bytes:
    """The golden bytes; written anew when SEMAPHORE_GOLDEN=write, for a person to review."""
    if os.environ.get("SEMAPHORE_GOLDEN") == "write":
        path.write_bytes(body)
    return path.read_bytes()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_an_event_is_written_as_in_the_golden_file_and_satisfies_its_contract(name: str, channel: str) -> None:
    message = translate(event(name), channel)
    assert message.body == expected(GOLDEN / f"{name}.{CHANNELS[channel]}", message.body)
    assert contracts.validate(message.contract, message.body).findings == ()
    assert contracts.recognise(message.body) == message.contract
    assert message.losses == ("avant_attribution",)


def cell(value: Any) -> str:
    """A JSON value as the file writes it."""
    if isinstance(value, list):
        return "|".join(":".join(text.replace(":", " ") for text in one.values()) for one in value)
    text = str(value)
    if len(text) == 10 and text[4] == text[7] == "-":
        return "/".join(reversed(text.split("-")))
    return text


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_say_the_same(name: str) -> None:
    document = json.loads(translate(event(name), "api").body)
    [row] = csv.DictReader(io.StringIO(translate(event(name), "file").body.decode(), newline=""), delimiter=";")
    kind = {"Consultation": "consultation", "Contrat": "attribution", "Abandon": "abandon"}[document.pop("@type")]
    lot = document.pop("lot", None)
    if lot:
        document |= {"numeroLot": lot["numero"], "intituleLot": lot["intitule"]}
    for name_of_amount in ("montantEstimeHT", "montantHT"):
        if name_of_amount in document:
            document[name_of_amount] = document[name_of_amount].replace(".", ",")
    assert {column: text for column, text in row.items() if text} == {
        "type_message": kind,
        **{COLUMNS[key]: cell(value) for key, value in document.items()},
    }


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("consulte_lot", "2026-AOO-017"),
        ("consulte_complet", "2026-AOO-018"),
        ("consulte_sans_lot", "2026DM001"),
        ("sans_suite", "2026DM001"),
    ],
)
def test_the_reference_is_that_of_the_consultation_else_the_number_of_the_projet(name: str, reference: str) -> None:
    message = translate(event(name), "api")
    assert json.loads(message.body)["reference"] == message.business_ref == reference


def test_what_is_sent_by_hand_lacks_what_the_event_does_not_say() -> None:
    """An event that says neither dates nor procedure makes a message without them, not with invented ones."""
    assert set(json.loads(translate(event("consulte_sans_lot"), "api").body)) == {
        "@type",
        "identifiantExterne",
        "organisme",
        "acheteur",
        "reference",
        "objet",
        "etape",
        "montantEstimeHT",
    }


@pytest.mark.parametrize("name", ["infructueux", "sans_suite"])
def test_a_need_given_up_before_its_launch_is_not_said(name: str) -> None:
    assert messages(event(name), "api", sequence=1) == []
    assert len(messages(event(name), "api", sequence=2)) == 1


def test_another_buyer_of_the_group_is_not_said_to_this_organisation() -> None:
    for acheteurs, count in (([BUYER], 1), (["26990002300012"], 0), ([], 1)):
        assert len(messages(event("consulte_lot"), "api", acheteurs=acheteurs)) == count


def test_an_abandon_without_its_reason_breaks_its_contract_on_both_channels() -> None:
    for channel, rule in (("api", "PLACE-MOTIF"), ("file", "PLACE-DEP-MOTIF")):
        message = translate(event("sans_suite", motif=None), channel)
        assert [finding.rule for finding in contracts.validate(message.contract, message.body).findings] == [rule]


def test_the_file_name_says_the_organisation_the_day_and_the_rank() -> None:
    message = translate(event("analyse"), "file", ordinal=7)
    assert (message.filename, message.reference) == (
        "PLACE_x7y_20260212_00007.csv",
        f"SEM-{event('analyse').id}",
    )


def test_other_events_are_not_said() -> None:
    said = event("analyse")
    with pytest.raises(Unsupported):
        translate(Event(said.id, MARCHE_NOTIFIE, said.subject, 9, said.time, said.ght, said.data), "api")


def test_nothing_of_the_marche_is_told_and_the_loss_says_so() -> None:
    message = translate(event("attribue"), "api")
    assert connector().tells(message.type, message.body) == {}
    [loss] = connector().manifest.losses
    assert all(loss.covers(champ) for champ in ("montant", "titulaires[SIRET 1].montant", "initial.dureeMois"))


@pytest.mark.parametrize("change", [{"organisme": "VALMONT"}, {"baseUrl": "place"}, {"moisSuivis": 0}, {"autre": 1}])
def test_wrong_settings_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**change)
