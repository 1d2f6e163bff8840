"""What a document of PLACE means to the hub, and what cannot be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

import contracts
from semaphore_hub.ports.connector import Command, Inbound
from semaphore_hub.ports.outcomes import Unreadable
from tests.connectors.place.place_events import connector


def example(contract_id: str, name: str) -> bytes:
    """A valid example of a contract."""
    return (contracts.get(contract_id).folder / "examples" / "valid" / name).read_bytes()


def read(body: bytes, name: str = "document", channel: str = "api") -> list[Command]:
    """The commands of a document."""
    return list(connector().interpret(Inbound(name, body, "", channel)).commands)


def test_a_consultation_says_its_lots_its_offers_and_those_that_came_late() -> None:
    [said] = read(example("place/consultation/2", "allotie.json"))
    assert said.name == "place.consultation"
    assert {name: said.data[name] for name in ("reference", "statut", "nombreOffres", "offresHorsDelai", "canal")} == {
        "reference": "2026-AOO-017",
        "statut": "analyse",
        "nombreOffres": 2,
        "offresHorsDelai": 1,
        "canal": "api",
    }
    first, second = said.data["lots"]
    assert first["attribution"]["numero"] == "2026DM001"
    assert "attribution" not in second


def test_the_two_exports_say_the_same_consultations() -> None:
    table = read(example("place/export-consultations-csv/1", "avec_bom.csv"), channel="file")
    document = read(example("place/export-consultations-json/1", "export.json"), channel="file")
    assert [one.data["reference"] for one in table] == [one.data["reference"] for one in document]
    for by_row, whole in zip(table, document, strict=True):
        for name in ("reference", "organisme", "acheteur", "objet", "statut", "nombreOffres"):
            assert by_row.data[name] == whole.data[name]
        lots = [{name: value for name, value in one.items() if name != "attribution"} for one in whole.data["lots"]]
        assert [
            {name: value for name, value in one.items() if name != "attribution"} for one in by_row.data["lots"]
        ] == lots
    assert (
        table[0].data["lots"][0]["attribution"]["titulaires"]
        == document[0].data["lots"][0]["attribution"]["titulaires"]
    )


def test_an_export_without_consultations_says_nothing() -> None:
    assert read(example("place/export-consultations-json/1", "vide.json"), channel="file") == []


@pytest.mark.parametrize(
    ("contract_id", "name", "titulaires"),
    [
        ("daj/decp-xml/1.5.0", "marche_et_concession.xml", 1),
        ("daj/decp-xml/2.0.2", "marches_et_concession.xml", 1),
        ("place/donnees-essentielles/1", "format_etendu.xml", 1),
    ],
)
def test_essential_data_are_read_in_their_former_and_present_forms(
    contract_id: str, name: str, titulaires: int
) -> None:
    [said] = read(example(contract_id, name), "contrats-2026-03-20260320T080000.xml")
    assert said.name == "place.decp"
    assert said.data["periode"] == "2026-03"
    for marche in said.data["marches"]:
        assert {"id", "numeros", "acheteur", "montant", "dateNotification", "titulaires"} <= set(marche)
        assert len(marche["dateNotification"]) == 10
        assert len(marche["titulaires"]) >= titulaires
        assert all(holder["id"] for holder in marche["titulaires"])


def test_the_agents_of_the_platform_are_not_read() -> None:
    body = example("place/donnees-essentielles/1", "format_etendu.xml")
    [said] = read(body.replace(b"</acheteur>", b"<nomAgent>FICTIF</nomAgent></acheteur>"))
    assert "FICTIF" not in json.dumps(said.data).replace("FOURNITURES FICTIVES", "")


def test_a_file_exported_by_hand_does_not_say_its_period() -> None:
    [said] = read(example("daj/decp-xml/1.5.0", "marche.xml"), "mes contrats.xml", "file")
    assert "periode" not in said.data
    assert said.data["canal"] == "file"


def test_a_marche_without_number_is_set_aside_with_a_warning_and_the_others_are_kept() -> None:
    one = example("daj/decp-xml/1.5.0", "marche.xml")
    start = one.index(b"<marche>")
    two = one[:start] + b"<marche><objet>?</objet></marche>" + one[start:]
    said = connector().interpret(Inbound("contrats.xml", two, "", "api"))
    assert len(said.commands[0].data["marches"]) == 1
    assert "n° 1" in said.warnings[0]


@pytest.mark.parametrize(
    ("body", "channel", "words"),
    [
        (b"<!DOCTYPE html>\n<html><body>Maintenance</body></html>", "api", "page web"),
        (b"<HTML></HTML>", "api", "page web"),
        (b"<marches><marche>", "api", "illisible"),
        (b"<ticket>ABC</ticket>", "api", "ticket"),
        (b"<marches><marche><id>1</id></marche></marches>", "api", "Aucun"),
        (b'{"@type": "Consultation"}', "api", "forme"),
        (b"{", "api", "forme"),
        (b'{"consultations": [{}]}', "file", "forme"),
        (b"reference;etat\r\nX;en_ligne\r\n", "file", "forme"),
        (b"\xff\xfe", "file", "forme"),
        (b"", "file", "forme"),
    ],
)
def test_what_cannot_be_read_is_quarantined_with_a_reason(body: bytes, channel: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as caught:
        read(body, "document reçu", channel)
    if words == "forme":
        assert caught.value.findings
    assert "document reçu" in caught.value.reason


@pytest.mark.parametrize(
    ("contract_id", "channel"),
    [
        ("place/consultation/2", "api"),
        ("place/export-consultations-json/1", "file"),
        ("place/export-consultations-csv/1", "file"),
    ],
)
def test_a_document_is_read_exactly_when_its_contract_accepts_it(contract_id: str, channel: str) -> None:
    for one in contracts.get(contract_id).examples:
        body = one.path.read_bytes()
        document = Inbound(one.path.name, body, "", channel)
        report = contracts.validate(contract_id, body)
        if not report.valid:
            with pytest.raises(Unreadable) as caught:
                connector().interpret(document)
            assert caught.value.findings == report.findings
            continue
        said = connector().interpret(document)
        assert len(said.warnings) == len(report.findings)
        assert all(json.loads(json.dumps(one.data)) == one.data for one in said.commands)


def test_the_manifest_names_contracts_that_exist() -> None:
    known: dict[str, Any] = {one.id: one for one in contracts.catalogue()}
    for channel in connector().manifest.channels:
        assert {*channel.contracts.values(), *channel.inbound} <= set(known)
