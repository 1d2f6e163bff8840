"""The unit of work: all or nothing, callbacks after the commit only, one clock for every process."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text

from semaphore_hub.kernel.db import Database, UtcDateTime


def test_a_failed_unit_of_work_leaves_nothing_and_calls_nobody(database: Database) -> None:
    called = []
    with database.write() as unit:
        unit.connection.execute(text("CREATE TABLE t (n INTEGER)"))
    with pytest.raises(ZeroDivisionError), database.write() as unit:
        unit.connection.execute(text("INSERT INTO t VALUES (1)"))
        unit.after_commit(lambda: called.append(1))
        _ = 1 / 0
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar_one() == 0
    assert called == []


def test_callbacks_run_once_the_data_can_be_read_by_others(database: Database) -> None:
    with database.write() as unit:
        unit.connection.execute(text("CREATE TABLE t (n INTEGER)"))
    seen = []

    def look() -> None:
        with database.read() as connection:
            seen.append(connection.execute(text("SELECT count(*) FROM t")).scalar_one())

    with database.write() as unit:
        unit.connection.execute(text("INSERT INTO t VALUES (1)"))
        unit.after_commit(look)
        assert seen == []
    assert seen == [1]


def test_many_writers_at_once_lose_no_write(database: Database) -> None:
    with database.write() as unit:
        unit.connection.execute(text("CREATE TABLE t (n INTEGER)"))
        unit.connection.execute(text("INSERT INTO t VALUES (0)"))

    def increment(_: int) -> None:
        with database.write() as unit:
            unit.connection.execute(text("UPDATE t SET n = n + 1"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(100)))
    with database.read() as connection:
        assert connection.execute(text("SELECT n FROM t")).scalar_one() == 100


def test_the_database_clock_is_in_milliseconds_and_moves(database: Database) -> None:
    with database.read() as connection:
        first = connection.execute(select(database.now_ms)).scalar_one()
        time.sleep(0.02)
        second = connection.execute(select(database.now_ms)).scalar_one()
    assert abs(first / 1000 - time.time()) < 60
    assert second - first >= 10


def test_instants_come_back_aware_and_naive_ones_are_refused() -> None:
    column = UtcDateTime()
    paris = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=1)))
    assert column.process_bind_param(paris, None) == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert column.process_result_value(datetime(2026, 3, 2, 8, 0), None) == paris  # noqa: DTZ001
    with pytest.raises(ValueError, match="naive"):
        column.process_bind_param(datetime(2026, 3, 2), None)  # noqa: DTZ001
