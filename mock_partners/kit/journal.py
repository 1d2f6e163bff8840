"""What a mock received: kept in memory within bounds, searchable, and on disk byte for byte when a folder is given."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

MAX_BYTES = 64 * 1024 * 1024
_UNSAFE = re.compile(r"[^A-Za-z0-9._~-]+")


class Received(NamedTuple):
    """One received document and what the mock made of it.

    Attributes:
        id: 1, 2, 3… in order of arrival; stable, never reused.
        channel: "api" or "file".
        verdict: "accepted", "rejected", "replayed" (already known), "partial", or "fault" (a scripted fault answered).
        detail: why, as said to the sender.
        status: HTTP status answered, when there was one.
    """

    id: int
    at: datetime
    channel: str
    name: str
    media_type: str
    headers: Mapping[str, str]
    body: bytes
    verdict: str
    detail: str
    status: int | None

    @property
    def sha256(self) -> str:
        """Of the body, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without the body (see ``/_mock/received/{id}/body``)."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "channel": self.channel,
            "name": self.name,
            "mediaType": self.media_type,
            "headers": dict(self.headers),
            "bytes": len(self.body),
            "sha256": self.sha256,
            "verdict": self.verdict,
            "detail": self.detail,
            "status": self.status,
        }

    def contains(self, text: str) -> bool:
        """Whether the name, the detail or the body holds a text (read as UTF-8 or Latin-1)."""
        if text in self.name or text in self.detail:
            return True
        return text.encode("utf-8") in self.body or text.encode("latin-1", errors="replace") in self.body


class Journal:
    """The received documents of one mock; the oldest are forgotten beyond ``size`` documents or 64 MiB."""

    def __init__(self, size: int, folder: Path | None = None) -> None:
        self._size = size
        self._folder = folder
        self._entries: deque[Received] = deque()
        self._bytes = 0
        self._last_id = 0
        self._writing = asyncio.Lock()
        self._waiting: list[Received] = []
        self._failed: dict[int, OSError] = {}

    def add(
        self,
        *,
        at: datetime,
        channel: str,
        name: str,
        media_type: str,
        body: bytes,
        verdict: str,
        detail: str = "",
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Received:
        """Record one document; returns the entry."""
        self._last_id += 1
        entry = Received(self._last_id, at, channel, name, media_type, headers or {}, body, verdict, detail, status)
        self._entries.append(entry)
        self._bytes += len(body)
        while len(self._entries) > self._size or (self._bytes > MAX_BYTES and len(self._entries) > 1):
            self._bytes -= len(self._entries.popleft().body)
        return entry

    async def store(self, entry: Received) -> None:
        """Write the document to the folder, if there is one, under its own name; it is there when this returns.

        The same bytes under the same name are written once; other bytes get a suffix (``name~2.xml``). Documents that
        come while others are being written go together to the next thread: handing over costs more than writing.

        Raises:
            OSError: it cannot be written.
        """
        if self._folder is None:
            return
        self._waiting.append(entry)
        async with self._writing:
            if self._waiting:
                batch, self._waiting = self._waiting, []
                self._failed |= await asyncio.to_thread(_write_all, self._folder, batch)
        if entry.id in self._failed:
            raise self._failed.pop(entry.id)

    def get(self, entry_id: int) -> Received | None:
        """One document, if it is still remembered."""
        return next((entry for entry in self._entries if entry.id == entry_id), None)

    def search(
        self, *, contains: str | None = None, verdict: str | None = None, name: str | None = None
    ) -> list[Received]:
        """Documents that match everything given, newest first."""
        return [
            entry
            for entry in reversed(self._entries)
            if (verdict is None or entry.verdict == verdict)
            and (name is None or entry.name == name)
            and (contains is None or entry.contains(contains))
        ]

    def clear(self) -> None:
        """Forget the documents in memory (files on disk stay; ids go on)."""
        self._entries.clear()
        self._bytes = 0


def _write_all(folder: Path, entries: Iterable[Received]) -> dict[int, OSError]:
    """Write documents (blocking); what could not be written, by id."""
    failed: dict[int, OSError] = {}
    for entry in entries:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / (_UNSAFE.sub("_", entry.name).lstrip(".") or f"document-{entry.id}"), entry.body)
        except OSError as error:
            failed[entry.id] = error
    return failed


def _write(wanted: Path, body: bytes) -> None:
    path, number = wanted, 2
    while True:
        try:
            with path.open("xb") as file:
                file.write(body)
            return
        except FileExistsError:
            if path.read_bytes() == body:
                return
        path, number = wanted.with_name(f"{wanted.stem}~{number}{wanted.suffix}"), number + 1
