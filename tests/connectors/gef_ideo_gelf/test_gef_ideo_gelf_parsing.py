"""What an answer of IDEO GELF says."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contracts
from connectors.gef_ideo_gelf.parsing import interpret
from semaphore_hub.ports.connector import Acknowledgement, Inbound, Verdict
from semaphore_hub.ports.outcomes import Unreadable

JSON_EXAMPLES = contracts.get("gef_ideo_gelf/acquittement-json/1").examples
CSV_EXAMPLES = contracts.get("gef_ideo_gelf/acquittement-csv/1").examples
VERDICTS = {
    "accepte": Verdict.ACCEPTED,
    "fournisseur": Verdict.ACCEPTED,
    "partiel": Verdict.PARTIAL,
    "rejete": Verdict.REJECTED,
    "rejete_motif_global": Verdict.REJECTED,
}
# Broken, yet what they mean is not in doubt: they are understood with a warning.
UNDERSTOOD = {"GEF-ACQ-CODE", "GEF-ACQ-LIGNES"}


def read(body: bytes, name: str = "reponse") -> list[Acknowledgement]:
    return list(interpret(Inbound(name, body, "", "api")).acknowledgements)


@pytest.mark.parametrize(
    "example", [one for one in (*JSON_EXAMPLES, *CSV_EXAMPLES) if one.rule is None], ids=lambda one: one.path.name
)
def test_a_valid_answer_is_understood(example: contracts.Example) -> None:
    [answer] = read(example.path.read_bytes())
    assert interpret(Inbound("reponse", example.path.read_bytes(), "", "api")).warnings == ()
    assert answer.verdict is VERDICTS[example.path.stem]
    assert answer.reference.startswith("SEM-")
    assert answer.business_ref == (None if example.path.stem == "fournisseur" else "2026VAL001")
    assert (answer.code is None) == (answer.verdict is Verdict.ACCEPTED)


@pytest.mark.parametrize("name", VERDICTS)
def test_json_and_csv_answers_mean_the_same(name: str) -> None:
    [as_json], [as_csv] = (
        read(next(one for one in examples if one.rule is None and one.path.stem == name).path.read_bytes())
        for examples in (JSON_EXAMPLES, CSV_EXAMPLES)
    )
    assert as_json == as_csv


@pytest.mark.parametrize(
    "example",
    [one for one in (*JSON_EXAMPLES, *CSV_EXAMPLES) if one.rule is not None],
    ids=lambda one: f"{one.path.parts[-5]}-{one.path.name}",
)
def test_an_answer_that_breaks_its_contract_is_refused_or_warned_about(example: contracts.Example) -> None:
    document = Inbound("reponse", example.path.read_bytes(), "", "api")
    if example.rule in UNDERSTOOD or example.path.stem.endswith("ligne_en_double"):
        understood = interpret(document)
        assert (len(understood.acknowledgements), len(understood.warnings)) == (1, 1)
        return
    with pytest.raises(Unreadable) as refused:
        interpret(document)
    assert "reponse" in refused.value.reason


def test_a_partial_answer_gives_each_line_its_code() -> None:
    body = next(one for one in JSON_EXAMPLES if one.path.name == "partiel.json").path.read_bytes()
    [answer] = read(body)
    assert [(line.line, line.accepted, line.code) for line in answer.lines] == [
        ("1", True, None),
        ("2", False, "TIERS_INCONNU"),
    ]
    assert answer.code == "TIERS_INCONNU"
    assert answer.message is not None
    assert answer.message.startswith("Ligne 2 : Le tiers SIRET 99900102700013")


def test_a_reason_for_the_whole_message_is_its_code_not_a_line() -> None:
    body = next(one for one in CSV_EXAMPLES if one.path.name == "rejete_motif_global.csv").path.read_bytes()
    [answer] = read(body)
    assert answer.code == "VERSION_INCOMPATIBLE"
    assert [line.line for line in answer.lines] == ["1", "2"]


def test_a_refusal_without_code_is_understood_with_a_warning() -> None:
    body = next(one for one in JSON_EXAMPLES if one.rule == "GEF-ACQ-CODE").path.read_bytes()
    [warning] = interpret(Inbound("a", body, "", "api")).warnings
    assert warning.startswith("$.lignes[1] : La ligne 2 est rejetée sans code")


def test_one_report_may_answer_several_messages_and_begin_with_a_byte_order_mark() -> None:
    body = (
        b"\xef\xbb\xbfid_acquittement;id_message;numero_marche;emis_le;verdict;ligne;statut;code;libelle\r\n"
        b"A-1;SEM-1;M1;2026-11-21T10:00:00Z;ACCEPTE;1;accepte;;\r\n"
        b"A-2;SEM-2;M2;2026-11-21T10:00:00Z;rejete;1;rejete;UF_INCONNUE;UF 12\r\n"
    )
    answers = read(body, "CR_lot.csv")
    assert [(one.reference, one.verdict, one.business_ref) for one in answers] == [
        ("SEM-1", Verdict.ACCEPTED, "M1"),
        ("SEM-2", Verdict.REJECTED, "M2"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}",
        b'{"idMessage":"SEM-1","verdict":"accepte","lignes":"1"}',
        b'{"verdict":"accepte","lignes":[]}',
        b"id_message;verdict;ligne;statut\r\n",
        b"id_message;verdict;ligne;statut\r\nSEM-1;accepte\r\n",
        b"id_message;verdict;ligne;statut\r\nSEM-1;accepte;1;accepte;trop\r\n",
        b'id_message;verdict;ligne;statut\r\n"SEM-1;accepte;1;accepte\r\n',
        b"id_message;verdict;ligne;statut\r\nSEM-1;accepte;1;accepte\r\nSEM-1;rejete;2;rejete\r\n",
        b"id_message;verdict;ligne;statut\r\nSEM-1;accepte;1;peut-etre\r\n",
        b"id_message;verdict;ligne;statut\r\nSEM\x00-1;accepte;1;accepte\r\n",
        b"\xff\xfe{",
        b'{"idMessage":"SEM-1","verdict":"accepte","lignes":[1]}',
    ],
)
def test_what_cannot_be_understood_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@given(st.binary(max_size=300) | st.text(alphabet='{}[]":;,abc\r\n\0é', max_size=200).map(lambda t: t.encode()))
def test_any_bytes_are_read_or_refused_never_a_crash(body: bytes) -> None:
    document = Inbound("reponse", body, "", "api")
    with contextlib.suppress(Unreadable):
        assert interpret(document).acknowledgements
