"""Small HTTP pieces of the mocks: problem documents, bounded bodies, and operations served without a framework."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

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
            raise _too_large(limit)
    return bytes(body)


def problem(
    status: int, detail: str, code: str, *, headers: dict[str, str] | None = None, **members: Any
) -> JSONResponse:
    """A problem document (RFC 9457); ``code`` is the partner's own code, other members replace or complete it."""
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, **members}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


class Asked(NamedTuple):
    """A request, as an operation served directly sees it.

    Attributes:
        headers: by name in lower case; the first one when a name comes several times.
        body: empty for a GET.
        query: what follows "?", still encoded.
    """

    headers: Mapping[str, str]
    body: bytes
    query: str


class Reply(Protocol):
    """What such an operation answers."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers other than ``content-length``."""

    @property
    def body(self) -> bytes:
        """Whole body."""


Operation = Callable[[Asked], Awaitable[Reply]]


class Direct:
    """An operation as an ASGI application: what a framework does for a request costs more than most operations.

    Args:
        operation: what answers.
        limit: of the body, in bytes; beyond it the answer is 413.
    """

    def __init__(self, operation: Operation, limit: int = MAX_BODY_BYTES) -> None:
        self._operation = operation
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body: bytes | None = b""
        if scope["method"] not in ("GET", "HEAD"):
            try:
                body = await _whole_body(receive, self._limit)
            except TooLarge as error:
                await too_large(error)(scope, receive, send)
                return
        if body is None:
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        reply = await self._operation(Asked(headers, body, scope["query_string"].decode("latin-1")))
        sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
        if reply.status not in (204, 304):
            sent.append((b"content-length", b"%d" % len(reply.body)))
        await send({"type": "http.response.start", "status": reply.status, "headers": sent})
        await send({"type": "http.response.body", "body": reply.body})


def too_large(error: Exception) -> JSONResponse:
    """The answer to a body beyond the limit."""
    return problem(413, str(error), "TROP_VOLUMINEUX")


async def _whole_body(receive: Receive, limit: int) -> bytes | None:
    """The body; ``None`` when the caller left before its end. Raises TooLarge."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False) and len(body) <= limit:
        message = await receive()
        body += message.get("body", b"")
    if len(body) > limit:
        raise _too_large(limit)
    return None if message["type"] == "http.disconnect" else body


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"Le corps de la requête dépasse {limit} octets.")
