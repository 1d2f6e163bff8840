"""A thousand lives of marchés, said in every official format: always valid, and our schemas judge as the official ones.

Each life is recorded and lived through the services; each of its events is then translated as the engine would.
"""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

import contracts
from connectors.daj.connector import create as create_daj
from connectors.daj.settings import DajSettings
from connectors.dgfip.connector import create as create_dgfip
from connectors.dgfip.settings import DgfipSettings
from semaphore_hub.ports.champs import champs_of
from semaphore_hub.ports.connector import Connector, Message, RenderContext
from semaphore_hub.ports.events import CORRECTIONS, Event
from semaphore_hub.ports.manifest import load_manifest
from semaphore_hub.ports.payloads import MarchePayload
from tests.contracts.pes.official import official, ours
from tests.lives.lives import KINDS, live
from tests.lives.world import World
from tests.modules.samples import SUPPORT, SUPPORT_CH
from tests.shared import shared_path

LIVES_PER_KIND = 250
_FOLDER = Path(__file__).parents[2] / "connectors"
DGFIP = create_dgfip(load_manifest(_FOLDER / "dgfip" / "manifest.toml"))
DAJ = create_daj(load_manifest(_FOLDER / "daj" / "manifest.toml"))
_PES = {
    "siret": SUPPORT,
    "idPost": "059018",
    "codCol": "010",
    "libelleColBud": "CH FICTIF DE VALMONT",
    "finessJuridique": SUPPORT_CH["finessJuridique"],
}
_DAY = date(2027, 6, 1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("lives"))


@pytest.fixture(scope="module")
def decp_json() -> jsonschema.Draft7Validator:
    path = shared_path("standards", "decp", "v2.0.4", "schema_decp_v2.0.4.json")
    return jsonschema.Draft7Validator(json.loads(path.read_text("utf-8")))


@pytest.fixture(scope="module")
def decp_xml() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared_path("standards", "decp", "v2.0.2", "schema_decp_v2.0.2.xsd")))


def messages(connector: Connector, instance: Any, channel: str, events: list[Event]) -> Iterator[tuple[Event, Message]]:
    """What a partner is sent of a life when it accepts everything."""
    sequence, follows = 1, None
    for event in events:
        if connector.manifest.spec_for(event.type) is None:
            continue
        context = RenderContext("p", instance, _DAY, sequence, sequence, follows=follows)
        for message in connector.translate(event, channel, context):
            sequence += 1
            yield event, message
        if event.type not in CORRECTIONS:
            follows = event.type


def assert_told(connector: Connector, event: Event, message: Message) -> None:
    """Nothing but declared losses separates what the message tells from what the marché is."""
    expected = champs_of(MarchePayload.model_validate(event.data).marche)
    told = connector.tells(message.type, message.body)
    losses = [loss for loss in connector.manifest.losses if loss.id in message.losses]
    for name in {*expected, *told}:
        if told.get(name) != expected.get(name):
            covered = [loss for loss in losses if loss.covers(name) and (name not in told or loss.alteration)]
            assert covered, (message.losses, name, expected.get(name), told.get(name))


def damaged(tree: etree._ElementTree, chance: random.Random) -> etree._ElementTree:
    """A copy with one fault: an element lost, doubled, renamed or moved, a value or an attribute wrong."""
    copied = copy.deepcopy(tree)
    nodes = [node for node in copied.iter() if isinstance(node.tag, str) and node.getparent() is not None]
    node = chance.choice(nodes)
    parent = node.getparent()
    match chance.randrange(6):
        case 0:
            parent.remove(node)
        case 1:
            parent.append(copy.deepcopy(node))
        case 2:
            node.tag = "Inconnu"
        case 3:
            node.set("X", "1")
        case 4:
            parent.insert(0, node)
        case _:
            wrong = chance.choice(["", "x", "-1", "2026-02-30", "9" * 400, "nc", "0", "1.234"])
            if node.get("V") is not None:
                node.set("V", wrong)
            else:
                node.text = wrong
    return copied


