"""How dispatchers learn that there is work: an asyncio event inside the process, LISTEN/NOTIFY between processes."""

from __future__ import annotations

import asyncio
import contextlib

import psycopg
import structlog

from semaphore_hub.kernel.db import WAKE_CHANNEL, Database

log = structlog.get_logger()


class Waker:
    """Wakes one asyncio loop from any thread. Several wake-ups before the loop looks are one."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._events: set[asyncio.Event] = set()

    def bind(self) -> None:
        """Attach to the running loop."""
        self._loop = asyncio.get_running_loop()

    def unbind(self) -> None:
        """Detach: later wake-ups are ignored."""
        self._loop = None

    def subscribe(self) -> asyncio.Event:
        """An event that every wake-up sets; the subscriber clears it."""
        event = asyncio.Event()
        self._events.add(event)
        return event

    def wake(self) -> None:
        """Wake every subscriber; callable from any thread, harmless when the loop is gone."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._set_all)

    def _set_all(self) -> None:
        for event in self._events:
            event.set()


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
