"""Files that cannot be read at all: one clear error, and nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from semaphore_hub.imports import ImportRefused
from semaphore_hub.imports.source import MAX_BYTES
from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.errors import Forbidden, NotFound
from tests.imports.hub import HEADER, Hub, changed, csv_file, json_file, row
from tests.imports.test_decp_xml import as_xml

_MARCHE_XML = as_xml(changed())


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("texte.txt", b"bonjour", "IMP-FORMAT"),
        ("vide.json", b"", "IMP-FORMAT"),
        ("binaire.csv", b"\x00\x01\x02\xff", "IMP-FORMAT"),
        ("autre.json", b'{"releases": []}', "IMP-FORMAT"),
        ("liste.json", b"[1, 2]", "IMP-FORMAT"),
        ("autre.xml", b"<autre/>", "IMP-FORMAT"),
        ("espace.xml", b'<marches xmlns="http://exemple.invalid"/>', "IMP-FORMAT"),
        ("autre.csv", b"a,b,c\n1,2,3\n", "IMP-FORMAT"),
        ("point-virgule.csv", HEADER.replace(",", ";").encode() + b"\n", "IMP-FORMAT"),
        (
            "acquit.xml",
            b'<n:PES_ACQUIT xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/retour/v2"/>',
            "IMP-FORMAT",
        ),
        ("v1-coupe.json", b'{"marches": [{"id": "1", "denominationSociale": "x"}', "DECP-JSON"),
        ("sans-liste.json", b'{"marches": {}}', "IMP-LISTE"),
        ("objet.json", b'{"marches": {"marche": {"id": "1"}}}', "IMP-LISTE"),
        ("texte.json", b'{"marches": "rien"}', "IMP-LISTE"),
        ("nan.json", b'{"marches": {"marche": [{"montant": NaN}]}}', "DECP-JSON"),
        ("double.json", b'{"marches": {"marche": [{"id": "1", "id": "2"}]}}', "DECP-JSON"),
        ("latin.json", '{"marches": {"marche": [{"objet": "é"}]}}'.encode("latin-1"), "DECP-ENCODAGE"),
        ("doctype.xml", b'<!DOCTYPE marches [<!ENTITY a "b">]>\n<marches/>', "DECP-DOCTYPE"),
        ("entite.xml", b"<marches><marche><id>&a;</id></marche></marches>", "DECP-XML"),
        ("latin.xml", b'<?xml version="1.0" encoding="ISO-8859-1"?><marches/>', "DECP-ENCODAGE"),
        ("faux-utf8.xml", b'<?xml version="1.0" encoding="UTF-8"?><marches><a>\xe9</a></marches>', "DECP-ENCODAGE"),
        ("latin.csv", f"{HEADER}\n{row()}\n{row(acheteur_nom='HÔPITAL FICTIF')}\n".encode("latin-1"), "DECP-ENCODAGE"),
        ("guillemet.csv", f'{HEADER}\n{row()}\n"abc'.encode(), "DECP-CSV"),
        ("coupe.csv", f"{HEADER}\n{row()}\n{row()[:40]}".encode(), "DECP-CSV"),
        ("nul.csv", f"{HEADER}\n{row()}\n\0\n".encode(), "DECP-CSV"),
        ("colonne.csv", f"{HEADER},inconnue\n{row()},1\n".encode(), "DECP-SCHEMA"),
    ],
)
def test_an_unreadable_file_is_refused_whole(hub: Hub, tmp_path: Path, name: str, content: bytes, rule: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImportRefused) as refused:
        hub.run(tmp_path / name)
    assert refused.value.findings[0].rule == rule
    assert refused.value.findings[0].message.endswith(".")
    assert refused.value.problems[0].rule == rule
    assert hub.counts() == (0, 0, 0, 0)


def test_a_truncated_json_changes_nothing_though_its_first_marches_are_whole(hub: Hub, tmp_path: Path) -> None:
    path = json_file(tmp_path / "decp.json", changed(), changed(id="2026DM002"))
    path.write_bytes(path.read_bytes().rstrip()[:-6])
    with pytest.raises(ImportRefused, match="tronqué"):
        hub.run(path)
    assert hub.counts() == (0, 0, 0, 0)


def test_a_truncated_xml_changes_nothing_though_its_first_marches_are_whole(hub: Hub, tmp_path: Path) -> None:
    path = tmp_path / "decp.xml"
    path.write_text(f"<marches>{_MARCHE_XML}{_MARCHE_XML}", "utf-8")
    with pytest.raises(ImportRefused, match="tronqué"):
        hub.run(path)
    assert hub.counts() == (0, 0, 0, 0)


def test_a_file_above_the_limit_is_refused_without_being_read(hub: Hub, tmp_path: Path) -> None:
    path = tmp_path / "enorme.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ImportRefused, match=r"pèse 200,0 Mio, la limite est de 200 Mio"):
        hub.run(path)


@pytest.mark.parametrize("name", ["absent.json", "."])
def test_a_file_that_is_not_there_is_said_so(hub: Hub, tmp_path: Path, name: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        hub.run(tmp_path / name)
    assert refused.value.findings[0].rule == "IMP-LECTURE"


def test_a_kind_says_how_to_read_and_is_believed(hub: Hub, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "decp.csv", row())
    with pytest.raises(ImportRefused) as refused:
        hub.run(path, kind="decp-json")
    assert refused.value.findings[0].rule == "DECP-JSON"
    assert hub.run(path, kind="decp-csv").compteurs.completes == 1


def test_an_unknown_kind_lists_those_that_exist(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="decp-json, decp-xml, decp-csv"):
        hub.run(json_file(tmp_path / "decp.json", changed()), kind="paat")


def test_an_unknown_ght_stops_the_import(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="AUTRE-1"):
        hub.run(json_file(tmp_path / "decp.json", changed()), ght="AUTRE-1")
    assert hub.counts() == (0, 0, 0, 0)


def test_a_reader_may_not_import(hub: Hub, tmp_path: Path) -> None:
    caller = Caller(name="ars", role=Role.ARS, ghts=None)
    with pytest.raises(Forbidden):
        hub.run(json_file(tmp_path / "decp.json", changed()), caller=caller)
