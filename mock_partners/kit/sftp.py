"""A real SFTP server in the process of the mocks, on the loopback interface only: each user sees one folder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import asyncssh

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Account:
    """Who may come in, and what they see as ``/``.

    Attributes:
        folder: root of what they see; it must exist.
        password: accepted when given.
        authorised_keys: public keys accepted, as OpenSSH writes them ("ssh-ed25519 AAAA…").
    """

    folder: Path
    password: str | None = None
    authorised_keys: tuple[str, ...] = ()


@dataclass(slots=True)
class SftpFaults:
    """What goes wrong, until set back.

    Attributes:
        cut_after_bytes: the connection is cut at the first write that goes past that many bytes in a file.
        cut_on_rename: the connection is cut before, or just after, a file is renamed, without an answer.
        disk_full: every write is refused.
        silent: files are opened and never answered about.
    """

    cut_after_bytes: int | None = None
    cut_on_rename: Literal["before", "after"] | None = None
    disk_full: bool = False
    silent: bool = False


class SftpServer:
    """One server; several accounts.

    Args:
        accounts: by user name.
        host_key_file: its private key, made when the file is missing: the same host key after every restart.
        port: 0 takes any free one, kept across :meth:`stop` and :meth:`start`.

    Attributes:
        faults: what goes wrong; settable at any time.
        attempts: passwords and keys shown since it was made, right or wrong.

    Raises:
        OSError: the key file cannot be read or written.
        ValueError: it holds no private key, or an authorised key is not one.
    """

    def __init__(self, accounts: Mapping[str, Account], host_key_file: Path, port: int = 0) -> None:
        self.accounts = dict(accounts)
        self.faults = SftpFaults()
        self.port = port
        self._host_key = _host_key(host_key_file)
        self._keys = {
            user: [asyncssh.import_public_key(line) for line in account.authorised_keys]
            for user, account in accounts.items()
        }
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self.attempts = 0
        self._connections: set[asyncssh.SSHServerConnection] = set()

    @property
    def host_key_line(self) -> str:
        """Public host key as OpenSSH writes it, without comment: what a client pins."""
        return " ".join(self._host_key.export_public_key().decode("ascii").split()[:2])

    @property
    def clients(self) -> int:
        """Number of connections."""
        return len(self._connections)

    @property
    def fingerprint(self) -> str:
        """``SHA256:…`` of the public host key."""
        return self._host_key.get_fingerprint()

    def url(self, user: str, path: str = "/") -> str:
        """Address of a folder for a user: ``sftp://user@127.0.0.1:port/path``; once started."""
        return f"sftp://{user}@{HOST}:{self.port}{path}"

    async def start(self) -> None:
        """Listen on 127.0.0.1. Raises OSError when the port is taken."""
        self._acceptor = await asyncssh.create_server(
            lambda: _Door(self),
            HOST,
            self.port,
            server_host_keys=[self._host_key],
            sftp_factory=lambda channel: _Folder(channel, self),
            reuse_address=True,
            login_timeout=10,
        )
        self.port = self._acceptor.get_port()

    async def stop(self) -> None:
        """Cut every connection and stop listening."""
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is not None:
            acceptor.close()
            for connection in list(self._connections):
                connection.abort()
            await acceptor.wait_closed()

    def entered(self, connection: asyncssh.SSHServerConnection) -> None:
        """A client is connected."""
        self._connections.add(connection)

    def left(self, connection: asyncssh.SSHServerConnection) -> None:
        """It is not any more."""
        self._connections.discard(connection)

    def knows_password(self, user: str, password: str) -> bool:
        """Whether that is the password of that user."""
        self.attempts += 1
        account = self.accounts.get(user)
        return account is not None and account.password is not None and account.password == password

    def knows_key(self, user: str, key: asyncssh.SSHKey) -> bool:
        """Whether that key opens the folder of that user."""
        self.attempts += 1
        return key in self._keys.get(user, ())


class _Door(asyncssh.SSHServer):
    """One connection: who may come in. Nothing but SFTP is offered, as asyncssh refuses what is not asked for."""

    def __init__(self, server: SftpServer) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember it, to be able to cut it."""
        self._connection = conn
        self._server.entered(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (the protocol's signature)
        """Forget it."""
        if self._connection is not None:
            self._server.left(self._connection)

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002
        """Everybody must prove who they are."""
        return True

    def password_auth_supported(self) -> bool:
        """Passwords are asked for."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Whether that is the password of that user."""
        return self._server.knows_password(username, password)

    def public_key_auth_supported(self) -> bool:
        """Keys are asked for."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether that key opens the folder of that user."""
        return self._server.knows_key(username, key)


class _Folder(asyncssh.SFTPServer):
    """What one user sees, and the faults. Blocking calls: files are small and the partner is simulated."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], server: SftpServer) -> None:
        user = channel.get_connection().get_extra_info("username")
        self._root = os.path.realpath(server.accounts[user].folder)
        self._connection = channel.get_connection()
        self._faults = server.faults
        super().__init__(channel, chroot=os.fsencode(self._root))

    def map_path(self, path: bytes) -> bytes:
        """The local path, which must stay in the folder even through a symbolic link."""
        local = super().map_path(path)
        inside = os.path.realpath(local)
        root = os.fsencode(self._root)
        if inside != root and not inside.startswith(root + b"/"):
            raise asyncssh.SFTPPermissionDenied("outside of the folder")
        return local

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open a file, or stay silent for ever."""
        if self._faults.silent:
            await asyncio.Event().wait()
        return super().open(path, pflags, attrs)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write, unless the disk is full or the line is cut."""
        if self._faults.disk_full:
            raise asyncssh.SFTPNoSpaceOnFilesystem("No space left on device")
        limit = self._faults.cut_after_bytes
        if limit is not None and offset + len(data) > limit:
            super().write(file_obj, offset, data[: max(0, limit - offset)])
            self._cut()
        written = super().write(file_obj, offset, data)
        assert isinstance(written, int)
        return written

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename, unless the line is cut before; or cut just after."""
        if self._faults.cut_on_rename == "before":
            self._cut()
        super().posix_rename(oldpath, newpath)
        if self._faults.cut_on_rename == "after":
            self._cut()

    def _cut(self) -> None:
        self._connection.abort()
        raise asyncssh.SFTPConnectionLost("the line was cut")


def _host_key(path: Path) -> asyncssh.SSHKey:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    return asyncssh.read_private_key(path)
