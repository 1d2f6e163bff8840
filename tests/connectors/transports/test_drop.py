"""A drop keeps the same promises whether its folder is local or behind a real SFTP server."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.transports.drop import DropAddress, open_drop
from connectors.transports.filedrop import FileDrop
from connectors.transports.sftp import SftpDrop
from mock_partners.kit.sftp import SftpServer
from semaphore_hub.ports.outcomes import Misconfigured, Reject
from tests.connectors.transports.conftest import PASSWORD, Shared


def tree(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def test_a_file_appears_complete_once_and_never_over_another(shared: Shared) -> None:
    assert await shared.drop.put_atomic("A.xml", b"body") is True
    assert await shared.drop.put_atomic("A.xml", b"body") is False
    with pytest.raises(Reject) as caught:
        await shared.drop.put_atomic("A.xml", b"other")
    assert caught.value.code == "FILE_EXISTS"
    assert tree(shared.root) == {"A.xml": b"body"}


@pytest.mark.parametrize("name", ["../A.xml", "a/b.xml", ".hidden", "A.tmp", "A.xml.part", "a\nb.csv", ""])
async def test_a_name_that_is_not_plain_is_refused_and_claims_nothing(shared: Shared, name: str) -> None:
    with pytest.raises(Reject) as caught:
        await shared.drop.put_atomic(name, b"body")
    assert caught.value.code == "FILE_NAME"
    assert await shared.drop.claim(name) is None
    assert await shared.drop.read_archived(name) is None
    assert tree(shared.root) == {}


async def test_entries_say_name_size_and_date_oldest_first_without_unfinished_ones(shared: Shared) -> None:
    for rank, name in enumerate(["B.xml", "é A.xml", ".C.xml", "D.xml.tmp", "F.xml"]):
        (shared.root / name).write_bytes(b"x" * rank)
        os.utime(shared.root / name, (1000 + rank, 1000 + rank))
    (shared.root / "folder.xml").mkdir()
    (shared.root / "link.xml").symlink_to(shared.root / "B.xml")
    entries = await shared.drop.entries()
    assert [(one.name, one.size) for one in entries] == [("B.xml", 0), ("é A.xml", 1), ("F.xml", 4)]
    assert entries[0].modified == datetime.fromtimestamp(1000, UTC)
    assert await shared.drop.waiting() == ["B.xml", "é A.xml", "F.xml"]


async def test_the_life_of_a_claimed_file(shared: Shared) -> None:
    drop = shared.drop
    (shared.root / "A.xml").write_bytes(b"body")
    first = await drop.claim("A.xml")
    assert first is not None
    assert await drop.claim("A.xml") == first  # as after a crash between claim and archive
    assert (await drop.waiting(), await drop.claimed(), await drop.archived()) == ([], ["A.xml"], [])
    await drop.archive("A.xml")
    await drop.archive("A.xml")
    assert tree(shared.root) == {"archive/A.xml": b"body"}
    assert (await drop.archived(), await drop.read_archived("A.xml")) == (["A.xml"], b"body")
    assert await drop.claim("A.xml") is None
    assert await drop.read_archived("B.xml") is None


async def test_two_files_of_one_name_are_both_kept(shared: Shared) -> None:
    for body in (b"one", b"two", b"two"):
        (shared.root / "A.xml").write_bytes(body)
        await shared.drop.claim("A.xml")
        await shared.drop.archive("A.xml")
    kept = tree(shared.root)
    assert kept["archive/A.xml"] == b"one"
    assert kept["archive/A~2.xml"] == b"two"


async def test_a_refused_file_keeps_its_report_beside_it_claimed_or_not(shared: Shared) -> None:
    (shared.root / "A.csv").write_bytes(b"a")
    (shared.root / "B.csv").write_bytes(b"b")
    await shared.drop.claim("A.csv")
    await shared.drop.reject("A.csv", "Refusé : à corriger.")
    await shared.drop.reject("B.csv", "Refusé aussi.")
    await shared.drop.reject("B.csv", "deux fois")
    await shared.drop.reject("absent.csv", "rien")
    assert tree(shared.root) == {
        "rejected/A.csv": b"a",
        "rejected/A.csv.rejet.txt": "Refusé : à corriger.".encode(),
        "rejected/B.csv": b"b",
        "rejected/B.csv.rejet.txt": "Refusé aussi.".encode(),
    }


async def test_a_second_refusal_of_the_name_has_its_own_report(shared: Shared) -> None:
    for body in (b"one", b"two"):
        (shared.root / "A.csv").write_bytes(body)
        await shared.drop.reject("A.csv", body.decode())
    kept = tree(shared.root)
    assert (kept["rejected/A.csv.rejet.txt"], kept["rejected/A~2.csv.rejet.txt"]) == (b"one", b"two")


async def test_a_file_too_large_is_set_aside_unread(shared: Shared) -> None:
    (shared.root / "A.xml").write_bytes(b"x" * 1001)
    assert await shared.drop.claim("A.xml") is None
    assert list(tree(shared.root)) == ["rejected/A.xml"]


async def test_a_missing_or_closed_folder_is_a_setting_to_correct(shared: Shared) -> None:
    await shared.drop.check()
    assert tree(shared.root) == {}
    shared.root.rmdir()
    for operation in (shared.drop.put_atomic("A.xml", b""), shared.drop.waiting(), shared.drop.check()):
        with pytest.raises(Misconfigured):
            await operation
    assert not shared.root.exists()


def secret(name: str) -> str:
    """A secret reader."""
    return {"mdp": PASSWORD}[name]


async def test_an_address_in_the_settings_opens_its_drop(server: SftpServer, root: Path) -> None:
    local = open_drop(DropAddress.model_validate(str(root)), secret, max_bytes=5)
    assert isinstance(local, FileDrop)
    assert (local.place, local.max_bytes) == (str(root), 5)
    for pinned in (server.host_key_line, f"{server.host_key_line} un commentaire", server.fingerprint):
        address = DropAddress(adresse=server.url("hub"), cleHote=pinned, motDePasseSecret="mdp")
        remote = open_drop(address, secret)
        assert isinstance(remote, SftpDrop)
        await remote.check()
        await remote.close()
        assert PASSWORD not in remote.place


@pytest.mark.parametrize(
    "address",
    [
        "sftp://hub:secret@partner.invalid/depot",
        "sftp://partner.invalid/depot",
        "ftp://hub@partner.invalid/depot",
        "sftp://hub@partner.invalid:99999/depot",
        "sftp://hub@partner.invalid/depot?x=1",
    ],
)
def test_an_address_that_cannot_work_or_holds_a_password_is_refused(address: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DropAddress(adresse=address)
    assert "must" in str(caught.value) or "not a URL" in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"motDePasseSecret": "mdp"}, "cleHote"),
        ({"cleHote": "SHA256:abc"}, "motDePasseSecret or clePriveeSecret"),
        ({"cleHote": "n'importe quoi", "motDePasseSecret": "mdp"}, "not a public key"),
        ({"cleHote": "SHA256:abc", "clePriveeSecret": "mdp"}, "private key cannot be read"),
    ],
)
def test_a_server_is_never_trusted_without_its_key_nor_reached_without_ours(
    settings: dict[str, str], said: str
) -> None:
    with pytest.raises(Misconfigured, match=said) as caught:
        open_drop(DropAddress(adresse="sftp://hub@partner.invalid/depot", **settings), secret)
    assert PASSWORD not in caught.value.reason
