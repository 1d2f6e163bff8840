"""What goes wrong with a real SFTP server: each incident has its outcome, and nothing is lost or half-written."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import asyncssh
import pytest

from connectors.transports.host_key import HostKey
from connectors.transports.sftp import SftpDrop
from mock_partners.kit.sftp import Account, SftpServer
from semaphore_hub.ports.outcomes import Misconfigured, Retry, Unknown
from tests.connectors.transports.conftest import PASSWORD, sftp_drop

BIG = bytes(range(256)) * 4096  # 1 MiB: several write requests


async def test_a_large_file_goes_and_comes_whole(server: SftpServer, root: Path) -> None:
    drop = sftp_drop(server)
    assert await drop.put_atomic("A.csv", BIG) is True
    file = await drop.claim("A.csv")
    assert file is not None
    assert file.body == BIG
    assert [path.name for path in root.iterdir()] == ["processing"]
    await drop.close()


async def test_a_connection_cut_during_the_upload_leaves_no_file_and_the_next_try_succeeds(
    server: SftpServer, root: Path
) -> None:
    drop = sftp_drop(server)
    server.faults.cut_after_bytes = 300_000
    with pytest.raises(Retry, match="lost"):
        await drop.put_atomic("A.csv", BIG)
    assert [path.name for path in root.iterdir()] == [".A.csv.tmp"]
    assert await sftp_drop(server, timeout_seconds=2.0).waiting() == []
    server.faults.cut_after_bytes = None
    assert await drop.put_atomic("A.csv", BIG) is True
    assert {path.name: path.read_bytes() for path in root.iterdir()} == {"A.csv": BIG}
    await drop.close()


@pytest.mark.parametrize(("moment", "written"), [("before", True), ("after", False)])
async def test_a_connection_cut_during_the_renaming_says_that_nobody_knows(
    server: SftpServer, root: Path, moment: Literal["before", "after"], written: bool
) -> None:
    drop = sftp_drop(server)
    server.faults.cut_on_rename = moment
    with pytest.raises(Unknown, match=r"A\.csv got its name"):
        await drop.put_atomic("A.csv", b"body")
    server.faults.cut_on_rename = None
    assert await drop.put_atomic("A.csv", b"body") is written
    assert [path.name for path in root.iterdir()] == ["A.csv"]
    await drop.close()


async def test_a_full_disk_is_tried_again_and_leaves_nothing_behind(server: SftpServer, root: Path) -> None:
    drop = sftp_drop(server)
    server.faults.disk_full = True
    with pytest.raises(Retry, match="No space left"):
        await drop.put_atomic("A.csv", b"body")
    assert list(root.iterdir()) == []
    server.faults.disk_full = False
    assert await drop.put_atomic("A.csv", b"body") is True
    await drop.close()


async def test_a_silent_server_is_given_up_and_the_next_operation_uses_another_connection(
    server: SftpServer, root: Path
) -> None:
    drop = sftp_drop(server, total_seconds=0.3)
    server.faults.silent = True
    with pytest.raises(Retry, match=r"did not answer in 0\.3 s"):
        await drop.put_atomic("A.csv", b"body")
    server.faults.silent = False
    assert await drop.put_atomic("A.csv", b"body") is True
    await drop.close()


async def test_a_cancelled_operation_lets_go_of_its_connection(server: SftpServer) -> None:
    drop = sftp_drop(server)
    server.faults.silent = True
    task = asyncio.create_task(drop.put_atomic("A.csv", b"body"))
    while not server.clients:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    server.faults.silent = False
    assert await drop.waiting() == []
    await drop.close()


async def test_a_restarted_server_is_found_again_within_the_same_operation(server: SftpServer, root: Path) -> None:
    drop = sftp_drop(server)
    await drop.put_atomic("A.csv", b"body")
    await server.stop()
    await server.start()
    assert await drop.waiting() == ["A.csv"]
    await server.stop()
    for operation in (drop.waiting, drop.check, lambda: drop.put_atomic("B.csv", b"")):
        with pytest.raises(Retry, match="cannot connect"):
            await operation()
    await server.start()
    assert await drop.put_atomic("B.csv", b"body") is True
    await drop.close()


@pytest.mark.parametrize("pin", ["line", "fingerprint"])
async def test_a_changed_host_key_stops_everything_and_sends_nothing(
    server: SftpServer, tmp_path: Path, root: Path, pin: str
) -> None:
    pinned = server.host_key_line if pin == "line" else server.fingerprint
    await server.stop()
    other = SftpServer({"hub": Account(root, PASSWORD)}, tmp_path / "other_key", server.port)
    await other.start()
    drop = sftp_drop(other, host_key=pinned)
    with pytest.raises(Misconfigured) as caught:
        await drop.put_atomic("A.csv", b"body")
    assert other.fingerprint in caught.value.reason
    assert server.fingerprint in caught.value.reason
    assert list(root.iterdir()) == []
    assert other.attempts == 0  # no password left for a server that is not the right one
    await other.stop()


async def test_another_kind_of_host_key_is_a_changed_key_too(server: SftpServer) -> None:
    line = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode()
    with pytest.raises(Misconfigured, match="host key"):
        await sftp_drop(server, host_key=line).check()


@pytest.mark.parametrize(("user", "password"), [("hub", "faux"), ("inconnu", PASSWORD)])
async def test_refused_credentials_are_a_setting_and_never_shown(server: SftpServer, user: str, password: str) -> None:
    drop = sftp_drop(server, user, password=password)
    with pytest.raises(Misconfigured, match="refuses our credentials") as caught:
        await drop.check()
    assert password not in caught.value.reason


async def test_a_private_key_opens_the_folder_without_password(tmp_path: Path, root: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    public = key.export_public_key().decode()
    server = SftpServer({"hub": Account(root, authorised_keys=(public,))}, tmp_path / "host_key")
    await server.start()
    drop = sftp_drop(server, password=None, private_key=key.export_private_key().decode())
    assert await drop.put_atomic("A.csv", b"body") is True
    await drop.close()
    with pytest.raises(Misconfigured, match="refuses our credentials"):
        await sftp_drop(server).check()
    await server.stop()


async def test_a_folder_we_may_not_write_is_said_by_the_check(
    server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> object:
        raise asyncssh.SFTPPermissionDenied("Permission denied")

    monkeypatch.setattr(asyncssh.SFTPServer, "open", refuse)
    with pytest.raises(Misconfigured, match="Permission denied"):
        await sftp_drop(server).check()


async def test_a_server_without_the_extensions_of_openssh_is_served_too(
    server: SftpServer, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unsupported(*_: object) -> None:
        raise asyncssh.SFTPOpUnsupported("not supported")

    monkeypatch.setattr(asyncssh.SFTPClient, "posix_rename", unsupported)
    monkeypatch.setattr(asyncssh.SFTPClientFile, "fsync", unsupported)
    drop = sftp_drop(server)
    assert await drop.put_atomic("A.csv", b"body") is True
    assert await drop.claim("A.csv") is not None
    await drop.archive("A.csv")
    assert (root / "archive" / "A.csv").read_bytes() == b"body"
    await drop.close()


async def test_nothing_of_the_users_own_ssh_settings_is_trusted(
    server: SftpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A known_hosts that knows the server changes nothing to what is pinned."""
    ssh = tmp_path / ".ssh"
    ssh.mkdir()
    (ssh / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {server.host_key_line}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    drop: SftpDrop = sftp_drop(server, host_key="SHA256:" + "A" * 43)
    with pytest.raises(Misconfigured, match="SHA256:AAAA"):
        await drop.check()


def test_a_fingerprint_is_read_with_or_without_its_padding() -> None:
    assert HostKey("SHA256:" + "A" * 43 + "=").fingerprint == "SHA256:" + "A" * 43
