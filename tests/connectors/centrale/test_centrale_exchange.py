"""Both connectors against the simulated cooperatives, in memory: by the API and by files, with the same result."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_partners.centrale.mock import CentraleMock
from semaphore_hub.ports.connector import Acknowledgement, Command, Message, Outgoing, Receipt, Transport, Verdict
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome, Reject, Retry, Unknown
from tests.connectors.centrale.centrale_cases import (
    BASE,
    CHANNELS,
    CONNECTORS,
    IDS,
    OPENED,
    SECRETS,
    collected,
    event,
    folders,
    no_secret,
    reached,
    settings,
    simulated,
    translate,
)

UID = "0193f7f0-0000-7000-8000-000000000001"


@dataclass
class Bench:
    """One connector in front of a simulated cooperative, by one channel."""

    name: str
    channel: str
    mock: CentraleMock
    transport: Transport
    sent: int = 0

    def message(self, said: str, **adhesion: Any) -> Message:
        self.sent += 1
        return translate(self.name, self.channel, event(said, **adhesion), ordinal=self.sent)

    async def send(self, said: str, **adhesion: Any) -> Receipt:
        message = self.message(said, **adhesion)
        receipt = await CONNECTORS[self.name].deliver(Outgoing(message, message.reference), self.transport)
        if self.channel == "file":
            await self.mock.scan()
        return receipt

    async def asked(self, said: str, **adhesion: Any) -> tuple[list[Acknowledgement], list[Command]]:
        """Send, then everything that was said in return."""
        receipt = await self.send(said, **adhesion)
        acknowledgements, commands = await self.heard()
        if receipt.response is not None:
            answer = CONNECTORS[self.name].interpret(receipt.response)
            return [*answer.acknowledgements, *acknowledgements], [*answer.commands, *commands]
        return acknowledgements, commands

    async def heard(self) -> tuple[list[Acknowledgement], list[Command]]:
        """Everything that waits."""
        await self.mock.files.write()
        acknowledgements: list[Acknowledgement] = []
        commands: list[Command] = []
        for document in await collected(self.name, self.transport):
            said = CONNECTORS[self.name].interpret(document)
            acknowledgements += said.acknowledgements
            commands += said.commands
        return acknowledgements, commands

    async def control(self, path: str, content: dict[str, Any], *, status: int = 200) -> dict[str, Any]:
        inner = httpx.ASGITransport(self.mock.app)
        async with httpx.AsyncClient(transport=inner, base_url=BASE) as client:
            answer = await client.post(f"/_mock/{path}", json=content)
        assert answer.status_code == status, answer.text
        body: dict[str, Any] = answer.json()
        return body


Opening = Callable[..., Bench]


@pytest.fixture(params=CHANNELS, ids="-".join)
async def opening(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Opening]:
    """Opens a bench with given options of the simulated cooperative."""
    name, channel = request.param
    made: list[Bench] = []

    def open_(**options: Any) -> Bench:
        if channel == "api":
            mock = simulated(name, options=options)
            transport = reached(monkeypatch, name, mock)
        else:
            mock = simulated(name, tmp_path, options=options)
            transport = folders(name, tmp_path)
        made.append(Bench(name, channel, mock, transport))
        return made[-1]

    yield open_
    for bench in made:
        await bench.transport.close()


async def joined(bench: Bench) -> list[Command]:
    """The whole workflow, as an automatic cooperative plays it."""
    commands: list[Command] = []
    for said in ("demande", "signature", "ventilation"):
        acknowledgements, more = await bench.asked(said)
        assert [(one.verdict, one.business_ref) for one in acknowledgements] == [(Verdict.ACCEPTED, UID)]
        assert acknowledgements[0].reference == f"SEM-{event(said).id}"
        commands += more
    return commands


async def test_the_whole_workflow_ends_with_the_marche_and_its_products(opening: Opening) -> None:
    bench = opening(automatique=True, taux_redevance="2")
    commands = await joined(bench)
    states = [one.data for one in commands if one.name == "centrale.adhesion"]
    assert [one["statut"] for one in states] == [
        "signature", "ventilation", "validation_ca", "notification_fournisseurs", "active",
    ]  # fmt: skip
    assert states[1]["motif"] == "Redevance annoncée : 960.00 € TTC."
    assert (states[-1]["dateEntree"], states[-1]["dateFin"]) == ("2026-12-01", "2028-11-30")
    [marches] = [one.data for one in commands if one.name == "centrale.marches"]
    [lot] = marches["marches"][0]["lots"]
    assert (lot["numero"], lot["beneficiaires"]) == (1, ["26999901700016"])
    [produits] = [one.data for one in commands if one.name == "centrale.produits"]
    assert produits["complet"] is True
    assert produits["contenu"].count(lot["numeroMarche"] + ";1;") == 3
    assert "990780017" in produits["contenu"]


async def test_the_api_and_the_files_leave_the_same_state_and_say_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in IDS:
        seen: list[Any] = []
        for channel in ("api", "file"):
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            by_file = channel == "file"
            mock = simulated(name, folder if by_file else None, options={"automatique": True, "lignes_par_page": 2})
            transport = folders(name, folder) if by_file else reached(monkeypatch, name, mock)
            bench = Bench(name, channel, mock, transport)
            commands = await joined(bench)
            await bench.control("rafraichir", {})
            commands += (await bench.heard())[1]
            state = mock.snapshot()
            told = [(one.name, {k: v for k, v in one.data.items() if k != "nom"}) for one in commands]
            for adhesion in state["adhesions"].values():
                assert adhesion.pop("canal") == ("fichier" if by_file else "api")
            business = {key: state[key] for key in ("marches", "produits", "adhesions", "publies", "acquittements")}
            seen.append((business, told))
            await transport.close()
        assert seen[0] == seen[1]


async def test_a_month_says_what_was_created_changed_and_withdrawn(opening: Opening) -> None:
    bench = opening(automatique=True, lignes_par_page=1)
    await joined(bench)
    published = await bench.control("rafraichir", {"creer": 2, "modifier": 1, "retirer": 1})
    assert published["mouvements"] == {"C": 2, "M": 1, "S": 1}
    _, [command] = await bench.heard()
    header, *lines = command.data["contenu"].splitlines()
    rank = header.split(";").index("code_mouvement")
    assert sorted(line.split(";")[rank] for line in lines) == ["C", "C", "M", "S"]
    assert command.data["complet"] is True
    assert await bench.heard() == ([], [])
    again = await bench.control("rafraichir", {"creer": 0, "modifier": 0, "retirer": 0}, status=409)
    assert again["code"] == "RIEN_A_PUBLIER"


async def test_a_refusal_comes_with_the_code_of_the_cooperative(opening: Opening) -> None:
    bench = opening()
    [answer], [command] = await bench.asked("demande", numeroMarche="M_9999")
    assert (answer.verdict, answer.code) == (Verdict.REJECTED, "MARCHE_INCONNU")
    assert (command.name, command.data["statut"]) == ("centrale.adhesion", "refusee")
    assert bench.mock.state.adhesions == {}


async def test_the_same_message_twice_has_one_effect_and_one_answer(opening: Opening) -> None:
    bench = opening(automatique=True)
    first = await bench.asked("demande")
    second = await bench.asked("demande")
    assert first[0] == second[0]
    assert second[1] == []
    assert len(bench.mock.state.adhesions) == 1


async def test_a_lost_acknowledgement_leaves_the_work_done(opening: Opening) -> None:
    bench = opening()
    bench.mock.faults.replace([], ["acquit_perdu*1"])
    assert await bench.asked("demande") == ([], [])
    assert UID in bench.mock.state.adhesions
    [answer], _ = await bench.asked("demande")
    assert answer.verdict is Verdict.ACCEPTED


async def test_an_acknowledgement_twice_says_the_same_twice(opening: Opening) -> None:
    bench = opening()
    bench.mock.faults.replace([], ["acquit_en_double*1"])
    acknowledgements, _ = await bench.asked("demande")
    assert len(acknowledgements) == 2
    assert acknowledgements[0] == acknowledgements[1]


async def test_a_late_acknowledgement_is_fetched_later(opening: Opening) -> None:
    bench = opening(differe="1h")
    assert await bench.asked("demande") == ([], [])
    bench.mock.clock.set(bench.mock.clock.now().replace(hour=12))
    [answer], _ = await bench.heard()
    assert answer.reference == f"SEM-{event('demande').id}"


async def test_an_aberrant_price_is_said_then_put_right(opening: Opening) -> None:
    bench = opening(automatique=True)
    bench.mock.faults.replace([], ["prix_aberrant*1"])
    commands = await joined(bench)
    [produits] = [one.data["contenu"] for one in commands if one.name == "centrale.produits"]
    assert ";125;" in produits
    await bench.control("rafraichir", {"creer": 0, "modifier": 0, "retirer": 0})
    _, [command] = await bench.heard()
    assert ";1.25;" in command.data["contenu"]
    assert command.data["contenu"].count("\r\n") == 2


async def test_an_incomplete_publication_is_never_taken_for_a_whole_one(opening: Opening) -> None:
    bench = opening(automatique=True)
    bench.mock.faults.replace([], ["produits_incomplets*1"])
    commands = await joined(bench)
    produits = [one.data for one in commands if one.name == "centrale.produits"]
    if bench.channel == "api":
        assert [one["complet"] for one in produits] == [False]
    else:
        # Its marker is that of the whole file: the exchange refuses it with a report.
        assert produits == []
        assert bench.mock.files.folders is not None
        [report] = (bench.mock.files.folders[1] / "rejected").glob("*.rejet.txt")
        assert "EFI-EMPREINTE" in report.read_text("utf-8")


async def test_a_file_put_twice_is_read_once(tmp_path: Path) -> None:
    for name in IDS:
        folder = tmp_path / name
        folder.mkdir()
        bench = Bench(name, "file", simulated(name, folder), folders(name, folder))
        bench.mock.faults.replace([], ["fichier_en_double*1"])
        acknowledgements, _ = await bench.asked("demande")
        assert len(acknowledgements) == 1
        assert await bench.heard() == ([], [])
        assert (folder / "retour" / "archive").is_dir()
        await bench.transport.close()


async def test_what_waits_is_given_again_until_it_is_confirmed(opening: Opening) -> None:
    bench = opening(automatique=True)
    await bench.send("demande")
    first = [one.body async for one in CONNECTORS[bench.name].collect(bench.transport)]
    second = [one.body async for one in CONNECTORS[bench.name].collect(bench.transport)]
    assert first == second != []
    await collected(bench.name, bench.transport)
    assert [one async for one in CONNECTORS[bench.name].collect(bench.transport)] == []


async def test_the_health_check_changes_nothing(opening: Opening) -> None:
    bench = opening()
    before = bench.mock.snapshot()
    health = await CONNECTORS[bench.name].check(bench.transport)
    assert health.ok, health.detail
    assert bench.mock.snapshot() == before


def answer(status: int, body: bytes = b"", **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, content=body, headers=headers)


def broken(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def fault(_: httpx.Request) -> httpx.Response:
        raise error

    return fault


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (answer(503), Retry),
        (answer(429), Retry),
        (answer(500), Unknown),
        (answer(404), Misconfigured),
        (answer(405), Misconfigured),
        (answer(403), Misconfigured),
        (answer(501), NotOffered),
        (answer(422), Reject),
        (answer(200, b""), Unknown),
        (answer(200, b"<html>portail captif</html>"), Unknown),
        (broken(httpx.ConnectError("refused")), Retry),
        (broken(httpx.ReadTimeout("slow")), Unknown),
    ],
)
async def test_a_fault_is_classed(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    fault: Callable[[httpx.Request], httpx.Response],
    outcome: type[Outcome],
) -> None:
    def partner(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "jeton", "token_type": "Bearer", "expires_in": 300})
        return fault(request)

    transport = reached(monkeypatch, name, partner)
    with pytest.raises(outcome) as raised:
        await CONNECTORS[name].deliver(Outgoing(translate(name, "api", event("demande")), "cle"), transport)
    assert type(raised.value) is outcome
    await transport.close()


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("listing", [b"{}", b"[]", b'{"echanges":[{}]}', b'{"echanges":["a"]}', b"<html/>"])
async def test_a_listing_that_cannot_be_read_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, name: str, listing: bytes
) -> None:
    def partner(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "jeton", "token_type": "Bearer", "expires_in": 300})
        return httpx.Response(200, content=listing)

    transport = reached(monkeypatch, name, partner)
    with pytest.raises(Retry):
        await collected(name, transport)
    await transport.close()


@pytest.mark.parametrize("name", IDS)
async def test_what_another_process_confirmed_meanwhile_is_skipped(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def partner(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "jeton", "token_type": "Bearer", "expires_in": 300})
        if request.url.path == "/v1/echanges":
            entry = {"idEchange": "ECH-000001", "nature": "produits", "emisLe": "2026-11-21T10:00:00Z"}
            return httpx.Response(200, json={"echanges": [{**entry, "nombrePages": 2}]})
        gone = request.url.params.get("page") == "2"
        return httpx.Response(404 if gone else 200, json={"lignes": []})

    transport = reached(monkeypatch, name, partner)
    assert await collected(name, transport) == []
    await transport.close()


@pytest.mark.parametrize("name", IDS)
async def test_wrong_credentials_are_a_misconfiguration(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    transport = reached(monkeypatch, name, simulated(name), lambda _: "autre")
    with pytest.raises(Misconfigured):
        await CONNECTORS[name].deliver(Outgoing(translate(name, "api", event("demande")), "cle"), transport)
    assert not (await CONNECTORS[name].check(transport)).ok
    await transport.close()


@pytest.mark.parametrize("name", IDS)
def test_a_missing_setting_or_secret_is_a_misconfiguration(name: str) -> None:
    open_ = CONNECTORS[name].open
    with pytest.raises(Misconfigured, match="baseUrl"):
        open_("api", settings(name), SECRETS.__getitem__)
    with pytest.raises(Misconfigured, match="no secret"):
        open_("api", settings(name, **OPENED[name]), no_secret)
    with pytest.raises(Misconfigured, match="two folders"):
        open_("file", settings(name, depot="depot"), no_secret)
    if name == "uniha":
        with pytest.raises(Misconfigured, match="clientId"):
            open_("api", settings(name, baseUrl=BASE), SECRETS.__getitem__)


@pytest.mark.parametrize("name", IDS)
def test_no_other_setting_is_taken(name: str) -> None:
    with pytest.raises(ValueError, match="inconnu"):
        settings(name, inconnu=1)
    assert json.loads(settings(name, **OPENED[name]).model_dump_json())["baseUrl"] == BASE
