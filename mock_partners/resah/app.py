"""The simulated RESAH: REST with an API key (``MockConfig.api_key``), CSV files in folders.

Options: those of :mod:`mock_partners.centrale.mock`.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from mock_partners.centrale.mock import CentraleMock
from mock_partners.centrale.rest import RestWire
from mock_partners.kit import Mock, MockConfig, problem


class ResahMock(CentraleMock):
    """RESAH as one GHT sees it."""

    id = "resah"
    title = "RESAH (simulé, format supposé)"
    name = "RESAH SIMULE (FICTIF)"
    siret = "99988872000011"

    def router(self) -> APIRouter:
        """The REST wire and the control of the workflow."""
        router = super().router()
        router.include_router(RestWire(self, self._guard).router())
        return router

    def _guard(self, request: Request) -> JSONResponse | None:
        if self.authorised(request):
            return None
        return problem(401, "La clé d'API est absente ou fausse.", "NON_AUTORISE")


def create(config: MockConfig) -> Mock:
    """The mock, for ``mock_partners.MOCKS``."""
    return ResahMock(config)
