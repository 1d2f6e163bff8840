"""The file of a mock's state: what it promises when requests come together, and when it may be late."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from mock_partners.kit import MockConfig
from mock_partners.kit.state_file import StateFile
from tests.mock_partners.kit.counter import CounterMock


class Counted:
    """A state that knows how often it was looked at."""

    def __init__(self) -> None:
        self.value = self.looks = 0

    def snapshot(self) -> dict[str, Any]:
        self.looks += 1
        return {"value": self.value}


def held(path: Path) -> int:
    value = json.loads(path.read_text(encoding="utf-8"))["value"]
    assert isinstance(value, int)
    return value


async def test_a_change_is_in_the_file_when_it_is_answered_and_changes_that_come_together_share_writes(
    tmp_path: Path,
) -> None:
    path, state = tmp_path / "state" / "one.json", Counted()
    file = StateFile(path, 0)
    assert file.read() is None

    async def change() -> None:
        state.value += 1
        mine = state.value
        await file.changed(state.snapshot)
        assert held(path) >= mine

    await asyncio.gather(*(change() for _ in range(20)))
    assert (held(path), file.read()) == (20, {"value": 20})
    assert state.looks == 2, "the first change, then all those that came meanwhile"
    assert [one.name for one in path.parent.iterdir()] == ["one.json"]


async def test_a_late_file_is_written_once_for_many_changes_and_when_the_mock_stops(tmp_path: Path) -> None:
    path, state = tmp_path / "one.json", Counted()
    file = StateFile(path, 3600)
    for _ in range(5):
        state.value += 1
        await file.changed(state.snapshot)
    assert not path.exists()
    await file.flush()
    assert (held(path), state.looks) == (5, 1)
    await file.flush()
    assert state.looks == 1, "nothing had changed"


async def test_a_late_file_comes_by_itself(tmp_path: Path) -> None:
    path, state = tmp_path / "one.json", Counted()
    file = StateFile(path, 0.001)
    for expected in (1, 2):
        state.value += 1
        await file.changed(state.snapshot)
        async with asyncio.timeout(5):
            while not path.exists() or held(path) != expected:
                await asyncio.sleep(0.001)


async def test_a_file_that_cannot_be_written_is_an_error_of_the_change_and_the_next_one_tries_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "folder").write_text("in the way")
    path, state = tmp_path / "folder" / "one.json", Counted()
    file = StateFile(path, 0)
    with pytest.raises(OSError, match=r".+"):
        await file.changed(state.snapshot)
    (tmp_path / "folder").unlink()
    await file.flush()
    assert held(path) == 0


async def test_a_cancelled_change_does_not_lose_the_next_one(tmp_path: Path) -> None:
    path, state = tmp_path / "one.json", Counted()
    file = StateFile(path, 0)
    state.value = 1
    cancelled = asyncio.create_task(file.changed(state.snapshot))
    await asyncio.sleep(0)
    cancelled.cancel()
    state.value = 2
    await file.changed(state.snapshot)
    assert held(path) == 2


async def test_a_stopped_mock_has_written_its_state(tmp_path: Path) -> None:
    path = tmp_path / "counter.json"
    mock = CounterMock(MockConfig(state_file=path, state_seconds=3600))
    mock.count = 7
    await mock.changed()
    assert not path.exists()
    await mock.stop()
    assert CounterMock(MockConfig(state_file=path)).count == 7
