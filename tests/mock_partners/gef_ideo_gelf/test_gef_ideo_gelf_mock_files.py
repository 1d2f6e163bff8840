"""The simulated IDEO GELF in file mode: markers, reports, refused files."""

from __future__ import annotations

from pathlib import Path

import pytest

import contracts
from tests.mock_partners.gef_ideo_gelf.client import FILE, Client, make


def drop(folder: Path, name: str, body: bytes, *, marked: bool = True) -> None:
    (folder / name).write_bytes(body)
    if marked:
        (folder / name).with_suffix(".ok").touch()


def example(name: str) -> bytes:
    return (FILE.folder / "examples" / "valid" / f"{name}.csv").read_bytes()


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "depot").mkdir()
    return tmp_path / "depot", tmp_path / "retour"


async def test_a_file_is_read_when_its_marker_is_there_and_answered_by_a_report(folders: tuple[Path, Path]) -> None:
    depot, retour = folders
    mock = make(depot_dir=depot, retour_dir=retour)
    name = "IDEO_990780017_20261121_00001.csv"
    drop(depot, name, example("marche_avec_bom"), marked=False)
    await mock.scan()
    assert mock.snapshot()["marches"] == {}
    (depot / name).with_suffix(".ok").touch()
    await mock.scan()
    assert mock.snapshot()["effets"] == {"SEM-0003": [1, 2]}
    report = retour / f"CR_{name}"
    assert contracts.validate("gef_ideo_gelf/acquittement-csv/1", report.read_bytes()).findings == ()
    assert sorted(path.name for path in depot.iterdir()) == ["traites"]
    assert (depot / "traites" / name).exists()
    assert [path.name for path in retour.iterdir()] == [report.name]


async def test_the_same_message_by_file_then_by_api_takes_effect_once(folders: tuple[Path, Path]) -> None:
    depot, retour = folders
    client = Client(make(depot_dir=depot, retour_dir=retour))
    drop(depot, "IDEO_990780017_20261121_00001.csv", example("marche_deux_titulaires"))
    await client.mock.scan()
    assert (await client.send("marche_deux_titulaires")).headers["Idempotent-Replay"] == "true"
    assert client.mock.snapshot()["effets"] == {"SEM-0003": [1, 2]}


def without_last_line(body: bytes) -> bytes:
    return b"".join(body.splitlines(keepends=True)[:-1])


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("IDEO_990780017_20261121_00001.csv", without_last_line(example("marche_deux_titulaires")), "est coupé"),
        ("MARCHE.csv", example("marche_deux_titulaires"), "IDEO_<FINESS>"),
        (
            "IDEO_990780017_20261121_00001.csv",
            (FILE.folder / "examples" / "invalid" / "GEF-MONTANT.csv").read_bytes(),
            "colonne ligne_montant_ht",
        ),
        (
            "IDEO_990780017_20261121_00001.csv",
            example("marche_deux_titulaires").replace(b"\r\nmarche;SEM-0003", b"\r\nmarche;SEM-0007", 1),
            "un seul message",
        ),
    ],
)
async def test_a_file_that_is_no_message_is_refused_whole_with_a_reason(
    folders: tuple[Path, Path], name: str, body: bytes, said: str
) -> None:
    depot, retour = folders
    mock = make(depot_dir=depot, retour_dir=retour)
    drop(depot, name, body)
    await mock.scan()
    report = (retour / f"CR_{name}").read_bytes()
    assert contracts.validate("gef_ideo_gelf/acquittement-csv/1", report).findings == ()
    assert b"FICHIER_INVALIDE" in report
    assert said in report.decode()
    assert (depot / "refuses" / name).exists()
    assert mock.snapshot()["marches"] == {}


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"n'importe quoi"])
async def test_a_file_without_a_readable_id_is_put_aside_without_report(
    folders: tuple[Path, Path], body: bytes
) -> None:
    depot, retour = folders
    mock = make(depot_dir=depot, retour_dir=retour)
    drop(depot, "IDEO_990780017_20261121_00001.csv", body)
    await mock.scan()
    assert not retour.exists()
    assert (depot / "refuses" / "IDEO_990780017_20261121_00001.csv").exists()
    assert mock.journal.search(verdict="rejected")[0].detail


async def test_file_scenarios_lose_double_and_delay_the_report(folders: tuple[Path, Path]) -> None:
    depot, retour = folders
    client = Client(make(depot_dir=depot, retour_dir=retour))
    await client.http.put("/_mock/clock", json={"now": "2026-11-21T10:00:00Z"})
    await client.faults("acquit_perdu*1", "acquit_en_double*1")
    drop(depot, "IDEO_990780017_20261121_00001.csv", example("fournisseur_creation"))
    await client.mock.scan()
    assert not retour.exists()
    drop(depot, "IDEO_990780017_20261121_00002.csv", example("fournisseur_etranger_modification"))
    await client.mock.scan()
    reports = sorted(retour.iterdir())
    assert [path.name for path in reports] == [
        "CR_IDEO_990780017_20261121_00002.csv",
        "CR_IDEO_990780017_20261121_00002_bis.csv",
    ]
    assert reports[0].read_bytes() == reports[1].read_bytes()
    await client.faults("acquit_tardif:1d*1")
    drop(depot, "IDEO_990780017_20261121_00003.csv", example("marche_deux_titulaires"))
    await client.mock.scan()
    assert len(list(retour.iterdir())) == 2
    await client.http.put("/_mock/clock", json={"advance": "1d"})
    await client.mock.scan()
    assert (retour / "CR_IDEO_990780017_20261121_00003.csv").exists()


async def test_a_file_whose_lines_do_not_make_the_amount_is_refused_by_a_code(folders: tuple[Path, Path]) -> None:
    depot, retour = folders
    mock = make(depot_dir=depot, retour_dir=retour)
    body = example("marche_deux_titulaires").replace(b";50000,00\r\n", b";50000,01\r\n")
    drop(depot, "IDEO_990780017_20261121_00001.csv", body)
    await mock.scan()
    assert b"MONTANT_INVALIDE" in (retour / "CR_IDEO_990780017_20261121_00001.csv").read_bytes()
