"""Whole lives of marchés, lived through the services, then said to the GEF: always valid, nothing lost in silence."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import contracts
from semaphore_hub.ports.champs import champs_of
from semaphore_hub.ports.connector import RenderContext
from semaphore_hub.ports.events import Event
from semaphore_hub.ports.payloads import MarchePayload
from tests.connectors.gef.gef_cases import CONNECTORS, DAY
from tests.connectors.gef.gef_cases import settings as instance
from tests.connectors.gef.test_gef_reading_back import unexplained
from tests.lives.lives import KINDS, live
from tests.lives.world import World

WAYS = (("gef_saas", "api"), ("gef_2k22", "api"), ("gef_nc", "file"))
"""One connector and channel for each syntax."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("lives"))


def assert_said(name: str, channel: str, event: Event) -> None:
    connector = CONNECTORS[name]
    [message] = connector.translate(event, channel, RenderContext(name, instance(name), DAY, 1, 1))
    report = contracts.validate(message.contract, message.body)
    assert report.valid, report.findings
    lost = [loss for loss in connector.manifest.losses if loss.id in message.losses]
    assert len(lost) == len(message.losses)
    known = champs_of(MarchePayload.model_validate(event.data).marche)
    assert unexplained(known, dict(connector.tells(message.type, message.body)), lost) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_life_is_said_in_every_syntax(world: World, kind: str) -> None:
    heard = {spec.event for spec in CONNECTORS["gef_saas"].manifest.messages}
    said: set[str] = set()

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.data())
    def lives(data: st.DataObject) -> None:
        world.events.clear()
        live(data.draw, world, kind)
        for event in world.events:
            if event.type in heard:
                said.add(event.type)
                for name, channel in WAYS:
                    assert_said(name, channel, event)

    lives()
    assert len(said) >= 6, said
