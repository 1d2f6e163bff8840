"""What a mock can be told when it is created; everything has a default that works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mock_partners.kit.clock import MockClock


@dataclass(frozen=True, slots=True)
class MockConfig:
    """Configuration of one mock.

    Attributes:
        partner: id of the partner instance it plays; names its folder under ``received_dir``. Default: the mock's id.
        received_dir: each document is stored as received in ``received_dir/<partner>/<name>``.
        state_file: JSON snapshot of the state, read at creation and written after each change.
        state_seconds: how late the state file may be; 0: a request is answered once the file holds what it changed.
            Later, one write serves many requests: what a mock killed on the spot (SIGKILL) forgets is at most that.
        depot_dir: folder where the hub drops files; scanned every ``scan_seconds`` once the mock is started.
        retour_dir: folder where the mock drops its answers to those files.
        scan_seconds: period of the scan, in seconds.
        api_key: when given, requests without it are answered 401.
        known_suppliers: identifiers of the suppliers the partner knows; ``None`` accepts any.
        known_buyers: SIRET of the buyers (budgets) the partner knows; ``None`` accepts any.
        options: what only one kind of mock understands; described in its own module.
        journal_size: number of received documents kept in memory.
        clock: its clock; settable by the control plane.
    """

    partner: str = ""
    received_dir: Path | None = None
    state_file: Path | None = None
    state_seconds: float = 0.0
    depot_dir: Path | None = None
    retour_dir: Path | None = None
    scan_seconds: float = 0.2
    api_key: str | None = None
    known_suppliers: frozenset[str] | None = None
    known_buyers: frozenset[str] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    journal_size: int = 1000
    clock: MockClock = field(default_factory=MockClock)
