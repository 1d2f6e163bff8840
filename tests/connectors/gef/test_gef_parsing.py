"""What a compte rendu or a flux of a GEF says, in the three syntaxes."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import contracts
from connectors.gef import mapping, rendering
from connectors.gef.parsing import interpret
from connectors.gef.reading import contract_of
from semaphore_hub.ports.connector import Acknowledgement, Command, Inbound, Interpretation, Verdict
from semaphore_hub.ports.outcomes import Unreadable
from tests.connectors.gef.gef_cases import CONNECTORS, IDS, event
from tests.connectors.gef.gef_cases import settings as instance

INBOUND = sorted({name for one in IDS for spec in CONNECTORS[one].manifest.channels for name in spec.inbound})
EXAMPLES = [(contract, one) for contract in INBOUND for one in contracts.get(contract).examples]
VALID = [(contract, one.path) for contract, one in EXAMPLES if one.rule is None]
BROKEN = [(contract, one) for contract, one in EXAMPLES if one.rule is not None]


def read(body: bytes, name: str = "document") -> Interpretation:
    return interpret(Inbound(name, body, "", "api"))


def answer(body: bytes) -> Acknowledgement:
    [found] = read(body).acknowledgements
    return found


def flux(body: bytes) -> Command:
    [found] = read(body).commands
    return found


def example(contract: str, name: str) -> bytes:
    return next(path for known, path in VALID if known == contract and path.stem == name).read_bytes()


@pytest.mark.parametrize(("contract", "path"), VALID, ids=lambda one: getattr(one, "name", one))
def test_a_valid_document_is_understood_under_its_own_contract(contract: str, path: Any) -> None:
    body = path.read_bytes()
    assert contract_of(body) == contract
    said = read(body)
    assert len(said.acknowledgements) + len(said.commands) == 1
    assert said.warnings == tuple(one.message for one in contracts.validate(contract, body).findings)


@pytest.mark.parametrize(("contract", "broken"), BROKEN, ids=lambda one: one.path.name if hasattr(one, "path") else one)
def test_a_document_that_breaks_its_contract_is_refused_with_its_findings_or_read_with_a_warning(
    contract: str, broken: contracts.Example
) -> None:
    body = broken.path.read_bytes()
    report = contracts.validate(contract, body)
    if report.valid:
        assert read(body).warnings
        return
    with pytest.raises(Unreadable) as refused:
        read(body, "GEF_CR.xml")
    assert "« GEF_CR.xml »" in refused.value.reason
    if contract_of(body) == contract:
        assert refused.value.findings == report.findings
        assert broken.rule in {one.rule for one in refused.value.findings}


def stems(contract: str) -> set[str]:
    return {path.stem for known, path in VALID if known == contract}


@pytest.mark.parametrize("name", sorted(stems("gef/compte-rendu-json/1")))
def test_an_answer_means_the_same_in_each_syntax(name: str) -> None:
    in_json, in_xml, in_csv = (answer(example(f"gef/compte-rendu-{one}/1", name)) for one in ("json", "xml", "csv"))
    assert in_json == in_xml == in_csv


@pytest.mark.parametrize("name", sorted(stems("gef/flux-json/1")))
def test_a_flux_is_the_same_command_in_each_syntax(name: str) -> None:
    in_json = flux(example("gef/flux-json/1", name))
    assert in_json == flux(example("gef/flux-xml/1", name))
    data = json.loads(example("gef/flux-json/1", name))
    assert in_json == Command(f"gef.{data['typeFlux']}", data)
    in_csv = f"gef/flux-{data['typeFlux']}-csv/1"
    for path in (path for known, path in VALID if known == in_csv and data["lignes"]):
        assert flux(path.read_bytes()) == in_json, path.name


@pytest.mark.parametrize(
    ("name", "verdict", "code"),
    [
        ("accepte", Verdict.ACCEPTED, None),
        ("rejete_en_entier", Verdict.REJECTED, "MARCHE_INCONNU"),
        ("en_attente", Verdict.WAITING, "EN_ATTENTE_REFERENTIEL"),
    ],
)
def test_a_verdict_and_the_reason_of_the_whole(name: str, verdict: Verdict, code: str | None) -> None:
    found = answer(example("gef/compte-rendu-json/1", name))
    assert (found.verdict, found.code) == (verdict, code)
    assert found.reference.startswith("SEM-")


def test_a_partial_answer_gives_each_line_its_code_and_sums_them_up() -> None:
    found = answer(example("gef/compte-rendu-json/1", "partiel"))
    assert found.verdict is Verdict.PARTIAL
    assert [(line.line, line.accepted, line.code) for line in found.lines] == [
        ("1", True, None),
        ("2", False, "UF_INCONNUE"),
    ]
    assert (found.code, found.message) == ("UF_INCONNUE", "Ligne 2 : L'UF 1000 n'est pas ouverte.")


def test_a_line_that_waits_is_not_accepted_yet() -> None:
    found = answer(example("gef/compte-rendu-json/1", "en_attente"))
    assert [(line.accepted, line.code) for line in found.lines] == [(True, None), (False, "TIERS_INCONNU")]


def test_types_are_those_of_the_json_form_whatever_the_syntax() -> None:
    line = flux(example("gef/flux-commandes-csv/1", "commandes_tableur")).data["lignes"][0]
    assert (line["ligne"], line["lot"], line["quantite"], line["prixUnitaireHT"]) == (1, 2, "40", "12.345678")
    unit = flux(example("gef/flux-xml/1", "structures")).data["lignes"][0]
    assert unit["actif"] is True


def test_comments_prefixes_and_blanks_of_xml_say_nothing() -> None:
    body = example("gef/compte-rendu-xml/1", "partiel").decode("utf-8")
    prefixed = re.sub(r"<(/?)([A-Za-z])", r"<\1g:\2", body).replace("xmlns=", "xmlns:g=", 1)
    commented = body.replace("UF 1000", "UF <!-- la nôtre -->1000")
    assert prefixed != body
    assert commented != body
    assert answer(prefixed.encode()) == answer(commented.encode()) == answer(body.encode())


@pytest.mark.parametrize("verdict", ["accepte", "rejete", "partiel"])
@pytest.mark.parametrize("syntax", ["json", "xml", "csv"])
def test_the_hub_s_own_answer_to_a_flux_reads_as_a_gef_s_would(syntax: str, verdict: str) -> None:
    given = event("flux_traite")
    lines = [one for one in given.data["lignes"] if verdict == "partiel" or one["statut"] == verdict]
    said = replace(given, data={**given.data, "verdict": verdict, "lignes": lines})
    _, document, _ = mapping.say(said, instance("gef_2k22"))
    write = {"json": rendering.to_json, "xml": rendering.to_xml, "csv": rendering.to_csv}[syntax]
    found = answer(write(document))
    assert (found.reference, len(found.lines)) == ("FLX-2026-0001", len(lines))
    assert found.verdict.value == {"accepte": "accepted", "rejete": "rejected", "partiel": "partial"}[verdict]


def test_an_answer_without_lines_keeps_its_verdict_in_csv() -> None:
    given = event("flux_traite")
    said = replace(given, data={**given.data, "verdict": "accepte", "lignes": []})
    _, document, _ = mapping.say(said, instance("gef_nc"))
    found = answer(rendering.to_csv(document))
    assert (found.verdict, found.lines) == (Verdict.ACCEPTED, ())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"<a/>",
        b"{",
        b"<flux",
        b"a;b\r\n1;2\r\n",
        b"type_flux\r\nautre\r\n",
        b"\xff\xfe{",
        b'"x"',
        b"\0",
    ],
)
def test_what_is_neither_an_answer_nor_a_flux_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match="« rien »"):
        read(body, "rien")


@settings(max_examples=60)
@given(
    st.binary(max_size=300)
    | st.text(alphabet='{}[]":;,<>/abc\r\n\0é', max_size=200).map(lambda one: one.encode())
    | st.sampled_from([path for _, path in VALID]).flatmap(
        lambda path: st.integers(0, 400).map(lambda cut: path.read_bytes()[:cut])
    )
)
def test_any_bytes_are_read_or_refused_never_a_crash(body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert read(body)
