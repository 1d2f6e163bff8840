"""The degraded mode of the GEF 09.04 over a real SFTP server on the loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

import contracts
from mock_partners.kit.sftp import Account, SftpServer
from semaphore_hub.ports.connector import Outgoing
from semaphore_hub.ports.outcomes import Misconfigured
from tests.connectors.gef.gef_cases import CONNECTORS, event, settings, translate

CONNECTOR = CONNECTORS["gef_0904"]
CR = next(one.path for one in contracts.get("gef/compte-rendu-csv/1").examples if one.path.stem == "accepte")
PASSWORD = "mot de passe d'essai"


async def test_a_file_goes_and_its_answer_comes_back_by_sftp(tmp_path: Path) -> None:
    depot, retour = tmp_path / "depot", tmp_path / "retour"
    depot.mkdir()
    retour.mkdir()
    server = SftpServer({"hub": Account(tmp_path, PASSWORD)}, tmp_path / "cle")
    await server.start()
    address = {"cleHote": server.host_key_line, "motDePasseSecret": "sftp"}
    given = settings(
        "gef_0904",
        depot={**address, "adresse": f"sftp://hub@127.0.0.1:{server.port}/depot"},
        retour={**address, "adresse": f"sftp://hub@127.0.0.1:{server.port}/retour"},
    )
    transport = CONNECTOR.open("file", given, {"sftp": PASSWORD}.__getitem__)
    message = translate("gef_0904", "file", event("marche_notifie"))
    await CONNECTOR.deliver(Outgoing(message, "k"), transport)
    assert (depot / message.filename).read_bytes() == message.body
    assert (depot / f"{message.filename}.ok").exists()
    name = "GEF_CR_990780017_20261121_00001.csv"
    (retour / name).write_bytes(CR.read_bytes())
    (retour / f"{name}.ok").touch()
    [found] = [one async for one in CONNECTOR.collect(transport)]
    assert (found.name, found.body) == (name, CR.read_bytes())
    await CONNECTOR.confirm(found, transport)
    assert (await CONNECTOR.check(transport)).ok
    assert [one async for one in CONNECTOR.collect(transport)] == []
    await transport.close()
    await server.stop()


def test_an_unknown_server_is_never_trusted() -> None:
    given = settings("gef_0904", depot="sftp://hub@gef.invalid/depot", retour="sftp://hub@gef.invalid/retour")
    with pytest.raises(Misconfigured, match="cleHote"):
        CONNECTOR.open("file", given, {}.__getitem__)
