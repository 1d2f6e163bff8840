"""DECP JSON: what is taken over exactly, what is completed, what is refused, record by record."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from semaphore_hub.imports import Outcome
from tests.imports.hub import (
    ACHETEUR,
    AUTRE_TITULAIRE,
    GHT,
    TITULAIRE,
    Hub,
    changed,
    completed_in,
    json_file,
    rules_of,
)


def test_a_marche_is_recorded_with_the_values_of_the_file(hub: Hub, tmp_path: Path) -> None:
    report = hub.run(json_file(tmp_path / "decp.json", changed()))
    (record,) = report.enregistrements
    view = hub.marche(record)
    assert (view.id, view.acheteur.id, view.ght, view.statut) == ("2026DM001", ACHETEUR, GHT, "notifie")
    assert view.montant == Decimal("400000.25")
    assert view.tauxAvance == Decimal("0.05")
    assert (view.dateNotification, view.datePublicationDonnees) == (date(2026, 3, 1), date(2026, 3, 20))
    assert view.considerationsSociales == ("Clause sociale",)
    assert [(holder.role, holder.id, holder.montant) for holder in view.titulaires] == [("titulaire", TITULAIRE, None)]
    assert hub.events.types()[-2:] == ["fr.semaphore.marche.cree.v1", "fr.semaphore.marche.notifie.v1"]


def test_only_what_the_decp_does_not_carry_is_completed_and_marked(hub: Hub, tmp_path: Path) -> None:
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed())).enregistrements
    assert record.resultat is Outcome.COMPLETE
    assert completed_in(record) == {
        "complements.urlProfilAcheteur": "https://non-communique.invalid",
        "complements.montantEstimatif": "non",
        "complements.reconductibilite": "01",
        "complements.penalite": "oui",
        "complements.nomLieuExecution": "Code commune 30189",
        "acheteur.nom": f"Établissement {ACHETEUR}",
        "acheteur.role": "partie",
        "acheteur.dateDebut": "2016-07-01",
        "titulaires[0].denominationSociale": f"Fournisseur {TITULAIRE}",
        "titulaires[0].categorieTiers": "50",
        "titulaires[0].natureJuridique": "03",
    }
    assert all(item.justification for item in record.completes)
    assert set(hub.marche(record).champsCompletes) == set(completed_in(record))
    said = hub.events.committed[-1].data["marche"]
    assert set(said["champsCompletes"]) == set(completed_in(record))


def test_parties_already_known_are_not_completed_again(hub: Hub, tmp_path: Path) -> None:
    path = json_file(tmp_path / "decp.json", changed(), changed(id="2026DM002"))
    _, second = hub.run(path).enregistrements
    assert {name.split(".")[0] for name in completed_in(second)} == {"complements"}
    assert hub.counts()[:3] == (2, 1, 1)


def test_a_supplier_gets_neither_address_nor_account(hub: Hub, tmp_path: Path) -> None:
    hub.run(json_file(tmp_path / "decp.json", changed()))
    supplier = hub.supplier(TITULAIRE)
    assert (supplier.adresse, supplier.compteBancaire) == (None, None)
    assert supplier.denominationSociale == f"Fournisseur {TITULAIRE}"


def test_one_bad_marche_leaves_the_others(hub: Hub, tmp_path: Path) -> None:
    path = json_file(
        tmp_path / "decp.json", changed(), changed(id="2026DM002", nature="Accord-cadre"), changed(id="2026DM003")
    )
    first, bad, last = hub.run(path).enregistrements
    assert (first.resultat, bad.resultat, last.resultat) == (Outcome.COMPLETE, Outcome.REFUSE, Outcome.COMPLETE)
    assert (bad.place, bad.id, bad.acheteur, rules_of(bad)) == (
        "$.marches.marche[1]",
        "2026DM002",
        ACHETEUR,
        ["DECP-SCHEMA"],
    )
    assert bad.motifs[0].chemin == "$.marches.marche[1].nature"
    wanted = next(
        number
        for number, text in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if '"nature": "Accord-cadre"' in text
    )
    assert bad.motifs[0].ligne == wanted
    assert "Accord-cadre" in bad.motifs[0].message


def test_a_refused_marche_leaves_no_trace_not_even_its_parties(hub: Hub, tmp_path: Path) -> None:
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(origineUE=0.1, origineFrance=0.5))).enregistrements
    assert rules_of(record) == ["MAR-ORIGINE"]
    assert hub.counts() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"montant": 1000.125}, "IMP-MONTANT-DECIMALES"),
        ({"montant": 1e17}, "IMP-MONTANT-LARGEUR"),
        ({"montant": 0.5}, "DECP-SCHEMA"),
        ({"montant": None}, "DECP-SCHEMA"),
        ({"dateNotification": "2026-13-45"}, "IMP-VALEUR"),
        ({"dateNotification": "2026-03-01T10:00"}, "IMP-VALEUR"),
        ({"dateNotification": None}, "DECP-SCHEMA"),
        ({"dureeMois": 0}, "DECP-SCHEMA"),
        ({"dureeMois": 1000}, "IMP-VALEUR"),
        ({"id": "2026DM00100000017"}, "DECP-SCHEMA"),
        ({"id": "2026*DM001"}, "IMP-VALEUR"),
        ({"titulaires": []}, "DECP-SCHEMA"),
        ({"titulaires": [{"titulaire": {"typeIdentifiant": "SIRET", "id": "999888019"}}]}, "IMP-SIRET"),
        ({"titulaires": [{"titulaire": {"typeIdentifiant": "HORS-UE", "id": "CH 1"}}]}, "IMP-VALEUR"),
        ({"lieuExecution": {"code": "FRK26X", "typeCode": "Code région"}}, "IMP-VALEUR"),
        ({"objet": "   "}, "IMP-ABSENT"),
        ({"datePublicationDonnees": "2026-02-01"}, "MAR-DATES-PUBLICATION"),
        ({"typeGroupementOperateurs": "Conjoint"}, "MAR-GROUPEMENT"),
        ({"offresRecues": "NC"}, "DECP-SCHEMA"),
        ({"_type": "Accord-cadre"}, "DECP-SCHEMA"),
    ],
)
def test_what_cannot_be_taken_over_honestly_is_refused(
    hub: Hub, tmp_path: Path, changes: dict[str, Any], rule: str
) -> None:
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(**changes))).enregistrements
    assert record.resultat is Outcome.REFUSE
    assert rule in rules_of(record)
    assert all(reason.message.endswith(".") for reason in record.motifs)
    assert hub.counts() == (0, 0, 0, 0)


def test_an_amount_with_more_digits_than_a_decimal_context_is_not_rounded_in_silence(hub: Hub, tmp_path: Path) -> None:
    path = tmp_path / "decp.json"
    text = json.dumps({"marches": {"marche": [changed(montant=12345)]}}, ensure_ascii=False)
    path.write_text(text.replace("12345", "12345.000000000000000000000000000000000001"), "utf-8")
    (record,) = hub.run(path).enregistrements
    assert rules_of(record) == ["IMP-MONTANT-DECIMALES"]


def test_an_amount_with_idle_zeros_is_exact(hub: Hub, tmp_path: Path) -> None:
    path = tmp_path / "decp.json"
    text = json.dumps({"marches": {"marche": [changed(montant=12345)]}}, ensure_ascii=False)
    path.write_text(text.replace("12345", "153000.1000"), "utf-8")
    (record,) = hub.run(path).enregistrements
    assert hub.marche(record).montant == Decimal("153000.10")


def test_every_bad_value_of_a_marche_is_reported(hub: Hub, tmp_path: Path) -> None:
    path = json_file(tmp_path / "decp.json", changed(montant=1.005, datePublicationDonnees="2026-02-30"))
    (record,) = hub.run(path).enregistrements
    assert rules_of(record) == ["IMP-MONTANT-DECIMALES", "IMP-VALEUR"]


def test_a_wrong_key_is_kept_with_a_warning(hub: Hub, tmp_path: Path) -> None:
    path = json_file(
        tmp_path / "decp.json",
        changed(
            acheteur={"id": "21750001630066"},
            titulaires=[{"titulaire": {"typeIdentifiant": "SIRET", "id": "55204599900860"}}],
        ),
    )
    (record,) = hub.run(path).enregistrements
    assert record.resultat is Outcome.COMPLETE
    assert hub.hospital("21750001630066").cleValide is False
    assert hub.supplier("55204599900860").cleValide is False
    assert any("21750001630066" in words and "clé fausse" in words for words in record.avertissements)
    assert any("55204599900860" in words for words in record.avertissements)


def test_concessions_are_refused_with_their_number(hub: Hub, tmp_path: Path) -> None:
    path = tmp_path / "decp.json"
    concession = {"id": "2026DSP01", "autoriteConcedante": {"id": ACHETEUR}, "nature": "Concession de service"}
    path.write_text(
        json.dumps({"marches": {"contrat-concession": [concession], "marche": [changed()]}}, ensure_ascii=False),
        "utf-8",
    )
    refused, marche = hub.run(path).enregistrements
    assert (refused.id, refused.acheteur, rules_of(refused)) == ("2026DSP01", ACHETEUR, ["IMP-CONCESSION"])
    assert refused.motifs[0].message == "Non repris dans cette version : concession 2026DSP01."
    assert marche.resultat is Outcome.COMPLETE


def test_amendments_are_applied_in_order(hub: Hub, tmp_path: Path) -> None:
    modifications = [
        {"modification": _amendment(2, "2026-06-01", dureeMois=30)},
        {"modification": _amendment(1, "2026-05-01", montant=410000)},
    ]
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(modifications=modifications))).enregistrements
    view = hub.marche(record)
    assert (view.montant, view.dureeMois) == (Decimal(410000), 30)
    assert [(item.id, item.deltaMontant, item.deltaDureeMois) for item in view.modifications] == [
        (1, Decimal("9999.75"), None),
        (2, None, 6),
    ]
    assert completed_in(record)["modifications[0].objet"] == "Modification n° 1 (objet non porté par la DECP)"
    assert hub.events.types().count("fr.semaphore.marche.modifie.v1") == 2


ACT: dict[str, Any] = {
    "id": 1,
    "sousTraitant": {"typeIdentifiant": "SIRET", "id": AUTRE_TITULAIRE},
    "dureeMois": 3,
    "dateNotification": "2026-04-01",
    "datePublicationDonnees": "2026-04-02",
    "montant": 1000,
    "variationPrix": "Ferme",
}
ACT_CHANGE: dict[str, Any] = {
    "id": 1,
    "dateNotificationModificationSousTraitance": "2026-05-01",
    "datePublicationDonnees": "2026-05-02",
    "montant": 1500.5,
}


def test_acts_of_subcontracting_are_recorded_and_their_parties_with_them(hub: Hub, tmp_path: Path) -> None:
    marche = changed(
        actesSousTraitance=[{"acteSousTraitance": ACT}],
        modificationsActesSousTraitance=[{"modificationActeSousTraitance": ACT_CHANGE}],
    )
    (record,) = hub.run(json_file(tmp_path / "decp.json", marche)).enregistrements
    said = hub.events.committed[-1].data["marche"]
    (act,) = said["actesSousTraitance"]
    assert (act["sousTraitant"]["id"], act["montant"], act["paiementDirect"]) == (AUTRE_TITULAIRE, "1000.00", False)
    (change,) = said["modificationsActesSousTraitance"]
    assert (change["id"], change["montant"], Decimal(change["deltaMontant"])) == (1, "1500.50", Decimal("500.50"))
    assert hub.supplier(AUTRE_TITULAIRE).denominationSociale == f"Fournisseur {AUTRE_TITULAIRE}"
    assert {
        "actesSousTraitance[0].objet",
        "actesSousTraitance[0].titulaire",
        "actesSousTraitance[0].paiementDirect",
        "actesSousTraitance[0].sousTraitant.denominationSociale",
        "modificationsActesSousTraitance[0].objet",
    } <= set(completed_in(record))


def test_an_act_of_a_party_that_no_register_knows_is_left_out_and_said(hub: Hub, tmp_path: Path) -> None:
    act = {**ACT, "sousTraitant": {"typeIdentifiant": "SIRET", "id": "214356"}}
    marche = changed(
        actesSousTraitance=[{"acteSousTraitance": act}],
        modificationsActesSousTraitance=[{"modificationActeSousTraitance": ACT_CHANGE}],
    )
    (record,) = hub.run(json_file(tmp_path / "decp.json", marche)).enregistrements
    assert record.resultat is Outcome.COMPLETE
    assert record.avertissements[:2] == (
        "Acte de sous-traitance n° 1 non repris : « 214356 » n'est l'identifiant d'aucun répertoire.",
        "Modification de l'acte de sous-traitance n° 1 non reprise : cet acte n'est pas repris.",
    )
    assert not any(name.startswith(("actesSousTraitance", "modificationsActes")) for name in completed_in(record))


def test_a_new_holder_whose_siret_has_not_fourteen_digits_is_left_out_and_said(hub: Hub, tmp_path: Path) -> None:
    change = {
        "id": 1,
        "dateNotificationModification": "2026-06-01",
        "datePublicationDonneesModification": "2026-06-08",
        "montant": 250000,
        "titulaires": [{"titulaire": {"typeIdentifiant": "SIRET", "id": "123456789012345"}}],
    }
    marche = changed(modifications=[{"modification": change}])
    (record,) = hub.run(json_file(tmp_path / "decp.json", marche)).enregistrements
    assert record.resultat is Outcome.COMPLETE
    sentence = "Modification n° 1 reprise sans son changement de titulaire : « 123456789012345 » n'est pas un SIRET."
    assert sentence in record.avertissements


def test_an_act_with_an_inexact_amount_refuses_the_marche(hub: Hub, tmp_path: Path) -> None:
    marche = changed(actesSousTraitance=[{"acteSousTraitance": {**ACT, "montant": 10.125}}])
    (record,) = hub.run(json_file(tmp_path / "decp.json", marche)).enregistrements
    assert [(reason.regle, reason.chemin) for reason in record.motifs] == [
        ("IMP-MONTANT-DECIMALES", "$.actesSousTraitance[0].montant")
    ]


def _holders(*numbers: str) -> list[dict[str, Any]]:
    return [{"titulaire": {"typeIdentifiant": "SIRET", "id": number}} for number in numbers]


def test_a_change_of_holders_is_recorded_with_the_group_that_their_number_asks_for(hub: Hub, tmp_path: Path) -> None:
    modifications = [
        {"modification": _amendment(1, "2026-05-01", titulaires=_holders(TITULAIRE, AUTRE_TITULAIRE))},
        {"modification": _amendment(2, "2026-06-01", titulaires=_holders(AUTRE_TITULAIRE), montant=500000)},
    ]
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(modifications=modifications))).enregistrements
    assert rules_of(record) == []
    view = hub.marche(record)
    assert [holder.id for holder in view.titulaires] == [AUTRE_TITULAIRE]
    assert (view.typeGroupementOperateurs, len(view.modifications)) == ("Pas de groupement", 2)
    done = completed_in(record)
    assert done["modifications[0].typeGroupementOperateurs"] == "Conjoint"
    assert done["modifications[0].titulaires[1].role"] == "co-traitant"
    assert done["modifications[1].typeGroupementOperateurs"] == "Pas de groupement"
    assert f"Fournisseur {AUTRE_TITULAIRE}" in done["modifications[0].titulaires[1].denominationSociale"]


def test_holders_named_again_are_no_change(hub: Hub, tmp_path: Path) -> None:
    modifications = [{"modification": _amendment(1, "2026-05-01", titulaires=_holders(TITULAIRE), montant=400000.25)}]
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(modifications=modifications))).enregistrements
    assert (
        "Modification n° 1 non reprise : elle ne change ni le montant, ni la durée, ni les titulaires."
        in record.avertissements
    )
    assert hub.marche(record).modifications == ()


def test_a_property_that_2_0_2_allowed_is_left_out_and_said(hub: Hub, tmp_path: Path) -> None:
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(_type="Marché"))).enregistrements
    assert record.resultat is Outcome.COMPLETE
    assert "La propriété _type, permise jusqu'au format 2.0.2, n'est pas reprise." in record.avertissements


def test_an_amendment_before_the_notification_is_taken_with_a_warning(hub: Hub, tmp_path: Path) -> None:
    modifications = [{"modification": _amendment(1, "2025-05-01", montant=410000)}]
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(modifications=modifications))).enregistrements
    assert rules_of(record) == []
    assert any("2025-05-01" in sentence for sentence in record.avertissements)
    assert [item.id for item in hub.marche(record).modifications] == [1]


def test_a_long_framework_and_a_subsequent_marche_get_what_the_decp_lacks(hub: Hub, tmp_path: Path) -> None:
    path = json_file(
        tmp_path / "decp.json",
        changed(techniques={"technique": ["Accord-cadre"]}, dureeMois=60),
        changed(id="2026MS001", idAccordCadre="2026DM001"),
    )
    framework, subsequent = hub.run(path).enregistrements
    assert completed_in(framework)["justificationDuree"] == "Justification non reprise par la source importée"
    assert completed_in(framework)["complements.montantEstimatif"] == "oui"
    assert completed_in(subsequent)["complements.siretPAAccordCadre"] == ACHETEUR
    assert hub.marche(subsequent).complements.natureMarche == "05"


@pytest.mark.parametrize(
    ("number", "contract"),
    [
        ("2026DM001", "2026DM001"),
        ("DM-001", "2026DM001"),
        ("2026000111202400", "20260001112024"),  # former format: the amendment's two digits go
        ("2025-000111202-A", "2026000111202A"),
        ("ABCDEFGHIJKLMNOP", "2026GHIJKLMNOP"),
    ],
)
def test_a_number_too_long_for_the_pes_gets_a_marked_contract_number(
    hub: Hub, tmp_path: Path, number: str, contract: str
) -> None:
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(id=number))).enregistrements
    assert hub.marche(record).complements.idContrat == contract
    marked = number not in ("2026DM001", "DM-001")
    assert ("complements.idContrat" in completed_in(record)) is marked


def test_blanks_and_control_characters_of_a_text_are_removed_and_said(hub: Hub, tmp_path: Path) -> None:
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(objet=" Gants\u0007 stériles\n"))).enregistrements
    assert hub.marche(record).objet == "Gants  stériles"
    assert "objet : blancs de bord ou caractères de contrôle retirés." in record.avertissements


def test_numbers_written_as_decimals_are_integers(hub: Hub, tmp_path: Path) -> None:
    (record,) = hub.run(json_file(tmp_path / "decp.json", changed(dureeMois=24.0, offresRecues=3.0))).enregistrements
    view = hub.marche(record)
    assert (view.dureeMois, view.offresRecues) == (24, 3)


def test_members_of_the_file_around_the_marches_do_not_shift_places(hub: Hub, tmp_path: Path) -> None:
    path = tmp_path / "decp.json"
    marche = json.dumps(changed(), ensure_ascii=False)
    bad = json.dumps(changed(id="2026DM002", nature="?"), ensure_ascii=False)
    path.write_text(
        '\ufeff{ "producteur" : {"nom":"}]{ \\" fictif"},\n"marches":{"note":[1,2],\n"marche":[\n'
        f'{marche} ,\n{bad}\n]}} ,"fin":null}}',
        "utf-8",
    )
    good, refused = hub.run(path).enregistrements
    assert (good.ligne, good.resultat) == (4, Outcome.COMPLETE)
    assert (refused.ligne, refused.motifs[0].ligne, refused.place) == (5, 5, "$.marches.marche[1]")


def _amendment(number: int, day: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "dateNotificationModification": day,
        "datePublicationDonneesModification": day,
        **changes,
    }
