"""Consolidated CSV: lines are grouped into marchés, what they lack is completed by the documented defaults."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import contracts
from semaphore_hub.imports import Outcome, decp_csv
from semaphore_hub.imports.csv_marche import type_of
from semaphore_hub.imports.mapping import prepare
from semaphore_hub.imports.source import SourceRecord
from semaphore_hub.modules.referentiel.codes import TypeIdentifiant
from tests.imports.hub import ACHETEUR, AUTRE_TITULAIRE, HEADER, TITULAIRE, Hub, completed_in, csv_file, row, rules_of


def test_a_line_becomes_a_marche_with_every_default_marked(hub: Hub, tmp_path: Path) -> None:
    report = hub.run(csv_file(tmp_path / "decp.csv", row()))
    (record,) = report.enregistrements
    assert (report.compteurs.lignes, record.place, record.ligne) == (1, "ligne 2", 2)
    view = hub.marche(record)
    assert (view.montant, view.dureeMois, view.procedure) == (Decimal("157944.05"), 8, "Procédure adaptée")
    assert view.objet == "Travaux (objet non repris par la source consolidée)"
    assert (view.lieuExecution.code, view.lieuExecution.typeCode) == ("30", "Code département")
    assert view.datePublicationDonnees == view.dateNotification
    assert (view.ccag, view.formePrix, view.typesPrix) == ("Pas de CCAG", "Mixte", ("Définitif ferme",))
    assert set(completed_in(record)) == {
        "nature",
        "objet",
        "techniques",
        "modalitesExecution",
        "marcheInnovant",
        "ccag",
        "attributionAvance",
        "typeGroupementOperateurs",
        "sousTraitanceDeclaree",
        "lieuExecution",
        "datePublicationDonnees",
        "typesPrix",
        "formePrix",
        "considerationsSociales",
        "considerationsEnvironnementales",
        "titulaires[0].typeIdentifiant",
        "titulaires[0].categorieTiers",
        "titulaires[0].natureJuridique",
        "acheteur.role",
        "acheteur.dateDebut",
        "complements.urlProfilAcheteur",
        "complements.montantEstimatif",
        "complements.reconductibilite",
        "complements.penalite",
        "complements.nomLieuExecution",
    }
    assert set(view.champsCompletes) == set(completed_in(record))


def test_names_come_from_the_file(hub: Hub, tmp_path: Path) -> None:
    hub.run(csv_file(tmp_path / "decp.csv", row(acheteur_nom='"  CH FICTIF,  DE VALMONT"')))
    assert hub.hospital(ACHETEUR).nom == "CH FICTIF, DE VALMONT"
    assert hub.supplier(TITULAIRE).denominationSociale == "MEDICAL FICTIF SAS"


def test_several_lines_are_one_marche_of_several_holders_without_shares(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "decp.csv", row(), row(titulaire_id=AUTRE_TITULAIRE, titulaire_nom="AUTRE FICTIF"))
    (record,) = _records(path)
    marche = prepare(record).marche
    assert (record.place, record.lines) == ("lignes 2, 3", 2)
    assert [(holder.id, holder.role, holder.montant) for holder in marche.titulaires] == [
        (TITULAIRE, "titulaire", None),
        (AUTRE_TITULAIRE, "co-traitant", None),
    ]
    assert (marche.typeGroupementOperateurs, marche.montant) == ("Conjoint", Decimal("157944.05"))
    roles = {item.champ: item.valeur for item in prepare(record).completed if item.champ.endswith("role")}
    assert roles == {"titulaires[0].role": "titulaire", "titulaires[1].role": "co-traitant"}


def test_the_same_line_twice_counts_once(hub: Hub, tmp_path: Path) -> None:
    report = hub.run(csv_file(tmp_path / "decp.csv", row(), row(id="2026T002"), row()))
    first, _ = report.enregistrements
    counts = report.compteurs
    assert (counts.lus, counts.completes, counts.lignes, counts.doublons) == (2, 2, 3, 1)
    assert first.place == "lignes 2, 4"
    assert "La ligne 4 répète la ligne 2 : elle est comptée une fois." in first.avertissements


@pytest.mark.parametrize("column", ["montant", "dureeMois", "procedure", "codeCPV", "offresRecues"])
def test_lines_that_disagree_on_the_marche_are_refused(hub: Hub, tmp_path: Path, column: str) -> None:
    other = {
        "montant": "650728",
        "dureeMois": "9",
        "procedure": "Appel d'offres ouvert",
        "codeCPV": "45210000",
        "offresRecues": "7",
    }[column]
    path = csv_file(tmp_path / "decp.csv", row(), row(titulaire_id=AUTRE_TITULAIRE, **{column: other}))
    (record,) = hub.run(path).enregistrements
    assert rules_of(record) == ["IMP-LIGNES-CONTRADICTOIRES"]
    assert column in record.motifs[0].message
    assert other in record.motifs[0].message
    assert hub.counts() == (0, 0, 0, 0)


def test_the_same_number_on_another_day_is_another_marche_that_the_hub_cannot_hold(hub: Hub, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "decp.csv", row(), row(dateNotification="2026-02-18"))
    first, second = hub.run(path).enregistrements
    assert first.resultat is Outcome.COMPLETE
    assert rules_of(second) == ["MAR-IMPORT-DIFFERENT"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"montant": ""}, "DECP-SCHEMA"),
        ({"montant": "0.40"}, "MAR-MONTANT-MIN"),
        ({"montant": "12.345"}, "IMP-MONTANT-DECIMALES"),
        ({"dateNotification": ""}, "DECP-SCHEMA"),
        ({"dateNotification": "2026-02-30"}, "DECP-SCHEMA"),
        ({"dureeMois": ""}, "IMP-ABSENT"),
        ({"dureeMois": "0"}, "IMP-DUREE"),
        ({"titulaire_id": ""}, "IMP-ABSENT"),
        ({"titulaire_id": "999888019"}, "IMP-TITULAIRE-TYPE"),
        ({"id": "2026T001000000017"}, "IMP-VALEUR"),
        ({"id": "2026*T1"}, "IMP-VALEUR"),
        ({"procedure": "Marché négocié sans publicité"}, "IMP-VALEUR"),
        ({"procedure": ""}, "IMP-ABSENT"),
        ({"codeCPV": ""}, "IMP-ABSENT"),
        ({"offresRecues": "0"}, "IMP-OFFRES"),
        ({"acheteur_id": "123"}, "IMP-VALEUR"),
        ({"acheteur_departement_code": "", "acheteur_region_code": ""}, "IMP-ABSENT"),
    ],
)
def test_what_a_line_cannot_say_honestly_is_refused(
    hub: Hub, tmp_path: Path, changes: dict[str, str], rule: str
) -> None:
    (record,) = hub.run(csv_file(tmp_path / "decp.csv", row(**changes))).enregistrements
    assert rule in rules_of(record)
    assert all(reason.ligne == 2 for reason in record.motifs)
    assert hub.counts() == (0, 0, 0, 0)


def test_a_line_without_offers_gets_the_lowest_number_marked(hub: Hub, tmp_path: Path) -> None:
    (record,) = hub.run(csv_file(tmp_path / "decp.csv", row(offresRecues=""))).enregistrements
    assert hub.marche(record).offresRecues == 1
    assert completed_in(record)["offresRecues"] == "1"


def test_without_a_department_the_region_is_the_place(hub: Hub, tmp_path: Path) -> None:
    (record,) = hub.run(csv_file(tmp_path / "decp.csv", row(acheteur_departement_code=""))).enregistrements
    assert completed_in(record)["lieuExecution"] == "Code région 76"


def test_a_cut_line_in_the_middle_is_one_refused_record(hub: Hub, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "decp.csv", row(), "2699990170001,coupée,Travaux", row(id="2026T002"))
    report = hub.run(path)
    good, cut, last = report.enregistrements
    assert (good.resultat, last.resultat) == (Outcome.COMPLETE, Outcome.COMPLETE)
    assert (cut.ligne, rules_of(cut)) == (3, ["DECP-CSV"])
    assert report.compteurs.lignes == 3


def test_lines_are_told_where_they_stand_even_after_a_cell_of_two_lines(hub: Hub, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "decp.csv", row(titulaire_nom='"MEDICAL\nFICTIF"'), row(id="2026T002", dureeMois="0"))
    first, second = hub.run(path).enregistrements
    assert hub.supplier(TITULAIRE).denominationSociale == "MEDICAL FICTIF"
    assert (first.ligne, second.ligne) == (2, 4)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (TITULAIRE, TypeIdentifiant.SIRET),
        ("LV40103835582", TypeIdentifiant.TVA),
        ("FR83404833048", TypeIdentifiant.TVA),
        ("FR00404833048", None),
        ("CH123456789", TypeIdentifiant.HORS_UE),
        ("FRWF12345678901234", TypeIdentifiant.FRWF),
        ("99999", None),
        ("999888019", None),
        ("inconnu", None),
    ],
)
def test_the_type_of_an_identifier_is_its_form_or_nothing(number: str, kind: TypeIdentifiant | None) -> None:
    assert type_of(number) is kind


def test_an_empty_table_has_no_record(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "decp.csv").write_text(HEADER + "\n", "utf-8")
    assert hub.run(tmp_path / "decp.csv").compteurs.lus == 0


def _records(path: Path) -> list[SourceRecord]:
    return list(decp_csv.read(contracts.get("daj/decp-csv/1"), path.read_bytes()).records)
