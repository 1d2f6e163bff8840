"""The connector and the simulated IDEO GELF, over real HTTP on the loopback and over real folders."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.gef_ideo_gelf.connector import IdeoGelfConnector
from mock_partners import MOCKS, MockConfig
from mock_partners.kit import RunningMock, start
from semaphore_hub.ports.connector import Acknowledgement, Inbound, Message, Outgoing, Receipt, Transport, Verdict
from semaphore_hub.ports.outcomes import Misconfigured, Reject, Retry, Unknown
from tests.connectors.gef_ideo_gelf.gef_events import LIFE, connector, event, settings, translate


def no_secret(name: str) -> str:
    raise Misconfigured(f"no secret {name}")


@dataclass
class Exchange:
    """One partner reached through one channel: what the engine does, without the engine."""

    running: RunningMock
    channel: str
    transport: Transport
    given: dict[str, Any]
    connector: IdeoGelfConnector = field(default_factory=connector)
    sent: int = 0

    def message(self, name: str, **changes: Any) -> Message:
        self.sent += 1
        return translate(event(name, **changes), self.channel, ordinal=self.sent)

    async def deliver(self, message: Message, key: str | None = None) -> Receipt:
        return await self.connector.deliver(Outgoing(message, key or message.filename), self.transport)

    async def collect(self) -> list[Inbound]:
        if self.channel == "file":
            await self.running.mock.scan()
        return [document async for document in self.connector.collect(self.transport)]

    async def answers(self, receipt: Receipt) -> list[Acknowledgement]:
        """What comes back with the receipt and what is then collected, confirmed once read."""
        documents = [receipt.response] if receipt.response else []
        documents += await self.collect()
        found: list[Acknowledgement] = []
        for document in documents:
            found.extend(self.connector.interpret(document).acknowledgements)
            await self.connector.confirm(document, self.transport)
        assert await self.collect() == []
        return found

    async def control(self, what: str, content: Any) -> None:
        async with httpx.AsyncClient() as client:
            (await client.put(f"{self.running.url}/_mock/{what}", json=content)).raise_for_status()

    @property
    def state(self) -> dict[str, Any]:
        return self.running.mock.snapshot()


async def exchanges(tmp_path: Path, channel: str, **config: Any) -> AsyncIterator[Exchange]:
    outgoing, incoming = tmp_path / "depot", tmp_path / "retour"
    outgoing.mkdir()
    incoming.mkdir()
    # The watch of the folder is replaced by explicit scans, so that nothing here waits or races.
    mock = MOCKS["gef_ideo_gelf"](
        MockConfig(depot_dir=outgoing, retour_dir=incoming, scan_seconds=3600, api_key="cle-de-test", **config)
    )
    running = await start(mock)
    given = {
        "baseUrl": running.url,
        "apiKeySecret": "gef",
        "dossierSortant": outgoing,
        "dossierEntrant": incoming,
        "delaiSecondes": 2,
    }
    transport = connector().open(channel, settings(**given), lambda name: f"cle-de-test{'' if name == 'gef' else '?'}")
    yield Exchange(running, channel, transport, given)
    await transport.close()
    await running.stop()


@pytest.fixture(params=["api", "file"])
async def exchange(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Exchange]:
    async for one in exchanges(tmp_path, request.param):
        yield one


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Exchange]:
    async for one in exchanges(tmp_path, "api"):
        yield one


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[Exchange]:
    async for one in exchanges(tmp_path, "file"):
        yield one


async def live(one: Exchange) -> list[tuple[str, str, str | None, list[tuple[str, bool, str | None]]]]:
    """Send a marché's whole life and give the answers, as far as both channels must agree on them."""
    said = []
    for name in LIFE:
        for answer in await one.answers(await one.deliver(one.message(name))):
            lines = [(line.line, line.accepted, line.code) for line in answer.lines]
            said.append((answer.reference, str(answer.verdict), answer.business_ref, lines))
    return said


async def test_a_whole_life_is_accepted(exchange: Exchange) -> None:
    said = await live(exchange)
    assert [verdict for _, verdict, _, _ in said] == ["accepted"] * len(LIFE)
    assert [reference for reference, _, _, _ in said] == [f"SEM-{event(name).id}" for name in LIFE]


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"tiersConnus": ["99900101900010"]},
        {"ufs": ["2000"]},
        {"comptes": ["6068"]},
        {"etablissements": ["990780025"]},
        {"version": "1.9"},
    ],
    ids=lambda known: next(iter(known), "tout"),
)
async def test_both_modes_leave_the_partner_in_the_same_state_with_the_same_answers(
    tmp_path: Path, known: dict[str, Any]
) -> None:
    ends = {}
    for channel in ("api", "file"):
        (tmp_path / channel).mkdir()
        async for one in exchanges(tmp_path / channel, channel, known_suppliers=frozenset()):
            if known:
                await one.control("state", known)
            answers = await live(one)
            kept = {key: one.state[key] for key in ("fournisseurs", "marches", "effets")}
            ends[channel] = (answers, kept)
    assert ends["api"] == ends["file"]
    assert len(ends["api"][0]) == len(LIFE)


