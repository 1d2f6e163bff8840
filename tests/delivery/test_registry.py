"""Where connectors are found, and what is said when one does not load."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from semaphore_hub.delivery.registry import CONNECTOR_DIRS, connector_folders, load_connectors
from semaphore_hub.kernel.errors import ConfigurationError

MANIFEST = """
id = "{id}"
name = "Partenaire fictif"
kind = "autre"
status = "assumed"
description = "d"
{uses}
idempotent = true
retry_schedule = ["5s"]
[[channels]]
id = "{channel}"
label = "Canal"
contracts = {{ marche = "{contract}" }}
[[messages]]
event = "fr.semaphore.marche.notifie.v1"
message = "marche"
audience = "ght"
ordering = "receipt"
acknowledgement = true
"""
CODE = """
from .words import SAID


class Connector:
    def __init__(self, manifest):
        self.manifest = manifest
        self.said = SAID


def create(manifest):
    return Connector(manifest)
"""


def connector(
    root: Path,
    name: str,
    *,
    uses: str | None = "gef",
    channel: str = "api",
    contract: str = "gef/message-json/1",
    code: str | None = None,
) -> Path:
    """A folder that holds a connector."""
    folder = root / name
    folder.mkdir(parents=True)
    said = "" if uses is None else f'uses = "{uses}"'
    text = MANIFEST.format(id=name, uses=said, channel=channel, contract=contract)
    (folder / "manifest.toml").write_text(text, encoding="utf-8")
    if code is not None:
        (folder / "connector.py").write_text(CODE, encoding="utf-8")
        (folder / "words.py").write_text(f"SAID = {code!r}\n", encoding="utf-8")
    return folder


def test_a_folder_outside_the_package_is_loaded_by_its_location(tmp_path: Path) -> None:
    connector(tmp_path, "decrit")
    connector(tmp_path, "code", uses=None, code="bonjour")
    registry = load_connectors([tmp_path])
    assert {"decrit", "code", "dgfip"} <= set(registry)
    assert registry.get("decrit").manifest.uses == "gef"
    assert registry.get("code").said == "bonjour"  # type: ignore[attr-defined]
    assert "decrit" not in load_connectors(), "nothing is kept from one load to the next"


def test_modules_of_two_folders_with_the_same_names_do_not_mix(tmp_path: Path) -> None:
    connector(tmp_path / "a", "un", uses=None, code="premier")
    connector(tmp_path / "b", "deux", uses=None, code="second")
    before = set(sys.path)
    registry = load_connectors([tmp_path / "a", tmp_path / "b"])
    assert [registry.get(name).said for name in ("un", "deux")] == ["premier", "second"]  # type: ignore[attr-defined]
    assert set(sys.path) == before


def test_the_environment_names_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [connector(tmp_path / "a", "un"), connector(tmp_path / "b", "deux")]
    monkeypatch.setenv(CONNECTOR_DIRS, os.pathsep.join([str(tmp_path / "a"), "", str(tmp_path / "b")]))
    assert {"un", "deux"} <= set(load_connectors([tmp_path / "a"])), "named twice is found once"
    assert set(folders) <= set(connector_folders())
    shutil.rmtree(tmp_path / "a" / "un")
    assert "un" not in {one.name for one in connector_folders()}


def test_two_connectors_of_one_id_are_refused_and_both_places_said(tmp_path: Path) -> None:
    connector(tmp_path, "dgfip")
    with pytest.raises(
        ConfigurationError, match=r"two connectors have the id 'dgfip': .*connectors/dgfip and .*"
    ) as no:
        load_connectors([tmp_path])
    assert str(tmp_path / "dgfip") in no.value.detail


@pytest.mark.parametrize("place", ["absent", "vide", "le_connecteur_lui_meme"])
def test_a_folder_that_holds_no_connector_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "vide").mkdir()
    connector(tmp_path, "le_connecteur_lui_meme")
    with pytest.raises(ConfigurationError, match="holds no connector folder"):
        load_connectors([tmp_path / place])
    assert (tmp_path / place) not in connector_folders([tmp_path / place])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"uses": "inconnu"}, "'casse' does not load: No module named 'connectors.inconnu'"),
        ({"uses": None}, "'casse' does not load"),
        ({"contract": "gef/inconnu/1"}, "'casse' does not load: no interface contract"),
        ({"contract": "gef/message-xml/1"}, "channel api with contracts in XML needs a connector.py"),
        ({"channel": "file"}, "channel file with contracts in JSON needs a connector.py"),
        ({"channel": "eai", "contract": "gef/message-xml/1"}, "channel eai with contracts in XML needs a connector.py"),
        ({"contract": "gef_0904/api/1"}, "must all be JSON, XML or CSV"),
    ],
)
def test_what_is_wrong_with_a_connector_is_named(tmp_path: Path, given: dict[str, str | None], words: str) -> None:
    connector(tmp_path, "casse", **given)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=words):
        load_connectors([tmp_path])
