"""The folders of a simulated GEF by a real SFTP server, on the loopback interface."""

from __future__ import annotations

from pathlib import Path

import asyncssh
import pytest

from tests.mock_partners.gef.hubs import FINESS, FileHub, Place, RestHub, example, make


@pytest.mark.parametrize("mock_id", ["gef_0904", "gef_eai_prodige"])
async def test_the_hub_exchanges_files_with_the_gef_by_sftp(mock_id: str, tmp_path: Path) -> None:
    place = Place(tmp_path / "gef" / "depot", tmp_path / "gef" / "retour")
    (tmp_path / "gef").mkdir()
    sftp = {"port": 0, "user": "hub", "password": "secret", "host_key": str(tmp_path / "key")}
    mock = make(mock_id, place, options={"sftp": sftp, "etablissement": FINESS, "emission": "fichier"})
    hub = FileHub(mock, "csv")
    await mock.start()
    try:
        said = await hub.control("GET", "sftp")
        port = int(said["depot"].rpartition(":")[2].partition("/")[0])
        assert said["depot"] == f"sftp://hub@127.0.0.1:{port}/depot"
        assert said["retour"] == f"sftp://hub@127.0.0.1:{port}/retour"
        trusted = asyncssh.import_known_hosts(f"[127.0.0.1]:{port} {said['hostKey']}\n")
        async with (
            asyncssh.connect("127.0.0.1", port, username="hub", password="secret", known_hosts=trusted) as connection,
            connection.start_sftp_client() as client,
        ):
            assert set(await client.listdir("/")) >= {"depot", "retour"}
            name = f"SEM_MAR_{FINESS}_20261201_00001.csv"
            for path, body in ((name, example("csv", "marche", {})), (f"{name}.ok", b"")):
                async with client.open(f"/depot/{path}", "wb") as file:
                    await file.write(body)
            await mock.scan()
            answer = f"GEF_CR_{FINESS}_20261201_00001.csv"
            assert answer in await client.listdir("/retour")
            async with client.open(f"/retour/{answer}", "r") as file:
                assert "SEM-0004;2026VAL001" in str(await file.read())
    finally:
        await mock.stop()
    with pytest.raises(OSError, match=r".+"):
        await asyncssh.connect("127.0.0.1", port, username="hub", password="secret", known_hosts=None)


async def test_without_the_option_there_is_no_sftp() -> None:
    hub = RestHub(make("gef_0904"))
    assert (await hub.http.get("/_mock/sftp")).status_code == 404


def test_folders_apart_cannot_be_one_users(tmp_path: Path) -> None:
    sftp = {"user": "hub", "password": "secret"}
    (tmp_path / "a").mkdir()
    place = Place(tmp_path / "a" / "depot", tmp_path / "b" / "retour")
    with pytest.raises(ValueError, match="same folder"):
        make("gef_0904", place, options={"sftp": sftp})
    with pytest.raises(ValueError, match="depot_dir"):
        make("gef_0904", options={"sftp": sftp})


async def test_answers_may_lie_in_the_deposit(tmp_path: Path) -> None:
    sftp = {"user": "hub", "password": "secret", "host_key": str(tmp_path / "key")}
    mock = make("gef_0904", depot_dir=tmp_path / "depot", options={"sftp": sftp})
    await mock.start()
    try:
        said = await RestHub(mock).control("GET", "sftp")
        assert said["depot"].endswith("/")
        assert said["retour"].endswith("/retour")
    finally:
        await mock.stop()
