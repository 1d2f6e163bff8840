"""Ways to go wrong: a script of technical faults, consumed one per request, and named business scenarios.

Faults (each is one text of the script)::

    ok            nothing happens
    503           answers that status without processing (any status from 300 to 599)
    503:2         same, with ``Retry-After: 2``
    slow:200ms    waits, then processes and answers
    timeout:60s   processes, then stays silent that long (60 s when not said) and drops the connection
    lost          processes, then drops the connection without a whole answer
    lost:502      processes, then answers that status as a gateway would
    malformed     processes, then answers with a truncated document

Scenarios are written ``name``, ``name:parameter`` or ``name*times``; without ``*times`` they last until removed.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from mock_partners.kit.clock import parse_duration

FROZEN = "partenaire_fige"
COMMON_SCENARIOS: Mapping[str, str] = {
    FROZEN: "le partenaire accepte les connexions mais ne traite et ne répond plus rien",
}
DEFAULT_SILENCE = "60s"
Kind = Literal["ok", "status", "slow", "timeout", "lost", "malformed"]

_SCENARIO = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(?::(?P<parameter>[^*]+))?(?:\*(?P<times>[1-9]\d*))?")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``status`` goes with "status" and "lost", ``seconds`` with "slow", "timeout" and Retry-After."""

    text: str
    kind: Kind
    status: int | None = None
    seconds: float | None = None


def parse_fault(text: str) -> Fault:
    """One text of a script as a fault.

    Raises:
        ValueError: unknown fault, or a parameter that does not go with it.
    """
    name, _, parameter = text.strip().partition(":")
    if name.isdigit():
        seconds = float(parameter) if parameter else None
        return Fault(text, "status", _status(name), seconds)
    if name == "timeout" or (name == "slow" and parameter):
        kind: Kind = "timeout" if name == "timeout" else "slow"
        return Fault(text, kind, None, parse_duration(parameter or DEFAULT_SILENCE).total_seconds())
    if name == "lost":
        return Fault(text, "lost", _status(parameter) if parameter else None)
    if text.strip() == "malformed":
        return Fault(text, "malformed")
    if text.strip() == "ok":
        return Fault(text, "ok")
    raise ValueError(
        f"unknown fault {text!r} (known: ok, STATUS[:SECONDS], slow:TIME, timeout[:TIME], lost, malformed)"
    )


def _status(text: str) -> int:
    if not text.isdigit() or not 300 <= int(text) <= 599:
        raise ValueError(f"{text!r} is not a status between 300 and 599")
    return int(text)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A business scenario that is switched on; ``times`` is how often it still happens (``None``: until removed)."""

    name: str
    parameter: str | None = None
    times: int | None = None

    def __str__(self) -> str:
        parameter = f":{self.parameter}" if self.parameter else ""
        return f"{self.name}{parameter}" + (f"*{self.times}" if self.times is not None else "")


def parse_scenario(text: str, known: Mapping[str, str]) -> Scenario:
    """A scenario as written by a tester.

    Raises:
        ValueError: malformed, or not one of this mock's scenarios.
    """
    found = _SCENARIO.fullmatch(text.strip())
    if found is None or found["name"] not in known:
        raise ValueError(f"unknown scenario {text!r} (known: {', '.join(sorted(known))})")
    return Scenario(found["name"], found["parameter"], int(found["times"]) if found["times"] else None)


class FaultScript:
    """The faults still to come and the scenarios in force of one mock.

    Args:
        known: the mock's scenarios, name to French sentence.
        default_target: which requests consume the script: "POST", "POST /depots" (path prefix) or "*".
    """

    def __init__(self, known: Mapping[str, str], default_target: str) -> None:
        self.known: Mapping[str, str] = {**COMMON_SCENARIOS, **known}
        self._default_target = default_target
        self.target = default_target
        self._script: deque[Fault] = deque()
        self._scenarios: dict[str, Scenario] = {}

    @property
    def script(self) -> list[str]:
        """Faults still to come, as written."""
        return [fault.text for fault in self._script]

    @property
    def scenarios(self) -> list[str]:
        """Scenarios in force, as written."""
        return [str(scenario) for scenario in self._scenarios.values()]

    @property
    def quiet(self) -> bool:
        """Whether no request can suffer anything: no fault to come, and the partner is not frozen."""
        return not self._script and FROZEN not in self._scenarios

    def replace(self, script: Iterable[str], scenarios: Iterable[str], target: str | None = None) -> None:
        """Forget everything and take these instead. Raises ValueError, then nothing has changed."""
        faults = [parse_fault(text) for text in script]
        chosen = [parse_scenario(text, self.known) for text in scenarios]
        self._script = deque(faults)
        self._scenarios = {scenario.name: scenario for scenario in chosen}
        self.target = target or self._default_target

    def extend(self, script: Iterable[str], scenarios: Iterable[str] = (), target: str | None = None) -> None:
        """Add faults at the end of the script and switch scenarios on. Raises ValueError, then nothing has changed."""
        faults = [parse_fault(text) for text in script]
        chosen = [parse_scenario(text, self.known) for text in scenarios]
        self._script.extend(faults)
        self._scenarios.update((scenario.name, scenario) for scenario in chosen)
        self.target = target or self.target

    def clear(self) -> None:
        """Behave again."""
        self.replace((), ())

    def concerns(self, method: str, path: str) -> bool:
        """Whether a request consumes the script."""
        if self.target == "*":
            return True
        wanted_method, _, wanted_path = self.target.partition(" ")
        return wanted_method in ("*", method) and path.startswith(wanted_path)

    def next(self) -> Fault:
        """The next fault of the script, consumed; "ok" once it is empty."""
        return self._script.popleft() if self._script else Fault("ok", "ok")

    def active(self, name: str) -> Scenario | None:
        """The scenario if it is in force; it is not consumed."""
        assert name in self.known, f"{name} is not a scenario of this mock"
        return self._scenarios.get(name)

    def use(self, name: str) -> Scenario | None:
        """The scenario if it is in force; one of its times is consumed."""
        scenario = self.active(name)
        if scenario is None or scenario.times is None:
            return scenario
        if scenario.times == 1:
            del self._scenarios[name]
        else:
            self._scenarios[name] = replace(scenario, times=scenario.times - 1)
        return scenario
