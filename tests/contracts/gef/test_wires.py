"""The wires of the common GEF model: correct OpenAPI, WSDL and AsyncAPI documents that carry the model's own."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from lxml import etree
from openapi_spec_validator import validate as validate_openapi
from referencing import Registry, Resource

import contracts
from tests.contracts.gef.breaking import FLUX, MESSAGE, REPONSE, valid
from tests.contracts.gef.syntaxes import to_xml

APIS = ("gef_saas/api/1", "gef_0904/api/1", "gef_nc/api/1")
XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
WIRE = "urn:fr:semaphore:hypothese:gef2k22:1"
MODEL = "urn:fr:semaphore:hypothese:gef:1"
PARTS_OF_THE_MODEL = ("message-xml/1/types.xsd", "message-xml/1/message.xsd", "compte-rendu-xml/1/compte-rendu.xsd")
OPERATIONS = ("Deposer", "Lister", "Retirer", "Confirmer", "Repondre", "Sante")


def api_of(contract_id: str) -> tuple[Path, dict[str, Any]]:
    path = contracts.get(contract_id).folder / "openapi.yaml"
    document: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return path, document


def operations_of(api: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in api["paths"].items():
        for method in ("get", "post", "put"):
            if method in item:
                yield f"{method} {path}", item[method]


def resolved(api: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = api
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def validator_of(path: Path, api: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    """A schema of the API, its references followed into the contracts' own files."""

    def load(uri: str) -> Resource[Any]:
        content = json.loads(Path(uri.removeprefix("file://")).read_text("utf-8"))
        content.pop("$id")
        return Resource.from_contents(content)

    registry: Registry[Any] = Registry(retrieve=load)  # type: ignore[call-arg]
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": api["components"], **schema}
    whole = json.loads(json.dumps(whole).replace('"../', f'"{path.parent.as_uri()}/../'))
    return Draft202012Validator(whole, registry=registry)


@pytest.mark.parametrize("contract_id", APIS)
def test_the_api_is_a_correct_openapi_document_that_says_it_is_a_hypothesis(contract_id: str) -> None:
    path, api = api_of(contract_id)
    validate_openapi(api, base_uri=path.as_uri())
    assert "hypothèse" in api["info"]["description"]
    assert contracts.get(contract_id).status == "assumed"


@pytest.mark.parametrize("contract_id", APIS)
def test_the_api_has_the_operations_of_the_model(contract_id: str) -> None:
    _, api = api_of(contract_id)
    names = {where: operation["operationId"] for where, operation in operations_of(api)}
    common = {
        "post /v1/messages": "deposerMessage",
        "get /v1/echanges": "listerEchanges",
        "get /v1/echanges/{idEchange}": "lireEchange",
        "put /v1/echanges/{idEchange}/lecture": "confirmerEchange",
        "post /v1/comptes-rendus": "repondreAuFlux",
        "get /v1/sante": "lireSante",
    }
    assert names == common | ({"post /oauth/token": "demanderJeton"} if contract_id.startswith("gef_saas") else {})
    for where, operation in operations_of(api):
        assert "401" in operation["responses"], where


@pytest.mark.parametrize("contract_id", APIS)
def test_the_examples_of_the_api_follow_their_schemas(contract_id: str) -> None:
    path, api = api_of(contract_id)
    checked = 0
    for where, operation in operations_of(api):
        for status, response in operation["responses"].items():
            for media_type, media in resolved(api, response).get("content", {}).items():
                errors = [e.message for e in validator_of(path, api, media["schema"]).iter_errors(media["example"])]
                assert errors == [], f"{where} {status}"
                if "problem" in media_type:
                    assert str(media["example"]["status"]) == status
                checked += 1
    assert checked > 25


def test_the_three_apis_differ_by_their_security_only() -> None:
    bare = []
    for contract_id in APIS:
        _, api = api_of(contract_id)
        api = copy.deepcopy(api)
        api["paths"].pop("/oauth/token", None)
        for name in ("Jeton", "ErreurJeton"):
            api["components"]["schemas"].pop(name, None)
        api["components"]["responses"].pop("JetonRefuse", None)
        api["paths"]["/v1/sante"]["get"]["responses"]["200"]["content"]["application/json"].pop("example")
        bare.append(
            (api["paths"], {key: value for key, value in api["components"].items() if key != "securitySchemes"})
        )
    assert bare[0] == bare[1] == bare[2]
    _, saas = api_of(APIS[0])
    assert "clientCredentials" in saas["components"]["securitySchemes"]["jeton"]["flows"]
    for contract_id in APIS[1:]:
        assert api_of(contract_id)[1]["components"]["securitySchemes"]["cleAPI"]["name"] == "X-Api-Key"


@pytest.fixture(scope="module")
def wsdl() -> etree._Element:
    return etree.parse(contracts.get("gef_2k22/soap/1").folder / "echange-achat.wsdl").getroot()


def definitions(schema: etree._Element) -> list[bytes]:
    """Its definitions in a canonical form, without what says where they come from."""
    for node in schema.iter(XS + "*"):
        node.text = None if node.text is None or not node.text.strip() else node.text
        node.tail = None
    kept = [one for one in schema if one.tag not in (XS + "include", XS + "annotation", XS + "import")]
    return [etree.tostring(one, method="c14n", exclusive=True) for one in kept]


def test_the_wsdl_embeds_the_model_as_its_contracts_say_it(wsdl: etree._Element) -> None:
    embedded = wsdl.find(f"{WSDL}types/{XS}schema[@targetNamespace='{MODEL}']")
    assert embedded is not None
    folder = contracts.get("gef/message-xml/1").folder.parents[1]
    own: list[bytes] = []
    for name in (*PARTS_OF_THE_MODEL, "flux-xml/1/flux.xsd"):
        own += definitions(etree.parse(folder / name).getroot())
    assert definitions(embedded) == own


