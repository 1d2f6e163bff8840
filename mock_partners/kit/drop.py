"""The folder a mock shares with the hub, read by the rules of commun/echange-fichiers. Blocking calls.

A mock that has its own names or markers gives them (``Expected(named=False)``, ``Marker(".ok", replaces=".csv")``, no
marker at all): what is complete, how it is set aside and how answers are put stay the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from contracts import Finding
from contracts.rules import echange_fichiers as protocol
from contracts.rules.echange_fichiers import OK_MARKER, Depot, Expected, Marker

TREATED, REFUSED = "traites", "refuses"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A complete file, not yet set aside.

    Attributes:
        name: its file name.
        body: its bytes; empty when its name or its size is refused: it is not read then.
        marker: content of its marker (the envelope, for an EAI); empty when the folder has no markers.
        findings: what the protocol says of it: refused when one is an error.
    """

    name: str
    body: bytes
    marker: bytes
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        """Whether the protocol refuses it."""
        return bool(protocol.refusals(self.findings))

    @property
    def duplicate(self) -> bool:
        """Whether the same bytes were treated under this name: to be set aside without effect."""
        return protocol.is_duplicate(self.findings)


class DropFolder:
    """One folder.

    Args:
        folder: its path.
        expected: what is taken there; ``named=False`` for names that are not those of the protocol.
        marker: form of the markers; None when a file is complete as soon as it has its name.
        treated, refused: names of the folders of what was read, and of what was refused.
    """

    def __init__(
        self,
        folder: Path,
        *,
        expected: Expected = Expected(),  # noqa: B008 (frozen)
        marker: Marker | None = OK_MARKER,
        treated: str = TREATED,
        refused: str = REFUSED,
    ) -> None:
        self.folder = folder
        self._expected = expected
        self._marker = marker
        self._treated = folder / treated
        self._refused = folder / refused

    def complete(self) -> list[Dropped]:
        """Complete files in reading order: date and number of their names, else the oldest first.

        Raises:
            OSError: the folder cannot be read.
        """
        files = self._files()
        if not files:
            return []
        treated = {name for path in _listed(self._treated) for name in protocol.named(path.name)}
        found: list[Dropped] = []
        for path in files:
            depot = Depot(path.name, treated=frozenset(treated), expected=self._expected)
            try:
                found.append(self._judged(path, depot))
            except FileNotFoundError:
                continue  # taken back by its sender since the folder was read
            treated |= protocol.named(path.name)
        return found

    def settle(self, name: str, findings: Iterable[Finding] = (), *, at: datetime) -> bool:
        """Set a file and its marker aside: treated, or refused with a report when one finding is an error.

        Returns:
            Whether it was treated.
        """
        found = tuple(findings)
        target = self._refused if protocol.refusals(found) else self._treated
        target.mkdir(exist_ok=True)
        # The marker first: a file without marker is never read twice, even if this stops half way.
        if self._marker is not None:
            (self.folder / self._marker.name_of(name)).unlink(missing_ok=True)
        if target == self._refused:
            report = protocol.refusal_report(name, found, at)
            _write(target / protocol.report_name(name), report.encode("utf-8"))
        (self.folder / name).replace(target / name)
        return target == self._treated

    def put(self, name: str, body: bytes, *, marker: bytes | None = None) -> bool:
        """Write an answer at once, then its marker (with the SHA-256, unless its content is given).

        Returns:
            False while a file of that name and other content has not been taken yet: nothing is written.
        """
        target = self.folder / name
        if target.exists() and target.read_bytes() != body:
            return False
        _write(target, body)
        if self._marker is not None:
            content = protocol.sha256_hex(body).encode() if marker is None else marker
            _write(self.folder / self._marker.name_of(name), content)
        return True

    def _files(self) -> list[Path]:
        present = [path for path in _listed(self.folder) if not protocol.is_temporary(path.name)]
        present.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
        if self._marker is not None:
            names = {path.name for path in present}
            present = [
                path
                for path in present
                if self._marker.file_of(path.name) is None and self._marker.name_of(path.name) in names
            ]
        return sorted(present, key=lambda path: protocol.reading_order(path.name)[:2]) if self._named else present

    @property
    def _named(self) -> bool:
        return self._expected.named

    def _judged(self, path: Path, depot: Depot) -> Dropped:
        depot = replace(depot, size=path.stat().st_size)
        if self._marker is not None:
            marker = (self.folder / self._marker.name_of(path.name)).read_bytes()
            depot = replace(depot, marker=marker, form=self._marker)
        found = protocol.findings(depot)
        if not protocol.refusals(found):
            earlier = self._treated / path.name
            depot = replace(depot, body=path.read_bytes(), earlier=earlier.read_bytes() if earlier.exists() else None)
            found = protocol.findings(depot)
        return Dropped(path.name, depot.body or b"", depot.marker or b"", found)


def _listed(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()] if folder.is_dir() else []


def _write(target: Path, body: bytes) -> None:
    """Make a file appear complete, its bytes on the disk."""
    temporary = target.with_name(f".{target.name}.tmp")
    with temporary.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(target)
