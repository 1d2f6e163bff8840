"""An import as a whole: transactions, idempotence, perimeter, report. On SQLite and on PostgreSQL."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from semaphore_hub.imports import Outcome
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.modules.referentiel.schemas import NouveauGht
from tests.imports.hub import ACHETEUR, GHT, Hub, changed, csv_file, json_file, row, rules_of


def test_importing_again_changes_nothing(migrated_hub: Hub, tmp_path: Path) -> None:
    path = json_file(
        tmp_path / "decp.json",
        changed(),
        changed(id="2026DM002", origineUE=0, origineFrance=1),
        changed(id="2026DM003", acheteur={"id": "26750045200011"}),
    )
    first = migrated_hub.run(path)
    assert [record.resultat for record in first.enregistrements] == [Outcome.COMPLETE, Outcome.REFUSE, Outcome.COMPLETE]
    before = migrated_hub.counts()
    again = migrated_hub.run(path)
    assert [record.resultat for record in again.enregistrements] == [Outcome.INCHANGE, Outcome.REFUSE, Outcome.INCHANGE]
    assert [record.uid for record in again.enregistrements] == [record.uid for record in first.enregistrements]
    assert all(not record.completes for record in again.enregistrements)
    assert migrated_hub.counts() == before


def test_a_refusal_in_the_middle_of_a_csv_leaves_the_other_marches(migrated_hub: Hub, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "decp.csv", row(), row(id="2026T002", montant="0.5"), row(id="2026T003"))
    before, bad, after = migrated_hub.run(path).enregistrements
    assert rules_of(bad) == ["MAR-MONTANT-MIN"]
    assert (before.resultat, after.resultat) == (Outcome.COMPLETE, Outcome.COMPLETE)
    assert migrated_hub.counts()[:3] == (2, 1, 1)


def test_a_changed_marche_is_refused_not_overwritten(hub: Hub, tmp_path: Path) -> None:
    hub.run(json_file(tmp_path / "decp.json", changed()))
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(montant=500000))).enregistrements
    assert rules_of(record) == ["MAR-IMPORT-DIFFERENT"]
    assert "montant" in record.motifs[0].message


def test_the_same_marche_twice_in_a_file_is_recorded_once(hub: Hub, tmp_path: Path) -> None:
    first, second = hub.run(json_file(tmp_path / "decp.json", changed(), changed())).enregistrements
    assert (first.resultat, second.resultat) == (Outcome.COMPLETE, Outcome.INCHANGE)
    assert hub.counts()[0] == 1


def test_a_buyer_of_another_ght_stays_there(hub: Hub, tmp_path: Path) -> None:
    hub.run(json_file(tmp_path / "decp.json", changed()))
    with hub.database.write() as unit:
        hub.referentiel.creer_ght(unit, LOCAL, NouveauGht(code="FIC-02", nom="Autre GHT fictif"))
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(id="2026DM002")), ght="FIC-02").enregistrements
    assert hub.marche(record).ght == GHT
    assert (
        f"L'acheteur {ACHETEUR} est rattaché au GHT {GHT}, non au GHT FIC-02 demandé : il y reste."
        in record.avertissements
    )


def test_a_buyer_outside_the_perimeter_is_unknown_to_the_caller(hub: Hub, tmp_path: Path) -> None:
    hub.run(json_file(tmp_path / "decp.json", changed()))
    with hub.database.write() as unit:
        hub.referentiel.creer_ght(unit, LOCAL, NouveauGht(code="FIC-02", nom="Autre GHT fictif"))
    stranger = Caller(name="achats", role=Role.ACHETEUR, ghts=frozenset({"FIC-02"}))
    path = json_file(tmp_path / "decp.json", changed(id="2026DM002"))
    (record,) = hub.run(path, caller=stranger, ght="FIC-02").enregistrements
    assert rules_of(record) == ["MAR-ACHETEUR"]
    assert not any(GHT in words for words in record.avertissements)


def test_only_an_integrator_records_an_unknown_buyer(hub: Hub, tmp_path: Path) -> None:
    buyer = Caller(name="achats", role=Role.ACHETEUR, ghts=frozenset({GHT}))
    path = json_file(tmp_path / "decp.json", changed())
    (record,) = hub.run(path, caller=buyer).enregistrements
    assert rules_of(record) == ["IMP-DROIT"]
    hub.run(path)
    (again,) = hub.run(json_file(tmp_path / "autre.json", changed(id="2026DM002")), caller=buyer).enregistrements
    assert again.resultat is Outcome.COMPLETE


def test_the_report_is_plain_data_that_adds_up(hub: Hub, tmp_path: Path) -> None:
    path = json_file(tmp_path / "decp.json", changed(), changed(), changed(id="2026DM002", nature="?"))
    said = json.loads(json.dumps(hub.run(path).to_dict(), ensure_ascii=False))
    assert said["compteurs"] == {
        "lus": 3,
        "acceptes": 0,
        "completes": 1,
        "inchanges": 1,
        "refuses": 1,
        "lignes": 3,
        "doublons": 0,
    }
    assert (said["fichier"], said["contrat"]) == ("decp.json", "daj/decp-json/2.0.4")
    assert said["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    first, _, refused = said["enregistrements"]
    assert set(first) == {
        "place",
        "ligne",
        "id",
        "acheteur",
        "resultat",
        "uid",
        "completes",
        "avertissements",
        "motifs",
    }
    assert {"champ", "valeur", "justification"} == set(first["completes"][0])
    assert refused["motifs"][0]["regle"] == "DECP-SCHEMA"