async def test_an_unknown_supplier_refuses_its_line_until_it_is_created(exchange: Exchange) -> None:
    await exchange.control("state", {"tiersConnus": ["99900101900010"]})
    marche = exchange.message("marche_notifie")
    [partial] = await exchange.answers(await exchange.deliver(marche))
    assert (partial.verdict, partial.code, partial.business_ref) == (Verdict.PARTIAL, "TIERS_INCONNU", "2026VAL001")
    await exchange.answers(await exchange.deliver(exchange.message("fournisseur_modifie")))
    [accepted] = await exchange.answers(await exchange.deliver(marche))
    assert accepted.verdict is Verdict.ACCEPTED
    assert exchange.state["effets"][marche.reference] == [1, 2]


async def test_a_message_sent_twice_takes_effect_once(exchange: Exchange) -> None:
    marche = exchange.message("marche_notifie")
    first = await exchange.answers(await exchange.deliver(marche))
    second = await exchange.answers(await exchange.deliver(marche))
    assert first == second
    assert exchange.state["effets"] == {marche.reference: [1, 2]}


async def test_a_double_acknowledgement_is_two_documents_that_say_the_same(exchange: Exchange) -> None:
    await exchange.control("faults", {"scenarios": ["acquit_en_double*1"]})
    first, second = await exchange.answers(await exchange.deliver(exchange.message("marche_notifie")))
    assert first == second


async def test_a_lost_acknowledgement_leaves_a_receipt_without_answer(exchange: Exchange) -> None:
    await exchange.control("faults", {"scenarios": ["acquit_perdu"]})
    assert await exchange.answers(await exchange.deliver(exchange.message("marche_notifie"))) == []
    assert list(exchange.state["marches"]) == ["2026VAL001"]


async def test_an_acknowledgement_of_another_marche_keeps_its_wrong_business_reference(exchange: Exchange) -> None:
    await exchange.control("faults", {"scenarios": ["acquit_errone"]})
    [answer] = await exchange.answers(await exchange.deliver(exchange.message("marche_notifie")))
    assert answer.business_ref == "AUTRE-MARCHE"


async def test_a_late_acknowledgement_is_collected_when_it_is_there(exchange: Exchange) -> None:
    await exchange.control("clock", {"now": "2026-11-21T10:00:00Z"})
    await exchange.control("faults", {"scenarios": ["acquit_tardif:3d*1"]})
    receipt = await exchange.deliver(exchange.message("marche_notifie"))
    assert receipt.response is None
    assert await exchange.collect() == []
    await exchange.control("clock", {"advance": "3d"})
    [answer] = await exchange.answers(receipt)
    assert answer.verdict is Verdict.ACCEPTED


async def test_what_was_collected_and_not_confirmed_is_collected_again(exchange: Exchange) -> None:
    await exchange.control("faults", {"scenarios": ["acquit_tardif:0s"]})
    await exchange.deliver(exchange.message("marche_notifie"))
    first, again = await exchange.collect(), await exchange.collect()
    assert first == again
    assert len(first) == 1
    await exchange.connector.confirm(first[0], exchange.transport)
    assert await exchange.collect() == []


async def test_the_partner_is_healthy_and_checking_changes_nothing(exchange: Exchange) -> None:
    before = exchange.state
    assert (await exchange.connector.check(exchange.transport)).ok
    assert exchange.state == before


async def test_the_answer_to_a_delivery_is_a_document_of_its_own(api: Exchange) -> None:
    marche = api.message("marche_notifie")
    first, retried, replayed = [await api.deliver(marche, key) for key in ("k1", "k1", "k2")]
    assert first.response is not None
    assert first == retried
    assert replayed.response is not None
    assert replayed.response.body == first.response.body
    assert replayed.response.name != first.response.name


async def test_a_marche_number_with_a_slash_reaches_its_own_resource(api: Exchange) -> None:
    for name in ("marche_notifie", "marche_modifie"):
        [answer] = await api.answers(await api.deliver(api.message(name, id="2026/VAL#1")))
        assert (answer.verdict, answer.business_ref) == (Verdict.ACCEPTED, "2026/VAL#1")


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("503:7", Retry),
        ("429", Retry),
        ("500", Unknown),
        ("lost", Unknown),
        ("lost:502", Unknown),
        ("timeout", Unknown),
    ],
)
async def test_a_fault_of_the_api_is_classed_and_a_retry_takes_effect_once(
    api: Exchange, fault: str, outcome: type[Exception]
) -> None:
    await api.control("faults", [fault])
    marche = api.message("marche_notifie")
    with pytest.raises(outcome) as raised:
        await api.deliver(marche)
    if isinstance(raised.value, Retry) and fault == "503:7":
        assert raised.value.after_seconds == 7
    [answer] = await api.answers(await api.deliver(marche))
    assert answer.verdict is Verdict.ACCEPTED
    assert api.state["effets"] == {marche.reference: [1, 2]}


