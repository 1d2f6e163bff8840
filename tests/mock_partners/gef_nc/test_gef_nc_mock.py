"""The simulated GEF of unknown version: closed by REST until upgraded, open by files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mock_partners.gef.hubs import FINESS, FileHub, Place, RestHub, codes, make


@pytest.mark.parametrize(
    ("version", "code"),
    [("NC", "VERSION_INCOMPATIBLE"), ("0.9", "VERSION_INCOMPATIBLE"), ("1.0", None), ("2.3.1", None)],
)
async def test_rest_is_closed_until_the_version_is_known_and_high_enough(version: str, code: str | None) -> None:
    hub = RestHub(make("gef_nc", options={"version": version}))
    answer = await hub.send("marche")
    assert set(codes(answer).values()) == {code}
    health = (await hub.http.get("/v1/sante")).json()
    assert health == {"statut": "ok", "produit": "GEF NC", "version": version}


async def test_the_same_message_refused_by_rest_is_taken_by_file(tmp_path: Path) -> None:
    mock = make("gef_nc", Place(tmp_path / "depot", tmp_path / "retour"))
    refused = await RestHub(mock).send("marche")
    assert refused is not None
    assert refused["motif"]["code"] == "VERSION_INCOMPATIBLE"
    assert codes(await FileHub(mock, "csv").send("marche")) == {1: None, 2: None}
    assert mock.state.effets == {"SEM-0004": [1, 2]}


async def test_an_upgrade_opens_rest_and_moves_the_flux_there(tmp_path: Path) -> None:
    mock = make("gef_nc", Place(tmp_path / "depot", tmp_path / "retour"), options={"etablissement": FINESS})
    files, rest = FileHub(mock, "csv"), RestHub(mock)
    sent = await rest.control("POST", "emettre", {"typeFlux": "structures"})
    assert sent["canal"] == "fichier"
    assert [one["typeFlux"] for one in await files.fetch()] == ["structures"]
    await rest.state(version="1.0")
    assert codes(await rest.send("marche")) == {1: None, 2: None}
    sent = await rest.control("POST", "emettre", {"typeFlux": "structures"})
    assert sent["canal"] == "api"
    assert [one["typeFlux"] for one in await rest.fetch()] == ["structures"]


async def test_what_waited_by_file_is_answered_by_file(tmp_path: Path) -> None:
    mock = make("gef_nc", Place(tmp_path / "depot", tmp_path / "retour"), known_suppliers=frozenset({"99900102700013"}))
    files, rest = FileHub(mock, "csv"), RestHub(mock)
    waiting = await files.send("marche")
    assert waiting is not None
    assert waiting["verdict"] == "en_attente"
    await rest.state(version="1.0")
    await rest.send("fournisseur_creation")
    assert await rest.fetch() == []
    assert [one["verdict"] for one in await files.fetch()] == ["accepte"]


@pytest.mark.parametrize("canal", [None, "api", "eai", "fichier"])
async def test_a_flux_needs_a_channel_that_this_gef_has(canal: str | None) -> None:
    hub = RestHub(make("gef_nc"))
    answer = await hub.http.post("/_mock/emettre", json={"typeFlux": "structures", "canal": canal})
    if canal == "api":
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "SANS_CANAL")
    ordered = await hub.http.post("/_mock/commander", json={"numeroMarche": "X", "canal": canal})
    assert ordered.status_code == (404 if canal == "api" else 409)
    assert hub.mock.state.commandes == []
