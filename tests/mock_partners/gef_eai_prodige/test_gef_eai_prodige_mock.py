"""The simulated GEF behind the EAI PRODIGE: envelopes, two channels in the same folders, its version."""

from __future__ import annotations

from pathlib import Path

import pytest

import contracts
from contracts.rules.echange_fichiers import sha256_hex
from mock_partners.gef.mock import GefMock
from tests.mock_partners.gef.hubs import FINESS, FileHub, Place, codes, example, make
from tests.mock_partners.gef_eai_prodige.envelope import EaiHub


@pytest.fixture
def mock(tmp_path: Path) -> GefMock:
    place = Place(tmp_path / "depot", tmp_path / "retour")
    return make("gef_eai_prodige", place, options={"etablissement": FINESS})


async def test_each_answer_has_an_envelope_that_satisfies_its_contract(mock: GefMock) -> None:
    hub = EaiHub(mock, "xml")
    await hub.drop("MAR", example("xml", "marche", {}))
    file = hub.retour / f"GEF_CR_{FINESS}_20261201_00001.xml"
    envelope = (hub.retour / f"{file.name}.env.xml").read_bytes()
    assert contracts.validate("gef_eai_prodige/enveloppe/1", envelope).findings == ()
    assert f"<sha256>{sha256_hex(file.read_bytes())}</sha256>".encode() in envelope
    assert f"<tailleOctets>{file.stat().st_size}</tailleOctets>".encode() in envelope
    assert not list(hub.retour.glob("*.ok"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"<codeFlux>MAR</codeFlux>", b"<codeFlux>MOD</codeFlux>", "autre fichier"),
        (b"<numeroSequence>1<", b"<numeroSequence>2<", "autre fichier"),
        (b"<destinataire>GEF<", b"<destinataire>SEM<", "contrat"),
        (b"<enveloppe", b"<enveloppe <", "contrat"),
    ],
)
async def test_an_envelope_that_is_not_that_of_its_file_is_refused(
    mock: GefMock, old: bytes, new: bytes, said: str
) -> None:
    hub = EaiHub(mock, "xml")
    body, name = example("xml", "marche", {}), f"SEM_MAR_{FINESS}_20261201_00001.xml"
    envelope = hub.marker(name, body)
    assert old in envelope
    (hub.depot / name).write_bytes(body)
    (hub.depot / f"{name}.env.xml").write_bytes(envelope.replace(old, new))
    await mock.scan()
    report = (hub.depot / "refuses" / f"{name}.rejet.txt").read_text("utf-8")
    assert "[EFI-TEMOIN]" in report
    assert said in report
    assert mock.state.marches == {}


async def test_both_channels_share_the_folders_the_numbers_and_the_state(mock: GefMock) -> None:
    xml, csv = EaiHub(mock, "xml"), FileHub(mock, "csv")
    assert codes(await xml.send("marche")) == {1: None, 2: None}
    again = await csv.send("marche")
    assert codes(again) == {1: None, 2: None}
    assert mock.journal.search()[0].verdict == "replayed"
    assert mock.state.effets == {"SEM-0004": [1, 2]}
    await xml.control("POST", "emettre", {"typeFlux": "structures", "canal": "fichier"})
    assert [path.name for path in sorted(csv.retour.iterdir())] == [
        f"GEF_STR_{FINESS}_20261201_00003.csv",
        f"GEF_STR_{FINESS}_20261201_00003.csv.ok",
    ]


async def test_a_lower_version_refuses_the_eai_and_not_the_csv(tmp_path: Path) -> None:
    place = Place(tmp_path / "depot", tmp_path / "retour")
    low = make("gef_eai_prodige", place, options={"version": "V 21 Autre si module GDR", "etablissement": FINESS})
    refused = await EaiHub(low, "xml").send("marche")
    assert refused is not None
    assert refused["motif"]["code"] == "VERSION_INCOMPATIBLE"
    csv = FileHub(low, "csv")
    csv._number = 1
    assert codes(await csv.send("marche")) == {1: None, 2: None}
    sent = await csv.control("POST", "emettre", {"typeFlux": "structures"})
    assert sent["canal"] == "fichier"


async def test_there_is_no_wire(mock: GefMock) -> None:
    hub = FileHub(mock, "csv")
    assert (await hub.http.post("/v1/messages", json={})).status_code == 404
    answer = await hub.http.post("/_mock/emettre", json={"typeFlux": "structures", "canal": "api"})
    assert (answer.status_code, answer.json()["code"]) == (409, "SANS_CANAL")
