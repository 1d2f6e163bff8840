"""``mocks``: how many requests a second one simulated partner answers on one core, its checks and its journal on.

Ours: the mock ``gef_0904``: a marché by ``POST /v1/messages`` (contract, judgment, compte rendu, journal), and
``GET /v1/sante``. Baseline: the smallest FastAPI application with the same body as pydantic models, on the same server
with the same settings. The servers have one core, one working at a time, and the load generator (this process) has
another. The rates by processor are those of the server process: other programs on its core do not count.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count

import httpx

import contracts
from benchmarks import mock_server
from benchmarks.load import request, send_all
from benchmarks.measure import Pair, Result, Sample, Spread, compared, in_turns, quantile
from benchmarks.mock_server import API_KEY, FASTAPI, MOCK, Server

CONNECTIONS = 32
POSTS, GETS = 4_000, 12_000
SECONDS = 20.0
LEAST_POST, LEAST_GET, LEAST_RATIO = 4_000, 5_000, 0.6
P99_MS = 15.0
_KEY = {"X-Api-Key": API_KEY}


@dataclass(slots=True)
class _Side:
    """One server under one kind of request, and the latencies seen since the first turn, in milliseconds."""

    server: Server
    requests: Callable[[], Sequence[bytes]]
    wanted: bytes
    afterwards: Callable[[int], None]
    latencies: list[list[float]] = field(default_factory=list)

    def turn(self) -> Sample:
        """Send a block of requests."""
        requests = self.requests()
        gc.collect()
        began, cpu = time.perf_counter(), self.server.cpu_seconds()
        self.latencies.append(send_all(self.server.port, requests, self.wanted, CONNECTIONS))
        sent = len(requests)
        sample = Sample(sent / (time.perf_counter() - began), sent / (self.server.cpu_seconds() - cpu))
        self.afterwards(sent)
        return sample


def run(_kinds: Sequence[str]) -> list[Result]:
    """No database has a part in it."""
    cores = sorted(os.sched_getaffinity(0))
    numbers = count(1)
    with (
        mock_server.running(MOCK, cores[0]) as ours,
        mock_server.running(FASTAPI, cores[0]) as bare,
        _on_core(cores[-1]),
        httpx.Client(base_url=f"http://127.0.0.1:{ours.port}", trust_env=False) as control,
    ):
        _refuse_what_is_wrong(control)
        journal = _Journal(control)

        def posts() -> list[bytes]:
            return [_post(next(numbers)) for _ in range(POSTS)]

        accepted, up = b'"verdict":"accepte"', b'"statut":"ok"'
        post = _Side(ours, posts, accepted, journal.check), _Side(bare, posts, accepted, _nothing)
        gets = [request("GET", "/v1/sante", _KEY)] * GETS
        get = _Side(ours, lambda: gets, up, _nothing), _Side(bare, lambda: gets, up, _nothing)
        return [
            *_measured("mocks: POST /v1/messages", *post, LEAST_POST),
            *_measured("mocks: GET /v1/sante", *get, LEAST_GET),
        ]


def _measured(name: str, ours: _Side, bare: _Side, least: float) -> list[Result]:
    pairs = in_turns(ours.turn, bare.turn, SECONDS)
    rate = compared(name, "-", "requests/s", pairs, at_least=LEAST_RATIO)
    enough = rate.met is True and rate.ours >= least
    rate = replace(rate, target=f"≥ {least}/s, ratio ≥ {LEAST_RATIO:g}", met=enough)
    # The first turn warmed up.
    mine, his = ours.latencies[1:], bare.latencies[1:]
    return [
        rate,
        _by_processor(name, pairs),
        _latency(f"{name}, p50", mine, his, 0.5),
        _latency(f"{name}, p99", mine, his, 0.99, at_most=P99_MS),
    ]


def _by_processor(name: str, pairs: Sequence[Pair]) -> Result:
    return Result(
        f"{name}, by server CPU",
        "-",
        "requests/CPU s",
        statistics.median(ours.cpu_rate for ours, _ in pairs),
        statistics.median(bare.cpu_rate for _, bare in pairs),
        Spread.of([ours.cpu_rate / bare.cpu_rate for ours, bare in pairs]),
    )


def _latency(
    name: str, ours: Sequence[list[float]], bare: Sequence[list[float]], share: float, at_most: float | None = None
) -> Result:
    """The median of the blocks' quantiles: a block during which the machine was busy elsewhere does not decide."""
    mine, his = [quantile(block, share) for block in ours], [quantile(block, share) for block in bare]
    median = statistics.median(mine)
    return Result(
        name,
        "-",
        "ms",
        median,
        statistics.median(his),
        Spread.of([one / other for one, other in zip(mine, his, strict=True)]),
        target=None if at_most is None else f"≤ {at_most:g} ms",
        met=None if at_most is None else median <= at_most,
    )


class _Journal:
    """The mock's journal: after each block it must hold the block; then the mock starts afresh, as it was before it."""

    def __init__(self, control: httpx.Client) -> None:
        self._control = control
        self._last = self._newest()

    def check(self, sent: int) -> None:
        """Raises AssertionError when what was sent was not recorded."""
        last = self._newest()
        assert last == self._last + sent, f"{last - self._last} documents in the journal, {sent} sent"
        self._last = last
        self._control.post("/_mock/reset").raise_for_status()

    def _newest(self) -> int:
        entry = self._control.get("/_mock/received", params={"limit": 1}).raise_for_status().json()["items"][0]
        body = self._control.get(f"/_mock/received/{entry['id']}/body").raise_for_status().content
        assert len(body) == entry["bytes"], entry
        return int(entry["id"])


def _refuse_what_is_wrong(control: httpx.Client) -> None:
    """Show that the checks are on: a wrong value for the schema, and wrong numbers of lines for the coded rules."""
    headers = {**_KEY, **_headers("SEM-MESURE-000000")}
    for right, wrong in ((b'"dureeMois":36', b'"dureeMois":0'), (b'"ligne":1', b'"ligne":3')):
        body = _body(0).replace(right, wrong)
        assert body != _body(0), right
        answer = control.post("/v1/messages", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "CONTRAT_NON_RESPECTE"), answer.text


def _post(number: int) -> bytes:
    headers = _headers(f"SEM-MESURE-{number:06d}")
    return request("POST", "/v1/messages", {**_KEY, **headers}, _body(number))


def _headers(message_id: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "Idempotency-Key": f"{message_id}-1", "X-Id-Message": message_id}


def _body(number: int) -> bytes:
    """A marché of its own: the contract's first example, with another message and another number."""
    body = _TEMPLATE.replace(b"SEM-MESURE", b"SEM-MESURE-%06d" % number)
    return body.replace(b"MARCHE-MESURE", b"2026M%06d" % number)


def _template() -> bytes:
    folder = contracts.get("gef/message-json/1").folder
    message = json.loads((folder / "examples" / "valid" / "marche.json").read_bytes())
    message["idMessage"], message["marche"]["numero"] = "SEM-MESURE", "MARCHE-MESURE"
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


_TEMPLATE = _template()


def _nothing(_sent: int) -> None:
    """There is nothing to look at in a server that keeps nothing."""


@contextmanager
def _on_core(core: int) -> Iterator[None]:
    """This process on one core only, for the time of a block."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