async def test_a_truncated_acknowledgement_is_unknown_and_asked_again(api: Exchange) -> None:
    await api.control("faults", ["malformed"])
    marche = api.message("marche_notifie")
    with pytest.raises(Unknown, match="unreadable acknowledgement") as raised:
        await api.deliver(marche)
    assert raised.value.status == 200
    [answer] = await api.answers(await api.deliver(marche))
    assert answer.verdict is Verdict.ACCEPTED
    assert api.state["effets"] == {marche.reference: [1, 2]}


async def test_a_key_used_for_another_content_is_rejected_with_the_partners_code(api: Exchange) -> None:
    await api.deliver(api.message("marche_notifie"), "cle-1")
    with pytest.raises(Reject) as raised:
        await api.deliver(api.message("fournisseur_cree"), "cle-1")
    assert (raised.value.status, raised.value.code) == (409, "CLE_REUTILISEE")


async def test_a_body_that_breaks_the_contract_is_rejected_with_the_partners_sentence(api: Exchange) -> None:
    good = api.message("marche_notifie")
    document = json.loads(good.body)
    del document["lignes"][0]["compte"]
    broken = replace(good, body=json.dumps(document).encode())
    with pytest.raises(Reject, match="« compte » est absente") as raised:
        await api.deliver(broken)
    assert raised.value.status == 422


async def test_a_wrong_key_is_a_misconfiguration(api: Exchange) -> None:
    wrong = api.connector.open("api", settings(**{**api.given, "apiKeySecret": "autre"}), lambda _: "fausse")
    with pytest.raises(Misconfigured):
        await api.connector.deliver(Outgoing(api.message("marche_notifie"), "k"), wrong)
    health = await api.connector.check(wrong)
    await wrong.close()
    assert not health.ok
    assert "401" in health.detail


async def test_a_stopped_partner_is_a_retry(api: Exchange) -> None:
    await api.running.stop()
    with pytest.raises(Retry):
        await api.deliver(api.message("marche_notifie"))
    assert not (await api.connector.check(api.transport)).ok


async def test_the_file_appears_whole_and_its_marker_last(files: Exchange) -> None:
    message = files.message("marche_notifie")
    receipt = await files.deliver(message)
    folder = files.given["dossierSortant"]
    assert receipt.reference == message.filename
    assert sorted(path.name for path in folder.iterdir()) == [
        message.filename,
        message.filename.removesuffix(".csv") + ".ok",
    ]
    assert (folder / message.filename).read_bytes() == message.body


async def test_an_acknowledgement_confirmed_by_another_process_is_passed_over(api: Exchange) -> None:
    await api.control("faults", {"scenarios": ["acquit_tardif:0s"]})
    for name in ("fournisseur_cree", "marche_notifie"):
        await api.deliver(api.message(name))
    [first, second] = await api.collect()
    collecting = api.connector.collect(api.transport)
    assert await anext(collecting) == first
    await api.connector.confirm(second, api.transport)
    assert [document async for document in collecting] == []
    api.running.mock.clear()
    await api.connector.confirm(first, api.transport)


async def test_a_missing_folder_is_a_misconfiguration(files: Exchange, tmp_path: Path) -> None:
    away = files.connector.open("file", settings(**{**files.given, "dossierSortant": tmp_path / "absent"}), no_secret)
    with pytest.raises(Misconfigured):
        await files.connector.deliver(Outgoing(files.message("marche_notifie"), "k"), away)
    assert not (await files.connector.check(away)).ok


async def test_other_files_of_the_return_folder_are_left_alone(files: Exchange) -> None:
    folder = files.given["dossierEntrant"]
    for name in ("lisezmoi.txt", ".CR_x.csv.tmp", "CR_x.csv.part", "IDEO_990780017_20261121_00001.csv"):
        (folder / name).write_bytes(b"x")
    assert await files.collect() == []
    assert len(list(folder.iterdir())) == 4


@pytest.mark.parametrize(
    ("channel", "missing"), [("api", "baseUrl"), ("file", "dossierSortant"), ("file", "dossierEntrant")]
)
def test_a_channel_whose_settings_are_missing_does_not_open(channel: str, missing: str, tmp_path: Path) -> None:
    given = {"baseUrl": "http://gef.example", "dossierSortant": tmp_path, "dossierEntrant": tmp_path, missing: None}
    with pytest.raises(Misconfigured, match=missing):
        connector().open(channel, settings(**given), no_secret)


def test_a_missing_secret_does_not_open() -> None:
    with pytest.raises(Misconfigured, match="no secret cle"):
        connector().open("api", settings(baseUrl="http://gef.example", apiKeySecret="cle"), no_secret)
