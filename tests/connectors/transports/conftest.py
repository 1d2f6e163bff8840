"""A folder reached in two ways, locally and through a real SFTP server on the loopback interface."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.transports.drop import ANY_NAME, Drop
from connectors.transports.filedrop import FileDrop
from connectors.transports.sftp import SftpDrop
from mock_partners.kit.sftp import Account, SftpServer

PASSWORD = "mot de passe d'essai"


@dataclass(frozen=True)
class Shared:
    """A drop and the local folder behind it."""

    drop: Drop
    root: Path


def sftp_drop(server: SftpServer, user: str = "hub", **options: object) -> SftpDrop:
    """A drop that trusts the server and knows the password, unless told otherwise."""
    settings: dict[str, object] = {
        "host_key": server.host_key_line,
        "password": PASSWORD,
        "pattern": ANY_NAME,
        "timeout_seconds": 5.0,
        **options,
    }
    return SftpDrop("127.0.0.1", server.port, user, "/", **settings)  # type: ignore[arg-type]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "depot"
    folder.mkdir()
    return folder


@pytest.fixture
async def server(tmp_path: Path, root: Path) -> AsyncIterator[SftpServer]:
    made = SftpServer({"hub": Account(root, PASSWORD)}, tmp_path / "host_key")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(params=["local", "sftp"])
async def shared(request: pytest.FixtureRequest, root: Path, server: SftpServer) -> AsyncIterator[Shared]:
    """The same tests by both ways."""
    if request.param == "local":
        drop: Drop = FileDrop(root, pattern=ANY_NAME, max_bytes=1000)
    else:
        drop = sftp_drop(server, max_bytes=1000)
    yield Shared(drop, root)
    await drop.close()
