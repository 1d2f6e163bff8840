"""The ministry's business checks: each one at its boundary, in JSON as in XML."""

from __future__ import annotations

import copy
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import contracts
from contracts.rules import decp
from contracts.rules.keys import siret_is_valid, siret_passes_luhn

DECP = "daj/decp-json/2.0.4"
VALID = contracts.get(DECP).folder / "examples/valid"
LA_POSTE = "35600000049837"


def marche(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((VALID / "accord_cadre.json").read_bytes())["marches"]["marche"][0]
    return {**made, **changes}


def concession(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((VALID / "concession.json").read_bytes())["marches"]["contrat-concession"][0]
    return {**made, **changes}


def rules(*marches: dict[str, Any], concessions: tuple[dict[str, Any], ...] = ()) -> list[str]:
    document = {"marches": {"marche": list(marches), "contrat-concession": list(concessions)}}
    report = contracts.validate(DECP, json.dumps(document).encode())
    assert report.valid, report.findings
    return [finding.rule for finding in report.findings]


def titulaires(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"titulaire": {"typeIdentifiant": kind, "id": number}} for kind, number in pairs]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "2026-A/1_b.#"}, []),
        ({"id": "2026 A"}, []),
        ({"id": "marché"}, ["DECP-ID"]),
        ({"id": "2026,1"}, ["DECP-ID"]),
        ({"acheteur": {"id": "26999901700017"}}, ["DECP-SIRET-ACHETEUR"]),
        ({"montant": 3_000_000_000}, []),
        ({"montant": 3_000_000_000.01}, ["DECP-MONTANT-ELEVE"]),
        ({"montant": 111_111_1}, []),
        ({"montant": 211_111_111}, ["DECP-MONTANT-DOUTEUX"]),
        ({"montant": 666_666_666}, []),
        ({"montant": 100_000_000}, []),
        ({"montant": 123_456_789}, ["DECP-MONTANT-DOUTEUX"]),
        ({"dureeMois": 180}, []),
        ({"dureeMois": 181}, ["DECP-DUREE"]),
        ({"dateNotification": "2009-12-31"}, ["DECP-DATE"]),
        ({"dateNotification": "2040-01-01"}, ["DECP-DATE"]),
        ({"datePublicationDonnees": "2026-13-01"}, ["DECP-DATE"]),
        ({"dateNotification": "2024-02-29"}, []),
        ({"codeCPV": "33141420", "objet": "Gants"}, []),
        ({"codeCPV": "33141420", "objet": "Gant"}, ["DECP-OBJET"]),
        ({"codeCPV": "33141420-0", "objet": "Gant"}, []),
        ({"origineUE": 0.45, "origineFrance": 0.45}, []),
        ({"origineUE": 0.4, "origineFrance": 0.45}, ["DECP-ORIGINE-ORDRE"]),
        ({"tauxAvance": 0, "attributionAvance": False}, []),
        ({"tauxAvance": 0.1, "attributionAvance": False}, ["DECP-TAUX-AVANCE"]),
    ],
)
def test_a_marche_is_found_at_the_boundary(changes: dict[str, Any], expected: list[str]) -> None:
    assert rules(marche(**changes)) == expected


@pytest.mark.parametrize(
    ("kind", "number", "right"),
    [
        ("SIRET", "99988801900018", True),
        ("SIRET", "99988801900017", False),
        ("SIRET", "9998880190001", False),
        ("SIRET", LA_POSTE, False),
        ("TVA", "n'importe quoi", True),
        ("TAHITI", "A12345678", True),
        ("TAHITI", "A1234567", False),
        ("RIDET", "0123456789", True),
        ("RIDET", "012345678", False),
        ("FRWF", "FRWF12345678901234", True),
        ("FRWF", "12345678901234", False),
        ("IREP", "12345", True),
        ("IREP", "1234", False),
        ("HORS-UE", "CHE123", True),
        ("HORS-UE", "ch123", False),
    ],
)
def test_an_operator_is_known_by_the_form_of_its_type(kind: str, number: str, right: bool) -> None:
    assert rules(marche(titulaires=titulaires((kind, number)))) == ([] if right else ["DECP-OPERATEUR"])


