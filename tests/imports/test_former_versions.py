"""Former versions of the DECP and the DGFiP's open data: recorded as marchés of today, keeping all that has a place."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import contracts
from semaphore_hub.imports import ImportRefused, Outcome
from tests.imports.hub import ACHETEUR, TITULAIRE, Hub, changed, completed_in, json_file, rules_of


def example(contract_id: str, name: str) -> Path:
    """A valid example of a contract."""
    return contracts.get(contract_id).folder / "examples" / "valid" / name


def former_file(path: Path, *marches: dict[str, Any]) -> Path:
    """A file of the former format: a bare list."""
    path.write_text(json.dumps({"marches": list(marches)}, ensure_ascii=False, indent=1), "utf-8")
    return path


def former(**changes: Any) -> dict[str, Any]:
    """The marché of the example of 1.5.0 with other values."""
    marche = json.loads(example("daj/decp-json/1.5.0", "marche.json").read_text("utf-8"))["marches"][0]
    return {**marche, **changes}


def test_what_1_5_0_says_and_the_present_format_does_not_is_kept(hub: Hub, tmp_path: Path) -> None:
    (record,) = hub.run(former_file(tmp_path / "v1.json", former())).enregistrements
    view = hub.marche(record)
    assert (view.acheteur.nom, view.titulaires[0].denominationSociale) == (
        "CH Fictif de Valmont",
        "Matériel Médical Fictif SAS",
    )
    assert view.complements.nomLieuExecution == "Valmont-le-Fictif"
    assert [(change.objet, change.montant) for change in view.modifications] == [
        ("Ajout de références", Decimal(130000))
    ]
    assert (view.techniques, view.typesPrix) == (("Accord-cadre",), ("Définitif révisable",))
    done = completed_in(record)
    assert done["ccag"] == "Pas de CCAG"
    assert {"acheteur.nom", "complements.nomLieuExecution", "modifications[0].objet"}.isdisjoint(done)
    assert all(item.justification for item in record.completes)
    assert view.complements.idContrat == "2021DM001"
    assert "complements.idContrat" not in done


def test_a_former_marche_without_words_for_an_amendment_gets_the_documented_ones(hub: Hub, tmp_path: Path) -> None:
    marche = former()
    marche["modifications"][0]["objetModification"] = ""
    (record,) = hub.run(former_file(tmp_path / "v1.json", marche)).enregistrements
    assert completed_in(record)["modifications[0].objet"].startswith("Modification n° 1")


def test_one_former_marche_that_cannot_be_converted_leaves_the_others(hub: Hub, tmp_path: Path) -> None:
    path = former_file(
        tmp_path / "v1.json",
        former(),
        former(id="2021DM00200", montant=0),
        former(id="2021DM00300", nature="?"),
        former(id="2021DM00400"),
    )
    first, refused, invalid, last = hub.run(path).enregistrements
    assert (first.resultat, last.resultat) == (Outcome.COMPLETE, Outcome.COMPLETE)
    assert rules_of(refused) == ["CONV-MONTANT"]
    assert (refused.motifs[0].chemin, refused.motifs[0].ligne) == ("$.marches[1].montant", refused.ligne)
    assert [(reason.regle, reason.chemin) for reason in invalid.motifs] == [("DECP-SCHEMA", "$.marches[2].nature")]
    assert invalid.motifs[0].ligne is not None
    assert invalid.ligne is not None
    assert invalid.motifs[0].ligne > invalid.ligne
    assert hub.counts()[0] == 2


def test_importing_a_former_file_again_changes_nothing(hub: Hub, tmp_path: Path) -> None:
    path = former_file(tmp_path / "v1.json", former())
    hub.run(path)
    before = hub.counts()
    (again,) = hub.run(path).enregistrements
    assert again.resultat is Outcome.INCHANGE
    assert hub.counts() == before


def test_the_xml_of_1_5_0_is_the_same_marche_as_its_json(hub: Hub) -> None:
    (from_json,) = hub.run(example("daj/decp-json/1.5.0", "marche.json")).enregistrements
    (from_xml,) = hub.run(example("daj/decp-xml/1.5.0", "marche.xml")).enregistrements
    assert (from_xml.resultat, from_xml.uid) == (Outcome.INCHANGE, from_json.uid)


def test_the_xml_of_2_0_0_is_the_same_marche_as_its_json(hub: Hub) -> None:
    (from_json,) = hub.run(example("daj/decp-json/2.0.0", "marche.json")).enregistrements
    (from_xml,) = hub.run(example("daj/decp-xml/2.0.0", "marche.xml")).enregistrements
    assert (from_xml.resultat, from_xml.uid) == (Outcome.INCHANGE, from_json.uid)
    view = hub.marche(from_json)
    assert (view.modalitesExecution, view.considerationsSociales) == (
        ("Bons de commande",),
        ("Pas de considération sociale",),
    )


@pytest.mark.parametrize("name", ["marche.xml", "marche_et_concession.xml"])
def test_what_the_dgfip_does_not_communicate_is_completed_and_marked(hub: Hub, name: str) -> None:
    record, *rest = hub.run(example("dgfip/opendata/5.30", name)).enregistrements
    assert {"marcheInnovant", "offresRecues", "sousTraitanceDeclaree", "typesPrix"} <= set(completed_in(record))
    assert hub.marche(record).ccag == "Maitrise d'œuvre"
    assert any("(NC)" in words for words in record.avertissements)
    assert [rules_of(other) for other in rest] == [["IMP-CONCESSION"]] * len(rest)


def test_the_profile_of_the_dgfip_file_is_kept(hub: Hub) -> None:
    (record,) = hub.run(example("dgfip/opendata/1.5.0", "marche.xml")).enregistrements
    assert hub.marche(record).complements.urlProfilAcheteur == "https://profil-acheteur.fictif.example"
    assert "complements.urlProfilAcheteur" not in completed_in(record)


def test_the_kind_names_the_form_and_the_version_is_recognised(hub: Hub, tmp_path: Path) -> None:
    path = former_file(tmp_path / "v1.json", former())
    report = hub.run(path, kind="decp-json")
    assert report.contrat == "daj/decp-json/1.5.0"
    with pytest.raises(ImportRefused):
        hub.run(path, kind="decp-xml")


def test_former_marches_in_the_present_envelope_are_refused_one_by_one(hub: Hub, tmp_path: Path) -> None:
    good, bad = hub.run(json_file(tmp_path / "decp.json", changed(), former())).enregistrements
    assert good.resultat is Outcome.COMPLETE
    assert set(rules_of(bad)) == {"DECP-SCHEMA"}
    assert (bad.id, bad.acheteur) == ("2021DM00100", ACHETEUR)


def test_a_large_file_is_recognised_by_its_head_alone(hub: Hub, tmp_path: Path) -> None:
    marches = [former(id=f"2021DM{number:03d}00", objet="x" * 200) for number in range(3)]
    text = json.dumps({"remplissage": "y" * 10, "marches": marches}, ensure_ascii=False)
    path = tmp_path / "v1.json"
    path.write_text(text + " " * 1_200_000, "utf-8")
    report = hub.run(path)
    assert report.contrat == "daj/decp-json/1.5.0"
    assert [record.resultat for record in report.enregistrements] == [Outcome.COMPLETE] * 3
    assert hub.supplier(TITULAIRE).denominationSociale == "Matériel Médical Fictif SAS"
