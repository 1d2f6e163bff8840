"""Runs mocks over real HTTP: inside another asyncio program (start, stop) or alone (run)."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from mock_partners.kit.mock import Mock


def uvicorn_config(app: ASGIApp) -> uvicorn.Config:
    """How the kit serves an application: no access log, and nobody in front whose headers would say who calls."""
    # Dropped connections are part of the game: the server's own complaints about them are not shown.
    return uvicorn.Config(
        app,
        lifespan="off",
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )


def event_loop() -> asyncio.AbstractEventLoop:
    """A new event loop: uvloop where it is installed."""
    factory = uvicorn.Config("", loop="auto").get_loop_factory()
    return asyncio.new_event_loop() if factory is None else factory()


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
        # Listening at once: what the mock itself opens (SFTP) must not take the same port unseen.
        listener.listen(socket.SOMAXCONN)
        await mock.start()
    except OSError:
        listener.close()
        raise
    server = _GuestServer(uvicorn_config(mock.app))
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
    """Run mocks alone until the process is told to stop (SIGINT, SIGTERM); ``on_ready`` gets their addresses.

    The event loop is uvloop's where it is installed, and the garbage collector of the process is set for mocks.
    """

    async def main() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with running(mocks, host, port) as started:
            if on_ready is not None:
                on_ready(started)
            _spare_the_collector()
            await stop.wait()

    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(main())


def _spare_the_collector() -> None:
    """Look for cycles less often in what is old: a mock keeps most of what it makes, and a look stops every request.

    A look at the young (1,000 objects) or at the recent (5,000) takes a millisecond or two, one at everything a tenth
    of a second with a few thousand documents in the state: the third figure makes it rare.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000, 5, 1_000)
