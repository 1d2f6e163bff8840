"""Documents that do not fit are kept with a report; duplicates change nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from semaphore_hub.delivery.states import State
from semaphore_hub.delivery.tables import inbox
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.ports.connector import Inbound
from tests.delivery.conftest import EngineFactory
from tests.delivery.fakes import Engine, running, until


class TestInbox:
    """Documents that do not fit are kept with a report; duplicates change nothing."""

    @pytest.fixture
    def sent(self, make_engine: EngineFactory) -> Engine:
        built = make_engine()
        built.partner()
        built.api.inline = False
        built.api.script["marche/1"] = ["silence"]
        built.publish("marche/1")
        return built

    async def _receive(self, engine: Engine, name: str, body: str) -> tuple[str, str | None, bool]:
        entry = engine.inbound.receive(
            engine.partners.get(LOCAL, "fake_1"), Inbound(name, body.encode(), "application/json", "api")
        )
        return entry.status, entry.reason, entry.duplicate

    async def test_answers_that_do_not_fit_are_quarantined_with_the_reason(self, sent: Engine) -> None:
        async with running(sent):
            await until(lambda: sent.states() == [State.SENT])
        reference = sent.rows()[0].reference
        status, reason, _ = await self._receive(sent, "a", "garbage")
        assert (status, reason) == ("QUARANTINED", "Ce n'est pas du JSON : renvoyer le fichier.")
        status, reason, _ = await self._receive(sent, "b", '{"reference": "X-99", "verdict": "accepted"}')
        assert status == "QUARANTINED"
        assert "X-99" in str(reason)
        body = f'{{"reference": "{reference}", "verdict": "accepted", "about": "marche/9"}}'
        status, reason, _ = await self._receive(sent, "c", body)
        assert status == "QUARANTINED"
        assert "autre marché" in str(reason)
        assert sent.states() == [State.SENT]

    async def test_an_answer_given_twice_counts_once_and_a_contradiction_is_kept_apart(self, sent: Engine) -> None:
        async with running(sent):
            await until(lambda: sent.states() == [State.SENT])
        accepted = f'{{"reference": "{sent.rows()[0].reference}", "verdict": "accepted"}}'
        assert (await self._receive(sent, "a", accepted))[0] == "PROCESSED"
        assert await self._receive(sent, "a", accepted) == ("PROCESSED", None, True)
        assert (await self._receive(sent, "b", accepted))[0] == "PROCESSED"
        status, reason, _ = await self._receive(sent, "c", accepted.replace("accepted", "rejected"))
        assert status == "QUARANTINED"
        assert "lequel fait foi" in str(reason)
        assert sent.states() == [State.ACKNOWLEDGED]
        with sent.database.read() as connection:
            rows = {row.message_id: row for row in connection.execute(select(inbox))}
        assert rows["a"].copies == 1
        assert "double" in rows["b"].warnings[0]

    async def test_collected_documents_are_confirmed_only_once_stored(self, make_engine: EngineFactory) -> None:
        engine = make_engine()
        engine.partner()
        engine.api.inline = False
        engine.publish("marche/1")
        async with running(engine):
            await until(lambda: engine.states() == [State.ACKNOWLEDGED])
            await until(lambda: len(engine.api.confirmed) == 1)
        with engine.database.read() as connection:
            assert connection.execute(select(inbox.c.message_id)).scalars().all() == engine.api.confirmed


async def test_the_same_answer_to_a_delivery_sent_again_is_a_new_answer(make_engine: EngineFactory) -> None:
    engine = make_engine()
    engine.partner()
    engine.api.inline = False
    engine.api.script["marche/1"] = ["silence", "silence"]
    engine.publish("marche/1")
    async with running(engine):
        await until(lambda: engine.states() == [State.SENT])
        reference = engine.rows()[0].reference
        report = Inbound("CR", f'{{"reference": "{reference}", "verdict": "rejected"}}'.encode(), "text/json", "file")
        target = engine.partners.get(LOCAL, "fake_1")
        engine.inbound.receive(target, report)
        assert engine.states() == [State.REJECTED]
        assert engine.inbound.receive(target, report).duplicate
        with engine.database.write() as unit:
            engine.operations.replay(unit, LOCAL, engine.rows()[0].id)
        engine.waker.wake()
        await until(lambda: engine.states() == [State.SENT])
        engine.inbound.receive(target, report)
    assert engine.states() == [State.REJECTED]
