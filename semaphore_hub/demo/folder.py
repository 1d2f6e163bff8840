"""The demo's data folder: ours or refused, emptied of what a former demo wrote there and of nothing else."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARKER = ".semaphore-demo"
_OURS = (
    "semaphore.db",
    "semaphore.db-wal",
    "semaphore.db-shm",
    "hub.log",
    "received",
    "partners",
    "secrets",
    "pilotage",
)


class FolderRefused(Exception):
    """The folder cannot be used; the message says why and what to do."""


class DataFolder:
    """Where a demo writes. ``received`` holds what each partner received, ``partners`` the shared folders."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = root / "semaphore.db"
        self.log = root / "hub.log"
        self.received = root / "received"
        self.secrets = root / "secrets"

    def keep_secret(self, name: str, value: str) -> None:
        """Write a secret where the hub looks for it; nobody else reads it."""
        self.secrets.mkdir(mode=0o700, exist_ok=True)
        path = self.secrets / name
        path.touch(mode=0o600)
        path.write_text(value, encoding="utf-8")

    def documents(self) -> Path:
        """Folder of what the chapter on steering writes, made when it is missing."""
        folder = self.root / "pilotage"
        folder.mkdir(exist_ok=True)
        return folder

    def shared(self, partner: str) -> tuple[Path, Path]:
        """Folders ``depot`` and ``retour`` shared with a partner, made when they are missing."""
        pair = (self.root / "partners" / partner / "depot", self.root / "partners" / partner / "retour")
        for folder in pair:
            folder.mkdir(parents=True, exist_ok=True)
        return pair


@contextmanager
def data_folder(root: Path) -> Iterator[DataFolder]:
    """An empty data folder for the time of a block; two demos never share one.

    Raises:
        FolderRefused: it is not a demo's folder, another demo runs in it, or it cannot be written.
    """
    root = root.absolute()
    try:
        if root.exists() and not (root / MARKER).is_file() and (not root.is_dir() or any(root.iterdir())):
            raise FolderRefused(
                f"{root} is not empty and was not made by the demo (no {MARKER} file in it): nothing was touched; "
                "give another folder with --data"
            )
        root.mkdir(parents=True, exist_ok=True)
        with (root / MARKER).open("a") as marker:
            try:
                fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise FolderRefused(f"another demo is running in {root}: stop it, or give another folder") from error
            _empty(root)
            yield DataFolder(root)
    except OSError as error:
        raise FolderRefused(f"the data folder {root} cannot be used: {error}") from error


def _empty(root: Path) -> None:
    for name in _OURS:
        path = root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
