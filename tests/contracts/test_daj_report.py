"""The supposed report of a DECP deposit: every rule has an example that breaks it, and any document gets a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import contracts
from contracts.rules import daj_compte_rendu as rules

REPORT = "daj/compte-rendu/1"
CONTRACT = contracts.get(REPORT)


@pytest.mark.parametrize("example", CONTRACT.examples, ids=lambda one: str(one.path.name))
def test_an_example_breaks_exactly_the_rule_its_name_says(example: contracts.Example) -> None:
    report = contracts.validate(REPORT, example.path.read_bytes())
    assert {finding.rule for finding in report.findings} == ({example.rule} if example.rule else set())
    assert all(finding.message.endswith(".") for finding in report.findings)


def test_every_rule_has_an_example_that_breaks_it() -> None:
    assert {rule.id for rule in CONTRACT.rules} - {one.rule for one in CONTRACT.examples} == {"DAJ-CR-TAILLE"}


def test_a_document_too_big_is_refused() -> None:
    (finding,) = contracts.validate(REPORT, b" " * (50 * 1024 * 1024 + 1)).findings
    assert finding.rule == "DAJ-CR-TAILLE"


def test_it_is_assumed_and_says_so() -> None:
    assert CONTRACT.status == "assumed"
    assert "hypothèse" in CONTRACT.title
    assert CONTRACT.schema is not None
    assert "hypothèse" in CONTRACT.schema.read_text("utf-8")


@pytest.mark.parametrize("example", [one for one in CONTRACT.examples if one.rule is None])
def test_a_valid_example_is_recognised(example: contracts.Example) -> None:
    assert contracts.recognise(example.path.read_bytes(), example.path.name) == REPORT


def document(*states: str, verdict: str = "accepte") -> dict[str, Any]:
    rows = [
        {"rang": rank, "type": "marche", "statut": state, "erreurs": [] if state == "publie" else ["Champ x"]}
        for rank, state in enumerate(states, start=1)
    ]
    return {"verdict": verdict, "enregistrements": rows}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("publie",), "accepte"),
        (("publie", "publie"), "accepte"),
        (("ecarte",), "rejete"),
        (("doublon", "ecarte"), "rejete"),
        (("publie", "doublon"), "partiel"),
        ((), "rejete"),
    ],
)
def test_the_verdict_is_that_of_the_records(states: tuple[str, ...], expected: str) -> None:
    for said in ("accepte", "rejete", "partiel"):
        assert bool(list(rules.verdict(document(*states, verdict=said)))) is (said != expected)


def test_a_record_is_judged_once_and_a_marche_and_a_concession_may_share_a_rank() -> None:
    made = document("publie", "publie")
    made["enregistrements"][1]["rang"] = 1
    assert [violation.detail for violation in rules.rangs(made)] == ["1 (marche)"]
    made["enregistrements"][1]["type"] = "contrat-concession"
    assert list(rules.rangs(made)) == []


def test_a_finding_names_the_place_and_the_line() -> None:
    path = Path(CONTRACT.folder) / "examples" / "invalid" / "DAJ-CR-ERREUR__publie_avec_erreur.json"
    (finding,) = contracts.validate(REPORT, path.read_bytes()).findings
    assert finding.path == "$.enregistrements[0]"
    assert finding.line is not None


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=50, deadline=None)
@given(key=st.sampled_from(["verdict", "enregistrements", "rang", "type", "statut", "erreurs"]), value=JSON_VALUES)
def test_any_value_in_any_place_gives_a_report_never_a_crash(key: str, value: Any) -> None:
    made = document("publie", "ecarte", verdict="partiel")
    target = made if key in made else made["enregistrements"][0]
    target[key] = value
    assert contracts.validate(REPORT, json.dumps(made).encode()).contract == REPORT
