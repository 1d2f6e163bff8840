"""Mock partners: servers that speak the interface contracts, keep state, and can refuse, be late or fail on command.

Each folder with an ``app.py`` is a mock; its ``create(config)`` makes one. They import ``contracts`` and nothing else
of the product, so that a mistake of a connector's mapping cannot hide in its mock.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from mock_partners.kit import Mock, MockConfig

__all__ = ["MOCKS", "Mock", "MockConfig"]


def _factory(mock_id: str) -> Callable[[MockConfig], Mock]:
    def create(config: MockConfig) -> Mock:
        module = import_module(f"mock_partners.{mock_id}.app")
        mock: Mock = module.create(config)
        return mock

    return create


MOCKS: dict[str, Callable[[MockConfig], Mock]] = {
    path.parent.name: _factory(path.parent.name) for path in sorted(Path(__file__).parent.glob("*/app.py"))
}
"""Every mock, by id; its code is imported when it is first created."""
