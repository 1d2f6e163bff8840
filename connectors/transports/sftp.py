"""An SFTP folder as a drop, with the layout and promises of the local folder (see :mod:`.filedrop`).

What goes wrong on the way is classed by :mod:`.sftp_session`.
"""

from __future__ import annotations

import posixpath
import re
import stat
from contextlib import suppress
from datetime import UTC, datetime

import asyncssh

from connectors.transports.filedrop import (
    ARCHIVE,
    DEFAULT_PATTERN,
    MAX_FILE_BYTES,
    PROCESSING,
    REJECTED,
    DroppedFile,
    Entry,
    allowed,
    other_names,
)
from connectors.transports.sftp_session import GONE, LOST, SftpSession
from contracts.rules.echange_fichiers_depot import report_name
from semaphore_hub.ports.outcomes import Misconfigured, Reject


class SftpDrop:
    """One folder of an SFTP server; the root is never created. See :class:`connectors.transports.drop.Drop`.

    Args:
        root: absolute path of the folder, as the server shows it.
        host_key: the server's public key as OpenSSH writes it, or its ``SHA256:…`` fingerprint.
        password, private_key: either or both; neither shown nor logged.
        pattern: regular expression a name must match entirely; other files are left alone.
        max_bytes: a larger file is refused (moved to ``rejected/``) rather than read.
        timeout_seconds: longest connection, and longest silence of the server.
        total_seconds: longest whole operation.

    Raises:
        Misconfigured: the host key or the private key cannot be read.
    """

    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        root: str,
        *,
        host_key: str,
        password: str | None = None,
        private_key: str | None = None,
        pattern: str = DEFAULT_PATTERN,
        max_bytes: int = MAX_FILE_BYTES,
        timeout_seconds: float = 30.0,
        total_seconds: float = 300.0,
    ) -> None:
        self._session = SftpSession(
            host,
            port,
            username,
            place=f"sftp://{username}@{host}:{port}{root}",
            host_key=host_key,
            password=password,
            private_key=private_key,
            timeout_seconds=timeout_seconds,
            total_seconds=total_seconds,
        )
        self._run = self._session.run
        self._root = root
        self._pattern = re.compile(pattern)
        self._max_bytes = max_bytes

    @property
    def place(self) -> str:
        """The folder, for a person."""
        return self._session.place

    @property
    def max_bytes(self) -> int:
        """A larger file is refused rather than read."""
        return self._max_bytes

    async def close(self) -> None:
        """Release the connection; the next operation opens another."""
        await self._session.close()

    async def check(self) -> None:
        """The server is the one we trust, lets us in, and the folder is there and can be written.

        Raises:
            Misconfigured, Retry: see :mod:`.sftp_session`.
        """
        await self._run(self._check)

    async def put_atomic(self, name: str, body: bytes) -> bool:
        """See ``Drop.put_atomic``. Durable when the server knows ``fsync@openssh.com``."""
        if not self._allowed(name):
            raise Reject(f"the file name {name!r} is not allowed in {self.place}", code="FILE_NAME")
        return await self._run(lambda client: self._put(client, name, body))

    async def entries(self) -> list[Entry]:
        """See ``Drop.entries``."""
        return await self._run(lambda client: self._entries(client, ""))

    async def waiting(self) -> list[str]:
        """See ``Drop.waiting``."""
        return [entry.name for entry in await self.entries()]

    async def claimed(self) -> list[str]:
        """See ``Drop.claimed``."""
        return [entry.name for entry in await self._run(lambda client: self._entries(client, PROCESSING))]

    async def claim(self, name: str) -> DroppedFile | None:
        """See ``Drop.claim``."""
        return await self._run(lambda client: self._claim(client, name)) if self._allowed(name) else None

    async def archive(self, name: str) -> None:
        """See ``Drop.archive``."""
        if self._allowed(name):
            await self._run(lambda client: self._settle(client, name, ARCHIVE))

    async def reject(self, name: str, report: str | None = None) -> None:
        """See ``Drop.reject``."""
        if self._allowed(name):
            await self._run(lambda client: self._settle(client, name, REJECTED, report))

    async def archived(self) -> list[str]:
        """See ``Drop.archived``."""
        return [entry.name for entry in await self._run(lambda client: self._entries(client, ARCHIVE))]

    async def read_archived(self, name: str) -> bytes | None:
        """See ``Drop.read_archived``."""
        if not self._allowed(name):
            return None
        return await self._run(lambda client: self._read(client, self._path(ARCHIVE, name)))

    # --- Operations -------------------------------------------------------------------------------------------------

    def _path(self, *parts: str) -> str:
        return posixpath.join(self._root, *(part for part in parts if part))

    def _allowed(self, name: str) -> bool:
        return allowed(name, self._pattern)

    async def _check(self, client: asyncssh.SFTPClient) -> None:
        if not await client.isdir(self._root):
            raise Misconfigured(f"the folder {self.place} does not exist")
        probe = self._path(".semaphore.tmp")
        async with client.open(probe, "wb"):
            pass
        await client.remove(probe)

    async def _put(self, client: asyncssh.SFTPClient, name: str, body: bytes) -> bool:
        target, temporary = self._path(name), self._path(f".{name}.tmp")
        already = await self._read(client, target)
        if already is not None:
            if already != body:
                raise Reject(f"{name} already exists in {self.place} with other content", code="FILE_EXISTS")
            return False
        await self._write(client, temporary, body)
        with self._session.naming(name):
            await _rename(client, temporary, target)
        return True

    async def _write(self, client: asyncssh.SFTPClient, path: str, body: bytes) -> None:
        try:
            async with client.open(path, "wb") as file:
                await file.write(body)
                with suppress(asyncssh.SFTPOpUnsupported):
                    await file.fsync()
            size = await client.getsize(path)
            if size != len(body):
                raise asyncssh.SFTPFailure(f"{size} bytes written out of {len(body)}")
        except LOST:
            raise
        except asyncssh.SFTPError:
            with suppress(asyncssh.SFTPError):
                await client.remove(path)
            raise

    async def _read(self, client: asyncssh.SFTPClient, path: str) -> bytes | None:
        try:
            async with client.open(path, "rb") as file:
                body = await file.read()
        except GONE:
            return None
        assert isinstance(body, bytes)  # opened so
        return body

    async def _claim(self, client: asyncssh.SFTPClient, name: str) -> DroppedFile | None:
        source, target = self._path(name), self._path(PROCESSING, name)
        if not await client.exists(target):
            await self._folder(client, PROCESSING)
            try:
                await _rename(client, source, target)
            except GONE:
                return None  # another process was faster
        try:
            size = await client.getsize(target)
        except GONE:
            return None
        if size is None or size > self._max_bytes:
            await self._settle(client, name, REJECTED)
            return None
        body = await self._read(client, target)
        return None if body is None else DroppedFile(name, body)

    async def _settle(self, client: asyncssh.SFTPClient, name: str, folder: str, report: str | None = None) -> None:
        source = self._path(PROCESSING, name)
        if folder == REJECTED and not await client.exists(source):
            source = self._path(name)
        if not await client.exists(source):
            return
        await self._folder(client, folder)
        kept = name
        if await client.exists(self._path(folder, kept)) and not await self._same(
            client, source, self._path(folder, kept)
        ):
            # The same name came twice with other content: both are kept.
            for kept in other_names(name):
                if not await client.exists(self._path(folder, kept)):
                    break
        if report is not None:
            # Before the file is moved: a refused file is never there without its reason.
            temporary = self._path(folder, f".{kept}.tmp")
            await self._write(client, temporary, report.encode("utf-8"))
            await _rename(client, temporary, self._path(folder, report_name(kept)))
        with suppress(*GONE):
            await _rename(client, source, self._path(folder, kept))

    async def _same(self, client: asyncssh.SFTPClient, one: str, other: str) -> bool:
        if await client.getsize(one) != await client.getsize(other):
            return False
        return await self._read(client, one) == await self._read(client, other)

    async def _folder(self, client: asyncssh.SFTPClient, name: str) -> None:
        path = self._path(name)
        if not await client.isdir(path):
            with suppress(asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):
                await client.mkdir(path)

    async def _entries(self, client: asyncssh.SFTPClient, folder: str) -> list[Entry]:
        found: list[Entry] = []
        try:
            async for item in client.scandir(self._path(folder)):
                name, attrs = item.filename, item.attrs
                mode = attrs.permissions or 0
                # A server that gives no permissions gives no kind of file either: then only its name speaks.
                if isinstance(name, str) and (stat.S_ISREG(mode) or not mode) and self._allowed(name):
                    modified = datetime.fromtimestamp(attrs.mtime or 0, UTC)
                    found.append(Entry(name, attrs.size or 0, modified))
        except GONE:
            if folder:
                return []
            raise
        return sorted(found, key=lambda entry: (entry.modified, entry.name))


async def _rename(client: asyncssh.SFTPClient, source: str, target: str) -> None:
    """Rename at once; servers without the extension of OpenSSH refuse to rename over a file, and need not."""
    try:
        await client.posix_rename(source, target)
    except asyncssh.SFTPOpUnsupported:
        await client.rename(source, target)
