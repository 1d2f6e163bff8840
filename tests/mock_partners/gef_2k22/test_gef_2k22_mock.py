"""The simulated GEF 2K22: its envelopes, its faults, its description."""

from __future__ import annotations

import pytest
from lxml import etree

import contracts
from tests.mock_partners.gef.hubs import codes, example, make
from tests.mock_partners.gef_2k22.soap import (
    MODEL,
    PATH,
    SERVICE,
    SOAP,
    SoapHub,
    envelope,
    operation,
    without_declaration,
)

MESSAGE = contracts.get("gef/message-xml/1")
# Those that cannot be put inside an envelope, or have no encoding of their own there, are for the envelope's tests.
_ALONE = ("-XML", "-DOCTYPE", "-ENCODAGE")
REFUSED = [
    one
    for one in MESSAGE.examples
    if one.rule and MESSAGE.rule(one.rule).severity == "error" and not one.rule.endswith(_ALONE)
]


@pytest.fixture
def hub() -> SoapHub:
    return SoapHub(make("gef_2k22"))


def marche() -> str:
    return without_declaration(example("xml", "marche", {}))


def said(hub: SoapHub, body: bytes) -> tuple[str, str]:
    """Party and code of a fault, whose detail satisfies the WSDL."""
    fault = hub.content(body)
    assert fault.tag == f"{{{SOAP}}}Fault"
    assert fault.findtext("faultstring")
    [detail] = fault.find("detail")  # type: ignore[misc]
    hub.valid(detail)
    party = (fault.findtext("faultcode") or "").partition(":")[2]
    return party, detail.findtext(f"{{{SERVICE}}}code") or ""


@pytest.mark.parametrize(
    ("body", "party", "code"),
    [
        (b"<Envelope", "Client", "XML_ILLISIBLE"),
        (b'<!DOCTYPE x [<!ENTITY e "e">]><x/>', "Client", "XML_ILLISIBLE"),
        (b"<message/>", "Client", "ENVELOPPE_INVALIDE"),
        (envelope(""), "Client", "ENVELOPPE_INVALIDE"),
        (envelope("<a/><b/>"), "Client", "ENVELOPPE_INVALIDE"),
        (
            b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>',
            "VersionMismatch",
            "VERSION_SOAP",
        ),
        (
            envelope("<a/>", '<s:Header><w:Security s:mustUnderstand="1" xmlns:w="urn:w"/></s:Header>'),
            "MustUnderstand",
            "ENTETE_INCONNU",
        ),
        (operation("Supprimer"), "Client", "OPERATION_INCONNUE"),
        (envelope("<Deposer/>"), "Client", "OPERATION_INCONNUE"),
        (operation("Deposer"), "Client", "CONTRAT_NON_RESPECTE"),
        (operation("Repondre", "<autre/>"), "Client", "CONTRAT_NON_RESPECTE"),
        (operation("Retirer"), "Client", "CONTRAT_NON_RESPECTE"),
        (operation("Retirer", "<g:idEchange>ECH-9</g:idEchange>"), "Client", "ECHANGE_INCONNU"),
        (operation("Confirmer", "<g:idEchange>ECH-9</g:idEchange>"), "Client", "ECHANGE_INCONNU"),
    ],
)
async def test_what_is_wrong_with_a_request_is_a_fault(hub: SoapHub, body: bytes, party: str, code: str) -> None:
    answer = await hub.call(body)
    assert answer.status_code == 500
    assert said(hub, answer.content) == (party, code)


async def test_the_action_must_be_that_of_the_body(hub: SoapHub) -> None:
    body = operation("Sante")
    for action in ('""', "", f'"{SERVICE}:Sante"', f"{SERVICE}:Sante"):
        assert (await hub.call(body, SOAPAction=action)).status_code == 200
    answer = await hub.call(body, SOAPAction=f'"{SERVICE}:Lister"')
    assert said(hub, answer.content) == ("Client", "ACTION_INCOHERENTE")
    answer = await hub.call(body, **{"Content-Type": "application/soap+xml"})
    assert answer.status_code == 415


async def test_the_health_is_said(hub: SoapHub) -> None:
    answer = await hub.asked("Sante")
    assert [child.text for child in answer] == ["ok", "GEF 2K22", "2K22.00"]


