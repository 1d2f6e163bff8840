"""``decp``: validating a long DECP file, JSON 2.0.4 and XML 2.0.2: schema, and every check of the ministry.

Baselines, on the same bytes in the same run: for JSON ``json.loads`` and the same schema alone, by ``jsonschema-rs``;
for XML ``lxml``'s parser and the same XSD alone. They check no business rule, find no line, and hold the whole file.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from lxml import etree
from stdnum import luhn

import contracts
from benchmarks.measure import Result, Sample, Stopwatch, compared, in_turns
from contracts import json as strict_json
from contracts import xsd

MARCHES, SECONDS = 10_000, 5.0
WANTED = 5_000
JSON, XML = "daj/decp-json/2.0.4", "daj/decp-xml/2.0.2"


def run(_kinds: Sequence[str]) -> list[Result]:
    """No database is involved: one comparison for each format."""
    return [_measured("decp: json", JSON, json_file(MARCHES)), _measured("decp: xml", XML, xml_file(MARCHES))]


def json_file(count: int) -> bytes:
    """A conforming file of that many marchés, all different, the same at each run."""
    return json.dumps({"marches": {"marche": list(islice(_marches(), count))}}, ensure_ascii=False).encode()


def xml_file(count: int) -> bytes:
    """The same in XML, from the examples of that format."""
    root = etree.Element("marches")
    for number, model in zip(range(count), _cycle(_xml_models()), strict=False):
        marche = copy.deepcopy(model)
        for path, value in _varied(number).items():
            for node in marche.findall(path):
                node.text = str(value)
        root.append(marche)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _measured(name: str, contract_id: str, body: bytes) -> Result:
    report = contracts.validate(contract_id, body)
    assert report.findings == (), report.findings[0]
    bare = _bare_json(body) if contract_id == JSON else _bare_xml(body)
    pairs = in_turns(partial(_timed, lambda: contracts.validate(contract_id, body)), partial(_timed, bare), SECONDS)
    result = compared(f"{name}, {len(body) / 1e6:.0f} MB", "-", "marchés/s", pairs)
    return replace(result, target=f"≥ {WANTED}/s", met=result.ours >= WANTED)


def _bare_json(body: bytes) -> Callable[[], object]:
    schema = contracts.get(JSON).schema
    assert schema is not None
    validator = strict_json.validator(schema)
    return lambda: validator.is_valid(json.loads(body))


def _bare_xml(body: bytes) -> Callable[[], object]:
    path = contracts.get(XML).schema
    assert path is not None
    schema = xsd.compiled(path)
    return lambda: schema.validate(etree.fromstring(body))


def _marches() -> Iterator[dict[str, Any]]:
    models = [
        marche
        for example in contracts.get(JSON).examples
        if example.rule is None
        for marche in json.loads(example.path.read_bytes())["marches"].get("marche", ())
    ]
    for number, model in enumerate(_cycle(models)):
        values = _varied(number)
        marche = {**copy.deepcopy(model), **{name: values[name] for name in ("id", "montant", "dateNotification")}}
        marche["acheteur"]["id"] = values["acheteur/id"]
        marche["titulaires"][0]["titulaire"] = {"typeIdentifiant": "SIRET", "id": _siret(7_000 + number % 3_000)}
        yield marche


def _xml_models() -> list[etree._Element]:
    parsed = (etree.parse(example.path) for example in contracts.get(XML).examples if example.rule is None)
    return [marche for tree in parsed for marche in tree.getroot().iter("marche")]


def _varied(number: int) -> dict[str, Any]:
    """What differs from one marché to the next; two hundred buyers."""
    return {
        "id": f"2026B{number:07d}",
        "montant": 1_000 + number * 17 % 900_000,
        "dateNotification": f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}",
        "acheteur/id": _siret(number % 200),
    }


def _siret(number: int) -> str:
    """A fictitious SIRET with a right key."""
    start = f"999{number:06d}0001"
    return start + luhn.calc_check_digit(start)


def _cycle(models: Sequence[Any]) -> Iterator[Any]:
    assert models
    while True:
        yield from models


def _timed(work: Callable[[], object]) -> Sample:
    watch = Stopwatch()
    work()
    return watch.sample(MARCHES)
