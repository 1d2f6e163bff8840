"""The exchange by files, by local folder and by SFTP: complete files only, in order, once; else wait or refuse."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.transports.drop import ANY_NAME, DroppedFile
from connectors.transports.exchange import CollectedFile, FileExchange
from connectors.transports.filedrop import FileDrop
from contracts.rules.echange_fichiers import Expected, Marker, sha256_hex
from semaphore_hub.ports.outcomes import Misconfigured, Reject, Retry
from tests.connectors.transports.conftest import Shared

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
EXPECTED = Expected(emetteurs=frozenset({"GEF"}), finess="920000007")


def named(number: int, day: int = 1) -> str:
    return f"GEF_CR_920000007_202605{day:02d}_{number:05d}.csv"


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    folder = tmp_path / "sortant"
    folder.mkdir()
    return folder


@pytest.fixture
def exchange(shared: Shared, sent: Path) -> FileExchange:
    return FileExchange(FileDrop(sent), shared.drop, expected=EXPECTED, now=lambda: NOW)


def put(root: Path, name: str, body: bytes = b"a;b\r\n1;2\r\n", marker: bytes | None = b"") -> None:
    (root / name).write_bytes(body)
    if marker is not None:
        (root / f"{name}.ok").write_bytes(marker)


def below(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


async def collected(exchange: FileExchange, confirm: bool = True) -> list[CollectedFile]:
    found = []
    async for file in exchange.collect():
        found.append(file)
        if confirm:
            await exchange.confirm(file.name)
    return found


async def test_a_file_is_sent_before_its_marker_which_carries_its_checksum(exchange: FileExchange, sent: Path) -> None:
    assert await exchange.send("SEM_MAR_920000007_20260501_00001.csv", b"body") is True
    assert await exchange.send("SEM_MAR_920000007_20260501_00001.csv", b"body") is False
    marker = sent / "SEM_MAR_920000007_20260501_00001.csv.ok"
    assert marker.read_bytes() == sha256_hex(b"body").encode()
    marker.unlink()  # as after a crash between the two
    assert await exchange.send("SEM_MAR_920000007_20260501_00001.csv", b"body") is True
    assert marker.exists()
    with pytest.raises(Reject):
        await exchange.send("SEM_MAR_920000007_20260501_00001.csv", b"other")


async def test_no_marker_follows_a_file_that_could_not_be_put(
    exchange: FileExchange, sent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Retry):
        await exchange.send("SEM_MAR_920000007_20260501_00001.csv", b"body")
    assert below(sent) == []


async def test_an_envelope_takes_the_place_of_the_marker(shared: Shared, sent: Path) -> None:
    def digest(content: bytes, _name: str) -> str | None:
        return content.decode().partition("sha256=")[2] or None

    exchange = FileExchange(FileDrop(sent), shared.drop, marker=Marker(".env.xml", digest=digest), now=lambda: NOW)
    await exchange.send("SEM_MAR_920000007_20260501_00001.xml", b"<m/>", envelope=DroppedFile("x.env.xml", b"<e/>"))
    assert below(sent) == ["SEM_MAR_920000007_20260501_00001.xml", "x.env.xml"]
    for number, body in ((1, b"<a/>"), (2, b"<b/>")):
        name = named(number).replace(".csv", ".xml")
        put(shared.root, name, body, marker=None)
        (shared.root / f"{name}.env.xml").write_bytes(b"sha256=" + sha256_hex(b"<a/>").encode())
    (file,) = await collected(exchange)
    assert (file.body, file.marker) == (b"<a/>", b"sha256=" + sha256_hex(b"<a/>").encode())
    assert "rejected/GEF_CR_920000007_20260501_00002.xml.env.xml" in below(shared.root)


async def test_only_complete_files_come_in_the_order_of_their_names(exchange: FileExchange, shared: Shared) -> None:
    root = shared.root
    for name in (named(1, day=2), named(3), named(2), named(1)):
        put(root, name)
    put(root, named(4), marker=None)
    put(root, "sans rapport.csv", marker=None)
    (root / f"{named(5)}.ok").write_bytes(b"")
    (root / f"{named(6)}.part").write_bytes(b"")
    found = await collected(exchange)
    assert [file.name for file in found] == [named(1), named(2), named(3), named(1, day=2)]
    assert all(file.warnings == () for file in found)
    waiting = [name for name in below(root) if "/" not in name]
    assert waiting == [named(4), f"{named(5)}.ok", f"{named(6)}.part", "sans rapport.csv"]
    assert f"archive/{named(1)}.ok" in below(root)
    assert await collected(exchange) == []


async def test_a_file_that_was_not_confirmed_comes_again_even_half_claimed(
    exchange: FileExchange, shared: Shared
) -> None:
    put(shared.root, named(1))
    (first,) = await collected(exchange, confirm=False)
    assert await collected(exchange, confirm=False) == [first]
    processing = shared.root / "processing"
    (processing / f"{named(1)}.ok").rename(shared.root / f"{named(1)}.ok")  # stopped between the two claims
    assert await collected(exchange, confirm=False) == [first]
    (processing / named(1)).rename(shared.root / named(1))
    assert await collected(exchange) == [first]


async def test_a_marker_left_claimed_by_a_stop_is_archived(exchange: FileExchange, shared: Shared) -> None:
    put(shared.root, named(1))
    (file,) = await collected(exchange, confirm=False)
    await shared.drop.archive(file.name)
    assert await collected(exchange) == []
    assert below(shared.root) == [f"archive/{named(1)}", f"archive/{named(1)}.ok"]


async def test_a_gap_and_a_late_file_are_said_and_stop_nothing(exchange: FileExchange, shared: Shared) -> None:
    put(shared.root, named(1))
    put(shared.root, named(4))
    first, fourth = await collected(exchange)
    assert first.warnings == ()
    assert [(one.rule, "00002 à 00003" in one.message) for one in fourth.warnings] == [("EFI-TROU", True)]
    put(shared.root, named(5))
    put(shared.root, named(2))
    late, fifth = await collected(exchange)
    assert [one.rule for one in late.warnings] == ["EFI-ORDRE"]
    assert fifth.warnings == ()


@pytest.mark.parametrize(
    ("name", "body", "marker", "rule"),
    [
        ("compte rendu (1).csv", b"x", b"", "EFI-NOM"),
        (named(1).replace("GEF", "SEM"), b"x", b"", "EFI-EMETTEUR"),
        (named(1).replace("920000007", "750000001"), b"x", b"", "EFI-ETABLISSEMENT"),
        (named(1), b"x", b"ok !", "EFI-TEMOIN"),
        (named(1), b"x", sha256_hex(b"y").encode(), "EFI-EMPREINTE"),
        (named(1), b"x" * 1001, b"", "EFI-TAILLE"),
    ],
)
async def test_what_the_protocol_refuses_is_set_aside_with_a_french_report(
    exchange: FileExchange, shared: Shared, name: str, body: bytes, marker: bytes, rule: str
) -> None:
    put(shared.root, name, body, marker)
    assert await collected(exchange) == []
    assert below(shared.root) == [f"rejected/{name}", f"rejected/{name}.ok", f"rejected/{name}.rejet.txt"]
    report = (shared.root / "rejected" / f"{name}.rejet.txt").read_text("utf-8")
    assert f"[{rule}]" in report
    assert "Refusé le : 01/05/2026 à 12:00:00 (UTC)" in report


async def test_a_corrected_file_may_come_back_under_the_name_that_was_refused(
    exchange: FileExchange, shared: Shared
) -> None:
    put(shared.root, named(1), b"coupe", sha256_hex(b"entier").encode())
    assert await collected(exchange) == []
    put(shared.root, named(1), b"entier", sha256_hex(b"entier").encode())
    (file,) = await collected(exchange)
    assert file.body == b"entier"


async def test_the_same_file_twice_has_no_effect_and_other_bytes_under_its_name_are_refused(
    exchange: FileExchange, shared: Shared
) -> None:
    put(shared.root, named(1), b"un")
    assert len(await collected(exchange)) == 1
    put(shared.root, named(1), b"un")
    assert await collected(exchange) == []
    assert below(shared.root) == [f"archive/{named(1)}", f"archive/{named(1)}.ok"]
    put(shared.root, named(1), b"deux")
    assert await collected(exchange) == []
    report = (shared.root / "rejected" / f"{named(1)}.rejet.txt").read_text("utf-8")
    assert "[EFI-NOM-REUTILISE]" in report
    assert (shared.root / "archive" / named(1)).read_bytes() == b"un"


async def test_a_doubtful_content_is_left_to_the_interface_contract_but_said(
    exchange: FileExchange, shared: Shared
) -> None:
    put(shared.root, named(1), "a;nombre_lignes\r\né;2\r\n".encode())
    (file,) = await collected(exchange)
    assert [one.rule for one in file.warnings] == ["EFI-PARTIEL"]


async def test_a_file_left_too_long_without_marker_is_said(exchange: FileExchange, shared: Shared) -> None:
    put(shared.root, named(1), marker=None)
    put(shared.root, named(2), marker=None)
    put(shared.root, named(3))
    for number, age in ((1, timedelta(minutes=90)), (2, timedelta(minutes=5)), (3, timedelta(days=2))):
        instant = (NOW - age).timestamp()
        os.utime(shared.root / named(number), (instant, instant))
    (found,) = await exchange.late()
    assert (found.rule, found.path) == ("EFI-TEMOIN-DELAI", named(1))
    assert "1 h 30" in found.message


async def test_the_check_looks_at_both_folders(exchange: FileExchange, sent: Path) -> None:
    await exchange.check()
    sent.rmdir()
    with pytest.raises(Misconfigured):
        await exchange.check()
    await exchange.close()


async def test_a_smaller_limit_of_the_drop_is_the_one_that_is_said(tmp_path: Path, sent: Path) -> None:
    incoming = tmp_path / "entrant"
    incoming.mkdir()
    exchange = FileExchange(FileDrop(sent), FileDrop(incoming, pattern=ANY_NAME, max_bytes=3), now=lambda: NOW)
    put(incoming, named(1), b"1234")
    assert await collected(exchange) == []
    assert "limite 3 octets" in (incoming / "rejected" / f"{named(1)}.rejet.txt").read_text("utf-8")
