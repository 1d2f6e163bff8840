"""What every mock partner shares: control plane, scripted faults, journal, clock, state snapshot, server."""

from mock_partners.kit.clock import MockClock
from mock_partners.kit.config import MockConfig
from mock_partners.kit.control import FaultPlan, load_faults
from mock_partners.kit.faults import Fault, FaultScript, Scenario, parse_fault, parse_scenario
from mock_partners.kit.http import Asked, Direct, Operation, TooLarge, problem, read_body
from mock_partners.kit.journal import Journal, Received
from mock_partners.kit.mock import Mock
from mock_partners.kit.server import RunningMock, run, running, start

__all__ = [
    "Asked",
    "Direct",
    "Fault",
    "FaultPlan",
    "FaultScript",
    "Journal",
    "Mock",
    "MockClock",
    "MockConfig",
    "Operation",
    "Received",
    "RunningMock",
    "Scenario",
    "TooLarge",
    "load_faults",
    "parse_fault",
    "parse_scenario",
    "problem",
    "read_body",
    "run",
    "running",
    "start",
]
