"""The simulated GEF 2K22: SOAP 1.1 at ``/services/EchangeAchat``, the same XML as files in degraded mode.

Options: those of :mod:`mock_partners.gef.mock`. With ``MockConfig.api_key``, it is asked for in ``X-Api-Key``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fastapi import APIRouter, Request, Response

from mock_partners.gef.mock import DEGRADED, GefMock
from mock_partners.gef.replies import endpoint
from mock_partners.gef.rest import api_key_guard
from mock_partners.gef.scenarios import SCENARIOS
from mock_partners.gef.syntaxes import XML_OK, Syntax
from mock_partners.gef_2k22 import service
from mock_partners.gef_2k22.service import SoapWire
from mock_partners.kit import Mock, MockConfig

PATH = "/services/EchangeAchat"


class Gef2k22Mock(GefMock):
    """One hospital's GEF, version 2K22.00 unless told otherwise."""

    id = "gef_2k22"
    title = "GEF 2K22 (simulée, format supposé)"
    fault_target = f"POST {PATH}"
    scenarios: ClassVar[Mapping[str, str]] = {**SCENARIOS, **service.SCENARIOS}
    product = "GEF 2K22"
    version = "2K22.00"
    minimum: ClassVar[str | None] = "2K22.00"
    syntaxes: ClassVar[Mapping[str, Syntax]] = {DEGRADED: XML_OK}

    def router(self) -> APIRouter:
        """The service, its description and the control of the flux."""
        wire = SoapWire(self, api_key_guard(self))

        async def describe(request: Request) -> Response:
            if "wsdl" not in request.query_params:
                return Response("SOAP 1.1 : POST, ou GET ?wsdl.", 405, {"allow": "POST"}, "text/plain")
            return Response(wire.wsdl(str(request.url.replace(query=""))), media_type="text/xml")

        router = super().router()
        router.add_route(PATH, endpoint(wire.call), methods=["POST"])
        router.add_route(PATH, describe, methods=["GET"])
        return router


def create(config: MockConfig) -> Mock:
    """The mock, for ``mock_partners.MOCKS``."""
    return Gef2k22Mock(config)
