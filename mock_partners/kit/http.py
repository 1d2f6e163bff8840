"""Small HTTP pieces of the mocks: problem documents and bounded bodies."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

MAX_BODY_BYTES = 10 * 1024 * 1024


class TooLarge(Exception):
    """A request body beyond the limit; answered 413."""


async def read_body(request: Request, limit: int = MAX_BODY_BYTES) -> bytes:
    """The whole body.

    Raises:
        TooLarge: it exceeds ``limit`` bytes.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge(f"Le corps de la requête dépasse {limit} octets.")
    return bytes(body)


def problem(
    status: int, detail: str, code: str, *, headers: dict[str, str] | None = None, **members: Any
) -> JSONResponse:
    """A problem document (RFC 9457); ``code`` is the partner's own code, other members replace or complete it."""
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, **members}
    return JSONResponse(content, status, headers, media_type="application/problem+json")
