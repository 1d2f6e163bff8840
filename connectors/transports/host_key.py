"""The pinned host key of an SFTP server: nothing else is trusted, and nothing is learned."""

from __future__ import annotations

import asyncssh

from semaphore_hub.ports.outcomes import Misconfigured

# With a fingerprint only, the kind of key is not known; certificates are left out, a fingerprint is of a plain key.
_PLAIN_KEYS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
_Known = tuple[list[asyncssh.SSHKey], ...]


class HostKey:
    """What a server must show.

    Args:
        pinned: its public key as OpenSSH writes it ("ssh-ed25519 AAAA…"), or the ``SHA256:…`` fingerprint of the key.

    Raises:
        Misconfigured: it is neither.
    """

    def __init__(self, pinned: str) -> None:
        self._key: asyncssh.SSHKey | None = None
        self.fingerprint = pinned.strip().rstrip("=")
        self._shown: str | None = None
        if not self.fingerprint.startswith("SHA256:"):
            try:
                self._key = asyncssh.import_public_key(pinned.strip())
            except (asyncssh.KeyImportError, ValueError) as error:
                raise Misconfigured(f"the host key {pinned!r} is not a public key of OpenSSH: {error}") from error
            self.fingerprint = self._key.get_fingerprint()

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Host key algorithms to ask for; empty: those of the pinned key."""
        return () if self._key is not None else _PLAIN_KEYS

    def known(self, _host: str, _address: str, _port: int | None) -> _Known:
        """The trusted keys, in the form asyncssh asks for; an empty file would make it read the user's own."""
        return [self._key] if self._key is not None else [], [], [], [], [], [], []

    def judge(self) -> asyncssh.SSHClient:
        """A client that accepts the pinned fingerprint, and remembers what was shown."""
        return _Judge(self)

    def accepts(self, key: asyncssh.SSHKey) -> bool:
        """Whether a key shown by a server is the pinned one."""
        self._shown = key.get_fingerprint()
        return self._shown == self.fingerprint

    def refusal(self) -> str:
        """One sentence for the operator, once a server was refused."""
        shown = self._shown or "another kind of key"
        return f"the server shows the host key {shown}, not {self.fingerprint}: it was changed, or is another server"


class _Judge(asyncssh.SSHClient):
    def __init__(self, pin: HostKey) -> None:
        self._pin = pin

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002
        """Called for every key that is not in the known ones."""
        return self._pin.accepts(key)
