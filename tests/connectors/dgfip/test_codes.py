"""The writer of the PES and the published correspondence know the same codes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

import contracts
from connectors.dgfip import codes

_TABLE = tomllib.loads((Path(contracts.__file__).parent / "correspondance" / "table.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("ours", "listed"),
    [
        (codes.NAT_ID, "natureIdentifiant"),
        (codes.TYPE_CODE_LIEU, "typeCodeLieu"),
        (codes.FORME_PRIX, "formePrix"),
        (codes.VARIATION_PRIX, "typePrix"),
        (codes.VARIATION_ACTE, "variationPrixActe"),
        (codes.GROUPEMENT, "typeGroupement"),
        (codes.CCAG, "ccag"),
        (codes.TECHNIQUE, "technique"),
        (codes.CONSIDERATION_SOCIALE, "considerationSociale"),
        (codes.CONSIDERATION_ENVIRONNEMENTALE, "considerationEnvironnementale"),
        (codes.NATURE_CONCESSION, "natureConcession"),
        (codes.PROCEDURE_CONCESSION, "procedureConcession"),
    ],
)
def test_each_list_says_the_same_as_the_published_correspondence(ours: Mapping[str, str], listed: str) -> None:
    assert {code: label for label, code in ours.items()} == _TABLE["liste"][listed]["pes"]
