"""What a marché becomes in a PES Marché file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

import contracts
from semaphore_hub.ports.events import MARCHE_CORRIGE, MARCHE_CREE, MARCHE_MODIFIE
from semaphore_hub.ports.outcomes import Unsupported
from tests.connectors.dgfip.builders import (
    BUYER,
    FOLDER,
    GOLDEN,
    PARTY,
    connector,
    context,
    establishment,
    event,
    golden_case,
    holders,
    marche,
    modification,
    supplier,
    translate,
    values,
)
from tests.shared import shared_path

CASES = sorted(path.name.removesuffix(".event.json") for path in GOLDEN.glob("*.event.json"))
FRAMEWORK = {"natureMarche": "05", "siretPAAccordCadre": PARTY, "idContrat": "2026MS007"}


def group(*shares: str | None, **changes: Any) -> dict[str, Any]:
    """A marché held by a group."""
    return marche(typeGroupementOperateurs="Conjoint", titulaires=holders(*shares), **changes)


@pytest.mark.parametrize("name", CASES)
def test_a_golden_event_gives_the_golden_bytes(name: str) -> None:
    what, where, expected = golden_case(name)
    for channel in ("api", "file"):
        assert translate(what, where, channel).body == expected


@pytest.mark.parametrize("name", CASES)
def test_a_golden_file_satisfies_its_contract_without_a_finding(name: str) -> None:
    what, where, _ = golden_case(name)
    message = translate(what, where)
    assert contracts.validate(message.contract, message.body).findings == ()


@pytest.mark.parametrize("name", CASES)
def test_a_golden_file_is_valid_against_the_official_schema(name: str) -> None:
    what, where, expected = golden_case(name)
    version = {"5.17": "xsd-v5.17", "5.30": "xsd-v5.30-reconstruit"}[translate(what, where).contract.rpartition("/")[2]]
    schema = etree.XMLSchema(file=str(shared_path("standards", "pes", version, "PES_V2", "Rev0", "PES_Aller.xsd")))
    schema.assertValid(etree.fromstring(expected))


def test_there_is_a_golden_case_for_each_kind_of_message() -> None:
    assert {"initial", "avenant", "correction", "accord_cadre", "marche_subsequent", "groupement"} <= set(CASES)


def test_the_message_names_itself_as_the_file_transfer_wants() -> None:
    message = translate(event(), context(ordinal=7))
    assert message.filename == message.reference == f"PESALR2_{BUYER}_260302_007.xml"
    assert message.business_ref == "2026DM001-001"
    assert message.contract == "dgfip/pes-marche/5.17"
    assert message.headers == {"X-Nom-Fichier": message.filename, "X-P-Msg": "PES#010#099001#00"}
    assert translate(event(), context(ordinal=1234)).filename.endswith("_1234.xml")
    assert translate(event(), channel="file").headers == {}


def test_the_file_is_latin_1_and_says_so() -> None:
    body = translate(event()).body
    assert body.startswith(b"<?xml version='1.0' encoding='ISO-8859-1'?>")
    assert "dispositifs médicaux stériles".encode("latin-1") in body


@pytest.mark.parametrize(
    ("type_", "sequence", "replaces_rejected", "flag"),
    [
        (MARCHE_CORRIGE, 2, False, "1"),
        (MARCHE_CORRIGE, 2, True, "0"),
        (MARCHE_CORRIGE, 1, False, "0"),
        (MARCHE_MODIFIE, 2, False, "0"),
    ],
)
def test_only_a_correction_of_an_integrated_sequence_is_flagged_as_such(
    type_: str, sequence: int, replaces_rejected: bool, flag: str
) -> None:
    message = translate(event(type_=type_), context(sequence, replaces_rejected=replaces_rejected))
    assert values(message, "IdentifiantMarche/CaractereCorrectifEnregistrement") == [flag]
    assert values(message, "IdentifiantMarche/SequenceEnvoi") == [str(sequence)]


def test_every_modification_is_told_with_its_new_value_and_its_difference() -> None:
    second = modification(2, montant=None, deltaMontant=None, dureeMois=28, deltaDureeMois=-2, objet="Moins long")
    data = marche(montant="220000.00", dureeMois=28, modifications=[second, modification(1)])
    message = translate(event(data, MARCHE_MODIFIE), context(3))
    assert values(message, "IdentifiantMarche/NumeroOrdreModification") == ["02"]
    block = "ModificationsMarche/ModificationMontantDuree/"
    assert values(message, block + "NumeroActe") == ["01", "02"]
    assert values(message, block + "MontantHTNotifie") == ["220000.00"]
    assert values(message, block + "DeltaMontantHTNotifie") == ["20000.00"]
    assert values(message, block + "DureeEnMois") == ["30", "28"]
    assert values(message, block + "DeltaDureeEnMois") == ["6", "-2"]
    assert contracts.validate(message.contract, message.body).valid


def test_a_modification_without_its_difference_is_not_guessed() -> None:
    data = marche(modifications=[modification(deltaMontant=None)])
    with pytest.raises(Unsupported, match="n° 1"):
        translate(event(data, MARCHE_MODIFIE), context(2))


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Code postal", "01"),
        ("Code commune", "02"),
        ("Code canton", "03"),
        ("Code arrondissement", "04"),
        ("Code département", "05"),
        ("Code région", "06"),
        ("Code pays", "07"),
    ],
)
def test_the_kind_of_place_follows_the_pes_order_not_the_decp_order(label: str, code: str) -> None:
    message = translate(event(marche(lieuExecution={"code": "99001", "typeCode": label})))
    assert values(message, "LieuExecution/TypeCode") == [code]


@pytest.mark.parametrize(
    ("modalites", "code", "lossy"),
    [
        (["Sans objet"], "01", False),
        (["Bons de commande"], "02", False),
        (["Tranches"], "03", False),
        (["Tranches", "Bons de commande"], "04", False),
        (["Marchés subséquents"], "05", True),
        (["Marchés subséquents", "Bons de commande"], "02", True),
    ],
)
def test_the_mode_of_execution_has_one_code(modalites: list[str], code: str, lossy: bool) -> None:
    message = translate(event(marche(modalitesExecution=modalites)))
    assert values(message, "ConditionsExecution/ModaliteExecution") == [code]
    assert ("modalite-execution" in message.losses) is lossy


@pytest.mark.parametrize(
    ("types", "code", "lossy"),
    [
        (["Définitif ferme"], "01", False),
        (["Définitif actualisable"], "02", False),
        (["Définitif révisable"], "03", False),
        (["Provisoire"], "04", False),
        (["Définitif ferme", "Définitif révisable"], "03", True),
    ],
)
def test_several_price_types_become_the_most_variable_and_a_declared_loss(
    types: list[str], code: str, lossy: bool
) -> None:
    message = translate(event(marche(typesPrix=types)))
    assert values(message, "Operateurs/Titulaire/ConditionsExecutionTitulaire/VariationPrix") == [code]
    assert ("types-prix" in message.losses) is lossy


def test_the_ccag_of_project_management_exists_only_since_5_30() -> None:
    data = marche(ccag="Maitrise d'œuvre")
    old, new = translate(event(data)), translate(event(data), context(versionPES="5.30"))
    assert values(old, "ConditionsExecution/CCAGReference") == []
    assert "ccag-maitrise-oeuvre" in old.losses
    assert values(new, "ConditionsExecution/CCAGReference") == ["07"]
    assert new.losses == ()


def test_what_5_30_adds_is_a_declared_loss_in_5_17() -> None:
    data = marche(
        techniques=["Accord-cadre"],
        marcheInnovant=True,
        origineUE="0.5",
        considerationsSociales=["Marché réservé"],
    )
    old, new = translate(event(data)), translate(event(data), context(versionPES="5.30"))
    assert old.losses == ("donnees-5.30",)
    assert new.losses == ()
    assert values(new, "ConditionsExecution/TechniquesAchat/TechniqueAchat") == ["01"]
    assert values(new, "ConditionsExecution/ConsiderationsSociales/ConsiderationSociale") == ["03"]
    assert values(new, "ConditionsExecution/OrigineUE") == ["0.50"]
    assert contracts.validate(new.contract, new.body).valid


def test_long_texts_are_cut_and_declared() -> None:
    message = translate(event(marche(objet="x" * 300)))
    assert values(message, "Objet") == ["x" * 256]
    assert message.losses == ("texte-tronque",)
    holder = {"role": "titulaire", "fournisseur": {**supplier(), "denominationSociale": "É" * 60}}
    message = translate(event(marche(titulaires=[holder])))
    assert values(message, "Operateurs/Titulaire/DenominationSociale") == ["É" * 38]
    assert message.losses == ("texte-tronque",)


def test_beneficiaries_other_than_the_buyer_are_a_declared_loss() -> None:
    message = translate(event(marche(beneficiaires=[establishment(PARTY, "CH FICTIF DE MONTVAL", "partie")])))
    assert values(message, "Acheteurs/Acheteur/IdAcheteur") == [BUYER]
    assert message.losses == ("beneficiaires",)


def test_a_buyer_that_is_not_the_budget_is_named_as_contracting_authority() -> None:
    message = translate(event(marche(acheteur=establishment(PARTY, "CENTRALE FICTIVE", "support"))))
    assert values(message, "PA/IdPA") == [PARTY]
    assert values(message, "Acheteurs/Acheteur/IdAcheteur") == [BUYER]
    assert values(message, "VentilationsAcheteurs/VentilationAcheteur/IdAcheteur") == [BUYER]
    assert contracts.validate(message.contract, message.body).valid


@pytest.mark.parametrize(("missing", "words"), [("compteBancaire", "compte bancaire"), ("adresse", "adresse")])
def test_a_supplier_without_account_or_address_cannot_be_told_and_the_sentence_says_what_to_complete(
    missing: str, words: str
) -> None:
    incomplete = {key: value for key, value in supplier().items() if key != missing}
    data = marche(titulaires=[{"role": "titulaire", "fournisseur": incomplete}])
    with pytest.raises(Unsupported) as caught:
        translate(event(data))
    assert words in caught.value.reason
    assert "FOURNITURES FICTIVES 1 SAS (99988801900018)" in caught.value.reason
    assert "complétez" in caught.value.reason


@pytest.mark.parametrize(
    ("kind", "identifier", "code"),
    [
        ("TVA", "BE0999999999", "05"),
        ("HORS-UE", "CHFOURNITURESFICTI", "06"),
        ("TAHITI", "999999999", "07"),
        ("RIDET", "9999999999", "08"),
        ("FRWF", "FRWFFOURNITUREFICT", "10"),
        ("IREP", "99999LIEUNOMPRENOM", "11"),
    ],
)
def test_each_kind_of_identifier_has_its_code(kind: str, identifier: str, code: str) -> None:
    foreign = {**supplier(), "typeIdentifiant": kind, "id": identifier}
    message = translate(event(marche(titulaires=[{"role": "titulaire", "fournisseur": foreign}])))
    assert values(message, "Operateurs/Titulaire/NatIdTitulaire") == [code]
    report = contracts.validate(message.contract, message.body)
    assert report.valid, report.findings


def test_an_identifier_too_short_for_the_pes_is_refused_before_it_is_sent() -> None:
    short = {**supplier(), "typeIdentifiant": "TVA", "id": "BE123"}
    with pytest.raises(Unsupported, match="de 9 à 100"):
        translate(event(marche(titulaires=[{"role": "titulaire", "fournisseur": short}])))


def test_a_supplier_abroad_gets_the_reserved_postcode_and_its_own_before_the_town() -> None:
    abroad = {
        **supplier(),
        "adresse": {"voie": "1 RUE X", "codePostal": "B-1000", "ville": "FICTIF", "codePays": "131"},
    }
    message = translate(event(marche(titulaires=[{"role": "titulaire", "fournisseur": abroad}])))
    address = "Operateurs/Titulaire/Adresse/"
    assert [values(message, address + tag) for tag in ("CP", "Ville", "CodRes", "CodPays")] == [
        ["99999"],
        ["B-1000 FICTIF"],
        ["1"],
        ["131"],
    ]
    assert contracts.validate(message.contract, message.body).valid


def test_a_subsequent_marche_must_quote_its_framework_and_its_authority() -> None:
    with pytest.raises(Unsupported, match="accord-cadre"):
        translate(event(marche(complements=FRAMEWORK)))
    with pytest.raises(Unsupported, match="accord-cadre"):
        translate(event(marche(idAccordCadre="2025AC012", complements={**FRAMEWORK, "siretPAAccordCadre": None})))
    with pytest.raises(Unsupported, match="5 à 14"):
        translate(event(marche(idAccordCadre="2025ACCORDCADRE1", complements=FRAMEWORK)))


def test_a_framework_number_that_does_not_fit_is_a_loss_when_it_is_only_a_mention() -> None:
    message = translate(event(marche(idAccordCadre="AC1")))
    assert values(message, "ConditionsExecution/IdAccordCadre") == []
    assert message.losses == ("accord-cadre",)


def test_the_buyers_own_number_is_a_loss_when_it_is_not_the_pes_number() -> None:
    assert translate(event(marche(id="MP-26-17"))).losses == ("numero-interne",)


def test_a_group_counts_its_members_and_a_single_holder_does_not() -> None:
    path = "ConditionsExecution/NbEntreprisesGroupees"
    assert values(translate(event(group("150000.00", "50000.00"))), path) == ["2"]
    assert values(translate(event()), path) == []


@pytest.mark.parametrize(
    ("shares", "expected", "lossy"),
    [
        (("150000.00", "50000.00"), ["150000.00", "50000.00"], False),
        (("150000.00", None), ["150000.00", "50000.00"], True),
        ((None, None, None), ["66666.68", "66666.66", "66666.66"], True),
    ],
)
def test_shares_add_up_to_the_cent_and_an_estimate_is_declared(
    shares: tuple[str | None, ...], expected: list[str], lossy: bool
) -> None:
    message = translate(event(group(*shares)))
    path = "VentilationsAcheteurs/VentilationAcheteur/VentilationsTitulaire/VentilationTitulaire/MontantHTNotifie"
    assert values(message, path) == expected
    assert sum(map(Decimal, expected)) == Decimal("200000.00")
    assert ("repartition-titulaires" in message.losses) is lossy
    assert contracts.validate(message.contract, message.body).valid


def test_after_an_amendment_former_shares_follow_the_new_total() -> None:
    data = group("150000.00", "50000.00", montant="220000.00", dureeMois=30, modifications=[modification()])
    message = translate(event(data, MARCHE_MODIFIE), context(2))
    path = "VentilationsAcheteurs/VentilationAcheteur/VentilationsTitulaire/VentilationTitulaire/MontantHTNotifie"
    assert values(message, path) == ["165000.00", "55000.00"]
    assert "repartition-titulaires" in message.losses


@pytest.mark.parametrize("shares", [("150000.00", "60000.00"), ("200000.00", None), ("1.00", "2.00")])
def test_shares_that_contradict_the_amount_are_refused(shares: tuple[str | None, ...]) -> None:
    with pytest.raises(Unsupported, match="somme"):
        translate(event(group(*shares)))


def test_a_label_without_code_is_refused_with_the_list_of_what_is_allowed() -> None:
    with pytest.raises(Unsupported, match="CCAGReference") as caught:
        translate(event(marche(ccag="CCAG inconnu")))
    assert "Travaux" in caught.value.reason


def test_sequences_and_modifications_have_an_end() -> None:
    with pytest.raises(Unsupported, match="999"):
        translate(event(), context(1000))
    with pytest.raises(Unsupported, match="99"):
        translate(event(marche(modifications=[modification(100)])), context(2))


def test_an_event_that_is_not_about_a_published_state_is_not_said() -> None:
    with pytest.raises(Unsupported):
        connector().translate(event(type_=MARCHE_CREE), "api", context())


def test_the_same_event_and_context_give_the_same_bytes() -> None:
    assert translate(event(group("150000.00", None))).body == translate(event(group("150000.00", None))).body


def test_every_loss_that_can_be_made_is_declared_in_the_manifest() -> None:
    declared = {loss.id for loss in connector().manifest.losses}
    source = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    assert declared == {loss for loss in declared if f'"{loss}"' in source}
