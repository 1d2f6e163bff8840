"""The simulated GEF 09.04: REST with ``X-Api-Key`` (``MockConfig.api_key``), CSV in folders, served by SFTP if asked.

Options: those of :mod:`mock_partners.gef.mock`.
"""

from __future__ import annotations

from typing import ClassVar

from fastapi import APIRouter

from mock_partners.gef.rest import RestWire, api_key_guard
from mock_partners.gef.sftp import SftpGefMock
from mock_partners.kit import Mock, MockConfig


class Gef0904Mock(SftpGefMock):
    """One hospital's GEF, version 09.04.00226 unless told otherwise."""

    id = "gef_0904"
    title = "GEF 09.04 (simulée, format supposé)"
    fault_target = "POST /v1/messages"
    product = "GEF 09.04"
    version = "09.04.00226"
    minimum: ClassVar[str | None] = "09.04.00226"

    def router(self) -> APIRouter:
        """The REST wire and the control of the flux."""
        router = super().router()
        router.include_router(RestWire(self, api_key_guard(self)).router())
        return router


def create(config: MockConfig) -> Mock:
    """The mock, for ``mock_partners.MOCKS``."""
    return Gef0904Mock(config)
