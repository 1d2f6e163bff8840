"""A drop: one folder shared with a partner, local or by SFTP, behind the same operations.

Settings hold a :class:`DropAddress`; :func:`open_drop` gives the :class:`Drop` it names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.transports.filedrop import DEFAULT_PATTERN, MAX_FILE_BYTES, DroppedFile, Entry, FileDrop
from connectors.transports.sftp import SftpDrop
from semaphore_hub.ports.connector import SecretReader
from semaphore_hub.ports.outcomes import Misconfigured

__all__ = ["ANY_NAME", "Drop", "DropAddress", "DroppedFile", "Entry", "open_drop"]

ANY_NAME = r"[^/\\\x00-\x1f]{1,200}"
"""Pattern of a drop whose reader refuses wrong names itself, with a report, rather than leave them unseen."""


class Drop(Protocol):
    """One folder: waiting files in its root, ``processing/`` while one is read, then ``archive/`` or ``rejected/``.

    Every operation raises ``Misconfigured`` (folder, rights, host key, credentials) and ``Retry`` (disk, network);
    only :meth:`put_atomic` raises ``Unknown`` and ``Reject``. Nothing is lost by an operation that is tried again.
    """

    @property
    def place(self) -> str:
        """The folder, for a person; never holds a secret."""
        ...

    @property
    def max_bytes(self) -> int:
        """A larger file is refused rather than read."""
        ...

    async def put_atomic(self, name: str, body: bytes) -> bool:
        """Make a file appear complete under its name; False when the same bytes were already there.

        Raises:
            Reject: the name is not allowed (``FILE_NAME``), or other bytes stand under it (``FILE_EXISTS``).
            Retry: surely not there. Unknown: perhaps there. Misconfigured: the folder cannot be used.
        """
        ...

    async def entries(self) -> list[Entry]:
        """Waiting files with size and last change, oldest first."""
        ...

    async def waiting(self) -> list[str]:
        """Names of waiting files, oldest first."""
        ...

    async def claimed(self) -> list[str]:
        """Names claimed earlier and neither archived nor rejected since (a crash between the two), oldest first."""
        ...

    async def claim(self, name: str) -> DroppedFile | None:
        """Take a waiting (or already claimed) file and read it; None when gone or too large (then in ``rejected/``)."""
        ...

    async def archive(self, name: str) -> None:
        """Move a claimed file to ``archive/``; already moved is fine."""
        ...

    async def reject(self, name: str, report: str | None = None) -> None:
        """Move a claimed, else a waiting, file to ``rejected/``, with ``<name>.rejet.txt`` (UTF-8) when a report is
        given; already moved is fine."""
        ...

    async def archived(self) -> list[str]:
        """Names in ``archive/``, oldest first."""
        ...

    async def read_archived(self, name: str) -> bytes | None:
        """Bytes archived under a name (the first ones, when two had it), None when there are none."""
        ...

    async def check(self) -> None:
        """The folder is there and can be written. Raises Misconfigured, or Retry when it cannot be reached."""
        ...

    async def close(self) -> None:
        """Release connections; the drop can be used again."""
        ...


class DropAddress(BaseModel):
    """Where a drop is, and how it is opened. A bare text in the settings is the address of a local folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adresse: str = Field(description='a local folder, or "sftp://user@host:port/folder"; never holds a password')
    cleHote: str | None = Field(
        default=None,
        description="public key of the SFTP server as OpenSSH writes it (ssh-ed25519 AAAA…), or its SHA256 fingerprint",
    )
    motDePasseSecret: str | None = Field(default=None, description="name of the secret that holds the password")
    clePriveeSecret: str | None = Field(
        default=None, description="name of the secret that holds the private key (OpenSSH or PEM, not encrypted)"
    )
    delaiSecondes: float = Field(default=30.0, gt=0, description="longest silence of the SFTP server, seconds")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"adresse": str(value)} if isinstance(value, str | Path) else value

    @field_validator("adresse")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if "://" not in value:
            return value
        try:
            parts = urlsplit(value)
            complete = parts.scheme == "sftp" and parts.hostname and parts.username and parts.port != 0
        except ValueError as error:
            raise ValueError("the address is not a URL") from error
        if not complete or parts.query or parts.fragment:
            raise ValueError("the address must be a folder or sftp://user@host:port/folder")
        if parts.password is not None:
            raise ValueError("the address must not hold a password: name its secret in motDePasseSecret")
        return value

    @property
    def is_sftp(self) -> bool:
        """Whether the folder is reached by SFTP."""
        return self.adresse.startswith("sftp://")


def open_drop(
    address: DropAddress,
    secrets: SecretReader,
    *,
    pattern: str = DEFAULT_PATTERN,
    max_bytes: int = MAX_FILE_BYTES,
) -> Drop:
    """The drop of an address; nothing is connected yet.

    Args:
        pattern: regular expression a name must match entirely; other files are left alone.
        max_bytes: a larger file is refused rather than read.

    Raises:
        Misconfigured: a setting is missing or unreadable (host key, private key), or a secret does not exist.
    """
    if not address.is_sftp:
        return FileDrop(Path(address.adresse), pattern=pattern, max_bytes=max_bytes)
    parts = urlsplit(address.adresse)
    if address.cleHote is None:
        raise Misconfigured(f"{address.adresse}: the setting cleHote is needed, an unknown server is never trusted")
    if address.motDePasseSecret is None and address.clePriveeSecret is None:
        raise Misconfigured(f"{address.adresse}: motDePasseSecret or clePriveeSecret is needed")
    return SftpDrop(
        parts.hostname or "",
        parts.port or 22,
        unquote(parts.username or ""),
        unquote(parts.path) or "/",
        host_key=address.cleHote,
        password=secrets(address.motDePasseSecret) if address.motDePasseSecret else None,
        private_key=secrets(address.clePriveeSecret) if address.clePriveeSecret else None,
        pattern=pattern,
        max_bytes=max_bytes,
        timeout_seconds=address.delaiSecondes,
    )
