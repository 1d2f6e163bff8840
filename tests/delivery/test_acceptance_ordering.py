"""Formats that want each message accepted before the next, and number them (the PES Marché)."""

from __future__ import annotations

import pytest

from semaphore_hub.delivery.states import State
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.ports.connector import Inbound
from semaphore_hub.ports.events import MARCHE_CORRIGE, MARCHE_MODIFIE
from tests.delivery.conftest import EngineFactory
from tests.delivery.fakes import Engine, running, until


class TestAcceptanceOrdering:
    """Formats that want each message accepted before the next (the PES Marché)."""

    @pytest.fixture
    def strict(self, make_engine: EngineFactory) -> Engine:
        built = make_engine(ordering="acceptance")
        built.partner()
        built.api.inline = False
        return built

    async def test_the_next_message_waits_for_the_acceptance(self, strict: Engine) -> None:
        strict.publish("marche/1")
        strict.publish("marche/1", MARCHE_MODIFIE)
        async with running(strict):
            await until(lambda: strict.states() == [State.ACKNOWLEDGED] * 2)
        assert [row.sequence for row in strict.rows()] == [1, 2]
        assert strict.rows()[1].sent_at >= strict.rows()[0].settled_at

    async def test_a_refused_head_holds_until_its_correction_which_takes_its_number(self, strict: Engine) -> None:
        strict.api.script["marche/1"] = ["refuse"]
        strict.publish("marche/1")
        strict.publish("marche/1", MARCHE_MODIFIE)
        async with running(strict):
            await until(lambda: strict.states("marche/1") == [State.REJECTED, State.PENDING])
            strict.publish("marche/1", MARCHE_CORRIGE)
            await until(lambda: State.ACKNOWLEDGED in strict.states())
        rejected, correction, follower = strict.rows()
        assert (rejected.state, rejected.replaced_by) == (State.REJECTED, correction.id)
        assert (correction.state, correction.sequence, correction.replaces_id) == ("ACKNOWLEDGED", 1, rejected.id)
        assert b'"replaces": true' in correction.body
        assert (follower.state, follower.replaced_by) == (State.DISCARDED, correction.id)

    async def test_a_correction_also_replaces_a_head_that_could_never_be_said(self, strict: Engine) -> None:
        strict.publish("marche/1", indicible=True)
        async with running(strict):
            await until(lambda: strict.states() == [State.DEAD])
            strict.publish("marche/1", MARCHE_CORRIGE)
            await until(lambda: strict.states() == [State.DEAD, State.ACKNOWLEDGED])
            strict.publish("marche/1", MARCHE_MODIFIE)
            await until(lambda: strict.states() == [State.DEAD, State.ACKNOWLEDGED, State.ACKNOWLEDGED])
        assert [row.sequence for row in strict.rows()] == [1, 1, 2]

    async def test_a_correction_routed_with_what_it_replaces_finds_it_in_the_same_batch(self, strict: Engine) -> None:
        strict.publish("marche/1", indicible=True)
        strict.publish("marche/1", MARCHE_MODIFIE)
        strict.publish("marche/1", MARCHE_CORRIGE)
        async with running(strict):
            await until(lambda: State.ACKNOWLEDGED in strict.states())
        dead, correction, follower = strict.rows()
        assert (dead.state, dead.replaced_by) == (State.DEAD, correction.id)
        assert (correction.state, correction.sequence) == (State.ACKNOWLEDGED, 1)
        assert follower.state == State.DISCARDED

    async def test_a_correction_leaves_what_stands_before_the_message_it_replaces(self, strict: Engine) -> None:
        strict.publish("marche/1")
        strict.publish("marche/1", MARCHE_MODIFIE, indicible=True)
        strict.publish("marche/1", MARCHE_CORRIGE)
        async with running(strict):
            await until(lambda: strict.states() == [State.ACKNOWLEDGED, State.DEAD, State.ACKNOWLEDGED])
        assert [row.sequence for row in strict.rows()] == [1, 2, 2]

    async def test_discarding_a_refused_head_renumbers_what_was_never_sent(self, strict: Engine) -> None:
        strict.api.script["marche/1"] = ["refuse"]
        strict.publish("marche/1")
        strict.publish("marche/1", MARCHE_MODIFIE)
        async with running(strict):
            await until(lambda: strict.states("marche/1") == [State.REJECTED, State.PENDING])
            with strict.database.write() as unit:
                strict.operations.discard(unit, LOCAL, strict.rows()[0].id, "abandonné")
            strict.waker.wake()
            await until(lambda: strict.states() == [State.DISCARDED, State.ACKNOWLEDGED])
            strict.publish("marche/1", MARCHE_MODIFIE)
            await until(lambda: strict.states() == [State.DISCARDED, State.ACKNOWLEDGED, State.ACKNOWLEDGED])
        assert [row.sequence for row in strict.rows()] == [1, 1, 2]

    async def test_a_missing_answer_becomes_overdue_and_a_late_one_is_still_taken(
        self, make_engine: EngineFactory
    ) -> None:
        late = make_engine(ordering="acceptance", deadline=1)
        late.partner()
        late.api.inline = False
        late.api.script["marche/1"] = ["silence"]
        late.publish("marche/1")
        async with running(late):
            await until(lambda: late.states() == [State.OVERDUE])
            row = late.rows()[0]
            answer = f'{{"reference": "{row.reference}", "verdict": "accepted"}}'.encode()
            entry = late.inbound.receive(
                late.partners.get(LOCAL, "fake_1"), Inbound("late", answer, "application/json", "api")
            )
        assert entry.reason is None
        assert late.states() == [State.ACKNOWLEDGED]
