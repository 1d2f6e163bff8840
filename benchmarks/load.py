"""A load generator: keep-alive HTTP/1.1 connections that each send a ready-made request as soon as they have an answer.

An HTTP client library costs more per request than the servers measured here; this one only writes bytes, and reads a
status, a length and a body.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import uvloop

STUCK_SECONDS = 120


class WrongAnswer(Exception):
    """An answer that is not the one every request must have, or a connection that was closed; the message shows it."""


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """One request, ready to be written."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def send_all(port: int, requests: Sequence[bytes], wanted: bytes, connections: int) -> list[float]:
    """Send every request once to a server of this machine; latencies in milliseconds, in order of the answers.

    Args:
        port: of the server, on 127.0.0.1.
        requests: see :func:`request`.
        wanted: bytes that must be in the body of every answer, whose status must be 200.
        connections: how many requests are under way at the same time.

    Raises:
        WrongAnswer: an answer is another one; the rest is not sent.
        TimeoutError: after :data:`STUCK_SECONDS`.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_send_all(port, requests, wanted, connections))


async def _send_all(port: int, requests: Sequence[bytes], wanted: bytes, connections: int) -> list[float]:
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    waiting = iter(requests)
    clients = [
        (await loop.create_connection(lambda: _Client(waiting, wanted, latencies), "127.0.0.1", port))[1]
        for _ in range(min(connections, len(requests)))
    ]
    for client in clients:
        client.send_next()
    async with asyncio.timeout(STUCK_SECONDS):
        await asyncio.gather(*(client.done for client in clients))
    return latencies


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, waiting: Iterator[bytes], wanted: bytes, latencies: list[float]) -> None:
        self._waiting = waiting
        self._wanted = wanted
        self._latencies = latencies
        self._received = b""
        self._sent = 0.0
        self._transport: asyncio.Transport
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own class does not derive from asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def send_next(self) -> None:
        """Send one more request, or leave when there is none."""
        following = next(self._waiting, None)
        if following is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(following)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head = received.find(b"\r\n\r\n") + 4
        if head < 4 or len(received) < head + _length(received[:head]):
            self._received = received
            return
        self._latencies.append((time.perf_counter() - self._sent) * 1000)
        self._received = b""
        if not received.startswith(b"HTTP/1.1 200 ") or self._wanted not in received[head:]:
            self._fail(WrongAnswer(received.decode("utf-8", errors="replace")))
        else:
            self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(WrongAnswer(f"the server closed the connection ({exc})"))

    def _fail(self, error: WrongAnswer) -> None:
        if not self.done.done():
            self.done.set_exception(error)
            self._transport.close()


def _length(head: bytes) -> int:
    """Length of the body that follows; the servers measured here always say it."""
    _, _, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0])
