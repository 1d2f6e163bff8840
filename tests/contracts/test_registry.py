"""Contract folders are read from their contract.toml, and a wrong one says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

import contracts
from contracts.registry import Registry, load

TOML = """
title = "Essai"
prefix = "ESS"
status = "assumed"
format = "json"
media_type = "application/json"
encoding = "utf-8"
schema = "essai.schema.json"
"""
RULE = """
[[rule]]
id = "ESS-UN"
severity = "error"
kind = "coded"
check = "contracts.rules.decp:duree"
message = "À corriger : {detail}"
source = "hypothèse"
"""


def folder(root: Path, toml: str) -> Path:
    made = root / "partenaire" / "essai" / "1"
    made.mkdir(parents=True)
    (made / "contract.toml").write_text(toml, "utf-8")
    (made / "essai.schema.json").write_text("{}", "utf-8")
    return made


def test_the_catalogue_lists_every_contract_folder_once_by_id() -> None:
    ids = [contract.id for contract in contracts.catalogue()]
    assert ids == sorted(set(ids))
    assert {"daj/decp-json/2.0.4", "daj/decp-xml/2.0.2", "daj/decp-csv/1"} <= set(ids)
    assert all(contract.folder.joinpath("contract.toml").is_file() for contract in contracts.catalogue())


def test_a_contract_tells_who_what_and_how_sure_we_are() -> None:
    contract = contracts.get("daj/decp-json/2.0.4")
    assert (contract.partner, contract.interface, contract.version) == ("daj", "decp-json", "2.0.4")
    assert (contract.status, contract.format, contract.media_type) == ("official", "json", "application/json")
    assert contracts.get("daj/decp-csv/1").status == "derived"


@pytest.mark.parametrize(
    "wrong",
    ["", "daj", "daj/decp-json", "daj/decp-json/9", "../contracts/daj/decp-json", "daj/../2", "a/b/c\0", "a/b/"],
)
def test_an_unknown_id_is_refused_whatever_its_form(wrong: str) -> None:
    with pytest.raises(contracts.UnknownContract):
        contracts.validate(wrong, b"{}")


def test_every_rule_has_an_id_a_sentence_and_a_source() -> None:
    for contract in contracts.catalogue():
        ids = [rule.id for rule in contract.rules]
        assert len(ids) == len(set(ids)), contract.id
        for rule in contract.rules:
            assert rule.id.startswith(f"{contract.prefix}-")
            assert rule.id == rule.id.upper()
            assert len(rule.message) > 10
            assert rule.source


def test_every_contract_with_documents_has_the_generic_rules() -> None:
    for contract in contracts.catalogue():
        ids = {rule.id for rule in contract.rules}
        assert {f"{contract.prefix}-{suffix}" for suffix in ("ENCODAGE", "TAILLE", "SCHEMA")} <= ids


def test_a_contract_of_another_root_is_read_with_its_rules(tmp_path: Path) -> None:
    folder(tmp_path, TOML + RULE)
    registry = Registry(tmp_path)
    contract = registry.get("partenaire/essai/1")
    assert registry.catalogue() == (contract,)
    assert contract.rule("ESS-UN").message == "À corriger : {detail}"
    with pytest.raises(KeyError, match="ESS-DEUX"):
        contract.rule("ESS-DEUX")


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("title = ", "not readable as TOML"),
        (TOML.replace('title = "Essai"', ""), "'title' must be a non-empty text"),
        (TOML.replace("assumed", "probable"), "'status' is 'probable'"),
        (TOML.replace('format = "json"', 'format = "yaml"'), "'format' is 'yaml'"),
        (TOML.replace("essai.schema.json", "absent.json"), "names absent.json, which is not in the folder"),
        (TOML.replace('schema = "essai.schema.json"', ""), "'schema' is required"),
        (TOML + RULE + RULE, "stated twice"),
        (TOML + RULE.replace("ESS-UN", "AUTRE-UN"), "does not start with ESS-"),
        (TOML + RULE.replace('check = "contracts.rules.decp:duree"', ""), "'check' goes with kind coded"),
        (TOML + RULE.replace('severity = "error"', 'severity = "fatal"'), "'severity' is 'fatal'"),
    ],
)
def test_a_wrong_contract_file_is_named_with_its_fault(tmp_path: Path, toml: str, said: str) -> None:
    made = folder(tmp_path, toml)
    with pytest.raises(contracts.ContractBroken, match=r"contract\.toml") as caught:
        load(made)
    assert said in str(caught.value)


def test_an_example_must_break_a_rule_that_exists(tmp_path: Path) -> None:
    made = folder(tmp_path, TOML + RULE)
    (made / "examples" / "invalid").mkdir(parents=True)
    (made / "examples" / "invalid" / "ESS-AUTRE.json").write_text("{}", "utf-8")
    with pytest.raises(contracts.ContractBroken, match=r"ESS-AUTRE\.json breaks no rule"):
        load(made)


def test_a_check_that_cannot_be_imported_is_named(tmp_path: Path) -> None:
    made = folder(tmp_path, TOML + RULE.replace("decp:duree", "decp:absente"))
    with pytest.raises(contracts.ContractBroken, match="decp:absente"):
        contracts.validate_document(load(made), b"{}")
