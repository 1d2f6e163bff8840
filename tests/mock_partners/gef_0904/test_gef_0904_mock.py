"""The simulated GEF 09.04: its key, its version, and its folders by SFTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mock_partners.gef.hubs import FileHub, Place, RestHub, codes, make


async def test_the_key_is_asked_everywhere() -> None:
    hub = RestHub(make("gef_0904", api_key="secret"))
    for method, path in (
        ("POST", "/v1/messages"),
        ("GET", "/v1/echanges"),
        ("GET", "/v1/echanges/ECH-1"),
        ("PUT", "/v1/echanges/ECH-1/lecture"),
        ("POST", "/v1/comptes-rendus"),
        ("GET", "/v1/sante"),
    ):
        answer = await hub.http.request(method, path, headers={"X-Api-Key": "faux"})
        assert (answer.status_code, answer.json()["code"]) == (401, "NON_AUTORISE")
    answer = await hub.http.get("/v1/sante", headers={"X-Api-Key": "secret"})
    assert answer.json() == {"statut": "ok", "produit": "GEF 09.04", "version": "09.04.00226"}


@pytest.mark.parametrize(
    ("version", "code"), [("09.04.00226", None), ("09.05", None), ("09.04.00225", "VERSION_INCOMPATIBLE")]
)
async def test_a_lower_version_refuses_by_rest_and_not_by_file(tmp_path: Path, version: str, code: str | None) -> None:
    place = Place(tmp_path / "depot", tmp_path / "retour")
    mock = make("gef_0904", place, options={"version": version})
    answer = await RestHub(mock).send("marche")
    assert set(codes(answer).values()) == {code}
    assert codes(await FileHub(mock, "csv").send("marche")) == {1: None, 2: None}
