"""PES Marché files: marchés with what only the accountant's format says, and suppliers with their coordinates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

import contracts
from semaphore_hub.imports import ImportReport, Outcome
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.modules.referentiel.schemas import NouveauFournisseur
from tests.imports.hub import Hub, completed_in, rules_of
from tests.shared import shared_path

HOLDER = "99988801900018"
Edit = Callable[[etree._Element], None]


def pes(name: str, version: str = "5.30") -> Path:
    """A valid example of the PES."""
    return contracts.get(f"dgfip/pes-marche/{version}").folder / "examples" / "valid" / f"{name}.xml"


def edited(path: Path, name: str, *edits: Edit) -> Path:
    """A copy of an example with changes to its first marché."""
    tree = contracts.xml.parse(pes(name).read_bytes())
    marche = tree.getroot().find("PES_Marche/Marches/Marche")
    assert marche is not None
    for edit in edits:
        edit(marche)
    tree.write(path, encoding="ISO-8859-1", xml_declaration=True)
    return path


def put(path: str, value: str) -> Edit:
    """An edit that sets a value wherever the path leads."""

    def edit(marche: etree._Element) -> None:
        found = marche.findall(path)
        assert found, path
        for element in found:
            element.set("V", value)

    return edit


def drop(path: str) -> Edit:
    """An edit that takes elements off."""

    def edit(marche: etree._Element) -> None:
        for element in marche.findall(path):
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)

    return edit


def only(report: ImportReport) -> str:
    """The rules that refuse the only record."""
    (record,) = report.enregistrements
    return " ".join(rules_of(record))


def test_a_marche_is_recorded_with_the_complements_of_the_file(hub: Hub) -> None:
    report = hub.run(pes("accord-cadre-initial"))
    assert report.contrat == "dgfip/pes-marche/5.30"
    (record,) = report.enregistrements
    view = hub.marche(record)
    assert (view.id, view.complements.idContrat) == ("2026AC001", "2026AC001")
    assert view.techniques == ("Accord-cadre",)
    assert view.complements.natureMarche == "03"
    assert view.complements.urlProfilAcheteur.startswith("https://")
    assert not {name for name in completed_in(record) if name.startswith("complements.")}
    assert {"acheteur.nom", "titulaires[0].denominationSociale"}.isdisjoint(completed_in(record))


def test_suppliers_are_recorded_with_their_address_account_and_codes(hub: Hub) -> None:
    hub.run(pes("complet"))
    supplier = hub.supplier(HOLDER)
    assert supplier.denominationSociale == "MATERIEL MEDICAL FICTIF SAS"
    assert supplier.adresse is not None
    assert (supplier.adresse.voie, supplier.adresse.codePostal, supplier.adresse.codePays) == (
        "1 RUE FICTIVE",
        "99000",
        None,
    )
    assert supplier.compteBancaire is not None
    # The file gives a RIB: its IBAN is the country, the key, and the RIB.
    assert supplier.compteBancaire.iban == "FR2099999000010000000001A82"
    assert supplier.compteBancaire.titulaire == "MATERIEL MEDICAL FICTIF SAS"
    assert (supplier.categorieTiers, supplier.natureJuridique) == ("50", "03")


def test_an_account_abroad_without_iban_is_left_out_and_said(hub: Hub) -> None:
    record, _ = hub.run(pes("complet")).enregistrements
    assert any("USFIKTIONALCORP" in words and "IBAN" in words for words in record.avertissements)
    assert hub.supplier("USFIKTIONALCORP").compteBancaire is None
    assert hub.supplier("USFIKTIONALCORP").adresse is not None


def test_a_known_supplier_gets_what_it_lacks_and_keeps_what_it_has(hub: Hub) -> None:
    with hub.database.write() as unit:
        hub.referentiel.fournisseurs.creer(
            unit,
            LOCAL,
            NouveauFournisseur.model_validate(
                {
                    "typeIdentifiant": "SIRET",
                    "id": HOLDER,
                    "denominationSociale": "Nom tenu à jour",
                    "adresse": {"voie": "2 AVENUE FICTIVE", "codePostal": "99000", "ville": "VILLE FICTIVE"},
                }
            ),
        )
    record, _ = hub.run(pes("complet")).enregistrements
    supplier = hub.supplier(HOLDER)
    assert supplier.denominationSociale == "Nom tenu à jour"
    assert supplier.adresse is not None
    assert supplier.adresse.voie == "2 AVENUE FICTIVE"
    assert supplier.compteBancaire is not None
    assert any("adresse du fichier diffère de sa fiche" in words for words in record.avertissements)
    assert "fr.semaphore.fournisseur.modifie.v1" in hub.events.types()


def test_the_initial_state_is_the_present_one_less_the_differences(hub: Hub) -> None:
    (record,) = hub.run(pes("avenant-montant-duree")).enregistrements
    view = hub.marche(record)
    change = view.modifications[-1]
    assert change.objet
    assert "modifications[0].objet" not in completed_in(record)
    block = contracts.xml.parse(pes("avenant-montant-duree").read_bytes()).getroot()
    said = {
        name: block.find(f".//ModificationMontantDuree/{name}")
        for name in ("MontantHTNotifie", "DeltaMontantHTNotifie")
    }
    total, delta = (Decimal(str(one.get("V"))) for one in said.values() if one is not None)
    assert (view.montant, change.montant, change.deltaMontant) == (total, total, delta)


def test_a_subcontractor_paid_directly_is_recorded_with_its_act(hub: Hub) -> None:
    record, _ = hub.run(pes("complet")).enregistrements
    said = hub.events.committed[-1].data["marche"]
    acts = {act["id"]: act for act in said["actesSousTraitance"]}
    assert acts[1]["paiementDirect"] is True
    assert acts[1]["objet"] == "Acte spécial fictif"
    assert acts[1]["dateNotification"] == "2026-08-25"
    assert HOLDER in str(acts[1]["titulaire"])
    assert "actesSousTraitance[0].paiementDirect" not in completed_in(record)
    (change,) = said["modificationsActesSousTraitance"]
    assert (change["objet"], change["dureeMois"]) == ("Modification de l'acte spécial", 10)
    supplier = hub.supplier(acts[1]["sousTraitant"]["id"])
    assert supplier.adresse is not None


def test_roles_and_parts_of_a_group_are_those_of_the_file(hub: Hub) -> None:
    (record,) = hub.run(pes("groupement-deux-titulaires")).enregistrements
    view = hub.marche(record)
    assert [holder.role for holder in view.titulaires] == ["titulaire", "co-traitant"]
    parts = [holder.montant for holder in view.titulaires]
    assert None in parts or sum(part for part in parts if part is not None) == view.montant
    assert not {name for name in completed_in(record) if name.endswith(".role") and name != "acheteur.role"}


def test_the_concessions_of_a_file_are_refused_by_name(hub: Hub) -> None:
    _, concession = hub.run(pes("complet")).enregistrements
    assert (concession.id, rules_of(concession)) == ("2026CONC01", ["IMP-CONCESSION"])
    assert concession.place == "/PES_Aller/PES_Marche/Concessions/Concession[1]"


def test_importing_the_same_file_again_changes_nothing(migrated_hub: Hub) -> None:
    migrated_hub.run(pes("complet"))
    before = migrated_hub.counts()
    again = migrated_hub.run(pes("complet"))
    assert again.enregistrements[0].resultat is Outcome.INCHANGE
    assert migrated_hub.counts() == before


ESTIMATES = (drop("MontantHTEstime"), drop("Acheteurs/Acheteur/MontantHTEstime"))
SMALL = (put("MontantHTNotifie", "0.50"), put("VentilationsAcheteurs//MontantHTNotifie", "0.50"))
WITHOUT_TAX = (drop("MontantTVANotifie"), drop("VentilationsAcheteurs//MontantTVANotifie"))


@pytest.mark.parametrize(
    ("name", "edits", "rule"),
    [
        ("marche-mono", [put("ProcedureMarche", "10")], "CONV-PROCEDURE-AUTRE"),
        ("marche-mono", [*ESTIMATES, *SMALL, *WITHOUT_TAX], "CONV-MONTANT"),
        ("accord-cadre-marches-subsequents", [], "CONV-OPERATEURS"),
    ],
)
def test_what_the_decp_cannot_say_is_refused_with_its_reason(
    hub: Hub, tmp_path: Path, name: str, edits: list[Edit], rule: str
) -> None:
    assert only(hub.run(edited(tmp_path / "pes.xml", name, *edits))) == rule
    assert hub.counts()[0] == 0


def test_a_holder_being_registered_has_no_identifier_in_the_decp(hub: Hub, tmp_path: Path) -> None:
    path = edited(
        tmp_path / "pes.xml",
        "marche-mono",
        put("Operateurs/Titulaire/NatIdTitulaire", "09"),
        put("VentilationsAcheteurs//NatIdTitulaire", "09"),
    )
    assert "CONV-IMMATRICULATION" in only(hub.run(path))


def test_an_invalid_marche_is_refused_at_its_line_and_leaves_the_others(hub: Hub, tmp_path: Path) -> None:
    tree = contracts.xml.parse(pes("marche-mono").read_bytes())
    marches = tree.getroot().find("PES_Marche/Marches")
    assert marches is not None
    text = etree.tostring(marches[0], encoding="unicode")
    marches.append(etree.fromstring(text.replace("2026FM010", "2026FM011")))
    marches.insert(0, etree.fromstring(text.replace("2026FM010", "1926FM012")))
    path = tmp_path / "pes.xml"
    tree.write(path, encoding="ISO-8859-1", xml_declaration=True)
    bad, first, second = hub.run(path).enregistrements
    assert (first.resultat, second.resultat) == (Outcome.COMPLETE, Outcome.COMPLETE)
    (reason,) = bad.motifs
    assert (reason.regle, reason.chemin) == (
        "PES-SCHEMA",
        "/PES_Aller/PES_Marche/Marches/Marche[1]/IdentifiantMarche/IdContrat",
    )
    line = path.read_text("iso-8859-1").splitlines()[(reason.ligne or 0) - 1]
    assert "1926FM012" in line


def test_the_synthetic_files_get_their_verdict(hub: Hub) -> None:
    folder = shared_path("standards", "pes", "exemples-synthetiques")
    (initial,) = hub.run(folder / "02_PES_Marche_initial_v5.30.xml").enregistrements
    assert initial.resultat is Outcome.COMPLETE
    assert set(completed_in(initial)) == {"acheteur.role", "acheteur.dateDebut"}
    (invalid,) = hub.run(folder / "21_PES_Marche_INVALIDE_idcontrat.xml").enregistrements
    assert rules_of(invalid) == ["PES-SCHEMA"]


def test_a_file_of_5_17_has_its_later_fields_completed(hub: Hub) -> None:
    path = shared_path("standards", "pes", "exemples-synthetiques", "01_PES_Marche_initial_v5.17.xml")
    (record,) = hub.run(path).enregistrements
    assert {"marcheInnovant", "sousTraitanceDeclaree"} <= set(completed_in(record))
    view = hub.marche(record)
    assert view.dateNotification is not None
    assert view.dateNotification >= date(2020, 1, 1)
