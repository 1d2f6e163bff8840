"""Runs mocks over real HTTP: inside another asyncio program (start, stop) or alone (run)."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn

from mock_partners.kit.mock import Mock


class _GuestServer(uvicorn.Server):
    """A server that leaves the process's signal handlers to its host."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


@dataclass(frozen=True, slots=True)
class RunningMock:
    """A mock that answers at ``url``."""

    mock: Mock
    url: str
    _server: uvicorn.Server
    _task: asyncio.Task[None]

    async def stop(self) -> None:
        """Stop answering and watching; held requests are released first."""
        await self.mock.stop()
        self._server.should_exit = True
        await self._task


async def start(mock: Mock, host: str = "127.0.0.1", port: int = 0) -> RunningMock:
    """Start one mock; it answers when this returns. Port 0 takes any free port.

    Raises:
        OSError: the port is taken.
    """
    # The protocol is named because asyncio turns Nagle's algorithm off only then: 1 ms for an answer instead of 44.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    # Dropped connections are part of the game: the server's own complaints about them are not shown.
    config = uvicorn.Config(
        mock.app, lifespan="off", log_level="critical", access_log=False, timeout_graceful_shutdown=1
    )
    server = _GuestServer(config)
    await mock.start()
    task = asyncio.create_task(server.serve(sockets=[listener]), name=f"mock-server-{mock.partner}")
    while not server.started:
        if task.done():
            await task
        await asyncio.sleep(0.005)
    shown = f"[{host}]" if ":" in host else host
    return RunningMock(mock, f"http://{shown}:{listener.getsockname()[1]}", server, task)


@asynccontextmanager
async def running(mocks: Sequence[Mock], host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[list[RunningMock]]:
    """Several mocks for the time of a block, on ``port``, ``port + 1``… or any free ports when it is 0."""
    started: list[RunningMock] = []
    try:
        for offset, mock in enumerate(mocks):
            started.append(await start(mock, host, port + offset if port else 0))
        yield started
    finally:
        for one in reversed(started):
            await one.stop()


def run(
    mocks: Sequence[Mock],
    host: str = "127.0.0.1",
    port: int = 0,
    on_ready: Callable[[Sequence[RunningMock]], None] | None = None,
) -> None:
    """Run mocks alone until the process is told to stop (SIGINT, SIGTERM); ``on_ready`` gets their addresses."""

    async def main() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with running(mocks, host, port) as started:
            if on_ready is not None:
                on_ready(started)
            await stop.wait()

    asyncio.run(main())
