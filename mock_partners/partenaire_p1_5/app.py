"""The simulated P1 partner no. 5: the REST wire of the common model with ``X-Api-Key``, CSV in folders. No version.

Options: those of :mod:`mock_partners.gef.mock`.
"""

from __future__ import annotations

from fastapi import APIRouter

from mock_partners.gef.mock import GefMock
from mock_partners.gef.rest import RestWire, api_key_guard
from mock_partners.kit import Mock, MockConfig


class PartenaireP15Mock(GefMock):
    """Somebody who develops against the integrator's specification."""

    id = "partenaire_p1_5"
    title = "Partenaire P1 n° 5, non identifié dans la source (simulé, format supposé)"
    fault_target = "POST /v1/messages"
    product = "Partenaire P1 n° 5"
    version = "Non applicable"

    def router(self) -> APIRouter:
        """The REST wire and the control."""
        router = super().router()
        router.include_router(RestWire(self, api_key_guard(self)).router())
        return router


def create(config: MockConfig) -> Mock:
    """The mock, for ``mock_partners.MOCKS``."""
    return PartenaireP15Mock(config)
