"""Degraded mode: what a channel lacks goes by file, a channel that fails for too long gives way and comes back."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select, update

from semaphore_hub.delivery.partners import Partner
from semaphore_hub.delivery.states import State
from semaphore_hub.delivery.tables import delivery, partner_state
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.ports.connector import Inbound
from semaphore_hub.ports.outcomes import NotOffered, Retry
from tests.delivery.conftest import EngineFactory
from tests.delivery.fakes import Engine, running, until


def _deliveries(engine: Engine) -> list[Any]:
    with engine.database.read() as connection:
        return list(connection.execute(select(delivery).order_by(delivery.c.position, delivery.c.created_at)))


def _partner(engine: Engine) -> Partner:
    return engine.partners.get(LOCAL, "fake_1")


async def test_what_the_channel_lacks_is_said_once_by_file_and_the_rest_stays_on_the_channel(engine: Engine) -> None:
    engine.api.script["marche/a"] = [NotOffered("501 non implémenté", status=501)]
    async with running(engine):
        engine.publish("marche/a")
        engine.publish("marche/b")
        await until(lambda: engine.states().count(State.ACKNOWLEDGED) == 2)
    rows = {(row.lane_key, row.channel): row for row in _deliveries(engine)}
    lacking, by_file = rows["marche/a", "api"], rows["marche/a", "file"]
    assert (lacking.state, lacking.replaced_by) == (State.DISCARDED, by_file.id)
    assert "501" in lacking.reason
    assert (by_file.state, by_file.idempotency_key) == (State.ACKNOWLEDGED, lacking.idempotency_key)
    assert rows["marche/b", "api"].state == State.ACKNOWLEDGED
    assert len(engine.file.effects) == 1
    assert len(engine.api.effects) == 1
    assert not _partner(engine).paused


async def test_a_partner_that_waits_for_something_keeps_the_delivery_sent_until_it_answers(engine: Engine) -> None:
    target = _partner(engine)
    engine.api.inline = False
    engine.api.script["marche/a"] = ["silence"]
    async with running(engine):
        engine.publish("marche/a")
        await until(lambda: [row.state for row in _deliveries(engine)] == [State.SENT])
        reference = _deliveries(engine)[0].reference
        engine.inbound.receive(target, _answer("wait", reference, "waiting"))
        waiting = _deliveries(engine)[0]
        engine.inbound.receive(target, _answer("final", reference, "accepted"))
        accepted = _deliveries(engine)[0]
    assert (waiting.state, waiting.code, waiting.answer["verdict"]) == (State.SENT, "C1", "waiting")
    assert waiting.due_at is not None
    assert accepted.state == State.ACKNOWLEDGED
    # Too late: the final answer stands.
    engine.inbound.receive(target, _answer("again", reference, "waiting"))
    assert _deliveries(engine)[0].state == State.ACKNOWLEDGED


async def test_a_channel_that_fails_for_too_long_gives_way_to_files_and_comes_back(make_engine: EngineFactory) -> None:
    engine = make_engine()
    engine.partner(fallback_after_ms=1, retry_schedule=("50ms",) * 20)
    engine.api.script["marche/a"] = [Retry("cannot connect")] * 30
    engine.connector.healthy = False
    async with running(engine):
        for _ in range(2):
            engine.publish("marche/a")
        for subject in ("marche/b", "marche/c", "marche/d"):
            engine.api.script[subject] = [Retry("cannot connect")] * 30
            engine.publish(subject)
        await until(lambda: len(engine.file.effects) == 5)
        assert engine.partners.effective_channel(_partner(engine))[0] == "file"
        engine.connector.healthy = True
        engine.api.script.clear()
        await until(lambda: engine.partners.effective_channel(_partner(engine))[0] == "api")
        engine.publish("marche/a")
        await until(lambda: len(engine.api.effects) == 1)
    assert len(engine.file.effects) == 5
    assert [subject for subject, _ in engine.file.received].count("marche/a") == 2


async def test_without_a_policy_or_before_its_delay_the_channel_is_kept(engine: Engine) -> None:
    engine.partner("fake_2", fallback_after_ms=3_600_000)
    with engine.database.write() as unit:
        unit.connection.execute(
            update(partner_state).values(failures=50, failing_since=engine.database.now_ms - 60_000)
        )
    assert engine.fallback.fall_back() == []


async def test_what_was_being_sent_at_the_switch_follows_to_files(engine: Engine) -> None:
    target = _partner(engine)
    engine.api.pause = 0.2
    engine.api.script["marche/a"] = [Retry("cannot connect")] * 30
    async with running(engine):
        engine.publish("marche/a")
        await until(lambda: bool(engine.api.at_once))
        with engine.database.write() as unit:
            changed = engine.partners.change(unit, target, expected_version=target.version, channel="file")
            assert engine.operations.switch_channel(unit, changed) == 0
        await until(lambda: len(engine.file.effects) == 1)
    assert not engine.api.effects


def _answer(name: str, reference: str, verdict: str) -> Inbound:
    body = json.dumps({"reference": reference, "verdict": verdict, "about": "marche/a"}).encode()
    return Inbound(name, body, "application/json", "api")
