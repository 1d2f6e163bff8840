"""Runs of the demo: in a process of its own, as a user starts it, or a short story in this one."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from semaphore_hub.demo import program, runner
from semaphore_hub.demo.steps import Step
from semaphore_hub.demo.story import SCENARIO

START = "import sys; from pathlib import Path; from semaphore_hub.demo import program; "
CONNECTED = SCENARIO[:2]
"""The steps that connect the partners."""
FEW = ("daj", "dgfip", "gef_ideo_gelf")
"""Partners of the short stories: enough for what they show, and quick to start."""


def command(root: Path, *, steps: int | None = None, **options: object) -> list[str]:
    """Command line of a demo in its own process; told so, with the first steps only, and few partners."""
    few = f"program.PARTNERS = tuple(one for one in program.PARTNERS if one.id in {FEW}); "
    cut = "" if steps is None else f"program.SCENARIO = program.SCENARIO[:{steps}]; {few}"
    given = ", ".join(f"{name}={value!r}" for name, value in {"port": 0, **options}.items())
    return [sys.executable, "-c", f"{START}{cut}sys.exit(program.run(data_dir=Path({str(root)!r}), {given}))"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one whole ``demo --once --json`` left."""

    code: int
    output: str
    errors: str
    root: Path

    @property
    def document(self) -> dict[str, Any]:
        """What it printed."""
        content: dict[str, Any] = json.loads(self.output)
        return content


@pytest.fixture(scope="session")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """One whole run, shared by the tests, and by the workers when there are several."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    shared.mkdir(exist_ok=True)
    record = shared / "outcome.json"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not record.exists():
            done = subprocess.run(
                command(shared / "data", once=True, as_json=True),
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            record.write_text(json.dumps([done.returncode, done.stdout, done.stderr]))
    code, output, errors = json.loads(record.read_text())
    return Outcome(code, output, errors, shared / "data")


Told = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Plays another story in this process; gives the exit code and the JSON."""

    def told(steps: Sequence[Step], patience: float = 20.0) -> tuple[int, dict[str, Any]]:
        monkeypatch.setattr(program, "SCENARIO", (*CONNECTED, *steps))
        monkeypatch.setattr(program, "PARTNERS", tuple(one for one in program.PARTNERS if one.id in FEW))
        monkeypatch.setattr(runner, "PATIENCE_SECONDS", patience)
        code = program.run(port=0, data_dir=tmp_path / "data", once=True, as_json=True)
        return code, json.loads(capsys.readouterr().out)

    return told
