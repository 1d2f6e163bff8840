"""Has a partner polled at once when a file appears in its local folder; the periodic poll alone is the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import aclosing, suppress
from pathlib import Path

from sqlalchemy import update
from watchfiles import Change, awatch

from semaphore_hub.delivery.tables import partner_state
from semaphore_hub.delivery.transports import TransportPool
from semaphore_hub.kernel.db import Database

DEBOUNCE_MS = 100
"""A file and its marker come together: one wake-up for both, milliseconds."""
ROUNDS = 10
"""Folders opened meanwhile are looked at after that many polls."""


class FolderWatch:
    """Watches the local folders of the partners this process talks to."""

    def __init__(self, database: Database, transports: TransportPool) -> None:
        self._database = database
        self._transports = transports

    async def run(self, poll_seconds: float, stopping: Callable[[], bool]) -> None:
        """Watch until told to stop."""
        while not stopping():
            folders = self._transports.watched()
            for _ in range(ROUNDS):
                if stopping():
                    return
                changed = await appeared_in(folders, poll_seconds)
                if partners := {folders[folder] for folder in changed if folder in folders}:
                    await asyncio.to_thread(self._poll_now, partners)

    def _poll_now(self, partners: Collection[str]) -> None:
        with self._database.write() as unit:
            unit.connection.execute(
                update(partner_state).where(partner_state.c.partner.in_(sorted(partners))).values(poll_at=0)
            )


async def appeared_in(folders: Collection[Path], longest_seconds: float) -> set[Path]:
    """Wait until a file appears in one of the folders (not below it), at most that long; cancel it to stop earlier.

    Returns:
        The folders where one did. A folder that cannot be watched (absent, on some networks) is left out.
    """
    there = [folder for folder in folders if folder.is_dir()]
    with suppress(TimeoutError):
        async with asyncio.timeout(longest_seconds):
            if there:
                with suppress(OSError):
                    async with aclosing(awatch(*there, recursive=False, debounce=DEBOUNCE_MS, step=20)) as changes:
                        async for found in changes:
                            if seen := {Path(path).parent for change, path in found if change == Change.added}:
                                return seen
            await asyncio.Event().wait()
    return set()
