"""Refusals of messages that a contract lets through in one syntax or another, and numbers as hospitals write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_partners.gef import numeros, syntax_csv, syntax_xml
from mock_partners.gef.ledger import Circumstances, Ledger
from mock_partners.gef.opening import opening
from mock_partners.gef.refusals import of_version
from mock_partners.gef.state import Marche, State
from mock_partners.kit import MockConfig
from tests.mock_partners.gef.hubs import NOW, example, make

GIVEN = Circumstances(now=NOW, canal="api")


@pytest.fixture
def state() -> State:
    return opening(MockConfig(), "1.0", None)


def message(name: str, **changes: Any) -> dict[str, Any]:
    """An example with some values replaced, by their path."""
    document: dict[str, Any] = json.loads(example("json", name, {}))
    for place, value in changes.items():
        target: Any = document
        *parents, last = place.split("__")
        for step in parents:
            target = target[int(step) if step.isdigit() else step]
        target[last] = value
    return document


@pytest.mark.parametrize(
    "changes",
    [
        {"marche__montantHT": "0"},
        {"marche__montantHT": "199999.99"},
        {"marche__montantHT": "200000.01"},
        {"imputations__0__montantHT": "250000.00"},
    ],
)
def test_lines_make_the_amount_of_the_marche(state: State, changes: dict[str, Any]) -> None:
    answer = Ledger(state).judge(message("marche", **changes), GIVEN).document
    assert (answer["motif"]["code"], answer["verdict"]) == ("MONTANT_INVALIDE", "rejete")
    assert state.marches == {}


def test_a_share_that_is_not_known_leaves_the_amount_open(state: State) -> None:
    document = message("marche")
    del document["imputations"][0]["montantHT"]
    assert Ledger(state).judge(document, GIVEN).document["verdict"] == "accepte"


def test_products_of_another_lot_are_refused(state: State) -> None:
    ledger = Ledger(state)
    ledger.judge(message("marche_lot_titulaire_etranger"), GIVEN)
    answer = ledger.judge(message("produits", produits__lot=3), GIVEN).document
    assert answer["motif"]["code"] == "LOT_INCONNU"


def test_a_message_for_another_hospital_is_refused_and_never_waits() -> None:
    state = opening(MockConfig(options={"etablissement": "990780025"}, known_suppliers=frozenset()), "1.0", None)
    answer = Ledger(state).judge(message("marche"), GIVEN).document
    assert answer["motif"]["code"] == "ETABLISSEMENT_INCONNU"
    assert state.attente == []
    both = {"etablissement": "990780025", "etablissements": ["990780025", "990780017"]}
    other = opening(MockConfig(options=both), "1.0", None)
    assert Ledger(other).judge(message("marche"), GIVEN).document["verdict"] == "accepte"


def test_an_amount_that_is_wrong_for_good_does_not_wait_for_a_supplier() -> None:
    state = opening(MockConfig(known_suppliers=frozenset()), "1.0", None)
    answer = Ledger(state).judge(message("marche", marche__montantHT="0"), GIVEN).document
    assert answer["motif"]["code"] == "MONTANT_INVALIDE"
    assert state.attente == []


def test_a_line_in_force_is_not_undone_by_a_later_refusal_of_the_rest() -> None:
    state = opening(MockConfig(known_suppliers=frozenset({"99900101900010"})), "1.0", "1.0")
    ledger = Ledger(state)
    patient = Circumstances(now=NOW, canal="api", gated=True, waits=False)
    assert ledger.judge(message("marche"), patient).document["verdict"] == "partiel"
    state.version = "0.9"
    answer = ledger.judge(message("marche"), patient).document
    assert [line.get("code") for line in answer["lignes"]] == [None, "VERSION_INCOMPATIBLE"]
    assert "motif" not in answer


@pytest.mark.parametrize(
    ("version", "minimum", "refused"),
    [
        ("V 22 Autre si module GDR", "22", False),
        ("V 21", "22", True),
        ("09.04.00226", "09.04.00226", False),
        ("09.03.99999", "09.04.00226", True),
        ("2K22.00", "2K22.00", False),
        ("NC", "1.0", True),
        ("Non applicable", None, False),
    ],
)
def test_versions_are_compared_by_their_numbers(version: str, minimum: str | None, refused: bool) -> None:
    assert (of_version(opening(MockConfig(), version, minimum)) is not None) == refused


@pytest.mark.parametrize(
    ("numero", "contrat", "modifications", "written"),
    [
        (
            "2026VAL001",
            "2026VAL001",
            [],
            {
                "decp": "2026VAL001",
                "idContrat": "2026VAL001",
                "acquit": "2026VAL001-001",
                "mandat": "2026-VAL001-00",
            },
        ),
        (
            "VAL-001",
            None,
            [1, 2],
            {"decp": "VAL-001", "idContrat": "2026VAL001", "acquit": "2026VAL001-003", "mandat": "2026-VAL001-02"},
        ),
        ("2026-15018D", None, [], {"idContrat": "202615018D", "mandat": "2026-15018D-00"}),
    ],
)
def test_the_same_number_in_four_forms(
    numero: str, contrat: str | None, modifications: list[int], written: dict[str, str]
) -> None:
    etat = {"numero": numero, "dateNotification": "2026-11-03"} | ({"idContrat": contrat} if contrat else {})
    marche = Marche(cree_par="SEM-1", dernier="SEM-1", etat=etat, modifications=modifications)
    assert {forme: numeros.written(marche, forme) for forme in written} == written


def test_an_unknown_form_is_refused_when_the_gef_is_made() -> None:
    with pytest.raises(ValueError, match="forme_numero"):
        make("gef_0904", options={"forme_numero": "autre"})


@pytest.mark.parametrize(
    ("replaced", "said"),
    [
        ({"2;2026VAL001": "3;2026VAL001"}, "numérotées"),
        ({"2;2;2026VAL001": "2;2;2026VAL009"}, "un seul message"),
    ],
)
def test_rows_that_do_not_make_one_message_are_refused(replaced: dict[str, str], said: str) -> None:
    with pytest.raises(syntax_csv.Incomplete, match=said):
        syntax_csv.read_message(example("csv", "marche", replaced))


def test_a_spreadsheet_writes_the_same_message() -> None:
    assert syntax_csv.read_message(example("csv", "marche_tableur", {})) == syntax_csv.read_message(
        example("csv", "marche", {})
    )


@pytest.mark.parametrize(
    "name",
    [
        "fournisseur_creation",
        "fournisseur_etranger_modification",
        "nomenclature",
        "marche",
        "marche_lot_titulaire_etranger",
        "modification",
        "correction",
        "evenement_resiliation",
        "evenement_tranche_affermie",
        "produits",
    ],
)
def test_xml_and_json_say_the_same(name: str) -> None:
    assert syntax_xml.read(example("xml", name, {})) == message(name)
