"""The simulated UniHA: REST behind a token endpoint, CSV files in folders.

Options: those of :mod:`mock_partners.centrale.mock`, and ``client_id``, ``client_secret`` of its only client.
"""

from __future__ import annotations

from fastapi import APIRouter

from mock_partners.centrale.mock import CentraleMock
from mock_partners.centrale.rest import RestWire
from mock_partners.kit import Mock, MockConfig
from mock_partners.uniha.oauth import TokenDesk

CLIENT_ID = "semaphore"
CLIENT_SECRET = "secret-de-demonstration"  # noqa: S105  # the mock's own default, told in the connector's README


class UnihaMock(CentraleMock):
    """UniHA as one GHT sees it."""

    id = "uniha"
    title = "UniHA (simulée, format supposé)"
    name = "UNIHA SIMULEE (FICTIVE)"
    siret = "99988871200018"

    def __init__(self, config: MockConfig) -> None:
        options = config.options
        client_id, secret = options.get("client_id", CLIENT_ID), options.get("client_secret", CLIENT_SECRET)
        self.tokens = TokenDesk(client_id, secret, config.clock)
        super().__init__(config)

    def router(self) -> APIRouter:
        """The token endpoint, the REST wire and the control of the workflow."""
        router = super().router()
        router.add_route("/oauth/token", self.tokens.token, methods=["POST"])
        router.include_router(RestWire(self, self.tokens.guard).router())
        return router

    def clear(self) -> None:
        """Also forget the tokens."""
        self.tokens.revoke()
        super().clear()


def create(config: MockConfig) -> Mock:
    """The mock, for ``mock_partners.MOCKS``."""
    return UnihaMock(config)
