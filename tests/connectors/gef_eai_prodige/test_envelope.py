"""The envelope of the EAI, and which folders each channel uses."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import contracts
from connectors.gef_eai_prodige.envelope import CONTRACT, MARKER, digest_in, envelope_of
from semaphore_hub.ports.connector import Outgoing
from semaphore_hub.ports.outcomes import Misconfigured
from tests.connectors.gef.gef_cases import CONNECTORS, EXAMPLES, FOLDER, event, expected, no_secret, settings, translate

NAME = "gef_eai_prodige"
CONNECTOR = CONNECTORS[NAME]
EXAMPLE = next(one.path for one in contracts.get(CONTRACT).examples if one.path.stem == "mandats").read_bytes()


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_envelope_of_a_message_satisfies_its_contract_and_is_always_the_same(kind: str) -> None:
    message = translate(NAME, "eai", event(EXAMPLES[kind]), ordinal=12)
    made = envelope_of(message, settings(NAME))
    assert made.name == f"{message.filename}.env.xml"
    assert made.body == expected(FOLDER / NAME / "golden" / f"{kind}.eai.env.xml", made.body)
    assert made == envelope_of(message, settings(NAME))
    assert contracts.validate(CONTRACT, made.body).findings == ()
    assert f"<sha256>{hashlib.sha256(message.body).hexdigest()}</sha256>".encode() in made.body
    assert f"<tailleOctets>{len(message.body)}</tailleOctets>".encode() in made.body
    assert b"<numeroSequence>12</numeroSequence>" in made.body


def name_of(content: bytes) -> str:
    """The file an example is about."""
    said = {one.split(">")[0]: one.split(">")[1].split("<")[0] for one in content.decode().split("<") if ">" in one}
    return f"{said['emetteur']}_{said['codeFlux']}_990780017_20261121_{int(said['numeroSequence']):05d}.xml"


def test_an_envelope_announces_the_checksum_of_its_own_file() -> None:
    name = name_of(EXAMPLE)
    assert digest_in(EXAMPLE, name).encode() in EXAMPLE
    assert MARKER.name_of(name) == f"{name}.env.xml"
    for other in (name.replace("_MAN_", "_CMD_"), name.replace("GEF_", "SEM_"), f"{name[:-9]}99999.xml"):
        assert other != name
        with pytest.raises(ValueError, match="autre fichier"):
            digest_in(EXAMPLE, other)


@pytest.mark.parametrize(
    "broken", [one for one in contracts.get(CONTRACT).examples if one.rule], ids=lambda one: one.path.name
)
def test_an_envelope_that_breaks_its_contract_is_refused_with_its_words(broken: contracts.Example) -> None:
    with pytest.raises(ValueError, match="ne respecte pas son contrat"):
        digest_in(broken.path.read_bytes(), "GEF_MAN_990780017_20261121_00001.xml")


async def test_the_eai_has_its_own_folders_unless_they_are_those_of_the_degraded_mode(tmp_path: Path) -> None:
    for name in ("depot", "retour", "depotEai", "retourEai"):
        (tmp_path / name).mkdir()
    files = {name: str(tmp_path / name) for name in ("depot", "retour")}
    own = {name: str(tmp_path / name) for name in ("depotEai", "retourEai")}
    message = translate(NAME, "eai", event("marche_notifie"))
    for given, folder in ((files, "depot"), ({**files, **own}, "depotEai"), (own, "depotEai")):
        transport = CONNECTOR.open("eai", settings(NAME, **given), no_secret)
        await CONNECTOR.deliver(Outgoing(message, "k"), transport)
        assert (tmp_path / folder / message.filename).exists()
        (tmp_path / folder / message.filename).unlink()
    with pytest.raises(Misconfigured, match="channel eai"):
        CONNECTOR.open("eai", settings(NAME), no_secret)
    with pytest.raises(Misconfigured, match="channel file"):
        CONNECTOR.open("file", settings(NAME, **own), no_secret)


async def test_in_a_shared_folder_each_mode_reads_only_the_files_that_have_its_companion(tmp_path: Path) -> None:
    given = settings(NAME, depot=str(tmp_path), retour=str(tmp_path))
    answer = next(one.path for one in contracts.get("gef/compte-rendu-csv/1").examples if one.path.stem == "accepte")
    name = "GEF_CR_990780017_20261121_00001.csv"
    (tmp_path / name).write_bytes(answer.read_bytes())
    (tmp_path / f"{name}.ok").touch()
    found = {}
    for channel in ("eai", "file"):
        transport = CONNECTOR.open(channel, given, no_secret)
        found[channel] = [one.name async for one in CONNECTOR.collect(transport)]
        await transport.close()
    assert found == {"eai": [], "file": [name]}
