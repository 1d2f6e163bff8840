"""The official examples, the synthetic ones, and real published data: every record gets a verdict, with its reason."""

from __future__ import annotations

import zlib
from collections import Counter
from pathlib import Path

import pytest

from semaphore_hub.imports import ImportReport, Outcome
from tests.imports.hub import Hub, rules_of
from tests.shared import shared_path

# Reasons that real data may give: numbers used twice, lines that disagree, missing cells, unknown holders.
_REAL = {
    "MAR-IMPORT-DIFFERENT",
    "MAR-PARTS",
    "MAR-IDCONTRAT-UNIQUE",
    "IMP-LIGNES-CONTRADICTOIRES",
    "IMP-ABSENT",
    "IMP-VALEUR",
    "IMP-TITULAIRE-TYPE",
}
_INVALID = {
    "invalide_01_id_17_caracteres.json": ("DECP-SCHEMA", "id"),
    "invalide_02_siret_13_chiffres.json": ("DECP-SCHEMA", "acheteur.id"),
    "invalide_03_nature_accord_cadre_ancien_format.json": ("DECP-SCHEMA", "nature"),
    "invalide_04_offresRecues_0.json": ("DECP-SCHEMA", "offresRecues"),
    "invalide_05_montant_0.json": ("DECP-SCHEMA", "montant"),
    "invalide_06_titulaire_sans_enveloppe.json": ("DECP-SCHEMA", "titulaires[0]"),
    "invalide_08_considerations_tableau_nu.json": ("DECP-SCHEMA", "considerationsSociales"),
    "invalide_10_formePrix_ancien_format.json": ("DECP-SCHEMA", "formePrix"),
    "invalide_12_champ_obligatoire_absent.json": ("DECP-SCHEMA", "marche[0]"),
    "invalide_13_typeIdentifiant_UE.json": ("DECP-SCHEMA", "titulaires[0].titulaire.typeIdentifiant"),
    "invalide_metier_21_origineFrance_sup_origineUE.json": ("MAR-ORIGINE", "origineFrance"),
    "invalide_metier_22_pas_de_consideration_et_autre.json": ("MAR-VALEUR-SEULE", "considerationsSociales"),
}


def _real(hub: Hub, name: str) -> tuple[Path, ImportReport]:
    path = shared_path("standards", "samples", "real-decp", name)
    return path, hub.run(path)


@pytest.mark.parametrize(("name", "expected"), _INVALID.items())
def test_a_synthetic_invalid_marche_is_refused_for_its_fault_alone(
    hub: Hub, name: str, expected: tuple[str, str]
) -> None:
    (record,) = hub.run(shared_path("standards", "decp", "exemples-synthetiques", name)).enregistrements
    rule, place = expected
    assert rules_of(record) == [rule]
    assert record.motifs[0].chemin.endswith(place)
    assert hub.counts() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "count"), [("valide_01_accord_cadre_hopital.json", 1), ("valide_02_marche_subsequent.json", 2)]
)
def test_a_synthetic_valid_file_is_recorded_whole(hub: Hub, name: str, count: int) -> None:
    report = hub.run(shared_path("standards", "decp", "exemples-synthetiques", name))
    assert [record.resultat for record in report.enregistrements] == [Outcome.COMPLETE] * count


def test_a_duration_the_daj_sets_aside_is_recorded_with_a_warning(hub: Hub) -> None:
    path = shared_path("standards", "decp", "exemples-synthetiques", "invalide_metier_24_duree_sup_180.json")
    (record,) = hub.run(path).enregistrements
    assert record.resultat is Outcome.COMPLETE
    assert any("180" in words for words in record.avertissements)


def test_the_official_xml_marche_is_recorded_once_though_the_example_holds_it_twice(hub: Hub) -> None:
    path = shared_path("standards", "decp", "v2.0.3", "exemples", "xml", "Marche.xml")
    first, second = hub.run(path).enregistrements
    assert (first.resultat, second.resultat) == (Outcome.COMPLETE, Outcome.INCHANGE)
    assert any("sous-traitance" in words for words in first.avertissements)


def test_the_official_json_marches_are_taken_with_a_warning_on_their_amendments_of_2022(hub: Hub) -> None:
    path = shared_path("standards", "decp", "v2.0.3", "exemples", "json", "marches_avec_modifications.json")
    records = hub.run(path).enregistrements
    assert [record.resultat for record in records] == [Outcome.COMPLETE] * 2
    assert all(any("2022-10-18" in sentence for sentence in record.avertissements) for record in records)
    assert any("21750001630066" in sentence for sentence in records[0].avertissements)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("json/concessions.json", 2),
        ("json/concessions_avec_modifications.json", 2),
        ("json/marches_concessions.json", 2),
        ("xml/Contrat-concession.xml", 2),
        ("xml/Contrat-concession-modification.xml", 2),
    ],
)
def test_official_concessions_are_refused_by_name(hub: Hub, name: str, count: int) -> None:
    report = hub.run(shared_path("standards", "decp", "v2.0.3", "exemples", *name.split("/")))
    refused = [record for record in report.enregistrements if "IMP-CONCESSION" in rules_of(record)]
    assert len(refused) == count
    assert all(f"concession {record.id}." in record.motifs[0].message for record in refused)


