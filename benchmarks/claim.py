"""``claim``: one turn of the queue that claims one due delivery, while other partners are down with their queues kept.

Baseline: the same turn on a database where nothing is blocked. The three databases are measured in turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from sqlalchemy import insert, select, text

from benchmarks import databases, world
from benchmarks.measure import Result, Spread
from semaphore_hub.api.hub import HubServices
from semaphore_hub.delivery.decisions import BREAKER_THRESHOLD
from semaphore_hub.delivery.lanes import Lanes
from semaphore_hub.delivery.tables import delivery, lane, partner, partner_state
from semaphore_hub.kernel.ids import new_id

PARTNERS = 900
BLOCKED = (0, 10_000, 100_000)
TURNS, WARM = 200, 20
TARGET_MS, TARGET_GROWTH = 2.0, 1.5
HOUR_MS, CHUNK = 3_600_000, 5_000


def run(kinds: Sequence[str]) -> list[Result]:
    """On each kind of database."""
    results: list[Result] = []
    for kind in kinds:
        with ExitStack() as stack:
            turns = [
                partial(_turn, _queue(stack.enter_context(world.hub(stack.enter_context(databases.fresh(kind)))), rows))
                for rows in BLOCKED
            ]
            measured = [[turn() for turn in turns] for _ in range(WARM + TURNS)][WARM:]
        columns = list(zip(*measured, strict=True))
        empty = statistics.median(columns[0])
        for rows, column in zip(BLOCKED, columns, strict=True):
            median = statistics.median(column)
            growth = Spread.of([one / none for one, none in zip(_tenths(column), _tenths(columns[0]), strict=True)])
            target, met = None, None
            if rows == BLOCKED[-1] and kind == databases.SQLITE:
                target = f"≤ {TARGET_MS:g} ms, ratio ≤ {TARGET_GROWTH:g}"
                met = median <= TARGET_MS and growth.median <= TARGET_GROWTH
            results.append(
                Result(f"claim: {rows} rows blocked", kind, "ms", median, empty, growth, target=target, met=met)
            )
    return results


def _tenths(column: Sequence[float]) -> list[float]:
    """The median of each run of twenty turns: single turns are too short to be compared one to one."""
    return [statistics.median(column[start : start + 20]) for start in range(0, len(column), 20)]


def _turn(lanes: Lanes) -> float:
    started = time.perf_counter()
    turn = lanes.turn(world.PARTNER, [], {}, 1, idempotent=True)
    elapsed = (time.perf_counter() - started) * 1000
    assert len(turn.claims) == 1
    return elapsed


def _queue(services: HubServices, blocked: int) -> Lanes:
    """A queue with one healthy partner that has enough due lanes, and 899 partners down with ``blocked`` deliveries.

    Half of those have an open breaker (their lanes are due, the breaker is not), half wait for their next attempt.
    """
    with services.database.read() as connection:
        now = int(connection.execute(select(services.database.now_ms)).scalar_one())
    names = [f"gef_{number:03d}" for number in range(PARTNERS)]
    healthy, down = names[0], names[1:]
    due: dict[str, int] = {healthy: now - HOUR_MS}
    _insert(services, partner, [_partner_row(name) for name in names])
    states = []
    for rank, name in enumerate(down):
        due[name] = now - HOUR_MS if rank % 2 else now + HOUR_MS
        failures, open_until = (BREAKER_THRESHOLD + 1, now + HOUR_MS) if rank % 2 else (1, 0)
        states.append(_state_row(name, now + HOUR_MS, failures, open_until))
    _insert(services, partner_state, [_state_row(healthy, now - HOUR_MS, 0, 0), *states])
    lanes = [(healthy, number, "PENDING") for number in range(WARM + TURNS + 10)]
    lanes += [(down[number % len(down)], number, "RETRYING") for number in range(blocked)]
    for start in range(0, len(lanes), CHUNK):
        part = lanes[start : start + CHUNK]
        _insert(services, lane, [_lane_row(name, number, due[name]) for name, number, _ in part])
        _insert(services, delivery, [_delivery_row(name, number, state, now) for name, number, state in part])
    if not services.database.is_sqlite:
        with services.database.engine.begin() as connection:
            connection.execute(text("ANALYZE"))  # autovacuum would, a little later
    return Lanes(services.database, services.partners, services.inbound, services.operations, lease_ms=HOUR_MS)


def _insert(services: HubServices, table: Any, rows: list[dict[str, Any]]) -> None:
    with services.database.write() as unit:
        unit.connection.execute(insert(table), rows)


def _partner_row(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "connector": world.PARTNER,
        "label": name,
        "settings": {"etablissement": world.FINESS_VALMONT, "ufParDefaut": "1000", "compteParDefaut": "60222"},
        "channel": "api",
        "poll_ms": 30_000,
        "breaker_ms": 30_000,
        "paused": False,
        "version": 1,
    }


def _state_row(name: str, next_at: int, failures: int, open_until: int) -> dict[str, Any]:
    return {
        "partner": name,
        "connector": world.PARTNER,
        "next_at": next_at,
        "failures": failures,
        "open_until": open_until,
        "poll_at": 0,
    }


def _lane_row(name: str, number: int, next_at: int) -> dict[str, Any]:
    return {"partner": name, "key": f"marche/{number}", "pending": 1, "sequence": 1, "next_at": next_at, "fence": 0}


def _delivery_row(name: str, number: int, state: str, now: int) -> dict[str, Any]:
    identifier = new_id()
    return {
        "id": identifier,
        "event_id": identifier,
        "event_type": "fr.semaphore.marche.notifie.v1",
        "ght": world.GHT,
        "partner": name,
        "connector": world.PARTNER,
        "channel": "api",
        "lane_key": f"marche/{number}",
        "position": 100,
        "sequence": 1,
        "state": state,
        "message_type": "marche",
        "contract": "gef_ideo_gelf/marches-api/1",
        "media_type": "application/json",
        "filename": "",
        "reference": identifier,
        "headers": {},
        "losses": [],
        "body": b" " * 1500,
        "sha256": "0" * 64,
        "idempotency_key": identifier,
        "ordering": "receipt",
        "acknowledgement": True,
        "created_at": now,
    }
