"""OAuth2 clients of the hub: a TOML file of ids, hashed secrets, roles and GHT perimeters.

::

    [[client]]
    id = "achats-valmont"
    secret = "scrypt$16384$8$1$<salt>$<hash>"     # made by hash_secret
    role = "acheteur"
    ghts = ["FIC-01"]                              # left out: every GHT
"""

from __future__ import annotations

import hashlib
import hmac
import os
import tomllib
from base64 import b64decode, b64encode
from binascii import Error as BinasciiError
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.errors import ConfigurationError

_N, _R, _P = 16384, 8, 1
_NOBODY = "scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA==$" + b64encode(bytes(32)).decode()


class Client(BaseModel):
    """One client of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern="^[A-Za-z0-9._-]{1,64}$")
    secret: str = Field(pattern=r"^scrypt\$[0-9]+\$[0-9]+\$[0-9]+\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+$")
    role: Role
    ghts: frozenset[str] | None = None

    def caller(self) -> Caller:
        """The caller a token of this client stands for."""
        return Caller(name=self.id, role=self.role, ghts=self.ghts)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client: tuple[Client, ...] = Field(min_length=1)


def load_clients(path: Path) -> dict[str, Client]:
    """Read the file of clients.

    Raises:
        ConfigurationError: unreadable, incomplete, or the same id twice.
    """
    try:
        clients = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).client
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    by_id = {client.id: client for client in clients}
    if len(by_id) != len(clients):
        raise ConfigurationError(f"{path}: a client id is given twice")
    return by_id


def hash_secret(secret: str) -> str:
    """The text to write in the file for a secret."""
    salt = os.urandom(16)
    digest = hashlib.scrypt(secret.encode(), salt=salt, n=_N, r=_R, p=_P)
    return f"scrypt${_N}${_R}${_P}${b64encode(salt).decode()}${b64encode(digest).decode()}"


def verify_secret(secret: str, stored: str | None) -> bool:
    """Whether a secret is the stored one; as slow for an unknown client, so that ids cannot be guessed by time."""
    _, n, r, p, salt, expected = (stored or _NOBODY).split("$")
    try:
        digest = hashlib.scrypt(secret.encode(), salt=b64decode(salt), n=int(n), r=int(r), p=int(p))
        return hmac.compare_digest(digest, b64decode(expected)) and stored is not None
    except (ValueError, BinasciiError):
        return False