def assert_pes(message: Message, version: str, chance: random.Random, *, last: bool) -> None:
    contract = f"dgfip/pes-marche/{version}"
    report = contracts.validate(contract, message.body)
    assert report.valid, report.findings
    tree = etree.ElementTree(etree.fromstring(message.body))
    assert official(contract).validate(tree), official(contract).error_log
    if last:
        broken = damaged(tree, chance)
        assert ours(contract).validate(broken) == official(contract).validate(broken), etree.tostring(broken)[:2000]


def assert_decp_json(
    message: Message, schema: jsonschema.Draft7Validator, chance: random.Random, *, last: bool
) -> None:
    report = contracts.validate("daj/decp-json/2.0.4", message.body)
    assert report.valid, report.findings
    document = json.loads(message.body)
    assert schema.is_valid(document), next(schema.iter_errors(document))
    if not last:
        return
    [record] = document["marches"]["marche"]
    field = chance.choice(sorted(record))
    if chance.random() < 0.5:
        del record[field]
    else:
        record[field] = chance.choice([None, "", "x", 0, -1, [], {}, True, "2026-02-30", "9" * 1100])
    verdict = contracts.validate("daj/decp-json/2.0.4", json.dumps(document).encode())
    refused = any(finding.rule.endswith("-SCHEMA") for finding in verdict.findings)
    assert refused != schema.is_valid(document), (field, record.get(field), verdict.findings)


def assert_decp_xml(message: Message, schema: etree.XMLSchema, chance: random.Random, *, last: bool) -> None:
    report = contracts.validate("daj/decp-xml/2.0.2", message.body)
    assert report.valid, report.findings
    tree = etree.ElementTree(etree.fromstring(message.body))
    assert schema.validate(tree), schema.error_log
    if not last:
        return
    broken = damaged(tree, chance)
    verdict = contracts.validate("daj/decp-xml/2.0.2", etree.tostring(broken, encoding="utf-8", xml_declaration=True))
    refused = any(finding.rule.endswith("-SCHEMA") for finding in verdict.findings)
    assert refused != schema.validate(broken), etree.tostring(broken)[:2000]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_life_is_said_validly_in_every_official_format(
    kind: str, world: World, decp_json: jsonschema.Draft7Validator, decp_xml: etree.XMLSchema
) -> None:
    lengths: Counter[int] = Counter()
    happened: Counter[str] = Counter()

    @settings(
        max_examples=LIVES_PER_KIND,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # a life takes long to shrink, and the one that failed says enough
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.data())
    def lived(data: st.DataObject) -> None:
        world.events.clear()
        live(data.draw, world, kind)
        chance = random.Random(len(lengths) + len(world.events))
        events = list(world.events)
        lengths[len(events)] += 1
        happened.update(event.type for event in events)
        for version in ("5.17", "5.30"):
            instance = DgfipSettings.model_validate({**_PES, "versionPES": version})
            said = list(messages(DGFIP, instance, "api", events))
            for rank, (event, message) in enumerate(said, start=1):
                assert_pes(message, version, chance, last=rank == len(said))
                if version == "5.30" and message.business_ref is not None and not message.business_ref.endswith("-001"):
                    assert_told(DGFIP, event, message)
        said = list(messages(DAJ, DajSettings(), "api", events))
        for rank, (event, message) in enumerate(said, start=1):
            assert_decp_json(message, decp_json, chance, last=rank == len(said))
            assert_told(DAJ, event, message)
        said = list(messages(DAJ, DajSettings(), "file", events))
        for rank, (_, message) in enumerate(said, start=1):
            assert_decp_xml(message, decp_xml, chance, last=rank == len(said))
        assert_told(DAJ, *said[-1])

    lived()
    assert sum(lengths.values()) >= LIVES_PER_KIND
    assert max(lengths) >= 8, lengths
    assert len(happened) >= 8, happened
