"""The simulated Hélios refuses what the real one refuses, each time with a code."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

import contracts
from mock_partners.dgfip.acquit import write_acquit
from mock_partners.dgfip.aller import read_flow
from mock_partners.dgfip.helios import Budget, Helios
from tests.mock_partners.dgfip.flows import flow, verdicts
from tests.shared import shared_path

KNOWN = Budget("26990001500018", "099001", "010", "00", "990780009")


def answer(helios: Helios, body: bytes, **scenario: Any) -> tuple[str, str, str, str, str]:
    """What Hélios says of a flow with one marché; the acknowledgement is checked on the way."""
    read = read_flow(body)
    written = write_acquit(read, helios.receive(read, body, **scenario))
    assert contracts.validate("dgfip/pes-acquit/2", written).valid
    (said,) = verdicts(written)
    return said


def integrated(helios: Helios) -> list[int]:
    """Sequences integrated for the marché of the tests."""
    return [one.sequence for one in helios.marches.get("26990001500018/2026DM001", [])]


def test_sequences_are_integrated_one_after_the_other() -> None:
    helios = Helios()
    assert answer(helios, flow(1)) == ("11", "1", "2026DM001-001", "", "")
    assert answer(helios, flow(2, sequence=2, order="01", case="avenant"))[1] == "1"
    assert answer(helios, flow(3, sequence=3, order="01", case="avenant"))[1] == "1"
    assert integrated(helios) == [1, 2, 3]
    kinds = [one["kind"] for one in helios.to_dict()["26990001500018/2026DM001"]]
    assert kinds == ["initial", "modification", "actualisation"]


@pytest.mark.parametrize(
    ("sent", "sequence", "expected"), [([], 2, "attendu 001"), ([1], 1, "attendu 002"), ([1, 2], 4, "attendu 003")]
)
def test_a_break_in_the_sequence_is_refused(sent: list[int], sequence: int, expected: str) -> None:
    helios = Helios()
    for number in sent:
        answer(helios, flow(number, sequence=number))
    domain, state, marche, code, label = answer(helios, flow(9, sequence=sequence))
    assert (domain, state, marche, code) == ("11", "0", f"2026DM001-{sequence:03d}", "ERREUR_AUTRE")
    assert expected in label
    assert integrated(helios) == sent


def test_another_marche_has_its_own_sequence() -> None:
    helios = Helios()
    answer(helios, flow(1))
    assert answer(helios, flow(2, contract="2026DM002"))[:3] == ("11", "1", "2026DM002-001")


def test_a_correction_replaces_the_sequence_before_it() -> None:
    helios = Helios()
    answer(helios, flow(1))
    assert answer(helios, flow(2, sequence=2, correction=True))[1] == "1"
    assert answer(helios, flow(3, sequence=3, correction=True))[1] == "1"
    marche = helios.to_dict()["26990001500018/2026DM001"]
    assert [(one["sequence"], one["replaced"]) for one in marche] == [(1, True), (2, True), (3, False)]


def test_the_last_modification_can_be_corrected_but_not_the_initial_behind_it() -> None:
    helios = Helios()
    answer(helios, flow(1))
    answer(helios, flow(2, sequence=2, order="01", case="avenant"))
    assert "antérieure" in answer(helios, flow(3, sequence=3, order="00", correction=True))[4]
    assert answer(helios, flow(4, sequence=3, order="01", correction=True, case="avenant"))[1] == "1"


def test_an_update_without_modification_cannot_be_corrected() -> None:
    helios = Helios()
    answer(helios, flow(1))
    answer(helios, flow(2, sequence=2))
    refused = answer(helios, flow(3, sequence=3, correction=True))
    assert (refused[1], refused[3]) == ("0", "ERREUR_AUTRE")
    assert "Correctif refusé" in refused[4]


def test_a_first_sequence_cannot_be_a_correction() -> None:
    assert answer(Helios(), flow(1, correction=True))[1] == "0"


@pytest.mark.parametrize(
    ("replace", "code", "domain"),
    [
        ((('<IdTitulaire V="99988801900018"/>', '<IdTitulaire V="99988801900019"/>'),), "ERREUR_SIRET", "11"),
        ((('<IdAcheteur V="26990001500018"/>', '<IdAcheteur V="26990001500019"/>'),), "ERREUR_SIRET", "11"),
        ((('<IdColl V="26990001500018"/>', '<IdColl V="26990001500019"/>'),), "ERREUR_SIRET", "0"),
        ((("FR7699999000010000000000115", "FR7699999000010000000000116"),), "ERREUR_AUTRE", "11"),
        ((('<Objet V="', '<Sujet V="'),), "ERREUR_AUTRE", "0"),
        ((('<IdContrat V="2026DM001"/>', '<IdContrat V="1999DM001"/>'),), "ERREUR_AUTRE", "0"),
        ((('<Version V="2"/>', '<Version V="1"/>'),), "ERREUR_VERSION_PES", "0"),
        (
            (
                (
                    '<MontantHTNotifie V="200000.00"/><CaractereEstimatif',
                    '<MontantHTNotifie V="190000.00"/><CaractereEstimatif',
                ),
            ),
            "ERREUR_CUMUL_MONTANTS",
            "11",
        ),
    ],
)
def test_a_broken_rule_has_its_code_and_its_domain(
    replace: tuple[tuple[str, str], ...], code: str, domain: str
) -> None:
    body = flow(1)
    text = body.decode("latin-1")
    for old, new in replace:
        if code == "ERREUR_CUMUL_MONTANTS":
            head, _, tail = text.rpartition('<MontantHTNotifie V="200000.00"/>')
            text = f'{head}<MontantHTNotifie V="190000.00"/>{tail}'
        else:
            assert old in text, old
            text = text.replace(old, new)
    helios = Helios()
    said = answer(helios, text.encode("latin-1"))
    assert (said[0], said[1], said[3]) == (domain, "0", code)
    assert said[4]
    assert integrated(helios) == []


def test_a_flow_without_marche_is_an_empty_flow() -> None:
    text = flow(1).decode("latin-1")
    head, _, rest = text.partition("<PES_Marche>")
    said = answer(Helios(), (head + rest.partition("</PES_Marche>")[2]).encode("latin-1"))
    assert (said[0], said[1], said[3]) == ("0", "0", "ERREUR_FLUX_VIDE")


@pytest.mark.parametrize(
    ("budget", "code"),
    [
        (KNOWN, ""),
        (Budget("26990001500018", "099002", "010"), "ERREUR_CODIQUE"),
        (Budget("26990001500018", "099001", "011"), "ERREUR_CODE_COLLECTIVITE_BUDGET"),
        (Budget("26990002300012", "099001", "010"), "ERREUR_CODE_COLLECTIVITE_BUDGET"),
        (Budget("26990001500018", "099001", "010", "01"), "ERREUR_CODE_COLLECTIVITE_BUDGET"),
        (Budget("26990001500018", "099001", "010", "00", "990000001"), "ERREUR_AUTRE"),
    ],
)
def test_an_unknown_budget_refuses_the_whole_flow(budget: Budget, code: str) -> None:
    said = answer(Helios(budgets=(budget,)), flow(1))
    assert said[3] == code
    assert said[0] == ("99" if code else "11")


def test_an_unknown_buyer_refuses_the_whole_flow() -> None:
    assert answer(Helios(buyers=frozenset({"26990002300012"})), flow(1))[3] == "ERREUR_CODE_COLLECTIVITE_BUDGET"
    assert answer(Helios(buyers=frozenset({"26990001500018"})), flow(1))[1] == "1"


def test_a_flow_of_version_5_30_is_judged_by_its_own_contract() -> None:
    assert read_flow(flow(1, case="groupement")).version == "5.30"
    assert read_flow(flow(1)).version == "5.17"
    assert answer(Helios(), flow(1, case="groupement"))[1] == "1"


def test_two_marches_of_one_flow_are_answered_one_by_one() -> None:
    text = flow(1).decode("latin-1")
    head, start, rest = text.partition("<Marche>")
    block, end, tail = rest.partition("</Marche>")
    other = block.replace('V="2026DM001"', 'V="2026DM002"').replace("99988801900018", "99988801900019")
    body = (head + start + block + end + start + other + end + tail).encode("latin-1")
    read = read_flow(body)
    said = verdicts(write_acquit(read, Helios().receive(read, body)))
    assert [(one[2], one[1], one[3]) for one in said] == [
        ("2026DM001-001", "1", ""),
        ("2026DM002-001", "0", "ERREUR_SIRET"),
    ]


@pytest.mark.parametrize("scenario", ["force_break", "force_unknown"])
def test_a_scenario_refuses_a_good_flow(scenario: str) -> None:
    helios = Helios()
    assert answer(helios, flow(1), **{scenario: True})[1] == "0"
    assert integrated(helios) == []


def test_acknowledgements_are_valid_against_the_official_schema() -> None:
    path = shared_path("standards", "pes", "xsd-v5.17", "PES_V2", "Rev0", "PES_V2_Acquit_Autonome_V2.xsd")
    schema = etree.XMLSchema(file=str(path))
    for helios, body in (
        (Helios(), flow(1)),
        (Helios(), flow(1, sequence=5)),
        (Helios(budgets=()), flow(1)),
        (Helios(), flow(1, replace=(('<Objet V="', '<Sujet V="'),))),
    ):
        read = read_flow(body)
        schema.assertValid(etree.fromstring(write_acquit(read, helios.receive(read, body))))


def test_a_state_survives_a_round_trip_and_a_wrong_one_is_refused() -> None:
    helios, other = Helios(), Helios()
    answer(helios, flow(1))
    other.load(helios.to_dict())
    assert other.to_dict() == helios.to_dict()
    with pytest.raises(ValueError, match="not a state"):
        other.load({"x": [{"unknown": 1}]})
