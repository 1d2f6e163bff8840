"""Local (or mounted) folders: a file is either complete under its final name, or not there at all.

Layout below the root: waiting files in the root itself, ``processing/`` while one is being read, then ``archive/`` or
``rejected/``. Names beginning with a dot and the suffixes of transfers under way (.tmp, .part…) are never seen.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TypeVar

from contracts.rules.echange_fichiers_depot import is_temporary, report_name
from semaphore_hub.ports.outcomes import Misconfigured, Reject, Retry, Unknown

DEFAULT_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}"
MAX_FILE_BYTES = 50 * 1024 * 1024
PROCESSING, ARCHIVE, REJECTED = "processing", "archive", "rejected"

_SETTINGS_ERRORS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOENT, errno.ELOOP})
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A claimed file, read to its end."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A waiting file: its name, size in bytes, and last change (by the clock of the machine that holds it, aware)."""

    name: str
    size: int
    modified: datetime


class FileDrop:
    """One folder shared with a partner. The root is never created: a missing mount must be seen, not papered over.

    Args:
        root: the folder.
        pattern: regular expression a name must match entirely; other files are left alone.
        max_bytes: a larger file is refused (moved to ``rejected/``) rather than read.
    """

    def __init__(self, root: Path, *, pattern: str = DEFAULT_PATTERN, max_bytes: int = MAX_FILE_BYTES) -> None:
        self.root = root
        self._pattern = re.compile(pattern)
        self._max_bytes = max_bytes

    @property
    def place(self) -> str:
        """The folder, for a person."""
        return str(self.root)

    @property
    def max_bytes(self) -> int:
        """A larger file is refused rather than read."""
        return self._max_bytes

    async def close(self) -> None:
        """Nothing to release; completes the ``Transport`` protocol."""

    async def check(self) -> None:
        """The folder is there and can be written.

        Raises:
            Misconfigured: it is not.
        """
        await self._run(self._check)

    async def put_atomic(self, name: str, body: bytes) -> bool:
        """Make a file appear complete under its name, durable when this returns.

        Returns:
            True when written, False when the same bytes were already there under this name.

        Raises:
            Reject: the name is not allowed, or other bytes already stand under it.
            Misconfigured: the folder is missing or cannot be written.
            Retry: the disk refused (full, input/output error) before the file appeared.
            Unknown: the file appeared but its durability is not known.
        """
        return await self._run(lambda: self._put(name, body))

    async def entries(self) -> list[Entry]:
        """Waiting files with size and last change, oldest first."""
        return await self._run(lambda: self._entries(self.root))

    async def waiting(self) -> list[str]:
        """Names of waiting files, oldest first."""
        return await self._run(lambda: self._names(self.root))

    async def claimed(self) -> list[str]:
        """Names claimed earlier and neither archived nor rejected since (a crash between the two), oldest first."""
        return await self._run(lambda: self._names(self.root / PROCESSING))

    async def claim(self, name: str) -> DroppedFile | None:
        """Take a waiting (or already claimed) file and read it.

        Returns:
            ``None`` when somebody else took it first, when it was too large (it is then in ``rejected/``), or when a
            file of the same name is still being processed.
        """
        return await self._run(lambda: self._claim(name))

    async def archive(self, name: str) -> None:
        """Move a claimed file to ``archive/``; already moved is fine."""
        await self._run(lambda: self._settle(name, ARCHIVE))

    async def reject(self, name: str, report: str | None = None) -> None:
        """Move a claimed, else a waiting, file to ``rejected/``; already moved is fine.

        Args:
            report: written beside it as ``<name>.rejet.txt``, in UTF-8, before the file is moved: a refused file is
                never there without its reason.
        """
        await self._run(lambda: self._settle(name, REJECTED, report))

    async def archived(self) -> list[str]:
        """Names in ``archive/``, oldest first."""
        return await self._run(lambda: self._names(self.root / ARCHIVE))

    async def read_archived(self, name: str) -> bytes | None:
        """Bytes archived under a name (the first ones, when two had it), None when there are none."""
        return await self._run(lambda: self._read_archived(name))

    async def _run(self, work: Callable[[], _T]) -> _T:
        return await asyncio.to_thread(_guarded, self.root, work)

    def _check(self) -> None:
        if not self.root.is_dir():
            raise Misconfigured(f"the folder {self.root} does not exist")
        if not os.access(self.root, os.R_OK | os.W_OK | os.X_OK):
            raise Misconfigured(f"the folder {self.root} cannot be read and written")

    def _put(self, name: str, body: bytes) -> bool:
        if not self._allowed(name):
            raise Reject(f"the file name {name!r} is not allowed in {self.root}", code="FILE_NAME")
        self._check()
        target = self.root / name
        if self._already(target, body):
            return False
        _write(target, body)
        try:
            _sync_folder(self.root)
        except OSError as error:
            raise Unknown(f"{target} was written but the folder could not be synchronised: {error}") from error
        return True

    def _already(self, target: Path, body: bytes) -> bool:
        if not target.exists():
            return False
        if target.read_bytes() != body:
            raise Reject(f"{target} already exists with other content", code="FILE_EXISTS")
        return True

    def _claim(self, name: str) -> DroppedFile | None:
        if not self._allowed(name):
            return None
        source, target = self.root / name, self._folder(PROCESSING) / name
        if source.exists() and not target.exists():
            try:
                source.rename(target)
            except FileNotFoundError:
                return None  # another process was faster
        try:
            if target.stat().st_size > self._max_bytes:
                self._settle(name, REJECTED)
                return None
            return DroppedFile(name, target.read_bytes())
        except FileNotFoundError:
            return None

    def _settle(self, name: str, folder: str, report: str | None = None) -> None:
        if not self._allowed(name):
            return
        source = self.root / PROCESSING / name
        if folder == REJECTED and not source.exists():
            source = self.root / name
        target = self._folder(folder) / name
        try:
            if target.exists() and target.read_bytes() != source.read_bytes():
                # The same name came twice with other content: both are kept.
                target = next(one for one in map(target.with_name, other_names(name)) if not one.exists())
            if report is not None and source.exists():
                _write(target.with_name(report_name(target.name)), report.encode("utf-8"))
            source.rename(target)
        except FileNotFoundError:
            return
        _sync_folder(target.parent)

    def _read_archived(self, name: str) -> bytes | None:
        if not self._allowed(name):
            return None
        try:
            return (self.root / ARCHIVE / name).read_bytes()
        except FileNotFoundError:
            return None

    def _folder(self, name: str) -> Path:
        self._check()
        folder = self.root / name
        folder.mkdir(exist_ok=True)
        return folder

    def _names(self, folder: Path) -> list[str]:
        return [entry.name for entry in self._entries(folder)]

    def _entries(self, folder: Path) -> list[Entry]:
        self._check()
        if not folder.is_dir():
            return []
        with os.scandir(folder) as entries:
            found = sorted(_readable(entries, self._allowed), key=lambda one: (one[0], one[1].name))
        return [entry for _, entry in found]

    def _allowed(self, name: str) -> bool:
        return allowed(name, self._pattern)