def test_a_synthetic_marche_with_the_type_of_2_0_2_is_recorded_with_a_warning(hub: Hub) -> None:
    path = shared_path("standards", "decp", "exemples-synthetiques", "invalide_07_propriete_inconnue__type.json")
    (record,) = hub.run(path).enregistrements
    assert record.resultat is Outcome.COMPLETE
    assert any("_type" in words for words in record.avertissements)


_FORMER = {
    "source__001_marche_simple.json": (Outcome.COMPLETE, []),
    "source__001b_duplicate_supplier.json": (Outcome.REFUSE, ["DECP-SCHEMA"]),
    "source__002_modification_montant.json": (Outcome.COMPLETE, []),
    "source__002a_modifification_sans_donnees_modifiees.json": (Outcome.COMPLETE, []),
    "source__003_pas_de_num_sequence_dans_id.json": (Outcome.COMPLETE, []),
    "source__005_marche_meme_siret_acheteur_titulaire.json": (Outcome.COMPLETE, []),
}


@pytest.mark.parametrize(("name", "expected"), _FORMER.items())
def test_real_marches_of_the_former_format_are_recorded(
    hub: Hub, name: str, expected: tuple[Outcome, list[str]]
) -> None:
    report = hub.run(shared_path("standards", "samples", "decp-rama-tests", name))
    assert report.contrat == "daj/decp-json/1.5.0"
    (record,) = report.enregistrements
    assert (record.resultat, rules_of(record)) == expected


# The examples are dated 2007, before the years that the ministry takes, use numbers again, and contradict themselves on
# groups and frameworks.
_BUSINESS = {
    "IMP-CONCESSION",
    "MAR-IMPORT-DIFFERENT",
    "MAR-DATE-PERIODE",
    "MAR-SANS-GROUPEMENT",
    "MAR-GROUPEMENT",
    "MAR-SUBSEQUENT",
}


@pytest.mark.parametrize("version", ["v1.5.0", "v2.0.0"])
@pytest.mark.parametrize("form", ["json", "xml"])
def test_every_former_official_example_gets_its_verdict(hub: Hub, version: str, form: str) -> None:
    verdicts: Counter[str] = Counter()
    for path in sorted(shared_path("standards", "decp", version, "exemples", form).glob(f"*.{form}")):
        for record in hub.run(path).enregistrements:
            concession = rules_of(record) == ["IMP-CONCESSION"]
            verdicts["concession" if concession else record.resultat.value] += 1
            assert set(rules_of(record)) <= _BUSINESS, (path.name, record.motifs)
    assert verdicts["concession"] > 0
    assert verdicts["refuse"] + verdicts["complete"] > 2


def test_the_hospital_lines_of_real_data_all_get_a_verdict(hub: Hub) -> None:
    path, report = _real(hub, "decp_2024H2_travaux_hopitaux.csv")
    counts = report.compteurs
    assert (counts.lus, counts.lignes, counts.doublons, counts.inchanges) == (56, 276, 0, 0)
    assert counts.completes >= 30
    assert hub.counts()[0] == counts.completes
    reasons = Counter(rule for record in report.enregistrements for rule in rules_of(record))
    assert set(reasons) <= _REAL
    assert reasons["IMP-LIGNES-CONTRADICTOIRES"] == 3  # 24N4 (amount), 24N432 (amount and offers)
    again = hub.run(path).compteurs
    assert (again.inchanges, again.completes, again.refuses) == (counts.completes, 0, counts.refuses)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_half_a_year_of_real_data_all_gets_a_verdict(hub: Hub, tmp_path: Path) -> None:
    """One marché in six of the 7,060, whole with its lines: all of them take a minute, and say nothing more."""
    path = shared_path("standards", "samples", "real-decp", "decp_2024H2_travaux_cpv4521_filtered.csv")
    heading, *lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if zlib.crc32(line.split(",")[0].encode()) % 6 == 0]
    sample = tmp_path / path.name
    sample.write_text(heading + "".join(kept), "utf-8")
    report = hub.run(sample)
    counts = report.compteurs
    assert counts.lignes == len(kept) > 1000
    assert counts.lus == counts.completes + counts.refuses + counts.inchanges
    assert counts.completes >= 0.6 * counts.lus
    assert hub.counts()[0] == counts.completes
    assert {rule for record in report.enregistrements for rule in rules_of(record)} <= _REAL
    assert all(record.motifs for record in report.enregistrements if record.resultat is Outcome.REFUSE)
