"""A partner on the loopback that answers any request as it is told, and gives tokens to whoever asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_SIGNING_IN = ("token", "login", "auth", "connexion")
_TOKEN = json.dumps({"access_token": "jeton", "token": "jeton", "token_type": "Bearer", "expires_in": 300}).encode()


@dataclass(frozen=True, slots=True)
class Request:
    """One request: the operation it asks for, told by method, path and SOAPAction."""

    method: str
    path: str
    action: str

    @property
    def signs_in(self) -> bool:
        """Whether it only asks for a token."""
        return any(word in self.path.lower() for word in _SIGNING_IN)


@dataclass
class Partner:
    """Attributes: what it answers to everything but a request for a token (``silent``: never); what it was asked."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    silent: bool = False
    asked: list[Request] = field(default_factory=list)
    url: str = ""

    @property
    def operations(self) -> list[Request]:
        """What it was asked beside tokens."""
        return [one for one in self.asked if not one.signs_in]

    @property
    def only_read(self) -> bool:
        """Whether nothing was written yet: a failure is then simply tried again."""
        return all(one.method in {"GET", "HEAD"} for one in self.operations)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            given = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            await reader.readexactly(int(given.get("content-length", "0")))
            method, path, _ = head[0].split(" ")
            request = Request(method, path.partition("?")[0], given.get("soapaction", ""))
            self.asked.append(request)
            if self.silent and not request.signs_in:
                await reader.read()  # until the other side gives up
                return
            writer.write(_answer(200, {}, _TOKEN) if request.signs_in else self._programmed())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _programmed(self) -> bytes:
        return _answer(self.status, self.headers, self.body)


def _answer(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    sent = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"HTTP/1.1 {status} Programmed\r\n{lines}\r\n".encode("latin-1") + body


@asynccontextmanager
async def running(partner: Partner) -> AsyncIterator[Partner]:
    """The partner, listening on a free port of the loopback."""
    server = await asyncio.start_server(partner.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    partner.url = f"http://127.0.0.1:{port}"
    try:
        yield partner
    finally:
        server.close()
        await server.wait_closed()
