"""Operations served without the framework: the same answers as with it, the same faults, the same limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx
import pytest
from fastapi import APIRouter
from starlette.routing import Route

from mock_partners.kit import Asked, MockConfig, running
from tests.mock_partners.kit.counter import CounterMock


class Answer(NamedTuple):
    """Status, headers and body."""

    status: int
    headers: dict[str, str]
    body: bytes


class DirectMock(CounterMock):
    """Also says back what it was told, without the framework."""

    fault_target = "POST /echo"

    def router(self) -> APIRouter:
        router = super().router()
        for method, path, limit in (("POST", "/echo", 1000), ("GET", "/echo", 1000), ("POST", "/nothing", 10)):
            operation = self._nothing if path == "/nothing" else self._echo
            router.routes.append(Route(path, self.direct(method, path, operation, limit), methods=[method]))
        return router

    async def _echo(self, asked: Asked) -> Answer:
        self.count += 1
        said = f"{asked.headers.get('x-said', '-')} {asked.query} ".encode() + asked.body
        return Answer(201, {"Content-Type": "text/plain", "X-Count": str(self.count)}, said)

    async def _nothing(self, _asked: Asked) -> Answer:
        return Answer(204, {}, b"")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with (
        running([DirectMock(MockConfig())]) as [one],
        httpx.AsyncClient(base_url=one.url, timeout=0.5, trust_env=False) as made,
    ):
        yield made


async def test_an_operation_gets_headers_query_and_body_and_its_answer_goes_back(client: httpx.AsyncClient) -> None:
    headers = [("X-Said", "one"), ("X-Said", "two")]
    answer = await client.post("/echo?a=%C3%A9", content="été".encode(), headers=headers)
    assert (answer.status_code, answer.content) == (201, "one a=%C3%A9 été".encode())
    assert (answer.headers["content-type"], answer.headers["x-count"]) == ("text/plain", "1")
    assert answer.headers["content-length"] == str(len(answer.content))
    assert (await client.get("/echo")).content == b"-  "


async def test_an_empty_answer_has_no_length(client: httpx.AsyncClient) -> None:
    answer = await client.post("/nothing")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers


async def test_a_body_that_comes_in_pieces_is_whole_and_one_beyond_the_limit_is_refused(
    client: httpx.AsyncClient,
) -> None:
    async def pieces(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 100

    whole = await client.post("/echo", content=pieces(10))
    assert whole.content == b"-  " + b"x" * 1000
    for content in (pieces(11), b"x" * 1001):
        refused = await client.post("/echo", content=content)
        assert (refused.status_code, refused.json()["code"]) == (413, "TROP_VOLUMINEUX")
    assert (await client.post("/echo")).headers["x-count"] == "2"


async def test_another_method_or_path_is_left_to_the_framework(client: httpx.AsyncClient) -> None:
    assert (await client.put("/echo")).status_code == 405
    assert (await client.head("/echo")).status_code == 201
    assert (await client.post("/echo/else")).status_code == 404
    assert (await client.post("/count")).json()["count"] == 2


async def test_faults_happen_to_direct_operations_too(client: httpx.AsyncClient) -> None:
    await client.put("/_mock/faults", json=["503", "lost", "malformed"])
    assert (await client.post("/echo")).status_code == 503
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post("/echo")
    assert (await client.post("/echo", content=b"abcdef")).content == b"-  a"
    assert (await client.post("/echo")).headers["x-count"] == "3"
    await client.put("/_mock/faults", json={"scenarios": ["partenaire_fige"]})
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/echo")
