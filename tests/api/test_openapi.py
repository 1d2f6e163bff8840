"""The published document: every operation declares its problems, and the documentation needs no internet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from httpx import AsyncClient
from openapi_spec_validator import validate


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database: the document does not depend on it."""
    return sqlite_url


@pytest.fixture
async def document(client: AsyncClient) -> dict[str, Any]:
    """The OpenAPI document as served."""
    found: dict[str, Any] = (await client.get("/openapi.json")).json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of the document."""
    return [(method, path, operation) for path, item in document["paths"].items() for method, operation in item.items()]


async def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)


async def test_every_refusal_is_declared_as_a_problem_and_nothing_else(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status.startswith(("2", "3")) or path == "/oauth/token":
                continue
            assert list(answer["content"]) == ["application/problem+json"], (path, status)
            assert answer["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
        if "requestBody" in operation and path != "/oauth/token":
            assert {"400", "409", "413", "415", "422"} <= set(operation["responses"]), path
        if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", ())):
            assert {"404", "412", "428"} <= set(operation["responses"]), path


async def test_every_operation_has_an_id_for_code_a_summary_and_a_tag(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z][A-Za-z]+", operation_id) for operation_id in ids)
    assert all(operation["summary"] and operation["tags"] for _, _, operation in operations(document))


async def test_every_object_of_the_api_is_closed(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False, name


async def test_reading_and_writing_ask_for_a_token_that_a_local_server_does_not_need(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        if path.startswith("/v1/"):
            assert operation["security"] == [{}, {"jeton": []}], path
    assert document["components"]["securitySchemes"]["jeton"]["type"] == "oauth2"


async def test_the_documentation_page_takes_everything_from_this_server(client: AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) == 3
    for address in addresses:
        assert address.startswith("/docs/assets/")
        assert (await client.get(address)).status_code == 200
    assert "https://" not in page.text
