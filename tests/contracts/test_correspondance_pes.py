"""From a PES block to the DECP: initial state, amendments, subcontracting, and a document for every declared loss."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

import contracts
from contracts.correspondance import Converted, decp_of_pes, table

PES = "dgfip/pes-marche/5.30"
EXAMPLES = contracts.get(PES).folder / "examples" / "valid"
Edit = Callable[[etree._Element], None]


def put(path: str, value: str) -> Edit:
    def edit(block: etree._Element) -> None:
        found = block.findall(path)
        assert found, path
        for element in found:
            element.set("V", value)

    return edit


def drop(path: str) -> Edit:
    def edit(block: etree._Element) -> None:
        found = block.findall(path)
        assert found, path
        for element in found:
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)

    return edit


def of(name: str, *edits: Edit, path: str = "PES_Marche/Marches/Marche") -> Converted:
    """The first contract of an example, after some edits."""
    root = contracts.xml.parse((EXAMPLES / f"{name}.xml").read_bytes()).getroot()
    block = root.find(path)
    assert block is not None
    for edit in edits:
        edit(block)
    return every(root)[0]


def every(root: etree._Element) -> tuple[Converted, ...]:
    """The contracts of a document."""
    body = etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True)
    assert isinstance(body, bytes)
    return decp_of_pes(body)


ACT_SHARE = ".//VentilationSousTraitantPaiementDirect"
DECLARED = "ModificationsMarche/DeclarationSousTraitancePaiementDirect"
CONCESSION = "PES_Marche/Concessions/Concession"


@pytest.mark.parametrize(
    ("loss", "made"),
    [
        ("nature-detaillee", lambda: of("marche-mono", put("NatureMarche", "06"))),
        ("nature-detaillee", lambda: of("marche-mono", put("NatureMarche", "07"))),
        ("procedure-negociee", lambda: of("marche-mono", put("ProcedureMarche", "05"))),
        ("procedure-concours", lambda: of("marche-mono", put("ProcedureMarche", "08"))),
        ("procedure-sad", lambda: of("marche-mono", put("ProcedureMarche", "09"))),
        ("modalite-detaillee", lambda: of("marche-mono", put("ConditionsExecution/ModaliteExecution", "05"))),
        ("modalite-detaillee", lambda: of("marche-mono", put("ConditionsExecution/ModaliteExecution", "06"))),
        ("acheteurs", lambda: of("complet")),
        ("forme-prix-par-titulaire", lambda: of("complet")),
        ("comptable", lambda: of("marche-mono")),
        ("noms", lambda: of("marche-mono")),
        ("lieu-nom", lambda: of("marche-mono")),
        ("modification-objet", lambda: of("avenant-montant-duree")),
        ("titulaires-initiaux", lambda: of("complet")),
        ("groupement-modifie", lambda: of("complet")),
        (
            "modifications-anterieures",
            lambda: of("avenant-montant-duree", put("IdentifiantMarche/NumeroOrdreModification", "07")),
        ),
        ("acte-incomplet", lambda: of("complet")),
        ("acte-prix-provisoire", lambda: of("complet", put(f"{DECLARED}/VariationPrix", "04"))),
        (
            "modification-acte-sans-acte",
            lambda: of("complet", put(f"{DECLARED}/VariationPrix", "04")),
        ),
        ("concession-lieu", lambda: of("concession", path=CONCESSION)),
    ],
)
def test_each_loss_is_said_of_a_document_that_makes_it(loss: str, made: Callable[[], Converted]) -> None:
    assert loss in made().loss_ids()


def test_every_loss_from_the_pes_has_its_document_above() -> None:
    marks = test_each_loss_is_said_of_a_document_that_makes_it.pytestmark  # type: ignore[attr-defined]
    shown = {loss for loss, _ in marks[0].args[1]}
    assert shown >= {
        said.id for said in table().losses.values() if said.sens in ("pes-decp", "les deux", "vers decp")
    } - {"profil-acheteur"}


def test_a_marche_without_anything_to_lose_loses_only_what_no_decp_holds() -> None:
    assert of("marche-mono").loss_ids() == {"comptable", "noms", "lieu-nom"}


def test_the_technique_of_a_concours_and_of_a_sad_comes_from_the_procedure() -> None:
    contest, dynamic = (of("marche-mono", put("ProcedureMarche", code)) for code in ("08", "09"))
    assert (contest.data["techniques"], contest.data["procedure"]) == (
        ["Concours"],
        "Marché passé sans publicité ni mise en concurrence préalable",
    )
    assert (dynamic.data["techniques"], dynamic.data["procedure"]) == (
        ["Système d'acquisition dynamique"],
        "Appel d'offres restreint",
    )


@pytest.mark.parametrize(
    ("nature", "modalite", "techniques", "modalites"),
    [
        ("01", "01", ["Sans objet"], ["Sans objet"]),
        ("01", "04", ["Sans objet"], ["Tranches", "Bons de commande"]),
        ("03", "01", ["Accord-cadre"], ["Bons de commande"]),
        ("03", "03", ["Accord-cadre"], ["Tranches", "Bons de commande"]),
        ("04", "01", ["Accord-cadre"], ["Marchés subséquents"]),
        ("04", "02", ["Accord-cadre"], ["Bons de commande", "Marchés subséquents"]),
    ],
)
def test_nature_and_modality_together_say_techniques_and_modalities(
    nature: str, modalite: str, techniques: list[str], modalites: list[str]
) -> None:
    made = of("marche-mono", put("NatureMarche", nature), put("ConditionsExecution/ModaliteExecution", modalite))
    assert (made.data["techniques"], made.data["modalitesExecution"]) == (techniques, modalites)


def test_what_was_notified_is_the_present_state_less_the_differences() -> None:
    made = of("complet")
    # 100 000 € and 30 months now, after an amendment of -10 000 € and +6 months.
    assert (made.data["montant"], made.data["dureeMois"]) == (Decimal("110000.00"), 24)
    first = made.data["modifications"][0]
    assert first == {
        "id": 1,
        "dateNotificationModification": "2026-08-25",
        "datePublicationDonneesModification": "2026-09-01",
        "dureeMois": 30,
        "montant": Decimal("100000.00"),
    }
    assert [change["id"] for change in made.data["modifications"]] == [1, 2, 3]
    assert [holder["id"] for holder in made.data["modifications"][2]["titulaires"]] == ["99988801900018", "DE999999999"]
    assert made.objets == ["Prolongation et augmentation", "Sans incidence financière", "Entrée de deux co-traitants"]


def test_two_blocks_of_one_amendment_are_one_modification() -> None:
    made = of("complet", put("ModificationsMarche/ModificationTitulaire/NumeroActe", "01"))
    assert [change["id"] for change in made.data["modifications"]] == [1, 2]
    assert {"montant", "dureeMois", "titulaires"} <= set(made.data["modifications"][0])


def test_an_act_is_said_with_its_duration_price_and_amount_and_its_modification_with_the_new_total() -> None:
    made = of("complet")
    first = made.data["actesSousTraitance"][0]
    assert first == {
        "id": 1,
        "sousTraitant": {"typeIdentifiant": "SIRET", "id": "99988804300018"},
        "dureeMois": 12,
        "dateNotification": "2026-08-25",
        "datePublicationDonnees": "2026-08-25",
        "montant": Decimal("5000.00"),
        "variationPrix": "Actualisable",
    }
    (change,) = made.data["modificationsActesSousTraitance"]
    assert (change["id"], change["montant"], change["dureeMois"]) == (1, Decimal("4900.00"), 10)


def test_an_act_with_no_declaration_was_there_at_the_notification() -> None:
    made = of("complet", drop(DECLARED))
    first = made.data["actesSousTraitance"][0]
    # Its share is 5 000 € now, of which the later modification took off 100 €.
    assert (first["dateNotification"], first["montant"]) == (made.data["dateNotification"], Decimal("5100.00"))
    assert "actesSousTraitance[0].dateNotification" in {item.champ for item in made.completions}


def test_an_act_that_a_modification_brings_to_nothing_is_left_without_its_amount() -> None:
    delta = "ModificationsMarche/ModificationSousTraitancePaiementDirect/DeltaMontantHTNotifie"
    made = of("complet", put(delta, "-5000.00"))
    assert "montant" not in made.data["modificationsActesSousTraitance"][0]
    assert "acte-incomplet" in made.loss_ids()


OPTIONAL: dict[str, tuple[list[Edit], dict[str, Any]]] = {
    "published": ([drop("DatePublicationDonnees")], {"datePublicationDonnees": "2026-03-01"}),
    "offers": ([drop("ConditionsExecution/NbTotalPropositionsRecu")], {"offresRecues": 1}),
    "ccag": ([drop("ConditionsExecution/CCAGReference")], {"ccag": "Pas de CCAG"}),
    "group": (
        [drop("ConditionsExecution/TypeGroupement"), drop("ConditionsExecution/NbEntreprisesGroupees")],
        {"typeGroupementOperateurs": "Conjoint"},
    ),
    "innovation": ([drop("ConditionsExecution/MarcheInnovant")], {"marcheInnovant": False}),
}


@pytest.mark.parametrize("name", OPTIONAL)
def test_what_the_pes_may_leave_out_is_completed_and_said(name: str) -> None:
    edits, expected = OPTIONAL[name]
    made = of("complet", *edits)
    for champ, value in expected.items():
        assert made.data[champ] == value
        assert champ in {item.champ for item in made.completions}


def test_subcontracting_and_advance_of_5_17_are_read_from_other_blocks() -> None:
    conditions = "ConditionsExecution"
    without = [drop(f"{conditions}/{name}") for name in ("SousTraitanceDeclaree", "AttributionAvance", "TauxAvance")]
    made = of("complet", *without)
    assert (made.data["sousTraitanceDeclaree"], made.data["attributionAvance"]) == (True, True)
    one_rate = put(".//ConditionsExecutionTitulaire/PourcentageAvance", "5.00")
    assert of("complet", *without, one_rate).data["tauxAvance"] == Decimal("0.05")


def test_the_authority_is_the_pa_when_there_is_one_else_the_first_buyer() -> None:
    assert of("complet").data["acheteur"] == {"id": "18999903000019"}
    assert of("complet", drop("PA")).data["acheteur"] == {"id": "26999901700016"}
    assert "acheteurs" not in of("marche-mono").loss_ids()


@pytest.mark.parametrize(
    ("refusal", "edit"),
    [
        ("CONV-IMMATRICULATION", put("Operateurs/Titulaire/NatIdTitulaire", "09")),
        ("CONV-IMMATRICULATION", put("ModificationsMarche/ModificationTitulaire/Titulaires/Titulaire/NatId", "09")),
        ("CONV-PROCEDURE-AUTRE", put("ProcedureMarche", "10")),
        ("CONV-OPERATEURS", drop("Operateurs")),
        ("CONV-MONTANT", put("ModificationsMarche/ModificationMontantDuree/DeltaMontantHTNotifie", "100000.00")),
    ],
)
def test_what_the_decp_has_no_word_for_is_refused(refusal: str, edit: Edit) -> None:
    assert refusal in {said.id for said, _ in of("complet", edit).refusals}


def test_a_concession_takes_its_authority_from_the_header() -> None:
    made = of("concession", path=CONCESSION)
    assert made.data["autoriteConcedante"] == {"id": "26999901700016"}
    assert (made.data["nature"], made.data["procedure"]) == (
        table().lists["natureConcession"].pes["02"],
        table().lists["procedureConcession"].pes["01"],
    )
    assert {item.champ for item in made.completions} >= {"considerationsSociales", "considerationsEnvironnementales"}


def test_a_concession_without_dates_of_publication_has_them_completed() -> None:
    made = decp_of_pes((EXAMPLES / "complet.xml").read_bytes())[1]
    assert [change["valeurGlobale"] for change in made.data["modifications"]] == [Decimal("990000.00")]
    root = contracts.xml.parse((EXAMPLES / "complet.xml").read_bytes()).getroot()
    block = root.find(CONCESSION)
    assert block is not None
    for name in ("DatePublicationDonneesExecution", "DatePublicationDonneesModification", "DatePublicationDonnees"):
        drop(f".//{name}")(block)
    made = every(root)[1]
    assert made.data["donneesExecution"][0]["datePublicationDonneesExecution"] == made.data["datePublicationDonnees"]
    assert made.data["modifications"][0]["datePublicationDonneesModification"] == "2026-09-01"
    assert len(made.completions) >= 5
