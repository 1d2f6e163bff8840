"""What must be true once the story is told: nothing lost, nothing left behind, nothing twice, nothing unplanned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

import contracts
from semaphore_hub.demo.client import Client, Json
from semaphore_hub.demo.runner import Runner, Simulated
from semaphore_hub.ports.events import LIVRAISON_REJETEE

_SETTLED = frozenset({"ACKNOWLEDGED", "REJECTED", "DEAD", "DISCARDED"})
_TAKEN = frozenset({"accepted", "replayed"})


@dataclass(frozen=True, slots=True)
class Result:
    """The end of the demo.

    Attributes:
        events: events in the log.
        partners: by partner: deliveries acknowledged, refusals received (a replayed delivery may be both), deliveries
            dead, and deliveries neither settled nor set aside.
        problems: French sentences; empty when all is as it must be.
    """

    events: int
    partners: dict[str, dict[str, int]]
    problems: list[str]

    def to_dict(self) -> Json:
        """As ``--json`` prints it."""
        document: Json = {"ok": not self.problems, "events": self.events, "partners": self.partners}
        return document if not self.problems else {**document, "problems": self.problems}


async def verify(runner: Runner, failure: str | None) -> Result:
    """Look at everything, in the hub and at the mocks.

    Args:
        runner: after it played, or stopped.
        failure: why it stopped, if it did.
    """
    events = await runner.hub.everything("/v1/events")
    deliveries = await runner.hub.everything("/v1/deliveries")
    refusals = Counter(
        (event["data"]["partenaire"], event["data"]["code"]) for event in events if event["type"] == LIVRAISON_REJETEE
    )
    after = len(events) if runner.connected_after is None else runner.connected_after
    problems = [] if failure is None else [failure]
    problems += _lost(events[after:], deliveries, runner)
    problems += _left_behind(deliveries)
    problems += _unplanned(refusals, Counter(runner.planned))
    problems += await _quarantined(runner.hub)
    for simulated in runner.partners.values():
        own = [item for item in deliveries if item["partner"] == simulated.partner.id]
        journal = (await simulated.control.get("/_mock/received", limit=1000))["items"]
        problems += await _effects(simulated, own, journal)
        problems += await _documents(simulated, own, journal, runner.hub)
    counts = {name: _counts(name, deliveries, refusals) for name in runner.partners}
    return Result(len(events), counts, problems)


def _counts(partner: str, deliveries: list[Json], refusals: Mapping[tuple[str, str], int]) -> dict[str, int]:
    states = Counter(item["state"] for item in deliveries if item["partner"] == partner)
    return {
        "acknowledged": states["ACKNOWLEDGED"],
        "rejected": sum(count for (name, _), count in refusals.items() if name == partner),
        "dead": states["DEAD"],
        "pending": sum(count for state, count in states.items() if state not in _SETTLED),
    }


def _lost(events: list[Json], deliveries: list[Json], runner: Runner) -> Iterator[str]:
    """Events that a partner should have heard and that no delivery says."""
    said = {(item["partner"], item["eventId"]) for item in deliveries}
    for event in events:
        for partner in runner.partners:
            if runner.hears(partner, event) and (partner, event["id"]) not in said:
                yield f"perdu : {event['type']} de {event['subject']} n'a aucun envoi vers {partner}"


def _left_behind(deliveries: list[Json]) -> Iterator[str]:
    """Deliveries that did not end well: only what another delivery replaced may be refused or set aside."""
    for item in deliveries:
        replaced = item["replacedBy"] is not None and item["state"] in ("REJECTED", "DISCARDED")
        if item["state"] != "ACKNOWLEDGED" and not replaced:
            reason = item["reason"] or "sans motif"
            yield f"non livré : {item['filename'] or item['id']} vers {item['partner']} est {item['state']} ({reason})"


def _unplanned(refusals: Counter[tuple[str, str]], planned: Counter[tuple[str, str]]) -> Iterator[str]:
    for (partner, code), count in (refusals - planned).items():
        yield f"refus imprévu de {partner} : {code} ({count} fois)"
    for (partner, code), count in (planned - refusals).items():
        yield f"refus prévu de {partner} qui n'a pas eu lieu : {code} ({count} fois)"


async def _quarantined(hub: Client) -> list[str]:
    found = await hub.everything("/v1/inbound", status="QUARANTINED")
    return [f"document reçu et mis en quarantaine : {item['name']} ({item['reason']})" for item in found]


async def _effects(simulated: Simulated, deliveries: list[Json], journal: list[Json]) -> list[str]:
    """What took effect at the partner against what the hub believes it accepted."""
    name = simulated.partner.id
    effects = Counter(simulated.partner.effects(await simulated.control.get("/_mock/state"), journal))
    problems = [
        f"effet produit {count} fois chez {name} : {' '.join(effect)}" for effect, count in effects.items() if count > 1
    ]
    happened = {reference for reference, _ in effects}
    believed = {item[simulated.partner.named_by] for item in deliveries if item["state"] == "ACKNOWLEDGED"}
    problems += [f"accepté mais sans effet chez {name} : {reference}" for reference in sorted(believed - happened)]
    problems += [
        f"effet chez {name} que le hub ne croit pas accepté : {reference}" for reference in sorted(happened - believed)
    ]
    return problems


async def _documents(simulated: Simulated, deliveries: list[Json], journal: list[Json], hub: Client) -> list[str]:
    """Documents the mock accepted: the hub must have sent them, and their contract must accept them.

    The same bytes, or for XML that travelled in an envelope, the same document in canonical form.
    """
    name = simulated.partner.id
    contract_of = {item["sha256"]: item["contract"] for item in deliveries}
    canonical: dict[bytes, str] = {}
    problems = []
    for entry in journal:
        if entry["verdict"] not in _TAKEN:
            continue
        contract = contract_of.get(entry["sha256"])
        body = await simulated.control.body(f"/_mock/received/{entry['id']}/body")
        if contract is None and body.startswith(b"<"):
            canonical = canonical or await _canonical_forms(hub, deliveries)
            contract = canonical.get(_canonical(body))
        if contract is None:
            problems.append(f"{name} a reçu {entry['name']}, que le hub n'a pas envoyé tel quel")
            continue
        report = contracts.validate(contract, body)
        problems += [
            f"{name} a accepté {entry['name']}, que le contrat {contract} refuse : {finding.message}"
            for finding in report.findings
            if finding.severity == "error"
        ]
    return problems


async def _canonical_forms(hub: Client, deliveries: list[Json]) -> dict[bytes, str]:
    """Contract of every XML body sent, by its canonical form."""
    bodies = [(await hub.body(f"/v1/deliveries/{item['id']}/body"), item["contract"]) for item in deliveries]
    return {_canonical(body): contract for body, contract in bodies if body.startswith(b"<")}


def _canonical(body: bytes) -> bytes:
    return etree.tostring(contracts.xml.parse(body), method="c14n", exclusive=True)