def allowed(name: str, pattern: re.Pattern[str]) -> bool:
    """Whether a name is plain (no path, not hidden, no transfer under way) and matches a drop's pattern."""
    plain = "/" not in name and "\\" not in name and "\0" not in name
    return plain and not is_temporary(name) and pattern.fullmatch(name) is not None


def other_names(name: str) -> Iterator[str]:
    """Names under which a second file of that name is kept: "A~2.xml", "A~3.xml"…"""
    stem, suffix = os.path.splitext(name)
    return (f"{stem}~{number}{suffix}" for number in count(2))


def _readable(entries: Iterator[os.DirEntry[str]], seen: Callable[[str], bool]) -> Iterator[tuple[int, Entry]]:
    for entry in entries:
        try:
            if seen(entry.name) and entry.is_file(follow_symlinks=False):
                stat = entry.stat(follow_symlinks=False)
                modified = datetime.fromtimestamp(stat.st_mtime, UTC)
                yield stat.st_mtime_ns, Entry(entry.name, stat.st_size, modified)
        except FileNotFoundError:
            continue  # taken by somebody else since the folder was read


def _write(target: Path, body: bytes) -> None:
    """Make a file appear complete, its bytes on the disk; nothing is left behind when the disk refuses."""
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _guarded(root: Path, work: Callable[[], _T]) -> _T:
    with _outcomes(root):
        return work()


@contextmanager
def _outcomes(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _SETTINGS_ERRORS:
            raise Misconfigured(f"the folder {root} cannot be used: {error}") from error
        raise Retry(f"the folder {root} failed: {error}") from error
