"""From the former DECP and the DGFiP's open data: what is translated, completed, lost or refused, value by value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

import contracts
from tests.contracts.conversions import JSON, XML, completions, converted, example, former, losses, one, refusals

# --- 1.5.0 ------------------------------------------------------------------------------------------------------------


def test_a_marche_of_1_5_0_is_translated_completed_and_says_what_is_lost() -> None:
    said, made = one("daj/decp-json/1.5.0", former("1.5.0"))
    assert made is not None
    assert (made["nature"], made["techniques"]) == ("Marché", {"technique": ["Accord-cadre"]})
    assert (made["typesPrix"], made["dateNotification"]) == ({"typePrix": ["Définitif révisable"]}, "2021-03-01")
    assert made["modifications"][0]["modification"] == {
        "id": 1,
        "dateNotificationModification": "2021-09-01",
        "datePublicationDonneesModification": "2021-09-15",
        "montant": 130000,
        "dureeMois": 30,
    }
    assert completions(said) == {
        "formePrix": "Mixte",
        "modalitesExecution": "Sans objet",
        "marcheInnovant": "non",
        "ccag": "Pas de CCAG",
        "offresRecues": "1",
        "attributionAvance": "non",
        "sousTraitanceDeclaree": "non",
        "considerationsSociales": "Pas de considération sociale",
        "considerationsEnvironnementales": "Pas de considération environnementale",
        "typeGroupementOperateurs": "Pas de groupement",
        "modifications[0].id": "1",
    }
    assert losses(said) == {"noms", "lieu-nom", "modification-objet", "date-decalage"}
    assert said.converted is not None
    assert said.converted.names["26999901700016"] == "CH Fictif de Valmont"
    assert said.converted.objets == ["Ajout de références"]


HOLDER = {"typeIdentifiant": "SIRET", "id": "99988801900018", "denominationSociale": "Fictif SAS"}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"montant": 0}, ("CONV-MONTANT", "$.montant")),
        ({"montant": 0.99}, ("CONV-MONTANT", "$.montant")),
        ({"dateNotification": "2021-02-30"}, ("CONV-DATE", "$.dateNotification")),
        (
            {"titulaires": [{**HOLDER, "typeIdentifiant": "UE", "id": "12"}]},
            ("CONV-IDENTIFIANT-UE", "$.titulaires[0]"),
        ),
        (
            {
                "modifications": [
                    {
                        "objetModification": "x",
                        "dateNotificationModification": "2021-09-01",
                        "datePublicationDonneesModification": "2021-09-15",
                        "montant": -5,
                    }
                ]
            },
            ("CONV-MONTANT", "$.modifications[0].montant"),
        ),
    ],
)
def test_what_1_5_0_allowed_and_nothing_can_replace_is_refused(
    changes: dict[str, Any], refusal: tuple[str, str]
) -> None:
    said, made = one("daj/decp-json/1.5.0", former("1.5.0", **changes))
    assert (said.written, made) == (False, None)
    assert refusals(said) == [refusal]


@pytest.mark.parametrize(
    ("changes", "loss", "field", "value"),
    [
        ({"nature": "Marché subséquent"}, "accord-cadre-inconnu", "nature", "Marché"),
        (
            {"titulaires": [{**HOLDER, "typeIdentifiant": "UE", "id": "DE999999999"}]},
            "type-ue",
            "titulaires",
            [{"titulaire": {"typeIdentifiant": "TVA", "id": "DE999999999"}}],
        ),
        (
            {"titulaires": [HOLDER, {**HOLDER, "denominationSociale": "Fictif"}]},
            "titulaire-repete",
            "titulaires",
            [{"titulaire": {"typeIdentifiant": "SIRET", "id": "99988801900018"}}],
        ),
    ],
)
def test_what_1_5_0_said_otherwise_is_translated_and_said(
    changes: dict[str, Any], loss: str, field: str, value: Any
) -> None:
    said, made = one("daj/decp-json/1.5.0", former("1.5.0", **changes))
    assert made is not None
    assert loss in losses(said)
    assert made[field] == value


def test_the_former_file_of_the_dgfip_keeps_its_profile_and_completes_its_publication() -> None:
    root = contracts.xml.parse(example("dgfip/opendata/1.5.0", "marche.xml").read_bytes()).getroot()
    marche = root[0]
    published = marche.find("datePublicationDonnees")
    assert published is not None
    marche.remove(published)
    (said,), result = converted("dgfip/opendata/1.5.0", etree.tostring(root, encoding="utf-8"))
    assert result["marche"][0]["datePublicationDonnees"] == "2021-03-01"
    assert completions(said)["datePublicationDonnees"] == "2021-03-01"
    assert said.converted is not None
    assert said.converted.complements["urlProfilAcheteur"].startswith("https://")
    assert "profil-acheteur" in losses(said)


# --- 2.0.0 and 2.0.1 --------------------------------------------------------------------------------------------------


def test_a_marche_of_2_0_0_is_the_same_in_other_words() -> None:
    said, made = one("daj/decp-json/2.0.0", former("2.0.0"))
    assert made is not None
    assert (losses(said), completions(said)) == (set(), {})
    assert made["modalitesExecution"] == {"modaliteExecution": ["Bons de commande"]}
    assert made["considerationsSociales"] == {"considerationSociale": ["Pas de considération sociale"]}
    assert made["typeGroupementOperateurs"] == "Pas de groupement"
    assert "idAccordCadre" not in made
    change = made["modificationsActesSousTraitance"][0]["modificationActeSousTraitance"]
    assert change["dateNotificationModificationSousTraitance"] == "2023-08-01"


@pytest.mark.parametrize(
    ("changes", "field", "value", "said_losses"),
    [
        ({"technique": []}, "techniques", {"technique": ["Sans objet"]}, set()),
        (
            {"technique": ["Système d’acquisition dynamique"]},
            "techniques",
            {"technique": ["Système d'acquisition dynamique"]},
            set(),
        ),
        ({"ccag": None}, "ccag", "Pas de CCAG", set()),
        ({"ccag": "Maîtrise d'œuvre"}, "ccag", "Maitrise d'œuvre", set()),
        (
            {"ccag": "Techniques de l’information et de la communication"},
            "ccag",
            "Techniques de l'information et de la communication",
            set(),
        ),
        ({"typeGroupementOperateurs": "Solidaire"}, "typeGroupementOperateurs", "Solidaire", set()),
        (
            {"modaliteExecution": ["Mixte", "Marché à tranches"]},
            "modalitesExecution",
            {"modaliteExecution": ["Bons de commande", "Marchés subséquents", "Tranches"]},
            {"modalite-mixte"},
        ),
        ({"modifications": []}, "modifications", None, set()),
        ({"origineUE": None, "origineFrance": None}, "origineUE", None, set()),
    ],
)
def test_the_words_of_2_0_0_become_those_of_today(
    changes: dict[str, Any], field: str, value: Any, said_losses: set[str]
) -> None:
    said, made = one("daj/decp-json/2.0.0", former("2.0.0", **changes))
    assert made is not None
    assert made.get(field) == value
    assert losses(said) == said_losses


def test_numbers_counted_from_zero_are_shifted_in_every_list_that_quotes_them() -> None:
    marche = former("2.0.0")
    for name in ("modifications", "actesSousTraitance", "modificationsActesSousTraitance"):
        marche[name][0]["id"] = 0
    said, made = one("daj/decp-json/2.0.0", marche)
    assert made is not None
    assert losses(said) == {"rang-zero"}
    assert [
        made["modifications"][0]["modification"]["id"],
        made["actesSousTraitance"][0]["acteSousTraitance"]["id"],
        made["modificationsActesSousTraitance"][0]["modificationActeSousTraitance"]["id"],
    ] == [1, 1, 1]


@pytest.mark.parametrize("place", ["montant", "actesSousTraitance", "modificationsActesSousTraitance", "modifications"])
def test_an_amount_of_zero_in_2_0_0_is_refused_where_it_stands(place: str) -> None:
    marche = former("2.0.0")
    if place == "montant":
        marche["montant"] = 0
    else:
        marche[place][0]["montant"] = 0
    said, _ = one("daj/decp-json/2.0.0", marche)
    expected = "$.montant" if place == "montant" else f"$.{place}[0].montant"
    assert refusals(said) == [("CONV-MONTANT", expected)]


def test_a_file_of_2_0_1_or_2_0_2_is_read_though_the_present_contract_refuses_it() -> None:
    document = json.loads(example(JSON, "accord_cadre.json").read_text("utf-8"))
    marche = document["marches"]["marche"][0]
    marche |= {"_type": "Marché", "ccag": "Techniques de l’information et de la communication"}
    marche["techniques"] = {"technique": ["Système d’acquisition dynamique"]}
    body = json.dumps(document).encode()
    assert not contracts.validate(JSON, body).valid
    (said,), result = converted(JSON, body)
    assert losses(said) == {"type-2.0.2", "ecriture-2.0.1"}
    assert result["marche"][0]["techniques"] == {"technique": ["Système d'acquisition dynamique"]}
    marche["nature"] = "?"
    (said,), _ = converted(JSON, json.dumps(document).encode())
    assert {finding.path.rpartition(".")[2] for finding in said.findings} >= {"nature", "ccag"}


def test_an_xml_file_of_2_0_1_is_read_too() -> None:
    root = contracts.xml.parse(example(XML, "accord_cadre.xml").read_bytes()).getroot()
    etree.SubElement(root[0], "actesSousTraitance")
    technique = root.find("marche/techniques/technique")
    assert technique is not None
    technique.text = "Système d’acquisition dynamique"
    (said,), _ = converted(XML, etree.tostring(root, encoding="utf-8"))
    assert (said.written, losses(said)) == (True, {"ecriture-2.0.1"})


# --- the DGFiP's open data --------------------------------------------------------------------------------------------


def test_what_is_not_communicated_is_completed_or_left_out_and_said() -> None:
    (said,), result = converted("dgfip/opendata/5.30", example("dgfip/opendata/5.30", "marche.xml").read_bytes())
    (made,) = result["marche"]
    assert completions(said) == {
        "marcheInnovant": "non",
        "offresRecues": "1",
        "sousTraitanceDeclaree": "non",
        "typesPrix": "Définitif ferme",
    }
    assert losses(said) == {"acte-non-communique"}
    assert (made["ccag"], made["attributionAvance"]) == ("Maitrise d'œuvre", True)
    assert {"origineUE", "actesSousTraitance"}.isdisjoint(made)


def opendata(**texts: str) -> bytes:
    """The example of open data, with other texts by name of element."""
    root = contracts.xml.parse(example("dgfip/opendata/5.30", "marche.xml").read_bytes()).getroot()
    for name, text in texts.items():
        for element in root.iter(f"{{*}}{name}"):
            element.text = text
    return etree.tostring(root, encoding="utf-8")


def test_an_act_that_is_communicated_is_kept() -> None:
    body = opendata(dureeMois="12", variationPrix="Ferme", typePrix="Provisoire", attributionAvance="0")
    (said,), result = converted("dgfip/opendata/5.30", body)
    (made,) = result["marche"]
    assert losses(said) == set()
    assert made["actesSousTraitance"][0]["acteSousTraitance"]["variationPrix"] == "Ferme"
    assert (made["typesPrix"], made["attributionAvance"]) == ({"typePrix": ["Provisoire"]}, False)


def test_an_amount_of_zero_of_the_open_data_is_refused() -> None:
    (said,), _ = converted("dgfip/opendata/5.30", opendata(montant="0"))
    assert ("CONV-MONTANT", "$.montant") in refusals(said)


def test_the_modification_of_an_act_left_out_is_left_out_too() -> None:
    root = contracts.xml.parse(opendata()).getroot()
    namespace = "{http://data.gouv.fr/marches/opendata}"
    changes = etree.SubElement(root[0], f"{namespace}modificationsActesSousTraitance")
    change = etree.SubElement(changes, f"{namespace}modificationActesSousTraitance")
    for name, text in (
        ("id", "1"),
        ("dateNotificationModificationSousTraitance", "2024-05-01"),
        ("datePublicationDonnees", "2024-05-02"),
    ):
        etree.SubElement(change, namespace + name).text = text
    (said,), result = converted("dgfip/opendata/5.30", etree.tostring(root, encoding="utf-8"))
    assert losses(said) == {"acte-non-communique", "modification-acte-sans-acte"}
    assert "modificationsActesSousTraitance" not in result["marche"][0]
