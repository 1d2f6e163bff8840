"""A document is recognised by what it holds, even damaged; its name only helps when the content says nothing."""

from __future__ import annotations

import pytest

import contracts
from tests.shared import shared_path

RECOGNISABLE = [
    pytest.param(contract, example, id=f"{contract.id}/{example.path.name}")
    for contract in contracts.catalogue()
    if contract.partner == "daj"
    for example in contract.examples
    if "separateur" not in example.path.name and "colonne_absente" not in example.path.name
]


@pytest.mark.parametrize(("contract", "example"), RECOGNISABLE)
def test_each_example_is_recognised_valid_or_not(
    contract: contracts.InterfaceContract, example: contracts.Example
) -> None:
    assert contracts.recognise(example.path.read_bytes(), example.path.name) == contract.id


@pytest.mark.parametrize("body", [b"", b" ", b"<a/>", b"{}", b"[1]", b"bonjour", b"a;b\n1;2\n", b"\0\0", b"<", b"{"])
def test_an_unknown_document_is_no_contract(body: bytes) -> None:
    assert contracts.recognise(body) is None
    assert contracts.recognise(body, "decp.json") is None


def test_the_real_consolidated_files_are_recognised_and_valid() -> None:
    files = sorted(shared_path("standards", "samples", "real-decp").glob("*.csv"))
    assert len(files) == 2
    for file in files:
        body = file.read_bytes()
        assert contracts.recognise(body, file.name) == "daj/decp-csv/1"
        assert contracts.validate("daj/decp-csv/1", body).valid


def test_a_truncated_document_is_still_recognised() -> None:
    folder = contracts.get("daj/decp-json/2.0.4").folder / "examples/valid"
    body = (folder / "accord_cadre.json").read_bytes()
    assert contracts.recognise(body[: len(body) // 2]) == "daj/decp-json/2.0.4"
