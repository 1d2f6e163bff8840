"""A file that appears has its partner polled at once; no change, or a folder that cannot be watched, only waits."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from sqlalchemy import select, update

from semaphore_hub.delivery.tables import partner_state
from semaphore_hub.delivery.watching import FolderWatch, appeared_in
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.db import FAR_FUTURE_MS
from tests.delivery.fakes import Engine, until


async def test_a_file_that_appears_ends_the_wait_and_one_that_goes_does_not(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "old.csv").write_bytes(b"")
    task = asyncio.create_task(appeared_in([tmp_path, other], 10.0))
    await asyncio.sleep(0.2)
    (tmp_path / "old.csv").unlink()
    await asyncio.sleep(0.3)
    assert not task.done()
    (other / "new.csv").write_bytes(b"")
    assert await task == {other}


async def test_without_change_the_wait_has_its_length(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        started = time.monotonic()
        assert await appeared_in([folder], 0.2) == set()
        assert 0.19 <= time.monotonic() - started < 2.0


async def test_its_partner_is_polled_at_once(engine: Engine, tmp_path: Path) -> None:
    with engine.database.write() as unit:
        unit.connection.execute(update(partner_state).values(poll_at=FAR_FUTURE_MS))
    engine.connector.watched = (tmp_path,)
    await engine.transports.get(engine.partners.get(LOCAL, "fake_1"), "file")
    stopping = False
    watch = asyncio.create_task(FolderWatch(engine.database, engine.transports).run(0.5, lambda: stopping))
    await asyncio.sleep(0.2)
    (tmp_path / "CR.csv").write_bytes(b"")

    def due() -> bool:
        with engine.database.read() as connection:
            return bool(connection.execute(select(partner_state.c.poll_at)).scalar_one() == 0)

    await until(due)
    stopping = True
    await asyncio.wait_for(watch, 5)
