"""The file side of the simulated system: what lies in its folder, and the reports it writes. Blocking calls."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

FILE_NAME = re.compile(r"IDEO_([0-9]{2}|2[AB])[0-9]{7}_[0-9]{8}_[0-9]{5}\.csv")
TREATED, REFUSED = "traites", "refuses"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file whose marker is there."""

    name: str
    body: bytes


def complete_files(folder: Path) -> list[Dropped]:
    """Files whose ``.ok`` marker is there, oldest marker first; a file without its marker is still being written."""
    found: list[tuple[int, str, Dropped]] = []
    for marker in folder.glob("*.ok"):
        file = marker.with_suffix(".csv")
        try:
            found.append((marker.stat().st_mtime_ns, file.name, Dropped(file.name, file.read_bytes())))
        except FileNotFoundError:
            continue  # a marker without its file: the file may come
    return [dropped for _, _, dropped in sorted(found, key=lambda item: item[:2])]


def settle(folder: Path, name: str, outcome: str) -> None:
    """Move a file out of the way, and remove its marker."""
    target = folder / outcome
    target.mkdir(exist_ok=True)
    # The marker first: a file without marker is never read twice, even if this stops half way.
    (folder / name).with_suffix(".ok").unlink(missing_ok=True)
    (folder / name).replace(target / name)


def write_report(folder: Path, name: str, body: bytes) -> None:
    """Make a report appear complete under its name."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{name}.tmp"
    with temporary.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / name)
