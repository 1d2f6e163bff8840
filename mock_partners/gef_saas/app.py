"""The simulated GEF sold as a service: REST behind a token endpoint, CSV files in folders. It has no version.

Options: those of :mod:`mock_partners.gef.mock`, and ``client_id``, ``client_secret`` of its only client.
"""

from __future__ import annotations

from fastapi import APIRouter

from mock_partners.gef.mock import GefMock
from mock_partners.gef.replies import endpoint
from mock_partners.gef.rest import RestWire
from mock_partners.gef_saas.oauth import TokenDesk
from mock_partners.kit import Mock, MockConfig

CLIENT_ID = "semaphore"
CLIENT_SECRET = "secret-de-demonstration"  # noqa: S105  # the mock's own default, told in its README


class GefSaasMock(GefMock):
    """One hospital's tenant."""

    id = "gef_saas"
    title = "GEF en service (simulée, format supposé)"
    fault_target = "POST /v1/messages"
    product = "GEF SaaS"
    version = "Non applicable"

    def __init__(self, config: MockConfig) -> None:
        options = config.options
        client_id, secret = options.get("client_id", CLIENT_ID), options.get("client_secret", CLIENT_SECRET)
        self.tokens = TokenDesk(client_id, secret, config.clock)
        super().__init__(config)

    def router(self) -> APIRouter:
        """The token endpoint, the REST wire and the control of the flux."""
        router = super().router()
        router.add_route("/oauth/token", endpoint(self.tokens.token), methods=["POST"])
        router.include_router(RestWire(self, self.tokens.guard).router())
        return router

    def clear(self) -> None:
        """Also forget the tokens."""
        self.tokens.revoke()
        super().clear()


def create(config: MockConfig) -> Mock:
    """The mock, for ``mock_partners.MOCKS``."""
    return GefSaasMock(config)