@pytest.mark.parametrize("broken", REFUSED, ids=lambda one: one.path.stem)
async def test_a_message_that_breaks_its_contract_is_a_fault_of_the_client(
    hub: SoapHub, broken: contracts.Example
) -> None:
    answer = await hub.call(operation("Deposer", without_declaration(broken.path.read_bytes())))
    assert said(hub, answer.content) == ("Client", "CONTRAT_NON_RESPECTE")
    assert hub.mock.state.effets == {}
    assert hub.mock.journal.search()[0].verdict == "rejected"


@pytest.mark.parametrize(("version", "code"), [("2K21.05", "VERSION_INCOMPATIBLE"), ("2K23.01", None)])
async def test_a_lower_version_is_a_fault_of_the_client(version: str, code: str | None) -> None:
    hub = SoapHub(make("gef_2k22", options={"version": version}))
    answer = await hub.call(operation("Deposer", marche()))
    if code is None:
        assert answer.status_code == 200
    else:
        assert said(hub, answer.content) == ("Client", code)
        assert hub.mock.state.effets == {}


async def test_a_fault_of_the_server_says_whether_the_message_was_treated(hub: SoapHub) -> None:
    await hub.faults("faute_indisponible*1", "faute_apres_traitement*1")
    answer = await hub.call(operation("Deposer", marche()))
    assert said(hub, answer.content) == ("Server", "INDISPONIBLE")
    assert hub.mock.state.effets == {}
    answer = await hub.call(operation("Deposer", marche()))
    assert said(hub, answer.content) == ("Server", "ERREUR_INTERNE")
    assert hub.mock.state.effets == {"SEM-0004": [1, 2]}
    assert codes(await hub.send("marche")) == {1: None, 2: None}
    assert hub.mock.journal.search()[0].verdict == "replayed"


async def test_a_receipt_is_given_when_the_answer_comes_later(hub: SoapHub) -> None:
    await hub.faults("acquit_tardif:1m*1")
    [receipt] = await hub.asked("Deposer", marche())
    assert receipt.tag == f"{{{SERVICE}}}recu"
    assert [child.text for child in receipt] == ["SEM-0004", "2026-12-01T08:00:00Z"]
    assert list(await hub.asked("Lister")) == []
    await hub.control("PUT", "clock", {"advance": "1m"})
    [identifier] = await hub.asked("Lister")
    [first] = await hub.asked("Retirer", f"<g:idEchange>{identifier.text}</g:idEchange>")
    assert first.tag == f"{{{MODEL}}}compteRendu"
    for _ in range(2):
        await hub.asked("Confirmer", f"<g:idEchange>{identifier.text}</g:idEchange>")
    assert list(await hub.asked("Lister")) == []


async def test_an_answer_to_a_flux_that_was_never_sent_is_a_fault(hub: SoapHub) -> None:
    body = contracts.get("gef/compte-rendu-xml/1").folder / "examples" / "valid" / "accepte.xml"
    answer = await hub.call(operation("Repondre", without_declaration(body.read_bytes())))
    assert said(hub, answer.content) == ("Client", "FLUX_INCONNU")


async def test_the_description_gives_the_address_where_it_was_asked(hub: SoapHub) -> None:
    answer = await hub.http.get(f"{PATH}?wsdl")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    address = etree.fromstring(answer.content).find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address is not None
    assert address.get("location") == f"http://gef{PATH}"
    assert (await hub.http.get(PATH)).status_code == 405


async def test_what_was_received_is_the_message_itself(hub: SoapHub) -> None:
    await hub.send("marche")
    [entry] = (await hub.control("GET", "received"))["items"]
    assert (entry["name"], entry["verdict"]) == ("SEM-0004.xml", "accepted")
    body = (await hub.http.get(f"/_mock/received/{entry['id']}/body")).content
    assert contracts.validate("gef/message-xml/1", body).findings == ()


async def test_the_key_is_asked_when_there_is_one() -> None:
    hub = SoapHub(make("gef_2k22", api_key="secret"))
    assert (await hub.call(operation("Sante"))).status_code == 401
    assert (await hub.call(operation("Sante"), **{"X-Api-Key": "secret"})).status_code == 200
