"""The official PES schemas, compiled once, beside ours."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lxml import etree

import contracts
from contracts import xsd
from tests.shared import shared_path

MARCHE = ("dgfip/pes-marche/5.17", "dgfip/pes-marche/5.30")
ACQUIT = "dgfip/pes-acquit/2"
CONTRACTS = (*MARCHE, ACQUIT)
_ENUMERATION = "{http://www.w3.org/2001/XMLSchema}enumeration"
_OFFICIAL = {
    MARCHE[0]: "xsd-v5.17/PES_V2/Rev0/PES_Aller.xsd",
    MARCHE[1]: "xsd-v5.30-reconstruit/PES_V2/Rev0/PES_Aller.xsd",
    ACQUIT: "xsd-v5.17/PES_V2/Rev0/PES_V2_Acquit_Autonome_V2.xsd",
}


def official(contract_id: str) -> etree.XMLSchema:
    """The official schema of this contract; skips the test when the shared folder is not there."""
    return _compiled(shared_path("standards", "pes", *_OFFICIAL[contract_id].split("/")))


def ours(contract_id: str) -> etree.XMLSchema:
    schema = contracts.get(contract_id).schema
    assert schema is not None
    return xsd.compiled(schema)


def codes(contract_id: str) -> set[str]:
    """Every code of a closed list, theirs and ours: those that one side would lack are among them."""
    theirs = shared_path("standards", "pes", _OFFICIAL[contract_id].partition("/")[0], "PES_V2")
    mine = contracts.get(contract_id).folder
    files = [*theirs.glob("*.xsd"), *theirs.glob("NS_Marche/r0/*.xsd"), *mine.glob("*.xsd")]
    return {str(node.get("value")) for path in files for node in etree.parse(path).iter(_ENUMERATION)}


def complete(contract_id: str) -> etree._ElementTree:
    """The example that uses every optional element of the format."""
    return etree.parse(contracts.get(contract_id).folder / "examples" / "valid" / "complet.xml")


def refused_places(schema: etree.XMLSchema, tree: etree._ElementTree) -> set[str]:
    """Paths of the elements the schema complains about; empty when the document is valid."""
    if schema.validate(tree):
        return set()
    return {entry.path for entry in schema.error_log}


@cache
def _compiled(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path))
