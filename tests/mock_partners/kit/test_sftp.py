"""The SFTP server of the mocks: who comes in, what they see, and that a client written by others can use it."""

from __future__ import annotations

import asyncio
import shutil
import stat
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from mock_partners.kit.sftp import Account, SftpServer


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    made = {name: tmp_path / name for name in ("hub", "gef")}
    for folder in made.values():
        folder.mkdir()
    return made


@pytest.fixture
def key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
async def server(tmp_path: Path, folders: dict[str, Path], key: asyncssh.SSHKey) -> AsyncIterator[SftpServer]:
    accounts = {
        "hub": Account(folders["hub"], password="secret"),
        "gef": Account(folders["gef"], authorised_keys=(key.export_public_key().decode(),)),
    }
    made = SftpServer(accounts, tmp_path / "cles" / "host_key")
    await made.start()
    yield made
    await made.stop()


def connect(server: SftpServer, user: str, **options: object) -> object:
    known = asyncssh.import_known_hosts(f"[127.0.0.1]:{server.port} {server.host_key_line}\n")
    settings = {"known_hosts": known, "client_keys": None, "config": None, "agent_path": None, **options}
    return asyncssh.connect("127.0.0.1", server.port, username=user, **settings)


async def test_each_user_sees_one_folder_and_nothing_above(
    server: SftpServer, folders: dict[str, Path], key: asyncssh.SSHKey, tmp_path: Path
) -> None:
    (tmp_path / "dehors.txt").write_bytes(b"secret")
    (folders["hub"] / "lien").symlink_to(tmp_path)
    async with connect(server, "hub", password="secret") as connection, connection.start_sftp_client() as client:  # type: ignore[attr-defined]
        async with client.open("/A.csv", "wb") as file:
            await file.write(b"a")
        assert await client.listdir("/..") == await client.listdir("/")
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await client.open("/../dehors.txt", "rb")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await client.open("/lien/dehors.txt", "rb")
    assert (folders["hub"] / "A.csv").read_bytes() == b"a"
    async with connect(server, "gef", client_keys=[key]) as connection, connection.start_sftp_client() as client:  # type: ignore[attr-defined]
        assert sorted(await client.listdir("/")) == [".", ".."]


@pytest.mark.parametrize(
    ("user", "options"),
    [("hub", {"password": "faux"}), ("gef", {"password": "secret"}), ("inconnu", {"password": "secret"}), ("hub", {})],
)
async def test_nobody_else_comes_in(server: SftpServer, user: str, options: dict[str, str]) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        async with connect(server, user, **options):  # type: ignore[attr-defined]
            pass


async def test_there_is_no_shell(server: SftpServer) -> None:
    async with connect(server, "hub", password="secret") as connection:  # type: ignore[attr-defined]
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.run("id")


async def test_the_host_key_survives_a_restart_and_its_file_is_private(server: SftpServer, tmp_path: Path) -> None:
    path = tmp_path / "cles" / "host_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SftpServer({}, path).host_key_line == server.host_key_line
    port = server.port
    await server.stop()
    await server.start()
    assert server.port == port
    assert server.url("hub", "/depot") == f"sftp://hub@127.0.0.1:{port}/depot"


async def test_a_port_that_is_taken_is_said(server: SftpServer, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="address already in use"):
        await SftpServer({}, tmp_path / "autre", server.port).start()


@pytest.mark.skipif(shutil.which("sftp") is None, reason="the OpenSSH client is not installed")
async def test_the_client_of_openssh_can_use_it(
    server: SftpServer, folders: dict[str, Path], key: asyncssh.SSHKey, tmp_path: Path
) -> None:
    known, identity, source = tmp_path / "known_hosts", tmp_path / "identity", tmp_path / "A.csv"
    known.write_text(f"[127.0.0.1]:{server.port} {server.host_key_line}\n")
    identity.write_bytes(key.export_private_key())
    identity.chmod(0o600)
    source.write_bytes(b"corps")
    batch = f"put {source} .A.csv.tmp\nrename .A.csv.tmp A.csv\nls -l\nget A.csv {tmp_path / 'retour.csv'}\n"
    options = [f"UserKnownHostsFile={known}", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes"]
    command = ["sftp", "-F", "none", "-b", "-", "-i", str(identity), "-P", str(server.port)]
    command += [part for option in options for part in ("-o", option)]
    process = await asyncio.create_subprocess_exec(
        *command, "gef@127.0.0.1", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    async with asyncio.timeout(20):
        output, _ = await process.communicate(batch.encode())
    assert process.returncode == 0, output.decode()
    assert [path.name for path in folders["gef"].iterdir()] == ["A.csv"]
    assert (tmp_path / "retour.csv").read_bytes() == b"corps"
