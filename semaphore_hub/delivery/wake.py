"""How dispatchers learn that there is work: an asyncio event inside the process, LISTEN/NOTIFY between processes."""

from __future__ import annotations

import asyncio
import contextlib

import psycopg
import structlog

from semaphore_hub.kernel.db import WAKE_CHANNEL, Database

log = structlog.get_logger()
ROUTER = "router"


class Waker:
    """Wakes the loops of one dispatcher from any thread. Several wake-ups before a loop looks are one."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._events: dict[str, asyncio.Event] = {}

    def bind(self) -> None:
        """Attach to the running loop."""
        self._loop = asyncio.get_running_loop()

    def unbind(self) -> None:
        """Detach: later wake-ups are ignored."""
        self._loop = None

    def subscribe(self, topic: str) -> asyncio.Event:
        """An event for one loop (the router, or a connector's id); the subscriber clears it."""
        return self._events.setdefault(topic, asyncio.Event())

    def wake(self, *topics: str) -> None:
        """Wake these loops, or all of them; callable from any thread, harmless when the loop is gone."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._set, topics or tuple(self._events))

    def wake_router(self) -> None:
        """Wake the router: it wakes the connectors that get something to do."""
        self.wake(ROUTER)

    def _set(self, topics: tuple[str, ...]) -> None:
        for topic in topics:
            if topic in self._events:
                self._events[topic].set()


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for a wake-up at most that long, then clear it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()


async def listen(database: Database, waker: Waker) -> None:
    """Forward PostgreSQL notifications to the waker, for ever; a lost connection is opened again.

    The safety poll of the dispatcher covers what is missed meanwhile.
    """
    dsn = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
                await connection.execute(f"LISTEN {WAKE_CHANNEL}")
                async for _ in connection.notifies():
                    waker.wake()
        except psycopg.Error as error:
            log.warning("notifications interrupted", error=str(error))
            await asyncio.sleep(1)
