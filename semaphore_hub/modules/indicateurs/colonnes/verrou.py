"""One process at a time refreshes a snapshot: a lock on a file, given back by the system even when its holder dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOM = ".verrou"


@contextmanager
def verrou(dossier: Path) -> Iterator[bool]:
    """Whether the lock was free; it is then held until the end of the block."""
    with (dossier / NOM).open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
