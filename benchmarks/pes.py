"""``pes``: saying a marché as a PES Marché file and validating it against its contract.

Ours, as the router works: the messages of a batch of events are translated, then judged. Baseline: bare lxml that
builds the same tree from constants with ``SubElement``, serialises, parses it back and validates it with the same
compiled schema. It has no mapping, no safety checks of the parser, no business rule.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from lxml import etree

import connectors.dgfip
import contracts
from benchmarks import databases, world
from benchmarks.measure import Result, Sample, Stopwatch, compared, in_turns
from connectors.dgfip.connector import create
from connectors.dgfip.settings import DgfipSettings
from contracts import xsd
from semaphore_hub.delivery.router import BATCH
from semaphore_hub.ports.connector import RenderContext
from semaphore_hub.ports.manifest import load_manifest

DOCUMENTS, SECONDS, REPEATS = BATCH, 5.0, 15
"""A turn is one batch of the router."""
CONTRACT = "dgfip/pes-marche/5.17"


def run(_kinds: Sequence[str]) -> list[Result]:
    """No database is involved: one comparison, and where our time goes."""
    translate = translator()
    body = translate()
    assert contracts.validate(CONTRACT, body).valid
    count = sum(1 for _ in etree.fromstring(body).iter())
    schema_path = contracts.get(CONTRACT).schema
    assert schema_path is not None
    schema = xsd.compiled(schema_path)
    ours = partial(_batch, translate)
    bare = partial(_timed, bare_lxml(body, schema))
    pairs = in_turns(ours, bare, SECONDS)
    name = f"pes: {count} elements"
    results = [compared(name, "-", "documents/s", pairs, at_least=0.6)]
    tree = contracts.xml.parse(body)
    parts = {
        "translate": translate,
        "parse": lambda: contracts.xml.parse(body),
        "xsd": lambda: list(xsd.errors(schema_path, tree)),
        "validate": lambda: contracts.validate(CONTRACT, body),
    }
    costs: dict[str, list[float]] = {part: [] for part in parts}
    for _ in range(REPEATS):
        for part, work in parts.items():
            costs[part].append(1e6 / _timed(work).rate)
    spent = {part: statistics.median(measured) for part, measured in costs.items()}
    spent["rules"] = spent.pop("validate") - spent["parse"] - spent["xsd"]
    return results + [Result(f"pes: {part}", "-", "µs/document", cost) for part, cost in spent.items()]


def translator() -> Callable[[], bytes]:
    """A call of the connector that says an amended framework agreement."""
    with databases.fresh(databases.SQLITE) as url, world.hub(url) as services:
        event = world.live(services, world.framework()).modified
    connector = create(load_manifest(Path(connectors.dgfip.__file__).parent / "manifest.toml"))
    settings = DgfipSettings(
        siret=world.VALMONT,
        idPost="099001",
        codCol="010",
        libelleColBud="CH FICTIF DE VALMONT",
        finessJuridique=world.FINESS_VALMONT,
    )
    context = RenderContext("dgfip", settings, world.TODAY.date(), sequence=2, ordinal=1)
    return lambda: connector.translate(event, "api", context)[0].body


def bare_lxml(body: bytes, schema: etree.XMLSchema) -> Callable[[], bool]:
    """The baseline's work on the same document."""
    root = etree.fromstring(body)
    ranks = {element: rank for rank, element in enumerate(root.iter())}
    steps = sorted(
        (ranks[child], ranks[parent], child.tag, dict(child.attrib)) for parent in root.iter() for child in parent
    )
    tag, nsmap = root.tag, {str(prefix): uri for prefix, uri in root.nsmap.items()}

    def build() -> bool:
        top = etree.Element(tag, nsmap=nsmap)
        elements = [top]
        for _, parent, name, attributes in steps:
            elements.append(etree.SubElement(elements[parent], name, attributes))
        return schema.validate(etree.fromstring(etree.tostring(top, encoding="ISO-8859-1", xml_declaration=True)))

    assert build()
    return build


def _batch(translate: Callable[[], bytes]) -> Sample:
    watch = Stopwatch()
    for body in [translate() for _ in range(DOCUMENTS)]:
        contracts.validate(CONTRACT, body)
    return watch.sample(DOCUMENTS)


def _timed(work: Callable[[], object]) -> Sample:
    watch = Stopwatch()
    for _ in range(DOCUMENTS):
        work()
    return watch.sample(DOCUMENTS)
