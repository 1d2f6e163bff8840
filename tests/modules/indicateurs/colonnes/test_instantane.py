"""The snapshot: only what changed is written, damage is found, a reader sees one generation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import event

from semaphore_hub.kernel.db import Database
from semaphore_hub.modules.indicateurs.colonnes import manifeste, partition
from semaphore_hub.modules.indicateurs.colonnes.instantane import (
    Bilan,
    actualiser,
    est_a_jour,
    rafraichir,
    reconstruire,
    volume,
)
from semaphore_hub.modules.indicateurs.colonnes.manifeste import InstantaneIndisponible, lire
from semaphore_hub.modules.indicateurs.colonnes.moteur import MoteurColonnes
from semaphore_hub.modules.indicateurs.colonnes.verrou import verrou
from semaphore_hub.modules.indicateurs.moteur import Fait, Filtre, Mesure
from tests.modules.indicateurs.colonnes.conftest import Faits

HT = Mesure("ht", "montant_ht_cents")


def total(dossier: Path, fait: Fait = "depense", mesure: Mesure = HT, filtre: Filtre | None = None) -> int:
    """A sum over the snapshot."""
    groups = MoteurColonnes(dossier).agreger(fait, [mesure], (), filtre or Filtre())
    return groups[0].sommes[mesure.nom] if groups else 0


def a_jour(database: Database, dossier: Path, fait: Fait = "depense", **choix: object) -> bool:
    """Whether the snapshot may be used."""
    with database.read() as connection:
        return est_a_jour(connection, dossier, fait, **choix)  # type: ignore[arg-type]  # annees, perimetre


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    return tmp_path / "colonnes"


@pytest.fixture
def rempli(faits_embarques: Faits, dossier: Path) -> Faits:
    """Two GHT and facts of no GHT, in the snapshot."""
    faits_embarques.ajouter("depense", {"montant_ht_cents": 100}, {"montant_ht_cents": 23})
    faits_embarques.ajouter("depense", {"ght": "FIC-02", "montant_ht_cents": 7000}, {"annee": 2024})
    faits_embarques.ajouter("depense", {"ght": None, "region": None, "montant_ht_cents": -900})
    faits_embarques.ajouter("action", {"gain_retenu_cents": -450})
    actualiser(faits_embarques.database, dossier)
    return faits_embarques


def parquet(dossier: Path, debut: str) -> Path:
    """The one file of a partition."""
    (found,) = dossier.glob(f"{debut}-*.parquet")
    return found


def test_what_the_database_holds_is_in_the_snapshot_on_both_databases(faits: Faits, dossier: Path) -> None:
    faits.ajouter("depense", {}, {"ght": None, "region": None, "mutualise": True, "montant_ht_cents": -1})
    faits.ajouter("action", {"perimetre_cents": None, "gain_retenu_cents": -5_000, "report": True})
    assert not a_jour(faits.database, dossier)
    said = actualiser(faits.database, dossier)
    assert (said.ecrites, said.gardees, said.lignes, said.defauts) == (3, 0, 3, ())
    assert a_jour(faits.database, dossier)
    assert a_jour(faits.database, dossier, "action")
    manifest = lire(dossier)
    told = {one.cle: (one.revision, one.lignes, one.sommes) for one in manifest.partitions}
    assert told["depense", 2025, "FIC-01"] == (1, 1, {"montant_ht_cents": 10_000, "montant_ttc_cents": 12_000})
    assert told["depense", 2025, ""] == (1, 1, {"montant_ht_cents": -1, "montant_ttc_cents": 12_000})
    assert told["action", 2025, "FIC-01"][2]["gain_retenu_cents"] == -5_000
    frame = pl.read_parquet(parquet(dossier, "depense-2025-aucun"))
    assert dict(frame.schema) == {
        "annee": pl.Int16,
        **dict.fromkeys(("region", "ght", "etablissement_siret", "role", "famille", "compte", "operateur"), pl.String),
        "mutualise": pl.Boolean,
        "hors_marche": pl.String,
        "montant_ht_cents": pl.Int64,
        "montant_ttc_cents": pl.Int64,
    }
    assert frame["mutualise"].to_list() == [True]


def test_only_what_changed_is_written_again(rempli: Faits, dossier: Path) -> None:
    files = {path.name for path in dossier.glob("*.parquet")}
    manifest = (dossier / manifeste.NOM).read_bytes()
    assert actualiser(rempli.database, dossier) == Bilan(gardees=5, lignes=6, octets=sum(
        (dossier / name).stat().st_size for name in files
    ))  # fmt: skip
    assert (dossier / manifeste.NOM).read_bytes() == manifest
    rempli.corriger("depense", 2025, "FIC-02", montant_ht_cents=8000)
    assert not a_jour(rempli.database, dossier)
    assert a_jour(rempli.database, dossier, perimetre={"FIC-01"})
    assert a_jour(rempli.database, dossier, annees={2024})
    said = actualiser(rempli.database, dossier)
    assert (said.ecrites, said.gardees, said.retirees) == (1, 4, 0)
    assert total(dossier) == 100 + 23 + 8000 + 10_000 - 900


def test_what_vanished_from_the_database_leaves_the_snapshot(rempli: Faits, dossier: Path) -> None:
    rempli.oublier("depense", 2025, "FIC-02")
    assert not a_jour(rempli.database, dossier)
    said = actualiser(rempli.database, dossier)
    assert (said.ecrites, said.gardees, said.retirees) == (0, 4, 1)
    assert total(dossier) == 100 + 23 + 10_000 - 900
    assert a_jour(rempli.database, dossier)


def test_a_partition_whose_lines_are_all_gone_is_known_to_be_empty(rempli: Faits, dossier: Path) -> None:
    rempli.remplacer("depense", [])
    rempli.changer("depense", (2025, "FIC-01"))
    assert not a_jour(rempli.database, dossier)
    actualiser(rempli.database, dossier)
    assert a_jour(rempli.database, dossier)
    assert MoteurColonnes(dossier).agreger("depense", [HT], (), Filtre()) == []


def test_another_database_at_the_same_revision_is_not_taken_for_this_one(rempli: Faits, dossier: Path) -> None:
    rempli.remplacer("depense", [{"montant_ht_cents": 7}])
    assert not a_jour(rempli.database, dossier, annees={2025}, perimetre={"FIC-01"})
    assert actualiser(rempli.database, dossier).ecrites == 1
    assert total(dossier) == 7


def test_files_of_the_former_generation_stay_for_who_reads_them(rempli: Faits, dossier: Path) -> None:
    first = parquet(dossier, "depense-2025-FIC-02")
    for value, kept in ((1, True), (2, False)):
        rempli.corriger("depense", 2025, "FIC-02", montant_ht_cents=value)
        (dossier / f"{partition.TEMPORAIRE}left-by-a-crash.parquet").write_bytes(b"half")
        actualiser(rempli.database, dossier)
        assert first.exists() is kept
        assert list(dossier.glob(f"{partition.TEMPORAIRE}*")) == []


@pytest.mark.parametrize("debut", ["depense-2025-FIC-02", "resume-depense-2025-FIC-02"])
@pytest.mark.parametrize(
    ("damage", "defect"),
    [
        (lambda path: path.unlink(), "No such file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-10]), "bytes instead of"),
        (lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]), "have changed"),
    ],
    ids=["missing", "cut", "flipped"],
)
def test_a_damaged_file_is_said_and_written_again(
    rempli: Faits, dossier: Path, debut: str, damage: Callable[[Path], object], defect: str
) -> None:
    damage(parquet(dossier, debut))
    said = actualiser(rempli.database, dossier)
    assert said.ecrites == 1
    assert len(said.defauts) == 1
    assert defect in said.defauts[0]
    assert said.defauts[0].startswith(f"{debut}-")
    assert total(dossier) == 100 + 23 + 7000 + 10_000 - 900


def test_the_refresh_of_every_minute_looks_at_sizes_only(rempli: Faits, dossier: Path) -> None:
    flipped, cut = parquet(dossier, "depense-2024-FIC-01"), parquet(dossier, "depense-2025-FIC-02")
    flipped.write_bytes(flipped.read_bytes()[:-1] + b"?")
    cut.write_bytes(cut.read_bytes()[:-1])
    rempli.changer("action", (2025, "FIC-01"))
    said = rafraichir(rempli.database, dossier)
    assert (said.ecrites, len(said.defauts)) == (2, 1)
    assert len(actualiser(rempli.database, dossier).defauts) == 1


def test_the_volume_of_a_question_is_known_without_the_database(rempli: Faits, dossier: Path) -> None:
    assert volume(dossier, "depense") == 5
    assert volume(dossier, "depense", annees={2025}, perimetre={"FIC-01"}) == 2
    assert volume(dossier, "action", annees={2024}) == 0
    assert volume(dossier / "elsewhere", "depense") == 0


def test_a_missing_file_makes_the_snapshot_stale_for_those_who_need_it(rempli: Faits, dossier: Path) -> None:
    parquet(dossier, "resume-depense-2025-FIC-02").unlink()
    with pytest.raises(InstantaneIndisponible, match="cannot be read"):
        total(dossier)
    assert not a_jour(rempli.database, dossier)
    assert a_jour(rempli.database, dossier, perimetre={"FIC-01"})


@pytest.mark.parametrize(
    "text",
    ["", "{", json.dumps({"empreinte": "another", "generation": 3, "ecrit_ms": 0, "partitions": []})],
    ids=["empty", "cut", "other columns"],
)
def test_a_manifest_that_cannot_serve_is_rebuilt(rempli: Faits, dossier: Path, text: str) -> None:
    (dossier / manifeste.NOM).write_text(text)
    assert not a_jour(rempli.database, dossier)
    with pytest.raises(InstantaneIndisponible, match=r"manifeste\.json"):
        total(dossier)
    said = actualiser(rempli.database, dossier)
    assert (said.ecrites, len(said.defauts)) == (5, 1)
    assert a_jour(rempli.database, dossier)


def test_it_is_rebuilt_from_nothing_with_the_same_figures(rempli: Faits, dossier: Path) -> None:
    before = {one.cle: (one.sommes, one.fichiers) for one in lire(dossier).partitions}
    said = reconstruire(rempli.database, dossier)
    assert (said.ecrites, said.gardees) == (5, 0)
    assert {one.cle: (one.sommes, one.fichiers) for one in lire(dossier).partitions} == before
    for path in dossier.iterdir():
        path.unlink()
    assert actualiser(rempli.database, dossier).ecrites == 5
    assert {one.cle: (one.sommes, one.fichiers) for one in lire(dossier).partitions} == before


def test_a_second_process_leaves_the_work_to_the_first(rempli: Faits, dossier: Path) -> None:
    rempli.changer("depense", (2025, "FIC-01"))
    with verrou(dossier) as held:
        assert held
        assert actualiser(rempli.database, dossier) == Bilan(occupe=True)
        assert not a_jour(rempli.database, dossier)
    assert actualiser(rempli.database, dossier).ecrites == 1


def test_a_crash_before_the_manifest_leaves_the_former_snapshot(
    rempli: Faits, dossier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rempli.corriger("depense", 2025, "FIC-02", montant_ht_cents=1)
    with monkeypatch.context() as broken, pytest.raises(OSError, match="full"):

        def full(*_: object) -> None:
            raise OSError("disk full")

        broken.setattr(manifeste, "ecrire", full)
        actualiser(rempli.database, dossier)
    assert total(dossier) == 100 + 23 + 7000 + 10_000 - 900
    actualiser(rempli.database, dossier)
    assert total(dossier) == 100 + 23 + 1 + 10_000 - 900


def test_lines_that_change_while_they_are_read_belong_to_another_revision(faits: Faits, dossier: Path) -> None:
    """A writer commits between the revision and the lines: the partition is the one before it, and known as stale."""
    faits.ajouter("depense", {"montant_ht_cents": 5})
    begun: list[bool] = []

    @event.listens_for(faits.database.engine, "after_cursor_execute")
    def _interrupt(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "limit" in statement.lower() and "ght IN" in statement and not begun:
            begun.append(True)
            other = Database(faits.database.url.render_as_string(hide_password=False))
            Faits(other).corriger("depense", 2025, "FIC-01", montant_ht_cents=6)
            other.close()

    actualiser(faits.database, dossier)
    assert begun
    assert total(dossier) == 5
    assert not a_jour(faits.database, dossier)
    actualiser(faits.database, dossier)
    assert total(dossier) == 6
    assert a_jour(faits.database, dossier)


def test_a_large_partition_is_read_by_pages_into_several_files(
    faits_embarques: Faits, dossier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition, "PAGE", 10)
    monkeypatch.setattr(partition, "LIGNES_PAR_FICHIER", 25)
    faits_embarques.ajouter("depense", *({"montant_ht_cents": rank} for rank in range(95)))
    actualiser(faits_embarques.database, dossier)
    (only,) = lire(dossier).partitions
    assert [file.lignes for file in only.fichiers] == [30, 30, 30, 5]
    assert only.resume is not None
    assert (only.lignes, only.resume.lignes) == (95, 1)
    assert total(dossier) == sum(range(95))
    assert MoteurColonnes(dossier).agreger("depense", [Mesure("lignes")], (), Filtre())[0].sommes == {"lignes": 95}


def test_a_query_whose_files_go_away_is_done_again_on_the_newer_snapshot(
    rempli: Faits, dossier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = lire(dossier)
    rempli.corriger("depense", 2025, "FIC-02", montant_ht_cents=8000)
    actualiser(rempli.database, dossier)
    for name in stale.fichiers() - lire(dossier).fichiers():
        (dossier / name).unlink()
    manifests = iter([stale])
    present = manifeste.lire
    monkeypatch.setattr(manifeste, "lire", lambda folder: next(manifests, None) or present(folder))
    assert total(dossier) == 100 + 23 + 8000 + 10_000 - 900


def test_amounts_that_could_exceed_64_bits_are_refused_rather_than_wrong(faits_embarques: Faits, dossier: Path) -> None:
    huge = {"montant_ht_cents": 2**62, "montant_ttc_cents": 0}
    faits_embarques.ajouter("depense", huge, {**huge, "ght": "FIC-02"})
    actualiser(faits_embarques.database, dossier)
    assert total(dossier, filtre=Filtre(ght="FIC-01")) == 2**62
    with pytest.raises(InstantaneIndisponible, match="64 bits"):
        total(dossier)
    faits_embarques.ajouter("depense", huge)
    with pytest.raises(OverflowError):
        actualiser(faits_embarques.database, dossier)


def test_a_column_that_is_not_there_is_named(rempli: Faits, dossier: Path) -> None:
    with pytest.raises(ValueError, match="depense has no column libelle"):
        MoteurColonnes(dossier).agreger("depense", [Mesure("x", "libelle")], (), Filtre())


def test_without_a_snapshot_it_says_so(dossier: Path) -> None:
    with pytest.raises(InstantaneIndisponible, match="no snapshot"):
        total(dossier)