def test_the_ministry_reads_the_first_three_operators_only() -> None:
    good = ("SIRET", "99988801900018")
    others = [("TVA", f"FR{n}") for n in range(3)]
    assert rules(marche(titulaires=titulaires(good, *others[:1], ("TAHITI", "x")))) == ["DECP-OPERATEUR"]
    assert rules(marche(titulaires=titulaires(good, *others[:2], ("TAHITI", "x")))) == []


def test_messages_begin_with_the_ministry_s_own_words() -> None:
    body = json.dumps({"marches": {"marche": [marche(titulaires=titulaires(("SIRET", "1")))]}}).encode()
    (finding,) = contracts.validate(DECP, body).findings
    assert finding.message.startswith("Numéro SIRET erroné pour le champ titulaire N°1")
    assert finding.path == "$.marches.marche[0].titulaires[0].titulaire.id"


def test_la_poste_is_told_that_its_siret_is_right_and_refused_all_the_same() -> None:
    body = json.dumps({"marches": {"marche": [marche(acheteur={"id": LA_POSTE})]}}).encode()
    (finding,) = contracts.validate(DECP, body).findings
    assert "SIRET exact de La Poste" in finding.message
    assert siret_is_valid(LA_POSTE)
    assert not siret_passes_luhn(LA_POSTE)


def test_a_siret_is_fourteen_bare_digits() -> None:
    assert siret_is_valid("99988801900018")
    for wrong in ("999 888 019 00018", "9998880190001", "999888019000180", "٩٩٩٨٨٨٠١٩٠٠٠١٨", ""):
        assert not siret_is_valid(wrong)
        assert not siret_passes_luhn(wrong)


@pytest.mark.parametrize(
    ("cpv", "asked"),
    [
        ("33600000", True),
        ("33698300-2", True),
        ("33700000", False),
        ("15982200", True),
        ("15982201", False),
        ("34514000", True),
        ("45000000", False),
    ],
)
def test_the_origin_of_products_is_asked_for_the_listed_cpv(cpv: str, asked: bool) -> None:
    made = marche(codeCPV=cpv)
    del made["origineUE"], made["origineFrance"]
    assert rules(made) == (["DECP-ORIGINE-REQUISE"] if asked else [])


def test_the_same_marche_twice_is_a_duplicate_even_written_otherwise() -> None:
    assert rules(marche(), marche(montant=400000.00, offresRecues=9)) == ["DECP-DOUBLON"]
    assert rules(marche(), marche(montant=400001)) == []


def test_a_concession_has_bounds_of_its_own() -> None:
    assert rules(concessions=(concession(dureeMois=360, valeurGlobale=15_000_000_000),)) == []
    found = rules(concessions=(concession(dureeMois=361, valeurGlobale=15_000_000_001),))
    assert found == ["DECP-MONTANT-ELEVE", "DECP-DUREE"]


def test_numbers_of_modifications_go_up() -> None:
    made = json.loads((VALID / "travaux_avec_sous_traitance_et_modifications.json").read_bytes())
    (one,) = made["marches"]["marche"]
    twice = copy.deepcopy(one)
    twice["modifications"][1]["modification"]["id"] = 1
    assert rules(one) == []
    assert rules(twice) == ["DECP-RANG"]


def test_dates_after_the_day_of_the_file_are_found_by_who_knows_that_day() -> None:
    document = {"marches": {"marche": [marche(dateNotification="2026-11-21", datePublicationDonnees="2026-11-22")]}}
    found = list(decp.dates_after(document, date(2026, 11, 21)))
    assert [violation.path for violation in found] == [("marches", "marche", 0, "datePublicationDonnees")]
    assert found[0].detail == "Champ datePublicationDonnees postérieur à la date du fichier"


def test_a_number_without_end_is_no_danger() -> None:
    document = {"marches": {"marche": [marche(montant=Decimal("1e999999"))]}}
    assert len(list(decp.montant_eleve(document))) == 1
    assert list(decp.montant_douteux(document)) == []
