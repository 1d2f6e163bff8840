"""Channels whose two ends are folders: what a file that is put, or cannot be, means for the delivery."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connectors.transports.filedrop import FileDrop
from semaphore_hub.ports.connector import Connector, Outgoing, Transport
from semaphore_hub.ports.outcomes import Misconfigured, Outcome, Reject
from tests.conformance.cases import BY_FOLDER, any_message, connector, folder_fields, in_folders, no_secret, shown


@dataclass
class Exchange:
    """One connector whose partner is folders, under ``root``."""

    connector: Connector
    outgoing: Outgoing
    transport: Transport
    root: Path

    async def deliver(self, **changes: object) -> None:
        message = replace(self.outgoing.message, **changes)  # type: ignore[arg-type]
        await self.connector.deliver(replace(self.outgoing, message=message), self.transport)

    def files(self) -> dict[str, bytes]:
        """Every file, with its bytes."""
        return {str(one.relative_to(self.root)): one.read_bytes() for one in self.root.rglob("*") if one.is_file()}


@pytest.fixture(params=BY_FOLDER, ids=shown)
async def exchange(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Exchange]:
    name, channel = request.param
    transport = connector(name).open(channel, in_folders(name, tmp_path), no_secret)
    yield Exchange(connector(name), Outgoing(any_message(name, channel), "cle-1"), transport, tmp_path)
    await transport.close()


async def test_a_message_is_put_whole_under_its_name_and_once(exchange: Exchange) -> None:
    await exchange.deliver()
    put = exchange.files()
    message = exchange.outgoing.message
    assert [body for path, body in put.items() if Path(path).name == message.filename] == [message.body]
    await exchange.deliver()
    assert exchange.files() == put, "the same file twice is harmless"


async def test_other_bytes_under_the_same_name_are_refused(exchange: Exchange) -> None:
    await exchange.deliver()
    put = exchange.files()
    with pytest.raises(Reject):
        await exchange.deliver(body=exchange.outgoing.message.body + b" ")
    assert exchange.files() == put


async def test_the_marker_follows_the_file(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """A partner reads a file once its companion is there: it must come after the last byte of the file."""
    order: list[str] = []
    put = FileDrop.put_atomic

    async def noted(drop: FileDrop, name: str, body: bytes) -> bool:
        order.append(name)
        return await put(drop, name, body)

    monkeypatch.setattr(FileDrop, "put_atomic", noted)
    await exchange.deliver()
    assert order[0] == exchange.outgoing.message.filename
    assert len(set(order)) == len(order)


async def test_a_missing_folder_is_a_setting_to_correct(exchange: Exchange) -> None:
    for folder in exchange.root.iterdir():
        shutil.rmtree(folder)
    with pytest.raises(Misconfigured):
        await exchange.deliver()
    assert not (await exchange.connector.check(exchange.transport)).ok
    with pytest.raises(Outcome):
        [one async for one in exchange.connector.collect(exchange.transport)]
    assert list(exchange.root.iterdir()) == [], "a folder that is not there is not made: it may be a mount that fell"


async def test_a_check_changes_nothing(exchange: Exchange) -> None:
    await exchange.deliver()
    for folder in list(exchange.root.iterdir()):
        (folder / "un_fichier_en_attente.dat").write_bytes(b"x")
    before = sorted(exchange.root.rglob("*")), exchange.files()
    health = await exchange.connector.check(exchange.transport)
    assert health.ok, health.detail
    assert (sorted(exchange.root.rglob("*")), exchange.files()) == before


async def test_nothing_is_collected_from_empty_folders(exchange: Exchange) -> None:
    assert [one async for one in exchange.connector.collect(exchange.transport)] == []


def test_the_settings_of_a_channel_by_folders_name_folders() -> None:
    assert [name for name, _ in BY_FOLDER if len(folder_fields(name)) < 2] == []
