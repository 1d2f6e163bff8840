"""The two folders shared with the hub: a file is complete under its name, or not there."""

from __future__ import annotations

from pathlib import Path

_UNFINISHED = (".tmp", ".part", ".partial", ".filepart")


def files(folder: Path) -> list[Path]:
    """Complete files of a folder, oldest first."""
    found = [
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and not path.name.lower().endswith(_UNFINISHED)
    ]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def put(folder: Path, name: str, body: bytes) -> bool:
    """Write a file at once; False while one of that name has not been taken yet."""
    target = folder / name
    if target.exists():
        return False
    temporary = folder / f".{name}.tmp"
    temporary.write_bytes(body)
    temporary.rename(target)
    return True


def move(path: Path, folder: Path) -> None:
    """Move a file that was read, over one of the same name."""
    folder.mkdir(exist_ok=True)
    path.replace(folder / path.name)
