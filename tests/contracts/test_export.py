"""Contracts are exported as the standard artefacts they are, complete and unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

import contracts


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_one_contract_is_exported_with_its_examples(tmp_path: Path) -> None:
    (written,) = contracts.export(tmp_path, ["daj/decp-xml/2.0.2"])
    assert written == tmp_path / "daj" / "decp-xml" / "2.0.2"
    assert files(written) == files(contracts.get("daj/decp-xml/2.0.2").folder)


def test_all_contracts_are_exported_and_again_over_themselves(tmp_path: Path) -> None:
    for _ in range(2):
        written = contracts.export(tmp_path)
        assert [folder.relative_to(tmp_path).as_posix() for folder in written] == [c.id for c in contracts.catalogue()]
    assert not list(tmp_path.rglob("__pycache__"))


def test_an_unknown_contract_exports_nothing(tmp_path: Path) -> None:
    with pytest.raises(contracts.UnknownContract):
        contracts.export(tmp_path, ["daj/decp-json/2.0.4", "daj/decp-json/9"])
    assert list(tmp_path.iterdir()) == []
