"""One SSH connection to one SFTP server, and what its failures mean.

=======================================================  =============  ============================================
what happened                                            outcome        why
=======================================================  =============  ============================================
host key unknown or changed, no common algorithm         Misconfigured  the server is not the one we were told of
user, password or key refused; folder absent or closed   Misconfigured  a setting or a right to correct
no connection, silence, connection lost                  Retry          nothing has its final name
silence or loss while a sent file gets its final name    Unknown        it may have it
disk full, quota, other refusal of the server            Retry          nothing has its final name
=======================================================  =============  ============================================

Only the pinned host key is trusted: neither the user's known_hosts, configuration and agent are looked at, nor does a
first connection teach anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import asyncssh

from connectors.transports.host_key import HostKey
from semaphore_hub.ports.outcomes import Misconfigured, Retry, Unknown

GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
# asyncssh lets what the socket raised through, and the end of its stream.
LOST = (asyncssh.DisconnectError, asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, OSError, EOFError)

_T = TypeVar("_T")
_CLOSED = (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect, asyncssh.SFTPNotADirectory, *GONE)


class SftpSession:
    """One connection, opened when first needed and again when it was lost; one operation at a time.

    Args:
        place: the folder, for messages.
        host_key, password, private_key, timeout_seconds, total_seconds: see ``SftpDrop``.

    Raises:
        Misconfigured: the host key or the private key cannot be read.
    """

    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        *,
        place: str,
        host_key: str,
        password: str | None,
        private_key: str | None,
        timeout_seconds: float,
        total_seconds: float,
    ) -> None:
        self._host, self._port, self._username = host, port, username
        self.place = place
        self._pin = HostKey(host_key)
        self._password = password
        self._private_key = None if private_key is None else _imported(private_key)
        self._timeout = timeout_seconds
        self._total = total_seconds
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._naming: str | None = None
        self._lock = asyncio.Lock()

    async def close(self) -> None:
        """Release the connection; the next operation opens another."""
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            connection.close()
            with suppress(asyncssh.Error, OSError, TimeoutError):
                async with asyncio.timeout(self._timeout):
                    await connection.wait_closed()

    @contextmanager
    def naming(self, name: str) -> Iterator[None]:
        """A file gets its final name meanwhile: when the connection goes, nobody knows whether it has it."""
        self._naming = name
        yield
        self._naming = None  # not after an error: :meth:`run` looks at it then

    async def run(self, work: Callable[[asyncssh.SFTPClient], Awaitable[_T]]) -> _T:
        """One operation; a kept connection that turns out dead is replaced once, so ``work`` may begin again.

        Raises:
            Misconfigured, Retry, Unknown: see the table of the module.
        """
        async with self._lock:
            kept = self._client is not None
            try:
                return await self._try(work)
            except LOST as error:
                if not kept:
                    raise Retry(f"the connection to {self.place} was lost: {_say(error)}") from error
            try:
                return await self._try(work)
            except LOST as error:
                raise Retry(f"the connection to {self.place} was lost again: {_say(error)}") from error

    async def _try(self, work: Callable[[asyncssh.SFTPClient], Awaitable[_T]]) -> _T:
        self._naming = None
        try:
            async with asyncio.timeout(self._total):
                return await work(self._client or await self._connect())
        except _CLOSED as error:
            raise Misconfigured(f"the folder {self.place} cannot be used: {_say(error)}") from error
        except (*LOST, asyncio.CancelledError) as error:
            # An answer that comes later must not be taken for that of another request.
            self._abort()
            if isinstance(error, asyncio.CancelledError):
                raise
            if self._naming is not None:
                reason = f"{self.place} went away while {self._naming} got its name: {_say(error)}"
                raise Unknown(reason) from error
            if isinstance(error, TimeoutError):
                raise Retry(f"{self.place} did not answer in {self._total:g} s") from error
            raise
        except asyncssh.SFTPError as error:
            raise Retry(f"{self.place} refused: {_say(error)}") from error

    async def _connect(self) -> asyncssh.SFTPClient:
        self._abort()  # one that let us in and then gave no SFTP
        try:
            self._connection = await asyncssh.connect(
                self._host,
                self._port,
                username=self._username,
                password=self._password,
                client_keys=[self._private_key] if self._private_key else None,
                client_factory=self._pin.judge,
                known_hosts=self._pin.known,
                server_host_key_algs=self._pin.algorithms,
                config=None,
                agent_path=None,
                gss_host=None,
                connect_timeout=self._timeout,
                login_timeout=self._timeout,
                keepalive_interval=self._timeout,
                keepalive_count_max=1,
            )
            self._client = await self._connection.start_sftp_client(path_errors="surrogateescape")
        except asyncssh.HostKeyNotVerifiable as error:
            raise Misconfigured(f"{self.place}: {self._pin.refusal()}") from error
        except asyncssh.KeyExchangeFailed as error:
            raise Misconfigured(f"{self.place} has no host key of the expected kind: {error}") from error
        except asyncssh.PermissionDenied as error:
            raise Misconfigured(f"{self.place} refuses our credentials: {error.reason}") from error
        except asyncssh.ChannelOpenError as error:
            raise Misconfigured(f"{self.place} offers no SFTP: {error.reason}") from error
        except TimeoutError as error:
            raise Retry(f"{self.place} did not let us in within {self._timeout:g} s") from error
        except (OSError, asyncssh.Error) as error:
            raise Retry(f"cannot connect to {self.place}: {error}") from error
        return self._client

    def _abort(self) -> None:
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            connection.abort()


def _imported(private_key: str) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(private_key)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError) as error:
        # The reason only: the text of the key is in no message.
        raise Misconfigured(f"the private key cannot be read: {type(error).__name__}") from None


def _say(error: BaseException) -> str:
    return str(error) or type(error).__name__
