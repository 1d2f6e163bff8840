"""What stands before the mock's own application: the fault script, and operations served without the framework.

Plain ASGI, so that a connection can be dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_partners.kit.faults import FROZEN, Fault
from mock_partners.kit.http import problem

if TYPE_CHECKING:
    from mock_partners.kit.mock import Mock

CONTROL_PREFIX = "/_mock"


class ShortCut:
    """Serves some operations itself, by exact method and path, and leaves the others to the application.

    Args:
        app: the application; it knows these operations too, and refuses them under another method.
        operations: by method and path. Read at each request: more may come.
    """

    def __init__(self, app: ASGIApp, operations: Mapping[tuple[str, str], ASGIApp]) -> None:
        self._app = app
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        direct = self._operations.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        await (direct or self._app)(scope, receive, send)


class FaultMiddleware:
    """Lets the control plane through, and makes the other requests suffer what the script says."""

    def __init__(self, app: ASGIApp, mock: Mock) -> None:
        self._app = app
        self._mock = mock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        faults = self._mock.faults
        if faults.quiet or scope["type"] != "http" or scope["path"].startswith(CONTROL_PREFIX):
            await self._app(scope, receive, send)
            return
        if faults.use(FROZEN):
            await _drain(receive)
            await self._stay_silent(receive, None)
            await _drop(send)
            return
        fault = faults.next() if faults.concerns(scope["method"], scope["path"]) else Fault("ok", "ok")
        if fault.kind == "status":
            await self._refuse(fault, scope, receive, send)
        elif fault.kind == "slow":
            await asyncio.sleep(fault.seconds or 0)
            await self._app(scope, receive, send)
        elif fault.kind == "ok":
            await self._app(scope, receive, send)
        else:
            await self._process_then_fail(fault, scope, receive, send)

    async def _refuse(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _drain(receive)
        assert fault.status is not None
        detail = f"Panne simulée : {fault.text}."
        headers = {} if fault.seconds is None else {"Retry-After": f"{fault.seconds:g}"}
        self._mock.journal.add(
            at=self._mock.clock.now(),
            channel="api",
            name=scope["path"],
            media_type="",
            body=body,
            verdict="fault",
            detail=detail,
            status=fault.status,
        )
        await problem(fault.status, detail, "PANNE_SIMULEE", headers=headers)(scope, receive, send)

    async def _process_then_fail(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        if fault.kind == "timeout":
            await self._stay_silent(receive, fault.seconds)
            await _drop(send)
        elif fault.kind == "lost" and fault.status is None:
            await _drop(send)
        elif fault.kind == "lost":
            assert fault.status is not None
            await problem(fault.status, "Panne simulée : réponse perdue.", "PANNE_SIMULEE")(scope, receive, send)
        else:
            await _send_truncated(answer, send)

    async def _stay_silent(self, receive: Receive, seconds: float | None) -> None:
        """Until the caller gives up, the time is over, or the mock stops."""
        waits = {asyncio.ensure_future(_disconnected(receive)), asyncio.ensure_future(self._mock.stopping.wait())}
        _, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in pending:
            wait.cancel()


async def _drain(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return bytes(body)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _drop(send: Send) -> None:
    """Announce a body and never send it: the server then closes the connection under the caller."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


async def _send_truncated(answer: list[Message], send: Send) -> None:
    start = next(message for message in answer if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in answer)
    broken = body[: len(body) // 2] or b"{"
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    headers.append((b"content-length", str(len(broken)).encode()))
    await send({"type": "http.response.start", "status": start["status"], "headers": headers})
    await send({"type": "http.response.body", "body": broken})