def test_the_common_types_are_the_same_in_every_xml_contract() -> None:
    folders = [contracts.get(f"gef/{name}-xml/1").folder for name in ("message", "compte-rendu", "flux")]
    assert len({(folder / "types.xsd").read_bytes() for folder in folders}) == 1


def test_every_operation_of_the_wsdl_is_document_literal_with_its_fault(wsdl: etree._Element) -> None:
    elements = {str(one.get("name")) for one in wsdl.iterfind(f"{WSDL}types/{XS}schema[@targetNamespace='{WIRE}']/*")}
    messages = {str(one.get("name")): one.find(WSDL + "part") for one in wsdl.iterfind(WSDL + "message")}
    abstract = wsdl.findall(f"{WSDL}portType/{WSDL}operation")
    bound = wsdl.findall(f"{WSDL}binding/{WSDL}operation")
    assert tuple(one.get("name") for one in abstract) == tuple(one.get("name") for one in bound) == OPERATIONS
    for operation in abstract:
        named = [str(operation.find(WSDL + part).get("message")) for part in ("input", "output", "fault")]  # type: ignore[union-attr]
        assert named == [f"s:{operation.get('name')}", f"s:{operation.get('name')}Reponse", "s:Faute"]
        for message in named:
            part = messages[message.removeprefix("s:")]
            assert part is not None
            assert str(part.get("element")).removeprefix("s:") in elements
    for operation in bound:
        action = operation.find(SOAP + "operation")
        assert action is not None
        assert action.get("soapAction") == f"{WIRE}:{operation.get('name')}"
        assert {one.get("use") for one in operation.iter(SOAP + "body", SOAP + "fault")} == {"literal"}


def test_the_bodies_of_the_wsdl_carry_the_documents_of_the_model(wsdl: etree._Element, tmp_path: Path) -> None:
    for schema in wsdl.iterfind(f"{WSDL}types/{XS}schema"):
        written = etree.fromstring(etree.tostring(schema))
        for link in written.iterfind(XS + "import"):
            link.set("schemaLocation", "gef-1.xsd")
        name = str(schema.get("targetNamespace")).rpartition("hypothese:")[2].replace(":", "-")
        (tmp_path / f"{name}.xsd").write_bytes(etree.tostring(written))
    bodies = etree.XMLSchema(etree.parse(tmp_path / "gef2k22-1.xsd"))

    def body(name: str, *content: bytes | str) -> bool:
        inside = "".join(one.decode().partition("?>")[2] if isinstance(one, bytes) else one for one in content)
        return bool(bodies.validate(etree.fromstring(f'<{name} xmlns="{WIRE}">{inside}</{name}>')))

    message, reponse, flux = (
        to_xml(valid(*one)) for one in ((MESSAGE, "marche"), (REPONSE, "partiel"), (FLUX, "mandats"))
    )
    assert body("Deposer", message)
    assert body("DeposerReponse", reponse)
    assert body("DeposerReponse", "<recu><idMessage>SEM-0004</idMessage><recuLe>2026-11-03T09:30:02Z</recuLe></recu>")
    assert body("Lister")
    assert body("ListerReponse")
    assert body("ListerReponse", "<idEchange>CR-0001</idEchange><idEchange>GEF-0006</idEchange>")
    assert body("Retirer", "<idEchange>CR-0001</idEchange>")
    assert body("RetirerReponse", flux)
    assert body("RetirerReponse", reponse)
    assert body("Repondre", reponse)
    assert body("SanteReponse", "<statut>ok</statut><produit>GEF 2K22</produit><version>2K22.00</version>")
    assert body("erreur", "<code>CONTRAT_NON_RESPECTE</code><libelle>La date de fin précède.</libelle>")
    assert not body("Deposer", reponse)
    assert not body("Deposer")
    assert not body("RetirerReponse", message)
    assert not body("Retirer")
    assert not body("erreur", "<code>CODE</code>")


def test_the_drop_of_the_eai_names_contracts_and_channels_that_exist() -> None:
    folder = contracts.get("gef_eai_prodige/eai/1").folder
    document = yaml.safe_load((folder / "asyncapi.yaml").read_text("utf-8"))
    assert document["asyncapi"] == "3.0.0"
    assert "hypothèse" in document["info"]["description"]
    followed = 0
    pending: list[Any] = [document]
    while pending:
        node = pending.pop()
        if isinstance(node, dict) and "$ref" in node:
            reference = node["$ref"]
            if reference.startswith("#/"):
                assert resolved(document, node)
            else:
                assert (folder / reference).is_file(), reference
            followed += 1
        pending += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    assert followed > 15
    sent = {name: operation["action"] for name, operation in document["operations"].items()}
    assert sent == {"deposer": "send", "deposerEnveloppe": "send", "relever": "receive", "releverEnveloppe": "receive"}


@pytest.mark.parametrize("contract_id", [*APIS, "gef_2k22/soap/1", "gef_eai_prodige/eai/1"])
def test_a_wire_has_no_document_of_its_own_to_validate(contract_id: str) -> None:
    assert contracts.get(contract_id).format in ("openapi", "wsdl", "asyncapi")
    with pytest.raises(contracts.UnknownContract, match="describes an API"):
        contracts.validate(contract_id, b"<a/>")
    assert contracts.recognise((contracts.get(contract_id).folder / "contract.toml").read_bytes()) is None
