"""What the file exchange protocol speaks of: file names, markers, what a folder takes, what was seen of one file.

The rules on them are in :mod:`contracts.rules.echange_fichiers`, which gives these names too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from contracts.refusal import MAX_BYTES
from contracts.report import Violation

_NAME = re.compile(
    r"(?P<emetteur>[A-Z][A-Z0-9]{1,9})_(?P<type>[A-Z][A-Z0-9]{1,9})_(?P<finess>(?:[0-9]{2}|2[AB])[0-9]{7})"
    r"_(?P<jour>[0-9]{8})_(?P<numero>[0-9]{5})\.(?P<extension>csv|xml)"
)
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".swp")
_DIGEST = re.compile(r"(?P<digest>[0-9a-fA-F]{64})(?:[ \t]+\*?(?P<name>[^\s]+))?")
_MARKER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, order=True)
class ExchangeName:
    """A file name of the protocol, read. Names sort by day, then number: the order in which files are read.

    Attributes:
        jour: business day of the file.
        numero: 1, 2, 3… for the files of one sender to one establishment on that day, all types together.
        emetteur: who wrote it: ``SEM`` (the hub) or ``GEF``.
        type: what it holds: ``MAR``, ``CR``, ``CMD``…
        finess: FINESS juridique of the establishment concerned.
        extension: ``csv`` or ``xml``.
    """

    jour: date
    numero: int
    emetteur: str
    type: str
    finess: str
    extension: str

    def __str__(self) -> str:
        return f"{self.emetteur}_{self.type}_{self.finess}_{self.jour:%Y%m%d}_{self.numero:05d}.{self.extension}"

    @property
    def series(self) -> tuple[str, str, date]:
        """The files numbered together with this one."""
        return self.emetteur, self.finess, self.jour


def parse_name(name: str) -> ExchangeName | None:
    """The parts of a name, None when it is not one of the protocol (form, impossible day, number zero)."""
    found = _NAME.fullmatch(name)
    if found is None or found["numero"] == "00000":
        return None
    try:
        jour = datetime.strptime(found["jour"], "%Y%m%d").date()  # noqa: DTZ007 (a calendar day has no zone)
    except ValueError:
        return None
    return ExchangeName(
        jour, int(found["numero"]), found["emetteur"], found["type"], found["finess"], found["extension"]
    )


def named(name: str) -> set[ExchangeName]:
    """The name read, alone in a set; an empty set when it is not one of the protocol."""
    read = parse_name(name)
    return set() if read is None else {read}


def reading_order(name: str) -> tuple[date, int, str]:
    """Sort key of file names: day, number, then the name; names that are not of the protocol come last."""
    read = parse_name(name)
    return (read.jour, read.numero, name) if read else (date.max, 0, name)


def is_temporary(name: str) -> bool:
    """True for the name of a transfer under way, which is never read."""
    return name.startswith(".") or name.lower().endswith(_UNFINISHED)


def report_name(name: str) -> str:
    """Name of the report of a refused file."""
    return f"{name}.rejet.txt"


def sha256_hex(body: bytes) -> str:
    """The checksum the marker carries: SHA-256, 64 hexadecimal digits in lower case."""
    return hashlib.sha256(body).hexdigest()


def digest_in_ok(content: bytes, name: str) -> str | None:
    """The checksum in a ``.ok`` marker, None when it is empty; the output of ``sha256sum`` is understood too.

    Raises:
        ValueError: neither empty nor a checksum, or the checksum of another file.
    """
    text = content.removeprefix(b"\xef\xbb\xbf").decode("ascii", errors="replace").strip()
    if not text:
        return None
    found = _DIGEST.fullmatch(text)
    if found is None or (found["name"] or name).rpartition("/")[2] != name:
        raise ValueError("ni vide, ni l'empreinte SHA-256 du fichier")
    return found["digest"].lower()


@dataclass(frozen=True, slots=True)
class Marker:
    """The companion file that says « complete »; put last.

    Attributes:
        suffix: end of its name.
        replaces: end of the file's name that ``suffix`` replaces; empty when it is added.
        digest: the checksum in its content, given the file's name; None when it carries none. Raises ValueError, with
            a French reason, when the content is not in its form.
    """

    suffix: str = ".ok"
    replaces: str = ""
    digest: Callable[[bytes, str], str | None] = digest_in_ok

    def name_of(self, file: str) -> str:
        """The marker's name, from the file's."""
        return file.removesuffix(self.replaces) + self.suffix

    def file_of(self, marker: str) -> str | None:
        """The file's name, from its marker's; None when it is not the name of a marker."""
        return marker.removesuffix(self.suffix) + self.replaces if marker.endswith(self.suffix) else None

    def judge(self, content: bytes, name: str, body: bytes) -> Violation | None:
        """What is wrong between a file and its marker."""
        if len(content) > _MARKER_BYTES:
            return Violation(name, detail="trop volumineux", rule="EFI-TEMOIN")
        try:
            digest = self.digest(content, name)
        except ValueError as error:
            return Violation(name, detail=str(error), rule="EFI-TEMOIN")
        if digest is not None and digest.lower() != sha256_hex(body):
            return Violation(name, detail=f"annoncée {digest[:12]}…, calculée {sha256_hex(body)[:12]}…")
        return None


OK_MARKER = Marker()
"""``<name>.ok``: empty, or holding the SHA-256 of the file."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What one folder takes; None accepts any.

    Attributes:
        emetteurs: senders.
        types: kinds of file.
        finess: FINESS juridique of the only establishment concerned.
        max_bytes: largest file, in bytes.
        named: whether the names of the protocol are required; without them there is neither order nor gap.
    """

    emetteurs: frozenset[str] | None = None
    types: frozenset[str] | None = None
    finess: str | None = None
    max_bytes: int = MAX_BYTES
    named: bool = True


@dataclass(frozen=True, slots=True)
class Depot:
    """What is known of one file; None (or empty) is what is not known, and breaks no rule.

    Attributes:
        name: its file name.
        size: in bytes.
        body: its bytes, when it was read.
        marker: content of its marker, when there is one.
        earlier: bytes treated before under the same name.
        treated: names treated before, and those about to be treated before this one.
        unmarked_for: how long it has been there without its marker.
        unanswered_for: how long ago it was read without a compte rendu since.
        expected: what the folder takes.
        form: form of the marker.
    """

    name: str
    size: int = 0
    body: bytes | None = None
    marker: bytes | None = None
    earlier: bytes | None = None
    treated: frozenset[ExchangeName] = field(default=frozenset())
    unmarked_for: timedelta | None = None
    unanswered_for: timedelta | None = None
    expected: Expected = Expected()
    form: Marker = OK_MARKER
