"""What every mock can do: control plane, faults over a real connection, journal, snapshot, server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

import mock_partners
from mock_partners.kit import MockConfig, RunningMock, running, start
from tests.mock_partners.kit.counter import CounterMock


@asynccontextmanager
async def served(**config: object) -> AsyncIterator[tuple[CounterMock, httpx.AsyncClient]]:
    """A running counter and a client of it."""
    mock = CounterMock(MockConfig(**config))  # type: ignore[arg-type]
    async with (
        running([mock]) as [one],
        httpx.AsyncClient(base_url=one.url, timeout=0.5, trust_env=False) as client,
    ):
        yield mock, client


async def test_faults_happen_in_order_and_say_whether_the_work_was_done() -> None:
    async with served() as (mock, client):
        plan = ["503:2", "500", "lost", "lost:502", "malformed", "timeout:5s", "slow:50ms", "ok"]
        await client.put("/_mock/faults", json=plan)
        refused = await client.post("/count")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        assert refused.json()["code"] == "PANNE_SIMULEE"
        assert (await client.post("/count")).status_code == 500
        assert mock.count == 0
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/count")
        assert mock.count == 1
        assert (await client.post("/count")).status_code == 502
        assert mock.count == 2
        broken = await client.post("/count")
        assert broken.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            broken.json()
        assert mock.count == 3
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/count")
        assert mock.count == 4
        assert (await client.post("/count")).json()["count"] == 5
        assert (await client.post("/count")).json()["count"] == 6
        assert (await client.get("/_mock/faults")).json()["script"] == []
        assert (await client.get("/_mock/received", params={"verdict": "fault"})).json()["total"] == 2


async def test_reading_does_not_consume_the_script_unless_it_is_targeted() -> None:
    async with served() as (_, client):
        await client.put("/_mock/faults", json=["503"])
        assert (await client.get("/count")).status_code == 200
        assert (await client.post("/count")).status_code == 503
        await client.put("/_mock/faults", json={"script": ["503"], "on": "*"})
        assert (await client.get("/count")).status_code == 503


async def test_a_frozen_partner_answers_nothing_until_it_is_released() -> None:
    async with served() as (mock, client):
        await client.put("/_mock/faults", json={"scenarios": ["partenaire_fige"]})
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/count")
        assert mock.count == 0
        await client.delete("/_mock/faults")
        assert (await client.post("/count")).json()["count"] == 1


async def test_stopping_releases_a_request_held_by_a_silence() -> None:
    mock = CounterMock(MockConfig())
    one = await start(mock)
    mock.faults.extend(["timeout:60s"])
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        held = asyncio.create_task(client.post(f"{one.url}/count"))
        while mock.count == 0:
            await asyncio.sleep(0.01)
        await asyncio.wait_for(one.stop(), timeout=5)
        with pytest.raises(httpx.RemoteProtocolError):
            await held


async def test_faults_can_be_added_and_wrong_ones_are_refused() -> None:
    async with served() as (_, client):
        await client.post("/_mock/faults", json=["503"])
        await client.post("/_mock/faults", json={"script": ["lost"], "scenarios": ["acquit_tardif:2s*1"]})
        shown = (await client.get("/_mock/faults")).json()
        assert (shown["script"], shown["scenarios"]) == (["503", "lost"], ["acquit_tardif:2s*1"])
        assert set(shown["available"]) == {"acquit_tardif", "partenaire_fige"}
        for wrong in (["burn"], {"scenarios": ["autre"]}, {"unknown": 1}, 3):
            assert (await client.put("/_mock/faults", json=wrong)).status_code == 422
        assert (await client.get("/_mock/faults")).json() == shown


async def test_received_documents_can_be_searched_and_read_back() -> None:
    async with served() as (_, client):
        for name, body in (("a.xml", "pansement stérile".encode()), ("b.xml", "stérile".encode("latin-1"))):
            await client.post("/count", content=body, headers={"X-Nom": name})
        listing = (await client.get("/_mock/received")).json()
        assert (listing["total"], [item["name"] for item in listing["items"]]) == (2, ["b.xml", "a.xml"])
        assert [item["id"] for item in listing["items"]] == [2, 1]
        for params, expected in (
            ({"contains": "stérile"}, 2),
            ({"contains": "pansement"}, 1),
            ({"contains": "a.xml"}, 1),
            ({"contains": "absent"}, 0),
            ({"verdict": "rejected"}, 0),
            ({"name": "b.xml"}, 1),
        ):
            assert (await client.get("/_mock/received", params=params)).json()["total"] == expected
        assert len((await client.get("/_mock/received", params={"limit": 1})).json()["items"]) == 1
        assert (await client.get("/_mock/received/2/body")).content == "stérile".encode("latin-1")
        assert (await client.get("/_mock/received/2")).json()["name"] == "b.xml"
        assert (await client.get("/_mock/received/3")).status_code == 404
        await client.delete("/_mock/received")
        assert (await client.get("/_mock/received")).json()["total"] == 0
        await client.post("/count", content=b"c")
        assert (await client.get("/_mock/received")).json()["items"][0]["id"] == 3


async def test_received_documents_lie_in_the_folder_under_their_names(tmp_path: Path) -> None:
    async with served(received_dir=tmp_path, partner="gef-1") as (_, client):
        for name, body in (
            ("a.xml", b"1"),
            ("a.xml", b"1"),
            ("a.xml", b"2"),
            ("../../evil.xml", b"3"),
            ("..", b"4"),
        ):
            await client.post("/count", content=body, headers={"X-Nom": name})
    found = {path.name: path.read_bytes() for path in (tmp_path / "gef-1").iterdir()}
    assert found == {"a.xml": b"1", "a~2.xml": b"2", "_.._evil.xml": b"3", "document-5": b"4"}


async def test_the_journal_is_bounded() -> None:
    async with served(journal_size=3) as (_, client):
        for _number in range(5):
            await client.post("/count", content=b"x")
        listing = (await client.get("/_mock/received")).json()
        assert [item["id"] for item in listing["items"]] == [5, 4, 3]


async def test_a_body_beyond_the_limit_is_refused() -> None:
    async with served() as (mock, client):
        answer = await client.post("/count", content=b"x" * 1001)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        assert mock.count == 0


async def test_a_restarted_mock_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "state" / "counter.json"
    async with served(state_file=file) as (_, client):
        await client.post("/count")
    async with served(state_file=file) as (_, client):
        assert (await client.post("/count")).json()["count"] == 2
        assert (await client.get("/_mock/state")).json() == {"count": 2}
        assert (await client.put("/_mock/state", json={"count": 7})).json() == {"count": 7}
        assert (await client.put("/_mock/state", json={"count": "x"})).status_code == 422
    assert json.loads(file.read_text(encoding="utf-8")) == {"count": 7}


async def test_a_reset_starts_afresh() -> None:
    async with served() as (mock, client):
        await client.post("/count")
        await client.put("/_mock/faults", json=["503"])
        await client.put("/_mock/clock", json={"now": "2026-03-01T00:00:00Z"})
        assert (await client.post("/_mock/reset")).status_code == 204
        assert (mock.count, mock.faults.script, mock.clock.manual, mock.journal.search()) == (0, [], False, [])


async def test_the_clock_is_the_machines_until_it_is_set() -> None:
    async with served() as (_, client):
        assert (await client.get("/_mock/clock")).json()["manual"] is False
        shown = (await client.put("/_mock/clock", json={"now": "2026-03-01T01:00:00+01:00"})).json()
        assert shown == {"now": "2026-03-01T00:00:00+00:00", "manual": True}
        shown = (await client.post("/_mock/clock", json={"advance": "2d"})).json()
        assert shown["now"] == "2026-03-03T00:00:00+00:00"
        assert (await client.put("/_mock/clock", json={"advance": "soon"})).status_code == 422
        await client.delete("/_mock/clock")
        assert (await client.get("/_mock/clock")).json()["manual"] is False


async def test_several_mocks_run_beside_each_other_on_free_ports() -> None:
    async with running([CounterMock(MockConfig()), CounterMock(MockConfig(partner="two"))]) as started:
        urls = [one.url for one in started]
        assert len(set(urls)) == 2
        async with httpx.AsyncClient(trust_env=False) as client:
            for url in urls:
                assert (await client.get(f"{url}/count")).json() == {"count": 0}


async def test_a_taken_port_is_an_error_and_what_was_started_is_stopped() -> None:
    one: RunningMock
    async with running([CounterMock(MockConfig())]) as [one]:
        port = int(one.url.rpartition(":")[2])
        with pytest.raises(OSError, match=r".+"):
            async with running([CounterMock(MockConfig())], port=port):
                pytest.fail("two servers on one port")


async def test_a_mock_without_a_file_channel_says_so_when_it_is_given_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError):
        await CounterMock(MockConfig(depot_dir=tmp_path)).scan()


def test_mocks_are_found_by_their_folder() -> None:
    assert "dgfip" in mock_partners.MOCKS
    for mock_id, create in mock_partners.MOCKS.items():
        assert create(MockConfig()).id == mock_id


async def test_documents_received_together_are_all_in_the_folder_and_none_covers_another(tmp_path: Path) -> None:
    mock = CounterMock(MockConfig(received_dir=tmp_path))

    async def receive(number: int) -> None:
        body = str(number).encode()
        await mock.record(channel="api", name="a.xml", media_type="", body=body, verdict="accepted")
        found = {path.read_bytes() for path in (tmp_path / "counter").iterdir()}
        assert body in found, "it is there when it is answered"

    await asyncio.gather(*(receive(number) for number in range(20)))
    assert len(list((tmp_path / "counter").iterdir())) == 20


async def test_a_document_that_cannot_be_stored_is_an_error_of_its_own_request(tmp_path: Path) -> None:
    mock = CounterMock(MockConfig(received_dir=tmp_path))
    too_long = "x" * 300

    async def receive(name: str) -> None:
        await mock.record(channel="api", name=name, media_type="", body=b"1", verdict="accepted")

    results = await asyncio.gather(*map(receive, ("a", too_long, "b", too_long)), return_exceptions=True)
    assert [isinstance(one, OSError) for one in results] == [False, True, False, True]
    assert sorted(path.name for path in (tmp_path / "counter").iterdir()) == ["a", "b"]
