"""The servers of the demo, in one asyncio program and on loopback only: the hub, and each mock partner."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

from mock_partners import MOCKS, MockConfig
from mock_partners.kit import RunningMock, start
from semaphore_hub.demo.client import Client
from semaphore_hub.demo.declaration import DemoPartner, Place
from semaphore_hub.demo.folder import DataFolder
from semaphore_hub.demo.runner import Simulated
from semaphore_hub.kernel.errors import ConfigurationError

HOST = "127.0.0.1"


class _HubServer(uvicorn.Server):
    """A server that leaves the process's signals to the demo."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def listen(port: int) -> socket.socket:
    """Take the hub's port; 0 takes any free one.

    Raises:
        OSError: it is taken.
        OverflowError: it is no port number.
    """
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        # Listening at once: two demos started together must not both believe they have the port.
        listener.listen()
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """The address a listener answers at."""
    return f"http://{HOST}:{listener.getsockname()[1]}"


@asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an application for the time of a block."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=1, loop="asyncio"
    )
    server = _HubServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="demo-hub")
    try:
        while not server.started:
            if task.done():
                raise ConfigurationError("the hub did not start: see the log")
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def simulating(
    partners: tuple[DemoPartner, ...], folder: DataFolder, first_port: int
) -> AsyncIterator[dict[str, Simulated]]:
    """Start the declared mocks for the time of a block, on consecutive ports where they are free.

    Raises:
        ConfigurationError: a declaration names no mock.
    """
    running: list[RunningMock] = []
    simulated: dict[str, Simulated] = {}
    try:
        for offset, partner in enumerate(partners):
            if partner.id not in MOCKS:
                raise ConfigurationError(f"no mock partner {partner.id!r} (known: {', '.join(MOCKS)})")
            depot, retour = folder.shared(partner.id)
            mock = MOCKS[partner.id](
                MockConfig(
                    received_dir=folder.received,
                    depot_dir=depot,
                    retour_dir=retour,
                    scan_seconds=0.1,
                    api_key=partner.api_key,
                    known_suppliers=partner.known_suppliers,
                    options=partner.options,
                )
            )
            try:
                one = await start(mock, HOST, first_port + offset)
            except (OSError, OverflowError):
                one = await start(mock, HOST)
            running.append(one)
            for name, value in partner.secrets.items():
                folder.keep_secret(name, value)
            control = Client(one.url)
            sftp = await control.get("/_mock/sftp") if "sftp" in partner.options else {}
            simulated[partner.id] = Simulated(partner, control, Place(one.url, depot, retour, sftp), mock.stopping.set)
        yield simulated
    finally:
        for entry in simulated.values():
            await entry.control.close()
        await asyncio.gather(*(one.stop() for one in running))
