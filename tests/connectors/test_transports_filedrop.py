"""Dropped files: complete or absent, never overwritten, never taken half-written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from connectors.transports import filedrop
from connectors.transports.filedrop import FileDrop
from semaphore_hub.ports.outcomes import Misconfigured, Reject, Retry, Unknown


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "depot"
    folder.mkdir()
    return folder


async def test_a_file_appears_complete_and_nothing_else_is_left(root: Path) -> None:
    assert await FileDrop(root).put_atomic("A.xml", b"body") is True
    assert {path.name: path.read_bytes() for path in root.iterdir()} == {"A.xml": b"body"}


async def test_the_file_is_synchronised_before_it_gets_its_name_and_the_folder_after(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real_sync, real_rename = os.fsync, Path.rename

    def sync(handle: int) -> None:
        steps.append("fsync folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "fsync file")
        real_sync(handle)

    def rename(path: Path, target: Path) -> Path:
        steps.append("rename")
        return real_rename(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "rename", rename)
    await FileDrop(root).put_atomic("A.xml", b"body")
    assert steps == ["fsync file", "rename", "fsync folder"]


async def test_putting_the_same_bytes_again_is_fine_and_other_bytes_are_refused(root: Path) -> None:
    drop = FileDrop(root)
    await drop.put_atomic("A.xml", b"body")
    assert await drop.put_atomic("A.xml", b"body") is False
    with pytest.raises(Reject) as caught:
        await drop.put_atomic("A.xml", b"other")
    assert caught.value.code == "FILE_EXISTS"
    assert (root / "A.xml").read_bytes() == b"body"


@pytest.mark.parametrize(
    "name", ["../A.xml", "a/b.xml", "a\\b.xml", "a\0.xml", ".hidden", "", "A.tmp", "A.xml.part", "é"]
)
async def test_a_name_that_is_not_plain_is_refused(root: Path, name: str) -> None:
    with pytest.raises(Reject) as caught:
        await FileDrop(root).put_atomic(name, b"body")
    assert caught.value.code == "FILE_NAME"
    assert list(root.iterdir()) == []
    assert await FileDrop(root).claim(name) is None


async def test_a_missing_folder_is_a_setting_to_correct_and_is_not_created(tmp_path: Path) -> None:
    drop = FileDrop(tmp_path / "absent")
    for operation in (drop.put_atomic("A.xml", b""), drop.waiting(), drop.claim("A.xml"), drop.check()):
        with pytest.raises(Misconfigured, match="does not exist"):
            await operation
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize(("number", "outcome"), [(errno.ENOSPC, Retry), (errno.EACCES, Misconfigured)])
async def test_a_disk_that_refuses_leaves_nothing_behind(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int, outcome: type[Exception]
) -> None:
    def refuse(path: Path, target: Path) -> Path:
        raise OSError(number, "no")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(outcome):
        await FileDrop(root).put_atomic("A.xml", b"body")
    assert list(root.iterdir()) == []


async def test_a_file_whose_durability_is_not_known_is_an_unknown_outcome(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise OSError(errno.EIO, "no")

    monkeypatch.setattr(filedrop, "_sync_folder", refuse)
    with pytest.raises(Unknown):
        await FileDrop(root).put_atomic("A.xml", b"body")


async def test_waiting_files_are_listed_oldest_first_without_the_unfinished_ones(root: Path) -> None:
    for rank, name in enumerate(["B.xml", "A.xml", ".C.xml", "D.xml.tmp", "E.part", "F.xml"]):
        (root / name).write_bytes(b"")
        os.utime(root / name, (1000 + rank, 1000 + rank))
    (root / "folder.xml").mkdir()
    (root / "link.xml").symlink_to(root / "A.xml")
    assert await FileDrop(root).waiting() == ["B.xml", "A.xml", "F.xml"]


async def test_only_names_of_the_pattern_are_seen(root: Path) -> None:
    for name in ("ACQUIT_1.xml", "PESALR2_1.xml"):
        (root / name).write_bytes(b"")
    assert await FileDrop(root, pattern=r"ACQUIT_.+\.xml").waiting() == ["ACQUIT_1.xml"]


async def test_a_claimed_file_stays_claimable_until_it_is_archived(root: Path) -> None:
    drop = FileDrop(root)
    (root / "A.xml").write_bytes(b"body")
    first = await drop.claim("A.xml")
    assert first is not None
    assert first.body == b"body"
    assert (await drop.waiting(), await drop.claimed()) == ([], ["A.xml"])
    again = await drop.claim("A.xml")  # as after a crash between claim and archive
    assert again == first
    await drop.archive("A.xml")
    await drop.archive("A.xml")
    assert (root / "archive" / "A.xml").read_bytes() == b"body"
    assert await drop.claimed() == []
    assert await drop.claim("A.xml") is None


async def test_a_second_file_of_the_same_name_waits_for_the_first_and_both_are_kept(root: Path) -> None:
    drop = FileDrop(root)
    (root / "A.xml").write_bytes(b"one")
    await drop.claim("A.xml")
    (root / "A.xml").write_bytes(b"two")
    still_first = await drop.claim("A.xml")
    assert still_first is not None
    assert still_first.body == b"one"
    await drop.archive("A.xml")
    second = await drop.claim("A.xml")
    assert second is not None
    assert second.body == b"two"
    await drop.archive("A.xml")
    kept = sorted((path.name, path.read_bytes()) for path in (root / "archive").iterdir())
    assert kept == [("A.xml", b"one"), ("A~2.xml", b"two")]


async def test_a_file_too_large_is_set_aside_unread(root: Path) -> None:
    (root / "A.xml").write_bytes(b"x" * 11)
    assert await FileDrop(root, max_bytes=10).claim("A.xml") is None
    assert (root / "rejected" / "A.xml").exists()


async def test_a_rejected_file_is_kept_apart(root: Path) -> None:
    drop = FileDrop(root)
    (root / "A.xml").write_bytes(b"body")
    await drop.claim("A.xml")
    await drop.reject("A.xml")
    assert (root / "rejected" / "A.xml").read_bytes() == b"body"
