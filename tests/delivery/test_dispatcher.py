"""What the engine promises, seen from outside: everything arrives, in order, once; nothing is skipped in silence."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update

from semaphore_hub.delivery.settling import Finished
from semaphore_hub.delivery.states import State
from semaphore_hub.delivery.tables import attempt, delivery, lane, partner_state
from semaphore_hub.delivery.tables import event as event_table
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.errors import WrongState
from semaphore_hub.ports.events import LIVRAISON_REJETEE, MARCHE_MODIFIE
from semaphore_hub.ports.outcomes import Misconfigured, Reject, Retry, Unknown
from tests.delivery.conftest import EngineFactory
from tests.delivery.fakes import Engine, running, until


async def test_every_event_arrives_once_and_in_order_per_subject(engine: Engine) -> None:
    for version in range(5):
        for subject in range(10):
            engine.publish(f"marche/{subject}", MARCHE_MODIFIE, rang=version)
    async with running(engine):
        await until(lambda: engine.states().count(State.ACKNOWLEDGED) == 50)
    for subject in range(10):
        got = [reference for key, reference in engine.api.received if key == f"marche/{subject}"]
        assert [reference.rsplit("-", 1)[1] for reference in got] == ["1", "2", "3", "4", "5"]
    assert len(engine.api.effects) == 50


async def test_a_retry_sends_the_same_bytes_under_the_same_key_on_the_schedule(engine: Engine) -> None:
    engine.api.script["marche/1"] = [Retry("refused"), Retry("refused"), "ok"]
    engine.publish("marche/1")
    async with running(engine):
        await until(lambda: engine.states() == [State.ACKNOWLEDGED])
    assert len({reference for _, reference in engine.api.received}) == 1
    assert len(engine.api.received) == 3
    with engine.database.read() as connection:
        outcomes = connection.execute(select(attempt.c.outcome).order_by(attempt.c.number)).scalars().all()
    assert outcomes == ["retry", "retry", "delivered"]


async def test_retry_after_is_honoured(engine: Engine) -> None:
    engine.api.script["marche/1"] = [Retry("busy", after_seconds=0.6), "ok"]
    engine.publish("marche/1")
    async with running(engine):
        await until(lambda: engine.states() == [State.ACKNOWLEDGED])
    with engine.database.read() as connection:
        first, second = connection.execute(select(attempt).order_by(attempt.c.number)).all()
    assert second.started_at - first.ended_at >= 590


async def test_exhausted_retries_kill_the_delivery_and_hold_its_lane_only(engine: Engine) -> None:
    engine.api.script["marche/1"] = [Retry("down")] * 4
    engine.publish("marche/1")
    engine.publish("marche/1", MARCHE_MODIFIE)
    engine.publish("marche/2")
    async with running(engine):
        await until(lambda: sorted(engine.states()) == ["ACKNOWLEDGED", "DEAD", "PENDING"])
        await asyncio.sleep(0.2)
    assert engine.states("marche/1") == [State.DEAD, State.PENDING]
    assert "given up after 4 attempts" in engine.rows(lane_key="marche/1")[0].reason


async def test_a_dead_head_can_be_replayed_by_a_person_and_what_follows_goes_on(engine: Engine) -> None:
    engine.api.script["marche/1"] = [Retry("down")] * 4
    engine.publish("marche/1")
    engine.publish("marche/1", MARCHE_MODIFIE)
    async with running(engine):
        await until(lambda: engine.states("marche/1")[:1] == [State.DEAD])
        with engine.database.write() as unit:
            engine.operations.replay(unit, LOCAL, engine.rows()[0].id)
        engine.waker.wake()
        await until(lambda: engine.states() == [State.ACKNOWLEDGED] * 2)
    with engine.database.read() as connection:
        triggers = connection.execute(select(attempt.c.trigger).order_by(attempt.c.id)).scalars().all()
    assert triggers == ["scheduled"] * 4 + ["manual", "scheduled"]


async def test_a_discarded_head_needs_a_reason_and_lets_the_lane_go_on(engine: Engine) -> None:
    engine.api.script["marche/1"] = [Retry("down")] * 4
    engine.publish("marche/1")
    engine.publish("marche/1", MARCHE_MODIFIE)
    async with running(engine):
        await until(lambda: engine.states("marche/1")[:1] == [State.DEAD])
        with engine.database.write() as unit:
            engine.operations.discard(unit, LOCAL, engine.rows()[0].id, "saisi à la main chez le partenaire")
        engine.waker.wake()
        await until(lambda: engine.states() == [State.DISCARDED, State.ACKNOWLEDGED])
    assert engine.rows()[0].reason == "local: saisi à la main chez le partenaire"


async def test_an_unknown_outcome_is_retried_towards_a_partner_that_deduplicates(engine: Engine) -> None:
    engine.api.script["marche/1"] = [(Unknown("read timeout"),), "ok"]
    engine.publish("marche/1")
    async with running(engine):
        await until(lambda: engine.states() == [State.ACKNOWLEDGED])
    assert len(engine.api.received) == 2
    assert len(engine.api.effects) == 1


async def test_an_unknown_outcome_waits_for_a_person_when_the_partner_does_not_deduplicate(
    make_engine: EngineFactory,
) -> None:
    engine = make_engine(idempotent=False)
    engine.partner()
    engine.api.script["marche/1"] = [(Unknown("read timeout"),)]
    engine.publish("marche/1")
    engine.publish("marche/1", MARCHE_MODIFIE)
    async with running(engine):
        await until(lambda: engine.states("marche/1")[:1] == [State.UNCERTAIN])
        await asyncio.sleep(0.2)
    assert engine.states("marche/1") == [State.UNCERTAIN, State.PENDING]
    assert len(engine.api.received) == 1


async def test_a_refusal_is_final_tells_the_module_and_lets_the_next_go(engine: Engine) -> None:
    engine.api.script["marche/1"] = [Reject("supplier unknown", code="TIERS_INCONNU"), "ok"]
    engine.publish("marche/1")
    engine.publish("marche/1", MARCHE_MODIFIE)
    async with running(engine):
        await until(lambda: engine.states() == [State.REJECTED, State.ACKNOWLEDGED])
    with engine.database.read() as connection:
        told = connection.execute(select(event_table).where(event_table.c.type == LIVRAISON_REJETEE)).one()
    assert told.data["code"] == "TIERS_INCONNU"
    assert told.data["objet"] == "marche/1"


async def test_a_functional_refusal_inside_the_answer_is_a_refusal(engine: Engine) -> None:
    engine.api.script["marche/1"] = ["refuse"]
    engine.publish("marche/1")
    async with running(engine):
        await until(lambda: engine.states() == [State.REJECTED])
    row = engine.rows()[0]
    assert (row.code, row.reason) == ("C1", "verdict rejected")


async def test_wrong_credentials_pause_the_partner_and_keep_its_queue(engine: Engine) -> None:
    engine.api.script["marche/1"] = [Misconfigured("401: wrong key"), "ok"]
    engine.publish("marche/1")
    async with running(engine):
        await until(lambda: engine.partners.get(LOCAL, "fake_1").paused)
        engine.publish("marche/2")
        await asyncio.sleep(0.3)
        assert engine.states() == [State.PENDING, State.PENDING]
        target = engine.partners.get(LOCAL, "fake_1")
        assert target.paused_reason == "401: wrong key"
        with engine.database.write() as unit:
            engine.partners.change(unit, target, expected_version=target.version, paused=False)
        engine.waker.wake()
        await until(lambda: engine.states() == [State.ACKNOWLEDGED] * 2)
    assert engine.rows()[0].attempts == 1


async def test_a_body_that_breaks_its_contract_is_never_sent(engine: Engine) -> None:
    engine.publish("marche/1", invalide=True)
    engine.publish("marche/1", MARCHE_MODIFIE)
    async with running(engine):
        await until(lambda: engine.states("marche/1") == [State.DEAD, State.PENDING])
        await asyncio.sleep(0.2)
    assert engine.api.received == []
    assert engine.rows()[0].findings[0]["rule"] == "FAKE-1"


@pytest.mark.parametrize(("flag", "words"), [("indicible", "cannot be said"), ("defaut", "ZeroDivisionError")])
async def test_what_cannot_be_translated_is_dead_with_the_reason_and_stops_nobody_else(
    engine: Engine, flag: str, words: str
) -> None:
    engine.publish("marche/1", **{flag: True})
    engine.publish("marche/2")
    async with running(engine):
        await until(lambda: engine.states() == [State.DEAD, State.ACKNOWLEDGED])
    assert words in engine.rows()[0].reason


async def test_the_breaker_stops_trying_a_partner_that_is_down_and_comes_back(engine: Engine) -> None:
    for subject in range(6):
        engine.api.script[f"marche/{subject}"] = [Retry("connection refused")]
        engine.publish(f"marche/{subject}")
    async with running(engine):
        await until(lambda: engine.states() == [State.ACKNOWLEDGED] * 6)
    with engine.database.read() as connection:
        state = connection.execute(select(partner_state)).one()
    assert (state.failures, state.open_until) == (0, 0)


async def test_one_partner_down_takes_nothing_from_another(engine: Engine) -> None:
    engine.partner("fake_2", siret="26999902500019")
    for subject in range(6):
        engine.api.script[f"marche/{subject}"] = [Retry("down")] * 4
        engine.publish(f"marche/{subject}")
        engine.publish(f"autre/{subject}", siret="26999902500019")
    async with running(engine):
        await until(lambda: sum(row.state == State.ACKNOWLEDGED for row in engine.rows(partner="fake_2")) == 6)
    assert all(row.state != State.ACKNOWLEDGED for row in engine.rows(partner="fake_1"))


async def test_the_version_gate_falls_back_to_files_and_the_upgrade_returns_to_the_api(engine: Engine) -> None:
    old = engine.partner("fake_old", siret="26999902500019", product_version="1.9")
    channel, reason = engine.partners.effective_channel(old)
    assert channel == "file"
    assert reason is not None
    assert "1.9" in reason
    engine.publish("marche/1", siret="26999902500019")
    async with running(engine):
        await until(lambda: engine.states() == [State.ACKNOWLEDGED])
        with engine.database.write() as unit:
            engine.partners.change(unit, old, expected_version=old.version, product_version="2.0.1")
        engine.publish("marche/2", siret="26999902500019")
        await until(lambda: engine.states() == [State.ACKNOWLEDGED] * 2)
    assert [row.channel for row in engine.rows()] == ["file", "api"]


async def test_switching_the_channel_moves_only_what_surely_was_not_processed(engine: Engine) -> None:
    engine.api.script["marche/1"] = [Retry("down", after_seconds=3600)]
    engine.api.script["marche/2"] = [Unknown("read timeout"), *[Unknown("read timeout")] * 3]
    engine.publish("marche/1")
    engine.publish("marche/1", MARCHE_MODIFIE)
    engine.publish("marche/2")
    async with running(engine):
        await until(lambda: engine.states() == [State.RETRYING, State.PENDING, State.DEAD])
        target = engine.partners.get(LOCAL, "fake_1")
        with engine.database.write() as unit:
            moved = engine.partners.change(unit, target, expected_version=target.version, channel="file")
            assert engine.operations.switch_channel(unit, moved) == 2
        engine.waker.wake()
        await until(lambda: engine.states("marche/1").count(State.ACKNOWLEDGED) == 2)
    assert [subject for subject, _ in engine.file.received] == ["marche/1", "marche/1"]
    assert engine.states("marche/2") == [State.DEAD]
    old, new = [row for row in engine.rows(lane_key="marche/1") if row.position == 100]
    by_state = {old.state: old, new.state: new}
    assert by_state["DISCARDED"].replaced_by == by_state["ACKNOWLEDGED"].id
    assert by_state["DISCARDED"].idempotency_key == by_state["ACKNOWLEDGED"].idempotency_key


async def test_what_is_on_its_way_or_settled_cannot_be_replayed_or_discarded(engine: Engine) -> None:
    engine.publish("marche/1")
    async with running(engine):
        await until(lambda: engine.states() == [State.ACKNOWLEDGED])
    identifier = engine.rows()[0].id
    with pytest.raises(WrongState, match="ACKNOWLEDGED"), engine.database.write() as unit:
        engine.operations.replay(unit, LOCAL, identifier)
    with pytest.raises(WrongState, match="ACKNOWLEDGED"), engine.database.write() as unit:
        engine.operations.discard(unit, LOCAL, identifier, "x")


async def test_what_a_dead_process_was_sending_is_sent_again_after_its_lease(make_engine: EngineFactory) -> None:
    engine = make_engine()
    engine.partner()
    engine.publish("marche/1")
    engine.router.route()
    turn = engine.lanes.turn("fake", [], {}, 10, idempotent=True)
    assert len(turn.claims) == 1
    assert engine.states() == [State.SENDING]
    with engine.database.write() as unit:  # the process died: its lease runs out
        unit.connection.execute(update(lane).values(next_at=0))
        unit.connection.execute(update(partner_state).values(next_at=0))
    async with running(engine):
        await until(lambda: engine.states() == [State.ACKNOWLEDGED])
    stale = engine.lanes.turn("fake", [], {}, 10, idempotent=True)
    assert stale.claims == []
    assert engine.rows()[0].attempts == 2


def test_a_process_that_lost_its_lease_cannot_overwrite_the_result_of_another(make_engine: EngineFactory) -> None:
    engine = make_engine()
    engine.partner()
    engine.publish("marche/1")
    engine.router.route()
    slow = engine.lanes.turn("fake", [], {}, 10, idempotent=True).claims[0]
    with engine.database.write() as unit:
        unit.connection.execute(update(lane).values(next_at=0))
        unit.connection.execute(update(partner_state).values(next_at=0))
    quick = engine.lanes.turn("fake", [], {}, 10, idempotent=True).claims[0]
    assert quick.fence > slow.fence
    engine.lanes.turn("fake", [Finished(slow, 5, outcome=Reject("too late"))], {}, 0, idempotent=True)
    assert engine.states() == [State.SENDING]
    with engine.database.read() as connection:
        assert connection.execute(select(delivery.c.reason)).scalar_one() is None


@pytest.mark.parametrize(("idempotent", "width"), [(True, 8), (False, 4)])
def test_one_turn_claims_no_more_than_its_width(make_engine: EngineFactory, idempotent: bool, width: int) -> None:
    engine = make_engine()
    engine.partner()
    for subject in range(200):
        engine.publish(f"marche/{subject}")
    while engine.router.route()[0]:
        pass
    claimed = engine.lanes.turn("fake", [], {}, 32, idempotent=idempotent).claims
    assert len(claimed) == width
    again = engine.lanes.turn("fake", [], {"fake_1": width - 1}, 32, idempotent=idempotent).claims
    assert len(again) == 1
    assert engine.lanes.turn("fake", [], {"fake_1": width}, 32, idempotent=idempotent).claims == []
    assert engine.states().count(State.SENDING) == width + 1


async def test_a_partner_never_sees_more_than_four_at_once(engine: Engine) -> None:
    engine.api.pause = 0.02
    for subject in range(40):
        engine.publish(f"marche/{subject}")
    async with running(engine):
        await until(lambda: engine.states() == [State.ACKNOWLEDGED] * 40)
    assert engine.api.most_at_once == 4
