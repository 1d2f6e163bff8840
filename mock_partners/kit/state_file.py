"""Keeps a mock's state in a file: as few writes as its promise allows, each of them whole."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Snapshot = Callable[[], dict[str, Any]]


class StateFile:
    """One file, written from one event loop.

    Changes that come while a write is under way share the next one: with many requests at the same time the file is
    written once for all of them. It is written aside then renamed, without waiting for the disk: a killed process
    leaves a whole file, a power cut may not.

    Args:
        path: the file; its folder is made when it is missing.
        seconds: how late the file may be. 0: :meth:`changed` returns once the file holds the change.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._disk = threading.Lock()
        self._changes = self._kept = self._on_disk = 0
        self._snapshot: Snapshot | None = None
        self._later: asyncio.Task[None] | None = None

    def read(self) -> Any:
        """What the file holds, ``None`` when there is no file.

        Raises:
            OSError: it cannot be read.
            ValueError: it does not hold JSON.
        """
        return json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else None

    async def changed(self, snapshot: Snapshot) -> None:
        """The state has changed; ``snapshot`` gives it, now or later. Raises OSError when it cannot be written now."""
        self._changes += 1
        self._snapshot = snapshot
        if not self._seconds:
            await self._keep(self._changes)
        elif self._later is None or self._later.done():
            self._later = asyncio.create_task(self._keep_later(), name=f"state-{self._path.name}")

    async def flush(self) -> None:
        """Write what was not written yet. Raises OSError when it cannot be."""
        if self._later is not None:
            self._later.cancel()
            await asyncio.gather(self._later, return_exceptions=True)
            self._later = None
        await self._keep(self._changes)

    async def _keep_later(self) -> None:
        await asyncio.sleep(self._seconds)
        await self._keep(self._changes)

    async def _keep(self, wanted: int) -> None:
        async with self._lock:
            if self._kept >= wanted or self._snapshot is None:
                return
            upto = self._changes
            text = json.dumps(self._snapshot(), ensure_ascii=False, indent=1)
            await asyncio.to_thread(self._write, text, upto)
            self._kept = upto

    def _write(self, text: str, upto: int) -> None:
        # A cancelled request leaves its thread at work: it must neither mix with the next one nor undo it.
        with self._disk:
            if upto <= self._on_disk:
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._path.with_name(f".{self._path.name}.tmp")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(self._path)
            self._on_disk = upto
