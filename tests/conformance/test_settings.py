"""Settings: nothing unknown is taken, secrets are named and never held, and what is missing is said at opening."""

from __future__ import annotations

import re

import pytest
from pydantic import BaseModel, ValidationError

from semaphore_hub.ports.outcomes import Misconfigured
from tests.conformance.cases import (
    API,
    CHANNELS,
    IDS,
    alternatives,
    connector,
    fields_of,
    given_settings,
    known_secret,
    no_secret,
    reached,
    settings,
    shown,
)

# Words for what settings must not hold; « cleHote » and « cle » are a public key and the name of a file.
SECRET = re.compile(r"secret|password|mot_?de_?passe|passphrase|token|jeton|api_?key|cle_?(api|privee)", re.IGNORECASE)


@pytest.mark.parametrize("name", IDS)
def test_the_example_settings_are_taken_and_an_unknown_one_is_not(name: str) -> None:
    assert isinstance(settings(name), BaseModel)
    with pytest.raises(ValidationError, match="reglageInconnu"):
        connector(name).settings_model.model_validate({**given_settings(name), "reglageInconnu": "x"})


@pytest.mark.parametrize("name", IDS)
def test_a_secret_is_named_never_held(name: str) -> None:
    held = [
        field
        for field, annotation in fields_of(connector(name).settings_model)
        if SECRET.search(field) and not (field.endswith("Secret") and str in alternatives(annotation))
    ]
    assert held == []


@pytest.mark.parametrize("name", API)
async def test_each_named_secret_is_asked_for_by_its_name(name: str) -> None:
    given = reached(name, "http://127.0.0.1:9")
    asked: list[str] = []

    def reader(secret: str) -> str:
        asked.append(secret)
        return known_secret(secret)

    transport = connector(name).open("api", given, reader)
    await transport.close()
    named = [getattr(given, field) for field in type(given).model_fields if field.endswith("Secret")]
    assert sorted(asked) == sorted(named)
    with pytest.raises(Misconfigured):
        connector(name).open("api", given, no_secret)


@pytest.mark.parametrize(("name", "channel"), CHANNELS, ids=map(shown, CHANNELS))
def test_a_channel_without_its_settings_cannot_be_opened(name: str, channel: str) -> None:
    model = connector(name).settings_model
    required = {key: given_settings(name)[key] for key, field in model.model_fields.items() if field.is_required()}
    with pytest.raises(Misconfigured) as raised:
        connector(name).open(channel, model.model_validate(required), known_secret)
    assert raised.value.reason
