"""The simulated GEF "NC": the wire of the GEF 09.04, closed until ``options["version"]`` reaches the minimum.

Meanwhile every message by REST is refused VERSION_INCOMPATIBLE, and CSV files are taken.
Options: those of :mod:`mock_partners.gef.mock`.
"""

from __future__ import annotations

from typing import ClassVar

from fastapi import APIRouter

from mock_partners.gef.mock import GefMock
from mock_partners.gef.rest import RestWire, api_key_guard
from mock_partners.kit import Mock, MockConfig


class GefNcMock(GefMock):
    """One hospital's GEF, of which only the degraded mode is open."""

    id = "gef_nc"
    title = "GEF de version NC (simulée, format supposé)"
    fault_target = "POST /v1/messages"
    product = "GEF NC"
    version = "NC"
    minimum: ClassVar[str | None] = "1.0"

    def router(self) -> APIRouter:
        """The REST wire and the control of the flux."""
        router = super().router()
        router.include_router(RestWire(self, api_key_guard(self)).router())
        return router


def create(config: MockConfig) -> Mock:
    """The mock, for ``mock_partners.MOCKS``."""
    return GefNcMock(config)
