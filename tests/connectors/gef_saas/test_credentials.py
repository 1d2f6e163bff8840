"""The OAuth2 client of the GEF in SaaS."""

from __future__ import annotations

import pytest

from semaphore_hub.ports.connector import Outgoing
from semaphore_hub.ports.outcomes import Misconfigured
from tests.connectors.gef.gef_cases import CONNECTORS, event, settings, translate
from tests.connectors.gef.gef_partner import BASE, answering, reached_in_memory

CONNECTOR = CONNECTORS["gef_saas"]
OPENED = {"baseUrl": BASE, "clientId": "hub", "clientSecretSecret": "secret"}
SECRETS = {"secret": "secret-de-test"}


async def test_one_token_serves_every_request_and_is_asked_anew_once_when_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    partner = reached_in_memory(monkeypatch)
    transport = CONNECTOR.open("api", settings("gef_saas", **OPENED), SECRETS.__getitem__)
    message = Outgoing(translate("gef_saas", "api", event("marche_notifie")), "k")
    for _ in range(3):
        await CONNECTOR.deliver(message, transport)
    assert partner.tokens == 1
    partner.faults.append(answering(401))
    assert (await CONNECTOR.deliver(message, transport)).status == 200
    assert partner.tokens == 2
    partner.faults += [answering(401), answering(401)]
    with pytest.raises(Misconfigured):
        await CONNECTOR.deliver(message, transport)
    assert [one.headers["Idempotency-Key"] for one in partner.posted] == ["k"] * 7
    await transport.close()


@pytest.mark.parametrize("missing", ["clientId", "clientSecretSecret"])
def test_the_client_and_its_secret_go_together(missing: str) -> None:
    given = {name: value for name, value in OPENED.items() if name != missing}
    with pytest.raises(Misconfigured, match="clientId and clientSecretSecret"):
        CONNECTOR.open("api", settings("gef_saas", **given), SECRETS.__getitem__)


def test_there_is_no_version_to_compare() -> None:
    assert CONNECTOR.manifest.compatibility is None
