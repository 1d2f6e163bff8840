"""Conversions of examples, for the tests that look at what they say."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import contracts
from contracts.correspondance import PRESENT, Outcome, convert

JSON, XML = PRESENT


def example(contract_id: str, name: str) -> Path:
    return contracts.get(contract_id).folder / "examples" / "valid" / name


def converted(contract_id: str, body: bytes, to: str = JSON) -> tuple[list[Outcome], Any]:
    """What is said of each contract, and the result: decoded, or its root."""
    out = io.BytesIO()
    said = list(convert(contracts.get(contract_id), io.BytesIO(body), out, to))
    report = contracts.validate(to, out.getvalue())
    assert report.valid
    if to == JSON:
        return said, json.loads(out.getvalue(), parse_float=Decimal)["marches"]
    return said, contracts.xml.parse(out.getvalue()).getroot()


def one(contract_id: str, fields: dict[str, Any]) -> tuple[Outcome, dict[str, Any] | None]:
    """A former JSON contract, converted alone."""
    (said,), result = converted(contract_id, json.dumps({"marches": [fields]}).encode())
    listed = [*result["marche"], *result.get("contrat-concession", ())]
    return said, listed[0] if listed else None


def former(version: str, **changes: Any) -> dict[str, Any]:
    """The marché of the example of a former version, with other values; ``None`` stays a null."""
    body = json.loads(example(f"daj/decp-json/{version}", "marche.json").read_text("utf-8"))
    return {**body["marches"][0], **changes}


def losses(outcome: Outcome) -> set[str]:
    assert outcome.converted is not None
    return outcome.converted.loss_ids()


def refusals(outcome: Outcome) -> list[tuple[str, str]]:
    assert outcome.converted is not None
    return [(said.id, champ) for said, champ in outcome.converted.refusals]


def completions(outcome: Outcome) -> dict[str, str]:
    assert outcome.converted is not None
    return {item.champ: item.valeur for item in outcome.converted.completions}
