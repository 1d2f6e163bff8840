"""Reading the reports of deposits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import contracts
from connectors.daj.parsing import interpret
from semaphore_hub.ports.connector import Acknowledgement, Inbound, Interpretation, Verdict
from semaphore_hub.ports.outcomes import Unreadable

EXAMPLES = contracts.get("daj/compte-rendu/1").examples
FILE = "decp-26990001500018-2026-03-02-01.json"
UID = "269900015000182026DM001"


def read(body: bytes) -> Interpretation:
    return interpret(Inbound(f"CR_{FILE}.json", body, "application/json", "api"))


def row(state: str = "publie", *errors: str, **more: Any) -> dict[str, Any]:
    return {"rang": 1, "type": "marche", "uid": UID, "statut": state, "erreurs": list(errors), **more}


def report(*rows: dict[str, Any], verdict: str | None = None, **more: Any) -> Interpretation:
    heading = {"idCompteRendu": "CR-1", "idDepot": "D-1", "nomFichier": FILE, "emisLe": "2026-03-03T04:00:00Z"}
    said = {**heading, "verdict": verdict, "enregistrements": list(rows), **more}
    return read(json.dumps({name: value for name, value in said.items() if value is not None}).encode())


def only(interpretation: Interpretation) -> Acknowledgement:
    (acknowledgement,) = interpretation.acknowledgements
    return acknowledgement


@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.rule is None], ids=lambda one: str(one.path.name))
def test_a_valid_report_is_understood(example: contracts.Example) -> None:
    found = only(read(example.path.read_bytes()))
    expected = json.loads(example.path.read_bytes())
    verdicts = {"accepte": Verdict.ACCEPTED, "rejete": Verdict.REJECTED, "partiel": Verdict.PARTIAL}
    assert (found.reference, found.verdict) == (expected["nomFichier"], verdicts[expected["verdict"]])
    assert [line.accepted for line in found.lines] == [one["statut"] == "publie" for one in expected["enregistrements"]]


def test_an_accepted_report_has_neither_code_nor_message() -> None:
    found = only(report(row(), verdict="accepte"))
    assert (found.business_ref, found.code, found.message) == (UID, None, None)


def test_a_record_set_aside_gives_the_ministry_s_own_words() -> None:
    errors = ("Numéro SIRET erroné pour le champ acheteur.id", "Champ dureeMois trop grand")
    found = only(report(row("ecarte", *errors), verdict="rejete"))
    assert (found.verdict, found.code, found.message) == (Verdict.REJECTED, "ECARTE", "; ".join(errors))


def test_a_duplicate_is_a_refusal_because_another_record_is_published() -> None:
    found = only(report(row("doublon", "Doublon : un autre est publié."), verdict="rejete"))
    assert (found.verdict, found.code) == (Verdict.REJECTED, "DOUBLON")


def test_a_partial_report_says_which_record_and_checks_no_single_marche() -> None:
    found = only(report(row(), row("ecarte", "Champ id au mauvais format", uid="autre", rang=2), verdict="partiel"))
    assert (found.verdict, found.business_ref, found.code) == (Verdict.PARTIAL, None, "ECARTE")
    assert found.message == "autre : Champ id au mauvais format"
    assert [(line.line, line.accepted) for line in found.lines] == [(UID, True), ("autre", False)]


def test_a_file_that_could_not_be_read_gives_its_motive() -> None:
    found = only(report(verdict="rejete", motif="Le document est vide."))
    assert (found.verdict, found.code, found.message, found.lines) == (
        Verdict.REJECTED,
        "FICHIER",
        "Le document est vide.",
        (),
    )


def test_what_is_sloppy_but_clear_is_read_with_a_warning() -> None:
    assert report(row()).warnings == (
        "Le compte rendu n'a pas de verdict d'ensemble : il est déduit des enregistrements.",
        "$ : Document : la donnée obligatoire « verdict » est absente.",
    )
    silent = report(row("ecarte"), verdict="rejete")
    assert only(silent).message == "sans motif"
    assert [warning.partition(" « ")[0] for warning in silent.warnings] == ["Le compte rendu écarte"]
    twice = report(row(), row(), verdict="accepte")
    assert [line.accepted for line in only(twice).lines] == [True, True]
    assert ["jugé deux fois" in warning for warning in twice.warnings] == [True]
    odd = report(row("publie", "Champ x"), verdict="ACCEPTE ", inconnu=1)
    assert only(odd).verdict is Verdict.ACCEPTED
    assert "publié malgré une erreur" in odd.warnings[0]
    assert only(report(row(uid=None), verdict="accepte")).lines[0].line == "enregistrement 1"


def test_corrections_and_marks_of_the_ministry_are_warnings() -> None:
    found = report(row(corrections=["FRW remplacé par FRWF"], avertissements=["origineUE : MQ"]), verdict="accepte")
    assert only(found).verdict is Verdict.ACCEPTED
    assert [warning.rpartition(" : ")[2] for warning in found.warnings] == ["FRW remplacé par FRWF", "MQ"]


@pytest.mark.parametrize(
    ("rows", "said", "words"),
    [
        ([row()], {"nomFichier": ""}, "à quel fichier"),
        ([row()], {"verdict": "peut-etre"}, "verdict inconnu"),
        ([row()], {"verdict": "rejete"}, "contredit"),
        ([row("ecarte", "x")], {"verdict": "accepte"}, "contredit"),
        ([row("perdu")], {"verdict": "accepte"}, "statut inconnu"),
        ([], {"verdict": "accepte"}, "sur aucun enregistrement"),
        ([], {}, "sur aucun enregistrement"),
        ([], {"enregistrements": {"a": 1}}, "liste"),
        ([], {"enregistrements": [3]}, "liste"),
    ],
)
def test_what_would_be_guessed_is_refused(rows: list[dict[str, Any]], said: dict[str, Any], words: str) -> None:
    body = {"nomFichier": FILE, "enregistrements": rows, **said}
    with pytest.raises(Unreadable, match=words):
        read(json.dumps(body).encode())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a": "\xe9"}', b"<a/>"])
def test_what_is_not_a_report_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=50, deadline=None)
@given(field=st.sampled_from(["nomFichier", "verdict", "motif", "enregistrements"]), value=JSON_VALUES, data=st.data())
def test_any_value_anywhere_is_read_or_refused(field: str, value: Any, data: st.DataObject) -> None:
    body: dict[str, Any] = {"nomFichier": FILE, "verdict": "accepte", "enregistrements": [row()]}
    target = data.draw(st.sampled_from([body, body["enregistrements"][0]]))
    target[field if target is body else data.draw(st.sampled_from(sorted(target)))] = value
    try:
        found = read(json.dumps(body).encode())
    except Unreadable:
        return
    assert len(found.acknowledgements) == 1
