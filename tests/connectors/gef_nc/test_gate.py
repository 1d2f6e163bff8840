"""Which channel each GEF of the common model may use, by the version installed."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from semaphore_hub.delivery.partners import Partner, PartnerService
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.ports.connector import Connector
from tests.connectors.gef.gef_cases import CONNECTORS, SETTINGS

REGISTRY = ConnectorRegistry({name: cast(Connector, connector) for name, connector in CONNECTORS.items()})
PARTNER = Partner(
    id="gef",
    connector="gef_nc",
    label="GEF fictive",
    ght=None,
    siret=None,
    settings=SETTINGS,
    product_version=None,
    channel="api",
    retry_schedule=("5s",),
    poll_ms=1000,
    breaker_ms=1000,
    fallback_after_ms=None,
    fallen_back_at=None,
    paused=False,
    paused_reason=None,
    version=1,
)


@pytest.mark.parametrize(
    ("connector", "channel", "version", "used"),
    [
        ("gef_nc", "api", "NC", "file"),
        ("gef_nc", "api", None, "file"),
        ("gef_nc", "api", "1.0", "api"),
        ("gef_0904", "api", "09.04.00225", "file"),
        ("gef_0904", "api", "09.04.00226", "api"),
        ("gef_2k22", "api", "2K21.03", "file"),
        ("gef_2k22", "api", "2K22.00", "api"),
        ("gef_eai_prodige", "eai", "V 21", "file"),
        ("gef_eai_prodige", "eai", "V 22", "eai"),
        ("gef_saas", "api", None, "api"),
        ("gef_saas", "api", "Non applicable", "api"),
    ],
)
def test_below_its_compatible_version_a_gef_stays_in_file_mode_and_says_why(
    connector: str, channel: str, version: str | None, used: str
) -> None:
    service = PartnerService(None, REGISTRY)  # type: ignore[arg-type]
    partner = replace(PARTNER, connector=connector, channel=channel, product_version=version)
    found, why = service.effective_channel(partner)
    assert found == used
    assert (why is None) == (used == channel)
    if why is not None:
        assert "reste en mode fichier" in why
