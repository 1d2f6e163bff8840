"""How everything here is measured: two sides in turns, medians, and the ratio of each pair of neighbours.

The machine is rarely quiet. A slow second then slows one pair, not one side, and the median ratio stays right.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

MIN_PAIRS = 7


@dataclass(frozen=True, slots=True)
class Spread:
    """Smallest, median and largest of the ratios ours/baseline, pair by pair."""

    min: float
    median: float
    max: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(min(values), statistics.median(values), max(values))


@dataclass(frozen=True, slots=True)
class Sample:
    """One measure of one side.

    Attributes:
        rate: units of work per second of the clock.
        cpu_rate: units of work per second of processor time of this process (a server process is not counted).
    """

    rate: float
    cpu_rate: float


class Stopwatch:
    """Starts when it is made."""

    def __init__(self) -> None:
        gc.collect()
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def sample(self, units: int) -> Sample:
        """What was done since."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return Sample(units / wall, units / cpu)


Pair = tuple[Sample, Sample]
"""Ours, and the baseline measured next to it."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the report.

    Attributes:
        ours: median of the hub's side, in ``unit``.
        baseline: median of the other side, in the same unit; ``None`` when there is none.
        ratio: of the two, by the clock: what the target is about.
        cpu_ratio: the same by processor time, which other programs of the machine disturb less.
        target: what is wanted, in words; ``None`` for a figure given for information.
    """

    name: str
    database: str
    unit: str
    ours: float
    baseline: float | None = None
    ratio: Spread | None = None
    cpu_ratio: Spread | None = None
    target: str | None = None
    met: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def compared(name: str, database: str, unit: str, pairs: Sequence[Pair], *, at_least: float | None = None) -> Result:
    """The line of a comparison of rates; ``at_least`` is the target of the median ratio."""
    ratio = Spread.of([ours.rate / baseline.rate for ours, baseline in pairs])
    return Result(
        name,
        database,
        unit,
        ours=statistics.median(ours.rate for ours, _ in pairs),
        baseline=statistics.median(baseline.rate for _, baseline in pairs),
        ratio=ratio,
        cpu_ratio=Spread.of([ours.cpu_rate / baseline.cpu_rate for ours, baseline in pairs]),
        target=None if at_least is None else f"ratio ≥ {at_least:g}",
        met=None if at_least is None else ratio.median >= at_least,
    )


def in_turns(ours: Callable[[], Sample], baseline: Callable[[], Sample], seconds: float) -> list[Pair]:
    """Measure ours, baseline, ours, baseline… for so long; the first pair only warms up and is left out."""
    ours(), baseline()
    pairs: list[Pair] = []
    until = time.perf_counter() + seconds
    while len(pairs) < MIN_PAIRS or time.perf_counter() < until:
        pairs.append((ours(), baseline()))
    return pairs


async def in_turns_async(
    ours: Callable[[], Awaitable[Sample]], baseline: Callable[[], Awaitable[Sample]], seconds: float
) -> list[Pair]:
    """As :func:`in_turns`, for sides that are awaited."""
    await ours(), await baseline()
    pairs: list[Pair] = []
    until = time.perf_counter() + seconds
    while len(pairs) < MIN_PAIRS or time.perf_counter() < until:
        pairs.append((await ours(), await baseline()))
    return pairs


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(results: Sequence[Result]) -> str:
    """The report as text, one line per result."""
    header = ("benchmark", "database", "ours", "baseline", "unit", "ratio (min … max)", "by CPU", "target", "met")
    lines = [header, *(_cells(result) for result in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    right = {2, 3}
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _cells(result: Result) -> tuple[str, ...]:
    ratio = result.ratio
    return (
        result.name,
        result.database,
        _number(result.ours),
        "-" if result.baseline is None else _number(result.baseline),
        result.unit,
        "-" if ratio is None else f"{ratio.median:.2f} ({ratio.min:.2f} … {ratio.max:.2f})",
        "-" if result.cpu_ratio is None else f"{result.cpu_ratio.median:.2f}",
        result.target or "-",
        {True: "met", False: "NOT MET", None: "-"}[result.met],
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
