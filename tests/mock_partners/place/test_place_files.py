"""The simulated PLACE by files: what its buyer imports and exports by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import contracts
from tests.mock_partners.place.platform import HOLDER, Client, make


def dropped(folder: Path, name: str, example: str) -> None:
    """A file of the hub, from a valid example of its contract."""
    source = contracts.get("place/depot-csv/1").folder / "examples" / "valid" / f"{example}.csv"
    (folder / name).write_bytes(source.read_bytes())


@pytest.mark.parametrize("export", ["csv", "json"])
async def test_the_buyer_imports_the_files_then_exports_what_changed(tmp_path: Path, export: str) -> None:
    depot, retour = tmp_path / "depot", tmp_path / "retour"
    depot.mkdir()
    mock = make(depot_dir=depot, retour_dir=retour, options={"export": export})
    dropped(depot, "PLACE_x7y_20260203_00001.csv", "consultation")
    (depot / ".PLACE_x7y_20260203_00002.csv.tmp").write_bytes(b"")
    await mock.scan()
    dropped(depot, "PLACE_x7y_20260203_00002.csv", "attribution")
    await mock.scan()
    await mock.scan()
    exported = sorted(retour.iterdir())
    assert [path.name for path in exported] == [f"export-consultations-20260203-00{n}.{export}" for n in (1, 2)]
    for path in exported:
        assert contracts.validate(f"place/export-consultations-{export}/1", path.read_bytes()).findings == ()
    contract = mock.snapshot()["consultations"]["2026-AOO-017"]["parts"][0]["contrat"]
    assert (contract["numero"], contract["montantHT"]) == ("2026DM001", "380000.00")
    assert contract["titulaires"] == [HOLDER]
    assert len(list((depot / "importes").iterdir())) == 2


@pytest.mark.parametrize(("absentes", "exports"), [((), 0), (("v2.consultations.lire",), 1)])
async def test_the_buyer_exports_what_the_hub_cannot_read(
    tmp_path: Path, absentes: tuple[str, ...], exports: int
) -> None:
    depot, retour = tmp_path / "depot", tmp_path / "retour"
    for folder in (depot, retour):
        folder.mkdir()
    place = Client(make(depot_dir=depot, retour_dir=retour, absentes=absentes))
    await place.write("consultation_lot")
    await place.mock.scan()
    assert len(list(retour.iterdir())) == exports


async def test_a_file_that_cannot_be_imported_is_set_aside_and_changes_nothing(tmp_path: Path) -> None:
    mock = make(depot_dir=tmp_path)
    dropped(tmp_path, "PLACE_x7y_20260203_00001.csv", "abandon")
    dropped(tmp_path, "autre nom.csv", "consultation")
    (tmp_path / "PLACE_x7y_20260203_00003.csv").write_bytes(b"bonjour")
    await mock.scan()
    assert {path.name for path in (tmp_path / "refuses").iterdir()} == {
        "PLACE_x7y_20260203_00001.csv",
        "autre nom.csv",
        "PLACE_x7y_20260203_00003.csv",
    }
    details = " ".join(one.detail for one in mock.journal.search(verdict="rejected"))
    for words in ("CONSULTATION_INCONNUE", "PLACE_<organisme>", "séparateur"):
        assert words in details
    assert mock.snapshot()["consultations"] == {}


async def test_a_file_of_several_rows_is_imported_whole_or_not_at_all(tmp_path: Path) -> None:
    mock = make(depot_dir=tmp_path)
    dropped(tmp_path, "PLACE_x7y_20260203_00001.csv", "trois_lignes")
    whole = (tmp_path / "PLACE_x7y_20260203_00001.csv").read_bytes()
    broken = whole.replace(b"abandon;01990000", b"abandon;99990000").replace(
        b"2026-AOO-017;x7y;26990001500018;1;;;", b"AUTRE;x7y;26990001500018;1;;;"
    )
    assert broken != whole
    (tmp_path / "PLACE_x7y_20260203_00001.csv").write_bytes(broken)
    await mock.scan()
    assert mock.snapshot()["consultations"] == {}
    dropped(tmp_path, "PLACE_x7y_20260203_00002.csv", "trois_lignes")
    await mock.scan()
    assert mock.snapshot()["consultations"]["2026-AOO-017"]["parts"][0]["statut"] == "sans_suite"
