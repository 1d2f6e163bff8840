"""Each check of the ministry: a record that fails it, its exact words, and the others of the file that pass."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mock_partners.daj.checks import correct, errors_of, marks_of
from mock_partners.daj.reading import CONCESSION, LIST_EXPECTED, MARCHE, NOTHING_FOUND, NotAFile, day_of, read_file
from tests.mock_partners.daj.files import XML_VALID, concession, daj, file, holders, judged, marche, published

DAY = date(2026, 11, 20)
LA_POSTE = "35600000049837"


def exact(value: Any) -> Any:
    """The record as the mock reads it: decimal numbers as Decimal."""
    return json.loads(json.dumps(value), parse_float=Decimal)


def errors(value: Any, kind: str = MARCHE) -> list[str]:
    return errors_of(kind, value, DAY)


def test_a_right_record_has_no_error() -> None:
    assert errors(exact(marche())) == []
    assert errors(concession(), CONCESSION) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "marché"}, "Champ id au mauvais format"),
        ({"id": "2026,1"}, "Champ id au mauvais format"),
        ({"acheteur": {"id": "26999901700017"}}, "Numéro SIRET erroné pour le champ acheteur.id"),
        ({"acheteur": {"id": LA_POSTE}}, "Numéro SIRET erroné pour le champ acheteur.id"),
        ({"titulaires": holders(("SIRET", "1"))}, "Numéro SIRET erroné pour le champ titulaire N°1"),
        ({"titulaires": holders(("SIRET", LA_POSTE))}, "Numéro SIRET erroné pour le champ titulaire N°1"),
        (
            {"titulaires": holders(("TVA", "x"), ("TAHITI", "x"))},
            "Numéro TAHITI erroné pour le champ titulaire N°2",
        ),
        ({"titulaires": holders(("RIDET", "x"))}, "Numéro RIDET erroné pour le champ titulaire N°1"),
        ({"titulaires": holders(("FRWF", "x"))}, "Numéro FRWF erroné pour le champ titulaire N°1"),
        ({"titulaires": holders(("IREP", "x"))}, "Numéro IREP erroné pour le champ titulaire N°1"),
        ({"titulaires": holders(("HORS-UE", "1"))}, "Numéro HORS-UE erroné pour le champ titulaire N°1"),
        ({"montant": 3_000_000_001}, "Valeur du champ montant trop élevée"),
        ({"montant": 111_111_111}, "Champ montant probablement erroné"),
        ({"montant": 123_456_789}, "Champ montant probablement erroné"),
        ({"dureeMois": 181}, "Champ dureeMois trop grand"),
        ({"dateNotification": "2009-12-31"}, "Champ dateNotification erroné"),
        ({"datePublicationDonnees": "2026-13-45"}, "Champ datePublicationDonnees erroné"),
        ({"dateNotification": "2026-11-21"}, "Champ dateNotification postérieur à la date du fichier"),
        ({"datePublicationDonnees": "2026-11-21"}, "Champ datePublicationDonnees postérieur à la date du fichier"),
        (
            {"considerationsSociales": {"considerationSociale": ["Clause sociale", "Pas de considération sociale"]}},
            (
                "Le champ considerationsSociales contient à la fois la valeur Pas de considération sociale et une "
                "autre valeur."
            ),
        ),
        (
            {
                "considerationsEnvironnementales": {
                    "considerationEnvironnementale": [
                        "Pas de considération environnementale",
                        "Critère environnemental",
                    ]
                }
            },
            (
                "Le champ considerationsEnvironnementales contient à la fois la valeur Pas de considération "
                "environnementale et une autre valeur."
            ),
        ),
        ({"codeCPV": "33141420", "objet": "Gant"}, "Champ codeCPV renseigné mais objet incomplet"),
    ],
)
async def test_a_record_that_the_schema_lets_through_is_set_aside_alone(changes: dict[str, Any], words: str) -> None:
    async with daj() as (_, client):
        first, second = await judged(client, file(marche(**changes), marche(id="AUTRE")))
        assert (first["statut"], first["erreurs"]) == ("ecarte", [words])
        assert (second["statut"], second["erreurs"]) == ("publie", [])
        assert [one["id"] for one in await published(client)] == ["AUTRE"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": None}, ["Champ id non renseigné"]),
        ({"acheteur": None}, ["Champ acheteur.id non renseigné"]),
        ({"montant": None}, ["Champ montant non renseigné"]),
        (
            {"titulaires": None},
            [
                "Champ titulaire_id_1 non renseigné",
                "Champ titulaire_typeIdentifiant_1 non renseigné",
                "Type erroné pour la colonne titulaire_typeIdentifiant_1",
            ],
        ),
        ({"titulaires": [{"titulaire": {"typeIdentifiant": "TVA"}}]}, ["Champ titulaire_id_1 non renseigné"]),
        ({"titulaires": holders(("UE", "1"))}, ["Type erroné pour la colonne titulaire_typeIdentifiant_1"]),
        ({"dureeMois": None}, ["Champ dureeMois non renseigné"]),
        ({"dureeMois": 0}, ["Champ dureeMois trop petit"]),
        ({"montant": 0}, ["Valeur du champ montant inférieur à 1"]),
        ({"codeCPV": None, "objet": None}, ["Champs codeCPV et objet manquants"]),
        ({"codeCPV": "33141420", "objet": None}, ["Champ codeCPV renseigné mais objet manquants"]),
        (
            {"dateNotification": None, "datePublicationDonnees": None},
            [
                "Champs dateNotification et datePublicationDonnees manquants",
                "Champ dateNotification erroné",
                "Champ datePublicationDonnees erroné",
            ],
        ),
    ],
)
async def test_what_the_schema_refuses_has_its_words_too_from_a_source_taken_without_it(
    changes: dict[str, Any], words: list[str]
) -> None:
    async with daj() as (mock, client):
        (validated,) = await judged(client, file(marche(**changes)))
        assert validated["statut"] == "ecarte"
        assert validated["erreurs"] != words
        mock.faults.extend([], ["source_sans_validation"])
        (taken,) = await judged(client, file(marche(**changes)), 2)
        assert (taken["statut"], taken["erreurs"]) == ("ecarte", words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "concession é"}, ["Champ id au mauvais format"]),
        ({"autoriteConcedante": {"id": "1"}}, ["Numéro SIRET erroné pour le champ autoriteConcedante.id"]),
        ({"autoriteConcedante": None}, ["Champ autoriteConcedante.id non renseigné"]),
        ({"objet": ""}, ["Champ objet non renseigné"]),
        ({"valeurGlobale": 15_000_000_001}, ["Valeur du champ valeurGlobale trop élevée"]),
        ({"valeurGlobale": 0}, ["Valeur du champ valeurGlobale inférieur à 1"]),
        ({"valeurGlobale": 222_222_222}, ["Champ valeurGlobale probablement erroné"]),
        ({"dureeMois": 361}, ["Champ dureeMois trop grand"]),
        ({"dureeMois": -1}, ["Champ dureeMois trop petit"]),
        (
            {"concessionnaires": [{"concessionnaire": {"typeIdentifiant": "SIRET", "id": "1"}}]},
            ["Numéro SIRET erroné pour le champ concessionnaire N°1"],
        ),
        (
            {"concessionnaires": [{"concessionnaire": {"typeIdentifiant": "UE"}}]},
            ["Champ concessionnaire_id_1 non renseigné", "Champ concessionnaire_typeIdentifiant_1 erroné"],
        ),
    ],
)
def test_a_concession_has_words_of_its_own(changes: dict[str, Any], words: list[str]) -> None:
    assert errors(concession(**changes), CONCESSION) == words


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("FRW", "FRWF"),
        ("FRWF", "FRWF"),
        ("HORS_UE", "HORS-UE"),
        ("TVA-intracommunautaire", "TVA"),
        ("SIRET", "SIRET"),
    ],
)
async def test_types_written_almost_right_are_corrected_and_the_report_says_so(written: str, right: str) -> None:
    value = marche(titulaires=holders((written, "x")))
    noted = correct(MARCHE, value)
    assert value["titulaires"][0]["titulaire"]["typeIdentifiant"] == right
    assert noted == ([] if written == right else [f"titulaire_typeIdentifiant_1 : {written} remplacé par {right}"])
    async with daj() as (mock, client):
        mock.faults.extend([], ["source_sans_validation"])
        number = {"FRWF": "FRWF12345678901234", "HORS-UE": "CH1", "SIRET": "99988801900018"}.get(right, "FR1")
        (row,) = await judged(client, file(marche(titulaires=holders((written, number)))))
        assert row["statut"] == "publie"
        assert row.get("corrections", []) == noted


def test_what_is_missing_or_unusable_is_marked_not_set_aside() -> None:
    assert marks_of(MARCHE, exact(marche(origineUE=None))) == ["origineUE : MQ"]
    assert marks_of(MARCHE, exact(marche(attributionAvance=False, tauxAvance=0.05))) == ["tauxAvance : INX 0.05"]
    assert marks_of(MARCHE, exact(marche())) == []
    assert marks_of(CONCESSION, concession()) == []


async def test_test_records_and_things_that_are_no_list_have_their_words() -> None:
    async with daj() as (_, client):
        (row,) = await judged(client, file({**marche(), "source": "AIFE_test"}))
        assert row["erreurs"] == ["Enregistrement de test non autorisé"]
        (row,) = await judged(client, file({**marche(), "source": "AIFE_ATEXO"}), 2)
        assert row["statut"] == "publie"
        for number, kind in enumerate((MARCHE, CONCESSION), start=3):
            (row,) = await judged(client, f'{{"marches": {{"{kind}": {{}}}}}}'.encode(), number)
            assert row["erreurs"] == [LIST_EXPECTED[kind]]
        assert LIST_EXPECTED[MARCHE] == "Une liste de marchés est attendue"


async def test_a_buyer_the_portal_does_not_know_is_set_aside() -> None:
    async with daj(known_buyers=frozenset({"26990001500018"})) as (_, client):
        (row,) = await judged(client, file(marche()))
        assert row["erreurs"] == ["Acheteur 26999901700016 inconnu du portail (hypothèse)"]


async def test_a_record_that_is_not_an_object_is_set_aside_even_without_validation() -> None:
    async with daj() as (mock, client):
        mock.faults.extend([], ["source_sans_validation"])
        rows = await judged(client, file(3, None, "x", [], {}, marche(montant="beaucoup", titulaires={"a": 1})))
        assert [row["statut"] for row in rows] == ["ecarte"] * 6
        assert await published(client) == []


@pytest.mark.parametrize("name", ["accord_cadre", "concession", "marches_et_concession"])
def test_xml_becomes_what_the_json_says(name: str) -> None:
    by_json, by_xml = (
        read_file((folder / f"{name}.{suffix}").read_bytes())
        for folder, suffix in ((XML_VALID.parents[3] / "decp-json/2.0.4/examples/valid", "json"), (XML_VALID, "xml"))
    )
    assert [(one.kind, one.rank, one.value, one.refused) for one in by_xml] == [
        (one.kind, one.rank, one.value, one.refused) for one in by_json
    ]


def test_an_xml_record_that_breaks_the_schema_is_refused_alone() -> None:
    body = (XML_VALID / "marches_et_concession.xml").read_bytes().replace(b"<offresRecues>", b"<offresRecues>0", 1)
    body = body.replace(b"<ccag>", b"<ccag>Autre ", 1)
    given = read_file(body)
    assert [bool(one.refused) for one in given] == [True, *[False] * (len(given) - 1)]


@pytest.mark.parametrize(
    "body",
    [
        b"<marches><marche><source>AIFE_test</source><montant>abc</montant><offresRecues/></marche></marches>",
        b"<marche><id>1</id><titulaires>texte</titulaires><techniques/></marche>",
    ],
)
def test_dirty_xml_is_read_all_the_same(body: bytes) -> None:
    (one,) = read_file(body)
    assert one.refused
    assert errors(one.value)
    assert one.source in (None, "AIFE_test")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "vide"),
        (b"{", "JSON"),
        (b"[]", "enveloppe"),
        (b'{"marches": 3}', "enveloppe"),
        (b'{"marches": {}}', NOTHING_FOUND),
        (b'{"marches": {"marche": []}}', NOTHING_FOUND),
        (b"<marches/>", NOTHING_FOUND),
        (b"<autre/>", "racine"),
        (b"<marches>", "XML"),
        (b"<!DOCTYPE a><marches/>", "DOCTYPE"),
        ('{"marches": "é"}'.encode("latin-1"), "UTF-8"),
    ],
)
def test_what_is_no_file_is_said_in_a_sentence(body: bytes, words: str) -> None:
    with pytest.raises(NotAFile, match=words):
        read_file(body)


def test_the_day_of_a_file_is_in_its_name() -> None:
    assert day_of("decp-26999901700016-2026-03-02-01.xml", DAY) == date(2026, 3, 2)
    for other in ("decp-26999901700016-2026-13-02-01.xml", "autre.xml", "decp-1-2026-03-02-01.xml"):
        assert day_of(other, DAY) == DAY
