"""Answers of the wires as plain values, so that their logic owes nothing to a web framework."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from fastapi import Request, Response

from contracts.refusal import MAX_BYTES
from mock_partners.kit import problem, read_body

Headers = Mapping[str, str]
"""Request headers, found whatever the case of their names."""


class Reply(NamedTuple):
    """Status, headers and body of an HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


Handler = Callable[[bytes, Headers], Awaitable[Reply]]
JSON = "application/json"


def refusal(status: int, detail: str, code: str, *, headers: dict[str, str] | None = None, **members: Any) -> Reply:
    """A problem document (RFC 9457)."""
    made = problem(status, detail, code, **members)
    return Reply(status, {"content-type": "application/problem+json", **(headers or {})}, bytes(made.body))


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The handler as the framework calls it."""

    async def call(request: Request) -> Response:
        reply = await handler(await read_body(request, MAX_BYTES), request.headers)
        return Response(reply.body, reply.status, reply.headers)

    return call
