"""The folder of a mock: what is complete, in which order, what is refused, and how answers are put."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.rules.echange_fichiers import Expected, Marker, sha256_hex
from mock_partners.kit.drop import DropFolder

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BODY = b"a;b\r\n1;2\r\n"


def named(number: int) -> str:
    return f"SEM_MAR_920000007_20260501_{number:05d}.csv"


def put(folder: Path, name: str, body: bytes = BODY, marker: bytes | None = b"") -> None:
    (folder / name).write_bytes(body)
    if marker is not None:
        (folder / f"{name}.ok").write_bytes(marker)


def below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_complete_files_come_in_order_and_are_set_aside(tmp_path: Path) -> None:
    drop = DropFolder(tmp_path, expected=Expected(emetteurs=frozenset({"SEM"})))
    for number in (3, 1):
        put(tmp_path, named(number))
    put(tmp_path, named(4), marker=None)
    put(tmp_path, f"{named(5)}.tmp")
    first, third = drop.complete()
    assert [(one.name, one.body, one.refused, one.duplicate) for one in (first, third)] == [
        (named(1), BODY, False, False),
        (named(3), BODY, False, False),
    ]
    assert [finding.rule for finding in third.findings] == ["EFI-TROU"]
    assert drop.settle(first.name, first.findings, at=NOW) is True
    assert drop.settle(third.name, third.findings, at=NOW) is True
    assert drop.complete() == []
    assert below(tmp_path) == [
        named(4),
        f"{named(5)}.tmp",
        f"{named(5)}.tmp.ok",
        f"traites/{named(1)}",
        f"traites/{named(3)}",
    ]


@pytest.mark.parametrize(
    ("name", "body", "marker", "rule"),
    [
        ("marche.csv", BODY, b"", "EFI-NOM"),
        (named(1).replace("SEM", "GEF"), BODY, b"", "EFI-EMETTEUR"),
        (named(1), BODY, sha256_hex(b"").encode(), "EFI-EMPREINTE"),
        (named(1), b"x" * 101, b"", "EFI-TAILLE"),
        (named(1), b"a,b\r\n1,2\r\n", b"", "EFI-SEPARATEUR"),
        (named(1), b"a;nombre_lignes\r\n1;2\r\n", b"", "EFI-PARTIEL"),
        (named(1), "é".encode("cp1252"), b"", "EFI-ENCODAGE"),
    ],
)
def test_what_the_protocol_refuses_is_set_aside_with_a_report(
    tmp_path: Path, name: str, body: bytes, marker: bytes, rule: str
) -> None:
    drop = DropFolder(tmp_path, expected=Expected(emetteurs=frozenset({"SEM"}), max_bytes=100))
    put(tmp_path, name, body, marker)
    (dropped,) = drop.complete()
    assert dropped.refused
    assert drop.settle(name, dropped.findings, at=NOW) is False
    assert below(tmp_path) == [f"refuses/{name}", f"refuses/{name}.rejet.txt"]
    assert f"[{rule}]" in (tmp_path / "refuses" / f"{name}.rejet.txt").read_text("utf-8")


def test_the_same_file_twice_is_a_duplicate_and_a_reused_name_is_refused(tmp_path: Path) -> None:
    drop = DropFolder(tmp_path)
    put(tmp_path, named(1))
    drop.settle(named(1), at=NOW)
    put(tmp_path, named(1))
    (again,) = drop.complete()
    assert (again.duplicate, again.refused) == (True, False)
    drop.settle(named(1), again.findings, at=NOW)
    put(tmp_path, named(1), b"autre")
    (other,) = drop.complete()
    assert (other.duplicate, other.refused) == (False, True)


def test_an_answer_appears_complete_with_its_marker_and_never_over_another(tmp_path: Path) -> None:
    drop = DropFolder(tmp_path)
    assert drop.put("GEF_CR_920000007_20260501_00001.csv", BODY) is True
    assert drop.put("GEF_CR_920000007_20260501_00001.csv", BODY) is True
    assert drop.put("GEF_CR_920000007_20260501_00001.csv", b"autre") is False
    marker = tmp_path / "GEF_CR_920000007_20260501_00001.csv.ok"
    assert marker.read_bytes() == sha256_hex(BODY).encode()
    envelopes = DropFolder(tmp_path, marker=Marker(".env.xml"))
    envelopes.put("GEF_CR_920000007_20260501_00002.xml", b"<cr/>", marker=b"<enveloppe/>")
    assert (tmp_path / "GEF_CR_920000007_20260501_00002.xml.env.xml").read_bytes() == b"<enveloppe/>"


def test_a_mock_with_its_own_names_and_markers_reads_its_folder_too(tmp_path: Path) -> None:
    ideo = DropFolder(tmp_path, expected=Expected(named=False), marker=Marker(replaces=".csv"))
    for rank, name in enumerate(("IDEO_B.csv", "IDEO_A.csv")):
        (tmp_path / name).write_bytes(BODY)
        (tmp_path / name).with_suffix(".ok").write_bytes(b"")
        os.utime(tmp_path / name, (1000 + rank, 1000 + rank))
    (tmp_path / "IDEO_C.csv").write_bytes(BODY)
    assert [(one.name, one.findings) for one in ideo.complete()] == [("IDEO_B.csv", ()), ("IDEO_A.csv", ())]
    ideo.settle("IDEO_B.csv", at=NOW)
    assert below(tmp_path) == ["IDEO_A.csv", "IDEO_A.ok", "IDEO_C.csv", "traites/IDEO_B.csv"]


def test_a_folder_without_markers_takes_every_file_that_has_its_name(tmp_path: Path) -> None:
    daj = DropFolder(tmp_path, expected=Expected(named=False), marker=None)
    put(tmp_path, "decp.xml", b"<marches/>", marker=None)
    put(tmp_path, ".decp2.xml", marker=None)
    (dropped,) = daj.complete()
    assert (dropped.name, dropped.marker, dropped.refused) == ("decp.xml", b"", False)
    assert daj.put("cr.json", b"{}") is True
    assert not (tmp_path / "cr.json.ok").exists()
    assert DropFolder(tmp_path / "vide").complete() == []
