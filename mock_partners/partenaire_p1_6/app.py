"""The simulated P1 partner no. 6: XML in folders, and the REST wire of the common model with ``X-Api-Key``. No version.

Options: those of :mod:`mock_partners.gef.mock`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fastapi import APIRouter

from mock_partners.gef.mock import DEGRADED, GefMock
from mock_partners.gef.rest import RestWire, api_key_guard
from mock_partners.gef.syntaxes import XML_OK, Syntax
from mock_partners.kit import Mock, MockConfig


class PartenaireP16Mock(GefMock):
    """A product off the shelf."""

    id = "partenaire_p1_6"
    title = "Partenaire P1 n° 6, non identifié dans la source (simulé, format supposé)"
    fault_target = "POST /v1/messages"
    product = "Partenaire P1 n° 6"
    version = "Non applicable"
    syntaxes: ClassVar[Mapping[str, Syntax]] = {DEGRADED: XML_OK}

    def router(self) -> APIRouter:
        """The REST wire and the control."""
        router = super().router()
        router.include_router(RestWire(self, api_key_guard(self)).router())
        return router


def create(config: MockConfig) -> Mock:
    """The mock, for ``mock_partners.MOCKS``."""
    return PartenaireP16Mock(config)
